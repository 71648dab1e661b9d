//! What fuzzing has found worth keeping, fed once more to what it was found with: `fuzz/corpus`, by the functions in
//! `fuzz/src`. Needs no fuzzer.

#[path = "../fuzz/src/codec.rs"]
#[expect(unreachable_pub, reason = "it is so in the fuzz targets")]
mod codec;
#[path = "../fuzz/src/model.rs"]
#[expect(unreachable_pub, reason = "it is so in the fuzz targets")]
mod model;
#[path = "../fuzz/src/session.rs"]
#[expect(unreachable_pub, reason = "it is so in the fuzz targets")]
mod session;
#[path = "../fuzz/src/steps.rs"]
#[expect(unreachable_pub, reason = "it is so in the fuzz targets")]
mod steps;

use std::fs;
use std::path::Path;

/// Feeds each file of a corpus, which says by its name where it went wrong.
fn replay(target: &str, run: fn(&[u8])) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/corpus").join(target);
    let files = fs::read_dir(&folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    let mut count = 0;
    for file in files {
        let path = file.expect("the folder can be read").path();
        eprintln!("{}", path.display());
        run(&fs::read(&path).expect("the file can be read"));
        count += 1;
    }
    assert!(count > 10, "only {count} files in {}", folder.display());
}

#[test]
fn codec_corpus() {
    replay("codec", codec::run);
}

#[test]
fn session_corpus() {
    replay("session", session::run);
}

#[test]
fn model_corpus() {
    replay("model", model::run);
}
