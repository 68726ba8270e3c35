//! The table of names, as what Prometheus gathers.

use prometheus::core::Collector;
use prometheus::{CounterVec, GaugeVec, HistogramOpts, HistogramVec, Opts, Registry, Result};

use super::names::{Label, Name, SECONDS};

/// A counter for each value of the labels.
pub(super) fn counter(registry: &Registry, name: &Name) -> Result<CounterVec> {
    let counter = CounterVec::new(Opts::new(name.name, name.help), &labels(name))?;
    for values in combinations(name.labels) {
        counter.get_metric_with_label_values(&values)?;
    }
    registered(registry, counter)
}

/// A gauge for each value of the labels.
pub(super) fn gauge(registry: &Registry, name: &Name) -> Result<GaugeVec> {
    let gauge = GaugeVec::new(Opts::new(name.name, name.help), &labels(name))?;
    for values in combinations(name.labels) {
        gauge.get_metric_with_label_values(&values)?;
    }
    registered(registry, gauge)
}

/// A histogram for each value of the labels.
pub(super) fn histogram(registry: &Registry, name: &Name) -> Result<HistogramVec> {
    let options = HistogramOpts::new(name.name, name.help).buckets(SECONDS.to_vec());
    let histogram = HistogramVec::new(options, &labels(name))?;
    for values in combinations(name.labels) {
        histogram.get_metric_with_label_values(&values)?;
    }
    registered(registry, histogram)
}

fn registered<C: Collector + Clone + 'static>(registry: &Registry, collector: C) -> Result<C> {
    registry.register(Box::new(collector.clone()))?;
    Ok(collector)
}

fn labels(name: &Name) -> Vec<&'static str> {
    name.labels.iter().map(|label| label.name).collect()
}

/// Each value of each label with each of the others: alerts need a series before anything has happened.
pub(super) fn combinations(labels: &[Label]) -> Vec<Vec<&'static str>> {
    let mut all = vec![Vec::new()];
    for label in labels {
        let with = |before: &Vec<&'static str>| {
            let before = before.clone();
            let values = label.values.iter();
            values
                .map(move |value| [before.clone(), vec![*value]].concat())
                .collect::<Vec<_>>()
        };
        all = all.iter().flat_map(with).collect();
    }
    all
}
