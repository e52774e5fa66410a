//! A filter under a clsact qdisc: how a program gets at what an interface sends before Linux 6.6.
//!
//! Unlike a link, a filter stays when its maker ends: it is taken off here, and a qdisc that was made for it too.

use std::mem::ManuallyDrop;

use anyhow::{Context as _, bail};
use aya::programs::{
    Link as _, SchedClassifier, TcAttachType,
    tc::{NlOptions, SchedClassifierLink, SchedClassifierLinkId, TcAttachOptions, TcError, qdisc_add_clsact},
};
use futures_util::TryStreamExt as _;
use rtnetlink::{
    Handle,
    packet_route::tc::{TcAttribute, TcFilterBpfOption, TcHandle, TcMessage, TcOption},
};
use tracing::{debug, warn};

use super::interface::Interface;

/// The handle of a clsact qdisc: `TC_H_MAKE(TC_H_CLSACT, 0)`, `uapi/linux/pkt_sched.h`.
const QDISC: TcHandle = TcHandle { major: 0xffff, minor: 0 };

/// The program as a filter on one interface.
#[derive(Debug)]
pub struct Filter {
    link: SchedClassifierLinkId,
    /// Whether the qdisc was made for it.
    made_qdisc: bool,
}

impl Filter {
    /// Has it stay when the program's owner is dropped; whether the qdisc was made for it.
    ///
    /// # Errors
    ///
    /// When the program has no such link.
    pub(super) fn release(self, program: &mut SchedClassifier) -> anyhow::Result<bool> {
        let _stays = ManuallyDrop::new(program.take_link(self.link)?);
        Ok(self.made_qdisc)
    }
}

/// A filter that is on what an interface sends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Place {
    priority: u16,
    handle: u32,
    /// The number of its program.
    pub(super) program: u32,
}

impl Place {
    fn link(self, interface: &Interface) -> anyhow::Result<SchedClassifierLink> {
        let Self { priority, handle, .. } = self;
        let link = SchedClassifierLink::attached(
            &interface.name,
            TcAttachType::Egress,
            priority,
            handle.into(),
            None,
        );
        link.with_context(|| format!("there is no interface {}", interface.name))
    }
}

/// The filter that has one of these programs.
pub(super) async fn find(
    index: u32,
    programs: &[u32],
    netlink: &Handle,
) -> Result<Option<Place>, rtnetlink::Error> {
    let mut handle = netlink.traffic_filter(index.cast_signed());
    let filters: Vec<_> = handle.get().egress().execute().try_collect().await?;
    Ok(filters.iter().find_map(|filter| {
        let program = filter.attributes.iter().find_map(program_of)?;
        let TcMessage { header, .. } = filter;
        // `TC_H_MAKE(priority << 16, protocol)`, `net/sched/cls_api.c`.
        let (priority, handle) = ((header.info >> 16) as u16, header.handle);
        let handle = u32::from(handle.major) << 16 | u32::from(handle.minor);
        programs.contains(&program).then_some(Place { priority, handle, program })
    }))
}

/// Puts `program` into that filter, which stays.
pub(super) fn replace(
    program: &mut SchedClassifier,
    interface: &Interface,
    place: &Place,
) -> anyhow::Result<()> {
    let link = program.attach_to_link(place.link(interface)?).with_context(|| {
        format!("cannot put the program into the filter on the egress of {}", interface.name)
    })?;
    let _stays = ManuallyDrop::new(program.take_link(link)?);
    Ok(())
}

/// Takes the filter off that has one of these programs, and the qdisc if it was made for it and nobody else uses it.
pub(super) async fn take_off(
    interface: &Interface,
    programs: &[u32],
    made_qdisc: bool,
    netlink: &Handle,
) -> anyhow::Result<()> {
    if let Some(place) = find(interface.index, programs, netlink).await? {
        place.link(interface)?.detach()?;
    }
    if made_qdisc {
        remove_qdisc(interface, netlink).await;
    }
    Ok(())
}

/// The number of a filter's program.
fn program_of(attribute: &TcAttribute) -> Option<u32> {
    let TcAttribute::Options(options) = attribute else { return None };
    let program = |option: &TcOption| {
        if let TcOption::Bpf(TcFilterBpfOption::ProgId(program)) = option { Some(*program) } else { None }
    };
    options.iter().find_map(program)
}

/// Attaches `program` to what the interface sends, under its clsact qdisc, which is made where there is none.
///
/// # Errors
///
/// What the kernel said. A qdisc that was made is gone again.
pub async fn attach(
    program: &mut SchedClassifier,
    interface: &Interface,
    netlink: &Handle,
) -> anyhow::Result<Filter> {
    let name = &interface.name;
    let hook = || format!("cannot attach to the egress of {name} by clsact");
    let made_qdisc = match qdisc_add_clsact(name) {
        Ok(()) => true,
        Err(TcError::NetlinkError(error)) if error.raw_os_error() == Some(libc::EEXIST) => false,
        Err(error) => return Err(error).with_context(hook),
    };
    // The other kind that stands in this place takes a filter for egress, and runs it on ingress (`ingress_tcf_block`,
    // `net/sched/sch_ingress.c`).
    if !made_qdisc && !has_clsact(interface.index, netlink).await.with_context(hook)? {
        bail!("{}: it has an ingress qdisc in its place", hook());
    }
    let options = TcAttachOptions::Netlink(NlOptions::default());
    match program.attach_with_options(&interface.name, TcAttachType::Egress, options) {
        Ok(link) => Ok(Filter { link, made_qdisc }),
        Err(error) => {
            if made_qdisc {
                remove_qdisc(interface, netlink).await;
            }
            Err(error).with_context(hook)
        }
    }
}

/// Takes the filter off, and the qdisc if it was made for it and nobody else uses it by now.
pub async fn detach(program: &mut SchedClassifier, interface: &Interface, filter: Filter, netlink: &Handle) {
    if let Err(error) = program.detach(filter.link) {
        // Somebody else took it off, or the interface is gone.
        warn!("{}: {error}", interface.name);
    }
    if filter.made_qdisc {
        remove_qdisc(interface, netlink).await;
    }
}

/// Removes the qdisc unless it is gone, or there are filters under it.
async fn remove_qdisc(interface: &Interface, netlink: &Handle) {
    let name = &interface.name;
    if !has_clsact(interface.index, netlink).await.unwrap_or(false) {
        return;
    }
    match filters(interface.index, netlink).await {
        Ok(filters) if filters.is_empty() => {}
        Ok(filters) => {
            warn!("{name}: its clsact qdisc stays, with {} filters of others", filters.len());
            return;
        }
        Err(error) => {
            debug!("{name}: cannot ask for filters: {error}");
            return;
        }
    }
    let mut removal = netlink.qdisc().del(interface.index.cast_signed());
    let header = &mut removal.message_mut().header;
    (header.handle, header.parent) = (QDISC, TcHandle::INGRESS);
    if let Err(error) = removal.execute().await {
        warn!("{name}: its clsact qdisc stays: {error}");
    }
}

/// Whether the program of this number is among the filters on what the interface sends.
pub async fn is_attached(index: u32, program: u32, netlink: &Handle) -> bool {
    let ours = TcOption::Bpf(TcFilterBpfOption::ProgId(program));
    let is_ours = |attribute: &TcAttribute| matches!(attribute, TcAttribute::Options(options) if options.contains(&ours));
    let found = filters(index, netlink).await;
    found.is_ok_and(|filters| filters.iter().any(|filter| filter.attributes.iter().any(is_ours)))
}

/// The programs of all filters under the qdisc.
pub(crate) async fn programs(
    index: u32,
    netlink: &Handle,
) -> Result<Vec<Vec<TcFilterBpfOption>>, rtnetlink::Error> {
    let mut programs = Vec::new();
    for attribute in filters(index, netlink).await?.into_iter().flat_map(|filter| filter.attributes) {
        if let TcAttribute::Options(options) = attribute {
            let option = |option| if let TcOption::Bpf(option) = option { Some(option) } else { None };
            programs.push(options.into_iter().filter_map(option).collect());
        }
    }
    Ok(programs)
}

/// Whether an ingress qdisc stands where clsact would.
pub(crate) async fn is_in_the_way(index: u32, netlink: &Handle) -> Result<bool, rtnetlink::Error> {
    has_qdisc("ingress", index, netlink).await
}

/// Whether there is a clsact qdisc on the interface, and not an ingress qdisc in its place.
async fn has_clsact(index: u32, netlink: &Handle) -> Result<bool, rtnetlink::Error> {
    has_qdisc("clsact", index, netlink).await
}

async fn has_qdisc(kind: &str, index: u32, netlink: &Handle) -> Result<bool, rtnetlink::Error> {
    let qdiscs: Vec<_> = netlink.qdisc().get().execute().try_collect().await?;
    let kind = TcAttribute::Kind(kind.to_owned());
    let is_it =
        |qdisc: &TcMessage| qdisc.header.index == index.cast_signed() && qdisc.attributes.contains(&kind);
    Ok(qdiscs.iter().any(is_it))
}

/// Every filter under the qdisc, for both ways.
async fn filters(index: u32, netlink: &Handle) -> Result<Vec<TcMessage>, rtnetlink::Error> {
    let mut handle = netlink.traffic_filter(index.cast_signed());
    let mut filters: Vec<_> = handle.get().ingress().execute().try_collect().await?;
    filters.extend(handle.get().egress().execute().try_collect::<Vec<_>>().await?);
    Ok(filters)
}
