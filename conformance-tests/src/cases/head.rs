use snapstore::ErrorKind;

use crate::case::cases;
use crate::failure::ensure;
use crate::{Context, Outcome};

cases!("head":
    Nothing it_describes_the_object,
    Nothing it_follows_an_overwrite,
    Nothing what_is_missing_is_not_found,
    Nothing get_says_the_same,
);

async fn it_describes_the_object(t: Context) -> Outcome {
    let key = t.key("described");
    t.put(&key, t.bytes(0, 4321)).await?;
    let head = t.store.head(&key.clone().into()).await?;
    ensure!(head.id.key == key, "it names {}", head.id.key);
    ensure!(head.size == 4321, "it says {} bytes", head.size);
    ensure!(!head.delete_marker, "it says that data is a delete marker");
    ensure!(!head.excluded, "it says that a new object is excluded");
    Ok(())
}

async fn it_follows_an_overwrite(t: Context) -> Outcome {
    let key = t.key("followed");
    t.put(&key, "1").await?;
    // Who remembers this answer gives it once more.
    t.store.head(&key.clone().into()).await?;
    let put = t.overwrite(&key, "22").await?;
    let head = t.store.head(&key.into()).await?;
    ensure!(head == put, "put says {put:?} and head says {head:?}");
    Ok(())
}

async fn what_is_missing_is_not_found(t: Context) -> Outcome {
    t.put(&t.key("there/below"), "x").await?;
    for missing in ["missing", "there", "there/belo", "there/below/deeper"] {
        let answer = t.store.head(&t.key(missing).into()).await;
        t.refused("head", answer, ErrorKind::NotFound)?;
    }
    Ok(())
}

async fn get_says_the_same(t: Context) -> Outcome {
    let key = t.key("same");
    t.put(&key, "content").await?;
    let head = t.store.head(&key.clone().into()).await?;
    let got = t.store.get(&key.into(), Some(2..3)).await?.meta;
    ensure!(head == got, "head says {head:?} and get says {got:?}");
    Ok(())
}
