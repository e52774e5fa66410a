//! What a daemon has left pinned: the kernel goes on with it, and the next daemon can.

use std::path::Path;

use super::finding::Finding;
use crate::datapath::pins::survey::{Survey, Whose};

const NAME: &str = "pins";

pub(super) fn check(root: &Path, found: &[Survey]) -> Finding {
    let of = |wanted: fn(&Whose) -> bool| {
        let names =
            found.iter().filter(|survey| wanted(&survey.whose)).map(|survey| survey.interface.as_str());
        names.collect::<Vec<_>>().join(", ")
    };
    let refused = found.iter().filter_map(|survey| match &survey.whose {
        Whose::Refused(why) => Some(format!("{}: {why}", survey.interface)),
        Whose::Held | Whose::Left(_) => None,
    });
    let refused: Vec<_> = refused.collect();
    if !refused.is_empty() {
        let remedy = "checker detach -i IFACE takes off what is yours; --pin=FOLDER takes another folder";
        return Finding::prevents(NAME, format!("refused with --pin: {}", refused.join("; ")), remedy);
    }
    let (held, left) = (of(|whose| *whose == Whose::Held), of(|whose| matches!(whose, Whose::Left(_))));
    if !left.is_empty() {
        return Finding::warning(
            NAME,
            format!("{left}: the kernel goes on judging, and no daemon tells of it (in {})", root.display()),
            "checker run --pin -i IFACE goes on with it, with --replace if it is of another build; checker detach takes \
             it off",
        );
    }
    if held.is_empty() {
        return Finding::ok(NAME, format!("nothing is pinned in {}", root.display()));
    }
    Finding::ok(NAME, format!("{held}: of the daemon that runs"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::doctor::finding::State;

    fn state(all: &[(&str, Whose)]) -> (State, String) {
        let survey =
            |(name, whose): &(&str, Whose)| Survey { interface: (*name).to_owned(), whose: whose.clone() };
        let found: Vec<_> = all.iter().map(survey).collect();
        let finding = check(Path::new("/sys/fs/bpf/checker"), &found);
        (finding.state, finding.said)
    }

    #[test]
    fn the_worst_of_all_pins_is_said() {
        let (held, left) = (("eth1", Whose::Held), ("eth2", Whose::Left(7)));
        let refused = ("eth3", Whose::Refused("it is open to others".to_owned()));
        assert_eq!(state(&[]), (State::Ok, "nothing is pinned in /sys/fs/bpf/checker".to_owned()));
        assert_eq!(
            state(std::slice::from_ref(&held)),
            (State::Ok, "eth1: of the daemon that runs".to_owned())
        );
        let (grave, said) = state(&[held.clone(), left.clone()]);
        assert!(grave == State::Warning && said.starts_with("eth2: the kernel goes on judging"), "{said}");
        let (grave, said) = state(&[held, left, refused]);
        assert_eq!(
            (grave, said.as_str()),
            (State::Prevents, "refused with --pin: eth3: it is open to others")
        );
    }
}
