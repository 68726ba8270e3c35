use maud::{Markup, html};

use crate::view::{Range, View};
use crate::words::{counted, grouped, moment};

/// More of them are a table to read, and that stands below.
const SHOWN: usize = 10;

/// What can be restored, with the command for each.
pub(super) fn ranges(view: &View) -> Markup {
    let more = view.ranges.len().saturating_sub(SHOWN);
    html! {
        @if !view.ranges.is_empty() {
            section aria-labelledby="ranges" {
                h2 #ranges { "What can be restored to" }
                ol.ranges {
                    @for (number, range) in view.ranges.iter().take(SHOWN).enumerate() {
                        (item(number, range))
                    }
                }
                @if more > 0 {
                    p { (counted(more, "older range is", "older ranges are")) " in the table of chains below." }
                }
                p.note { "Each command restores the last state of its range into a new directory where it runs, with the credentials of the store in its environment. Another revision of the range can take the place of its revision, or the flag for a time that of the flag for a revision. What is known here is names, lengths and metadata: " code.typed { "etcdbrctl verify" } " reads all of it." }
            }
        }
    }
}

fn item(number: usize, range: &Range) -> Markup {
    let command = format!("command-{number}");
    let button = format!("copy-{number}");
    let (first, last) = range.revisions;
    html! {
        li {
            p {
                @if range.is_newest { strong { "The newest that can be restored. " } }
                @if first == last {
                    "Revision " (grouped(first))
                } @else {
                    "Any revision from " (grouped(first)) " to " (grouped(last))
                }
                @if let Some(lineage) = &range.lineage { " of lineage " (lineage) }
                @match range.times {
                    (Some(from), Some(until)) if from != until => { ", from " (moment(from)) " to " (moment(until)) "." }
                    (Some(time), _) => { ", of " (moment(time)) "." }
                    _ => { "." }
                }
                @if range.is_encrypted { " It is encrypted: an identity of a recipient is needed." }
            }
            div.command {
                code id=(command) { (range.command) }
                button id=(button) type="button" data-copy=(command) hidden {
                    "Copy" span.unseen { " the command that restores revision " (grouped(last)) }
                }
            }
        }
    }
}
