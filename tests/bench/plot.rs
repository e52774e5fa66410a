//! The plot: an SVG file, drawn by hand because it is bars and nothing else.

use std::fmt::Write as _;

use crate::report::Spread;

/// A title, and a bar for each name.
pub(crate) type Group = (String, Vec<(String, Spread)>);

/// A group of bars for each row, on a scale of ten to ten thousand nanoseconds.
pub(crate) fn plot(groups: &[Group]) -> String {
    const COLOURS: [&str; 6] = ["#bbbbbb", "#cc6677", "#117733", "#88ccee", "#ddaa33", "#332288"];
    const LEFT: f64 = 320.0;
    let x = |ns: f64| LEFT + (ns.max(10.0).log10() - 1.0) * 220.0;
    let height = 60 + groups.iter().map(|(_, costs)| 8 * costs.len() + 8).sum::<usize>();
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"1020\" height=\"{height}\" font-family=\"sans-serif\" font-size=\"11\">\n\
         <rect width=\"100%\" height=\"100%\" fill=\"white\"/>\n<text x=\"10\" y=\"20\">ns a packet, median; line: quartiles</text>\n"
    );
    for ns in [10.0, 30.0, 100.0, 300.0, 1000.0, 3000.0, 10_000.0] {
        let at = x(ns);
        let _ = writeln!(
            svg,
            "<path d=\"M{at:.0} 36V{height}\" stroke=\"#dddddd\"/><text x=\"{at:.0}\" y=\"34\" text-anchor=\"middle\">{ns}</text>"
        );
    }
    let mut y = 44;
    for (title, costs) in groups {
        let text_y = y + 4 * costs.len() + 4;
        let _ =
            writeln!(svg, "<text x=\"{}\" y=\"{text_y}\" text-anchor=\"end\">{title}</text>", LEFT - 8.0,);
        for (index, (name, cost)) in costs.iter().enumerate() {
            let (end, low, high) = (x(cost.median), x(cost.low), x(cost.high));
            let colour = COLOURS[index % COLOURS.len()];
            let _ = writeln!(
                svg,
                "<rect x=\"{LEFT}\" y=\"{y}\" width=\"{:.1}\" height=\"7\" fill=\"{colour}\"><title>{name} {:.0} ns</title></rect>\
                 <path d=\"M{low:.1} {m}H{high:.1}\" stroke=\"black\"/><text x=\"{:.0}\" y=\"{}\" font-size=\"7\">{name}</text>",
                end - LEFT,
                cost.median,
                high.max(end) + 3.0,
                y + 6,
                m = y + 3,
            );
            y += 8;
        }
        y += 8;
    }
    svg + "</svg>\n"
}
