//! What follows from what is known of the backups, set at each scrape: pure but for the gauges.

use jiff::Timestamp;
use page::Held;
use prometheus::{GaugeVec, Registry, Result};

use super::names;
use super::registry::gauge;
use crate::ports::{Backups, age};

pub(super) struct Derived {
    restorable_revision: GaugeVec,
    restorable_age: GaugeVec,
    loss_seconds: GaugeVec,
    loss_revisions: GaugeVec,
    proof_age: GaugeVec,
    backups_missing: GaugeVec,
}

impl Derived {
    pub(super) fn new(registry: &Registry) -> Result<Self> {
        Ok(Self {
            restorable_revision: gauge(registry, &names::RESTORABLE_REVISION)?,
            restorable_age: gauge(registry, &names::RESTORABLE_AGE)?,
            loss_seconds: gauge(registry, &names::LOSS_SECONDS)?,
            loss_revisions: gauge(registry, &names::LOSS_REVISIONS)?,
            proof_age: gauge(registry, &names::PROOF_AGE)?,
            backups_missing: gauge(registry, &names::BACKUPS_MISSING)?,
        })
    }

    /// What is not known is NaN, which no comparison is true of: 0 would say that nothing is lost.
    pub(super) fn set(&self, backups: &Backups, now: Timestamp) -> Result<()> {
        let set = |gauge: &GaugeVec, value: Option<f64>| {
            let gauge = gauge.get_metric_with_label_values::<&str>(&[])?;
            gauge.set(value.unwrap_or(f64::NAN));
            Ok::<_, prometheus::Error>(())
        };
        let held = backups.held();
        set(
            &self.backups_missing,
            held.map(|held| f64::from(held != Held::All)),
        )?;
        let backups = &backups.clone().believed();
        let restorable = backups.restorable.as_ref();
        set(
            &self.restorable_revision,
            restorable.map(|it| it.revision as f64),
        )?;
        set(
            &self.restorable_age,
            restorable.map(|it| age(it.complete_until, now)),
        )?;
        let loss = backups.loss(now);
        set(&self.loss_seconds, loss.as_ref().map(|loss| loss.seconds))?;
        set(
            &self.loss_revisions,
            loss.as_ref().map(|loss| loss.revisions as f64),
        )?;
        for (tier, value) in [(1, "1"), (2, "2"), (3, "3"), (4, "4")] {
            let made = backups.proofs.iter().filter(|proof| proof.tier == tier);
            let youngest = made.map(|proof| age(proof.made_at, now)).reduce(f64::min);
            let gauge = self.proof_age.get_metric_with_label_values(&[value])?;
            gauge.set(youngest.unwrap_or(f64::INFINITY));
        }
        Ok(())
    }
}
