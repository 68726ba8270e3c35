//! Where the sidecar of the leader is: pure. A follower asks what etcd names as the leader's client URL, with a
//! token perhaps; whoever could make etcd name another host would be handed it. So only hosts count that etcd's
//! configuration names, and nothing of the request goes along but what was wanted.

use url::{Host, Url};

/// How the sidecars of a cluster are reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Reached {
    /// As this one is.
    pub(super) is_secure: bool,
    pub(super) port: u16,
}

/// The root of the leader's sidecar. `known`: the client URLs that etcd's configuration names.
///
/// Errors: one sentence for people, if the leader is none of them.
pub(super) fn target(leader: &str, known: &[String], reached: Reached) -> Result<Url, String> {
    let host = host(leader).ok_or_else(|| {
        let leader = snapstore::printable(leader);
        format!("etcd names its leader by {leader:?}, which is no client URL")
    })?;
    if !known
        .iter()
        .any(|url| self::host(url).as_ref() == Some(&host))
    {
        return Err(format!(
            "etcd names a leader at {host}, and its configuration has no client URL there"
        ));
    }
    let scheme = if reached.is_secure { "https" } else { "http" };
    Url::parse(&format!("{scheme}://{host}:{}/", reached.port))
        .map_err(|error| format!("the sidecar at {host} cannot be addressed: {error}"))
}

/// The host of a client URL.
fn host(url: &str) -> Option<Host<String>> {
    let url = Url::parse(url).ok()?;
    if !["http", "https"].contains(&url.scheme()) {
        return None;
    }
    let is_plain = url.username().is_empty() && url.password().is_none();
    url.host().map(|host| host.to_owned()).filter(|_| is_plain)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const REACHED: Reached = Reached {
        is_secure: true,
        port: 8080,
    };

    fn known() -> Vec<String> {
        let urls = [
            "https://etcd-main-0.etcd-main-peer.shoot.svc:2379",
            "https://etcd-main-1.etcd-main-peer.shoot.svc:2379",
            "https://[fd00::7]:2379",
        ];
        urls.map(str::to_owned).to_vec()
    }

    #[test]
    fn the_sidecar_is_beside_the_leader() {
        let found = |leader: &str| target(leader, &known(), REACHED).map(String::from);
        let sidecar = "https://etcd-main-1.etcd-main-peer.shoot.svc:8080/";
        for leader in [
            "https://etcd-main-1.etcd-main-peer.shoot.svc:2379",
            "http://ETCD-main-1.etcd-main-peer.shoot.svc:2380/x?y",
        ] {
            assert_eq!(found(leader).as_deref(), Ok(sidecar), "{leader}");
        }
        assert_eq!(
            found("https://[fd00::7]:2379").as_deref(),
            Ok("https://[fd00::7]:8080/")
        );
    }

    /// The reference sends the whole request, its headers included, to whatever host a member list names.
    #[test]
    fn nobody_else_is_asked() {
        for leader in [
            "https://evil.example:2379",
            "https://etcd-main-1.etcd-main-peer.shoot.svc.evil.example:2379",
            "https://etcd-main-1.etcd-main-peer.shoot.svc@evil.example:2379",
            "https://evil.example#@etcd-main-1.etcd-main-peer.shoot.svc",
            "https://user@etcd-main-1.etcd-main-peer.shoot.svc:2379",
            "unix://etcd-main-1.etcd-main-peer.shoot.svc",
            "etcd-main-1.etcd-main-peer.shoot.svc:2379",
            "",
        ] {
            assert!(target(leader, &known(), REACHED).is_err(), "{leader}");
        }
    }

    proptest! {
        #[test]
        fn whatever_is_named_the_target_is_a_known_host(leader in "(https?://)?[a-z@:/#?.\\[\\]%0-9-]{0,40}") {
            if let Ok(url) = target(&leader, &known(), REACHED) {
                let hosts: Vec<_> = known().iter().filter_map(|url| host(url)).collect();
                prop_assert!(hosts.contains(&url.host().unwrap().to_owned()), "{url}");
                prop_assert_eq!(url.port(), Some(8080));
                prop_assert_eq!(url.path(), "/");
            }
        }
    }
}
