//! What stands around the content: the head, the title, and the foot.

use maud::{DOCTYPE, Markup, PreEscaped, html};

use crate::assets::{SCRIPT, STYLE};
use crate::view::View;
use crate::words::moment;

pub(super) fn around(view: &View, content: Markup) -> Markup {
    let level = view.sentence.level;
    html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="referrer" content="no-referrer";
                title { (level.word()) ": backups of etcd" }
                // Without a script it is asked for as a whole.
                noscript { meta http-equiv="refresh" content=(view.again); }
                style { (PreEscaped(STYLE)) }
            }
            body {
                a.skip href="#main" { "Skip to the content" }
                header {
                    h1 { "Backups of etcd" }
                    @if let Some(location) = &view.location {
                        p.location { (location) }
                    }
                    // The word alone is announced: times change each time that the page is renewed.
                    p #verdict role="status" data-level=(level.name()) {
                        span aria-hidden="true" { (level.sign()) } " " (level.word())
                    }
                    p.renewing {
                        span #renewed { "As of " (moment(view.now)) "." } " "
                        button #pause type="button" aria-pressed="false" hidden { "Pause updates" }
                    }
                }
                main #main tabindex="-1" data-again=(view.again) { (content) }
                footer {
                    p { "etcdbrctl " (view.version) ". This page changes nothing. Times are in UTC." }
                }
                script { (PreEscaped(SCRIPT)) }
            }
        }
    }
}
