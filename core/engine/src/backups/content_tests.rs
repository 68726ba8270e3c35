use std::sync::Arc;

use proptest::prelude::*;

use super::*;
use crate::backups::chain_tests::catalogue;
use crate::backups::noted::Noted;

/// With a store that nothing is read of.
fn session() -> Session {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    Session {
        store: Arc::new(snapstore::memory::MemoryStore::new()),
        observer: Arc::new(crate::progress::Unobserved),
        cancel: Default::default(),
        keys: Default::default(),
        seed: 1,
        clock: Arc::new(snapstore::clock::SystemClock),
        runtime: runtime.handle().clone(),
    }
}

fn with_content(content: [u8; 32]) -> Snapshot {
    let mut snapshot = catalogue(&["Incr-00000011-00000020-2"]).snapshots[0].clone();
    snapshot.noted = Some(Arc::new(Noted {
        content: Some(content),
        ..Noted::default()
    }));
    snapshot
}

proptest! {
    /// Whatever sizes it comes in, its last 32 bytes are those that are compared.
    #[test]
    fn the_end_of_a_content_is_what_was_noted_or_refused(content: Vec<u8>, piece in 1..80_usize, check_of: bool) {
        let mut end = [0; 32];
        let has_end = content.len() >= 32;
        if has_end {
            end.copy_from_slice(&content[content.len() - 32..]);
        }
        let session = session();
        let check = if check_of { HashCheck::Required } else { HashCheck::WherePresent };
        let read = |noted, check| {
            let snapshot = with_content(noted);
            let mut reader = Content::of((&session, &snapshot), &content[..], check);
            let mut buffer = vec![0; piece];
            let mut all = Vec::new();
            loop {
                match reader.read(&mut buffer) {
                    Ok(0) => return Ok(all),
                    Ok(read) => all.extend_from_slice(&buffer[..read]),
                    Err(error) => return Err(error),
                }
            }
        };
        let same = read(end, check);
        prop_assert_eq!(same.is_ok(), has_end);
        if let Ok(all) = same {
            prop_assert_eq!(all, content.clone());
        }
        let mut other = end;
        other[7] ^= 1;
        let refused = read(other, check).unwrap_err();
        prop_assert!(replaced(refused).is_ok());
        prop_assert!(read(other, HashCheck::Skipped).is_ok());
    }
}
