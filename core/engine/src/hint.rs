//! What an operator may do, as data: the surface that speaks with him knows how its own options are called.

use client::TlsFault;

/// Something to do about an error or a finding.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Hint {
    /// Describe the cluster as `name=url[,name=url...]`.
    InitialCluster,
    /// Give the name of a member of the cluster.
    MemberName,
    /// Make the URLs that are advertised those of the cluster.
    AdvertisedUrls,
    /// Choose another time to live for leases of which none is known.
    UnknownLeaseTtl,
    /// Raise the revision by less.
    BumpRevision,
    /// See which snapshots there are.
    ListSnapshots,
    /// Restore a state from before a damaged object; the last revision before it, where its name tells.
    RestoreEarlier(Option<i64>),
    /// Take another copy of a file, or an older one.
    AnotherCopy,
    /// Restore up to this revision, after which some are missing.
    RestoreUpTo(i64),
    /// Choose one of two histories, which are alike up to this revision.
    ChooseHistory(i64),
    /// Take it from the lineage with this id.
    OtherLineage(String),
    /// Mend or remove metadata that cannot be read; or restore up to this revision, which is certain.
    MendMetadata(Option<i64>),
    /// Read an object whose hash is wrong or missing nevertheless.
    SkipHashCheck,
    /// Say by which identity encrypted snapshots are opened.
    NameIdentity,
    /// Give the identity of a recipient, or say that they are others.
    RecipientsAreOthers,
    /// Say for whom what is written is encrypted.
    NameRecipients,
    /// Remove the metadata of the snapshot with this name, after which it counts as it is.
    TakeAsItIs(String),
    /// Say whose backups are meant.
    StorePrefix,
    /// Name the directory above the one that was named.
    DirectoryAbove,
    /// Let a restore take the place of a member of another cluster, which is kept.
    AllowOtherCluster,
    /// Bring users and roles out of the log of the old member.
    SalvageUsers,
    /// Replay the writes that only the log of the old member holds.
    SalvageLog,
    /// Restore without users being checked any more.
    AllowAuthenticationOff,
    /// Make room for a new, empty etcd; what is there is kept.
    AllowEmptyStart,
    /// Say that the other members of the cluster serve.
    OthersServe,
    /// Ask etcd as a user who may read all of it.
    RootOfEtcd,
    /// Ask etcd as a user who may read these keys, and write them where they are written.
    RightsOverKeys,
    /// Trust who has signed the certificate of etcd.
    TrustEtcd,
    /// Show etcd a certificate that it trusts.
    CertificateForEtcd,
    /// Renew the certificate that is shown to etcd.
    RenewCertificate,
    /// Let the credentials of the store do what is needed.
    RightsInStore,
    /// Ask for fewer keys, or for less of each.
    AskForLess,
    /// Ask for fewer keys.
    FewerKeys,
    /// Let etcd read its database for a hash.
    LetEtcdScan,
    /// Say which etcd will start on the directory.
    EtcdVersion,
    /// Restore a backup into a new data directory.
    RestoreBackup,
    /// Say how a member is called and where others find it.
    NameTheMember,
    /// Start an etcd of the version that the backup is of.
    EtcdOfBackup,
    /// Replace the file that is there.
    ReplaceFile,
    /// Say when a snapshot was taken.
    TimeOfSnapshot,
    /// Make what is imported the newest state of the store.
    ImportAsNewest,
    /// Take a file although it has no hash.
    WithoutHash,
    /// Put keys back into another cluster than the one that they were backed up from.
    PutIntoOtherCluster,
    /// See the plan, and take the id of the cluster from there.
    PlanFirst,
}

impl Hint {
    /// What can be done about what etcd says of some keys.
    pub fn of_keys(error: &client::Error) -> Vec<Self> {
        match error.kind() {
            client::ErrorKind::PermissionDenied => vec![Self::RightsOverKeys],
            _ => Self::of_etcd(error),
        }
    }

    /// What can be done about what etcd says.
    pub fn of_etcd(error: &client::Error) -> Vec<Self> {
        use client::ErrorKind::{PermissionDenied, Unauthenticated};
        match (error.kind(), error.tls()) {
            (PermissionDenied | Unauthenticated, _) => vec![Self::RootOfEtcd],
            (_, Some(TlsFault::UnknownIssuer | TlsFault::CaAsServer)) => vec![Self::TrustEtcd],
            (_, Some(TlsFault::Ours)) => vec![Self::CertificateForEtcd],
            (_, Some(TlsFault::OursExpired)) => vec![Self::RenewCertificate],
            _ => Vec::new(),
        }
    }
}
