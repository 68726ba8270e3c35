//! What a kubelet does for the pods of the Helm chart: secrets and variables as the release has them, each container with its own mounts.

use std::fs;
use std::path::{Path, PathBuf};

use base64_simd::STANDARD;
use serde_json::Value;

use crate::pod::Pod;
use crate::rendered::{RELEASE, arguments, name, of_kind, of_the_program, only, pods};
use crate::support::Site;

/// A release, and what its paths and names are on this machine.
pub(crate) struct Kubelet<'a> {
    pub(crate) release: &'a [Value],
    /// The store.
    pub(crate) store: String,
    /// Of the members, in order.
    pub(crate) ips: Vec<String>,
}

impl Kubelet<'_> {
    /// Makes a pod of ours one of the release.
    pub(crate) fn prepare(&self, pod: &mut Pod, number: usize) {
        pod.name = format!("main-etcd-{number}");
        let template = pods(self.release).remove(0);
        for container in template["spec"]["containers"].as_array().unwrap() {
            let root = root(pod, container);
            self.mount(&template, container, &root);
            for argument in arguments(container) {
                self.names_what_is_mounted(&argument, &root);
            }
        }
        let container = of_the_program(&template)[0];
        let own = root(pod, container);
        let here = |argument: &String| self.text(argument, pod, &own);
        pod.arguments = arguments(container).iter().map(here).collect();
        for variable in container["env"].as_array().unwrap() {
            let value = match &variable["valueFrom"]["fieldRef"]["fieldPath"] {
                Value::String(path) if path == "metadata.name" => pod.name.clone(),
                Value::String(_) => RELEASE.namespace.to_owned(),
                _ => self.text(variable["value"].as_str().unwrap(), pod, &own),
            };
            let called = variable["name"].as_str().unwrap().to_owned();
            let called: &'static str = String::leak(called);
            pod.environment.retain(|(name, _)| *name != called);
            pod.environment.push((called, value));
        }
        let config = only(self.release, "ConfigMap")["data"]["etcd.conf.yaml"].as_str();
        let of_etcd = root(pod, &template["spec"]["containers"][0]);
        let config = self.text(config.unwrap(), pod, &of_etcd);
        // By which the tests ask it.
        pod.reconfigure(|_| format!("{config}enable-grpc-gateway: true\n"));
    }

    /// A text of the release, as it is for a container whose files are below `root`.
    fn text(&self, text: &str, pod: &Pod, root: &Path) -> String {
        let (ip, root) = (&pod.place.ip, root.display().to_string());
        let mut text = text
            .replace("/var/etcd/data", &pod.volume().display().to_string())
            .replace("/var/etcd/ssl", &format!("{root}/var/etcd/ssl"))
            .replace("/var/etcdbr", &format!("{root}/var/etcdbr"))
            .replace("/home/nonroot/etcd-bucket", &self.store)
            .replace("0.0.0.0", ip)
            .replace("main-etcd-local", ip)
            .replace("main-etcd-client", &self.ips[0]);
        for (number, ip) in self.ips.iter().enumerate() {
            let host = format!("main-etcd-{number}.main-etcd-peer.garden.svc");
            text = text.replace(&host, ip);
        }
        // Several pods share this machine.
        text.replace("--server-port=", &format!("--listen={ip}:"))
    }

    /// Writes the secrets that a container mounts below `root`.
    fn mount(&self, template: &Value, container: &Value, root: &Path) {
        let volumes = template["spec"]["volumes"].as_array().unwrap();
        for mount in container["volumeMounts"].as_array().unwrap() {
            let volume = volumes.iter().find(|one| one["name"] == mount["name"]);
            let Some(secret) = volume.unwrap()["secret"]["secretName"].as_str() else {
                continue;
            };
            let secrets = of_kind(self.release, "Secret");
            let secret = secrets.into_iter().find(|one| name(one) == secret).unwrap();
            let directory = below(root, mount["mountPath"].as_str().unwrap());
            fs::create_dir_all(&directory).unwrap();
            for (key, value) in secret["data"].as_object().unwrap() {
                let bytes = STANDARD.decode_to_vec(value.as_str().unwrap()).unwrap();
                fs::write(directory.join(key), bytes).unwrap();
            }
        }
    }

    /// A flag with the path of a file that the container does not mount ends it.
    fn names_what_is_mounted(&self, argument: &str, root: &Path) {
        let path = argument.split_once('=').map_or("", |(_, value)| value);
        let is_mounted = path.starts_with("/var/etcd/ssl") || path.starts_with("/var/etcdbr");
        if is_mounted {
            assert!(below(root, path).is_file(), "{argument}");
        }
    }
}

/// Where the files of a container are.
fn root(pod: &Pod, container: &Value) -> PathBuf {
    let called = container["name"].as_str().unwrap();
    pod.volume().with_file_name(format!("root-of-{called}"))
}

fn below(root: &Path, path: &str) -> PathBuf {
    root.join(path.trim_start_matches('/'))
}

/// The revision that the backups of the release lead to, all of which are read.
pub(crate) fn restorable(site: &Site) -> i64 {
    let run = site.run("verify", &["--store-prefix=main-etcd", "-o", "json"]);
    assert_eq!(run.code, Some(0), "{}", run.stderr);
    let report: Value = serde_json::from_str(&run.stdout).unwrap();
    report["revision"].as_i64().unwrap()
}
