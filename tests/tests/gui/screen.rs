//! The window under test: steps it until something is to be seen in it, and types and clicks as a
//! person does. Knows the accessibility tree, and none of the program's insides.

use std::net::SocketAddr;
use std::thread;
use std::time::{Duration, Instant};

use chat_client::app::{ChatApp, Options};
use chat_client::net::Pauses;
use chat_tests::Client;
use egui::{Event, Key, Modifiers, Role};
use egui_kittest::kittest::{NodeT, Queryable};
use egui_kittest::{Harness, Node};

/// How long anything may take before a test fails.
pub(crate) const DEADLINE: Duration = Duration::from_secs(20);

/// The label of the composer.
pub(crate) const COMPOSER: &str = "Message";
/// The label of the button that sends.
pub(crate) const SEND: &str = "Send";

/// A window.
pub(crate) struct Screen {
    pub(crate) harness: Harness<'static, ChatApp>,
    /// Where it keeps what outlives it, if it does.
    pub(crate) folder: Option<tempfile::TempDir>,
}

/// Options for a window that remembers nothing, and is not left waiting for long between attempts.
pub(crate) fn options() -> Options {
    let pauses = Pauses::new(Duration::from_millis(50), Duration::from_millis(200), || 0.5);
    Options { pauses, host_port: Some(0), ..Options::default() }
}

/// A key that goes down, or up.
pub(crate) fn key(modifiers: Modifiers, key: Key, pressed: bool) -> Event {
    Event::Key { key, physical_key: None, pressed, repeat: false, modifiers }
}

impl Screen {
    /// A window with these options.
    pub(crate) fn open(options: Options) -> Self {
        let harness = Harness::builder()
            .with_size([900.0, 680.0])
            .with_max_steps(16)
            .allow_missing_glyphs()
            .build_eframe(|cc| ChatApp::new(&cc.egui_ctx, options));
        Self { harness, folder: None }
    }

    /// A window that goes straight into a room.
    pub(crate) fn join(address: SocketAddr, name: &str) -> Self {
        let (address, name) = (Some(address.to_string()), Some(name.to_owned()));
        let mut screen = Self::open(Options { address, name, ..options() });
        screen.wait_for("Connected");
        screen
    }

    /// Draws until `seen` gives something.
    #[track_caller]
    pub(crate) fn until<T>(&mut self, what: &str, seen: impl Fn(&Self) -> Option<T>) -> T {
        let begun = Instant::now();
        loop {
            self.harness.step();
            if let Some(found) = seen(self) {
                return found;
            }
            assert!(begun.elapsed() < DEADLINE, "waited for {what}; there is:\n{:#?}", self.words());
            thread::sleep(Duration::from_millis(2));
        }
    }

    /// Everything there is to read, from top to bottom.
    pub(crate) fn words(&self) -> Vec<String> {
        let read = |node: Node<'_>| {
            let node = node.accesskit_node();
            let (label, value) = (node.label(), node.value());
            match node.role() {
                Role::Label => value,
                Role::TextRun => None,
                _ => label.filter(|label| !label.is_empty()),
            }
        };
        self.harness.root().children_recursive().filter_map(read).collect()
    }

    /// Whether something to read contains `words`.
    pub(crate) fn sees(&self, words: &str) -> bool {
        self.words().iter().any(|there| there.contains(words))
    }

    /// What was said, each as `name: text`.
    pub(crate) fn messages(&self) -> Vec<String> {
        let log = self.harness.root().query_by(|node| node.role() == Role::Log);
        let labels = log.into_iter().flat_map(|log| log.children_recursive().collect::<Vec<_>>());
        let words = labels.filter(|node| node.accesskit_node().role() == Role::Label);
        let words = words.filter_map(|node| node.accesskit_node().value());
        let said = |words: &String| {
            words.contains(": ") && !words.starts_with("Oneroom: ") && !words.starts_with("Server: ")
        };
        words.filter(said).map(|words| without_time(&words)).collect()
    }

    #[track_caller]
    pub(crate) fn wait_for(&mut self, words: &str) {
        self.until(&format!("{words:?}"), |screen| screen.sees(words).then_some(()));
    }

    /// Has bob say so many lines, and waits for the last.
    #[track_caller]
    pub(crate) fn hear_lines(&mut self, bob: &mut Client, count: usize) {
        for number in 0..count {
            bob.send(&format!("SEND line {number}"));
        }
        self.wait_for(&format!("bob: line {},", count - 1));
    }

    #[track_caller]
    pub(crate) fn wait_until_gone(&mut self, words: &str) {
        self.until(&format!("{words:?} to go"), |screen| (!screen.sees(words)).then_some(()));
    }

    /// Waits until the server has said that so many are here: what comes after that is live.
    #[track_caller]
    pub(crate) fn wait_for_members(&mut self, count: u64) {
        self.until(&format!("{count} members"), |screen| {
            let session = screen.app().session()?;
            (session.room().member_count() == Some(count)).then_some(())
        });
    }

    /// Waits until exactly these messages are to be read.
    #[track_caller]
    pub(crate) fn wait_for_messages(&mut self, messages: &[&str]) {
        self.until(&format!("the messages {messages:#?}"), |screen| {
            (screen.messages() == messages).then_some(())
        });
    }

    #[track_caller]
    pub(crate) fn click(&mut self, label: &str) {
        self.point_and_click(label);
        self.harness.run_ok();
    }

    /// Clicks, and looks no further.
    #[track_caller]
    fn point_and_click(&mut self, label: &str) {
        // Where it is once everything has found its place.
        self.harness.run_ok();
        self.harness.get_by_label(label).click();
        self.harness.step();
    }

    /// Clicks the first of several things of one name.
    #[track_caller]
    pub(crate) fn click_first(&mut self, label: &str) {
        self.harness.run_ok();
        self.harness.get_all_by_label(label).next().expect("at least one").click();
        self.harness.step();
        self.harness.run_ok();
    }

    /// Clicks, and gives what that put on the clipboard.
    #[track_caller]
    pub(crate) fn click_to_copy(&mut self, label: &str) -> Option<String> {
        self.point_and_click(label);
        self.copied()
    }

    /// What the last frame put on the clipboard.
    pub(crate) fn copied(&self) -> Option<String> {
        let commands = &self.harness.output().platform_output.commands;
        commands.iter().find_map(|command| match command {
            egui::OutputCommand::CopyText(text) => Some(text.clone()),
            _ => None,
        })
    }

    /// Puts the cursor into a field and replaces what is in it.
    #[track_caller]
    pub(crate) fn fill(&mut self, field: &str, text: &str) {
        self.harness.get_by_label(field).focus();
        self.harness.step();
        self.harness.key_press_modifiers(Modifiers::COMMAND, Key::A);
        self.press(Key::Backspace);
        if !text.is_empty() {
            self.type_text(text);
        }
    }

    /// Types without looking where.
    pub(crate) fn type_text(&mut self, text: &str) {
        self.harness.event(Event::Text(text.to_owned()));
        self.harness.step();
    }

    pub(crate) fn press(&mut self, key: Key) {
        self.harness.key_press(key);
        self.harness.step();
    }

    pub(crate) fn press_shift(&mut self, key: Key) {
        self.harness.key_press_modifiers(Modifiers::SHIFT, key);
        self.harness.step();
    }

    pub(crate) fn press_command(&mut self, key: Key) {
        self.harness.key_press_modifiers(Modifiers::COMMAND, key);
        self.harness.step();
    }

    /// Several events within one frame, as a slow computer and a fast typist make them.
    pub(crate) fn in_one_frame(&mut self, events: Vec<Event>) {
        self.harness.input_mut().events.extend(events);
        self.harness.step();
    }

    /// Writes a message and sends it.
    #[track_caller]
    pub(crate) fn say(&mut self, text: &str) {
        self.fill(COMPOSER, text);
        self.press(Key::Enter);
    }

    /// What is in a field.
    #[track_caller]
    pub(crate) fn value(&self, field: &str) -> String {
        self.harness.get_by_label(field).value().unwrap_or_default()
    }

    /// Where it is.
    #[track_caller]
    pub(crate) fn rect(&self, label: &str) -> egui::Rect {
        self.harness.get_by_label(label).rect()
    }

    /// Whether the cursor is in this field.
    #[track_caller]
    pub(crate) fn has_focus(&self, field: &str) -> bool {
        self.harness.get_by_label(field).is_focused()
    }

    /// Asserts that nothing wants to be drawn any more, and that everything that can be acted upon has
    /// a name.
    #[track_caller]
    pub(crate) fn assert_at_rest(&mut self) {
        self.harness.run();
    }

    /// Whether the window asks to be drawn.
    pub(crate) fn wants_to_draw(&self) -> bool {
        self.harness.ctx.has_requested_repaint()
    }

    /// Waits, without drawing, until the window asks to be drawn.
    #[track_caller]
    pub(crate) fn wait_for_wake_up(&self) {
        let begun = Instant::now();
        while !self.wants_to_draw() {
            assert!(begun.elapsed() < DEADLINE, "waited for the window to ask to be drawn");
            thread::sleep(Duration::from_millis(2));
        }
    }

    /// The program itself.
    pub(crate) fn app(&self) -> &ChatApp {
        self.harness.state()
    }

    pub(crate) fn harness(&mut self) -> &mut Harness<'static, ChatApp> {
        &mut self.harness
    }
}

impl From<Harness<'static, ChatApp>> for Screen {
    fn from(harness: Harness<'static, ChatApp>) -> Self {
        Self { harness, folder: None }
    }
}

/// Takes the time off the end of a message.
fn without_time(words: &str) -> String {
    let cut = words.rmatch_indices(", ").find(|(at, _)| is_time(&words[at + 2..]));
    match cut {
        Some((at, _)) => format!("{}{}", &words[..at], &words[at + ", 00:00".len()..]),
        None => words.to_owned(),
    }
}

fn is_time(words: &str) -> bool {
    let bytes = words.as_bytes();
    bytes.len() >= 5
        && [0, 1, 3, 4].iter().all(|&at| bytes[at].is_ascii_digit())
        && bytes[2] == b':'
        && bytes.get(5).is_none_or(|&byte| byte == b',')
}
