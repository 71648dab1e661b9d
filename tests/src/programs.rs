//! Where the workspace's programs are. Builds them as the running test was built, so that nobody tests
//! an old one.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

/// The program `name` of this workspace, built.
///
/// # Panics
///
/// When the workspace cannot be built.
pub fn program(name: &str) -> PathBuf {
    static FOLDER: OnceLock<PathBuf> = OnceLock::new();
    let folder = FOLDER.get_or_init(build);
    folder.join(format!("{name}{}", std::env::consts::EXE_SUFFIX))
}

/// The program `name` of the package of that name, built for release by itself, as people build it: what
/// other packages of the workspace ask of its dependencies is no part of it.
///
/// # Panics
///
/// When it cannot be built.
pub fn release(name: &str) -> PathBuf {
    let folder = folder();
    cargo(&["build", "--quiet", "--release", "--package", name]);
    let target = folder.parent().expect("a profile's folder is in the target folder");
    target.join("release").join(format!("{name}{}", std::env::consts::EXE_SUFFIX))
}

fn build() -> PathBuf {
    let folder = folder();
    // The whole workspace, so that every dependency has the same features as when the tests were built.
    let mut arguments = vec!["build", "--quiet", "--workspace", "--bins"];
    if folder.ends_with("release") {
        arguments.push("--release");
    }
    cargo(&arguments);
    folder
}

/// <target>/<profile>, where the running program is.
fn folder() -> PathBuf {
    let test = std::env::current_exe().expect("a test has a path");
    // <target>/<profile>/deps/<test>, and for benches and programs <target>/<profile>/<name>.
    let folder = test.parent().expect("a test is in a folder");
    let folder =
        if folder.ends_with("deps") { folder.parent().expect("deps is in a folder") } else { folder };
    folder.to_owned()
}

fn cargo(arguments: &[&str]) {
    let mut cargo = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    cargo.args(arguments).current_dir(workspace());
    let built = cargo.status().expect("cargo can be started");
    assert!(built.success(), "the programs cannot be built");
}

fn workspace() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("tests/ is in the workspace")
}
