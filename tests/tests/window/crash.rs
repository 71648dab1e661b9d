//! Server and window are killed, in the midst of things: what was said is there once.

use std::process::Command;

use chat_tests::desktop::{Desktop, Window};
use chat_tests::programs::program;
use chat_tests::{Client, Server, until};

use super::client;

#[test]
fn what_was_said_is_there_once_though_server_and_window_are_killed() {
    let Some(desktop) = Desktop::start([1000, 700]) else { return };
    let data = tempfile::tempdir().expect("a folder");
    let start = |address: &str| {
        let mut command = Command::new(program("chat-server"));
        command.args(["--listen", address, "--rate", "0", "--tls", "off", "--data"]).arg(data.path());
        Server::launch(command, 1)
    };
    let say = |window: &Window<'_>, text: &str| {
        window.type_text(text);
        window.press("Return");
        window.wait_for(&format!("ann: {text}, "));
    };
    let server = start("127.0.0.1:0");
    let ann = desktop.open("ann", &mut client(&server, "ann"));
    ann.wait_for("Oneroom: Connected.");
    for round in 0..3 {
        say(&ann, &format!("online {round}"));
    }
    ann.kill();
    let ann = desktop.open("ann", &mut client(&server, "ann"));
    ann.wait_for("ann: online 2, ");
    ann.wait_for("Oneroom: Connected.");
    let mut again = client(&server, "ann");
    let address = server.address().to_string();
    server.signal(rustix::process::Signal::KILL);
    drop(server);
    ann.wait_for("Not connected: ");
    for round in 0..3 {
        say(&ann, &format!("offline {round}"));
    }
    // The last one shows at once; it is kept a moment later.
    let kept = desktop.home("ann").join(".local/state/oneroom/outbox");
    let is_kept = || {
        let mut files = std::fs::read_dir(&kept).ok()?.map_while(Result::ok).map(|file| file.path());
        let file = files.find(|path| path.extension().is_some_and(|end| end == "json"))?;
        std::fs::read_to_string(file).is_ok_and(|text| text.contains("offline 2")).then_some(())
    };
    until(is_kept).expect("what waits is kept");
    ann.kill();
    let ann = desktop.open("ann", &mut again);
    ann.wait_for("ann: offline 2, ");
    let server = start(&address);
    ann.wait_for("Oneroom: Connected.");
    let mut witness = Client::connect(server.address());
    witness.send(&format!("HELLO 1 {}", "0".repeat(32)));
    witness.expect_start("WELCOME 1 ");
    // Whatever waited is in the log before what is said now.
    say(&ann, "done");
    let said = until(|| {
        witness.send("LAST 100");
        let lines = std::iter::from_fn(|| witness.read()).take_while(|line| !line.starts_with("END LAST "));
        let past: Vec<_> = lines
            .filter_map(|line| Some(line.strip_prefix("PAST ")?.splitn(4, ' ').nth(3)?.to_owned()))
            .collect();
        past.last().is_some_and(|last| last == "done").then_some(past)
    });
    let expected = ["online 0", "online 1", "online 2", "offline 0", "offline 1", "offline 2", "done"];
    assert_eq!(said.expect("all of it"), expected);
}
