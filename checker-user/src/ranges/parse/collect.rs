//! What every format does with what it finds: masks host bits, takes IPv4 out of its IPv6 clothes, keeps rejects.

use std::net::Ipv6Addr;

use ipnet::{IpNet, Ipv4Net};

use super::{
    Entry, List,
    rejected::{Reason, Rejected, Rejects},
};
use crate::{printable::printable, ranges::source::Source};

/// What was found in a file so far.
#[derive(Debug, Default)]
pub struct Collector {
    entries: Vec<Entry>,
    masked: usize,
    rejects: Rejects,
}

impl Collector {
    /// Takes a range as the file has it.
    pub fn add(&mut self, net: IpNet, line: u32) {
        let net = unmapped(net);
        let masked = net.trunc();
        self.masked += usize::from(masked != net);
        self.entries.push(Entry { net: masked, line });
    }

    /// Takes a line, without its comment, that is no range.
    pub fn reject(&mut self, line: u32, text: &[u8], reason: Reason) {
        self.rejects.add(line, text, reason);
    }

    /// The list, if nothing was rejected and anything was found.
    ///
    /// # Errors
    ///
    /// What was rejected, or that there was nothing.
    pub fn finish(mut self, source: &Source) -> Result<List, Rejected> {
        let path = source.spec.shown_path();
        if self.rejects.total > 0 {
            return Err(Rejected::Lines { path, rejects: self.rejects });
        }
        if self.entries.is_empty() {
            return Err(Rejected::Empty { path });
        }
        // Lists stay in memory for as long as alerts can name them.
        self.entries.shrink_to_fit();
        let name = source.spec.path.file_name().map(|name| name.to_string_lossy()).unwrap_or_default();
        Ok(List {
            spec: source.spec.clone(),
            name: printable(&name).into_owned(),
            sha256: source.sha256,
            entries: self.entries,
            masked: self.masked,
        })
    }
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
    use super::*;

    fn collected(text: &str) -> (String, usize) {
        let mut found = Collector::default();
        found.add(text.parse().unwrap(), 1);
        (found.entries[0].net.to_string(), found.masked)
    }

    #[test]
    fn host_bits_are_masked_and_counted() {
        assert_eq!(collected("192.0.2.0/24"), ("192.0.2.0/24".into(), 0));
        assert_eq!(collected("192.0.2.9/24"), ("192.0.2.0/24".into(), 1));
        assert_eq!(collected("2001:db8::1/32"), ("2001:db8::/32".into(), 1));
        assert_eq!(collected("192.0.2.9/0"), ("0.0.0.0/0".into(), 1));
    }

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
}
