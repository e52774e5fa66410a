//! The report as one page that can be sent to somebody: no script, nothing that is loaded, everything escaped by maud.

mod page;
mod table;
mod plot;

pub use page::page;
