//! Egress under a clsact qdisc, as on kernels before 6.6. A kernel with TCX does not let the daemon take this way; the
//! same functions are called straight.

use std::sync::Arc;

use anyhow::{Context as _, Result, anyhow, bail};
use aya::Ebpf;
use checker_common::{alert::AlertRecord, nat64::Nat64};
use checker_user::{
    daemon::{loader::Loader, records::Records},
    datapath::{
        clsact,
        direction::{Direction, View},
        interface,
        load::{Datapath, classifier, load},
    },
};
use harness::{
    frame::Frame,
    lists::Lists,
    send::Sender,
    veth::{NEAR, Wire},
};
use rtnetlink::Handle;

use crate::{ONE, on_netlink, restricted};

fn loaded() -> Result<Datapath> {
    load(false, &View { direction: Direction::Egress, tunnels: true, nat64: Nat64::WELL_KNOWN })
}

/// Attaches, has `meanwhile` happen, and detaches.
fn hold(wire: &Wire, ebpf: &mut Ebpf, meanwhile: impl FnOnce(bool) -> Result<()> + Send) -> Result<()> {
    on_netlink(&wire.near, async |netlink: Handle| {
        let program = classifier(ebpf)?;
        let number = program.info()?.id();
        let interface = interface::find(&netlink, NEAR).await?;
        let filter = clsact::attach(program, &interface, &netlink).await?;
        meanwhile(clsact::is_attached(interface.index, number, &netlink).await)?;
        clsact::detach(program, &interface, filter, &netlink).await;
        assert!(!clsact::is_attached(interface.index, number, &netlink).await);
        Ok(())
    })
}

/// What is on [`NEAR`]: the qdisc, checker's filter on what goes out, somebody else's on what comes in.
fn found(wire: &Wire) -> Result<[bool; 3]> {
    let show = |words: &str| wire.near.tc(&format!("{words} show dev {NEAR}"));
    let filters = |way: &str| wire.near.tc(&format!("filter show dev {NEAR} {way}"));
    Ok([
        show("qdisc")?.contains("clsact"),
        filters("egress")?.contains("checker_egress"),
        filters("ingress")?.contains("u32"),
    ])
}

/// Somebody else's filter.
fn add_foreign(wire: &Wire) -> Result<()> {
    wire.near.tc(&format!("filter add dev {NEAR} ingress u32 match u32 0 0 flowid 1:1"))?;
    Ok(())
}

#[test]
#[ignore = "needs root: namespaces, clsact"]
fn what_goes_out_is_judged_and_the_qdisc_that_was_made_is_removed() -> Result<()> {
    let wire = Wire::new()?;
    let Datapath { mut ebpf, installer, mut alerts, .. } = loaded()?;
    let lists = Lists::new()?;
    let mut loader = Loader::new(installer, Arc::new(Records::default()), Arc::default());
    loader.load(&[lists.add_text("ONE", ONE)?], true)?;
    assert_eq!(found(&wire)?, [false, false, false]);
    hold(&wire, &mut ebpf, |attached| {
        assert!(attached);
        assert_eq!(found(&wire)?, [true, true, false]);
        let out = Sender::new(&wire.near, NEAR)?;
        let frame = Frame::between("198.51.100.9", "203.0.113.1").tcp(50_000, 443).bytes();
        out.send_all([&restricted(), &frame])?;
        let record = AlertRecord::decode(&alerts.next().context("no record")?);
        let record = record.map_err(|reason| anyhow!("{reason:?}"))?;
        assert_eq!(record.matched().to_string(), "203.0.113.1");
        assert!(record.circumstances().outgoing);
        assert!(alerts.next().is_none(), "a restricted source is not what goes out");
        Ok(())
    })?;
    assert_eq!(found(&wire)?, [false, false, false]);
    Ok(())
}

#[test]
#[ignore = "needs root: namespaces, clsact"]
fn a_qdisc_that_was_there_before_stays() -> Result<()> {
    let wire = Wire::new()?;
    wire.near.tc(&format!("qdisc add dev {NEAR} clsact"))?;
    let mut ebpf = loaded()?.ebpf;
    hold(&wire, &mut ebpf, |_| {
        assert_eq!(found(&wire)?, [true, true, false]);
        Ok(())
    })?;
    assert_eq!(found(&wire)?, [true, false, false]);

    hold(&wire, &mut ebpf, |_| add_foreign(&wire))?;
    assert_eq!(found(&wire)?, [true, false, true], "with the filter that came meanwhile");
    Ok(())
}

#[test]
#[ignore = "needs root: namespaces, clsact"]
fn a_qdisc_that_was_made_stays_when_somebody_else_uses_it_by_now() -> Result<()> {
    let wire = Wire::new()?;
    let mut ebpf = loaded()?.ebpf;
    hold(&wire, &mut ebpf, |_| add_foreign(&wire))?;
    assert_eq!(found(&wire)?, [true, false, true]);
    Ok(())
}

#[test]
#[ignore = "needs root: namespaces, clsact"]
fn what_somebody_else_took_off_is_no_obstacle() -> Result<()> {
    let wire = Wire::new()?;
    let mut ebpf = loaded()?.ebpf;
    hold(&wire, &mut ebpf, |_| {
        wire.near.tc(&format!("qdisc del dev {NEAR} clsact"))?;
        Ok(())
    })?;
    hold(&wire, &mut ebpf, |_| {
        wire.near.ip(&format!("link del {NEAR}"))?;
        Ok(())
    })
}

#[test]
#[ignore = "needs root: namespaces, clsact"]
fn a_qdisc_that_was_made_for_nothing_is_removed() -> Result<()> {
    let wire = Wire::new()?;
    // Not loaded: the kernel cannot take it.
    let view = View { direction: Direction::Ingress, tunnels: true, nat64: Nat64::WELL_KNOWN };
    let mut ebpf = load(false, &view)?.ebpf;
    on_netlink(&wire.near, async |netlink: Handle| {
        let interface = interface::find(&netlink, NEAR).await?;
        let attached = clsact::attach(classifier(&mut ebpf)?, &interface, &netlink).await;
        let Err(error) = attached else { bail!("it attached") };
        let said = format!("{error:#}");
        assert!(said.starts_with("cannot attach to the egress of near0 by clsact: "), "{said}");
        Ok(())
    })?;
    assert_eq!(found(&wire)?, [false, false, false]);
    Ok(())
}

/// An ingress qdisc takes the place of clsact, and would run the program on what comes in.
#[test]
#[ignore = "needs root: namespaces, clsact"]
fn an_ingress_qdisc_in_its_place_is_refused_and_stays() -> Result<()> {
    let wire = Wire::new()?;
    wire.near.tc(&format!("qdisc add dev {NEAR} ingress"))?;
    let mut ebpf = loaded()?.ebpf;
    let Err(error) = hold(&wire, &mut ebpf, |_| Ok(())) else { bail!("it attached") };
    let said = "cannot attach to the egress of near0 by clsact: it has an ingress qdisc in its place";
    assert_eq!(format!("{error:#}"), said);
    assert!(wire.near.tc(&format!("qdisc show dev {NEAR}"))?.contains("ingress"));
    assert!(!wire.near.tc(&format!("filter show dev {NEAR} ingress"))?.contains("checker_egress"));
    Ok(())
}
