//! The ways to fail.

use std::time::Duration;

use testkit::proxy::{Fault, Match};

use testkit::stores::Stand;

/// One way to fail, once.
#[derive(Clone)]
pub(crate) struct Kind {
    pub(crate) name: &'static str,
    pub(crate) fault: Fault,
    /// Which requests can suffer it.
    pub(crate) on: Match,
    /// Which operations have requests that can.
    pub(crate) in_deeds: fn(&str) -> bool,
    /// What `Retry-After` says.
    pub(crate) asks_to_wait: Option<Duration>,
}

const ASKED: u64 = 23;

/// A byte of what is stored, not of what stands around it in a request.
const DAMAGED_BYTE: u64 = 20_000;

/// The name of the kind in which it does not arrive as it was sent.
pub(crate) const DAMAGED: &str = "damaged_upload";

/// Well-formed XML, which is what some parsers ask for and no more.
const PAGE: &str = "<html><body>maintenance</body></html>";

fn reads(deed: &str) -> bool {
    ["get", "get_range", "list"].contains(&deed)
}

/// All that can happen before this server.
pub(crate) fn kinds(stand: &Stand) -> Vec<Kind> {
    let mut kinds = vec![
        plain("status_500", Fault::status(500)),
        busy("status_503_with_retry_after", 503),
        busy("status_429_with_retry_after", 429),
        plain("reset_before_the_request", Fault::ResetRequest),
        plain("reset_after_the_reply", Fault::LoseReply),
        plain("stalled_body", Fault::Stall(100)),
        plain("truncated_body", Fault::Truncate(100)),
        Kind {
            on: Match::any().method("GET"),
            in_deeds: reads,
            ..plain("short_length", Fault::Shorten(1))
        },
        Kind {
            on: Match::any().method("GET"),
            in_deeds: reads,
            ..plain("no_length", Fault::Unmeasured)
        },
        Kind {
            on: Match::any().method("GET"),
            in_deeds: reads,
            ..plain("page_of_a_proxy", Fault::page(PAGE))
        },
        Kind {
            on: Match::any().method("GET"),
            in_deeds: reads,
            ..plain("empty_body", Fault::status(200))
        },
        Kind {
            on: Match::any().method("GET"),
            in_deeds: |deed| deed == "list",
            ..plain("half_a_document", Fault::Halve)
        },
        Kind {
            in_deeds: |deed| ["put", "overwrite", "send_in_parts"].contains(&deed),
            ..plain(DAMAGED, Fault::Damage(DAMAGED_BYTE))
        },
        plain("slow_link", Fault::Slow(8 << 20)),
    ];
    if let Some(expired) = stand.expired {
        kinds.push(Kind {
            // A reply to HEAD has no body to say it in.
            on: Match::any().other_than("HEAD"),
            in_deeds: |deed| deed != "head",
            ..plain("expired_credentials", expired())
        });
    }
    kinds
}

fn plain(name: &'static str, fault: Fault) -> Kind {
    Kind {
        name,
        fault,
        on: Match::any(),
        in_deeds: |_| true,
        asks_to_wait: None,
    }
}

fn busy(name: &'static str, status: u16) -> Kind {
    Kind {
        asks_to_wait: Some(Duration::from_secs(ASKED)),
        ..plain(name, Fault::busy(status, ASKED))
    }
}
