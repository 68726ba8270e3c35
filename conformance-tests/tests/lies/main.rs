//! Does the suite notice? Stores that break one promise each, and the cases that must fail on
//! them. A case that passes on every liar would be a test that cannot fail.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

mod liar;
mod versioned;

use std::collections::BTreeSet;
use std::sync::Arc;

use conformance_tests::{Context, all, run_case};
use futures::future::join_all;
use snapstore::clock::{Clock, SystemClock};
use snapstore::layers::with_layers;
use snapstore::{Key, Snapstore, SnapstoreExt};
use tokio::runtime::Builder;

use liar::{Liar, Lie};
use versioned::{Paging, Versioned};

/// The names of the cases that fail.
fn caught(open: impl Fn() -> Arc<dyn Snapstore>) -> Vec<&'static str> {
    let mut runtime = Builder::new_multi_thread();
    let runtime = runtime.enable_time().build().unwrap();
    let cases = all().map(async |case| {
        let outcome = run_case(case, Context::new(open(), 7)).await;
        outcome.err().map(|_| case.name)
    });
    let failed = runtime.block_on(join_all(cases));
    failed.into_iter().flatten().collect()
}

#[test]
fn an_honest_store_passes() {
    assert_eq!(caught(|| Liar::open(Lie::Honest)), [""; 0]);
    assert_eq!(caught(|| Versioned::open(Paging::ByVersion)), [""; 0]);
}

/// As fake-gcs-server does it.
#[test]
fn versions_that_are_shown_twice_are_noticed() {
    let caught = caught(|| Versioned::open(Paging::ByName));
    assert_eq!(caught, ["list::every_page_of_versions_is_walked_once"]);
}

const NO_TRICKLE: &str = "get::a_body_does_not_trickle";

/// A byte in each second is never silent, and 300,000 of them are four days.
#[tokio::test(start_paused = true)]
async fn a_body_that_trickles_is_noticed() {
    let mut cases = all();
    let case = cases.find(|case| case.name == NO_TRICKLE).unwrap();
    let outcome = run_case(case, Context::new(Liar::open(Lie::Trickles), 7)).await;
    let failure = outcome.unwrap_err().to_string();
    assert!(failure.contains("only 61 bytes came"), "{failure}");
}

/// Each piece that comes is a reason to go on with a body that broke off; it must not be one here, or the
/// tries would never end.
#[tokio::test(start_paused = true)]
async fn a_body_that_trickles_is_given_up_after_some_attempts() {
    let (key, liar) = (Key::new("v2/x").unwrap(), Liar::open(Lie::Trickles));
    let data = vec![7; 300_000];
    liar.put(&key, data.into(), Default::default())
        .await
        .unwrap();
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let store = with_layers(liar, &clock, 7);
    let error = store.read(&key.into()).await.unwrap_err();
    assert!(error.message().contains("bytes came in"), "{error}");
}

/// Each lie, and the case of the promise that it breaks.
const LIES: &[(Lie, &str)] = &[
    (Lie::CreateNewLooksFirst, "put::create_new_has_one_winner"),
    (Lie::CreateNewOverwrites, "put::create_new_is_the_default"),
    (Lie::Truncates, "put::what_was_put_is_read"),
    (Lie::ShowsHalf, "put::a_dropped_put_is_nothing_or_whole"),
    (Lie::RefusesLongRanges, "get::a_range_is_cut_at_the_end"),
    (
        Lie::MissingIsUnexpected,
        "get::what_is_missing_is_not_found",
    ),
    (Lie::DeleteMissingFails, "delete::deleting_nothing_succeeds"),
    (
        Lie::PrefixBySegment,
        "list::a_prefix_is_compared_byte_by_byte",
    ),
    (Lie::OnePage, "list::every_page_is_walked_once"),
    (
        Lie::IgnoresVersions,
        "versions::one_version_is_deleted_alone",
    ),
    (
        Lie::ClaimsVersions,
        "versions::an_overwritten_version_can_be_read",
    ),
    (Lie::HidesUploads, "upload::parts_become_one_object"),
    (
        Lie::UploadsOverwrite,
        "upload::create_new_is_decided_at_completion",
    ),
    (
        Lie::PutsShareABuffer,
        "put::writers_of_different_keys_do_not_meet",
    ),
    (
        Lie::LosesAFullLastPart,
        "body::lengths_around_a_part_arrive_whole",
    ),
    (Lie::EndsLongBodies, "body::of_64_mib_arrives_whole"),
    (
        Lie::CompletesManyPartsOnce,
        "upload::completion_of_many_parts_may_be_repeated",
    ),
    (Lie::RefusesNothing, "put::an_empty_object_is_an_object"),
    (Lie::CachesHeads, "head::it_follows_an_overwrite"),
    (Lie::GetLeavesOutTheEtag, "head::get_says_the_same"),
    (Lie::ListsWhatWas, "list::it_shows_what_was_put_at_once"),
    (Lie::ListsWhatWas, "list::it_hides_what_was_deleted_at_once"),
    (Lie::ListsNoSizes, "list::it_says_what_head_says"),
    (Lie::TrimsThePrefix, "list::siblings_do_not_mix"),
    (Lie::TrimsThePrefix, "list::nothing_is_an_empty_listing"),
    (Lie::IgnoresTheToken, "list::every_page_is_walked_once"),
    (Lie::DropsAnEntry, "list::it_shows_what_was_put_at_once"),
    (Lie::ShortensPages, "list::every_page_is_walked_once"),
    (Lie::ListsTwice, "list::no_object_is_listed_twice"),
    (
        Lie::ListsNothingNowAndThen,
        "list::it_shows_what_was_put_at_once",
    ),
    (Lie::ReadsAPageOfAProxy, "get::many_may_read_at_once"),
    (Lie::IgnoresRanges, "get::a_range_is_those_bytes"),
    (Lie::ListsAnotherLength, "list::it_says_what_head_says"),
    (
        Lie::CopiesLessThanAll,
        "copy::a_copy_has_the_bytes_of_its_original",
    ),
    (
        Lie::CopiesLessThanAll,
        "copy::a_copy_of_an_upload_has_all_of_its_parts",
    ),
    (Lie::CopiesOverwrite, "copy::a_name_that_is_taken_is_left"),
    (
        Lie::CopiesReplaceNothing,
        "copy::what_is_there_may_be_replaced",
    ),
    (Lie::CopiesAreLinks, "copy::a_copy_is_an_object_of_its_own"),
    (
        Lie::CopiesAreLinks,
        "copy::a_copy_of_an_upload_has_all_of_its_parts",
    ),
    (Lie::CopiesNothing, "copy::what_is_not_there_is_not_copied"),
    (
        Lie::CopiesWhateverIsThere,
        "copy::another_object_than_was_meant_is_not_copied",
    ),
    (
        Lie::HidesCopies,
        "copy::a_copy_has_the_bytes_of_its_original",
    ),
];

#[test]
fn every_lie_is_caught_by_the_case_of_its_promise_and_every_case_catches_one() {
    let mut at_work = BTreeSet::from(["list::every_page_of_versions_is_walked_once", NO_TRICKLE]);
    for (lie, case) in LIES {
        let caught = caught(|| Liar::open(*lie));
        assert!(caught.contains(case), "{lie:?} was caught by {caught:?}");
        at_work.extend(caught);
    }
    let idle = all().filter(|case| !at_work.contains(case.name));
    let idle: Vec<_> = idle.map(|case| case.name).collect();
    assert_eq!(idle, [""; 0], "no lie makes these cases fail");
}
