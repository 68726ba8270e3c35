//! Fulls that are encrypted, each beside one that is not.

use std::fs;

use anyhow::Result;

use super::full::{GZIP, PLAIN, drain, grown, once};
use super::setting::Setting;
use super::taker::Took;
use crate::bench::corpus::Corpus;
use crate::bench::measure::median;

/// Whose identity nobody has: nothing is decrypted by it.
const RECIPIENT: &str = "age1ancc4zvcp94gchz5svkjaxqvxqeayfe9pjwnzpk9wyy46hcaw5jq60zeww";

/// What encryption may cost of the time of a full.
const LIMIT: f64 = 1.10;

pub(super) fn run(bench: &Setting, corpora: &[&Corpus]) -> Result<()> {
    println!(
        "| full | compression | wall s | encrypted, wall s | ratio | limit | CPU s | encrypted, CPU s |"
    );
    println!("|{}", "---|".repeat(8));
    for corpus in corpora {
        of(bench, corpus)?;
    }
    Ok(())
}

fn of(bench: &Setting, corpus: &Corpus) -> Result<()> {
    let room = bench.room()?;
    let memory = bench.memory()?;
    let etcd = grown(bench, corpus, room.path())?;
    let url = etcd.client_url();
    let recipients = room.path().join("recipients.txt");
    fs::write(&recipients, RECIPIENT)?;
    let named = format!("--encrypt-recipients={}", recipients.display());
    drain(url)?;
    for (words, flags) in [("none", PLAIN), ("gzip 1", GZIP)] {
        let (mut plain, mut encrypted) = (Vec::new(), Vec::new());
        for _ in 0..bench.runs {
            for (flags, took) in [
                (flags.to_vec(), &mut plain),
                ([flags, &[&named]].concat(), &mut encrypted),
            ] {
                let store = memory.path().join("store");
                took.push(once(bench, url, (&store, &flags), room.path())?.0);
                fs::remove_dir_all(store)?;
            }
        }
        print(corpus, words, (&plain, &encrypted));
    }
    Ok(())
}

fn print(corpus: &Corpus, words: &str, (plain, encrypted): (&[Took], &[Took])) {
    let wall = |runs: &[Took]| median(runs.iter().map(|run| run.wall.as_secs_f64()));
    let cpu = |runs: &[Took]| median(runs.iter().map(|run| run.cpu.all().as_secs_f64()));
    let pairs = plain.iter().zip(encrypted);
    let ratio = median(
        pairs.map(|(plain, encrypted)| encrypted.wall.as_secs_f64() / plain.wall.as_secs_f64()),
    );
    println!(
        "| {} | {words} | {:.2} | {:.2} | {ratio:.2} | {LIMIT:.2} | {:.2} | {:.2} |",
        corpus.words,
        wall(plain),
        wall(encrypted),
        cpu(plain),
        cpu(encrypted)
    );
}
