//! Whether it watches.

use super::{one, seconds, truth};
use crate::{
    control::status::{CanaryState, HookStatus, InterfaceStatus, Status},
    metrics::family::{Family, Labels, counter, gauge},
};

pub(super) fn watching(status: &Status) -> Vec<Family> {
    let hooks = |hook: fn(&InterfaceStatus) -> &Option<_>| -> Vec<(Labels, f64)> {
        let hooks =
            status.interfaces.iter().filter_map(|interface| Some((interface, hook(interface).as_ref()?)));
        let hooks = hooks.map(|(interface, hook): (_, &HookStatus)| {
            let labels = vec![("iface", interface.name.clone()), ("mode", hook.mode.to_string())];
            (labels, truth(hook.attached))
        });
        hooks.collect()
    };
    let up = status
        .interfaces
        .iter()
        .map(|interface| (vec![("iface", interface.name.clone())], truth(interface.up)));
    let canary = &status.canary;
    vec![
        gauge(
            "xdp_attached",
            "Whether the program is on what an interface receives.",
            hooks(|interface| &interface.ingress),
        ),
        gauge(
            "tc_attached",
            "Whether the program is on what an interface sends.",
            hooks(|interface| &interface.egress),
        ),
        gauge("interface_up", "Whether an interface is up.", up),
        gauge(
            "canary_found",
            "Whether the kernel program found the address that it must find.",
            one(truth(canary.state == CanaryState::Found)),
        ),
        gauge("canary_timestamp_seconds", "When the canary was looked for last.", one(seconds(canary.at))),
        counter("canary_looks", "Looks for the canary.", [(Labels::new(), canary.looks)]),
        counter("canary_failures", "Looks for the canary that failed.", [(Labels::new(), canary.failures)]),
        gauge("healthy", "Whether /healthz says ok.", one(truth(status.unhealthy.is_empty()))),
        gauge("tail_readers", "Readers of checker tail.", one(status.readers as f64)),
    ]
}
