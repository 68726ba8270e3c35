use super::*;
use crate::backups::chain_tests::catalogue;
use crate::backups::metadata::{AllMetadata, Lineage, Metadata, MetadataError, Parent, ReadError};
use crate::backups::{PlanError, Target};

const OLD: [&str; 2] = ["Full-00000000-00000010-100", "Incr-00000011-00000030-300"];
const NEW: [&str; 2] = ["Full-00000000-00000020-400", "Incr-00000021-00000025-500"];

/// Lineage "aa1" up to revision 30, and "aa2", which left it at 20 and reaches 25.
fn two(unreadable: &[&str]) -> Holdings {
    let of = |name: &&str, id: &str, parent: Option<&str>| {
        let mut metadata = Metadata::of(name).unwrap();
        metadata.lineage = Some(Lineage {
            id: id.to_owned(),
            parent: parent.map(|id| Parent {
                id: id.to_owned(),
                left_at: 20,
                branching: crate::backups::metadata::Branching::Proven,
            }),
        });
        ((*name).to_owned(), metadata)
    };
    let old = OLD.iter().map(|name| of(name, "aa1", None));
    let new = NEW.iter().map(|name| of(name, "aa2", Some("aa1")));
    let mut all = AllMetadata {
        by_snapshot: old.chain(new).collect(),
        ..AllMetadata::default()
    };
    for name in unreadable {
        let key = snapstore::Key::new(format!("meta/{name}.json")).unwrap();
        let why = MetadataError::Format(2);
        let error = ReadError::Unreadable { key, why };
        all.by_snapshot.remove(*name);
        all.unreadable.insert((*name).to_owned(), error);
    }
    Holdings::of(catalogue(&[OLD, NEW].concat()), &all)
}

fn choose(holdings: &Holdings, wanted: &str, target: Target) -> Result<String, ChoiceError> {
    let wanted = match wanted {
        "" => Wanted::Newest,
        id => Wanted::Named(id.to_owned()),
    };
    let chosen = holdings.choose(&wanted, &target);
    chosen.map(|branch| branch.word().to_owned())
}

/// The names of the older lineage led further, and a restore took that, after the operator had gone back.
#[test]
fn the_newest_is_taken_unless_another_is_named() {
    let holdings = two(&[]);
    let taken = |wanted: &str, target| choose(&holdings, wanted, target).unwrap();
    assert_eq!(taken("", Target::Latest), "aa2");
    assert_eq!(taken("aa1", Target::Latest), "aa1");
    assert_eq!(taken("", Target::Revision(22)), "aa2");
    assert_eq!(taken("aa1", Target::Revision(22)), "aa1");
    // A name says which history it is of.
    assert_eq!(taken("", Target::Snapshot(OLD[1].into())), "aa1");
    let told = holdings.taken(holdings.newest().unwrap()).unwrap();
    assert_eq!(
        (&*told.id, told.newest, &*told.others),
        ("aa2", true, &["aa1".to_owned()][..])
    );
}

#[test]
fn what_is_not_known_or_not_clear_is_told_with_what_there_is() {
    let holdings = two(&[]);
    for (wanted, words) in [
        (
            "b",
            "no lineage \"b\"; there are: aa2 (to revision 25), aa1 (to revision 30)",
        ),
        ("aa", "the beginning of several lineages; there are: aa2"),
        ("unknown", "no lineage \"unknown\""),
    ] {
        let told = choose(&holdings, wanted, Target::Latest).unwrap_err();
        assert!(told.to_string().contains(words), "{told}");
    }
    let told = choose(&holdings, "aa2", Target::Snapshot(OLD[1].into())).unwrap_err();
    assert!(
        told.to_string()
            .contains("is of lineage aa1, and not of lineage aa2"),
        "{told}"
    );
}

/// A revision that only another lineage holds is no revision of this one; and who holds it is told.
#[test]
fn what_only_another_lineage_holds_is_not_taken_from_it() {
    let holdings = two(&[]);
    let told = choose(&holdings, "", Target::Revision(28)).unwrap_err();
    let ChoiceError::NotInLineage { why, elsewhere, .. } = &told else {
        panic!("{told}");
    };
    assert!(matches!(**why, PlanError::Unreachable { .. }), "{told}");
    assert_eq!(elsewhere, &["aa1"]);
    assert!(
        told.hints()
            .contains(&crate::Hint::OtherLineage("aa1".into()))
    );
    assert!(
        choose(&holdings, "", Target::Revision(40))
            .unwrap_err()
            .hints()
            .is_empty()
    );
}

/// The metadata of the last object could not be read: the state before it was called the newest.
#[test]
fn nothing_is_the_newest_while_an_object_that_may_lead_further_has_no_place() {
    for last in [NEW[0], NEW[1], OLD[1]] {
        let holdings = two(&[last]);
        assert_eq!(holdings.unplaced.len(), 1);
        let told = choose(&holdings, "", Target::Latest);
        // The full stands before the end of its lineage.
        let told = told.unwrap_err().to_string();
        let is_doubt = told.contains("not known which state is the newest");
        assert_eq!(is_doubt, last != NEW[0], "{told}");
        let named = choose(&holdings, "", Target::Snapshot(last.into())).unwrap_err();
        assert!(named.to_string().contains("format 2"), "{named}");
        assert_eq!(
            choose(&holdings, "aa1", Target::Revision(10)).unwrap(),
            "aa1"
        );
    }
    // A full made after all else, of lower revisions, may begin a lineage.
    let late = "Full-00000000-00000012-900";
    let mut all = AllMetadata::default();
    let key = snapstore::Key::new(format!("meta/{late}.json")).unwrap();
    let why = MetadataError::Format(2);
    let error = ReadError::Unreadable { key, why };
    all.unreadable.insert(late.to_owned(), error);
    let forked = Holdings::of(catalogue(&[OLD[0], OLD[1], late]), &all);
    let told = choose(&forked, "", Target::Latest).unwrap_err().to_string();
    assert!(told.contains(late), "{told}");
    // One in the middle changes nothing.
    assert_eq!(
        choose(&two(&[OLD[0]]), "aa2", Target::Latest).unwrap(),
        "aa2"
    );
    let none = two(&[OLD[0], OLD[1], NEW[0], NEW[1]]);
    for target in [
        Target::Latest,
        Target::Revision(10),
        Target::Time(jiff::Timestamp::MAX),
    ] {
        let told = choose(&none, "", target).unwrap_err().to_string();
        assert!(told.contains("format 2"), "{told}");
    }
}
