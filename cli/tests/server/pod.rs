//! A pod: a sidecar, and a real etcd that is started as etcd-wrapper starts it.

use std::fs::{self, File};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use rustix::process::Signal;
use testkit::{oracles, port, wait};

use crate::place::Place;
use crate::support::{Run, Site, program, signal};

/// How long anything of a pod may take.
pub(crate) const LIMIT: Duration = Duration::from_secs(90);

/// Its sidecar runs, its etcd may. Both are killed when it is dropped.
pub(crate) struct Pod {
    pub(crate) name: String,
    pub(crate) place: Place,
    port: u16,
    client: u16,
    dir: PathBuf,
    /// That of its etcd, from its next start on.
    pub(crate) version: String,
    /// The command line of the sidecar, and its environment.
    pub(crate) arguments: Vec<String>,
    pub(crate) environment: Vec<(&'static str, String)>,
    /// Who asks its etcd, where users are checked.
    pub(crate) token: Option<String>,
    sidecar: Option<Child>,
    etcd: Option<Child>,
}

/// What the pods of a cluster share.
pub(crate) struct Cluster<'a> {
    pub(crate) site: &'a Site,
    pub(crate) version: &'a str,
    /// More flags of the sidecars.
    pub(crate) flags: &'a [&'a str],
}

impl<'a> Cluster<'a> {
    /// One whose sidecars have no more flags.
    pub(crate) fn of(site: &'a Site, version: &'a str) -> Self {
        let flags = &[];
        Self {
            site,
            version,
            flags,
        }
    }

    /// A pod alone, whose etcd serves and leads.
    pub(crate) fn leading(&self) -> Pod {
        let mut pod = self.alone();
        pod.initialize("full");
        pod.start_etcd();
        pod.leads();
        pod
    }

    /// A pod alone, whose sidecar runs.
    pub(crate) fn alone(&self) -> Pod {
        self.pods(1).remove(0)
    }

    /// Pods whose sidecars run.
    pub(crate) fn pods(&self, count: usize) -> Vec<Pod> {
        let mut pods = self.prepared(count);
        pods.iter_mut().for_each(Pod::start_sidecar);
        pods
    }

    /// Pods in which nothing runs yet.
    pub(crate) fn prepared(&self, count: usize) -> Vec<Pod> {
        self.prepared_at((0..count).map(Place::on_loopback).collect())
    }

    /// The same, elsewhere.
    pub(crate) fn prepared_at(&self, places: Vec<Place>) -> Vec<Pod> {
        let (port, client, peer) = (port::free(), port::free(), port::free());
        let (port, client, peer) = (port.unwrap(), client.unwrap(), peer.unwrap());
        let names: Vec<String> = (0..places.len())
            .map(|number| format!("etcd-main-{number}"))
            .collect();
        let all = || names.iter().zip(places.iter().map(|place| &place.ip));
        let members: Vec<String> = all()
            .map(|(name, ip)| format!("{name}=http://{ip}:{peer}"))
            .collect();
        let urls = |port: u16| {
            let lines = all().map(|(name, ip)| format!("  {name}:\n  - http://{ip}:{port}\n"));
            lines.collect::<String>()
        };
        let mut pods = Vec::new();
        for (name, place) in names.iter().zip(&places) {
            let ip = &place.ip;
            let dir = self.site.path().join(name);
            fs::create_dir_all(dir.join("data")).unwrap();
            // As etcd-druid writes it.
            let config = format!(
                "name: etcd-config\ndata-dir: {}\nmetrics: basic\nsnapshot-count: 10000\nquota-backend-bytes: 8589934592\nenable-grpc-gateway: true\n\
                 initial-cluster-token: etcd-cluster\ninitial-cluster-state: new\ninitial-cluster: {}\n\
                 auto-compaction-mode: periodic\nauto-compaction-retention: 30m\n\
                 listen-client-urls: http://{ip}:{client}\nlisten-peer-urls: http://{ip}:{peer}\n\
                 initial-advertise-peer-urls:\n{}advertise-client-urls:\n{}",
                dir.join("data/new.etcd").display(),
                members.join(","),
                urls(peer),
                urls(client)
            );
            fs::write(dir.join("etcd.conf.yaml"), config).unwrap();
            let mut pod = Pod {
                name: name.clone(),
                place: place.clone(),
                port,
                client,
                dir,
                version: self.version.to_owned(),
                arguments: Vec::new(),
                environment: Vec::new(),
                token: None,
                sidecar: None,
                etcd: None,
            };
            pod.arguments = self.arguments(&pod);
            pod.environment = pod.of_kubernetes();
            pods.push(pod);
        }
        pods
    }

    /// Like those of druid for one with a local store, but faster.
    fn arguments(&self, pod: &Pod) -> Vec<String> {
        let (store, dir) = (self.site.store(), pod.data_dir());
        let (store, dir) = (store.to_str().unwrap(), dir.to_str().unwrap());
        let (listen, endpoint) = (
            format!("{}:{}", pod.place.listens(), pod.port),
            pod.endpoint(),
        );
        let own = [
            ["--listen", &listen],
            ["--storage-provider", "Local"],
            ["--store-container", store],
            ["--data-dir", dir],
            ["--endpoints", &endpoint],
            ["--delta-snapshot-period", "1s"],
            ["--schedule", "@every 24h"],
            ["--reelection-period", "1s"],
        ];
        let all = ["server"].iter().chain(own.iter().flatten());
        let all = all.chain(self.flags).map(|word| (*word).to_owned());
        all.collect()
    }
}

impl Pod {
    /// What is mounted at `/var/etcd/data`.
    pub(crate) fn volume(&self) -> PathBuf {
        self.dir.join("data")
    }

    pub(crate) fn data_dir(&self) -> PathBuf {
        self.volume().join("new.etcd")
    }

    /// Where its etcd is asked.
    pub(crate) fn endpoint(&self) -> String {
        format!("http://{}:{}", self.place.ip, self.client)
    }

    /// Where its etcd takes requests.
    pub(crate) fn client_port(&self) -> u16 {
        self.client
    }

    /// Where its sidecar listens.
    pub(crate) fn port(&self) -> u16 {
        self.port
    }

    /// Changes etcd's configuration.
    pub(crate) fn reconfigure(&self, change: impl FnOnce(&str) -> String) {
        let path = self.dir.join("etcd.conf.yaml");
        let config = fs::read_to_string(&path).unwrap();
        fs::write(path, change(&config)).unwrap();
    }

    fn of_kubernetes(&self) -> Vec<(&'static str, String)> {
        let config = self.dir.join("etcd.conf.yaml").display().to_string();
        vec![
            ("POD_NAME", self.name.clone()),
            ("POD_NAMESPACE", "garden".to_owned()),
            ("ETCD_CONF", config),
        ]
    }

    pub(crate) fn log(&self) -> String {
        fs::read_to_string(self.dir.join("sidecar.log")).unwrap()
    }

    /// The command of the sidecar.
    pub(crate) fn command(&self) -> Command {
        let mut command = self.place.command(program());
        let environment = self.environment.iter().map(|(name, value)| (name, value));
        command.env_clear().envs(environment).args(&self.arguments);
        command
    }

    /// Who it is, as flags of etcd say it.
    pub(crate) fn identity(&self) -> [String; 6] {
        let config = fs::read_to_string(self.dir.join("etcd.conf.yaml")).unwrap();
        let line = config
            .lines()
            .find_map(|line| line.strip_prefix("initial-cluster: "));
        let cluster = line.unwrap();
        let own = format!("{}=", self.name);
        let url = cluster.split(',').find_map(|one| one.strip_prefix(&own));
        let flags = [
            ("--name", self.name.as_str()),
            ("--initial-cluster", cluster),
            ("--initial-advertise-peer-urls", url.unwrap()),
        ];
        let [name, cluster, urls] = flags.map(|(flag, value)| [flag, value].map(str::to_owned));
        [name, cluster, urls].concat().try_into().unwrap()
    }

    pub(crate) fn start_sidecar(&mut self) {
        self.launch_sidecar();
        self.until("the sidecar answers", |pod| pod.get("/healthz").is_some());
    }

    /// The same without waiting.
    pub(crate) fn launch_sidecar(&mut self) {
        let log = File::options()
            .create(true)
            .append(true)
            .open(self.dir.join("sidecar.log"));
        let child = self
            .command()
            .stdout(Stdio::null())
            .stderr(log.unwrap())
            .spawn();
        self.sidecar = Some(child.unwrap());
    }

    /// As etcd-wrapper does it: asks for it, and asks each second how far it is. Any word but two is `in progress`.
    pub(crate) fn initialize(&self, mode: &str) {
        let path = "/initialization/status";
        assert_eq!(self.body("GET", path), "New");
        let started = self.body("GET", &format!("/initialization/start?mode={mode}"));
        assert_eq!(started, "");
        self.until("it is initialized", |pod| {
            pod.body("GET", path) == "Successful"
        });
    }

    /// The same until it is done: etcd changes no members before it is ready for that.
    pub(crate) fn initialize_at_last(&self) {
        self.initialize_at_last_in("full");
    }

    pub(crate) fn initialize_at_last_in(&self, mode: &str) {
        let start = format!("/initialization/start?mode={mode}");
        self.until("it is initialized at last", |pod| {
            let word = pod.body("GET", "/initialization/status");
            if word == "New" {
                pod.body("GET", &start);
            }
            word == "Successful"
        });
    }

    /// As etcd-wrapper does it: with the configuration that the sidecar hands out.
    pub(crate) fn start_etcd(&mut self) {
        self.launch_etcd();
        let healthy = || Ok(self.etcd_is_healthy().then_some(()));
        let serves = wait::until("etcd is healthy", LIMIT, healthy);
        serves.unwrap_or_else(|error| {
            let log = self.etcd_log();
            let lines: Vec<&str> = log.lines().collect();
            let last = &lines[lines.len().saturating_sub(60)..];
            unreachable!("{error}: {}\n{}", self.log(), last.join("\n"))
        });
    }

    /// The same without waiting: none is healthy before most run.
    pub(crate) fn launch_etcd(&mut self) {
        self.launch_etcd_with(&self.body("GET", "/config"));
    }

    /// The same with what was handed out already.
    pub(crate) fn launch_etcd_with(&mut self, handed_out: &str) {
        let config = self.dir.join("handed-out.yaml");
        fs::write(&config, handed_out).unwrap();
        let log = File::options()
            .create(true)
            .append(true)
            .open(self.dir.join("etcd.log"));
        let log = log.unwrap();
        let binary = oracles::etcd(&self.version).unwrap();
        let mut etcd = self.place.command(binary.path());
        let etcd = etcd
            .arg("--config-file")
            .arg(config)
            .stdout(log.try_clone().unwrap())
            .stderr(log)
            .spawn();
        self.etcd = Some(etcd.unwrap());
    }

    /// Killed without warning.
    pub(crate) fn kill_etcd(&mut self) {
        if let Some(mut etcd) = self.etcd.take() {
            etcd.kill().unwrap();
            etcd.wait().unwrap();
        }
    }

    /// Stopped as the kubelet does it.
    pub(crate) fn stop_etcd(&mut self) {
        let mut etcd = self.etcd.take().unwrap();
        signal(&etcd, Signal::TERM);
        let ended = wait::until("etcd ends", LIMIT, || Ok(etcd.try_wait()?));
        if let Err(error) = ended {
            etcd.kill().unwrap();
            unreachable!("{error}: {}", self.etcd_log())
        }
    }

    pub(crate) fn kill_sidecar(&mut self) {
        if let Some(mut sidecar) = self.sidecar.take() {
            sidecar.kill().unwrap();
            sidecar.wait().unwrap();
        }
    }

    pub(crate) fn signal_sidecar(&self, with: Signal) {
        signal(self.sidecar.as_ref().unwrap(), with);
    }

    /// As the kubelet does it. Its exit code, and what it has said.
    pub(crate) fn stop_sidecar(&mut self) -> Run {
        let mut sidecar = self.sidecar.take().unwrap();
        signal(&sidecar, Signal::TERM);
        let status = wait::until("the sidecar ends", LIMIT, || Ok(sidecar.try_wait()?));
        let status = status.unwrap_or_else(|error| {
            sidecar.kill().unwrap();
            unreachable!("{error}: {}", self.log())
        });
        Run {
            code: status.code(),
            stdout: String::new(),
            stderr: self.log(),
        }
    }

    /// Its peers find it elsewhere from now on, by its configuration: at this address.
    pub(crate) fn change_peer_url(&self) -> String {
        let path = self.dir.join("etcd.conf.yaml");
        let config = fs::read_to_string(&path).unwrap();
        let key = "initial-advertise-peer-urls:\n";
        let (before, after) = config.split_once(key).unwrap();
        let url = format!("http://{}:{}", self.place.ip, port::free().unwrap());
        let mut lines = after.lines();
        let name = lines.next().unwrap();
        let rest: Vec<&str> = lines.skip(1).collect();
        let changed = format!("{before}{key}{name}\n  - {url}\n{}\n", rest.join("\n"));
        fs::write(path, changed).unwrap();
        url
    }

    pub(crate) fn etcd_log(&self) -> String {
        fs::read_to_string(self.dir.join("etcd.log")).unwrap()
    }
}

impl Drop for Pod {
    fn drop(&mut self) {
        for child in [&mut self.etcd, &mut self.sidecar].into_iter().flatten() {
            // It may have ended.
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}
