use maud::{Markup, html};

use crate::view::View;

/// The sidecar, and the etcd beside it.
pub(super) fn member(view: &View) -> Markup {
    html! {
        @if !view.member.is_empty() {
            section aria-labelledby="member" {
                h2 #member { "This member" }
                dl.facts {
                    @for (name, fact) in &view.member { div { dt { (name) } dd { (fact) } } }
                }
            }
        }
    }
}

/// The store, and how old what is shown of it is.
pub(super) fn store(view: &View) -> Markup {
    let (level, as_of) = &view.as_of;
    html! {
        section aria-labelledby="store" {
            h2 #store { "The store" }
            @if let Some(location) = &view.location { p { (location) } }
            p data-level=(level.name()) { (as_of) }
        }
    }
}
