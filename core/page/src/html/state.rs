use maud::{Markup, html};

use crate::view::{Level, Trouble, View};

/// What stands first.
pub(super) fn sentence(view: &View) -> Markup {
    let sentence = &view.sentence;
    html! {
        section.sentence data-level=(sentence.level.name()) aria-labelledby="state" {
            h2 #state.unseen { "What can be restored" }
            p.text { (sentence.text) }
            @if !sentence.detail.is_empty() {
                p { (sentence.detail) }
            }
        }
    }
}

/// What is under way. Where nobody knows how far it is, its bar has no value.
pub(super) fn work(view: &View) -> Markup {
    html! {
        @if !view.work.is_empty() {
            section aria-labelledby="work" {
                h2 #work { "Under way" }
                ul.work {
                    @for (number, task) in view.work.iter().enumerate() {
                        li {
                            p id={ "work-" (number) } { (task.what) }
                            @if let Some((done, of)) = task.part {
                                progress aria-labelledby={ "work-" (number) } value=(done) max=(of) {}
                            } @else {
                                progress aria-labelledby={ "work-" (number) } {}
                            }
                            @if !task.how_far.is_empty() { p.note { (task.how_far) } }
                        }
                    }
                }
            }
        }
    }
}

/// What is wrong and what to do, and then what is only to be known.
pub(super) fn troubles(view: &View) -> Markup {
    let (notes, wrong): (Vec<&Trouble>, Vec<&Trouble>) = view
        .troubles
        .iter()
        .partition(|one| one.level == Level::Good);
    html! {
        section aria-labelledby="wrong" {
            h2 #wrong { "What is wrong, and what to do" }
            @if wrong.is_empty() {
                p { @if view.as_of.0 == Level::Unknown { "Nothing that is known yet." } @else { "Nothing that is known here." } }
            } @else {
                ul.troubles {
                    @for trouble in wrong { (item(trouble)) }
                }
            }
        }
        @if !notes.is_empty() {
            section aria-labelledby="notes" {
                h2 #notes { "To be known" }
                ul.troubles {
                    @for note in notes { (item(note)) }
                }
            }
        }
    }
}

fn item(trouble: &Trouble) -> Markup {
    let level = trouble.level;
    let word = if level == Level::Good {
        "Note"
    } else {
        level.word()
    };
    html! {
        li data-level=(level.name()) {
            p { strong { (word) ": " } (trouble.what) }
            p.remedy { (with_code(trouble.remedy)) }
        }
    }
}

/// What stands between backticks is something to type.
fn with_code(text: &str) -> Markup {
    html! {
        @for (at, part) in text.split('`').enumerate() {
            @if at % 2 == 1 { code.typed { (part) } } @else { (part) }
        }
    }
}

/// A number for each question.
pub(super) fn tiles(view: &View) -> Markup {
    html! {
        @if !view.tiles.is_empty() {
            section aria-labelledby="numbers" {
                h2 #numbers.unseen { "In numbers" }
                dl.tiles {
                    @for tile in &view.tiles {
                        div {
                            dt { (tile.name) }
                            dd.value { (tile.value) }
                            @if !tile.note.is_empty() {
                                dd.note { (with_code(&tile.note)) }
                            }
                        }
                    }
                }
            }
        }
    }
}
