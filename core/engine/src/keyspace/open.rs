use super::error::Result;
use super::kept::Kept;
use super::keys::Keys;
use super::live::AtRevision;
use super::origin::Origin;
use super::pick::{pick_from_file, pick_from_store};
use super::side::Side;
use super::state::{Content, State};

/// Reads the state of `side`: of backups the whole chain, which is checked as a verification does; of an etcd its revision.
/// The names of its keys may take `memory` bytes.
pub async fn open(side: &Side, keys: &Keys, memory: usize) -> Result<State> {
    let (session, asked) = match side {
        Side::Live(etcd, cancel) => {
            let (live, at) = AtRevision::newest(etcd, cancel, keys).await?;
            return Ok(State {
                origin: Origin::Live(live),
                content: Content::Live(at),
            });
        }
        Side::Store(session, asked) | Side::File(session, _, asked) => (session, asked),
    };
    let (keys, temp_dir) = (keys.clone(), asked.temp_dir.clone());
    let begin = move || Kept::create(keys.clone(), memory, &temp_dir);
    let (backup, mut kept) = match side {
        Side::File(_, file, _) => pick_from_file(session, file, asked, begin).await?,
        _ => pick_from_store(session, asked, begin).await?,
    };
    kept.finish()?;
    Ok(State {
        origin: Origin::Backup(Box::new(backup)),
        content: Content::Kept(kept),
    })
}
