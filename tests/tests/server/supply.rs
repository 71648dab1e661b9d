//! What the server is made of, and how it is run as a service: what is written about either is true.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use chat_tests::programs::program;
use chat_tests::{is_installed, skip};

fn workspace() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("tests/ is in the workspace")
}

fn read(file: &str) -> String {
    fs::read_to_string(workspace().join(file)).unwrap_or_else(|error| panic!("{file}: {error}"))
}

/// The crates in the server's tree that are not ours, as `name version`.
fn tree() -> BTreeSet<String> {
    let mut cargo = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    cargo.args(["tree", "--package", "chat-server", "--edges", "normal", "--prefix", "none", "--no-dedupe"]);
    let tree =
        cargo.args(["--locked", "--target", "x86_64-unknown-linux-gnu"]).current_dir(workspace()).output();
    let tree = tree.expect("cargo can be started");
    assert!(tree.status.success(), "{}", String::from_utf8_lossy(&tree.stderr));
    let tree = String::from_utf8(tree.stdout).expect("names are text");
    let names = tree.lines().filter(|line| !line.starts_with("chat-"));
    names.map(|line| line.split_once(" (").map_or(line, |(name, _)| name).to_owned()).collect()
}

#[test]
fn the_readme_says_how_many_crates_the_server_needs() {
    let words = format!("{} crates", tree().len());
    assert!(read("README.md").contains(&words), "README.md should say that it is {words}");
}

#[test]
fn each_crate_of_the_server_has_its_reason() {
    let written = read("server/DEPENDENCIES.md");
    let named: BTreeSet<_> = written.split('`').skip(1).step_by(2).collect();
    let tree = tree();
    let names: BTreeSet<_> = tree.iter().filter_map(|line| Some(line.split_once(' ')?.0)).collect();
    let without: Vec<_> = names.difference(&named).collect();
    assert!(without.is_empty(), "server/DEPENDENCIES.md gives no reason for {without:?}");
    // What else stands there between the same signs.
    let words = ["chat-server", "cargo tree -p chat-server -e normal", "cargo deny", "unsafe", "unicode-…"];
    let gone: Vec<_> = named.difference(&names).filter(|name| !words.contains(name)).collect();
    assert!(gone.is_empty(), "server/DEPENDENCIES.md names {gone:?}, which the server does not need");
}

/// The unit, with the program of these tests.
fn unit(folder: &Path) -> PathBuf {
    let program = program("chat-server");
    let unit = read("server/chat-server.service");
    assert!(unit.contains("ExecStart=/usr/bin/chat-server "));
    let unit = unit.replace("/usr/bin/chat-server", program.to_str().expect("a plain name"));
    let path = folder.join("chat-server.service");
    fs::write(&path, unit).expect("a file can be written");
    path
}

/// Asserts that `systemd-analyze` finds nothing wrong, and says nothing.
#[track_caller]
fn analyze(arguments: &[&str], unit: &Path) {
    let done = Command::new("systemd-analyze").args(arguments).arg(unit).output().expect("it is installed");
    let said = format!("{}{}", String::from_utf8_lossy(&done.stdout), String::from_utf8_lossy(&done.stderr));
    assert!(done.status.success(), "{said}");
    assert!(arguments[0] != "verify" || said.is_empty(), "{said}");
}

#[test]
fn the_unit_is_sound_and_can_do_little() {
    if !is_installed("systemd-analyze") {
        return skip("systemd-analyze is not installed");
    }
    let folder = tempfile::tempdir().expect("a folder can be had");
    let unit = unit(folder.path());
    analyze(&["verify"], &unit);
    // Exposure is told in tenths.
    analyze(&["security", "--offline=true", "--threshold=20"], &unit);
}

#[test]
fn the_unit_with_a_password_is_sound() {
    if !is_installed("systemd-analyze") {
        return skip("systemd-analyze is not installed");
    }
    let folder = tempfile::tempdir().expect("a folder can be had");
    let unit = unit(folder.path());
    // As the unit's comment says.
    let told = read("server/chat-server.service");
    let lines = told.lines().filter_map(|line| line.strip_prefix("#     "));
    let drop_in = folder.path().join("chat-server.service.d");
    fs::create_dir(&drop_in).expect("a folder can be made");
    let lines: Vec<_> = lines.collect();
    assert_eq!(lines.len(), 3, "{lines:?}");
    fs::write(drop_in.join("password.conf"), lines.join("\n") + "\n").expect("a file can be written");
    analyze(&["verify"], &unit);
}
