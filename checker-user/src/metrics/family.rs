//! A metric: its name, what it means, and its values by labels.

use std::fmt;

use prometheus_client::{
    collector::Collector,
    encoding::{DescriptorEncoder, MetricEncoder, NoLabelSet},
    metrics::MetricType,
};

/// Names and values of labels. Never an address: there is no end of them.
pub(super) type Labels = Vec<(&'static str, String)>;

/// One metric.
#[derive(Clone, Debug)]
pub(super) struct Family {
    /// Without `checker_`, and for a counter without `_total`.
    name: &'static str,
    help: &'static str,
    values: Values,
}

#[derive(Clone, Debug)]
enum Values {
    /// What only grows while the daemon runs.
    Counter(Vec<(Labels, u64)>),
    /// What goes up and down.
    Gauge(Vec<(Labels, f64)>),
    /// What is always 1 and says something by its labels.
    Info(Labels),
}

/// A counter.
pub(super) fn counter(
    name: &'static str,
    help: &'static str,
    values: impl IntoIterator<Item = (Labels, u64)>,
) -> Family {
    Family { name, help, values: Values::Counter(values.into_iter().collect()) }
}

/// A gauge.
pub(super) fn gauge(
    name: &'static str,
    help: &'static str,
    values: impl IntoIterator<Item = (Labels, f64)>,
) -> Family {
    Family { name, help, values: Values::Gauge(values.into_iter().collect()) }
}

/// A fixed text.
pub(super) const fn info(name: &'static str, help: &'static str, labels: Labels) -> Family {
    Family { name, help, values: Values::Info(labels) }
}

/// All metrics of one moment.
#[derive(Debug)]
pub(super) struct Families(pub(super) Vec<Family>);

impl Collector for Families {
    fn encode(&self, mut encoder: DescriptorEncoder<'_>) -> fmt::Result {
        for Family { name, help, values } in &self.0 {
            let kind = match values {
                Values::Counter(_) => MetricType::Counter,
                Values::Gauge(_) => MetricType::Gauge,
                Values::Info(_) => MetricType::Info,
            };
            let name = format!("checker_{name}");
            let mut metric = encoder.encode_descriptor(&name, help, None, kind)?;
            match values {
                Values::Counter(values) => each(&mut metric, values, |mut metric, value| {
                    metric.encode_counter::<NoLabelSet, _, u64>(value, None)
                })?,
                Values::Gauge(values) => {
                    each(&mut metric, values, |mut metric, value| metric.encode_gauge(value))?;
                }
                Values::Info(labels) => metric.encode_info(labels)?,
            }
        }
        Ok(())
    }
}

fn each<V>(
    metric: &mut MetricEncoder<'_>,
    values: &[(Labels, V)],
    encode: impl Fn(MetricEncoder<'_>, &V) -> fmt::Result,
) -> fmt::Result {
    for (labels, value) in values {
        encode(metric.encode_family(labels)?, value)?;
    }
    Ok(())
}
