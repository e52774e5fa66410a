//! What can be typed for `checker run` about how others see that it watches.

use std::{
    net::{Ipv4Addr, SocketAddr},
    time::Duration,
};

use anyhow::Context as _;
use clap::Args;

use super::{switch::Switch, time::seconds};

/// The options of [`Health`] in a help text.
const HEALTH: &str = "Metrics and health";

/// Metrics and health of `checker run`.
#[derive(Debug, Args)]
pub struct Health {
    /// Serve /metrics, for Prometheus, and /healthz here. A port alone means this machine only: 127.0.0.1.
    #[arg(help_heading = HEALTH, long, value_name = "[ADDR:]PORT", value_parser = address)]
    pub metrics: Option<SocketAddr>,
    /// Not healthy when a list's file was not written for so long, as 7d or 36h; without it, lists may be of any age.
    #[arg(help_heading = HEALTH, long, value_name = "DURATION", value_parser = seconds)]
    pub stale: Option<Duration>,
    /// How often the canary is looked for: an address that the kernel program must find.
    #[arg(help_heading = HEALTH, long, value_name = "DURATION", value_parser = seconds, default_value = "1s")]
    pub canary_every: Duration,
    /// After so long without a packet on an interface that is told, and not healthy; where none ever came, it is not.
    #[arg(help_heading = HEALTH, long, value_name = "DURATION", value_parser = seconds, default_value = "10min")]
    pub silence: Duration,
    /// Attach again where somebody took the program off or replaced it, or removed the interface and there is one of its
    /// name again. A foreign program in its place stays, unless --force.
    #[arg(help_heading = HEALTH, long)]
    pub reattach: bool,
    /// Whether starts, stops, and changes of lists, with who made them, are records of the stream too. With a sealed log
    /// they are in any case.
    #[arg(help_heading = HEALTH, long, value_enum, default_value_t = Switch::On, value_name = "SWITCH")]
    pub audit: Switch,
}

fn address(text: &str) -> anyhow::Result<SocketAddr> {
    if let Ok(port) = text.trim_start_matches(':').parse() {
        return Ok((Ipv4Addr::LOCALHOST, port).into());
    }
    text.parse()
        .ok()
        .context("give a port, as 9464, or an address and a port, as 192.0.2.1:9464 or [::1]:9464")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_port_alone_is_on_this_machine() {
        for text in ["9464", ":9464", "127.0.0.1:9464"] {
            assert_eq!(address(text).unwrap().to_string(), "127.0.0.1:9464", "{text}");
        }
        assert_eq!(address("[::1]:9464").unwrap().to_string(), "[::1]:9464");
        assert_eq!(address("0.0.0.0:9464").unwrap().to_string(), "0.0.0.0:9464");
        for text in ["", "localhost", "65536", "127.0.0.1", "::1:9464x", "-1"] {
            assert!(address(text).is_err(), "{text}");
        }
    }
}
