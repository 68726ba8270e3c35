//! What somebody changed in the store is found out by every command that reads it.

use std::fs;

use crate::chain::Chain;

const READING: [(&str, &[&str]); 5] = [
    ("restore", &[]),
    ("verify", &[]),
    ("get", &["", "--prefix"]),
    ("export", &["never.db"]),
    ("drill", &[]),
];

const VERIFY: (&str, &[&str]) = READING[1];

impl Chain {
    fn told_by_all(&self, object: &str, words: &[&str]) {
        for reading in READING {
            self.told_by(reading, object, words);
        }
    }

    fn told_by(&self, (verb, flags): (&str, &[&str]), object: &str, words: &[&str]) {
        let flags = [flags, &self.operator.flags()].concat();
        self.fails((verb, &flags), &[&[object], words].concat());
    }

    /// Metadata knows the sums of what was stored: without it the object itself must tell.
    fn forget_metadata(&self) {
        let _ = fs::remove_dir_all(self.site.store().join("meta"));
    }
}

#[test]
fn what_was_flipped_cut_or_lengthened_is_told() {
    let chain = Chain::taken_with(&["--compress-snapshots=false"]);
    chain.forget_metadata();
    for name in chain.names() {
        let whole = chain.site.read(&name);
        let in_content = whole.len() - 100;
        for place in [60, in_content, whole.len() - 1] {
            let mut spoilt = whole.clone();
            spoilt[place] ^= 1;
            chain.site.put(&name, &spoilt);
            match place {
                60 => chain.told_by_all(&name, &["v2/"]),
                _ => chain.told_by(VERIFY, &name, &["changed or truncated", "key "]),
            }
        }
        // At the end of a chunk as well.
        let mut cuts = vec![whole.len() - 1, whole.len() / 2, 10];
        let header = whole.windows(5).position(|five| five == b"\n--- ").unwrap();
        let content = whole[header + 5..]
            .iter()
            .position(|byte| *byte == b'\n')
            .unwrap();
        let chunk = header + 5 + content + 1 + 16 + 65_552;
        cuts.extend((chunk < whole.len()).then_some(chunk));
        for cut in cuts {
            chain.site.put(&name, &whole[..cut]);
            match cut == whole.len() / 2 {
                true => chain.told_by_all(&name, &["v2/"]),
                false => chain.told_by(VERIFY, &name, &["v2/"]),
            }
        }
        chain.site.put(&name, [&whole[..], b"x"].concat());
        chain.told_by(VERIFY, &name, &["changed or truncated"]);
        chain.site.put(&name, &whole);
    }
    assert_eq!(
        chain.site.restored_hash(&chain.operator.flags()),
        chain.hash()
    );
}

/// Two objects of one store have one key: what stands under the name of the other decrypts, and is not what it is called.
#[test]
fn two_exchanged_objects_are_told() {
    let chain = Chain::taken();
    chain.forget_metadata();
    let names = chain.names();
    let [_, one, other] = &names[..] else {
        unreachable!("{names:?}");
    };
    let (first, second) = (chain.site.read(one), chain.site.read(other));
    chain.site.put(one, &second);
    chain.site.put(other, &first);
    chain.told_by_all("v2/Incr-", &["under the name of another object", "key "]);
    // They are whole: nothing that was lost asks for an older state.
    let data_dir = chain.site.data_dir().display().to_string();
    let words = ["--data-dir", &data_dir, "--lock-timeout", "0s"];
    let flags = chain.operator.flags();
    let run = chain.site.run("initialize", &[&words[..], &flags].concat());
    assert_eq!(run.code, Some(1), "{}", run.stdout);
    assert!(
        run.stderr.contains("under the name of another object"),
        "{}",
        run.stderr
    );
    assert!(!chain.site.data_dir().exists());
}

/// A key was put under the id of another.
#[test]
fn a_key_of_another_chain_is_told() {
    let chain = Chain::taken();
    chain.take(&[&["--once"][..], &chain.operator.flags()].concat());
    let keys = chain.key_files();
    let bytes = fs::read(&keys[0]).unwrap();
    for key in &keys[1..] {
        fs::write(key, &bytes).unwrap();
    }
    let run = chain.site.run_sub("keys", "check", &chain.operator.flags());
    assert_eq!(run.code, Some(1), "{}", run.stdout);
    assert!(run.stdout.contains("is not that key"), "{}", run.stdout);
}

/// `list` showed a chain as it should be over a full of no bytes, since ranges go by names.
#[test]
fn an_object_of_another_length_is_told_by_the_list() {
    let chain = Chain::taken();
    let whole = chain.site.run("list", &[]);
    assert_eq!(whole.code, Some(0), "{}", whole.stderr);
    assert!(!whole.stderr.contains("bytes"), "{}", whole.stderr);
    let name = chain.names().remove(0);
    let object = chain.site.read(&name);
    for cut in [&object[..object.len() - 1], &[]] {
        chain.site.put(&name, cut);
        let listed = chain.site.run("list", &[]);
        assert_eq!(listed.code, Some(0), "{}", listed.stderr);
        let told = format!(
            "{name} has {} bytes, and {} were stored",
            cut.len(),
            object.len()
        );
        assert!(listed.stderr.contains(&told), "{told}: {}", listed.stderr);
    }
    chain.forget_metadata();
    let listed = chain.site.run("list", &[]);
    let told = format!("{name} has no bytes");
    assert!(listed.stderr.contains(&told), "{told}: {}", listed.stderr);
}
