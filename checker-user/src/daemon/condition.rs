//! How a watched interface is, and what of that is news. Pure.

use crate::alerts::{alert::Way, incident::Incident};

/// One watched interface as the kernel has it now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Condition {
    /// Its name; when it is gone, the last one.
    pub name: String,
    /// Its index.
    pub index: u32,
    /// The interface itself.
    pub link: Link,
    /// Packets that it has counted, on the way that is watched.
    pub packets: u64,
    /// The program on what it receives; `None` where that is not looked at.
    pub ingress: Option<Hook>,
    /// The program on what it sends; `None` where that is not looked at.
    pub egress: Option<Hook>,
}

/// The interface itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Link {
    /// Up, with a carrier.
    Up,
    /// Not up, or without a carrier.
    Down,
    /// There is no interface of that index any more.
    Gone,
    /// The same, but there is another one of its name, which is not watched.
    Another(u32),
}

/// Whether checker's program is where it was put.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Hook {
    /// It is there.
    There,
    /// It is not, and none other is.
    Off,
    /// Another program is in its place: which.
    Replaced(String),
}

impl Condition {
    /// Whether something would have to be attached for all to be well.
    #[must_use]
    pub fn wants_attaching(&self) -> bool {
        match self.link {
            Link::Gone => false,
            Link::Another(_) => true,
            Link::Up | Link::Down => {
                [&self.ingress, &self.egress].into_iter().flatten().any(|hook| *hook != Hook::There)
            }
        }
    }
}

/// What is to be told of the way from `before` to `now`.
#[must_use]
pub fn changes(before: &Condition, now: &Condition) -> Vec<Incident> {
    let mut news = Vec::new();
    let interface = || now.name.clone();
    let exists = |link| matches!(link, Link::Up | Link::Down);
    if exists(now.link) && before.name != now.name {
        news.push(Incident::InterfaceRenamed { from: before.name.clone(), interface: interface() });
    }
    match (before.link, now.link) {
        (Link::Up | Link::Down, Link::Gone) => {
            news.push(Incident::InterfaceGone { interface: interface(), index: now.index });
        }
        (Link::Up | Link::Down, Link::Another(index)) => {
            news.push(Incident::InterfaceGone { interface: interface(), index: now.index });
            news.push(Incident::InterfaceReturned { interface: interface(), index, attached: false });
        }
        (Link::Gone, Link::Another(index)) => {
            news.push(Incident::InterfaceReturned { interface: interface(), index, attached: false });
        }
        (Link::Gone | Link::Another(_), Link::Up | Link::Down) => {
            let index = now.index;
            news.push(Incident::InterfaceReturned { interface: interface(), index, attached: true });
        }
        (Link::Up, Link::Down) => news.push(Incident::LinkDown { interface: interface() }),
        (Link::Down, Link::Up) => news.push(Incident::LinkUp { interface: interface() }),
        (Link::Up, Link::Up)
        | (Link::Down, Link::Down)
        | (Link::Gone | Link::Another(_), Link::Gone)
        | (Link::Another(_), Link::Another(_)) => {}
    }
    // That an interface is gone says it all.
    if exists(before.link) && exists(now.link) {
        let hooks =
            [(Way::Ingress, &before.ingress, &now.ingress), (Way::Egress, &before.egress, &now.egress)];
        news.extend(hooks.into_iter().filter_map(|(hook, before, now)| {
            let (before, now) = (before.as_ref()?, now.as_ref()?);
            let interface = interface();
            match now {
                now if now == before => None,
                Hook::There => Some(Incident::HookRestored { interface, hook }),
                Hook::Off => {
                    let reason = "it was detached".to_owned();
                    Some(Incident::HookLost { interface, hook, reason })
                }
                Hook::Replaced(by) => {
                    let reason = format!("it was replaced by the program {by}");
                    Some(Incident::HookLost { interface, hook, reason })
                }
            }
        }));
    }
    news
}

#[cfg(test)]
mod tests {
    use super::*;

    fn well() -> Condition {
        Condition {
            name: "eth1".to_owned(),
            index: 2,
            link: Link::Up,
            packets: 0,
            ingress: Some(Hook::There),
            egress: Some(Hook::There),
        }
    }

    fn told(before: &Condition, now: &Condition) -> Vec<String> {
        let what = |incident: &Incident| serde_json::to_value(incident).unwrap()["what"].to_string();
        changes(before, now).iter().map(what).collect()
    }

    #[test]
    fn nothing_new_is_no_news() {
        assert!(changes(&well(), &well()).is_empty());
        let gone = Condition { link: Link::Gone, ingress: Some(Hook::Off), ..well() };
        assert!(changes(&gone, &gone).is_empty());
    }

    #[test]
    fn each_change_is_told_once_and_so_is_its_end() {
        let changed = [
            (Condition { name: "eth9".to_owned(), ..well() }, "interface_renamed", "interface_renamed"),
            (Condition { link: Link::Down, ..well() }, "link_down", "link_up"),
            (Condition { link: Link::Gone, ..well() }, "interface_gone", "interface_returned"),
            (Condition { ingress: Some(Hook::Off), ..well() }, "hook_lost", "hook_restored"),
            (
                Condition { egress: Some(Hook::Replaced("other (id 7)".to_owned())), ..well() },
                "hook_lost",
                "hook_restored",
            ),
        ];
        for (now, there, back) in changed {
            assert_eq!(told(&well(), &now), [format!("\"{there}\"")]);
            assert_eq!(told(&now, &well()), [format!("\"{back}\"")]);
        }
    }

    #[test]
    fn an_interface_that_is_gone_has_lost_no_hooks_beside() {
        let gone =
            Condition { link: Link::Gone, ingress: Some(Hook::Off), egress: Some(Hook::Off), ..well() };
        assert_eq!(told(&well(), &gone), ["\"interface_gone\""]);
        let another = Condition { link: Link::Another(9), ..gone.clone() };
        assert_eq!(told(&gone, &another), ["\"interface_returned\""]);
        assert!(!gone.wants_attaching());
        assert!(another.wants_attaching());
    }
}
