use std::path::Path;
use std::process::Command;

use anyhow::{Result, bail};

use super::accounts;
use super::emulator::Emulator;
use super::install::{Installed, Source};
use super::place::Place;

/// All of them.
pub static EMULATORS: [Emulator; 6] = [MINIO, MOTO, FAKE_GCS, AZURITE, SWIFT, KEYSTONE];

/// Those that `names` name, by their own name or by their target; all when it is empty.
pub fn named(names: &[String]) -> Result<Vec<&'static Emulator>> {
    let known = |name: &String| EMULATORS.iter().any(|e| e.name == name || e.target == name);
    if let Some(name) = names.iter().find(|name| !known(name)) {
        let all: Vec<_> = EMULATORS.iter().map(|emulator| emulator.name).collect();
        bail!(
            "there is no emulator {name:?}; there are {}",
            all.join(", ")
        );
    }
    let wanted = |emulator: &&Emulator| {
        let is = |name: &String| emulator.name == name || emulator.target == name;
        names.is_empty() || names.iter().any(is)
    };
    Ok(EMULATORS.iter().filter(wanted).collect())
}

/// Enforces signatures, object lock and create-if-absent.
const MINIO: Emulator = Emulator {
    name: "minio",
    version: "v0.0.0-20260212201848-7aac2a2c5b7c",
    target: "s3",
    variable: "CONFORMANCE_S3",
    account: "user etcdbr-test, password etcdbr-test-secret",
    source: Source::Go {
        module: "github.com/minio/minio",
    },
    command: |installed, place| {
        let mut minio = Command::new(installed.program("minio"));
        minio
            .arg("server")
            .arg(&place.data)
            .args(["--address", &place.address(), "--quiet"])
            .env("MINIO_BROWSER", "off")
            .env("MINIO_ROOT_USER", accounts::MINIO_USER)
            .env("MINIO_ROOT_PASSWORD", accounts::MINIO_PASSWORD);
        Ok(minio)
    },
    ready: ("/minio/health/ready", 200),
    path: "",
};

/// For STS, which MinIO has only with an identity provider behind it.
const MOTO: Emulator = Emulator {
    name: "moto",
    version: "5.2.5",
    target: "s3",
    variable: "CONFORMANCE_STS",
    account: "any keys",
    source: Source::Pip {
        package: "moto",
        requirements: include_str!("../../emulators/moto/requirements.txt"),
    },
    command: |installed, place| {
        let mut moto = installed.python()?;
        moto.args(["-m", "moto.server", "--host", "127.0.0.1", "--port"])
            .arg(place.port.to_string());
        Ok(moto)
    },
    ready: ("/moto-api/", 200),
    path: "",
};

/// In memory: its file backend refuses versioning. Without `-external-url`, so that the session of a
/// resumable upload is where the client came from, which may be a proxy.
const FAKE_GCS: Emulator = Emulator {
    name: "fake-gcs-server",
    version: "v1.56.1",
    target: "gcs",
    variable: "CONFORMANCE_GCS",
    account: "nobody is asked who they are",
    source: Source::Go {
        module: "github.com/fsouza/fake-gcs-server",
    },
    command: |installed, place| {
        let mut server = Command::new(installed.program("fake-gcs-server"));
        server
            .args(["-scheme", "http", "-host", "127.0.0.1", "-port"])
            .arg(place.port.to_string())
            .args(["-backend", "memory", "-log-level", "warn"]);
        Ok(server)
    },
    ready: ("/_internal/healthcheck", 200),
    path: "",
};

/// Any version of the API may ask: Azurite follows Azure by months. Connections are kept for longer
/// than the five seconds it would keep them, or clients find them closed at any moment.
const AZURITE: Emulator = Emulator {
    name: "azurite",
    version: "3.35.0",
    target: "abs",
    variable: "CONFORMANCE_ABS",
    account: "account devstoreaccount1, with the key that is published with Azurite",
    source: Source::Npm {
        package: "azurite",
        manifest: include_str!("../../emulators/azurite/package.json"),
        lock: include_str!("../../emulators/azurite/package-lock.json"),
    },
    command: |installed, place| Ok(azurite(installed, place)),
    // Nobody may list containers without a signature.
    ready: ("/devstoreaccount1?comp=list", 403),
    path: "/devstoreaccount1",
};

/// The same, which looks away where it does not know what Azure knows, the CRC of a block above all.
/// For measuring what Azure itself is sent; a suite would be let through with too much.
pub static LOOSE_AZURITE: Emulator = Emulator {
    command: |installed, place| {
        let mut loose = azurite(installed, place);
        loose.arg("--loose");
        Ok(loose)
    },
    ..AZURITE
};

fn azurite(installed: &Installed, place: &Place) -> Command {
    let mut azurite = Command::new("node");
    azurite
        .arg(
            installed
                .dir()
                .join("node_modules/azurite/dist/src/blob/main.js"),
        )
        .args(["--blobHost", "127.0.0.1", "--blobPort"])
        .arg(place.port.to_string())
        .arg("--location")
        .arg(&place.data)
        .args(["--blobKeepAliveTimeout", "600"])
        .args(["--skipApiVersionCheck", "--silent", "--disableTelemetry"]);
    azurite
}

/// The object store is Swift; the login is ours, in the shape of Keystone's.
const SWIFT: Emulator = Emulator {
    name: "swift",
    version: "2.38.3",
    target: "swift",
    variable: "CONFORMANCE_SWIFT",
    account: "user demo, password demopass, project demo",
    source: Source::Pip {
        package: "swift",
        requirements: include_str!("../../emulators/swift/requirements.txt"),
    },
    command: |installed, place| {
        place.write("serve.py", include_str!("../../emulators/swift/serve.py"))?;
        place.write("login.py", include_str!("../../emulators/swift/login.py"))?;
        let mut swift = installed.python()?;
        swift
            .arg(place.dir.join("serve.py"))
            .args([&place.data, Path::new("127.0.0.1")])
            .arg(place.port.to_string());
        Ok(swift)
    },
    ready: ("/healthcheck", 200),
    path: "/v3",
};

/// Keystone itself, and a Swift that asks it: what [`SWIFT`]'s login is held to.
const KEYSTONE: Emulator = Emulator {
    name: "keystone",
    version: "30.0.0",
    target: "swift",
    variable: "CONFORMANCE_KEYSTONE",
    account: "user admin, password adminpass",
    source: Source::Pip {
        package: "keystone",
        requirements: include_str!("../../emulators/keystone/requirements.txt"),
    },
    command: |installed, place| {
        place.write(
            "serve_swift.py",
            include_str!("../../emulators/swift/serve.py"),
        )?;
        place.write(
            "serve.py",
            include_str!("../../emulators/keystone/serve.py"),
        )?;
        let mut keystone = installed.python()?;
        keystone
            .arg(place.dir.join("serve.py"))
            .args([&place.data, Path::new("127.0.0.1")])
            .arg(place.port.to_string())
            .arg(place.dir.join("serve_swift.py"));
        Ok(keystone)
    },
    ready: ("/v3", 200),
    path: "/v3",
};

/// WebDAV, for the plugin over OpenDAL: of no target of this workspace, so that only its tests start it. It writes in
/// place what is put, and removes what a move replaces, as its standard says (RFC 4918, 9.9.3).
pub static WEBDAV: Emulator = Emulator {
    name: "wsgidav",
    version: "4.4.0",
    target: "webdav",
    variable: "CONFORMANCE_WEBDAV",
    account: "user etcdbr-test, password etcdbr-test-secret",
    source: Source::Pip {
        package: "wsgidav",
        requirements: include_str!("../../emulators/wsgidav/requirements.txt"),
    },
    command: |installed, place| {
        let account = serde_json::json!({
            accounts::WEBDAV_USER: { "password": accounts::WEBDAV_PASSWORD },
        });
        let config = serde_json::json!({
            "host": "127.0.0.1",
            "port": place.port,
            "provider_mapping": { "/": &place.data },
            "simple_dc": { "user_mapping": { "*": account } },
            "http_authenticator": { "accept_digest": false, "default_to_digest": false },
            "dir_browser": { "enable": false },
            // After its ten seconds it answered 408 to a suite that was waiting for it.
            "server_args": { "timeout": 60 },
            "verbose": 1,
        });
        place.write("wsgidav.json", &config.to_string())?;
        let mut server = installed.python()?;
        server
            .args(["-m", "wsgidav.server.server_cli", "--config"])
            .arg(place.dir.join("wsgidav.json"));
        Ok(server)
    },
    ready: ("/", 401),
    path: "",
};
