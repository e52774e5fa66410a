//! Where the packets come from: a table of a million addresses for each kind of traffic.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use checker_user::ranges::compile::Table;

use crate::{kernel::COUNT, lists::Random};

/// A kind of traffic.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Traffic {
    /// Any address that no range covers.
    Misses,
    /// Addresses of the neighbour of a listed prefix that no range covers.
    NearMisses,
    /// Any address of any range.
    Hits,
    /// 100 000 sources, half of them in ranges, few of which send nearly everything.
    Zipf,
    /// One source in a range.
    Flood,
}

impl Traffic {
    pub(crate) const ALL: [Self; 5] = [Self::Misses, Self::NearMisses, Self::Hits, Self::Zipf, Self::Flood];

    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Misses => "misses",
            Self::NearMisses => "near misses",
            Self::Hits => "hits",
            Self::Zipf => "zipf",
            Self::Flood => "flood",
        }
    }
}

/// So often an address that should be a miss is drawn again.
const TRIES: usize = 64;

const SOURCES: usize = 100_000;

/// The table of addresses for one list.
pub(crate) fn addresses(table: &Table, v6: bool, traffic: Traffic, seed: u64) -> Vec<IpAddr> {
    let mut random = Random(seed);
    let mut some = |count: usize, traffic: Traffic| -> Vec<u128> {
        (0..count).map(|_| draw(table, v6, traffic, &mut random)).collect()
    };
    let keys = match traffic {
        Traffic::Misses | Traffic::NearMisses | Traffic::Hits => some(COUNT, traffic),
        Traffic::Flood => some(1, Traffic::Hits),
        Traffic::Zipf => {
            let mut sources = some(SOURCES / 2, Traffic::Hits);
            let misses = some(SOURCES / 2, Traffic::Misses);
            sources = sources.into_iter().zip(misses).flat_map(|(hit, miss)| [hit, miss]).collect();
            (0..COUNT).map(|_| sources[rank(&mut random)]).collect()
        }
    };
    keys.into_iter().map(|key| address(key, v6)).collect()
}

fn draw(table: &Table, v6: bool, traffic: Traffic, random: &mut Random) -> u128 {
    let mut key = 0;
    for _ in 0..TRIES {
        let range = &table.ranges()[random.below(table.len() as u64) as usize];
        let host = random.wide().checked_shr(range.len.into()).unwrap_or_default();
        key = match traffic {
            Traffic::Hits => return range.key | host,
            Traffic::NearMisses => {
                let last = 1_u128.checked_shl(128 - u32::from(range.len)).unwrap_or_default();
                range.key ^ last ^ host
            }
            Traffic::Misses | Traffic::Zipf | Traffic::Flood if v6 => random.wide() >> 3 | 1 << 125,
            Traffic::Misses | Traffic::Zipf | Traffic::Flood => random.wide(),
        };
        if table.lookup(if v6 { key } else { key >> 96 << 96 }).is_none() {
            break;
        }
    }
    key
}

/// Zipf with exponent 1: the logarithm of the rank is even.
fn rank(random: &mut Random) -> usize {
    let even = random.below(1 << 53) as f64 / (1_u64 << 53) as f64;
    ((SOURCES as f64).powf(even) as usize).min(SOURCES) - 1
}

fn address(key: u128, v6: bool) -> IpAddr {
    if v6 { Ipv6Addr::from_bits(key).into() } else { Ipv4Addr::from_bits((key >> 96) as u32).into() }
}
