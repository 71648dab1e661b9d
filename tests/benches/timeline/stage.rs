//! A room with many messages and a window that shows it, without a server, a screen or a clock: what is
//! said is made up from a seed, and a frame is all that the program does for one, up to the triangles that
//! a graphics card would get. Knows how a frame is made, not which ones are measured.

use std::collections::HashSet;
use std::time::{Duration, Instant};

use chat_client::address::{Address, Addresses};
use chat_client::clock::Clock;
use chat_client::link::{Event, Line, Message, Moment, News, Order, Welcome};
use chat_client::look::Look;
use chat_client::model::{Kept, Room};
use chat_client::settings::{Density, Prefs};
use chat_client::theme;
use chat_client::views::room::{RoomView, Scene};
use chat_shared::{History, Name, RoomId};
use egui::{Context, Pos2, RawInput, Rect, Vec2, pos2};

/// The window, in pixels: all of a usual laptop's screen.
pub(crate) const WINDOW: Vec2 = Vec2::new(1440.0, 900.0);

/// The first message has this number, so that there is room for older ones.
const FIRST: u64 = 1_000_000;

/// When that one was said.
const BEGAN: i64 = 1_700_000_000_000;

/// So many lines come with one read, while a room is filled.
const READ: usize = 10_000;

/// What is said, always the same.
pub(crate) struct Talk(fastrand::Rng);

impl Talk {
    pub(crate) fn new(seed: u64) -> Self {
        Self(fastrand::Rng::with_seed(seed))
    }

    /// The message of this number.
    pub(crate) fn message(&mut self, id: u64) -> Message {
        let from = format!("member-{}", self.0.u32(0..40));
        // Two in a minute, as on a busy evening.
        let at = BEGAN + (id as i64 - FIRST as i64) * 30_000;
        Message { id, at, from, text: self.text() }
    }

    /// Mostly a sentence, at times a word or a page; some code, some emoji.
    fn text(&mut self) -> String {
        const WORDS: [&str; 24] = [
            "the",
            "room",
            "is",
            "open",
            "and",
            "who",
            "comes",
            "in",
            "hears",
            "what",
            "was",
            "said",
            "before",
            "by",
            "others",
            "yesterday",
            "evening",
            "perhaps",
            "however",
            "nobody",
            "answers",
            "question",
            "about",
            "timelines",
        ];
        let length = match self.0.u32(0..100) {
            0..2 => return self.code(),
            2..30 => 10,
            30..75 => 60,
            75..93 => 200,
            93..99 => 500,
            _ => 2000,
        };
        let mut text = String::with_capacity(length + 16);
        while text.len() < length {
            if !text.is_empty() {
                text.push(' ');
            }
            text.push_str(WORDS[self.0.usize(0..WORDS.len())]);
        }
        if self.0.u32(0..20) == 0 {
            text.push_str(" 🎉");
        }
        text.shrink_to_fit();
        text
    }

    fn code(&mut self) -> String {
        let line = |number: u32| format!("    let value_{number} = compute({number})?;\n");
        let lines: String = (0..self.0.u32(3..12)).map(line).collect();
        let mut code = format!("```\nfn main() {{\n{lines}}}\n```");
        code.shrink_to_fit();
        code
    }
}

/// A room with messages, caught up with.
pub(crate) fn room(count: usize) -> Room {
    let mut room = Room::new(Name::parse("ann").expect("a name"), Kept::default());
    let welcome =
        Welcome { room: RoomId::from_bytes([7; 16]), name: "ann".to_owned(), as_own: false, sealed: true };
    apply(&mut room, News::Connecting { address: None });
    apply(&mut room, News::Connected { link: 1, welcome: Some(welcome) });
    let mut talk = Talk::new(1);
    // A page of history, from which older messages can be asked.
    let page = vec![Line::Past(talk.message(FIRST - 1)), Line::End { history: History::Last, more: true }];
    apply(&mut room, News::Lines(page));
    let ids: Vec<u64> = (FIRST..FIRST + count as u64).collect();
    for ids in ids.chunks(READ) {
        let lines = ids.iter().map(|&id| Line::Post(talk.message(id)));
        apply(&mut room, News::Lines(lines.collect()));
    }
    room
}

pub(crate) fn apply(room: &mut Room, news: News) -> Vec<Order> {
    room.apply(Event { at: Moment { wall: BEGAN, steady: Instant::now() }, news })
}

/// What a window of this size is told for its next frame.
fn input(size: Vec2, ctx: &Context, frames: u64, events: Vec<egui::Event>) -> RawInput {
    RawInput {
        screen_rect: Some(Rect::from_min_size(Pos2::ZERO, size / ctx.zoom_factor())),
        time: Some(frames as f64 / 60.0),
        focused: true,
        events,
        ..RawInput::default()
    }
}

/// A window that shows a room.
pub(crate) struct Stage {
    pub(crate) room: Room,
    pub(crate) ctx: Context,
    view: RoomView,
    address: Addresses,
    prefs: Prefs,
    clock: Clock,
    size: Vec2,
    frames: u64,
    next: u64,
}

impl Stage {
    /// A window of the usual size before a room with so many messages, the newest of which is in sight.
    pub(crate) fn new(count: usize) -> Self {
        let ctx = Context::default();
        theme::fonts::install(&ctx);
        theme::install(&ctx, Density::default());
        let mut stage = Self {
            room: room(count),
            ctx,
            view: RoomView::new(String::new()),
            address: Address::local(3333).into(),
            prefs: Prefs::default(),
            clock: Clock::default(),
            size: WINDOW,
            frames: 0,
            next: FIRST + count as u64,
        };
        // Until everything has found its place.
        for _ in 0..5 {
            stage.frame(Vec::new());
        }
        let newest = stage.shown();
        let near = |position: usize| position + 100 > count;
        assert!(count == 0 || !newest.is_empty(), "nothing in sight");
        assert!(newest.iter().all(|&position| near(position)), "{:?} of {count} in sight", newest.first());
        stage
    }

    /// Makes a frame, and gives how long that took.
    pub(crate) fn frame(&mut self, events: Vec<egui::Event>) -> Duration {
        let Self { room, ctx, view, address, prefs, clock, .. } = self;
        self.frames += 1;
        let input = input(self.size, ctx, self.frames, events);
        let scene = Scene { room, address, hosted: None, pin: None, now: Instant::now() };
        let look = look_of(room, prefs, clock);
        let begun = Instant::now();
        let mut output = ctx.run_ui(input, |ui| drop(view.show(ui, scene, &look)));
        let shapes = std::mem::take(&mut output.shapes);
        let triangles = ctx.tessellate(shapes, output.pixels_per_point);
        let taken = begun.elapsed();
        drop(triangles);
        // There is no graphics card to which they could go.
        output.textures_delta.clear();
        taken
    }

    /// The positions of the messages that are in sight, found by what is written on the screen.
    pub(crate) fn shown(&mut self) -> Vec<usize> {
        let mut texts = HashSet::new();
        let Self { room, ctx, view, address, prefs, clock, .. } = self;
        let scene = Scene { room, address, hosted: None, pin: None, now: Instant::now() };
        let look = look_of(room, prefs, clock);
        let output = ctx
            .run_ui(input(self.size, ctx, self.frames, Vec::new()), |ui| drop(view.show(ui, scene, &look)));
        for clipped in &output.shapes {
            if let egui::Shape::Text(text) = &clipped.shape
                && clipped.clip_rect.intersects(text.visual_bounding_rect())
            {
                texts.insert(text.galley.text().to_owned());
            }
        }
        output.drop_without_applying_deltas();
        let entries = self.room.timeline().iter().enumerate();
        // Words and code that are said often stand in many places; a sentence in one.
        let told = |text: &str| text.len() >= 60 && !text.starts_with('`') && texts.contains(text);
        entries.filter(|(_, entry)| told(entry.text())).map(|(position, _)| position).collect()
    }

    /// Makes the window this wide, in pixels.
    pub(crate) fn set_width(&mut self, width: f32) {
        self.size.x = width;
    }

    /// Goes to the middle of the list, by the bar at its side.
    pub(crate) fn go_to_the_middle(&mut self) {
        // The bar is at the right, between header and composer.
        let at = pos2(self.size.x - 4.0, self.size.y / 2.0);
        let button = |pressed| egui::Event::PointerButton {
            pos: at,
            button: egui::PointerButton::Primary,
            pressed,
            modifiers: egui::Modifiers::NONE,
        };
        for events in [vec![egui::Event::PointerMoved(at)], vec![button(true)], vec![button(false)]] {
            self.frame(events);
        }
        self.frame(vec![egui::Event::PointerMoved(self.over_the_list())]);
        let (shown, len) = (self.shown(), self.room.timeline().len());
        let near = |position: usize| position.abs_diff(len / 2) < len / 10;
        assert!(!shown.is_empty(), "nothing in sight");
        assert!(shown.iter().all(|&position| near(position)), "{:?} of {len} in sight", shown.first());
    }

    /// Goes to the end of the list.
    pub(crate) fn go_to_the_end(&mut self) {
        let (key, modifiers) = (egui::Key::End, egui::Modifiers::COMMAND);
        self.frame(vec![egui::Event::Key {
            key,
            physical_key: None,
            pressed: true,
            repeat: false,
            modifiers,
        }]);
    }

    /// Somewhere in the list.
    pub(crate) fn over_the_list(&self) -> Pos2 {
        (self.size / 2.0).to_pos2()
    }

    /// The next so many messages, said by others.
    pub(crate) fn next_messages(&mut self, count: usize) -> News {
        let mut talk = Talk::new(self.next);
        let ids = self.next..self.next + count as u64;
        self.next = ids.end;
        News::Lines(ids.map(|id| Line::Post(talk.message(id))).collect())
    }

    /// Asks for older messages and gives the answer to that: so many, and that there are more.
    pub(crate) fn older_messages(&mut self, count: usize) -> News {
        let orders = self.room.near_oldest(Moment { wall: BEGAN, steady: Instant::now() });
        let [Order::Before { id, .. }] = orders[..] else { panic!("nothing was asked: {orders:?}") };
        let mut talk = Talk::new(id);
        let ids = id - count as u64..id;
        let mut lines: Vec<_> = ids.map(|id| Line::Past(talk.message(id))).collect();
        lines.push(Line::End { history: History::Before, more: true });
        News::Lines(lines)
    }
}

fn look_of<'a>(room: &'a Room, prefs: &'a Prefs, clock: &'a Clock) -> Look<'a> {
    Look {
        prefs,
        clock,
        name: room.name(),
        name_is_own: room.name_is_own(),
        ours: room.ours(),
        is_admin: room.is_admin(),
        members: room.members(),
    }
}
