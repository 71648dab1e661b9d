//! What can be done with one message: a menu at the pointer or, asked for by a key, at the message. Knows
//! the message and what is selected; does nothing itself.

use std::ops::Range;

use chat_shared::Name;
use egui::{
    Align, Button, Id, Key, Layout, Modifiers, Popup, PopupCloseBehavior, PopupKind, Pos2, Rect, Response,
    SetOpenCommand, Ui,
};

use super::anchor::Row;
use super::laid::Laid;
use super::pick::{self, Pick};
use super::select::At;
use super::{Key as Known, body, key, scroll};
use crate::action::Action;
use crate::look::Look;
use crate::model::{Entry, Timeline};
use crate::theme::parts;

/// The menu, while it is open.
#[derive(Debug, Default)]
pub(super) struct Menu {
    open: Option<Open>,
}

#[derive(Debug)]
struct Open {
    message: Known,
    at: Pos2,
    /// What had the keyboard before, and gets it back.
    before: Option<Id>,
    /// It has yet to get the keyboard.
    is_new: bool,
    /// It asks whether the message is really to be taken back.
    asks: bool,
}

impl Menu {
    /// The number of the entry that it is for, while it is open.
    pub(super) fn entry(&self) -> Option<u64> {
        self.open.as_ref().map(|open| open.message.number)
    }

    /// Opens it, if that is asked for.
    pub(super) fn ask(
        &mut self,
        ui: &Ui,
        list: &Response,
        timeline: &Timeline,
        (view, laid): (Rect, &[(Row, Laid)]),
        pick: &Pick,
    ) {
        let asked = by_pointer(ui, list)
            .and_then(|pointer| Some((pick::at_pointer(view, laid, pointer)?.0.position, pointer)))
            .or_else(|| {
                let (row, laid) = laid_out(laid, pick.end(timeline)).filter(|_| by_key(ui, list))?;
                Some((row.position, laid.at + laid.galley.size().min(view.size() / 2.0) / 2.0))
            });
        let Some((position, at)) = asked else { return };
        let before = ui.memory(egui::Memory::focused);
        self.open =
            key(timeline, position).map(|message| Open { message, at, before, is_new: true, asks: false });
    }

    /// Draws it, and gives what is to be done.
    pub(super) fn show(
        &mut self,
        ui: &Ui,
        (timeline, look): (&Timeline, &Look<'_>),
        pick: &Pick,
    ) -> Option<Action> {
        let Open { message, at, before, is_new, asks } = self.open.as_mut()?;
        let id = Id::unique("menu of a message");
        let position = timeline.find_again(message.spot, message.number);
        let Some((position, entry)) = position.and_then(|at| Some((at, timeline.get(at)?))) else {
            self.open = None;
            return None;
        };
        // What is the message and no more needs no item of its own.
        let whole = At { position, byte: 0 }..At { position, byte: usize::MAX };
        let selected = pick.range(timeline).filter(|range| *range != whole);
        let spot = message.spot;
        let popup = Popup::new(id, ui.ctx().clone(), *at, ui.layer_id())
            .kind(PopupKind::Menu)
            .layout(Layout::top_down_justified(Align::Min))
            .close_behavior(PopupCloseBehavior::CloseOnClickOutside)
            .accessible_name("What to do with this message")
            .open_memory(is_new.then_some(SetOpenCommand::Bool(true)));
        let chosen = popup.show(|ui| {
            parts::menu_head(ui, &head(entry));
            if *asks {
                let answer = parts::ask_once_more(ui, SURE, "Take it back", is_new);
                if answer.is_some() {
                    ui.close();
                }
                return answer.filter(|yes| *yes).map(|_| Action::TakeBack(spot));
            }
            match items(ui, entry, (timeline, look), selected.as_ref(), is_new)? {
                Chosen::TakeBack => {
                    (*asks, *is_new) = (true, true);
                    ui.ctx().request_repaint();
                    None
                }
                Chosen::Done(action) => {
                    ui.close();
                    Some(action)
                }
            }
        });
        if !Popup::is_id_open(ui.ctx(), id) {
            if let Some(before) = *before {
                ui.memory_mut(|memory| memory.request_focus(before));
            }
            self.open = None;
        }
        chosen.and_then(|chosen| chosen.inner)
    }
}

/// What is asked before a message is taken back.
const SURE: &str = "Take this message back? Nobody can read it any more then.";

/// So many letters of a message say which one it is.
const FIRST_LETTERS: usize = 80;

/// Who said what.
fn head(entry: &Entry) -> String {
    let letters: String = body::letters(entry).chars().take(FIRST_LETTERS).collect();
    match entry.author() {
        Some(author) => format!("{author}: {letters}"),
        None => letters,
    }
}

/// What was chosen.
enum Chosen {
    /// It is done.
    Done(Action),
    /// It is asked whether that is really wanted.
    TakeBack,
}

/// What there is to choose. The first gets the keyboard when the menu `is_new`.
fn items(
    ui: &mut Ui,
    entry: &Entry,
    (timeline, look): (&Timeline, &Look<'_>),
    selected: Option<&Range<At>>,
    is_new: &mut bool,
) -> Option<Chosen> {
    let item = |ui: &mut Ui, words: &str| ui.add(Button::new(words).frame_when_inactive(false));
    let copy = item(ui, "Copy message");
    if *is_new && !ui.is_sizing_pass() {
        *is_new = false;
        copy.request_focus();
    }
    let mut chosen = copy.clicked().then(|| Action::Copy(body::letters(entry)));
    if let Some(range) = selected
        && item(ui, "Copy what is selected").clicked()
    {
        chosen = Some(Action::Copy(pick::text(range, timeline, look)));
    }
    let author = entry.author().filter(|_| !look.is_ours(entry)).and_then(|author| Name::parse(author).ok());
    if let Some(author) = author
        && item(ui, &format!("Mention {author}")).clicked()
    {
        chosen = Some(Action::Mention(author));
    }
    if look.is_admin
        && entry.author().is_some()
        && entry.id().is_some()
        && parts::grave(ui, "Take back…").clicked()
    {
        return Some(Chosen::TakeBack);
    }
    chosen.map(Chosen::Done)
}

/// Where the pointer asks for the menu.
fn by_pointer(ui: &Ui, list: &Response) -> Option<Pos2> {
    // On a link too, which has no menu of its own.
    let clicked = list.contains_pointer() && ui.input(|input| input.pointer.secondary_clicked());
    let asked = clicked || list.long_touched();
    ui.input(|input| input.pointer.interact_pos()).filter(|_| asked)
}

/// Whether a key asks for it, or a screen reader.
fn by_key(ui: &Ui, list: &Response) -> bool {
    if !list.has_focus() || !scroll::has_keys(ui) {
        return false;
    }
    let pressed = ui.input_mut(|input| {
        input.consume_key(Modifiers::NONE, Key::Menu) || input.consume_key(Modifiers::SHIFT, Key::F10)
    });
    // Enter clicks what has the keyboard.
    pressed || list.clicked() && !ui.input(|input| input.pointer.any_click())
}

/// The row at this position, if it is in sight; the lowest, if none was chosen.
fn laid_out(laid: &[(Row, Laid)], position: Option<usize>) -> Option<&(Row, Laid)> {
    match position {
        Some(position) => laid.iter().find(|(row, _)| row.position == position),
        None => laid.last(),
    }
}
