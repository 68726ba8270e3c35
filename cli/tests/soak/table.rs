//! What is said of a run.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::course::Came;
use crate::fault::Fault;

/// One fault, and what came of it.
pub(crate) struct Round {
    pub(crate) fault: Fault,
    /// Until all was well again.
    pub(crate) took: Duration,
    pub(crate) came: Came,
}

/// All of them.
#[derive(Default)]
pub(crate) struct Table {
    rows: BTreeMap<Fault, Row>,
    pub(crate) writes: u64,
    pub(crate) snapshots: usize,
}

#[derive(Default)]
struct Row {
    times: usize,
    longest: Duration,
    lost: usize,
}

impl Table {
    pub(crate) fn add(&mut self, round: Round) {
        let Came { what, lost, said } = round.came;
        let loss = match lost {
            0 => String::new(),
            _ => format!("; {lost} writes lost, said: {said}"),
        };
        let took = round.took.as_secs_f64();
        println!("         {what}: well after {took:.1} s{loss}");
        let row = self.rows.entry(round.fault).or_default();
        row.times += 1;
        row.longest = row.longest.max(round.took);
        row.lost += lost;
    }

    pub(crate) fn print(&self) {
        println!("| fault | times | longest, s | writes lost |");
        println!("|---|---|---|---|");
        for (fault, row) in &self.rows {
            let longest = row.longest.as_secs_f64();
            println!("| {fault} | {} | {longest:.1} | {} |", row.times, row.lost);
        }
        println!(
            "{} writes and {} snapshots were acknowledged",
            self.writes, self.snapshots
        );
    }
}
