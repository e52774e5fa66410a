//! `--tunnels off`: tunnels stay shut, what is in them counts as not seen, and all else is as it was.

use checker_common::outcome::Outcome::{Compliant, TunnelTooDeep};

use super::{
    Case, Look::TunnelsOff, hit, miss, ordinary, ordinary_v6, packet, restricted, restricted_v6, udp_with,
};

pub(crate) fn cases() -> Vec<Case> {
    let cases = [shut(), open()].concat();
    cases.into_iter().map(|case| case.look(TunnelsOff)).collect()
}

fn shut() -> Vec<Case> {
    let v4 = packet(restricted());
    let carries = |protocol, header: &[u8], content: &[u8]| {
        ordinary().protocol(protocol, [header, content].concat()).bytes()
    };
    let shut = |says, frame, reads| miss(says, frame, TunnelTooDeep, reads);
    vec![
        shut("IPIP stays shut", carries(4, &[], &v4), "192.0.2.1 > 198.51.100.9 protocol 4"),
        shut(
            "6in4 stays shut",
            carries(41, &[], &packet(restricted_v6())),
            "192.0.2.1 > 198.51.100.9 protocol 41",
        ),
        shut(
            "4in6 stays shut",
            ordinary_v6().protocol(4, v4.clone()).bytes(),
            "3fff::1 > 3fff::9 protocol 4",
        ),
        shut("GRE stays shut", carries(47, &[0, 0, 8, 0], &v4), "192.0.2.1 > 198.51.100.9 protocol 47"),
        shut(
            "VXLAN stays shut",
            udp_with(4789, &[&[8, 0, 0, 0, 0, 0, 1, 0], &restricted().bytes()[..]].concat()).bytes(),
            "192.0.2.1:40000 > 198.51.100.9:4789 protocol 17",
        ),
        shut(
            "Geneve stays shut",
            udp_with(6081, &[&[0, 0, 8, 0, 0, 0, 1, 0], &v4[..]].concat()).bytes(),
            "192.0.2.1:40000 > 198.51.100.9:6081 protocol 17",
        ),
        shut(
            "GTP-U stays shut",
            udp_with(2152, &[&[0x30, 255, 0, 28, 0, 0, 0, 1], &v4[..]].concat()).bytes(),
            "192.0.2.1:40000 > 198.51.100.9:2152 protocol 17",
        ),
    ]
}

fn open() -> Vec<Case> {
    let udp = "203.0.113.1:40000 > 198.51.100.9:623 protocol 17";
    let v4 = "ONE 203.0.113.0/24";
    vec![
        hit("with tunnels off a plain packet is judged as ever", restricted().bytes(), udp, v4),
        hit(
            "with tunnels off the outer source of a tunnel is judged",
            restricted().protocol(4, packet(ordinary())).bytes(),
            "203.0.113.1 > 198.51.100.9 protocol 4",
            v4,
        ),
        hit(
            "with tunnels off an extension header is no tunnel",
            restricted_v6().protocol(0, vec![59, 0, 1, 4, 0, 0, 0, 0]).bytes(),
            "2001:db8::1 > 3fff::9 protocol 59",
            "ONE 2001:db8::/32",
        ),
        miss(
            "with tunnels off a GTP-U echo is no tunnel",
            udp_with(2152, &[0x32, 1, 0, 4, 0, 0, 0, 1, 0, 7, 0, 0]).bytes(),
            Compliant,
            "192.0.2.1:40000 > 198.51.100.9:2152 protocol 17",
        ),
    ]
}
