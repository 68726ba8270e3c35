//! From a store to a data directory.

mod plan;
#[cfg(test)]
mod plan_tests;

pub use plan::{Plan, PlanError, Stop, Target, plan};
