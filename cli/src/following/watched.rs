use std::sync::{Mutex, PoisonError};

use engine::snapshot::taking::Notice;
use engine::verify::Watched;

/// The watch of the snapshotter, as far as it has told: as long as one goes on, the member behind it was not restarted.
#[derive(Debug, Default)]
pub(super) struct WatchState(Mutex<State>);

#[derive(Debug, Default)]
struct State {
    watched: Option<Watched>,
    begun: u64,
}

impl WatchState {
    /// Hears what is told of watches.
    pub(super) fn hear(&self, notice: &Notice<'_>) {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match notice {
            Notice::Follows { member, .. } => {
                state.begun += 1;
                state.watched = Some(Watched {
                    member: member.member_id,
                    number: state.begun,
                });
            }
            Notice::WatchEnded { .. } | Notice::EventsMissing { .. } | Notice::Unwatched => {
                state.watched = None;
            }
            _ => {}
        }
    }

    /// The one that goes on now, if this member serves it.
    pub(super) fn of(&self, member: u64) -> Option<Watched> {
        let state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        state.watched.filter(|watched| watched.member == member)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use client::Header;

    /// An etcd that was restarted between two looks would count as one that remembers.
    #[test]
    fn a_watch_that_begins_again_is_another() {
        let state = WatchState::default();
        let member = Header {
            member_id: 7,
            ..Header::default()
        };
        let follows = Notice::Follows {
            from: 2,
            member: &member,
        };
        assert_eq!(state.of(7), None);
        state.hear(&follows);
        let first = state.of(7);
        assert!(first.is_some() && state.of(8).is_none());
        for ended in [
            Notice::Unwatched,
            Notice::WatchEnded { why: String::new() },
            Notice::EventsMissing { first: 3, last: 4 },
        ] {
            state.hear(&ended);
            assert_eq!(state.of(7), None);
            state.hear(&follows);
            assert!(state.of(7).is_some() && state.of(7) != first);
        }
    }
}
