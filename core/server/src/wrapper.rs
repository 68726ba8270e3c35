use std::path::Path;
use std::time::Duration;

use url::Url;

use crate::http::{Secured, client};

/// Where etcd-wrapper takes requests (its `--etcd-wrapper-port`), and how long it may take to answer.
const PORT: u16 = 9095;
const WITHIN: Duration = Duration::from_secs(60);

/// Asks the etcd-wrapper beside the etcd at this address to end it; the kubelet starts it again, with the configuration that it is
/// handed out then. `ca`: what its certificate is signed by, where etcd speaks TLS.
///
/// Errors: one sentence for people.
pub async fn stop_etcd(etcd: &str, ca: Option<&Path>) -> Result<(), String> {
    let address = stop_address(etcd)?;
    let secured = match address.scheme() {
        "https" => Secured::By(ca, None),
        _ => Secured::Clear,
    };
    let client = client(WITHIN, secured).await?;
    let asked = client.post(address).send().await;
    let answer = asked.map_err(|error| format!("etcd-wrapper does not answer: {error}"))?;
    match answer.status().is_success() {
        true => Ok(()),
        false => Err(format!(
            "etcd-wrapper refuses to stop etcd: {}",
            answer.status()
        )),
    }
}

/// The same host, another port.
fn stop_address(etcd: &str) -> Result<Url, String> {
    let wrong = |why: &dyn std::fmt::Display| format!("{etcd}: {why}");
    let mut address = Url::parse(etcd).map_err(|why| wrong(&why))?;
    let port = address.set_port(Some(PORT));
    port.map_err(|()| wrong(&"it is no address of an etcd"))?;
    address.set_path("/stop");
    address.set_query(None);
    Ok(address)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_wrapper_is_where_etcd_is() {
        let stop = |etcd| stop_address(etcd).map(|address| address.to_string());
        assert_eq!(
            stop("https://etcd-main-local:2379"),
            Ok("https://etcd-main-local:9095/stop".to_owned())
        );
        assert_eq!(
            stop("http://[::1]:2379/x?y").unwrap(),
            "http://[::1]:9095/stop"
        );
        assert!(stop("unix:///run/etcd").is_err());
        assert!(stop("no address").is_err());
    }
}
