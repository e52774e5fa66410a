//! `label=CN and port=623 and asset~gpu-*` → whether a record is shown. `docs/filter.md` is the language; one step a
//! file.

mod lex;
mod field;
mod value;
mod expression;
mod parse;
mod look;
mod compare;
mod wrong;

pub use self::expression::Filter;
pub use self::wrong::Wrong;

#[cfg(test)]
mod tests;
