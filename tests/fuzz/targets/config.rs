//! `checker.toml`.

use checker_user::config;

use crate::scratch;

pub(crate) fn config(text: &[u8]) {
    match config::read(&scratch::file("checker.toml", text)) {
        Ok(configured) => {
            for list in &configured.lists {
                crate::assert_printable(&list.shown_path());
                crate::assert_printable(&list.name());
            }
        }
        Err(wrong) => crate::assert_printable(&format!("{wrong:#}")),
    }
}
