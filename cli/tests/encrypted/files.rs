//! The files that are named: what is wrong with them is told before anything is done, and nothing of what stands in them.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use crate::chain::{Chain, Operator};
use crate::support::{Run, Site, contents};

/// Points of low order, as recipients: to each everybody has the secret.
const ZERO: &str = "age1qqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqq5cu47z";
const OF_ORDER_8: &str = "age1ur4h5lpmgxu2u9jku0a0r87ydtdqnr0tnsetrlvxvgz3vh6fhqqqzyt4v9";

const PASSPHRASE: &str = "age-encryption.org/v1\n-> scrypt bBjlhJVYZeE4aqUdmtRHfw 18\n";

#[test]
fn a_file_without_recipients_is_refused_at_start() {
    let site = Site::new();
    let operator = Operator::new(&site, "operator");
    let secret = fs::read_to_string(&operator.identity).unwrap();
    let secret = secret.lines().last().unwrap();
    let path = site.path().join("recipients.txt");
    let named = path.to_str().unwrap();
    // More than a header takes: what was made of it could not be read any more.
    let many =
        (0..201).map(|number| Operator::new(&site, &format!("many-{number}")).recipient + "\n");
    let many: String = many.collect();
    let cases = [
        (None, "cannot read recipients in"),
        (Some("".to_owned()), "holds no recipients"),
        (Some("# nobody\n\n".to_owned()), "holds no recipients"),
        (Some(format!("{}\nage1xyz\n", operator.recipient)), "line 2"),
        (
            Some(format!("# me\n{secret}\n")),
            "line 2: it is a secret key",
        ),
        (
            Some("ssh-ed25519 AAAA me\n".to_owned()),
            "line 1: it is a key of SSH",
        ),
        // The crate panics for them, and the snapshotter waited for ever.
        (
            Some(ZERO.to_owned()),
            "line 1: nobody can have the secret key",
        ),
        (
            Some(OF_ORDER_8.to_owned()),
            "line 1: nobody can have the secret key",
        ),
        (Some(many), "201 recipients, and a key can have 200"),
    ];
    for (text, told) in cases {
        match text {
            Some(text) => fs::write(&path, text).unwrap(),
            None => assert!(!path.exists()),
        }
        let nobody = ["--endpoints", "http://127.0.0.1:1"];
        let run = site.run(
            "snapshot",
            &[&["--once", "--encrypt-recipients", named], &nobody[..]].concat(),
        );
        run.failed_with(&["--encrypt-recipients", named, told]);
        assert!(!run.stderr.contains(secret), "{}", run.stderr);
    }
}

/// An empty variable, as one that a manifest does not fill, was as good as none: backups were plain, and nobody heard of it.
#[test]
fn an_empty_setting_is_no_file() {
    let site = Site::new();
    let nobody = ["--once", "--endpoints", "http://127.0.0.1:1"];
    let mut command = site.command("snapshot", &nobody);
    command.env("ETCDBRCTL_ENCRYPT_RECIPIENTS", "");
    Run::of(command).failed_with(&["--encrypt-recipients", "nothing would be encrypted"]);
    let file = site.path().join("sidecar.yaml");
    for value in ["", "\"\""] {
        fs::write(
            &file,
            format!("encryptionConfig:\n  recipientsFile: {value}\n"),
        )
        .unwrap();
        let run = site.run("server", &["--config-file", file.to_str().unwrap()]);
        run.failed_with(&[
            "encryptionConfig.recipientsFile",
            "nothing would be encrypted",
        ]);
    }
}

/// A secret key where a path belongs was told whole in the error, and stood in the log.
#[test]
fn a_secret_in_the_place_of_a_path_is_not_told() {
    let site = Site::new();
    let operator = Operator::new(&site, "operator");
    let secret = fs::read_to_string(&operator.identity).unwrap();
    let secret = secret.lines().last().unwrap();
    for flag in ["--identity", "--encrypt-recipients"] {
        let variable = format!("ETCDBRCTL_{}", flag[2..].to_uppercase().replace('-', "_"));
        let nobody = ["--once", "--endpoints", "http://127.0.0.1:1"];
        let given = site.run("snapshot", &[&nobody[..], &[flag, secret]].concat());
        let mut command = site.command("snapshot", &nobody);
        command.env(variable, secret.to_lowercase());
        for run in [given, Run::of(command)] {
            run.failed_with(&[flag, "a secret key stands where the path"]);
            let told = format!("{}{}", run.stdout, run.stderr).to_uppercase();
            assert!(!told.contains(&secret[20..]), "{told}");
        }
    }
}

#[test]
fn a_file_without_identities_is_refused_and_no_secret_told() {
    let site = Site::new();
    let operator = Operator::new(&site, "operator");
    let path = site.path().join("identity");
    let named = path.to_str().unwrap();
    let secret = fs::read_to_string(&operator.identity).unwrap();
    let secret = secret.lines().last().unwrap();
    let cases = [
        (PASSPHRASE.to_owned(), "encrypted with a passphrase"),
        ("AGE-PLUGIN-YUBIKEY-1QQQ\n".to_owned(), "a plugin"),
        (operator.recipient.clone(), "it is a recipient"),
        (format!("{}x\n", secret), "line 1: it is no identity"),
        ("# none\n".to_owned(), "holds no identities"),
    ];
    for (text, told) in cases {
        fs::write(&path, text).unwrap();
        let run = site.run("list", &["--identity", named]);
        run.failed_with(&["--identity", named, told]);
        assert!(!run.stderr.contains(secret), "{}", run.stderr);
    }
}

/// Whoever may read the identity may read the backups.
#[test]
fn an_identity_that_others_may_read_is_warned_of() {
    let chain = Chain::taken();
    let others = |mode| {
        fs::set_permissions(&chain.operator.identity, fs::Permissions::from_mode(mode)).unwrap();
        let run = chain.site.run("verify", &chain.operator.flags());
        assert_eq!(run.code, Some(0), "{}", run.stderr);
        run.stderr.contains("chmod 600")
    };
    assert!(others(0o644) && others(0o640) && !others(0o600));
    // Nor is it anywhere else than in its file.
    let secret = fs::read_to_string(&chain.operator.identity).unwrap();
    let secret = secret.lines().last().unwrap().to_owned();
    for (path, bytes) in contents(&chain.site.store()) {
        let text = String::from_utf8_lossy(&bytes);
        assert!(
            !text.contains("AGE-SECRET-KEY") && !text.contains(&secret),
            "{}",
            path.display()
        );
    }
}
