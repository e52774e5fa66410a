//! A table of sums.

use maud::{Markup, html};

use super::page::grouped;
use crate::{
    printable::printable,
    report::{
        counted::{Counted, Entry},
        sum::Sum,
        units::{bytes, second},
    },
};

/// A table with `columns` about each name before its numbers; after `top` rows, one for all others.
pub(super) fn table<V, const N: usize>(
    title: &str,
    name: &str,
    columns: [&str; N],
    rows: &Counted<V>,
    top: usize,
    cells: impl Fn(&Entry<'_, V>) -> [String; N],
) -> Markup {
    if rows.is_empty() {
        return html! {};
    }
    let sorted = rows.sorted();
    let most = sorted.first().map_or(1, |entry| entry.sum.packets.max(1));
    let mut rest = rows.beyond;
    sorted.iter().skip(top).for_each(|entry| rest.add(entry.sum));
    html! {
        h2 { (title) }
        div .wide {
            table {
                thead {
                    tr {
                        th { (name) }
                        @for column in columns { th { (column) } }
                        th .n { "Alerts" } th .n { "Packets" } th .n { "Bytes" } th { "First seen" } th { "Last seen" }
                    }
                }
                tbody {
                    @for entry in sorted.iter().take(top) {
                        tr {
                            td {
                                span .mono { (printable(entry.name)) }
                                span .bar style={ "width:" (share(entry.sum.packets, most)) "%" } {}
                            }
                            @for cell in cells(entry) { td { (printable(&cell)) } }
                            (numbers(entry.sum))
                        }
                    }
                    @if rest.alerts > 0 {
                        tr .rest {
                            td {
                                (grouped(sorted.len().saturating_sub(top) as u64)) " others"
                                @if rows.beyond.alerts > 0 {
                                    ", and those after the first " (grouped(rows.len() as u64)) ", which are not told apart"
                                }
                            }
                            @for _ in columns { td {} }
                            (numbers(&rest))
                        }
                    }
                }
            }
        }
    }
}

fn numbers(sum: &Sum) -> Markup {
    html! {
        td .n { (grouped(sum.alerts)) }
        td .n { (grouped(sum.packets)) }
        td .n { (bytes(sum.bytes)) }
        td .t { (second(sum.first)) }
        td .t { (second(sum.last)) }
    }
}

/// In per cent; something is never drawn as nothing.
fn share(part: u64, whole: u64) -> u128 {
    (u128::from(part) * 100).div_ceil(u128::from(whole)).max(1)
}
