use std::fs;
use std::path::Path;

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use serde_json::{Value, json};
use testkit::etcd::{Etcd, Member};
use testkit::oracles;

use crate::snapshotter::{Snapshotter, command, leads_to, names};
use crate::support::{Run, Site};

/// From now on users are checked.
fn enable(etcd: &Etcd) {
    let ask = |rpc: &str, request: Value| etcd.ask(rpc, &request, None).unwrap();
    ask("auth/role/add", json!({"name": "root"}));
    ask("auth/user/add", json!({"name": "root", "password": "hush"}));
    ask("auth/user/grant", json!({"user": "root", "role": "root"}));
    ask("auth/enable", json!({}));
}

/// Users are checked from some moment on, and then not any more: a watch that runs goes on, and what is asked anew needs
/// a token. The password is nowhere in what is said.
#[test]
fn users_that_are_checked_and_not_any_more() {
    let mut etcd = Etcd::fresh(&oracles::etcd("3.5.35").unwrap()).unwrap();
    let site = Site::new();
    etcd.put(b"a", b"1").unwrap();
    let password = ["--etcd-username", "root", "--etcd-password", "hush"];
    // Before there are users, a login is not needed.
    let early = Run::of(command(
        &site,
        &etcd,
        &[&["--once"], &password[..]].concat(),
    ));
    assert_eq!(early.code, Some(0), "{}", early.stderr);
    let before = names(&site);
    enable(&etcd);
    // What no second attempt can change ends at once, with what to do.
    let unnamed = Run::of(command(&site, &etcd, &["--once"]));
    unnamed.failed_with(&[
        "user name is empty",
        "hint: set --etcd-username",
        "role root",
    ]);
    assert!(
        !unnamed.stderr.contains("trying again"),
        "{}",
        unnamed.stderr
    );
    let mut wrong = command(&site, &etcd, &["--once", "--etcd-username", "root"]);
    let wrong = Run::of({
        wrong.env("ETCDBRCTL_ETCD_PASSWORD", "not-hush");
        wrong
    });
    wrong.failed_with(&["authentication failed"]);
    assert!(!wrong.stderr.contains("not-hush"));
    assert_eq!(names(&site), before);

    // A command line is readable to everybody in the pod.
    let file = site.path().join("password");
    fs::write(&file, "hush\n").unwrap();
    let named = ["--once", "--etcd-username", "root", "--etcd-password-file"];
    let with_file = |more: &[&str]| {
        let file = [file.to_str().unwrap()];
        Run::of(command(
            &site,
            &etcd,
            &[&named[..], &file[..], more].concat(),
        ))
    };
    let taken = with_file(&[]);
    assert_eq!(taken.code, Some(0), "{}", taken.stderr);
    with_file(&["--etcd-password", "other"]).failed_with(&["leave one of them out"]);
    fs::write(&file, "\n").unwrap();
    with_file(&[]).failed_with(&["--etcd-password-file", "it is empty"]);

    let verbose = [&password[..], &["-v"]].concat();
    let mut snapshotter = Snapshotter::start(&site, &etcd, &verbose);
    snapshotter.says("\"following etcd\"");
    // Tokens are forgotten.
    etcd.restart_in_place().unwrap();
    snapshotter.says("following etcd anew");
    let token = etcd.ask(
        "auth/authenticate",
        &json!({"name": "root", "password": "hush"}),
        None,
    );
    let token = token.unwrap()["token"].as_str().unwrap().to_owned();
    let put = |token: Option<&str>| {
        let request = json!({"key": "YQ==", "value": "Mg=="});
        let answer = etcd.ask("kv/put", &request, token).unwrap();
        answer["header"]["revision"]
            .as_str()
            .unwrap()
            .parse::<i64>()
            .unwrap()
    };
    snapshotter.stores(put(Some(&token)));
    etcd.ask("auth/disable", &json!({}), Some(&token)).unwrap();
    snapshotter.stores(put(None));
    let last = put(None);
    snapshotter.stores(last);
    let run = snapshotter.stop();
    assert_eq!(run.code, Some(0), "{}", run.stderr);
    assert!(!run.stderr.contains("hush"), "{}", run.stderr);
    leads_to(&site, &etcd, last);
}

/// A CA, and a certificate that it signed for this machine, in files.
fn certificates(room: &Path) {
    let mut params = CertificateParams::new([]).unwrap();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let ca = CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap();
    fs::write(room.join("ca.pem"), ca.pem()).unwrap();
    for name in ["server", "client"] {
        let key = KeyPair::generate().unwrap();
        let params = CertificateParams::new(["127.0.0.1".to_owned()]).unwrap();
        let certificate = params.signed_by(&key, &ca).unwrap();
        fs::write(room.join(format!("{name}.pem")), certificate.pem()).unwrap();
        fs::write(room.join(format!("{name}.key")), key.serialize_pem()).unwrap();
    }
}

/// The reference accepts any certificate unless it is told not to.
#[test]
fn a_certificate_is_verified_unless_it_is_said_otherwise() {
    let room = tempfile::tempdir().unwrap();
    certificates(room.path());
    let file = |name: &str| room.path().join(name).display().to_string();
    let [ca, cert, key] = ["ca.pem", "client.pem", "client.key"].map(file);
    let flags = [
        "--cert-file",
        &file("server.pem"),
        "--key-file",
        &file("server.key"),
        "--trusted-ca-file",
        &ca,
        "--client-cert-auth",
    ]
    .map(str::to_owned);
    let (binary, member) = (oracles::etcd("3.6.16").unwrap(), Member::alone().unwrap());
    let etcd = Etcd::serving(&binary, &member, &room.path().join("data"), &flags).unwrap();
    let url = etcd.secured_url().unwrap();
    let site = Site::new();
    let once = |flags: &[&str]| {
        let all = [
            &[
                "--once",
                "--endpoints",
                &url,
                "--etcd-connection-timeout",
                "2s",
            ],
            flags,
        ]
        .concat();
        Run::of(site.command("snapshot", &all))
    };
    let ours = ["--cert", &cert, "--key", &key];
    // Each ended in the words of a library, and a fresh user of kubeadm's etcd found no flag in them.
    once(&ours).failed_with(&["certificate", "hint: name the CA", "--cacert"]);
    let against = ["--against", &url];
    let against = site.run("verify", &against);
    against.failed_with(&["certificate", "--cacert"]);
    let clear = url.replace("https", "http");
    let in_clear = site.command("snapshot", &["--once", "--endpoints", &clear]);
    Run::of(in_clear).failed_with(&[&clear, "write https:// in place of http://"]);
    let plain = Etcd::fresh(&binary).unwrap();
    let secured = plain.client_url().replace("http", "https");
    let secured = ["--against", &secured, "--insecure-skip-tls-verify"];
    let verified = site.run("verify", &secured);
    verified.failed_with(&["write http:// in place of https://"]);
    once(&["--cacert", &ca]).failed_with(&["CertificateRequired", "hint: name a cert", "--key"]);
    once(&["--cert", &cert]).failed_with(&["--key"]);
    once(&["--cacert", &ca, "--insecure-skip-tls-verify"]).failed_with(&["--cacert"]);
    assert!(names(&site).is_empty());
    for trust in [&["--cacert", &ca][..], &["--insecure-skip-tls-verify"]] {
        let taken = once(&[&ours[..], trust].concat());
        assert_eq!(taken.code, Some(0), "{}", taken.stderr);
    }
}
