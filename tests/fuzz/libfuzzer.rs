//! The targets under libFuzzer: `cargo xtask fuzz TARGET`.
#![no_main]

use std::sync::LazyLock;

use checker_fuzz::Target;
use libfuzzer_sys::fuzz_target;

static TARGET: LazyLock<Target> = LazyLock::new(|| {
    let name = std::env::var("CHECKER_FUZZ").unwrap_or_default();
    checker_fuzz::named(&name).unwrap_or_else(|| panic!("CHECKER_FUZZ names no target: {name:?}"))
});

fuzz_target!(|bytes: &[u8]| (TARGET.run)(bytes));
