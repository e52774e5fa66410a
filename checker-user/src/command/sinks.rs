//! Options → sinks.

use anyhow::anyhow;

use crate::{
    alerts::write::sink::{spec::SinkSpec, webhook::endpoint::Endpoint},
    cli::sinks::SinkOptions,
};

/// The sinks that were asked for, in the order of the help text.
pub(super) fn specs(options: &SinkOptions) -> anyhow::Result<Vec<SinkSpec>> {
    let log = options.log.as_ref().map(|path| SinkSpec::File { path: path.clone(), sync: options.log_sync });
    let syslog = options.syslog.iter().map(|target| SinkSpec::Syslog {
        target: target.clone(),
        facility: options.syslog_facility,
        payload: options.syslog_format,
    });
    // Not by clap, which repeats what it does not understand: it may be a secret.
    let endpoint = options.webhook.as_ref().map(|url| url.parse::<Endpoint>()).transpose();
    let endpoint = endpoint.map_err(|reason| anyhow!("--webhook: {reason}"))?;
    let webhook = endpoint.map(|endpoint| SinkSpec::Webhook {
        endpoint,
        token: options.webhook_token_file.clone(),
        spool: options.spool.clone().map(|folder| (folder, options.spool_limit << 20)),
    });
    let journald = options.journald.as_ref().map(|path| SinkSpec::Journald { path: path.clone() });
    Ok(log.into_iter().chain(syslog).chain(webhook).chain(journald).collect())
}
