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

/// The members of its cluster.
pub(super) fn members(view: &View) -> Markup {
    html! {
        @if !view.members.is_empty() {
            section aria-labelledby="members" {
                h2 #members { "Members of the cluster" }
                div.scrolls role="region" aria-label="Table of members" tabindex="0" {
                    table {
                        thead { tr {
                            th scope="col" { "Name" }
                            th scope="col" { "Role" }
                            th scope="col" { "Revision" }
                            th scope="col" { "Database" }
                            th scope="col" { "Answers" }
                        } }
                        tbody { @for member in &view.members {
                            tr {
                                th scope="row" { (member.name) }
                                td { (member.role) }
                                td { (member.revision) }
                                td { (member.database) }
                                td { (member.answers) }
                            }
                        } }
                    }
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
