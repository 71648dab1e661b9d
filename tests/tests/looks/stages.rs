//! The states of the client's screens, each made of the views and the model alone: what the network would
//! have brought is applied by hand, at a time that stands still. Knows nothing of pictures.

use std::time::{Duration, Instant};

use chat_client::address::{Address, Addresses};
use chat_client::clock::Clock;
use chat_client::invite::Fingerprint;
use chat_client::link::{Event, Line, Message, Moment, News, Question, Welcome};
use chat_client::look::Look;
use chat_client::model::{Kept, KeptName, Room};
use chat_client::settings::{Density, Edit, Prefs, Settings};
use chat_client::theme;
use chat_client::views::link::LinkView;
use chat_client::views::lobby::{Lobby, Place};
use chat_client::views::room::{RoomView, Scene};
use chat_client::views::settings::SettingsView;
use chat_shared::{ErrorCode, History, Name, RoomId};
use egui::{CentralPanel, Frame, Key, Modifiers, Ui, Vec2};
use egui_kittest::{Harness, HarnessBuilder};
use jiff::tz::TimeZone;

/// The window, in points: small enough for the pictures to be small, large enough for a panel beside the
/// messages.
const WINDOW: Vec2 = Vec2::new(760.0, 560.0);

/// A narrow one, as on half of a small screen.
const NARROW: Vec2 = Vec2::new(380.0, 560.0);

/// When everything happens: on a Saturday evening.
const NOW: i64 = 1_700_330_000_000;

/// A state of the screen.
pub(crate) struct State {
    pub(crate) name: &'static str,
    size: Vec2,
    make: fn() -> Stage,
    /// The state behind this one, which waits until a question is answered.
    pub(crate) behind: Option<&'static str>,
    /// The same state without the list that is open in this one, in which the arrows go and of which Tab takes one.
    pub(crate) without_list: Option<&'static str>,
    /// What is pressed before one looks.
    keys: &'static [(Modifiers, Key)],
}

/// What is drawn.
pub(crate) enum Stage {
    Lobby(Lobby, Settings),
    Room(Box<InRoom>),
}

/// A room on the screen, and what is in front of it.
pub(crate) struct InRoom {
    room: Room,
    view: RoomView,
    address: Addresses,
    hosted: Option<Vec<Address>>,
    now: Moment,
    prefs: Prefs,
    settings: bool,
    link: Option<&'static str>,
    /// The same once they are open.
    opened: (Option<SettingsView>, Option<LinkView>),
}

pub(crate) const fn state(name: &'static str, make: fn() -> Stage) -> State {
    State { name, size: WINDOW, make, behind: None, without_list: None, keys: &[] }
}

/// All of them.
pub(crate) const STATES: [State; 27] = [
    state("first", || Stage::Lobby(Lobby::new(String::new(), String::new()), Settings::default())),
    state("first-again", || Stage::Lobby(Lobby::new("chat.example.org".into(), "ann".into()), known())),
    state("first-refused", refused_address),
    state("connecting", || Stage::room(InRoom::new())),
    state("empty", || Stage::room(InRoom::online())),
    state("talk", || Stage::room(talk())),
    State { size: NARROW, ..state("narrow", || Stage::room(talk())) },
    state("compact", || {
        let mut stage = talk();
        stage.prefs.density = Density::Compact;
        Stage::room(stage)
    }),
    State { keys: &[(Modifiers::NONE, Key::PageUp)], ..state("reading-back", || Stage::room(long_talk())) },
    state("offline", || Stage::room(offline())),
    state("name-taken", || Stage::room(name_taken())),
    state("certificate-unknown", || Stage::room(asked(unknown_certificate()))),
    state("certificate-changed", || Stage::room(asked(changed_certificate()))),
    state("certificate-broken", || Stage::room(asked(broken_promise()))),
    state("plain-text", || Stage::room(asked(Question::PlainText { address: server() }))),
    state("no-answer", || Stage::room(asked(Question::NoAnswer { address: server() }))),
    state("in-plain-text", || Stage::room(in_plain_text())),
    state("password", || Stage::room(asked(password(false)))),
    state("password-checked", || Stage::room(password_checked(Duration::from_secs(2)))),
    State { size: NARROW, ..state("password-plain-text", || Stage::room(asked(password(true)))) },
    State { without_list: Some("talk"), ..state("completing", || Stage::room(completing())) },
    State {
        keys: &[(Modifiers::SHIFT, Key::Tab), (Modifiers::NONE, Key::Enter)],
        ..state("copied", || Stage::room(hosted()))
    },
    State { keys: &[(Modifiers::COMMAND, Key::U)], ..state("people", || Stage::room(hosted())) },
    State { keys: &[(Modifiers::COMMAND, Key::U)], ..state("admin", || Stage::room(admin())) },
    State { keys: &[(Modifiers::COMMAND, Key::F)], ..state("search", || Stage::room(talk())) },
    State { behind: Some("talk"), ..state("settings", || Stage::room(InRoom { settings: true, ..talk() })) },
    State {
        behind: Some("talk"),
        ..state("link", || Stage::room(InRoom { link: Some("https://example.org/timetable"), ..talk() }))
    },
];

/// The state of this name.
pub(crate) fn named(name: &str) -> &'static State {
    STATES.iter().find(|state| state.name == name).expect("a state of this name")
}

impl State {
    /// A window in this state, in which everything has found its place. No picture is made of it.
    pub(crate) fn open(&self) -> Harness<'static, Stage> {
        self.open_with(|builder| builder, |ui, stage| stage.draw(ui))
    }

    /// The same of which pictures can be made, drawn by `draw`.
    pub(crate) fn paint(&self, draw: impl FnMut(&mut Ui, &mut Stage) + 'static) -> Harness<'static, Stage> {
        self.open_with(HarnessBuilder::wgpu, draw)
    }

    fn open_with(
        &self,
        renderer: impl FnOnce(HarnessBuilder<Stage>) -> HarnessBuilder<Stage>,
        draw: impl FnMut(&mut Ui, &mut Stage) + 'static,
    ) -> Harness<'static, Stage> {
        let builder = Harness::builder()
            .with_size(self.size)
            .with_render_cursor(false)
            .with_max_steps(16)
            .with_context_setup(|ctx| {
                theme::fonts::install(ctx);
                theme::install(ctx, Density::default());
            });
        let mut harness = renderer(builder).build_ui_state(draw, (self.make)());
        harness.run();
        for &(modifiers, key) in self.keys {
            harness.key_press_modifiers(modifiers, key);
            harness.run();
        }
        harness
    }
}

impl Stage {
    pub(crate) fn room(stage: InRoom) -> Self {
        Self::Room(Box::new(stage))
    }

    /// So much time passes.
    pub(crate) fn pass(&mut self, time: Duration) {
        if let Self::Room(stage) = self {
            stage.now.steady += time;
        }
    }

    pub(crate) fn draw(&mut self, ui: &mut Ui) {
        match self {
            Self::Lobby(lobby, settings) => {
                let frame = Frame::new().fill(theme::palette(ui).ground);
                CentralPanel::no_frame().frame(frame).show(ui, |ui| lobby.show(ui, settings));
            }
            Self::Room(stage) => stage.draw(ui),
        }
    }
}

impl InRoom {
    /// A room that is being entered.
    fn new() -> Self {
        let mut stage = Self {
            room: Room::new(name("ann"), Kept::default()),
            view: RoomView::new(String::new()),
            address: Addresses::parse("chat.example.org").unwrap(),
            hosted: None,
            now: Moment { wall: NOW, steady: Instant::now() },
            prefs: Prefs::default(),
            settings: false,
            link: None,
            opened: (None, None),
        };
        stage.happens(News::Connecting { address: None });
        stage
    }

    /// A room in which nothing was said.
    fn online() -> Self {
        let mut stage = Self::new();
        let welcome = Welcome {
            room: RoomId::from_bytes([7; 16]),
            name: "ann".to_owned(),
            as_own: false,
            sealed: true,
        };
        stage.happens(News::Connected { link: 1, welcome: Some(welcome) });
        stage.hears([
            Line::You("ann".to_owned()),
            Line::End { history: History::Last, more: false },
            Line::Users(["ann", "bob", "Zoë", "Ελένη"].map(name).to_vec()),
            Line::EndUsers,
        ]);
        stage
    }

    fn happens(&mut self, news: News) {
        self.room.apply(Event { at: self.now, news });
    }

    fn hears(&mut self, lines: impl IntoIterator<Item = Line>) {
        self.happens(News::Lines(lines.into_iter().collect()));
    }

    /// Somebody said something so many minutes ago.
    fn said(&mut self, id: u64, minutes: i64, from: &str, text: &str) {
        let message =
            Message { id, at: NOW - minutes * 60_000, from: from.to_owned(), text: text.to_owned() };
        self.hears([Line::Post(message)]);
    }

    fn draw(&mut self, ui: &mut Ui) {
        let Self { room, view, address, hosted, now, prefs, .. } = self;
        let clock = Clock::of(TimeZone::UTC, false);
        let scene = Scene { room, address, hosted: hosted.as_deref(), pin: None, now: now.steady };
        let look = Look {
            prefs,
            clock: &clock,
            name: room.name(),
            name_is_own: room.name_is_own(),
            ours: room.ours(),
            is_admin: room.is_admin(),
            members: room.members(),
        };
        theme::install(ui.ctx(), prefs.density);
        view.show(ui, scene, &look);
        if self.settings {
            self.opened.0.get_or_insert_with(|| SettingsView::open(ui.ctx())).show(ui, &self.prefs);
        }
        if let Some(target) = self.link {
            let link = || LinkView::of(target, None).expect("a link that can be followed");
            self.opened.1.get_or_insert_with(link).show(ui.ctx());
        }
    }
}

fn name(name: &str) -> Name {
    Name::parse(name).unwrap()
}

/// Rooms that were used before.
fn known() -> Settings {
    let mut settings = Settings::default();
    for (at, address) in [(1, "192.168.1.20:4000"), (2, "chat.example.org")] {
        settings.apply(Edit::Entered { address: address.to_owned(), name: "ann".to_owned(), at });
    }
    settings
}

fn refused_address() -> Stage {
    let mut lobby = Lobby::new("https://example.org".into(), "ann".into());
    let why = Address::parse("https://example.org").unwrap_err();
    lobby.complain(Place::Address, why.to_string());
    Stage::Lobby(lobby, Settings::default())
}

/// People talk: turns of several, a day's end, code, a mention, a link, somebody who comes.
fn talk() -> InRoom {
    let mut stage = InRoom::online();
    stage.said(1, 1500, "bob", "Did the boat get through the lock?");
    stage.said(2, 1499, "Zoë", "It did, *though* we had to wait for nearly two hours, because nobody had the key. We drank all the tea there was and played cards.");
    stage.said(3, 40, "Zoë", "@ann the train times are at https://example.org/timetable");
    stage.said(4, 39, "Zoë", "or **ask** with\n```\ncurl example.org/next?from=lock\n```");
    stage.hears([Line::Join(name("kim"))]);
    stage.said(5, 6, "Ελένη", "Next time I take the train 🚂");
    stage.room.say("Glad you made it.\nSame place on Sunday?", stage.now).unwrap();
    stage.hears([Line::Ack { txn: 1, id: 6, at: NOW - 60_000 }]);
    stage.said(7, 0, "bob", "~~Sunday~~ Saturday, if `ferry --status` says so");
    stage
}

/// Somebody is about to be named.
fn completing() -> InRoom {
    let mut stage = talk();
    stage.view = RoomView::new("I would rather ask (@".to_owned());
    stage
}

/// More than a screen shows.
fn long_talk() -> InRoom {
    let mut stage = InRoom::online();
    for id in 1..60 {
        let from = ["bob", "Zoë", "bob", "kim"][id as usize / 3 % 4];
        stage.said(
            id,
            120 - id as i64,
            from,
            &format!("{}and so on, {id}", "on and on ".repeat(id as usize % 7)),
        );
    }
    stage
}

fn offline() -> InRoom {
    let mut stage = talk();
    stage.room.say("This waits until the server is back.", stage.now).unwrap();
    let why = "the server has closed the connection".to_owned();
    stage.happens(News::Lost { why, retry_in: Duration::from_millis(11_500), doubt: Duration::ZERO });
    stage.room.say("And this comes after it.", stage.now).unwrap();
    stage
}

fn name_taken() -> InRoom {
    let mut stage = InRoom::new();
    let welcome = Welcome {
        room: RoomId::from_bytes([7; 16]),
        name: "guest-7".to_owned(),
        as_own: false,
        sealed: true,
    };
    stage.happens(News::Connected { link: 1, welcome: Some(welcome) });
    let words = "this name is taken; you are still guest-7".to_owned();
    stage.hears([
        Line::Error { code: Some(ErrorCode::NameTaken), txn: None, words },
        Line::End { history: History::Last, more: false },
    ]);
    stage
}

/// Something is asked before there is a connection.
fn asked(question: Question) -> InRoom {
    let mut stage = InRoom::new();
    stage.happens(News::Asks(question));
    stage
}

/// The password was given, and the server takes its time with it: so much by now.
pub(crate) fn password_checked(time: Duration) -> InRoom {
    let mut stage = asked(password(false));
    stage.happens(News::Connecting { address: None });
    stage.room.say("Good evening!", stage.now).expect("it can be said");
    stage.happens(News::CheckingPassword);
    stage.now.steady += time;
    stage
}

fn server() -> Address {
    Address::parse("chat.example.org").unwrap()
}

fn unknown_certificate() -> Question {
    let why = "was issued by nobody whom this computer trusts".to_owned();
    Question::Unknown { address: server(), fingerprint: Fingerprint::of(b"one"), why }
}

fn changed_certificate() -> Question {
    let known = Some(Fingerprint::of(b"one"));
    let why = "has expired".to_owned();
    Question::Changed { address: server(), known, shown: Fingerprint::of(b"another"), why }
}

fn broken_promise() -> Question {
    let [promised, shown] = [&b"one"[..], b"another"].map(Fingerprint::of);
    let what = "is the one by which the server was known until now".to_owned();
    Question::Broken { address: server(), promised, shown, what }
}

/// Others on the way can read what is said.
fn in_plain_text() -> InRoom {
    let mut stage = talk();
    stage.happens(News::InPlainText);
    stage
}

fn password(in_plain_text: bool) -> Question {
    let wrong = (!in_plain_text).then(|| "this is not the room's password".to_owned());
    Question::Password { address: server(), wrong, in_plain_text }
}

/// We are logged in to a name that is ours, which may send others out, and have taken back what somebody said.
fn admin() -> InRoom {
    let mut stage = InRoom::new();
    let id = RoomId::from_bytes([7; 16]);
    let names = vec![KeptName { name: name("ann"), since: 1 }];
    stage.room = Room::new(name("ann"), Kept { known: Some((id, 1)), names, ..Kept::default() });
    let welcome = Welcome { room: id, name: "guest-7".to_owned(), as_own: true, sealed: true };
    stage.happens(News::Connected { link: 1, welcome: Some(welcome) });
    stage.hears([
        Line::You("ann".to_owned()),
        Line::Admin,
        Line::Past(Message {
            id: 1,
            at: NOW - 3_600_000,
            from: "ann".to_owned(),
            text: "From another day.".to_owned(),
        }),
        Line::End { history: History::Last, more: false },
        Line::Users(["ann", "bob", "Zoë", "Ελένη"].map(name).to_vec()),
        Line::EndUsers,
    ]);
    stage.said(2, 5, "bob", "Cheap watches!");
    stage.said(3, 4, "Zoë", "Not again.");
    stage.hears([Line::Removed(2), Line::Notice("bob was silenced by ann for 10 minutes".to_owned())]);
    stage
}

/// A room on this computer.
fn hosted() -> InRoom {
    let mut stage = talk();
    let addresses = ["192.168.1.7:3333", "fd00::7"].map(|address| Address::parse(address).unwrap());
    stage.hosted = Some(addresses.to_vec());
    stage
}
