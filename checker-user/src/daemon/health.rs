//! Whether the daemon does what it is there for, in sentences: for `status` and for whoever asks `/healthz`.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

use crate::control::status::{HookStatus, InterfaceStatus, ListAge, Status};

/// Every reason why it does not; none when all is well. A list may be as old as `stale`.
#[must_use]
pub fn reasons(status: &Status, stale: Option<Duration>, now: Timestamp) -> Vec<String> {
    let mut reasons = Vec::new();
    if status.canary.state.failed() {
        let why = status.canary.reason.as_deref().unwrap_or("it was not found");
        reasons.push(format!("canary: {why}"));
    }
    reasons.extend(status.interfaces.iter().flat_map(hooks));
    let down = status.interfaces.iter().filter(|interface| !interface.up);
    reasons
        .extend(down.map(|interface| format!("link: {} is not up: there is nothing to see", interface.name)));
    if status.lists == 0 {
        reasons.push("list: no list is loaded, no packet is judged".to_owned());
    }
    if let Some(refusal) = &status.last_refusal {
        reasons.push(format!("list: the last change was refused: {refusal}"));
    }
    reasons.extend(
        status
            .ages
            .iter()
            .filter_map(|age| Some(format!("list: {} {}: {}", age.label, age.name, age.trouble.as_ref()?))),
    );
    let stale = stale.and_then(|stale| SignedDuration::try_from(stale).ok());
    if let Some(stale) = stale {
        reasons.extend(status.ages.iter().filter_map(|age| too_old(age, stale, now)));
    }
    let sinks = status.account.sinks.iter();
    reasons.extend(sinks.filter_map(|sink| Some(format!("sink: {}: {}", sink.name, sink.failing.as_ref()?))));
    if let Some(evidence) = &status.evidence
        && let Some(why) = &evidence.failing
    {
        reasons.push(format!("evidence: {}: {why}", evidence.folder));
    }
    reasons
}

fn hooks(interface: &InterfaceStatus) -> impl Iterator<Item = String> {
    let hooks = [("ingress", &interface.ingress), ("egress", &interface.egress)];
    hooks.into_iter().filter_map(|(way, hook)| {
        let HookStatus { attached: false, .. } = hook.as_ref()? else { return None };
        Some(format!("hook: checker's program is not on the {way} of {}", interface.name))
    })
}

/// Why a list is stale at `now`, if it is: one sentence.
pub(super) fn too_old(age: &ListAge, stale: SignedDuration, now: Timestamp) -> Option<String> {
    let ListAge { label, name, modified, confirmed, .. } = age;
    let old = now.duration_since(modified.or(*confirmed)?.0);
    let what = if modified.is_some() { "written" } else { "confirmed by its server" };
    (old > stale).then(|| format!("list: {label} {name} was last {what} {} hours ago", old.as_hours()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        alerts::moment::Moment,
        control::{
            account::{Account, Row, SinkRow},
            status::{CanaryState, CanaryStatus},
        },
        datapath::mode::Mode,
        evidence::status::EvidenceStatus,
    };

    const NOW: Moment = Moment(Timestamp::UNIX_EPOCH);

    fn well() -> Status {
        let hook = HookStatus { mode: Mode::Native, fallback: None, attached: true };
        let interface = InterfaceStatus {
            name: "eth1".to_owned(),
            index: 2,
            ingress: Some(hook),
            egress: None,
            promiscuous: false,
            up: true,
        };
        let canary = CanaryStatus { state: CanaryState::Found, reason: None, at: NOW, looks: 1, failures: 0 };
        let account = Account {
            seen: 0,
            judged: 0,
            outcomes: [].into(),
            malformed: 0,
            total: Row::default(),
            labels: Vec::new(),
            sinks: vec![SinkRow { name: "log a.json".to_owned(), ..SinkRow::default() }],
        };
        let modified = Some(Moment(Timestamp::from_second(-7_200).unwrap()));
        Status {
            version: String::new(),
            pid: 1,
            started: NOW,
            interfaces: vec![interface],
            generation: 1,
            loaded: NOW,
            ages: vec![ListAge {
                label: "ONE".parse().unwrap(),
                name: "one.txt".into(),
                url: None,
                modified,
                fetched: None,
                confirmed: None,
                trouble: None,
                as_of: None,
            }],
            lists: 1,
            ranges_v4: 1,
            ranges_v6: 0,
            memory: None,
            last_refusal: None,
            canary,
            unhealthy: Vec::new(),
            assets: None,
            learned: 0,
            readers: 0,
            sandbox: String::new(),
            evidence: Some(EvidenceStatus { folder: "evidence".to_owned(), ..EvidenceStatus::default() }),
            account,
        }
    }

    #[test]
    fn all_is_well() {
        assert!(reasons(&well(), Some(Duration::from_secs(7_200)), NOW.0).is_empty());
        assert!(reasons(&well(), None, NOW.0).is_empty());
    }

    #[test]
    fn each_reason_is_a_sentence() {
        let mut status = well();
        status.canary.state = CanaryState::Missed;
        status.canary.reason = Some("the program checker does not find 0.67.65.78".to_owned());
        status.interfaces[0].ingress.as_mut().unwrap().attached = false;
        status.interfaces[0].up = false;
        status.last_refusal = Some("one.txt:1: nonsense".to_owned());
        status.account.sinks[0].failing = Some("No space left on device".to_owned());
        status.evidence.as_mut().unwrap().failing = Some("No space left on device".to_owned());
        let expected = [
            "canary: the program checker does not find 0.67.65.78",
            "hook: checker's program is not on the ingress of eth1",
            "link: eth1 is not up: there is nothing to see",
            "list: the last change was refused: one.txt:1: nonsense",
            "list: ONE one.txt was last written 2 hours ago",
            "sink: log a.json: No space left on device",
            "evidence: evidence: No space left on device",
        ];
        assert_eq!(reasons(&status, Some(Duration::from_secs(7_199)), NOW.0), expected);
        status = well();
        status.lists = 0;
        assert_eq!(reasons(&status, None, NOW.0), ["list: no list is loaded, no packet is judged"]);
    }
}
