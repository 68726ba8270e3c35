//! What Linux tells of this process and its network, read at each scrape.

use std::collections::HashMap;
use std::fs;

use prometheus::core::{Collector, Desc};
use prometheus::proto::MetricFamily;
use prometheus::{Counter, Gauge, Opts, Result};

use super::names::{NETWORK_RECEIVED, NETWORK_TRANSMITTED};

/// As client libraries of Prometheus write them.
const OF_PROCESS: [(&str, &str); 6] = [
    (
        "process_cpu_seconds_total",
        "Total user and system CPU time spent in seconds.",
    ),
    (
        "process_max_fds",
        "Maximum number of open file descriptors.",
    ),
    ("process_open_fds", "Number of open file descriptors."),
    (
        "process_resident_memory_bytes",
        "Resident memory size in bytes.",
    ),
    (
        "process_start_time_seconds",
        "Start time of the process since unix epoch in seconds.",
    ),
    (
        "process_virtual_memory_bytes",
        "Virtual memory size in bytes.",
    ),
];

/// Collects them.
pub(super) struct Process {
    descriptions: Vec<Desc>,
}

impl Process {
    pub(super) fn new() -> Result<Self> {
        let network = [&NETWORK_TRANSMITTED, &NETWORK_RECEIVED].map(|name| (name.name, name.help));
        let all = OF_PROCESS.into_iter().chain(network);
        let described = |(name, help): (&str, &str)| {
            Desc::new(name.to_owned(), help.to_owned(), Vec::new(), HashMap::new())
        };
        Ok(Self {
            descriptions: all.map(described).collect::<Result<_>>()?,
        })
    }
}

impl Collector for Process {
    fn desc(&self) -> Vec<&Desc> {
        self.descriptions.iter().collect()
    }

    /// What cannot be read is left out: no series is better than a wrong one.
    fn collect(&self) -> Vec<MetricFamily> {
        let known = read();
        let described = self.descriptions.iter();
        let families = described.filter_map(|description| {
            let value = known.get(description.fq_name.as_str())?;
            let options = Opts::new(description.fq_name.clone(), description.help.clone());
            if is_counter(&description.fq_name) {
                let counter = Counter::with_opts(options).ok()?;
                counter.inc_by(*value);
                return Some(counter.collect());
            }
            let gauge = Gauge::with_opts(options).ok()?;
            gauge.set(*value);
            Some(gauge.collect())
        });
        families.flatten().collect()
    }
}

fn is_counter(name: &str) -> bool {
    [
        "process_cpu_seconds_total",
        NETWORK_TRANSMITTED.name,
        NETWORK_RECEIVED.name,
    ]
    .contains(&name)
}

fn read() -> HashMap<&'static str, f64> {
    let mut known = HashMap::new();
    let text = |path: &str| fs::read_to_string(path).unwrap_or_default();
    let ticks = rustix::param::clock_ticks_per_second() as f64;
    if let Some(stat) = Stat::parse(&text("/proc/self/stat")) {
        known.insert("process_cpu_seconds_total", stat.cpu_ticks / ticks);
        known.insert("process_virtual_memory_bytes", stat.virtual_bytes);
        let page = rustix::param::page_size() as f64;
        known.insert("process_resident_memory_bytes", stat.resident_pages * page);
        if let Some(boot) = boot_time(&text("/proc/stat")) {
            known.insert(
                "process_start_time_seconds",
                boot + stat.start_ticks / ticks,
            );
        }
    }
    if let Some(most) = most_files(&text("/proc/self/limits")) {
        known.insert("process_max_fds", most);
    }
    if let Ok(open) = fs::read_dir("/proc/self/fd") {
        // One of them is the directory that is read.
        known.insert("process_open_fds", open.count().saturating_sub(1) as f64);
    }
    if let Some((received, transmitted)) = network(&text("/proc/self/net/dev")) {
        known.insert(NETWORK_RECEIVED.name, received);
        known.insert(NETWORK_TRANSMITTED.name, transmitted);
    }
    known
}

/// `/proc/PID/stat`, as proc(5) describes it.
#[derive(Debug, PartialEq)]
struct Stat {
    cpu_ticks: f64,
    start_ticks: f64,
    virtual_bytes: f64,
    resident_pages: f64,
}

impl Stat {
    /// The name of the program, in brackets, may hold anything: fields are counted after the last bracket.
    fn parse(text: &str) -> Option<Self> {
        let (_, after) = text.rsplit_once(')')?;
        let fields: Vec<f64> = after
            .split_whitespace()
            .skip(1)
            .map_while(|field| field.parse().ok())
            .collect();
        // The first of them is the parent, field 4.
        let field = |number: usize| fields.get(number - 4).copied();
        Some(Self {
            cpu_ticks: field(14)? + field(15)?,
            start_ticks: field(22)?,
            virtual_bytes: field(23)?,
            resident_pages: field(24)?,
        })
    }
}

fn boot_time(text: &str) -> Option<f64> {
    let line = text.lines().find_map(|line| line.strip_prefix("btime "))?;
    line.trim().parse().ok()
}

/// The soft limit.
fn most_files(text: &str) -> Option<f64> {
    let line = text
        .lines()
        .find_map(|line| line.strip_prefix("Max open files"))?;
    match line.split_whitespace().next()? {
        "unlimited" => Some(f64::INFINITY),
        number => number.parse().ok(),
    }
}

/// Bytes received and transmitted, of all interfaces together, as in the reference.
fn network(text: &str) -> Option<(f64, f64)> {
    let mut sum = None;
    for line in text.lines().filter_map(|line| line.split_once(':')) {
        let fields: Vec<f64> = line
            .1
            .split_whitespace()
            .map_while(|field| field.parse().ok())
            .collect();
        let (received, transmitted) = (fields.first()?, fields.get(8)?);
        let (before_received, before_transmitted) = sum.unwrap_or((0.0, 0.0));
        sum = Some((before_received + received, before_transmitted + transmitted));
    }
    sum
}

#[cfg(test)]
#[path = "process_tests.rs"]
mod tests;
