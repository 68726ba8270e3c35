//! What an operator may do, in the flags of this program. The engine gives advice as data, since a server and
//! an operator of Kubernetes have other names for the same.

use engine::Hint;

/// Ends a message with what can be done about it: `what failed: why; hint: what to do`.
pub(crate) fn after(message: &str, hints: &[Hint]) -> String {
    match hints {
        [] => message.to_owned(),
        hints => {
            let hints: Vec<String> = hints.iter().map(told).collect();
            let message = message.trim_end_matches('.');
            format!("{message}; hint: {}", hints.join("; or "))
        }
    }
}

/// The same after a paragraph, whose sentences end with a full stop.
pub(crate) fn after_sentences(paragraph: &str, hints: &[Hint]) -> String {
    let hints = hints.iter().map(|hint| format!(" Hint: {}.", told(hint)));
    [paragraph.to_owned()].into_iter().chain(hints).collect()
}

/// One of them, without a full stop.
pub(crate) fn told(hint: &Hint) -> String {
    let told = match hint {
        Hint::InitialCluster => "write --initial-cluster as name=url[,name=url...]",
        Hint::MemberName => "correct --name or --initial-cluster",
        Hint::AdvertisedUrls => "correct --initial-advertise-peer-urls or --initial-cluster",
        Hint::UnknownLeaseTtl => "correct --unknown-lease-ttl",
        Hint::BumpRevision => "correct --bump-revision",
        Hint::ListSnapshots => {
            "`etcdbrctl list -o wide` names the fulls, and `-o json` the deltas too"
        }
        Hint::RestoreEarlier(None) => {
            "restore a state before it (--to-revision, or --snapshot with an older name; `etcdbrctl list -o wide` \
             names them), or fetch the object again from a replica"
        }
        Hint::RestoreEarlier(Some(revision)) => {
            return format!(
                "restore a state before it, as with --to-revision {revision}, or fetch the object again from a \
                 replica"
            );
        }
        Hint::AnotherCopy => "copy the file anew from where it was made, or use another one",
        Hint::RestoreUpTo(revision) => {
            return format!(
                "restore up to the gap with --to-revision {revision}, or find the missing object"
            );
        }
        Hint::ChooseHistory(revision) => {
            return format!("choose one with --snapshot or --to-revision {revision}");
        }
        Hint::OtherLineage(id) => {
            return format!("take it from another lineage with --lineage {id}");
        }
        Hint::MendMetadata(None) => {
            "write that object of metadata again from a copy, or remove it: then names and times decide"
        }
        Hint::MendMetadata(Some(revision)) => {
            return format!(
                "write that object of metadata again from a copy, or remove it: then names and times decide; or \
                 restore what is certain with --to-revision {revision}"
            );
        }
        Hint::SkipHashCheck => "read it nevertheless with --skip-hash-check",
        Hint::NameIdentity => {
            "give --identity FILE, with the secret key of one of its recipients (docs/encryption.md)"
        }
        Hint::RecipientsAreOthers => {
            "give --identity FILE also with that of one of the new recipients; or --for-others, if others alone shall read"
        }
        Hint::NameRecipients => {
            "give --encrypt-recipients FILE, with the public keys of those who may restore (docs/encryption.md)"
        }
        Hint::TakeAsItIs(name) => {
            return format!(
                "if the object is right and what was noted of it is not, remove meta/{name}.json: then it counts as it is"
            );
        }
        Hint::StorePrefix => "check --store-prefix",
        Hint::DirectoryAbove => {
            "name the directory above it, in --store-container or --store-prefix"
        }
        Hint::AllowOtherCluster => {
            "restore with --allow-other-cluster, which keeps the old member aside"
        }
        Hint::SalvageUsers => "--salvage-wal may bring users and roles out of its log",
        Hint::SalvageLog => "--salvage-wal would replay the writes that only its log holds",
        Hint::AllowAuthenticationOff => "restore without them with --allow-authentication-off",
        Hint::AllowEmptyStart => {
            "with --allow-empty-start it makes room for a new, empty etcd and is kept aside"
        }
        Hint::OthersServe => "if the other members serve, say --initial-cluster-state existing",
        Hint::RootOfEtcd => {
            "set --etcd-username and --etcd-password to a user with the role root (or --cert to a certificate whose \
             common name is one)"
        }
        Hint::RightsOverKeys => {
            "set --etcd-username and --etcd-password to a user whose role may read these keys, and write them for --apply"
        }
        Hint::TrustEtcd => {
            "name the CA of etcd's certificates with --cacert, as etcdctl does (kubeadm: /etc/kubernetes/pki/etcd/ca.crt)"
        }
        Hint::CertificateForEtcd => {
            "name a certificate that etcd trusts with --cert, and its key with --key (kubeadm: \
             /etc/kubernetes/pki/etcd/healthcheck-client.crt and .key)"
        }
        Hint::RenewCertificate => {
            "renew the certificate that --cert names, and its key: the next connection reads them again"
        }
        Hint::RightsInStore => {
            "let these credentials list, read and write below v2/, meta/ and fence/ in this place"
        }
        Hint::LetEtcdScan => {
            "give --scan to have it hash its whole database; writes wait meanwhile, so name a follower"
        }
        Hint::AskForLess => {
            "ask for a longer prefix, or with --keys-only; `etcdbrctl restore` has all of it"
        }
        Hint::FewerKeys => "ask for a longer prefix; `etcdbrctl restore` has all of it",
        Hint::PutIntoOtherCluster => {
            "check --to and the store; with --allow-other-cluster keys are put into that cluster"
        }
        Hint::EtcdVersion => "--etcd-version, the etcd that will start here, may help",
        Hint::RestoreBackup => {
            "`etcdbrctl restore` makes a data directory of the newest backup (one member alone: --name, \
             --initial-cluster and --initial-advertise-peer-urls name only it)"
        }
        Hint::NameTheMember => "give --name and --initial-advertise-peer-urls",
        Hint::EtcdOfBackup => {
            "name with --etcd one of the version that the backup is of (`etcdbrctl restore --dry-run` tells it), or a newer one"
        }
        Hint::ReplaceFile => "replace it with --force",
        Hint::TimeOfSnapshot => "say with --time when it was taken",
        Hint::ImportAsNewest => "say with --as-newest that this is meant",
        Hint::WithoutHash => {
            "take it all the same with --without-hash: its structure is checked, but whether a value was changed cannot be known"
        }
        Hint::PlanFirst => {
            "run it without --cluster-id: it prints which cluster the directories are of, and changes nothing"
        }
        // The engine may know more advice than this program has flags.
        _ => "see `etcdbrctl help`",
    };
    told.to_owned()
}
