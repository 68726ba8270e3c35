//! How a member whose data directory is of no use gets its place among those who serve again.

mod mark;
mod plan;
mod rejoin;

pub(crate) use mark::MemberMark;
pub(crate) use plan::{Own, Plan, plan};
pub(crate) use rejoin::{Place, Rejoining, look};
