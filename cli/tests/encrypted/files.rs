//! The files that are named: what is wrong with them is told before anything is done, and nothing of what stands in them.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use crate::chain::{Chain, Operator};
use crate::support::{Site, contents};

const PASSPHRASE: &str = "age-encryption.org/v1\n-> scrypt bBjlhJVYZeE4aqUdmtRHfw 18\n";

#[test]
fn a_file_without_recipients_is_refused_at_start() {
    let site = Site::new();
    let operator = Operator::new(&site, "operator");
    let secret = fs::read_to_string(&operator.identity).unwrap();
    let secret = secret.lines().last().unwrap();
    let path = site.path().join("recipients.txt");
    let named = path.to_str().unwrap();
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
