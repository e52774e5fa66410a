//! A generated access log: the same on every machine.

use std::{
    io::{self, Write},
    net::{Ipv4Addr, Ipv6Addr},
};

use crate::lists::Random;

const BROWSERS: [&str; 4] = [
    "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0.0.0 Safari/537.36",
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:121.0) Gecko/20100101 Firefox/121.0",
    "Mozilla/5.0 (iPhone; CPU iPhone OS 17_2 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.2",
    "curl/8.5.0",
];

/// Writes about so many bytes of lines in the combined format. A client in `restricted` of a hundred is out of
/// `list`, one of ten has IPv6, and the rest come from anywhere.
pub(crate) fn write(
    out: &mut impl Write,
    bytes: usize,
    list: &[Ipv4Addr],
    restricted: u64,
) -> io::Result<()> {
    let mut random = Random(7);
    let mut written = 0;
    let mut line = Vec::new();
    while written < bytes {
        line.clear();
        let kind = random.below(100);
        if kind < restricted && !list.is_empty() {
            write!(line, "{}", list[random.below(list.len() as u64) as usize])?;
        } else if kind < restricted + 10 {
            write!(
                line,
                "{}",
                Ipv6Addr::from_bits(0x2a00 << 112 | random.wide() >> 16 & !(0xffff_ffff << 32))
            )?;
        } else {
            write!(line, "{}", Ipv4Addr::from_bits(random.next() as u32))?;
        }
        let second = random.below(86_400);
        writeln!(
            line,
            " - - [23/Nov/2026:{:02}:{:02}:{:02} +0000] \"GET /shop/item{}/index.html?q={} HTTP/1.1\" {} {} \
             \"https://www.example.org/start\" \"{}\"",
            second / 3600,
            second / 60 % 60,
            second % 60,
            random.below(100_000),
            random.next() as u32,
            [200, 304, 404][random.below(3) as usize],
            random.below(100_000),
            BROWSERS[random.below(4) as usize],
        )?;
        out.write_all(&line)?;
        written += line.len();
    }
    Ok(())
}
