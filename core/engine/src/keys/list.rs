use super::error::{Error, Result};
use super::report::{Found, KeyLine, Listed, Opens};
use super::used::{Used, location, used};
use crate::backups::{Kind, Snapshot};
use crate::encryption::{KeyError, KeyId, PLACE, recipients_of};
use crate::session::Session;

/// The keys of a store, what needs them, and whether they open.
pub async fn list(session: &Session) -> Result<Listed> {
    let used = used(session).await?;
    let mut keys = Vec::new();
    for id in &used.there {
        keys.push(line(session, &used, id).await?);
    }
    Ok(Listed {
        location: location(session),
        keys,
        without_key: without_key(&used),
        plain: used.plain,
    })
}

pub(super) fn without_key(used: &Used) -> Vec<Found> {
    let missing = used
        .by_key
        .iter()
        .filter(|(id, _)| !used.there.contains(id));
    let missing = missing.flat_map(|(id, objects)| {
        let why = format!("its key {PLACE}{id}.age is not in the store");
        objects.iter().map(move |object| found(object, why.clone()))
    });
    let unknown = used
        .unknown
        .iter()
        .map(|(object, why)| found(object, format!("its key is not known: {why}")));
    let unnamed = used.unnamed.iter().map(|object| {
        found(
            object,
            "it names no key of this store: another program encrypted it",
        )
    });
    missing.chain(unknown).chain(unnamed).collect()
}

pub(super) fn found(object: &Snapshot, why: impl Into<String>) -> Found {
    Found {
        object: object.key().to_string(),
        why: why.into(),
    }
}

async fn line(session: &Session, used: &Used, id: &KeyId) -> Result<KeyLine> {
    let store = &*session.store;
    let failed = |source| Error::Keys {
        location: location(session),
        source,
    };
    let recipients = match session.keys.object(store, id).await {
        Ok(object) => recipients_of(&object).ok(),
        Err(KeyError::Locked(_)) => None,
        Err(error) => return Err(failed(error)),
    };
    let (opens, why) = match session.keys.find(store, id).await {
        Ok(_) => (Opens::Yes, None),
        Err(KeyError::Store(error)) => return Err(failed(error.into())),
        Err(_) if !session.keys.has_identities() => (Opens::Unknown, None),
        Err(error) => (Opens::No, Some(error.to_string())),
    };
    let objects = used.by_key.get(id).map(Vec::as_slice).unwrap_or_default();
    let fulls = objects.iter().filter(|one| one.name.kind == Kind::Full);
    Ok(KeyLine {
        id: id.to_string(),
        key: format!("{PLACE}{id}.age"),
        recipients,
        opens,
        why,
        objects: objects.len(),
        fulls: fulls.map(|one| one.key().to_string()).collect(),
    })
}
