//! Pictures of the screens, for people to look at: in dark and light, at once and twice the size.
//! They prove nothing and compare nothing, so they are drawn only on request.

use std::path::Path;

use chat_client::app::ChatApp;
use egui::{Key, Theme, Vec2};
use egui_kittest::Harness;
use egui_kittest::kittest::Queryable;

use crate::rooms::{Port, TestRoom};
use crate::screen::{Screen, options};

/// Where they go, unless `PICTURES` names another folder.
const FOLDER: &str = "pictures";

fn pictures(name: &str, open: impl Fn(Theme, f32) -> Screen) {
    let folder = std::env::var("PICTURES")
        .unwrap_or_else(|_| Path::new(env!("CARGO_TARGET_TMPDIR")).join(FOLDER).display().to_string());
    std::fs::create_dir_all(&folder).expect("a folder for the pictures");
    for (theme, theme_name) in [(Theme::Dark, "dark"), (Theme::Light, "light")] {
        for scale in [1.0, 2.0] {
            let mut screen = open(theme, scale);
            let image = screen.harness().render().expect("a picture can be drawn");
            let path = format!("{folder}/{name}-{theme_name}-{scale}.png");
            image.save(&path).expect("a picture can be saved");
            println!("{path}");
        }
    }
}

fn window(theme: Theme, scale: f32, options: chat_client::app::Options) -> Screen {
    window_of(Vec2::new(900.0, 680.0), theme, scale, options)
}

fn window_of(size: Vec2, theme: Theme, scale: f32, options: chat_client::app::Options) -> Screen {
    let builder = Harness::builder()
        .with_size(size)
        .with_pixels_per_point(scale)
        .with_theme(theme)
        .with_render_cursor(false)
        .with_max_steps(16)
        .allow_missing_glyphs()
        .wgpu();
    builder.build_eframe(|cc| ChatApp::new(&cc.egui_ctx, options)).into()
}

#[test]
#[ignore = "draws pictures for people to look at"]
fn first_screen() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("settings.json");
    let mut settings = chat_client::settings::Settings::default();
    for (at, address) in [(1, "192.168.1.20:4000"), (2, "chat.example.org")] {
        let (address, name) = (address.to_owned(), "ann".to_owned());
        settings.apply(chat_client::settings::Edit::Entered { address, name, at });
    }
    settings.save_to(&path).unwrap();
    pictures("lobby", |theme, scale| {
        let mut screen =
            window(theme, scale, chat_client::app::Options { settings: Some(path.clone()), ..options() });
        screen.fill("Room’s address", "https://example.org");
        screen.press(Key::Enter);
        screen.wait_for("leave out");
        screen.assert_at_rest();
        screen
    });
}

#[test]
#[ignore = "draws pictures for people to look at"]
fn room() {
    pictures("room", |theme, scale| {
        let room = TestRoom::open();
        let (address, name) = (Some(room.address().to_string()), Some("ann".to_owned()));
        let options = chat_client::app::Options { address, name, ..options() };
        let mut screen = window(theme, scale, options);
        screen.wait_for("Connected");
        let mut bob = room.member("bob");
        let mut zoe = room.member("Zoë");
        bob.send("SEND Morning! Did the boat get through the lock yesterday?");
        bob.fence();
        zoe.send("SEND It did, though we had to wait for nearly two hours, because the keeper was at his daughter’s wedding and nobody had the key. We drank all the tea there was and played cards until somebody came along on a bicycle.");
        zoe.send("SEND Next time I take the train 🚂");
        zoe.fence();
        screen.wait_for("take the train");
        screen.say("Glad you made it.");
        screen.say("Same place on Sunday? I bring:");
        screen.fill("Message", "bread");
        screen.press_shift(Key::Enter);
        screen.type_text("cheese");
        screen.press_shift(Key::Enter);
        screen.type_text("a second pack of cards");
        screen.press(Key::Enter);
        bob.fence();
        bob.send("SEND Ελα, I’m in — привет!");
        bob.fence();
        screen.wait_for("I’m in");
        screen.fill("Message", "See you all th");
        screen.assert_at_rest();
        screen
    });
}

#[test]
#[ignore = "draws pictures for people to look at"]
fn what_is_selected_where_things_stand_close() {
    pictures("selected", |theme, scale| {
        let room = TestRoom::open();
        let (address, name) = (Some(room.address().to_string()), Some("ann".to_owned()));
        let mut screen = window(theme, scale, chat_client::app::Options { address, name, ..options() });
        screen.press_command(Key::Comma);
        screen.click("Density: Compact");
        screen.click("Done");
        screen.wait_for_members(1);
        let (mut bob, mut zoe) = (room.member("bob"), room.member("Zoë"));
        for number in 0..6 {
            bob.send(&format!("SEND Lock {number} opens at nine, see https://example.org/locks/{number}."));
            bob.send("SEND The keeper says `knock twice`, @ann.");
            bob.fence();
            zoe.send(
                "SEND I bring **cheese** and a second pack of cards, in case it rains again all day long.",
            );
            zoe.fence();
            screen.say(&format!("I shall be there, number {number}."));
            screen.until("it", |screen| screen.sees(&format!("number {number}.")).then_some(()));
        }
        screen.harness.get_by(|node| node.role() == egui::Role::Log).focus();
        screen.harness().run_ok();
        screen.press(Key::ArrowUp);
        for _ in 0..9 {
            screen.press_shift(Key::ArrowUp);
        }
        screen.press(Key::Menu);
        screen.assert_at_rest();
        screen
    });
}

#[test]
#[ignore = "draws pictures for people to look at"]
fn settings() {
    pictures("settings", |theme, scale| {
        let mut screen = window(theme, scale, options());
        screen.click("Settings");
        screen.wait_for("Density: Compact");
        screen.assert_at_rest();
        screen
    });
}

#[test]
#[ignore = "draws pictures for people to look at"]
fn people() {
    pictures("people", |theme, scale| {
        let room = TestRoom::open();
        let _members = ["bob", "Zoë", "Rhabarberbarbarabarbarbarenbärte"].map(|name| room.member(name));
        let (address, name) = (Some(room.address().to_string()), Some("ann".to_owned()));
        let mut screen = window(theme, scale, chat_client::app::Options { address, name, ..options() });
        screen.wait_for_members(4);
        screen.press_command(Key::U);
        screen.click("Mention Zoë");
        screen.assert_at_rest();
        screen
    });
}

#[test]
#[ignore = "draws pictures for people to look at"]
fn search() {
    pictures("search", |theme, scale| {
        let room = TestRoom::open();
        let mut bob = room.member("bob");
        for number in 0..400 {
            let words =
                if number % 60 == 7 { "by the lock, where the old boat is moored" } else { "and so on" };
            bob.send(&format!("SEND {number}: {words}"));
        }
        bob.fence();
        let (address, name) = (Some(room.address().to_string()), Some("ann".to_owned()));
        let mut screen = window(theme, scale, chat_client::app::Options { address, name, ..options() });
        screen.wait_for("bob: 399");
        screen.press_command(Key::F);
        screen.fill("Search for", "lock boat");
        screen.wait_for("7 messages were found.");
        screen.press_shift(Key::Enter);
        screen.wait_for(", found");
        screen.assert_at_rest();
        screen
    });
}

#[test]
#[ignore = "draws pictures for people to look at"]
fn broken_room() {
    pictures("broken", |theme, scale| {
        let mut room = TestRoom::open();
        let _other = room.member("ann");
        let (address, name) = (Some(room.address().to_string()), Some("ann".to_owned()));
        let pauses = chat_client::net::Pauses::new(
            std::time::Duration::from_secs(30),
            std::time::Duration::from_secs(30),
            || 0.5,
        );
        let options = chat_client::app::Options { address, name, pauses, ..options() };
        let mut screen = window(theme, scale, options);
        screen.wait_for("You cannot be called");
        screen.say("Is anybody here?");
        screen.wait_for("Is anybody here?");
        room.stop();
        screen.wait_for("Not connected");
        screen.say("This waits until the server is back.");
        screen.harness().run_ok();
        screen
    });
}

#[test]
#[ignore = "draws pictures for people to look at"]
fn what_is_missing_and_what_waits() {
    pictures("missing", |theme, scale| {
        let port = Port::reserve();
        let mut room = TestRoom::open_at(&port);
        let mut bob = room.member("bob");
        bob.send("SEND We meet at the lock at nine.");
        bob.send("SEND Bring your own cup.");
        bob.fence();
        let address = Some(port.address().to_string());
        let options = chat_client::app::Options { address, name: Some("ann".to_owned()), ..options() };
        let mut screen = window(theme, scale, options);
        screen.wait_for("your own cup");
        screen.say("I shall be there.");
        bob.expect("MESSAGE ann I shall be there.");
        room.stop();
        screen.wait_for("Not connected");
        // It comes back without its log.
        let mut room = TestRoom::open_at(&port);
        screen.wait_for("a new one begins below");
        let mut bob = room.member("bob");
        bob.send("SEND The server has a new disk. What had we said?");
        screen.wait_for("a new disk");
        room.stop();
        screen.wait_for("Not connected");
        screen.say("At the lock, at nine.");
        screen.harness().run_ok();
        screen
    });
}

#[test]
#[ignore = "draws pictures for people to look at"]
fn small_window() {
    pictures("small", |theme, scale| {
        let mut screen = window_of(Vec2::new(380.0, 640.0), theme, scale, options());
        screen.fill("Your name", "Wolfeschlegelsteinhausenberger");
        screen.click("Host a room on this computer");
        screen.wait_for("Connected");
        let port = screen.harness().state().session().unwrap().hosted().unwrap().port();
        let mut bob = chat_tests::Client::connect(([127, 0, 0, 1], port).into());
        bob.send("NAME Rhabarberbarbarabarbarbarenbärte");
        bob.send(&format!("SEND https://example.org/{}", "long/".repeat(30)));
        for number in 0..30 {
            bob.send(&format!("SEND and on it goes, {number}"));
        }
        screen.wait_for("on it goes, 29");
        screen.say("A reply of some length, so that it wraps at this width.");
        screen.press(Key::PageUp);
        screen.fill("Message", "one");
        for line in ["two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"] {
            screen.press_shift(Key::Enter);
            screen.type_text(line);
        }
        screen.assert_at_rest();
        screen
    });
}

#[test]
#[ignore = "draws pictures for people to look at"]
fn completions() {
    for (name, draft) in [("names", "hello @an"), ("emoji", "hello :smi"), ("long", &*"long\n".repeat(1000))]
    {
        pictures(&format!("composer-{name}"), |theme, scale| {
            let room = TestRoom::open();
            let _others = ["anna", "anton", "anders"].map(|name| room.member(name));
            let (address, name) = (Some(room.address().to_string()), Some("ann".to_owned()));
            let mut screen = window(theme, scale, chat_client::app::Options { address, name, ..options() });
            screen.wait_for_members(4);
            screen.fill("Message", draft);
            screen.assert_at_rest();
            screen
        });
    }
}
