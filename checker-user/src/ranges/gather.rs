//! Lists as the user names them → lists as they are: reads, and takes apart what one file says of several countries.

use anyhow::{Result, bail, ensure};

use super::{
    parse::{List, parse_each},
    source::{Source, beside, files, read},
    spec::ListSpec,
    stamp::Stamp,
};

/// Reads every list, in the order in which they were named.
///
/// One file may come to several lists: the two families of a `GeoLite2` folder, each country of a file that names them.
/// The specs of the lists that come back name what they hold and no more, so that they can be read again one by one.
///
/// # Errors
///
/// One sentence, or one a line, that names the file: the first that is refused, or that there is no range at all.
pub fn gather(specs: &[ListSpec]) -> Result<Vec<List>> {
    gather_by(specs, read)
}

/// The same, by another way to the bytes of a list.
///
/// # Errors
///
/// As [`gather`], and those of `read`.
pub fn gather_by(specs: &[ListSpec], read: impl Fn(&ListSpec) -> Result<Source>) -> Result<Vec<List>> {
    ensure!(!specs.is_empty(), "no list is named");
    let mut lists = Vec::with_capacity(specs.len());
    for spec in together(specs) {
        for file in files(&spec)? {
            let locations = beside(&file)?;
            // Before it is read: a change after that is one to read again for.
            let stamp = Stamp::of(&file.path);
            let read = parse_each(&read(&file)?, locations.as_deref())?;
            lists.extend(read.into_iter().map(|list| List { stamp, ..list }));
        }
    }
    if lists.iter().all(|list| list.entries.is_empty()) {
        let warnings: Vec<_> = lists.iter().flat_map(List::warnings).collect();
        bail!("{}\nno list holds any range; nothing was loaded", warnings.join("\n"));
    }
    Ok(lists)
}

/// Countries that were taken from one file are taken from it together again: it is read once, so they stay of one
/// version.
fn together(specs: &[ListSpec]) -> Vec<ListSpec> {
    let mut asked: Vec<ListSpec> = Vec::with_capacity(specs.len());
    for spec in specs {
        let by_country = spec.reading.by_country && !spec.reading.countries.is_empty();
        match asked.iter_mut().find(|other| by_country && differ_by_country(other, spec)) {
            Some(other) => other.reading.countries.extend(&spec.reading.countries),
            None => asked.push(spec.clone()),
        }
    }
    asked
}

fn differ_by_country(one: &ListSpec, other: &ListSpec) -> bool {
    let mut reading = other.reading.clone();
    reading.countries.clone_from(&one.reading.countries);
    one.path == other.path
        && one.remote == other.remote
        && one.pin == other.pin
        && one.action == other.action
        && one.severity == other.severity
        && !one.reading.countries.is_empty()
        && one.reading == reading
}

#[cfg(test)]
mod tests {
    use std::{fs, path::Path};

    use super::*;

    const RIR: &str = "2|ripencc|20260901|2|19830705|20260901|+0000\n\
                       ripencc|IR|ipv4|192.0.2.0|256|20120403|assigned\n\
                       ripencc|RU|ipv4|198.51.100.0|256|20120403|allocated\n";

    fn spec(path: &Path, countries: &str, by_country: bool) -> ListSpec {
        let mut spec: ListSpec = format!("R={}", path.display()).parse().unwrap();
        spec.reading.countries = countries.split_whitespace().map(|code| code.parse().unwrap()).collect();
        spec.reading.by_country = by_country;
        spec
    }

    fn shown(lists: &[List]) -> Vec<(String, usize)> {
        lists.iter().map(|list| (list.spec.label.to_string(), list.entries.len())).collect()
    }

    #[test]
    fn a_file_of_countries_is_taken_apart_and_reads_the_same_again() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("rir");
        fs::write(&path, RIR).unwrap();
        let lists = gather(&[spec(&path, "IR KP RU", true)]).unwrap();
        let expected = [("IR".to_owned(), 1), ("KP".to_owned(), 0), ("RU".to_owned(), 1)];
        assert_eq!(shown(&lists), expected, "a country without a range may have one when it is read again");

        let specs: Vec<_> = lists.iter().map(|list| list.spec.clone()).collect();
        assert_eq!(together(&specs).len(), 1);
        let again = gather(&specs).unwrap();
        assert_eq!(shown(&again), expected);
        assert_eq!(again.iter().map(|list| list.spec.clone()).collect::<Vec<_>>(), specs);
        assert_eq!(shown(&gather(&specs[2..]).unwrap()), expected[2..], "one was unloaded");
    }

    #[test]
    fn with_a_label_it_is_one_list() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("rir");
        fs::write(&path, RIR).unwrap();
        assert_eq!(shown(&gather(&[spec(&path, "IR RU", false)]).unwrap()), [("R".to_owned(), 2)]);
    }

    #[test]
    fn nothing_at_all_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("rir");
        fs::write(&path, RIR).unwrap();
        let error = gather(&[spec(&path, "KP", false)]).unwrap_err().to_string();
        let path = path.display();
        let expected = format!("{path}: holds no range of KP\nno list holds any range; nothing was loaded");
        assert_eq!(error, expected);
        assert_eq!(gather(&[]).unwrap_err().to_string(), "no list is named");
    }
}
