//! The shapes of a view in HTML. maud escapes all that is put into it; nothing is decided here.

mod frame;
mod place;
mod ranges;
mod state;
mod table;
mod timeline;

use maud::{Markup, html};

use crate::view::View;

/// The page, from its first byte to its last.
pub fn document(view: &View) -> String {
    frame::around(view, main(view)).into_string()
}

fn main(view: &View) -> Markup {
    html! {
        (state::sentence(view))
        (state::work(view))
        (state::troubles(view))
        (state::tiles(view))
        (ranges::ranges(view))
        (timeline::timeline(view))
        (table::chains(view))
        (place::member(view))
        (place::members(view))
        (place::store(view))
    }
}
