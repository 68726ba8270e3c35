//! The keys of the file of `server --config-file`, as the reference has them (0.44: `pkg/server/types.go` and what it holds).

/// The section of the second store. What describes the store stands in a section of its own there, or beside the rest.
pub(super) const SECONDARY: &str = "secondarySnapstoreConfig";
pub(super) const SECONDARY_STORE: &str = "storeConfig";

/// Of each key, its section and the flag that it stands for; an empty one has nothing to steer.
pub(super) const KEYS: [(&str, &str, &str); 74] = [
    ("etcdConnectionConfig", "endpoints", "endpoints"),
    (
        "etcdConnectionConfig",
        "serviceEndpoints",
        "service-endpoints",
    ),
    ("etcdConnectionConfig", "username", "etcd-username"),
    ("etcdConnectionConfig", "password", "etcd-password"),
    (
        "etcdConnectionConfig",
        "connectionTimeout",
        "etcd-connection-timeout",
    ),
    (
        "etcdConnectionConfig",
        "snapshotTimeout",
        "etcd-snapshot-timeout",
    ),
    (
        "etcdConnectionConfig",
        "defragTimeout",
        "etcd-defrag-timeout",
    ),
    (
        "etcdConnectionConfig",
        "maxCallSendMsgSize",
        "max-call-send-message-size",
    ),
    (
        "etcdConnectionConfig",
        "insecureTransport",
        "insecure-transport",
    ),
    (
        "etcdConnectionConfig",
        "insecureSkipVerify",
        "insecure-skip-tls-verify",
    ),
    ("etcdConnectionConfig", "certFile", "cert"),
    ("etcdConnectionConfig", "keyFile", "key"),
    ("etcdConnectionConfig", "caFile", "cacert"),
    ("serverConfig", "port", "server-port"),
    ("serverConfig", "enableProfiling", "enable-profiling"),
    ("serverConfig", "server-cert", "server-cert"),
    ("serverConfig", "server-key", "server-key"),
    ("snapshotterConfig", "schedule", "schedule"),
    (
        "snapshotterConfig",
        "deltaSnapshotPeriod",
        "delta-snapshot-period",
    ),
    (
        "snapshotterConfig",
        "deltaSnapshotMemoryLimit",
        "delta-snapshot-memory-limit",
    ),
    (
        "snapshotterConfig",
        "garbageCollectionPeriod",
        "garbage-collection-period",
    ),
    (
        "snapshotterConfig",
        "garbageCollectionPolicy",
        "garbage-collection-policy",
    ),
    ("snapshotterConfig", "maxBackups", "max-backups"),
    (
        "snapshotterConfig",
        "deltaSnapshotRetentionPeriod",
        "delta-snapshot-retention-period",
    ),
    ("snapstoreConfig", "provider", "storage-provider"),
    ("snapstoreConfig", "container", "store-container"),
    (
        "snapstoreConfig",
        "endpointOverride",
        "store-endpoint-override",
    ),
    ("snapstoreConfig", "prefix", "store-prefix"),
    ("snapstoreConfig", "tempDir", "snapstore-temp-directory"),
    ("snapstoreConfig", "envPrefix", ""),
    ("snapstoreConfig", "isSource", ""),
    (
        "snapstoreConfig",
        "maxParallelChunkUploads",
        "max-parallel-chunk-uploads",
    ),
    ("snapstoreConfig", "minChunkSize", "min-chunk-size"),
    ("compressionConfig", "enabled", "compress-snapshots"),
    ("compressionConfig", "policy", "compression-policy"),
    // Ours: the reference encrypts nothing.
    ("encryptionConfig", "recipientsFile", "encrypt-recipients"),
    ("encryptionConfig", "identityFiles", "identity"),
    ("restorationConfig", "initialCluster", "initial-cluster"),
    (
        "restorationConfig",
        "initialClusterToken",
        "initial-cluster-token",
    ),
    ("restorationConfig", "dataDir", "data-dir"),
    (
        "restorationConfig",
        "tempDir",
        "restoration-temp-snapshots-dir",
    ),
    ("restorationConfig", "name", "name"),
    (
        "restorationConfig",
        "autoCompactionMode",
        "auto-compaction-mode",
    ),
    (
        "restorationConfig",
        "autoCompactionRetention",
        "auto-compaction-retention",
    ),
    (
        "restorationConfig",
        "initialAdvertisePeerURLs",
        "initial-advertise-peer-urls",
    ),
    ("restorationConfig", "MaxTxnOps", "max-txn-ops"),
    ("restorationConfig", "MaxRequestBytes", "max-request-bytes"),
    (
        "restorationConfig",
        "maxCallSendMsgSize",
        "max-call-send-message-size",
    ),
    (
        "restorationConfig",
        "embeddedEtcdQuotaBytes",
        "embedded-etcd-quota-bytes",
    ),
    ("restorationConfig", "maxFetchers", "max-fetchers"),
    ("restorationConfig", "skipHashCheck", "skip-hash-check"),
    (
        "healthConfig",
        "snapshotLeaseRenewalEnabled",
        "enable-snapshot-lease-renewal",
    ),
    (
        "healthConfig",
        "memberLeaseRenewalEnabled",
        "enable-member-lease-renewal",
    ),
    (
        "healthConfig",
        "heartbeatDuration",
        "k8s-heartbeat-duration",
    ),
    (
        "healthConfig",
        "fullSnapshotLeaseName",
        "full-snapshot-lease-name",
    ),
    (
        "healthConfig",
        "deltaSnapshotLeaseName",
        "delta-snapshot-lease-name",
    ),
    (
        "leaderElectionConfig",
        "reelectionPeriod",
        "reelection-period",
    ),
    (
        "leaderElectionConfig",
        "etcdConnectionTimeout",
        "etcd-connection-timeout-leader-election",
    ),
    (
        "exponentialBackoffConfig",
        "multiplier",
        "backoff-multiplier",
    ),
    (
        "exponentialBackoffConfig",
        "attemptLimit",
        "backoff-attempt-limit",
    ),
    (
        "exponentialBackoffConfig",
        "thresholdTime",
        "backoff-threshold-time",
    ),
    ("", "defragmentationSchedule", "defragmentation-schedule"),
    ("", "useEtcdWrapper", "use-etcd-wrapper"),
    (SECONDARY, "provider", "secondary-storage-provider"),
    (SECONDARY, "container", "secondary-store-container"),
    (
        SECONDARY,
        "endpointOverride",
        "secondary-store-endpoint-override",
    ),
    (SECONDARY, "prefix", "secondary-store-prefix"),
    (SECONDARY, "tempDir", "secondary-snapstore-temp-directory"),
    (SECONDARY, "envPrefix", ""),
    (SECONDARY, "isSource", ""),
    (
        SECONDARY,
        "maxParallelChunkUploads",
        "secondary-max-parallel-chunk-uploads",
    ),
    (SECONDARY, "minChunkSize", "secondary-min-chunk-size"),
    (
        SECONDARY,
        "backupSyncEnabled",
        "secondary-backup-sync-enabled",
    ),
    (SECONDARY, "syncPeriod", "secondary-backup-sync-period"),
];
