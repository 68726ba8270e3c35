use std::path::PathBuf;
use std::time::Duration;

use server::{Callers, Delegation, Limits, Listen, Settings, TlsFiles, TriggerAccess};

use crate::args::{PeersChoice, ServerArgs};

/// Kubernetes kills a pod after 30 s.
const STOP_WITHIN: Duration = Duration::from_secs(25);

/// What the flags say of the server.
///
/// Errors: a certificate without its key, or the other way round: it would speak plain HTTP.
pub(super) fn of(args: &ServerArgs) -> Result<Settings, String> {
    let http = &args.http;
    if http.server_cert.is_empty() != http.server_key.is_empty() {
        return Err(
            "--server-cert and --server-key belong together: give both for TLS, or none of them"
                .to_owned(),
        );
    }
    let files = |(certificate, key): (&PathBuf, &PathBuf)| TlsFiles {
        certificate: certificate.clone(),
        key: key.clone(),
    };
    let given = |path: &String| (!path.is_empty()).then(|| PathBuf::from(path));
    let (certificate, key) = (given(&http.server_cert), given(&http.server_key));
    let tls = certificate.as_ref().zip(key.as_ref()).map(files);
    let shown = http.trigger_cert.as_ref().zip(http.trigger_key.as_ref());
    let shown = shown.map(files).or_else(|| tls.clone());
    let triggers = match (&http.trigger_token_file, &http.trigger_client_ca) {
        (Some(token), _) => TriggerAccess::Token(token.clone()),
        (None, Some(ca)) => TriggerAccess::ClientCa(ca.clone()),
        (None, None) => TriggerAccess::Open,
    };
    Ok(Settings {
        listen: http
            .listen
            .map_or(Listen::Port(http.server_port), Listen::At),
        tls,
        initialization_from: match http.initialization_from {
            PeersChoice::Loopback => Callers::Loopback,
            PeersChoice::Any => Callers::Anybody,
        },
        triggers,
        delegation: Delegation {
            ca: http.server_cacert.clone().or_else(|| args.etcd.cacert()),
            identity: shown,
            port: None,
            deadline: args.etcd.etcd_snapshot_timeout,
        },
        etcd_config: args.validation.etcd_conf.clone(),
        pod_name: args.validation.pod_name.clone(),
        limits: Limits::default(),
        stop_within: STOP_WITHIN,
        version: env!("CARGO_PKG_VERSION").to_owned(),
    })
}
