//! Certificates: the room's own, those of an authority, and what happens when they change.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

use chat_tests::{Client, Server, is_installed, skip, until};
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair};
use rustix::process::Signal;

/// The fingerprint that the server has logged last.
fn logged(server: &Server) -> String {
    server.wait_for_log("fingerprint ");
    let log = server.log();
    let (_, rest) = log.rsplit_once("fingerprint ").unwrap();
    rest.lines().next().unwrap().to_owned()
}

#[test]
fn the_rooms_own_is_made_once_and_its_key_is_its_owners() {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().to_str().unwrap();
    let mut shown = Vec::new();
    for _ in 0..2 {
        let server = Server::start(["--data", path]);
        let client = Client::connect_sealed(server.address());
        assert_eq!(client.fingerprint(), Some(logged(&server)));
        shown.push(logged(&server));
        server.end();
    }
    assert_eq!(shown[0], shown[1]);
    let mode = fs::metadata(folder.path().join("key.pem")).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    let (one, two) = (Server::start([]), Server::start([]));
    assert_ne!(logged(&one), logged(&two), "in memory it is another one each time");
}

/// Somebody whom programs can be told to trust.
struct Authority(CertifiedIssuer<'static, KeyPair>);

impl Authority {
    fn new() -> Self {
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.distinguished_name.push(DnType::CommonName, "an authority");
        Self(CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap())
    }

    /// Puts a certificate for this name and its key into the folder, one or both of them.
    fn certify(&self, name: &str, folder: &Path, files: [bool; 2]) {
        let key = KeyPair::generate().unwrap();
        let params = CertificateParams::new([name.to_owned()]).unwrap();
        let certificate = params.signed_by(&key, &self.0).unwrap();
        for (file, content, wanted) in
            [("cert.pem", certificate.pem(), files[0]), ("key.pem", key.serialize_pem(), files[1])]
        {
            if wanted {
                fs::write(folder.join(file), content).unwrap();
            }
        }
    }
}

/// Whether openssl, told to trust the authority, takes the server for `host`.
fn is_trusted(server: &Server, authority: &Path, host: &str) -> bool {
    let mut command = Command::new("openssl");
    command.args(["s_client", "-brief", "-verify_return_error", "-verify_hostname", host]);
    command.args(["-connect", &server.address().to_string()]).arg("-CAfile").arg(authority);
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    command.status().unwrap().success()
}

#[test]
fn an_authoritys_is_shown_and_programs_that_trust_it_trust_the_room() {
    if !is_installed("openssl") {
        return skip("openssl is not installed");
    }
    let folder = tempfile::tempdir().unwrap();
    let authority = Authority::new();
    authority.certify("chat.example", folder.path(), [true, true]);
    let [ca, cert, key] = ["ca.pem", "cert.pem", "key.pem"].map(|file| folder.path().join(file));
    fs::write(&ca, authority.0.pem()).unwrap();
    let server = Server::start(["--cert", cert.to_str().unwrap(), "--key", key.to_str().unwrap()]);
    assert!(is_trusted(&server, &ca, "chat.example"));
    assert!(!is_trusted(&server, &ca, "other.example"), "the wrong host");
    let own = Server::start([]);
    assert!(!is_trusted(&own, &ca, "oneroom"), "nobody vouches for it");
}

#[test]
fn a_new_pair_is_taken_up_while_members_stay_and_a_broken_one_is_not() {
    let folder = tempfile::tempdir().unwrap();
    let authority = Authority::new();
    authority.certify("one.example", folder.path(), [true, true]);
    let [cert, key] = ["cert.pem", "key.pem"].map(|file| folder.path().join(file));
    let server = Server::start(["--cert", cert.to_str().unwrap(), "--key", key.to_str().unwrap()]);
    let first = logged(&server);
    let mut ann = Client::connect_sealed(server.address());
    ann.send("NAME ann");
    ann.fence();

    authority.certify("two.example", folder.path(), [true, true]);
    server.signal(Signal::HUP);
    server.wait_for_log("a new certificate is in use");
    let second = logged(&server);
    assert_ne!(first, second);
    let shown = || Client::connect_sealed(server.address()).fingerprint();
    assert_eq!(shown(), Some(second.clone()));

    // Half of a pair, then nothing of the kind.
    authority.certify("three.example", folder.path(), [true, false]);
    server.signal(Signal::HUP);
    server.wait_for_log("the old certificate stays in use");
    assert_eq!(shown(), Some(second.clone()));
    fs::write(&key, "nothing of the kind").unwrap();
    server.signal(Signal::HUP);
    server.wait_for_log("has no private key as PEM in it");
    assert_eq!(shown(), Some(second));

    // Without a signal it takes ten seconds at most.
    authority.certify("four.example", folder.path(), [true, true]);
    until(|| (server.log().matches("a new certificate is in use").count() == 2).then_some(()))
        .expect("changed files are noticed");
    assert_eq!(shown(), Some(logged(&server)));
    assert_eq!(ann.fence(), [] as [&str; 0], "who was there has stayed");
}

#[test]
fn a_certificate_that_cannot_be_read_to_its_end_holds_nobody_up() {
    let folder = tempfile::tempdir().unwrap();
    Authority::new().certify("one.example", folder.path(), [true, true]);
    let [cert, key] = ["cert.pem", "key.pem"].map(|file| folder.path().join(file));
    let server = Server::start(["--cert", cert.to_str().unwrap(), "--key", key.to_str().unwrap()]);
    let [mut ann, mut bob] = [server.member("ann"), server.member("bob")];
    // A pipe in its place, from which nothing comes: as a disk does that has gone away.
    fs::remove_file(&cert).unwrap();
    assert!(Command::new("mkfifo").arg(&cert).status().unwrap().success());
    server.signal(Signal::HUP);
    // Opens once the server reads.
    let pipe = fs::OpenOptions::new().write(true).open(&cert).unwrap();
    server.signal(Signal::HUP);
    ann.send("SEND still here");
    bob.expect("MESSAGE ann still here");
    assert!(!server.log().contains("stays in use"), "it is still being read");
    drop(pipe);
    server.wait_for_log("the old certificate stays in use");
    server.end();
}

#[test]
fn what_cannot_be_used_is_said_at_the_start() {
    let folder = tempfile::tempdir().unwrap();
    let authority = Authority::new();
    authority.certify("one.example", folder.path(), [true, true]);
    authority.certify("two.example", folder.path(), [false, true]);
    let [cert, key] = ["cert.pem", "key.pem"].map(|file| folder.path().join(file).display().to_string());
    let refused = |flags: &[&str]| {
        let mut command = Server::command([&["--listen", "127.0.0.1:0"], flags].concat());
        let output = command.output().unwrap();
        assert!(!output.status.success());
        String::from_utf8(output.stderr).unwrap()
    };
    for (flags, expected) in [
        (&["--cert", &cert, "--key", &key][..], "cannot be used together"),
        (&["--cert", &cert], "--cert and --key belong together"),
        (&["--cert", &cert, "--key", "/nowhere/key.pem"], "/nowhere/key.pem cannot be read"),
        (&["--cert", &cert, "--key", &cert], "has no private key as PEM in it"),
        (&["--cert", &cert, "--key", &key, "--tls", "off"], "--tls off"),
        (&["--tls", "maybe"], "none of off, offer and require"),
    ] {
        let said = refused(flags);
        assert!(said.contains(expected), "{flags:?}: {said}");
    }
}
