use super::*;
use rcgen::{CertifiedKey, generate_simple_self_signed};

struct Room {
    dir: tempfile::TempDir,
    files: TlsFiles,
}

impl Room {
    fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let files = TlsFiles {
            certificate: dir.path().join("tls.crt"),
            key: dir.path().join("tls.key"),
        };
        Self { dir, files }
    }

    fn write(&self, certificate: &str, key: &str) {
        std::fs::write(&self.files.certificate, certificate).unwrap();
        std::fs::write(&self.files.key, key).unwrap();
    }
}

/// Certificate and key.
fn pair() -> (String, String) {
    let CertifiedKey { cert, signing_key } = generate_simple_self_signed(["a".to_owned()]).unwrap();
    (cert.pem(), signing_key.serialize_pem())
}

/// Files that are written one after the other, half, or with something else in them: the pair of before stays, and is
/// told once. It is replaced when the new one is whole.
#[tokio::test]
async fn what_is_of_no_use_replaces_nothing() {
    let room = Room::new();
    let ((certificate, key), (new_certificate, new_key)) = (pair(), pair());
    room.write(&certificate, &key);
    let certificates = Certificates::open(room.files.clone(), None).await.unwrap();
    let before = certificates.current();
    let half = &new_certificate[..new_certificate.len() / 2];
    for (written, with) in [
        (new_certificate.as_str(), key.as_str()),
        (&new_certificate, "junk"),
        ("", &new_key),
        (half, &new_key),
        (&new_key, &new_certificate),
    ] {
        room.write(written, with);
        let error = certificates.look().await.unwrap_err().to_string();
        assert!(!error.contains(&new_key[40..60]), "{error}");
        assert!(certificates.look().await.is_ok(), "it is told once");
        assert!(Arc::ptr_eq(&before, &certificates.current()), "{written}");
    }
    std::fs::remove_file(&room.files.key).unwrap();
    assert!(certificates.look().await.is_err());
    assert!(certificates.look().await.is_ok());
    room.write(&new_certificate, &new_key);
    certificates.look().await.unwrap();
    assert!(!Arc::ptr_eq(&before, &certificates.current()));
}

/// A secret of Kubernetes: a link to a directory that is turned. No file that is named changes.
#[tokio::test]
async fn a_link_that_is_turned_is_seen() {
    let room = Room::new();
    let data = room.dir.path().join("..data");
    let place = |name: &str| {
        let dir = room.dir.path().join(name);
        std::fs::create_dir(&dir).unwrap();
        let (certificate, key) = pair();
        std::fs::write(dir.join("tls.crt"), certificate).unwrap();
        std::fs::write(dir.join("tls.key"), key).unwrap();
        dir
    };
    let (first, second) = (place("1"), place("2"));
    std::os::unix::fs::symlink(first, &data).unwrap();
    let files = TlsFiles {
        certificate: data.join("tls.crt"),
        key: data.join("tls.key"),
    };
    let certificates = Certificates::open(files, None).await.unwrap();
    let before = certificates.current();
    certificates.look().await.unwrap();
    assert!(
        Arc::ptr_eq(&before, &certificates.current()),
        "nothing has changed"
    );
    let turned = room.dir.path().join("..turned");
    std::os::unix::fs::symlink(second, &turned).unwrap();
    std::fs::rename(turned, data).unwrap();
    certificates.look().await.unwrap();
    assert!(!Arc::ptr_eq(&before, &certificates.current()));
}

/// The CA of the clients is replaced like the rest.
#[tokio::test]
async fn whom_triggers_trust_is_read_again() {
    let room = Room::new();
    let (certificate, key) = pair();
    room.write(&certificate, &key);
    let ca = room.dir.path().join("ca.pem");
    std::fs::write(&ca, pair().0).unwrap();
    let certificates = Certificates::open(room.files.clone(), Some(ca.clone()))
        .await
        .unwrap();
    let before = certificates.current();
    std::fs::write(&ca, "junk").unwrap();
    assert!(certificates.look().await.is_err());
    std::fs::write(&ca, pair().0).unwrap();
    certificates.look().await.unwrap();
    assert!(!Arc::ptr_eq(&before, &certificates.current()));
}

#[tokio::test]
async fn a_fault_at_the_start_names_the_file() {
    let room = Room::new();
    let (certificate, key) = pair();
    let missing = Certificates::open(room.files.clone(), None)
        .await
        .err()
        .unwrap();
    assert!(missing.to_string().contains("tls.crt"), "{missing}");
    room.write(&certificate, "junk");
    let junk = Certificates::open(room.files.clone(), None)
        .await
        .err()
        .unwrap();
    assert!(junk.to_string().contains("tls.key"), "{junk}");
    room.write(&certificate, &key);
    let ca = room.dir.path().join("ca.pem");
    let no_ca = Certificates::open(room.files.clone(), Some(ca))
        .await
        .err()
        .unwrap();
    assert!(no_ca.to_string().contains("ca.pem"), "{no_ca}");
}
