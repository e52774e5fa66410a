//! Hardware address → whose hardware it is, by the part of it that the IEEE gives to a vendor.
//!
//! A small table of server and BMC vendors is built in; Debian's `ieee-data`, where it is installed, knows all of them
//! and smaller assignments too. It is read once, at the first question.

use std::{
    collections::HashMap,
    path::Path,
    sync::{LazyLock, OnceLock},
};

use crate::{alerts::mac::Mac, assets::mac::is_of_a_machine};

/// `VENDOR: ASSIGNMENT…`, out of `ieee-data` of 2022-08-27.
const BUILT_IN: &str = include_str!("vendors.txt");

/// Where `ieee-data` has its files.
const FOLDER: &str = "/usr/share/ieee-data";

/// Large, medium and small assignments (24, 28 and 36 bits).
const FILES: [&str; 3] = ["oui.csv", "mam.csv", "oui36.csv"];

/// Hexadecimal digits of an assignment, the longest first.
const DIGITS: [u32; 3] = [9, 7, 6];

/// Who holds a range of a range, which is no vendor.
const REGISTRY: &str = "IEEE Registration Authority";

/// Vendors by assignment: the digits, and how many they are.
type Vendors = HashMap<(u64, u32), Box<str>>;

/// The vendor of an address. Whoever administers addresses locally is not told by them.
#[must_use]
pub fn vendor(mac: Mac) -> Option<&'static str> {
    static SMALL: LazyLock<Vendors> = LazyLock::new(|| built_in(BUILT_IN));
    static ALL: OnceLock<Vendors> = OnceLock::new();
    if mac.0[0] & 2 != 0 || !is_of_a_machine(mac) {
        return None;
    }
    look_up(&SMALL, mac).or_else(|| look_up(ALL.get_or_init(|| installed(Path::new(FOLDER))), mac))
}

fn look_up(vendors: &Vendors, mac: Mac) -> Option<&str> {
    let [a, b, c, d, e, f] = mac.0;
    let number = u64::from_be_bytes([0, 0, a, b, c, d, e, f]);
    let found = DIGITS.iter().find_map(|digits| vendors.get(&(number >> (48 - 4 * digits), *digits)))?;
    Some(found)
}

fn built_in(text: &str) -> Vendors {
    let lines = text.lines().filter_map(|line| line.split_once(": "));
    let each = lines.flat_map(|(vendor, assignments)| {
        assignments.split(' ').filter_map(move |digits| Some((assignment(digits)?, vendor.into())))
    });
    each.collect()
}

/// What is not there, or not as expected, is left out: a vendor is a convenience.
fn installed(folder: &Path) -> Vendors {
    let mut vendors = Vendors::new();
    for file in FILES {
        let Ok(reader) = csv::ReaderBuilder::new().flexible(true).from_path(folder.join(file)) else {
            continue;
        };
        for record in reader.into_byte_records().flatten() {
            let field = |at: usize| record.get(at).map(String::from_utf8_lossy);
            let (Some(digits), Some(vendor)) = (field(1), field(2)) else { continue };
            let vendor = vendor.trim();
            if let Some(assignment) = assignment(&digits)
                && vendor != REGISTRY
            {
                vendors.insert(assignment, vendor.into());
            }
        }
    }
    vendors
}

fn assignment(digits: &str) -> Option<(u64, u32)> {
    let count = DIGITS.into_iter().find(|count| digits.len() == *count as usize)?;
    Some((u64::from_str_radix(digits, 16).ok()?, count))
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn server_vendors_are_built_in() {
        let small = built_in(BUILT_IN);
        for (mac, vendor) in [
            ([0x3c, 0xec, 0xef, 1, 2, 3], "Supermicro"),
            ([0x0c, 0xc4, 0x7a, 0, 0, 0], "Supermicro"),
            ([0xb8, 0xce, 0xf6, 0, 0, 0], "NVIDIA Mellanox"),
        ] {
            assert_eq!(look_up(&small, Mac(mac)), Some(vendor));
        }
        let assignments: usize = BUILT_IN
            .lines()
            .map(|line| {
                line.split(' ')
                    .filter(|word| word.len() == 6 && word.bytes().all(|c| c.is_ascii_hexdigit()))
                    .count()
            })
            .sum();
        assert_eq!(small.len(), assignments, "none twice, none misspelt");
    }

    #[test]
    fn addresses_that_no_vendor_gave_have_none() {
        assert_eq!(vendor(Mac([0x3c, 0xec, 0xef, 1, 2, 3])), Some("Supermicro"));
        assert_eq!(vendor(Mac([0x3e, 0xec, 0xef, 1, 2, 3])), None, "locally administered");
        assert_eq!(vendor(Mac([0x01, 0x00, 0x5e, 1, 2, 3])), None, "of a group");
        assert_eq!(vendor(Mac([0; 6])), None);
    }

    #[test]
    fn the_longest_assignment_of_the_installed_files_counts() {
        let folder = tempfile::tempdir().unwrap();
        let write = |name: &str, rows: &str| {
            let text = format!("Registry,Assignment,Organization Name,Organization Address\n{rows}");
            fs::write(folder.path().join(name), text).unwrap();
        };
        write(
            "oui.csv",
            "MA-L,8C1F64,IEEE Registration Authority,x\nMA-L,002272,\"A, Inc. \",\"Some \"\"Street\"\"\"\nMA-L,nonsense,B,\n",
        );
        write("oui36.csv", "MA-S,8C1F64AFA,Small One,x\n");
        let vendors = installed(folder.path());
        assert_eq!(look_up(&vendors, Mac([0, 0x22, 0x72, 1, 2, 3])), Some("A, Inc."));
        assert_eq!(look_up(&vendors, Mac([0x8c, 0x1f, 0x64, 0xaf, 0xa0, 1])), Some("Small One"));
        assert_eq!(look_up(&vendors, Mac([0x8c, 0x1f, 0x64, 0xaf, 0xb0, 1])), None);
        assert!(installed(Path::new("/no/such")).is_empty());
    }
}
