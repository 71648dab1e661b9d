//! The program `chat-client` as people use it: a real window on a display of its own, real keys, and a
//! real server. What the window says is read as a screen reader reads it.
#![cfg(target_os = "linux")]

#[path = "window/crash.rs"]
mod crash;
#[path = "window/fonts.rs"]
mod fonts;
#[path = "window/theme.rs"]
mod theme;
#[path = "window/unread.rs"]
mod unread;

use std::io::{BufRead as _, BufReader, Write as _};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use chat_tests::desktop::{Desktop, Window};
use chat_tests::programs::program;
use chat_tests::{Client, Server, is_installed, skip};

fn client(server: &Server, name: &str) -> Command {
    let mut command = Command::new(program("chat-client"));
    command.arg(server.address().to_string()).args(["--name", name]);
    command
}

/// Types a message in the window; the wire hears it, answers, and the answer is in the window.
fn check_round_trip(renderer: &str) {
    let Some(desktop) = Desktop::start([1000, 700]) else { return };
    let server = Server::start([]);
    let mut bob = server.member("bob");
    let ann = desktop.open("ann", client(&server, "ann").args(["--renderer", renderer]));
    ann.wait_for("Is this the right server?");
    ann.click("Trust this server");
    ann.wait_for("Connected");
    ann.type_text("hello from a window");
    ann.press("Return");
    bob.expect("MESSAGE ann hello from a window");
    bob.send("SEND hello from the wire");
    ann.wait_for("bob: hello from the wire");
    ann.wait_for("ann: hello from a window");
    assert!(ann.close().success());
}

#[test]
fn a_window_and_the_wire_talk_drawn_by_wgpu() {
    check_round_trip("wgpu");
}

#[test]
fn a_window_and_the_wire_talk_drawn_by_glow() {
    check_round_trip("glow");
}

#[test]
fn where_wgpu_cannot_start_glow_draws() {
    let Some(desktop) = Desktop::start([1000, 700]) else { return };
    let server = Server::start(["--tls", "off"]);
    let mut bob = server.member("bob");
    let ann = client(&server, "ann");
    let mut without_vulkan = ann;
    without_vulkan.env("VK_DRIVER_FILES", "/nonexistent").env("VK_ICD_FILENAMES", "/nonexistent");
    let ann = desktop.open("ann", &mut without_vulkan);
    ann.type_text("hello");
    ann.press("Return");
    bob.expect("MESSAGE ann hello");
    assert!(ann.log().contains("glow is tried"), "it says so: {}", ann.log());
}

#[test]
fn without_a_display_it_says_so_and_ends() {
    let mut command = Command::new(program("chat-client"));
    command.env_remove("DISPLAY").env_remove("WAYLAND_DISPLAY").env_remove("WAYLAND_SOCKET");
    let output = command.output().expect("chat-client can be started");
    let words = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(1), "{words}");
    assert!(!words.contains("panicked"), "{words}");
    assert!(words.contains("chat-client: "), "{words}");
}

#[test]
fn from_the_first_screen_into_a_room_by_keyboard_alone() {
    let Some(desktop) = Desktop::start([1000, 700]) else { return };
    let server = Server::start(["--tls", "off"]);
    let mut bob = server.member("bob");
    let ann = desktop.open("ann", &mut Command::new(program("chat-client")));
    ann.type_text(&server.address().to_string());
    ann.press("Tab");
    ann.wait_for_draft("");
    ann.type_text("ann");
    ann.press("Return");
    ann.wait_for("Connected");
    ann.type_text("one");
    ann.press("shift+Return");
    ann.type_text("two");
    ann.press("Return");
    bob.expect("MESSAGE ann one");
    bob.expect("MESSAGE ann two");
    assert!(ann.close().success());

    // The next time, the room is one click away.
    let ann = desktop.open("ann", &mut Command::new(program("chat-client")));
    ann.click(&format!("Join {} as ann", server.address()));
    ann.wait_for("Connected");
    ann.type_text("back");
    ann.press("Return");
    bob.expect("MESSAGE ann back");
}

#[test]
fn a_room_hosted_in_the_window_is_open_to_others() {
    let Some(desktop) = Desktop::start([1000, 700]) else { return };
    let ann = desktop.open("ann", &mut Command::new(program("chat-client")));
    ann.type_text("no address is needed");
    ann.press("Tab");
    ann.wait_for_draft("");
    ann.type_text("ann");
    ann.click("Host a room on this computer");
    ann.wait_for("Connected");
    let port = ann.texts().iter().find_map(|text| text.strip_prefix("127.0.0.1:")?.parse().ok());
    let port: u16 = port.unwrap_or(chat_shared::limits::DEFAULT_PORT);
    let mut bob = Client::connect(([127, 0, 0, 1], port).into());
    bob.send("NAME bob");
    bob.fence();
    bob.send("SEND may I come in?");
    ann.wait_for("bob: may I come in?");
    ann.type_text("please do");
    ann.press("Return");
    bob.expect("MESSAGE ann please do");
    assert!(ann.close().success());
    assert_eq!(bob.read_to_end(), ["MESSAGE * the server is stopping; come back later"]);
}

/// `nc`, as somebody without a client uses it.
struct Netcat {
    child: Child,
    keys: ChildStdin,
    screen: BufReader<ChildStdout>,
}

impl Netcat {
    fn start(server: &Server) -> Self {
        let port = server.address().port().to_string();
        let mut command = Command::new("nc");
        command.args(["127.0.0.1", &port]).stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = command.spawn().expect("nc can be started");
        let keys = child.stdin.take().expect("stdin is piped");
        let screen = BufReader::new(child.stdout.take().expect("stdout is piped"));
        Self { child, keys, screen }
    }

    fn type_line(&mut self, line: &str) {
        writeln!(self.keys, "{line}").expect("nc reads");
    }

    fn read_line(&mut self) -> String {
        let mut line = String::new();
        self.screen.read_line(&mut line).expect("nc writes");
        line.trim_end().to_owned()
    }
}

impl Drop for Netcat {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// What the window shows of these people, in its order, as `name: text`.
fn said_by(window: &Window<'_>, names: &[&str]) -> Vec<String> {
    let by = |text: &String| names.iter().any(|name| text.starts_with(&format!("{name}: ")));
    // Behind the text comes the time.
    let said = window.texts().into_iter().filter(by);
    said.map(|text| text.rsplit_once(", ").expect("a time follows").0.to_owned()).collect()
}

#[test]
fn two_windows_and_nc_hear_the_same_in_the_same_order() {
    if !is_installed("nc") {
        return skip("nc is not installed");
    }
    // High enough for all that is said, as what is not on the screen is not read either.
    let Some(desktop) = Desktop::start([1600, 2400]) else { return };
    let server = Server::start(["--tls", "off"]);
    let mut witness = server.member("witness");
    let ann = desktop.open("ann", &mut client(&server, "ann"));
    let bob = desktop.open("bob", &mut client(&server, "bob"));
    ann.place([0, 0], [800, 2400]);
    bob.place([800, 0], [800, 2400]);
    ann.wait_for("Connected");
    bob.wait_for("Connected");
    let mut cleo = Netcat::start(&server);
    cleo.type_line("NAME cleo");

    // The witness, who hears all of them, knows the order, and that each message has arrived.
    let mut order: Vec<String> = Vec::new();
    for n in 0..10 {
        cleo.type_line(&format!("SEND cleo's {n}"));
        for (window, name) in [(&ann, "ann"), (&bob, "bob")] {
            window.type_text(&format!("{name}'s {n}"));
            window.press("Return");
        }
        for _ in 0..3 {
            order.push(witness.expect_start("MESSAGE ").replacen(' ', ": ", 1));
        }
    }
    let by_others =
        |name: &str| order.iter().filter(|said| !said.starts_with(name)).cloned().collect::<Vec<_>>();
    let heard: Vec<_> = (0..20).map(|_| cleo.read_line()).collect();
    let heard = heard.iter().map(|line| line.strip_prefix("MESSAGE ").unwrap().replacen(' ', ": ", 1));
    assert_eq!(heard.collect::<Vec<_>>(), by_others("cleo"));
    ann.wait_for("bob's 9");
    ann.wait_for("cleo's 9");
    assert_eq!(said_by(&ann, &["bob", "cleo"]), by_others("ann"));
    bob.wait_for("ann's 9");
    bob.wait_for("cleo's 9");
    assert_eq!(said_by(&bob, &["ann", "cleo"]), by_others("bob"));
}

#[test]
fn a_picture_for_the_readme() {
    let Some(desktop) = Desktop::start([1280, 720]) else { return };
    let server = Server::start(["--tls", "off"]);
    let windows = ["ann", "bob"].map(|name| desktop.open(name, &mut client(&server, name)));
    for (window, x) in windows.iter().zip([0, 640]) {
        window.place([x, 0], [640, 720]);
        window.wait_for("Connected");
    }
    let [ann, bob] = &windows;
    let mut cleo = server.member("cleo");
    let say = |window: &Window<'_>, words: &str| {
        window.type_text(words);
        window.press("Return");
    };
    say(ann, "Good morning! Is everybody in?");
    bob.wait_for("ann: Good morning!");
    say(bob, "I am. It took me one command to start the server.");
    ann.wait_for("bob: I am.");
    cleo.send("SEND Me too, with nothing but nc :)");
    ann.wait_for("cleo: Me too");
    bob.wait_for("cleo: Me too");
    say(ann, "No accounts, no browser, no cloud. The room is ours.");
    bob.wait_for("ann: No accounts");
    say(bob, "And if my connection breaks, what I write waits here until it is back.");
    ann.wait_for("bob: And if");
    say(ann, "Lunch at half past twelve?");
    bob.wait_for("ann: Lunch");
    say(bob, "Count me in.");
    ann.wait_for("bob: Count me in.");

    // The picture in the README is this one; kept only when asked for.
    let folder = std::env::var_os("ONEROOM_PICTURES");
    let file = folder.map_or_else(
        || Path::new(env!("CARGO_TARGET_TMPDIR")).join("room.png"),
        |folder| Path::new(&folder).join("room.png"),
    );
    desktop.screenshot(&file);
    assert!(std::fs::metadata(&file).unwrap().len() > 10_000, "there is something in the picture");
}
