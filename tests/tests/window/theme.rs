//! Where windows are not told whether the system is dark or light, the desktop's portal is asked.

use std::fs::File;
use std::io::BufReader;
use std::path::Path;
use std::process::Command;

use chat_tests::desktop::Desktop;
use chat_tests::programs::program;
use chat_tests::until;

/// How bright a picture is on average, up to 255.
fn brightness(path: &Path) -> u64 {
    let file = BufReader::new(File::open(path).expect("the picture"));
    let mut reader = png::Decoder::new(file).read_info().expect("a PNG picture");
    let mut pixels = vec![0; reader.output_buffer_size().expect("a picture of ordinary size")];
    let frame = reader.next_frame(&mut pixels).expect("its pixels");
    let pixels = &pixels[..frame.buffer_size()];
    pixels.iter().map(|&byte| u64::from(byte)).sum::<u64>() / pixels.len() as u64
}

#[test]
fn a_window_is_as_dark_or_light_as_the_system() {
    let Some(desktop) = Desktop::start([800, 600]) else { return };
    let portal = desktop.portal();
    portal.set_light(true);
    let ann = desktop.open("ann", &mut Command::new(program("chat-client")));
    ann.place([0, 0], [800, 600]);
    let picture = desktop.home("ann").join("window.png");
    let wait_for = |what: &str, enough: fn(u64) -> bool| {
        let look = || {
            desktop.screenshot(&picture);
            enough(brightness(&picture)).then_some(())
        };
        until(look).unwrap_or_else(|| panic!("waited for {what}; it is {}", brightness(&picture)));
    };
    wait_for("a light window", |brightness| brightness > 200);
    portal.set_light(false);
    wait_for("a dark window", |brightness| brightness < 60);
    portal.set_light(true);
    wait_for("a light window", |brightness| brightness > 200);
    assert!(ann.close().success());
}
