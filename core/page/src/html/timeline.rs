//! Lines of time. Words stand in HTML: what is drawn shrinks with the screen, and letters would too.

use maud::{Markup, html};

use crate::view::{Lane, Timeline, View, WIDTH, Window};
use crate::words::{counted, moment};

pub(super) fn timeline(view: &View) -> Markup {
    html! {
        @if let Some(timeline) = &view.timeline {
            section aria-labelledby="time" {
                h2 #time { "In time" }
                (windows(timeline.window))
                @for (number, lane) in timeline.lanes.iter().enumerate() {
                    (drawn(number, lane))
                }
                (ends(timeline))
                (legend())
                @if timeline.left_out > 0 {
                    p { (counted(timeline.left_out, "older lineage is", "older lineages are")) " not drawn." }
                }
            }
        }
    }
}

fn windows(shown: Window) -> Markup {
    html! {
        nav aria-label="How much of time is drawn" {
            @for window in Window::ALL {
                @let current = (window == shown).then_some("true");
                a id={ "window-" (window.word()) } href={ "?window=" (window.word()) } aria-current=[current] { (window.word()) }
                " "
            }
        }
    }
}

fn drawn(number: usize, lane: &Lane) -> Markup {
    let (title, description, hatch) = (
        format!("lane-{number}"),
        format!("lane-{number}-desc"),
        format!("hatch-{number}"),
    );
    let bars = |class: &'static str, spans: &[(u32, u32)], fill: Option<String>| {
        html! {
            @for (from, to) in spans {
                rect class=(class) x=(from) y="10" width=(to.saturating_sub(*from).max(3)) height="14" fill=[&fill] {}
            }
        }
    };
    html! {
        p.lane { (lane.label) }
        svg.drawn viewBox={ "0 0 " (WIDTH + 12) " 40" } preserveAspectRatio="none" role="img" aria-labelledby={ (title) " " (description) } {
            title id=(title) { (lane.label) }
            desc id=(description) { (lane.description) }
            pattern id=(hatch) patternUnits="userSpaceOnUse" width="10" height="10" patternTransform="rotate(45)" {
                rect class="hatched" width="10" height="10" {}
                rect class="hatching" width="4" height="10" {}
            }
            rect class="axis" x="0" y="16" width=(WIDTH + 12) height="2" {}
            (bars("restorable", &lane.restorable, None))
            (bars("lost", &lane.lost, Some(format!("url(#{hatch})"))))
            @for x in &lane.deltas { rect class="delta" x=(x) y="27" width="2" height="8" {} }
            @for x in &lane.fulls { rect class="full" x=(x) y="6" width="8" height="30" {} }
            @for x in &lane.proofs { rect class="proof" x=(x) y="0" width="10" height="5" {} }
        }
    }
}

fn ends(timeline: &Timeline) -> Markup {
    let (from, to) = timeline.times;
    html! {
        p.ends { span { (moment(from)) } span { (moment(to)) } }
    }
}

fn legend() -> Markup {
    let sample = |class: &'static str| {
        html! {
            svg.sample viewBox="0 0 16 12" aria-hidden="true" { rect class=(class) width="16" height="12" {} }
        }
    };
    html! {
        ul.legend {
            li { (sample("full")) " full" }
            li { (sample("delta")) " deltas" }
            li { (sample("restorable")) " can be restored" }
            li {
                svg.sample viewBox="0 0 16 12" aria-hidden="true" {
                    rect class="hatched" width="16" height="12" {}
                    rect class="hatching" width="3" height="12" {}
                    rect class="hatching" x="7" width="3" height="12" {}
                }
                " stored, and cannot be"
            }
            li { (sample("proof")) " proof" }
        }
    }
}
