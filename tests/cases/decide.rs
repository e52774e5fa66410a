//! Several ranges and lists: which one a packet meets, and what that list asks for.

use checker_common::outcome::Outcome::{self, Alerted, Allowed, Compliant, Dropped, UnknownClass};
use harness::{frame::Frame, lists::List};

use super::{
    Case,
    Look::{Incoming, NoActions},
    OTHER, OTHER_V6, alert, allow, drop, hit, restricted,
};

pub(crate) fn cases() -> Vec<Case> {
    let mut cases = actions();
    cases.extend(lengths());
    cases.extend(lists());
    cases.extend(without_action());
    cases
}

/// The source and the lists are what differs.
fn case(
    says: &'static str,
    source: &'static str,
    lists: &[List],
    outcome: Outcome,
    meets: &'static str,
) -> Case {
    let destination = if source.contains(':') { OTHER_V6 } else { OTHER };
    let reads = match source {
        "203.0.113.1" => "203.0.113.1:40000 > 198.51.100.9:9 protocol 17",
        "203.0.113.2" => "203.0.113.2:40000 > 198.51.100.9:9 protocol 17",
        "0.0.0.0" => "0.0.0.0:40000 > 198.51.100.9:9 protocol 17",
        "255.255.255.255" => "255.255.255.255:40000 > 198.51.100.9:9 protocol 17",
        "2001:db8::1" => "[2001:db8::1]:40000 > [3fff::9]:9 protocol 17",
        other => panic!("what is read of a packet from {other} is not written down"),
    };
    let frame = Frame::between(source, destination).bytes();
    Case { look: Incoming, says, frame, lists: lists.to_vec(), outcome, reads, meets }
}

fn actions() -> Vec<Case> {
    let net = "203.0.113.0/24\n";
    let half = "203.0.113.0/25\n";
    let here = "203.0.113.1";
    vec![
        case("a list that drops drops", here, &[drop("ONE", net)], Dropped, "ONE 203.0.113.0/24"),
        case(
            "a list that drops drops IPv6",
            "2001:db8::1",
            &[drop("ONE", "2001:db8::/32\n")],
            Dropped,
            "ONE 2001:db8::/32",
        ),
        case(
            "an exception passes and is not reported",
            here,
            &[allow("LAB", net)],
            Allowed,
            "LAB 203.0.113.0/24",
        ),
        case(
            "an exception inside an alert holds",
            here,
            &[alert("ONE", net), allow("LAB", half)],
            Allowed,
            "LAB 203.0.113.0/25",
        ),
        case(
            "an alert inside an exception holds",
            here,
            &[allow("LAB", net), alert("ONE", half)],
            Alerted,
            "ONE 203.0.113.0/25",
        ),
        case(
            "a drop inside an alert drops",
            here,
            &[alert("ONE", net), drop("TWO", half)],
            Dropped,
            "TWO 203.0.113.0/25",
        ),
        case(
            "an alert inside a drop passes: the longest prefix wins, not the strongest action",
            here,
            &[drop("TWO", net), alert("ONE", half)],
            Alerted,
            "ONE 203.0.113.0/25",
        ),
        case(
            "on the same prefix an exception beats a drop",
            here,
            &[drop("TWO", net), alert("ONE", net), allow("LAB", net)],
            Allowed,
            "LAB 203.0.113.0/24",
        ),
        case(
            "on the same prefix a drop beats an alert",
            here,
            &[alert("ONE", net), drop("TWO", net)],
            Dropped,
            "TWO 203.0.113.0/24",
        ),
        case(
            "on the same prefix and action the list named first wins",
            here,
            &[alert("TWO", net), alert("ONE", net)],
            Alerted,
            "TWO 203.0.113.0/24",
        ),
    ]
}

fn lengths() -> Vec<Case> {
    let nested = alert("ONE", "203.0.113.1/32\n203.0.113.0/24\n203.0.0.0/16\n203.0.113.0/31\n");
    let one = alert("ONE", "203.0.113.1\n");
    let all = alert("ONE", "0.0.0.0/0\n");
    vec![
        case("a /32 is its one address", "203.0.113.1", &[one], Alerted, "ONE 203.0.113.1/32"),
        case("a /32 is no other address", "203.0.113.2", &[one], Compliant, ""),
        case(
            "the longest of nested prefixes is met",
            "203.0.113.1",
            &[nested],
            Alerted,
            "ONE 203.0.113.1/32",
        ),
        case(
            "an address beside the longest prefixes meets the one around them",
            "203.0.113.2",
            &[nested],
            Alerted,
            "ONE 203.0.113.0/24",
        ),
        case("0.0.0.0/0 is the first IPv4 address", "0.0.0.0", &[all], Alerted, "ONE 0.0.0.0/0"),
        case("0.0.0.0/0 is the last IPv4 address", "255.255.255.255", &[all], Alerted, "ONE 0.0.0.0/0"),
    ]
}

fn lists() -> Vec<Case> {
    let here = "203.0.113.1";
    let two = [alert("ONE", "203.0.113.2\n"), alert("TWO", "203.0.113.1\n")];
    vec![
        case(
            "of two lists, the one with the range gives its label",
            here,
            &two,
            Alerted,
            "TWO 203.0.113.1/32",
        ),
        case("and the other one for its own range", "203.0.113.2", &two, Alerted, "ONE 203.0.113.2/32"),
        case(
            "a list without IPv4 ranges leaves IPv4 compliant",
            here,
            &[alert("ONE", "2001:db8::/32\n")],
            Compliant,
            "",
        ),
        case(
            "a list without IPv6 ranges leaves IPv6 compliant",
            "2001:db8::1",
            &[alert("ONE", "203.0.113.0/24\n")],
            Compliant,
            "",
        ),
        case(
            "host bits in a list are masked",
            here,
            &[alert("ONE", "203.0.113.77/24\n")],
            Alerted,
            "ONE 203.0.113.0/24",
        ),
        case(
            "an IPv4-mapped prefix in a list is the IPv4 prefix",
            here,
            &[alert("ONE", "::ffff:203.0.113.0/120\n")],
            Alerted,
            "ONE 203.0.113.0/24",
        ),
    ]
}

/// What no loader does and the kernel counts all the same: a range whose class has no action.
fn without_action() -> Vec<Case> {
    let net = "203.0.113.0/24\n";
    let meets = "ONE 203.0.113.0/24";
    let case = |says, source, list, meets| case(says, source, &[list], UnknownClass, meets).look(NoActions);
    vec![
        case(
            "a class without an action is counted, passed and not reported",
            "203.0.113.1",
            alert("ONE", net),
            meets,
        ),
        case("a class without an action does not drop", "203.0.113.1", drop("ONE", net), meets),
        case(
            "a class without an action in IPv6",
            "2001:db8::1",
            alert("ONE", "2001:db8::/32\n"),
            "ONE 2001:db8::/32",
        ),
        hit(
            "a class without an action, met the long way",
            restricted().options(3).bytes(),
            "203.0.113.1:40000 > 198.51.100.9:623 protocol 17",
            meets,
        )
        .outcome(UnknownClass)
        .look(NoActions),
    ]
}
