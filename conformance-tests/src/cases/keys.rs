use snapstore::MAX_KEY_BYTES;

use crate::case::cases;
use crate::failure::ensure;
use crate::{Context, Outcome};

cases!("keys":
    Nothing names_of_every_kind_are_kept,
    Nothing names_that_look_alike_are_two,
    Nothing the_longest_name_is_kept,
);

/// Names that need care on some way: in a URL, a header, a signature, a file system, a shell.
const NAMES: [&str; 18] = [
    "v2/Full-00000000-00000001-1.gz",
    "a b",
    " leading and trailing ",
    "plus+plus",
    "100%",
    "%2e%2e/x",
    "%2F",
    "question?mark=1&other#fragment",
    "semi;colon:comma,equals=",
    "quote'quote\"quote`",
    "<tag>|pipe*star",
    "~tilde/$dollar/@at/!bang",
    "(round)[square]{curly}",
    "ü/é/日本語/🦀",
    "...",
    "a/.hidden",
    "a/b/c/d/e/f/g/h/i/j/k/l/m",
    "-rf",
];

async fn names_of_every_kind_are_kept(t: Context) -> Outcome {
    for name in NAMES {
        t.put(&t.key(name), name).await?;
    }
    let listed = t.list("").await?;
    for name in NAMES {
        let key = t.key(name);
        t.holds(&key, name.as_bytes()).await?;
        ensure!(listed.contains(&key), "{key:?} is not listed by that name");
    }
    ensure!(listed.len() == NAMES.len(), "{} are listed", listed.len());
    for name in NAMES {
        t.store.delete(&t.key(name).into()).await?;
        t.is_absent(&t.key(name)).await?;
    }
    Ok(())
}

/// Differing in case, in an escape, or in how an accent is composed.
async fn names_that_look_alike_are_two(t: Context) -> Outcome {
    let pairs = [
        ("Full", "full"),
        ("a b", "a%20b"),
        ("a+b", "a%2Bb"),
        ("\u{e9}", "e\u{301}"),
        ("x", "x."),
    ];
    for (one, other) in pairs {
        t.put(&t.key(one), one).await?;
        t.put(&t.key(other), other).await?;
        t.holds(&t.key(one), one.as_bytes()).await?;
        t.holds(&t.key(other), other.as_bytes()).await?;
    }
    ensure!(
        t.list("").await?.len() == 2 * pairs.len(),
        "some are missing from the listing"
    );
    Ok(())
}

/// In segments of up to 200 bytes: file systems end at 255.
async fn the_longest_name_is_kept(t: Context) -> Outcome {
    let room = MAX_KEY_BYTES - t.prefix().len();
    let name: String = (0..room)
        .map(|at| if at % 200 == 199 { '/' } else { 'x' })
        .collect();
    let name = name.trim_end_matches('/').to_owned();
    let key = t.key(&name);
    t.put(&key, "deep down").await?;
    t.holds(&key, b"deep down").await?;
    ensure!(t.list("").await? == [key], "it is not listed by that name");
    Ok(())
}
