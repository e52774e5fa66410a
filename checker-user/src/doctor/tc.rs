//! Programs at the hooks of TC, beside which checker's stands.

use aya::programs::loaded_programs;
use rtnetlink::{Handle, packet_route::tc::TcFilterBpfOption};

use super::{finding::Finding, kernel::Release, link::Link};
use crate::datapath::{
    clsact,
    owner::holders,
    tcx::{self, Hook},
};

const NAME: &str = "tc";

pub(super) async fn check(link: &Link, release: &Release, netlink: &Handle) -> Finding {
    let Link { interface, .. } = link;
    let mut found = Vec::new();
    for (way, hook) in [("ingress", Hook::Ingress), ("egress", Hook::Egress)] {
        // Refused before Linux 6.6, which had no TCX, and to who has not CAP_NET_ADMIN.
        let programs = tcx::programs(interface.index, hook).unwrap_or_default();
        found.extend(programs.into_iter().map(|program| named(way, program)));
    }
    let filters = clsact::programs(interface.index, netlink).await.unwrap_or_default();
    found.extend(filters.into_iter().filter_map(|options| filter(&options)));
    let in_the_way = clsact::is_in_the_way(interface.index, netlink).await.unwrap_or(false);
    judge(&interface.name, &found, in_the_way && release.before(6, 6))
}

/// `ingress: cil_from_netdev (id 7), held by …`.
fn named(way: &str, program: u32) -> String {
    let holders = holders(program);
    let held = if holders.is_empty() { String::new() } else { format!(", held by {}", holders.join(", ")) };
    let known = loaded_programs().flatten().find(|known| known.id() == program);
    let name = known.as_ref().and_then(|known| known.name_as_str()).unwrap_or("of an unknown name");
    format!("{way}: {name} (id {program}){held}")
}

fn filter(options: &[TcFilterBpfOption]) -> Option<String> {
    let name = options.iter().find_map(|option| {
        if let TcFilterBpfOption::ProgName(name) = option { Some(name.as_str()) } else { None }
    });
    let id = options
        .iter()
        .find_map(|option| if let TcFilterBpfOption::ProgId(id) = option { Some(*id) } else { None });
    Some(format!("filter: {} (id {})", name.unwrap_or("?"), id?))
}

fn judge(name: &str, found: &[String], in_the_way: bool) -> Finding {
    if in_the_way {
        return Finding::warning(
            NAME,
            "an ingress qdisc is where clsact would be, which --direction egress needs before Linux 6.6",
            format!("tc qdisc del dev {name} ingress, if nobody needs it"),
        );
    }
    if found.is_empty() {
        return Finding::ok(NAME, "no program is on it");
    }
    Finding::ok(NAME, format!("checker's stands beside: {}", found.join("; ")))
}
