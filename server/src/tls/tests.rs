//! Certificates are made once, and taken up again when they change.

use std::fs;

use super::*;
use crate::{Keep, Storage};

fn room(folder: &Path) -> Store {
    Store::open(Storage::Disk(folder.to_owned()), Keep::default()).unwrap()
}

#[test]
fn a_room_keeps_its_certificate_and_its_key_is_the_owners() {
    let folder = tempfile::tempdir().unwrap();
    let room = room(folder.path());
    let first = Certificates::of(&room).unwrap().fingerprint();
    assert!(first.len() == 64 && first.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f')));
    assert_eq!(Certificates::of(&room).unwrap().fingerprint(), first);
    #[cfg(unix)]
    for file in ["cert.pem", "key.pem"] {
        use std::os::unix::fs::PermissionsExt as _;
        let mode = fs::metadata(folder.path().join(file)).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "{file}");
    }
    // As a crash leaves it that came before the certificate was written.
    fs::remove_file(folder.path().join("cert.pem")).unwrap();
    fs::write(folder.path().join("key.pem-new"), "half").unwrap();
    assert_ne!(Certificates::of(&room).unwrap().fingerprint(), first);
    assert_eq!(
        fs::read_dir(folder.path())
            .unwrap()
            .filter(|file| { file.as_ref().unwrap().file_name().to_string_lossy().ends_with("-new") })
            .count(),
        0
    );
}

#[test]
fn a_room_in_memory_has_another_each_time() {
    let made = || {
        let store = Store::open(Storage::Memory, Keep::default()).unwrap();
        Certificates::of(&store).unwrap()
    };
    let (one, two) = (made(), made());
    assert_ne!(one.fingerprint(), two.fingerprint());
    one.reload();
    one.reload_if_changed();
    assert_eq!(format!("{one:?}"), format!("Certificates({})", one.fingerprint()));
}

#[test]
fn new_files_are_taken_up_and_a_broken_pair_is_not() {
    let (here, other) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let certificates = Certificates::of(&room(here.path())).unwrap();
    let theirs = Certificates::of(&room(other.path())).unwrap();
    let old = certificates.fingerprint();
    let take = |file| fs::copy(other.path().join(file), here.path().join(file)).unwrap();
    take("cert.pem");
    certificates.reload();
    assert_eq!(certificates.fingerprint(), old, "its key is not there yet");
    take("key.pem");
    certificates.reload_if_changed();
    assert_eq!(certificates.fingerprint(), theirs.fingerprint());
    fs::remove_file(here.path().join("key.pem")).unwrap();
    certificates.reload_if_changed();
    certificates.reload();
    assert_eq!(certificates.fingerprint(), theirs.fingerprint());
}

#[test]
fn a_chain_with_something_else_in_it_is_not_taken_up() {
    let folder = tempfile::tempdir().unwrap();
    let certificates = Certificates::of(&room(folder.path())).unwrap();
    let (cert, key) = (folder.path().join("cert.pem"), folder.path().join("key.pem"));
    let (old, good) = (certificates.fingerprint(), fs::read_to_string(&cert).unwrap());
    fs::write(&cert, good.repeat(2)).unwrap();
    Certificates::from_files(&cert, &key).unwrap();
    let garbage = "-----BEGIN CERTIFICATE-----\nZ2FyYmFnZQ==\n-----END CERTIFICATE-----\n";
    fs::write(&cert, good + garbage).unwrap();
    certificates.reload();
    assert_eq!(certificates.fingerprint(), old);
    let error = Certificates::from_files(&cert, &key).unwrap_err().to_string();
    assert!(
        error.contains("has no certificate as PEM in it: what stands there as number 2 is none"),
        "{error}"
    );
}

#[test]
fn what_is_of_no_use_says_why() {
    let folder = tempfile::tempdir().unwrap();
    Certificates::of(&room(folder.path())).unwrap();
    let (good_cert, good_key) = (folder.path().join("cert.pem"), folder.path().join("key.pem"));
    let bad = folder.path().join("bad.pem");
    fs::write(&bad, "nothing of the kind").unwrap();
    let check = |cert: &Path, key: &Path, expected: &str| {
        let error = Certificates::from_files(cert, key).unwrap_err().to_string();
        assert!(error.contains(expected), "{error}");
    };
    check(&folder.path().join("none.pem"), &good_key, "none.pem cannot be read: ");
    check(&bad, &good_key, "bad.pem has no certificate as PEM in it: there is none");
    check(&good_cert, &bad, "bad.pem has no private key as PEM in it: there is none");
    let other = tempfile::tempdir().unwrap();
    Certificates::of(&room(other.path())).unwrap();
    check(&good_cert, &other.path().join("key.pem"), "cannot be used together: ");
}
