//! Files of machines: CSV of any spreadsheet, JSON of `NetBox`, packed or not.

use checker_user::assets::read;

use crate::scratch;

pub(crate) fn assets(file: &[u8]) {
    match read::read(&scratch::file("assets", file)) {
        Ok(table) => assert!(!table.is_empty()),
        Err(wrong) => crate::assert_printable(&format!("{wrong:#}")),
    }
}
