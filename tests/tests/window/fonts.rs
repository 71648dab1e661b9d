//! The letters of other scripts, and emoji in colour, come from the computer's fonts.

use std::fs::File;
use std::io::BufReader;
use std::path::Path;

use chat_tests::desktop::Desktop;
use chat_tests::{Server, skip, until};

use super::client;

/// How many pixels of a picture are as yellow as a face among the emoji. Nothing else in the window is.
fn yellow(path: &Path) -> usize {
    let file = BufReader::new(File::open(path).expect("the picture"));
    let mut reader = png::Decoder::new(file).read_info().expect("a PNG picture");
    let mut pixels = vec![0; reader.output_buffer_size().expect("a picture of ordinary size")];
    let frame = reader.next_frame(&mut pixels).expect("its pixels");
    let pixels = pixels[..frame.buffer_size()].chunks_exact(3);
    pixels.filter(|pixel| pixel[0] > 200 && pixel[1] > 150 && pixel[2] < 80).count()
}

#[test]
fn emoji_are_drawn_in_colour() {
    let Some(desktop) = Desktop::start([1000, 700]) else { return };
    if !Path::new("/usr/share/fonts/truetype/noto/NotoColorEmoji.ttf").exists() {
        return skip("fonts-noto-color-emoji is not installed");
    }
    let server = Server::start(["--tls", "off"]);
    let mut bob = server.member("bob");
    let ann = desktop.open("ann", &mut client(&server, "ann"));
    ann.wait_for("Connected");
    let picture = desktop.home("ann").join("screen.png");
    desktop.screenshot(&picture);
    assert_eq!(yellow(&picture), 0);
    // Before them, a font that has faces without colours is found for other signs.
    bob.send("SEND ♔ ⌘ 日本 😀😀😀😀😀😀");
    ann.wait_for("bob: ♔ ⌘ 日本 😀😀😀😀😀😀");
    let coloured = until(|| {
        desktop.screenshot(&picture);
        (yellow(&picture) > 100).then_some(())
    });
    assert!(coloured.is_some(), "they have no colours; the log says:\n{}", ann.log());
    assert!(ann.close().success());
}
