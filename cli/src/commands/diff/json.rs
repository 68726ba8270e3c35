//! `-w json`: one document, in which keys and values are in base64.

use std::io;

use engine::diff::{Counts, Report};
use engine::keyspace::Difference;
use serde::Serialize;

use super::printer::Printer;
use crate::args::DiffArgs;
use crate::commands::key_view::{KeyView, Values, key_view};
use crate::commands::origin_view::{OriginView, origin_view};
use crate::listed_json::ListedJson;

pub(super) struct Json {
    document: ListedJson,
    values: Values,
}

impl Json {
    pub(super) fn new(args: &DiffArgs) -> Self {
        Self {
            document: ListedJson::new("differences"),
            values: Values {
                whole: !args.keys_only,
                decoded: args.decode,
            },
        }
    }
}

#[derive(Debug, Serialize)]
struct DifferenceView {
    what: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    from: Option<KeyView>,
    #[serde(skip_serializing_if = "Option::is_none")]
    to: Option<KeyView>,
}

/// After the list.
#[derive(Debug, Serialize)]
struct ReportView<'a> {
    from: OriginView<'a>,
    to: OriginView<'a>,
    counts: Counts,
}

impl Printer for Json {
    fn print(&mut self, difference: &Difference) -> io::Result<()> {
        let (what, from, to) = match difference {
            Difference::Added(to) => ("added", None, Some(to)),
            Difference::Removed(from) => ("removed", Some(from), None),
            Difference::Changed { from, to } => ("changed", Some(from), Some(to)),
            Difference::Rewritten { from, to } => ("rewritten", Some(from), Some(to)),
        };
        let values = self.values;
        self.document.item(&DifferenceView {
            what,
            from: from.map(|kv| key_view(kv, values)),
            to: to.map(|kv| key_view(kv, values)),
        })
    }

    fn finish(self: Box<Self>, report: &Report) -> io::Result<()> {
        self.document.finish(&ReportView {
            from: origin_view(&report.from),
            to: origin_view(&report.to),
            counts: report.counts,
        })
    }
}
