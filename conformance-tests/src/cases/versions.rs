//! What a store with versions promises. For one without, these cases turn into the demand that
//! it says `Unsupported` ([`crate::Need`]).

use snapstore::{ListRequest, ObjectId, ObjectMeta, SnapstoreExt, Versions};

use crate::case::cases;
use crate::failure::ensure;
use crate::{Context, Outcome};

cases!("versions":
    Versions an_overwritten_version_can_be_read,
    Versions a_deleted_object_leaves_a_marker_and_its_versions,
    Versions one_version_is_deleted_alone,
);

async fn two_versions(t: &Context) -> Outcome<(ObjectId, ObjectMeta)> {
    let key = t.key("versions");
    let old = t.put(&key, "old").await?;
    t.overwrite(&key, "new").await?;
    ensure!(old.id.version.is_some(), "put does not say which version");
    Ok((key.into(), old))
}

async fn all(t: &Context) -> Outcome<Vec<ObjectMeta>> {
    let request = ListRequest {
        versions: Versions::All,
        ..ListRequest::under(t.prefix())
    };
    Ok(t.store.list_all(request).await?)
}

async fn an_overwritten_version_can_be_read(t: Context) -> Outcome {
    let (id, old) = two_versions(&t).await?;
    let held = t.store.read(&old.id).await?;
    ensure!(held == "old", "the old version holds {held:?}");
    t.holds(&id.key, b"new").await?;
    let versions = all(&t).await?.len();
    ensure!(versions == 2, "{versions} of 2 versions are listed");
    ensure!(t.list("").await? == [id.key], "it is not listed once");
    Ok(())
}

async fn a_deleted_object_leaves_a_marker_and_its_versions(t: Context) -> Outcome {
    let (id, old) = two_versions(&t).await?;
    t.store.delete(&id).await?;
    t.is_absent(&id.key).await?;
    let markers = all(&t).await?;
    let markers = markers.iter().filter(|object| object.delete_marker);
    ensure!(markers.count() == 1, "there is not one delete marker");
    let held = t.store.read(&old.id).await?;
    ensure!(held == "old", "the old version holds {held:?}");
    Ok(())
}

async fn one_version_is_deleted_alone(t: Context) -> Outcome {
    let (id, old) = two_versions(&t).await?;
    t.store.delete(&old.id).await?;
    t.holds(&id.key, b"new").await?;
    let versions = all(&t).await?;
    ensure!(versions.len() == 1, "{} versions remain", versions.len());
    Ok(())
}
