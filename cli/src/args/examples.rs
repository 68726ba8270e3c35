//! What stands below each command's flags: lines to paste.

use clap::Command;
use engine::validate::Verdict;

/// The examples of a command, each a line.
const EXAMPLES: [(&str, &[&str]); 24] = [
    (
        "restore",
        &[
            "etcdbrctl restore --store-container ./backups --data-dir new.etcd",
            "etcdbrctl restore --storage-provider S3 --store-container my-bucket \\\n      --to-revision 8217",
            "etcdbrctl restore --store-container ./backups \\\n      --to-time 2026-11-22T09:13:06Z --dry-run",
            "etcdbrctl restore --store-container ./backups --lineage 3f9a",
        ],
    ),
    (
        "initialize",
        &[
            "etcdbrctl initialize --storage-provider S3 --store-container my-bucket \\\n      --data-dir default.etcd",
            "etcdbrctl initialize --store-container ./backups --dry-run",
        ],
    ),
    (
        "validate",
        &[
            "etcdbrctl validate --data-dir default.etcd",
            "etcdbrctl validate --store-container ./backups --validation-mode sanity",
        ],
    ),
    (
        "recover-quorum",
        &[
            "etcdbrctl recover-quorum --data-dir /var/lib/etcd",
            "etcdbrctl recover-quorum --data-dir one.etcd --data-dir two.etcd \\\n      --endpoints http://10.0.0.1:2379,http://10.0.0.2:2379 \\\n      --cluster-id 5f3a9c1e7b2d4860",
        ],
    ),
    (
        "inspect",
        &[
            "etcdbrctl inspect wal default.etcd",
            "etcdbrctl inspect db snapshot.db -o json",
        ],
    ),
    (
        "snapshot",
        &[
            "etcdbrctl snapshot --endpoints http://127.0.0.1:2379 \\\n      --store-container ./backups",
            "etcdbrctl snapshot --once --storage-provider S3 --store-container my-bucket \\\n      -o json",
            "etcdbrctl snapshot delta --store-container ./backups",
            "etcdbrctl snapshot --store-container ./backups \\\n      --encrypt-recipients recipients.txt",
        ],
    ),
    (
        "server",
        &[
            "etcdbrctl server --storage-provider S3 --store-container my-bucket \\\n      --data-dir /var/etcd/data/new.etcd --endpoints http://127.0.0.1:2379",
            "etcdbrctl server --config-file sidecar.yaml",
        ],
    ),
    (
        "list",
        &[
            "etcdbrctl list ./backups",
            "etcdbrctl list --storage-provider S3 --store-container my-bucket --last 3 \\\n      -o wide",
        ],
    ),
    (
        "ui",
        &[
            "etcdbrctl ui ./backups",
            "etcdbrctl ui --storage-provider S3 --store-container my-bucket \\\n      --listen 127.0.0.1:0",
        ],
    ),
    (
        "get",
        &[
            "etcdbrctl get /registry/pods/default/web --store-container ./backups --decode",
            "etcdbrctl get /registry/secrets/ --prefix --keys-only \\\n      --storage-provider S3 --store-container my-bucket --at-revision 8217",
            "etcdbrctl get /config --history --from-file snapshot.db",
        ],
    ),
    (
        "export",
        &[
            "etcdbrctl export --store-container ./backups snapshot.db",
            "etcdbrctl export --storage-provider S3 --store-container my-bucket \\\n      --at-time 2026-11-22T09:13:06Z before.db",
            "etcdbrctl export --store-container ./backups --at-revision 8217 --force a.db",
        ],
    ),
    (
        "import",
        &[
            "etcdbrctl import snapshot.db --store-container ./backups --dry-run",
            "etcdbrctl import on-demand-node-1-1763802786.zip \\\n      --storage-provider S3 --store-container my-bucket",
        ],
    ),
    (
        "diff",
        &[
            "etcdbrctl diff 8217 latest --store-container ./backups --decode",
            "etcdbrctl diff latest live --prefix /registry/ --keys-only \\\n      --storage-provider S3 --store-container my-bucket",
            "etcdbrctl diff ./before.db ./after.db --exit-code",
            "etcdbrctl diff latest latest --source-store-container ./other \\\n      --store-container ./backups",
        ],
    ),
    (
        "extract",
        &[
            "etcdbrctl extract /registry/deployments/shop/ --prefix \\\n      --at-time 2026-11-22T09:13:06Z --store-container ./backups \\\n      --to http://127.0.0.1:2379",
            "etcdbrctl extract /config/app --at-revision 8217 --to http://127.0.0.1:2379 \\\n      --storage-provider S3 --store-container my-bucket --apply",
            "etcdbrctl extract /config/ --prefix --from-file snapshot.db --to-file back.sh",
        ],
    ),
    (
        "keys",
        &[
            "etcdbrctl keys list --store-container ./backups",
            "etcdbrctl keys check --storage-provider S3 --store-container my-bucket \\\n      --identity operator.key",
            "etcdbrctl keys rotate --store-container ./backups --identity operator.key \\\n      --encrypt-recipients recipients.txt --apply",
        ],
    ),
    (
        "verify",
        &[
            "etcdbrctl verify --store-container ./backups",
            "etcdbrctl verify --storage-provider S3 --store-container my-bucket \\\n      --to-revision 8217 -o json",
        ],
    ),
    (
        "drill",
        &[
            "etcdbrctl drill --store-container ./backups --etcd /usr/local/bin/etcd",
            "etcdbrctl drill --storage-provider S3 --store-container my-bucket \\\n      --etcd /usr/local/bin/etcd --report /var/lib/etcdbrctl/drill.json",
            "etcdbrctl drill --from-file snapshot.db --endpoints http://127.0.0.1:2379",
        ],
    ),
    (
        "compact",
        &[
            "etcdbrctl compact --store-container ./backups --dry-run",
            "etcdbrctl compact --storage-provider S3 --store-container my-bucket -o json",
        ],
    ),
    (
        "copy",
        &[
            "etcdbrctl copy --source-store-container ./backups \\\n      --storage-provider S3 --store-container my-bucket --dry-run",
            "etcdbrctl copy --source-storage-provider S3 --source-store-container old \\\n      --storage-provider GCS --store-container new --max-backups-to-copy 3",
        ],
    ),
    (
        "defragment",
        &[
            "etcdbrctl defragment --endpoints http://127.0.0.1:2379 --dry-run",
            "etcdbrctl defragment --endpoints http://127.0.0.1:2379 --min-gain 1GiB",
        ],
    ),
    (
        "gc",
        &[
            "etcdbrctl gc --store-container ./backups --keep-within 7d --keep-daily 30 \\\n      --dry-run",
            "etcdbrctl gc --storage-provider S3 --store-container my-bucket \\\n      --garbage-collection-policy LimitBased --max-backups 7",
        ],
    ),
    (
        "keep",
        &[
            "etcdbrctl keep Full-00000000-00001354-1795338849.gz \\\n      --store-container ./backups",
            "etcdbrctl keep Full-00000000-00001354-1795338849.gz \\\n      --store-container ./backups --remove",
        ],
    ),
    (
        "conformance",
        &[
            "etcdbrctl conformance --storage-provider S3 --store-container my-bucket \\\n      --dry-run",
            "etcdbrctl conformance --store-container ./bucket --case put",
        ],
    ),
    ("completion", &["source <(etcdbrctl completion bash)"]),
];

/// What the program can do, for who asks it without a command.
const ABILITIES: &str = "\
This version takes, lists, verifies, restores, compacts, copies and collects backups, its own and those of \
etcd-backup-restore, and validates data directories.

Start with `etcdbrctl list ./backups`. Each command has its own --help, with examples.";

/// The command line with what stands below the flags.
pub(super) fn with_examples(command: Command) -> Command {
    let known = |name: &str| command.find_subcommand(name).is_some();
    let examples: Vec<_> = EXAMPLES.iter().filter(|(name, _)| known(name)).collect();
    let command = command.after_help(ABILITIES);
    examples
        .into_iter()
        .fold(command, |command, (name, lines)| {
            let examples = format!("Examples:\n  {}", lines.join("\n  "));
            let text = match *name {
                "validate" => format!("{}\n\n{examples}", verdicts()),
                "inspect" => format!("{INSPECT_CODES}\n\n{examples}"),
                "drill" => format!("{DRILL_CODES}\n\n{examples}"),
                "diff" => format!("{DIFF_CODES}\n\n{examples}"),
                _ => examples,
            };
            command.mut_subcommand(name, |subcommand| subcommand.after_help(text))
        })
}

/// The exit codes of `inspect`.
const INSPECT_CODES: &str = "\
Exit codes:
   0  all checks passed
   1  it could not be read
   2  etcd repairs it when it starts
  12  a WAL or raft snapshot is damaged
  13  a database is damaged";

/// The exit codes of `drill`.
const DRILL_CODES: &str = "\
Exit codes:
   0  it was restored, and nothing differs
   1  it could not be restored, or etcd did not serve it
   2  it was restored, and something differs";

/// The exit codes of `diff`: 1 is what failed, as everywhere.
const DIFF_CODES: &str = "\
Exit codes:
  0  compared, whatever differs
  1  not compared
  2  with --exit-code: something differs";

/// The exit codes of `validate`, with the verdicts that they stand for.
fn verdicts() -> String {
    let line = |verdict: &Verdict| {
        let (code, name) = (verdict.exit_code(), verdict.name());
        format!("  {code:>2}  {name}")
    };
    let lines: Vec<_> = Verdict::ALL.iter().map(line).collect();
    format!("Exit codes (docs/initialization.md):\n{}", lines.join("\n"))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// An example that the command line refuses is worse than none.
    #[test]
    fn every_example_is_taken() {
        for line in EXAMPLES.iter().flat_map(|(_, lines)| *lines) {
            let line = line.trim_start_matches("source <(").trim_end_matches(')');
            let words = line.split_whitespace().filter(|word| *word != "\\");
            let parsed = crate::args::command().try_get_matches_from(words);
            assert!(parsed.is_ok(), "{line}: {parsed:?}");
        }
    }

    #[test]
    fn every_command_that_does_something_has_one() {
        let command = crate::args::command();
        let does = |name: &&str| !["help", "snapshot", "server"].contains(name);
        let shown = command.get_subcommands().filter(|one| !one.is_hide_set());
        let names = shown.map(Command::get_name).filter(does);
        for name in names {
            assert!(EXAMPLES.iter().any(|(known, _)| *known == name), "{name}");
        }
    }
}
