//! What every format does with what it finds: masks host bits, takes IPv4 out of its IPv6 clothes, makes prefixes of
//! ranges, keeps the countries that were chosen, keeps rejects.

use std::net::{IpAddr, Ipv6Addr};

use ipnet::{IpNet, Ipv4Net, Ipv4Subnets, Ipv6Subnets};
use jiff::civil::Date;

use super::{
    Entry, Format, List,
    address::Span,
    rejected::{Reason, Rejected, Rejects},
};
use crate::ranges::{country::Country, reading::Reading, source::Source};

/// Most ranges of one file. A few bytes can name a range that takes 254 prefixes, so the size of the file is no limit.
pub const MAX_RANGES: usize = 1 << 24;

/// What was found in a file so far.
#[derive(Debug)]
pub struct Collector {
    format: Format,
    /// One list, or one for each country.
    bins: Vec<Bin>,
    /// Where a range goes to now; `None` when nobody asked for it.
    open: Option<usize>,
    wanted: Vec<Country>,
    chosen: bool,
    total: usize,
    /// The first line that told a country that nobody chose, because nobody chose any.
    unchosen: Option<u32>,
    as_of: Option<Date>,
    rejects: Rejects,
    lenient: bool,
    refusal: Option<String>,
}

#[derive(Debug, Default)]
struct Bin {
    country: Option<Country>,
    entries: Vec<Entry>,
    masked: usize,
}

impl Collector {
    /// Nothing yet. `by_country` keeps the countries of `reading` apart.
    #[must_use]
    pub fn new(format: Format, reading: &Reading, by_country: bool) -> Self {
        let mut wanted = reading.countries.clone();
        wanted.sort_unstable();
        wanted.dedup();
        let chosen = !wanted.is_empty() && format.names_countries();
        let bins = if by_country && chosen {
            wanted.iter().map(|country| Bin { country: Some(*country), ..Bin::default() }).collect()
        } else {
            vec![Bin::default()]
        };
        Self {
            format,
            bins,
            open: Some(0),
            wanted,
            chosen,
            total: 0,
            unchosen: None,
            as_of: None,
            rejects: Rejects { binary: format == Format::Mmdb, ..Rejects::default() },
            lenient: reading.lenient,
            refusal: None,
        }
    }

    /// The ranges that follow are of this country; `None` when the file says none. Whether they are kept.
    pub fn enter(&mut self, country: Option<Country>, line: u32) -> bool {
        self.open = match (self.chosen, country) {
            (false, None) => Some(0),
            (false, Some(_)) => {
                self.unchosen.get_or_insert(line);
                None
            }
            (true, None) => None,
            (true, Some(country)) => match self.wanted.binary_search(&country) {
                Ok(at) => Some(at.min(self.bins.len() - 1)),
                Err(_) => None,
            },
        };
        self.open.is_some()
    }

    /// Which of the lists takes ranges now.
    #[must_use]
    pub const fn bin(&self) -> Option<usize> {
        self.open
    }

    /// The file says of no range what country it is of, although its format may: all of it is meant.
    pub fn names_no_country(&mut self) {
        self.chosen = false;
        self.bins.truncate(1);
        self.bins[0].country = None;
        self.open = Some(0);
    }

    /// Whether the file is taken without regard to countries.
    #[must_use]
    pub const fn is_whole(&self) -> bool {
        !self.chosen
    }

    /// Takes a range as the file has it.
    pub fn add(&mut self, net: IpNet, line: u32) {
        self.put(net, line, false);
    }

    /// Takes a range that is not meant although a wider one of the same list is.
    pub fn add_exception(&mut self, net: IpNet, line: u32) {
        self.put(net, line, true);
    }

    /// Takes a prefix, or the fewest prefixes that come to a range.
    pub fn add_span(&mut self, span: Span, line: u32) {
        match span {
            Span::Net(net) => self.add(net, line),
            Span::Range(IpAddr::V4(first), IpAddr::V4(last)) => {
                Ipv4Subnets::new(first, last, 0).for_each(|net| self.add(net.into(), line));
            }
            Span::Range(IpAddr::V6(first), IpAddr::V6(last)) => {
                Ipv6Subnets::new(first, last, 0).for_each(|net| self.add(net.into(), line));
            }
            Span::Range(..) => self.reject(line, b"", Reason::Why("mixes IPv4 and IPv6")),
        }
    }

    /// Takes what was read of a text.
    pub fn take(&mut self, line: u32, text: &[u8], span: Result<Span, Reason>) {
        match span {
            Ok(span) => self.add_span(span, line),
            Err(reason) => self.reject(line, text, reason),
        }
    }

    /// Takes a line, without its comment, that is no range.
    pub fn reject(&mut self, line: u32, text: &[u8], reason: Reason) {
        self.rejects.add(line, text, reason);
    }

    /// The file as a whole is not what it should be; `why` ends a sentence that begins with the path.
    pub fn refuse(&mut self, why: impl Into<String>) {
        self.refusal.get_or_insert(why.into());
    }

    /// Takes the day that the file says it is of; the first one counts.
    pub fn dated(&mut self, date: Option<Date>) {
        self.as_of = self.as_of.or(date);
    }

    fn put(&mut self, net: IpNet, line: u32, except: bool) {
        let Some(bin) = self.open.and_then(|at| self.bins.get_mut(at)) else { return };
        self.total += 1;
        if self.total > MAX_RANGES {
            return;
        }
        let net = unmapped(net);
        let masked = net.trunc();
        bin.masked += usize::from(masked != net);
        bin.entries.push(Entry { net: masked, line, except });
    }

    /// The lists, if anything was found and nothing was rejected, or may be.
    ///
    /// # Errors
    ///
    /// What was rejected, or that there was nothing, or too much, or that countries must be chosen.
    pub fn finish(self, source: &Source) -> Result<Vec<List>, Rejected> {
        let path = source.spec.shown_path();
        if let Some(why) = self.refusal {
            return Err(Rejected::File { path, why });
        }
        if self.rejects.total > 0 && !self.lenient {
            return Err(Rejected::Lines { path, rejects: self.rejects });
        }
        let why = if self.total > MAX_RANGES {
            Some(format!("holds more than {MAX_RANGES} ranges"))
        } else if let Some(line) = self.unchosen {
            let place = if self.rejects.binary { String::new() } else { format!(", line {line}") };
            Some(format!(
                "says what country each range is of (format {}{place}); \
                 choose with --country CN,RU or --country-group D:5",
                self.format
            ))
        } else if self.total == 0 && !self.chosen {
            Some("holds no range".to_owned())
        } else {
            None
        };
        if let Some(why) = why {
            return Err(Rejected::File { path, why });
        }

        let name = source.spec.name();
        // The first list of the file says what there is to say.
        let mut left_out = Some(self.rejects);
        let mut note = match (self.chosen, absent(&self.bins, &self.wanted)) {
            (true, absent) if !absent.is_empty() => Some(format!("holds no range of {absent}")),
            (false, _) if !self.wanted.is_empty() => {
                Some(format!("names no countries (format {}): all of it is loaded", self.format))
            }
            (true | false, _) => None,
        };
        let lists = self.bins.into_iter().map(|mut bin| {
            // Lists stay in memory for as long as alerts can name them.
            bin.entries.shrink_to_fit();
            let mut spec = source.spec.clone();
            let mut notes = Vec::new();
            if let Some(country) = bin.country {
                spec.reading.countries = vec![country];
                // Two letters are a label.
                spec.label = country.to_string().parse().unwrap_or(spec.label);
            }
            notes.extend(note.take());
            List {
                spec,
                name: name.clone(),
                sha256: source.sha256,
                stamp: None,
                format: self.format,
                as_of: self.as_of,
                entries: bin.entries,
                masked: bin.masked,
                left_out: left_out.take().unwrap_or_default(),
                notes,
            }
        });
        Ok(lists.collect())
    }
}

/// The countries of lists that stayed empty.
fn absent(bins: &[Bin], wanted: &[Country]) -> String {
    let empty = bins.iter().filter(|bin| bin.entries.is_empty());
    let countries = empty.flat_map(|bin| bin.country.as_ref().map_or(wanted, std::slice::from_ref));
    countries.map(ToString::to_string).collect::<Vec<_>>().join(", ")
}

/// `::ffff:a.b.c.d/n` with all of the mapping in its prefix is the IPv4 prefix `a.b.c.d/(n - 96)`: packets of
/// these addresses are IPv4 packets.
fn unmapped(net: IpNet) -> IpNet {
    let IpNet::V6(v6) = net else { return net };
    let (Some(addr), Some(len)) = (Ipv6Addr::to_ipv4_mapped(&v6.addr()), v6.prefix_len().checked_sub(96))
    else {
        return net;
    };
    Ipv4Net::new(addr, len).map_or(net, IpNet::V4)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::ranges::parse::address::range;

    fn collector() -> Collector {
        Collector::new(Format::Plain, &Reading::default(), false)
    }

    fn collected(text: &str) -> (String, usize) {
        let mut found = collector();
        found.add(text.parse().unwrap(), 1);
        (found.bins[0].entries[0].net.to_string(), found.bins[0].masked)
    }

    fn prefixes(first: IpAddr, last: IpAddr) -> Vec<IpNet> {
        let mut found = collector();
        found.add_span(range(first, last).unwrap(), 1);
        found.bins[0].entries.iter().map(|entry| entry.net).collect()
    }

    #[test]
    fn host_bits_are_masked_and_counted() {
        assert_eq!(collected("192.0.2.0/24"), ("192.0.2.0/24".into(), 0));
        assert_eq!(collected("192.0.2.9/24"), ("192.0.2.0/24".into(), 1));
        assert_eq!(collected("2001:db8::1/32"), ("2001:db8::/32".into(), 1));
        assert_eq!(collected("192.0.2.9/0"), ("0.0.0.0/0".into(), 1));
    }

    /// tetragon#5654: rules for IPv4 missed `::ffff:a.b.c.d`, and the other way round.
    #[test]
    fn a_mapped_prefix_is_an_ipv4_prefix() {
        assert_eq!(collected("::ffff:192.0.2.0/120"), ("192.0.2.0/24".into(), 0));
        assert_eq!(collected("::ffff:192.0.2.9/128"), ("192.0.2.9/32".into(), 0));
        assert_eq!(collected("::ffff:192.0.2.9/120"), ("192.0.2.0/24".into(), 1));
        assert_eq!(collected("::ffff:0:0/96"), ("0.0.0.0/0".into(), 0));
        assert_eq!(
            collected("::ffff:0:0/95"),
            ("::fffe:0:0/95".into(), 1),
            "holds more than the mapped ones"
        );
    }

    #[test]
    fn a_range_is_the_fewest_prefixes() {
        for (first, last, expected) in [
            ("192.0.2.0", "192.0.2.255", "192.0.2.0/24"),
            ("192.0.2.1", "192.0.2.6", "192.0.2.1/32 192.0.2.2/31 192.0.2.4/31 192.0.2.6/32"),
            ("0.0.0.0", "255.255.255.255", "0.0.0.0/0"),
            ("255.255.255.254", "255.255.255.255", "255.255.255.254/31"),
            ("::", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "::/0"),
            ("2001:db8::", "2001:db8::2", "2001:db8::/127 2001:db8::2/128"),
            ("::ffff:192.0.2.0", "::ffff:192.0.2.255", "192.0.2.0/24"),
        ] {
            let nets = prefixes(first.parse().unwrap(), last.parse().unwrap());
            assert_eq!(nets.iter().map(ToString::to_string).collect::<Vec<_>>().join(" "), expected);
        }
    }

    #[test]
    fn a_small_file_cannot_fill_the_memory() {
        let mut found = collector();
        let widest = range("::1".parse().unwrap(), "ffff::".parse().unwrap()).unwrap();
        let each = {
            let mut one = collector();
            one.add_span(widest, 1);
            one.total
        };
        // The entries are not kept for this test: only the count is.
        found.total = MAX_RANGES - each + 1;
        found.add_span(widest, 1);
        let spec = "ONE=one.txt".parse().unwrap();
        let refused = found.finish(&Source { spec, bytes: Vec::new(), sha256: [0; 32] }).unwrap_err();
        assert_eq!(refused.to_string(), "one.txt: holds more than 16777216 ranges; nothing was loaded");
    }

    #[test]
    fn an_entry_is_small() {
        assert_eq!(size_of::<Entry>(), 24);
    }

    proptest! {
        #[test]
        fn prefixes_of_a_range_cover_it_and_nothing_else(a in any::<u32>(), b in any::<u32>(), shift in 0..32u32) {
            let (first, last) = (a.min(b) >> shift, a.max(b) >> shift);
            let nets = prefixes(IpAddr::V4(first.into()), IpAddr::V4(last.into()));
            let mut next = u64::from(first);
            for net in nets {
                let IpNet::V4(v4) = net else { panic!("{net}") };
                prop_assert_eq!(u64::from(v4.network().to_bits()), next);
                next = u64::from(v4.broadcast().to_bits()) + 1;
            }
            prop_assert_eq!(next, u64::from(last) + 1);
        }
    }
}
