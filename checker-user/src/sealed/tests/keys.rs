//! The key file.

use std::os::unix::fs::PermissionsExt as _;

use super::*;

#[test]
fn a_key_is_made_once_and_with_a_tight_mode() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("new/log.key");
    let first = Key::read_or_make(&path).unwrap();
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!((mode(&path), mode(path.parent().unwrap())), (0o400, 0o700));
    assert_eq!(fs::read_dir(path.parent().unwrap()).unwrap().count(), 1, "nothing else is left");
    let again = Key::read_or_make(&path).unwrap();
    assert_eq!(first.public().text(), again.public().text());
    assert!(first.name().starts_with("checker/"), "{}", first.name());
}

#[test]
fn a_bad_key_file_is_refused_without_being_shown() {
    let good = Key::generate("a").unwrap().1;
    let other = Key::generate("a").unwrap().1;
    let [private, _] = [0, 1].map(|line| good.lines().nth(line).unwrap().to_owned());
    let foreign = other.lines().nth(1).unwrap();
    let cases = [
        (String::new(), "it is not two lines, a private and a public key"),
        (format!("{private}\n{foreign}\n"), "its two lines are not of the same pair"),
        (format!("{}\n{foreign}\n", &private[1..]), "its first line is no private key"),
    ];
    for (text, why) in cases {
        let error = format!("{:#}", Key::parse(&text).map(|_| ()).unwrap_err());
        assert_eq!(error, why);
    }
}
