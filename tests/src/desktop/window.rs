//! A program's window: what it says, read from its accessibility tree, and what a person does to it, by
//! keyboard and mouse. Knows nothing of what is in the window.

use std::process::ExitStatus;

use x11rb::connection::Connection as _;
use x11rb::protocol::xproto::{ClientMessageEvent, ConnectionExt as _, EventMask, InputFocus};

use super::Desktop;
use super::process::Process;
use super::tree::{ACTIVE, EDITABLE, FOCUSED, Item, Tree};
use crate::until;

/// A program with a window on a [`Desktop`]; ended when dropped.
#[derive(Debug)]
pub struct Window<'a> {
    desktop: &'a Desktop,
    process: Process,
    /// As X11 numbers it.
    number: String,
    tree: Tree,
}

impl<'a> Window<'a> {
    /// Waits until a program that was just started shows its window.
    pub(super) fn of(desktop: &'a Desktop, process: Process) -> Self {
        let pid = process.id().to_string();
        let visible = || {
            let found = desktop.xdotool(&["search", "--onlyvisible", "--pid", &pid]).ok()?;
            found.lines().next().map(str::to_owned)
        };
        let gone = || format!("the program's window; its log:\n{}", process.log());
        let number = until(visible).unwrap_or_else(|| panic!("waited for {}", gone()));
        let tree = until(|| desktop.bus.tree_of(process.id()))
            .unwrap_or_else(|| panic!("waited for an accessibility tree in {}", gone()));
        let window = Self { desktop, process, number, tree };
        window.until("a drawn window", |window| window.tree.items().map(drop));
        window
    }

    /// What the program has said on stderr so far.
    pub fn log(&self) -> String {
        self.process.log()
    }

    /// Its process.
    pub fn process(&self) -> u32 {
        self.process.id()
    }

    /// What stands in its title bar.
    pub fn title(&self) -> String {
        let title = self.desktop.xdotool(&["getwindowname", &self.number]);
        title.expect("the window is there").trim_end().to_owned()
    }

    /// Everything that can be read in the window, in reading order, less what is being typed.
    pub fn texts(&self) -> Vec<String> {
        let items = self.tree.items().unwrap_or_default().into_iter();
        items.filter(|item| !item.is(EDITABLE) && !item.name.is_empty()).map(|item| item.name).collect()
    }

    /// Waits until something in the window contains `text`.
    pub fn wait_for(&self, text: &str) {
        self.until(&format!("{text:?}"), |window| {
            window.texts().iter().any(|shown| shown.contains(text)).then_some(())
        });
    }

    /// What the field holds that has the keyboard.
    pub fn draft(&self) -> Option<String> {
        let items = self.tree.items()?;
        self.tree.field_text(items.iter().find(|item| item.is(FOCUSED) && item.is(EDITABLE))?)
    }

    /// Waits until the field that has the keyboard holds just this.
    pub fn wait_for_draft(&self, text: &str) {
        self.until(&format!("a field with {text:?}"), |window| (window.draft()? == text).then_some(()));
    }

    /// Types into the field that has the keyboard, and waits until the text is in it.
    pub fn type_text(&self, text: &str) {
        self.focus();
        self.until("a field that has the keyboard", Self::draft);
        self.desktop.teach(text);
        self.desktop
            .xdotool(&["type", "--clearmodifiers", "--delay", "5", "--", text])
            .expect("xdotool types");
        self.until(&format!("{text:?} in the field"), |window| window.draft()?.contains(text).then_some(()));
    }

    /// Presses a key, by its X11 name: `Return`, `ctrl+a`.
    pub fn press(&self, key: &str) {
        self.focus();
        self.desktop.xdotool(&["key", "--clearmodifiers", key]).expect("xdotool presses keys");
    }

    /// Clicks in the middle of the thing with this text.
    pub fn click(&self, text: &str) {
        self.focus();
        let (x, y) = self.until(&format!("{text:?}, to be clicked"), |window| {
            let items = window.tree.items()?;
            window.tree.middle(items.iter().find(|item| item.name == text)?)
        });
        let (x, y) = (x.to_string(), y.to_string());
        self.desktop
            .xdotool(&["mousemove", "--sync", "--window", &self.number, &x, &y, "click", "1"])
            .expect("xdotool clicks");
    }

    /// Moves the window to where it is to be, in pixels of the screen, and to this size.
    pub fn place(&self, [x, y]: [u32; 2], [width, height]: [u32; 2]) {
        let [x, y, width, height] = [x, y, width, height].map(|pixels| pixels.to_string());
        self.desktop
            .xdotool(&[
                "windowmove",
                "--sync",
                &self.number,
                &x,
                &y,
                "windowsize",
                "--sync",
                &self.number,
                &width,
                &height,
            ])
            .expect("xdotool moves windows");
    }

    /// Closes the window as a window manager does, and waits for the program's end.
    pub fn close(mut self) -> ExitStatus {
        let (x11, _) = x11rb::connect(Some(&self.desktop.display)).expect("the display is there");
        let atom = |name: &str| {
            let reply = x11.intern_atom(false, name.as_bytes()).expect("X11 takes requests").reply();
            reply.expect("X11 has atoms").atom
        };
        let number = self.number.parse().expect("a window is a number");
        let data = [atom("WM_DELETE_WINDOW"), x11rb::CURRENT_TIME, 0, 0, 0];
        let message = ClientMessageEvent::new(32, number, atom("WM_PROTOCOLS"), data);
        x11.send_event(false, number, EventMask::NO_EVENT, message).expect("X11 takes requests");
        x11.flush().expect("X11 takes requests");
        let process = &mut self.process;
        let ended = until(|| process.status());
        ended.unwrap_or_else(|| panic!("the window does not close; its log:\n{}", self.process.log()))
    }

    /// Kills the program: it has no time for anything.
    pub fn kill(mut self) {
        self.process.kill();
    }

    /// Takes the keyboard from the window, as if the person went to another one.
    pub fn leave(&self) {
        let (x11, _) = x11rb::connect(Some(&self.desktop.display)).expect("the display is there");
        let nobody = x11rb::NONE;
        x11.set_input_focus(InputFocus::NONE, nobody, x11rb::CURRENT_TIME)
            .expect("X11 takes requests")
            .check()
            .expect("the keyboard can be taken");
        self.until("the keyboard to be gone", |window| {
            (!window.tree.items()?.iter().any(|item: &Item| item.is(ACTIVE))).then_some(())
        });
    }

    /// Gives the window the keyboard: there is no window manager to do it.
    pub fn focus(&self) {
        self.until("the keyboard", |window| {
            if window.tree.items()?.iter().any(|item: &Item| item.is(ACTIVE)) {
                return Some(());
            }
            // Fails while the window cannot be seen; it is tried again.
            let _ = window.desktop.xdotool(&["windowraise", &window.number]);
            let _ = window.desktop.xdotool(&["windowfocus", &window.number]);
            None
        });
    }

    fn until<T>(&self, what: &str, ask: impl Fn(&Self) -> Option<T>) -> T {
        until(|| ask(self)).unwrap_or_else(|| {
            panic!("waited for {what}; the window says {:#?}; its log:\n{}", self.texts(), self.process.log())
        })
    }
}
