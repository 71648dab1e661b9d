//! The room: who and where we are, what is wrong if something is, what was said, and the composer.
//! Knows the model's public face; changes nothing in it.

use std::time::Instant;

use egui::{CentralPanel, Frame, Key, Margin, Modifiers, Panel, Rect, Ui, UiBuilder, pos2, vec2};

use super::banner::Banners;
use super::composer::Composer;
use super::copied::Copied;
use super::doors::Doors;
use super::header::Header;
use super::people::PeopleView;
use super::search::{SearchView, Wish};
use super::side::Side;
use super::{blank, side, turns};
use crate::action::Action;
use crate::address::{Address, Addresses};
use crate::invite::Fingerprint;
use crate::look::Look;
use crate::model::Room;
use crate::theme::{palette, parts, space};
use crate::timeline::{Loads, TimelineView};

/// What the view draws.
#[derive(Debug, Clone, Copy)]
pub struct Scene<'a> {
    /// The room.
    pub room: &'a Room,
    /// Where it is.
    pub address: &'a Addresses,
    /// The addresses to give to others, when it runs on this computer.
    pub hosted: Option<&'a [Address]>,
    /// The fingerprint of its certificate then, once it is known.
    pub pin: Option<Fingerprint>,
    /// Now.
    pub now: Instant,
}

/// The room's fields, and where the eye is in the messages.
#[derive(Debug)]
pub struct RoomView {
    /// What is being written.
    pub composer: Composer,
    timeline: TimelineView,
    header: Header,
    banners: Banners,
    doors: Doors,
    people: PeopleView,
    side: Side,
    /// Something else stood in the place of the messages when this was drawn last.
    is_covered: bool,
    search: SearchView,
    /// The panel of the search was shown last.
    searching: bool,
    copied: Copied,
}

impl RoomView {
    /// A room that was just entered, with a draft from before.
    pub fn new(draft: String) -> Self {
        Self {
            composer: Composer::new(draft),
            timeline: TimelineView::default(),
            header: Header::default(),
            banners: Banners::default(),
            doors: Doors::default(),
            people: PeopleView::default(),
            side: Side::default(),
            is_covered: false,
            search: SearchView::default(),
            searching: false,
            copied: Copied::default(),
        }
    }

    /// Whether the newest messages are in sight.
    pub fn shows_newest(&self) -> bool {
        !self.is_covered && self.timeline.is_following()
    }

    /// Draws it.
    pub fn show(&mut self, ui: &mut Ui, scene: Scene<'_>, look: &Look<'_>) -> Vec<Action> {
        turns::keep(ui.ctx());
        self.timeline.give_way(ui);
        let before = self.shows_newest();
        let types = self.side.keys(ui);
        let mut actions = Vec::new();
        let bar = parts::bar(ui);
        let header = parts::panel(Panel::top("header"), bar)
            .show(ui, |ui| self.header.show(ui, scene, &mut self.side, &mut actions));
        parts::underline(ui, header.response.rect);
        if header.inner {
            self.composer.focus();
        }
        if self.doors.show(ui, scene.room.question(), &mut actions) {
            self.composer.focus();
        }
        if self.banners.show(ui, scene, &mut actions) {
            self.composer.focus();
        }
        self.follow_search(types, &mut actions);
        let is_narrow = ui.available_width() < space::BESIDE;
        let is_beside = self.side != Side::None && !is_narrow;
        // What is written ends where the messages end: beside both there may be a panel.
        let mut talk = ui.available_rect_before_wrap();
        if is_beside {
            talk.max.x -= space::SIDE;
        }
        let mut talk = ui.new_child(UiBuilder::new().max_rect(talk));
        let bar = parts::bar(ui);
        parts::panel(Panel::bottom("composer"), bar).show(&mut talk, |ui| {
            // As wide as the messages, and under them.
            let bar = ui.available_rect_before_wrap();
            let width = bar.width().min(space::COLUMN);
            let left = (bar.center().x - width / 2.0).round();
            let column = Rect::from_min_size(pos2(left, bar.top()), vec2(width, bar.height()));
            let builder = UiBuilder::new().max_rect(column);
            ui.scope_builder(builder, |ui| actions.extend(self.composer.show(ui, scene.room, look)));
        });
        let place = talk.available_rect_before_wrap();
        let frame = Frame::new().fill(palette(ui).raised).inner_margin(Margin::same(space::M as i8));
        if is_beside {
            let panel = Panel::right("side").exact_size(space::SIDE).resizable(false).frame(frame);
            panel.show(ui, |ui| self.beside(ui, scene, look, false, &mut actions));
        }
        self.is_covered = self.side != Side::None && is_narrow;
        if self.is_covered {
            let panel = CentralPanel::no_frame().frame(frame);
            panel.show(&mut talk, |ui| self.beside(ui, scene, look, true, &mut actions));
            self.tell_copied(ui, place, scene.now, &actions);
            return actions;
        }
        CentralPanel::no_frame().frame(Frame::new().fill(palette(ui).ground)).show(&mut talk, |ui| {
            blank::show(ui, ui.max_rect(), scene);
            let loads = Loads { older: scene.room.can_show_older(), holes: scene.room.can_fill() };
            let room = scene.room;
            self.timeline.is_writing(!self.composer.draft().is_empty());
            actions.extend(self.timeline.show(ui, room.timeline(), loads, room.unread(), look));
        });
        if self.shows_newest() != before {
            // What is looked at is new no more, and that is to be seen.
            ui.ctx().request_repaint();
        }
        self.tell_copied(ui, place, scene.now, &actions);
        actions
    }

    /// Says for a moment that something was copied, if it was.
    fn tell_copied(&mut self, ui: &Ui, place: Rect, now: Instant, actions: &[Action]) {
        if actions.iter().any(|action| matches!(action, Action::Copy(_))) {
            self.copied.begin(now);
        }
        self.copied.show(ui, place, now);
    }

    /// The search begins when its panel is opened, and ends when that is closed. The person is about to type
    /// if `types`.
    fn follow_search(&mut self, types: bool, actions: &mut Vec<Action>) {
        let searches = self.side == Side::Search;
        let searched = std::mem::replace(&mut self.searching, searches);
        if searches && (types || !searched) {
            actions.push(self.search.open());
        } else if searched && !searches {
            self.end_search(actions);
        }
    }

    fn end_search(&mut self, actions: &mut Vec<Action>) {
        self.searching = false;
        self.timeline.unmark();
        actions.push(self.search.close());
    }

    /// The panel at the side; in a narrow window it stands `in_place` of the messages.
    fn beside(
        &mut self,
        ui: &mut Ui,
        scene: Scene<'_>,
        look: &Look<'_>,
        in_place: bool,
        actions: &mut Vec<Action>,
    ) {
        match self.side {
            Side::None => {}
            Side::People => {
                // A menu, a list or an input method has Escape first.
                let is_free = side::has_escape(ui) && !self.composer.has_escape();
                actions.extend(self.people.show(ui, scene.room, look));
                if is_free && ui.input_mut(|input| input.consume_key(Modifiers::NONE, Key::Escape)) {
                    self.side = Side::None;
                    self.composer.focus();
                    ui.ctx().request_repaint();
                }
            }
            Side::Search => match self.search.show(ui, scene.room, look, actions) {
                None => {}
                Some(Wish::See(spot, number)) => {
                    self.timeline.seek(spot, number);
                    actions.push(Action::LoadAround(spot));
                    if in_place {
                        // The search goes on when it is opened again.
                        (self.side, self.searching) = (Side::None, false);
                    }
                }
                Some(Wish::Close) => {
                    self.side = Side::None;
                    self.end_search(actions);
                    self.composer.focus();
                }
            },
        }
    }
}
