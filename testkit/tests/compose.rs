//! docker-compose.yml starts what `cargo xtask emulators up` starts.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

use std::fs;
use std::path::Path;

use testkit::emulators::EMULATORS;

/// The lines of docker-compose.yml, and those of each service by its name.
fn services() -> (String, Vec<(String, String)>) {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let compose = fs::read_to_string(root.join("docker-compose.yml")).unwrap();
    let (head, services) = compose.split_once("\nservices:\n").unwrap();
    let mut found: Vec<(String, String)> = Vec::new();
    for line in services.lines() {
        let name = line
            .strip_prefix("  ")
            .and_then(|line| line.strip_suffix(':'));
        match name.filter(|name| !name.starts_with([' ', '#'])) {
            Some(name) => found.push((name.to_owned(), String::new())),
            None => {
                if let Some((_, lines)) = found.last_mut() {
                    *lines += &format!("{}\n", line.trim());
                }
            }
        }
    }
    (head.to_owned(), found)
}

#[test]
fn every_emulator_is_a_service() {
    let (head, services) = services();
    let names: Vec<_> = services.iter().map(|(name, _)| name.as_str()).collect();
    let wanted = EMULATORS.each_ref().map(|emulator| emulator.name);
    assert_eq!(names, wanted);
    for emulator in &EMULATORS {
        let export = format!("export {}=http://127.0.0.1:", emulator.variable);
        let (_, rest) = head.split_once(&export).unwrap_or_default();
        let (port, path) = rest.split_at(4.min(rest.len()));
        assert!(port.parse::<u16>().is_ok(), "{export}");
        let path = path.lines().next().unwrap_or_default();
        assert_eq!(path, emulator.path(), "{export}");
    }
}

#[test]
fn every_image_is_pinned_and_every_port_is_on_the_loopback() {
    let (head, services) = services();
    for (name, lines) in services {
        let line = |start: &str| {
            let found = lines.lines().find_map(|line| line.strip_prefix(start));
            found.unwrap_or_default().to_owned()
        };
        let image = line("image: ");
        let (_, tag) = image.rsplit_once(':').unwrap_or_default();
        assert!(tag.contains(|c: char| c.is_ascii_digit()), "{image}");
        let ports = line("- 127.0.0.1:");
        let (port, _) = ports.split_once(':').unwrap_or_default();
        assert!(
            head.contains(&format!("=http://127.0.0.1:{port}")),
            "{name}"
        );
        assert!(lines.contains("healthcheck:\n"), "{name}");
    }
}

/// Two servers of one name behave alike. MinIO has published no image of the version that is built
/// here. OpenStack comes in no images of its own: see below.
#[test]
fn versions_are_the_same() {
    let (_, services) = services();
    for emulator in EMULATORS
        .iter()
        .filter(|one| !["minio", "swift", "keystone"].contains(&one.name))
    {
        let (_, lines) = services
            .iter()
            .find(|(name, _)| name == emulator.name)
            .unwrap();
        let tag = format!(":{}\n", emulator.version.trim_start_matches('v'));
        assert!(lines.contains(&tag), "{emulator}");
    }
}

/// What is of OpenStack is installed from the same lists of requirements, and those name the versions
/// of the catalogue.
#[test]
fn openstack_is_installed_from_the_lists_of_the_catalogue() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let (_, services) = services();
    for emulator in EMULATORS
        .iter()
        .filter(|one| ["swift", "keystone"].contains(&one.name))
    {
        let name = emulator.name;
        let (_, lines) = services.iter().find(|(other, _)| other == name).unwrap();
        let mounted = format!("- ./testkit/emulators/{name}:/{name}:ro\n");
        assert!(lines.contains(&mounted), "{mounted}");
        let wanted = format!("--requirement /{name}/requirements.txt\n");
        assert!(lines.contains(&wanted), "{wanted}");
        let list = root.join(format!("emulators/{name}/requirements.txt"));
        let list = fs::read_to_string(list).unwrap();
        let pinned = format!("{name}=={}", emulator.version);
        assert!(
            list.lines().any(|line| line.starts_with(&pinned)),
            "{pinned}"
        );
    }
}
