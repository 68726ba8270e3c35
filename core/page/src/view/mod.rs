//! What the page says: decided here, without a word of HTML.

mod facts;
mod level;
mod listed_troubles;
mod members;
mod ranges;
mod reach;
mod rows;
mod sentence;
mod tiles;
mod timeline;
mod trouble;
mod troubles;
mod window;
mod work;

use jiff::Timestamp;

use crate::known::Known;

pub use facts::Fact;
pub use level::Level;
pub use members::MemberRow;
pub use ranges::Range;
pub use rows::Row;
pub use sentence::Sentence;
pub use tiles::Tile;
pub(crate) use timeline::WIDTH;
pub use timeline::{Lane, Timeline};
pub use trouble::Trouble;
pub use window::Window;
pub use work::Task;

/// All that the page shows.
#[derive(Debug, Clone)]
pub struct View {
    /// What time it is.
    pub now: Timestamp,
    /// The version of the program.
    pub version: String,
    /// What stands first.
    pub sentence: Sentence,
    /// A number for each question.
    pub tiles: Vec<Tile>,
    /// What is wrong, the worst first.
    pub troubles: Vec<Trouble>,
    /// What is under way.
    pub work: Vec<Task>,
    /// What can be restored.
    pub ranges: Vec<Range>,
    /// The same in time.
    pub timeline: Option<Timeline>,
    /// The chains.
    pub rows: Vec<Row>,
    /// Each lineage, where there are several.
    pub lineages: Vec<(String, String)>,
    /// The sidecar and its etcd.
    pub member: Vec<Fact>,
    /// The members of its cluster, where there are several.
    pub members: Vec<MemberRow>,
    /// Where the store is; `None` where there is none.
    pub location: Option<String>,
    /// How old what is shown of it is.
    pub as_of: (Level, String),
    /// After how many seconds it is asked for again.
    pub again: u32,
}

/// Seconds between two looks, and between those while something is under way.
const AGAIN: u32 = 15;
const WHILE_WORKING: u32 = 2;

impl View {
    /// Of what is known.
    pub fn of(known: &Known, window: Window) -> Self {
        let troubles = troubles::troubles(known);
        let store = known.store.as_ref();
        let listing = store.and_then(|store| store.listing.as_deref());
        let work = work::tasks(known);
        let is_listed = store.is_none_or(|store| store.listing.is_some() || store.fault.is_some());
        Self {
            now: known.now,
            version: known.version.clone(),
            sentence: sentence::sentence(known, &troubles),
            tiles: tiles::tiles(known),
            troubles,
            ranges: store
                .map(|store| ranges::ranges(known, store))
                .unwrap_or_default(),
            timeline: timeline::timeline(known, window),
            rows: store
                .map(|store| rows::rows(known, store))
                .unwrap_or_default(),
            lineages: listing.map(rows::lineages).unwrap_or_default(),
            member: facts::member(known),
            members: members::members(known),
            location: store.map(|store| store.location.clone()),
            as_of: tiles::as_of(known),
            again: match work.is_empty() && is_listed {
                true => AGAIN,
                false => WHILE_WORKING,
            },
            work,
        }
    }
}
