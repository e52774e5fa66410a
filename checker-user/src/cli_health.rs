//! What can be typed for `checker run` about how others see that it watches.

use std::{
    net::{Ipv4Addr, SocketAddr},
    time::Duration,
};

use anyhow::{Context as _, ensure};
use clap::Args;
use jiff::{Span, SpanRelativeTo};

use crate::cli::Switch;

/// The options of [`Health`] in a help text.
const HEALTH: &str = "Metrics and health";

/// Metrics and health of `checker run`.
#[derive(Debug, Args)]
pub struct Health {
    /// Serve /metrics, for Prometheus, and /healthz here. A port alone means this machine only: 127.0.0.1.
    #[arg(help_heading = HEALTH, long, value_name = "[ADDR:]PORT", value_parser = address)]
    pub metrics: Option<SocketAddr>,
    /// Not healthy when a list's file was not written for so long, as 7d or 36h; without it, lists may be of any age.
    #[arg(help_heading = HEALTH, long, value_name = "DURATION", value_parser = duration)]
    pub stale: Option<Duration>,
    /// How often the canary is looked for: an address that the kernel program must find.
    #[arg(help_heading = HEALTH, long, value_name = "DURATION", value_parser = duration, default_value = "1s")]
    pub canary_every: Duration,
    /// After so long without any packet that is told, and not healthy; where none ever came, it is not.
    #[arg(help_heading = HEALTH, long, value_name = "DURATION", value_parser = duration, default_value = "10min")]
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

/// `90s`, `12h`, `7d`.
pub(crate) fn duration(text: &str) -> anyhow::Result<Duration> {
    let span: Span = text.parse().ok().context("give a duration, as 90s, 12h or 7d")?;
    let duration = span.to_duration(SpanRelativeTo::days_are_24_hours())?;
    let duration = Duration::try_from(duration).context("a duration is not negative")?;
    ensure!(duration >= Duration::from_secs(1), "a second at least");
    Ok(duration)
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

    #[test]
    fn durations_have_a_unit() {
        let seconds = |text: &str| duration(text).map(|duration| duration.as_secs()).map_err(|_| ());
        assert_eq!(seconds("90s"), Ok(90));
        assert_eq!(seconds("7d"), Ok(604_800));
        assert_eq!(seconds("1w"), Ok(604_800));
        assert_eq!(seconds("1h30m"), Ok(5_400));
        for text in ["", "60", "1mo", "-5s", "0s", "500ms", "nonsense", "9999999999999999y"] {
            assert_eq!(seconds(text), Err(()), "{text}");
        }
    }
}
