//! Who asks, as a profile says it. Each ended in "permission denied: this behavior requires following cargo
//! feature(s)", though the page of S3 says that the chain of AWS is asked.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use serde_json::json;

use crate::stub::{Answer, Asked, Stub};
use crate::{home, listing, lists, run};

/// The file that `aws sso login` leaves for the session `corp`: the SHA-1 of its name.
const CACHED: &str = "ee0bfd2552fbd840c02cc48b6e823320543c450f.json";

const SSO: &str = "[sso-session corp]\nsso_start_url = https://corp.example/start\nsso_region = eu-9\n\
    [profile backup]\nregion = eu-9\nsso_session = corp\nsso_account_id = 123456789012\n\
    sso_role_name = Backup\n";

/// The key by which the listing was signed.
fn signed_by(asked: &Asked) -> &str {
    let header = asked.header("authorization").unwrap();
    let (_, rest) = header.split_once("credential=").unwrap();
    rest.split('/').next().unwrap()
}

/// SSO and STS on the same STUB as S3, by which the requests to all three are told.
fn tokens(asked: &Asked) -> Option<Answer> {
    if asked.line.contains("/federation/credentials") {
        assert_eq!(asked.header("x-amz-sso_bearer_token"), Some("tok"));
        let role = json!({"roleCredentials": {"accessKeyId": "of-sso", "secretAccessKey": "s",
            "sessionToken": "t", "expiration": 4_000_000_000_000_u64}});
        return Some((200, role.to_string()));
    }
    asked.line.starts_with("POST").then(|| {
        assert_eq!(signed_by(asked), "of-source");
        let role = "<AssumeRoleResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\">\
            <AssumeRoleResult><Credentials><AccessKeyId>of-role</AccessKeyId>\
            <SecretAccessKey>s</SecretAccessKey><SessionToken>t</SessionToken>\
            <Expiration>2096-01-01T00:00:00Z</Expiration></Credentials></AssumeRoleResult>\
            </AssumeRoleResponse>";
        (200, role.to_owned())
    })
}

/// Which key the listing of this profile is signed with.
fn key_of(config: &str, credentials: &str) -> String {
    let stub = Stub::start(tokens);
    let url = format!("http://127.0.0.1:{}", stub.port);
    let home = home(config, credentials);
    let cache = home.path().join(".aws/sso/cache");
    fs::create_dir_all(&cache).unwrap();
    let token = json!({"accessToken": "tok", "expiresAt": "2096-01-01T00:00:00Z",
        "region": "eu-9", "startUrl": "https://corp.example/start"});
    fs::write(cache.join(CACHED), token.to_string()).unwrap();
    let program = home.path().join("creds.sh");
    let script = "#!/bin/sh\necho '{\"Version\":1,\"AccessKeyId\":\"of-process\",\"SecretAccessKey\":\"s\"}'\n";
    fs::write(&program, script).unwrap();
    fs::set_permissions(&program, fs::Permissions::from_mode(0o700)).unwrap();
    let config = config.replace("PROGRAM", program.to_str().unwrap());
    fs::write(home.path().join(".aws/config"), config).unwrap();
    let variables = [
        ("AWS_PROFILE", "backup"),
        ("PATH", "/usr/bin:/bin"),
        ("AWS_ENDPOINT_URL_SSO", url.as_str()),
        ("AWS_ENDPOINT_URL_STS", &url),
    ];
    lists(
        home.path(),
        &variables,
        &["--store-endpoint-override", &url],
    );
    signed_by(&listing(&stub)).to_owned()
}

/// IAM Roles Anywhere, aws-vault.
#[test]
fn a_program_gives_the_keys() {
    let config = "[profile backup]\nregion = eu-9\ncredential_process = PROGRAM\n";
    assert_eq!(key_of(config, ""), "of-process");
}

#[test]
fn a_session_of_sso_gives_them() {
    assert_eq!(key_of(SSO, ""), "of-sso");
}

#[test]
fn a_role_is_taken_on_with_the_keys_of_another_profile() {
    let config = "[profile backup]\nregion = eu-9\nrole_arn = arn:aws:iam::1:role/b\n\
        source_profile = base\n";
    let credentials = "[base]\naws_access_key_id = of-source\naws_secret_access_key = s\n";
    assert_eq!(key_of(config, credentials), "of-role");
}

/// Trying again makes no session: it is said at once what is missing.
#[test]
fn without_a_session_it_is_said_what_to_do() {
    let home = home(SSO, "");
    let words = ["list", "--store-endpoint-override", "http://127.0.0.1:1"];
    let done = run(home.path(), &[("AWS_PROFILE", "backup")], &words);
    let said = String::from_utf8_lossy(&done.stderr);
    assert_eq!(done.status.code(), Some(1), "{said}");
    assert!(said.contains("permission denied"), "{said}");
    assert!(said.contains("aws sso login"), "{said}");
}
