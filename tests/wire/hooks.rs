//! Both programs on one interface, or neither. Called straight, since no kernel refuses the second one on request.

use anyhow::{Result, bail};
use checker_common::nat64::Nat64;
use checker_user::datapath::{
    attach::ModeWish,
    attachment::{attach, detach},
    direction::{Direction, View},
    interface,
    load::load,
};
use harness::veth::{NEAR, Wire};

use crate::on_netlink;

fn view(direction: Direction) -> View {
    View { direction, tunnels: true, nat64: Nat64::WELL_KNOWN }
}

#[test]
#[ignore = "needs root: namespaces, XDP, TCX"]
fn when_the_second_fails_nothing_is_left_of_the_first() -> Result<()> {
    let wire = Wire::new()?;
    // The program for what goes out is not loaded, so that the kernel cannot take it.
    let mut ebpf = load(false, &view(Direction::Ingress))?.ebpf;
    let error = on_netlink(&wire.near, async |netlink| {
        let interface = interface::find(&netlink, NEAR).await?;
        match attach(&mut ebpf, interface, Direction::Both, ModeWish::Auto, false, &netlink).await {
            Ok(_) => bail!("it attached"),
            Err(error) => Ok(format!("{error:#}")),
        }
    })?;
    assert!(error.starts_with("cannot attach to the egress of near0"), "{error}");
    assert_eq!(wire.xdp_program(NEAR)?, None);
    assert!(wire.egress_programs(NEAR)?.is_empty(), "something is left");
    Ok(())
}

#[test]
#[ignore = "needs root: namespaces, XDP, TCX"]
fn both_are_there_and_then_neither() -> Result<()> {
    let wire = Wire::new()?;
    let mut ebpf = load(false, &view(Direction::Both))?.ebpf;
    on_netlink(&wire.near, async |netlink| {
        let interface = interface::find(&netlink, NEAR).await?;
        let both = attach(&mut ebpf, interface, Direction::Both, ModeWish::Auto, false, &netlink).await?;
        assert!(wire.xdp_program(NEAR)?.is_some());
        assert_eq!(wire.egress_programs(NEAR)?.len(), 1);
        detach(both, &mut ebpf, &netlink).await?;
        Ok(())
    })?;
    assert_eq!(wire.xdp_program(NEAR)?, None);
    assert!(wire.egress_programs(NEAR)?.is_empty(), "something is left");
    Ok(())
}
