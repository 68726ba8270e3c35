//! `-o json`: one document, in which keys are in base64.

use std::io;

use base64_simd::STANDARD;
use engine::extract::{Counts, Outcome, Report, Step};
use engine::keyspace::Difference;
use serde::Serialize;

use super::printer::{Printer, both};
use crate::args::ExtractArgs;
use crate::commands::key_view::{KeyView, Values, key_view};
use crate::commands::origin_view::{OriginView, origin_view};
use crate::listed_json::ListedJson;

pub(super) struct Json {
    document: ListedJson,
    decoded: bool,
}

impl Json {
    pub(super) fn new(args: &ExtractArgs) -> Self {
        Self {
            document: ListedJson::new("keys"),
            decoded: args.decode,
        }
    }
}

#[derive(Debug, Serialize)]
struct StepView {
    key: String,
    what: &'static str,
    outcome: &'static str,
    /// Where it was written, by us or by somebody else.
    #[serde(skip_serializing_if = "Option::is_none")]
    revision: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    why: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    backup: Option<KeyView>,
    #[serde(skip_serializing_if = "Option::is_none")]
    live: Option<KeyView>,
}

/// After the list.
#[derive(Debug, Serialize)]
struct ReportView<'a> {
    from: OriginView<'a>,
    to: Option<OriginView<'a>>,
    counts: Counts,
}

impl Printer for Json {
    fn print(&mut self, step: &Step) -> io::Result<()> {
        let values = Values {
            whole: false,
            decoded: self.decoded,
        };
        let (backup, live) = both(&step.difference);
        let key = backup.or(live).map(|kv| STANDARD.encode_to_string(&kv.key));
        let (outcome, revision, why) = match &step.outcome {
            Outcome::Planned => ("planned", None, None),
            Outcome::Left => ("left", None, None),
            Outcome::Written(revision) => ("written", Some(*revision), None),
            Outcome::WrittenMeanwhile(revision) => ("written meanwhile", Some(*revision), None),
            Outcome::TooLarge(why) => ("too large", None, Some(why.clone())),
        };
        self.document.item(&StepView {
            key: key.unwrap_or_default(),
            what: match &step.difference {
                Difference::Removed(_) => "gone",
                Difference::Added(_) => "extra",
                Difference::Changed { .. } | Difference::Rewritten { .. } => "changed",
            },
            outcome,
            revision,
            why,
            backup: backup.map(|kv| key_view(kv, values)),
            live: live.map(|kv| key_view(kv, values)),
        })
    }

    fn finish(self: Box<Self>, report: &Report) -> io::Result<()> {
        self.document.finish(&ReportView {
            from: origin_view(&report.from),
            to: report.to.as_ref().map(origin_view),
            counts: report.counts,
        })
    }
}
