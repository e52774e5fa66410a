//! Tables of country groups.

use checker_user::ranges::groups::Groups;

use crate::scratch;

pub(crate) fn groups(text: &[u8]) {
    match Groups::read(Some(&scratch::file("groups.toml", text))) {
        Ok(groups) => {
            for name in groups.groups.keys() {
                groups.get(name).expect("a group that it names");
            }
        }
        Err(wrong) => crate::assert_printable(&format!("{wrong:#}")),
    }
}
