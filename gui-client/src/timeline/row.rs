//! One entry of the timeline: how high it is and how it is drawn. Knows one entry and its shape;
//! where it stands is the list's business.

use std::sync::Arc;

use egui::text::{LayoutJob, TextFormat, TextWrapping};
use egui::{Align2, Color32, CornerRadius, FontId, Galley, Id, Pos2, Rect, Ui, vec2};

use super::anchor::Span;
use super::body::{self, Drawn, Wish, label};
use super::laid::{Laid, append};
use super::{news, stamp};
use crate::action::Action;
use crate::look::Look;
use crate::model::{Delivery, Entry, Kind};
use crate::theme::{self, Metrics, name_colour, palette, parts, round, small, space};

/// Messages of one author within this time stand under one name.
const GROUP_MS: i64 = 5 * 60 * 1000;

/// What, besides its text, decides how high an entry is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Shape {
    /// The first of its day.
    day: bool,
    /// The first of its group, with name and time.
    head: bool,
    /// It may not have arrived, or was refused, or tells of what is missing: a person decides what becomes
    /// of it.
    unsure: bool,
    /// The last of its group.
    tail: bool,
    /// The whole of it is shown, though it is long.
    open: bool,
    /// The line above what is new stands above it.
    news: bool,
    /// A search has found it. That changes no height.
    pub(super) found: bool,
    /// Its menu is open. That changes no height.
    pub(super) asked: bool,
}

impl Shape {
    pub(super) fn of(
        entry: &Entry,
        before: Option<&Entry>,
        after: Option<&Entry>,
        look: &Look<'_>,
        open: bool,
    ) -> Self {
        let clock = look.clock;
        let day = before.is_none_or(|before| clock.day(before.at) != clock.day(entry.at));
        let unsure = matches!(
            entry.kind,
            Kind::Own { delivery: Delivery::Unsure | Delivery::Refused, .. } | Kind::Hole
        );
        let head = !before.is_some_and(|before| goes_with(before, entry, look));
        let tail = !after.is_some_and(|after| goes_with(entry, after, look));
        Self { day, head, unsure, tail, open, news: false, found: false, asked: false }
    }

    /// With the line above what is new above it: below that, a name says again who speaks.
    pub(super) fn with_news(self) -> Self {
        Self { news: true, head: true, ..self }
    }
}

/// What the text of the entry of this number is called on the screen.
pub(super) fn id(number: u64) -> Id {
    Id::unique(("entry", number))
}

/// Whether two neighbours stand in one group.
fn goes_with(one: &Entry, next: &Entry, look: &Look<'_>) -> bool {
    let clock = look.clock;
    one.author() == next.author()
        && look.is_ours(one) == look.is_ours(next)
        && (0..=GROUP_MS).contains(&(next.at - one.at))
        && clock.day(one.at) == clock.day(next.at)
}

/// How far the text stands from the left: behind the sign.
pub(super) fn indent(metrics: Metrics) -> f32 {
    metrics.sign + metrics.gap + space::XS
}

fn day_height(metrics: Metrics) -> f32 {
    metrics.line_height(&small()) + 2.0 * metrics.gap + space::XS
}

fn text_width(width: f32, metrics: Metrics) -> f32 {
    (width - indent(metrics) - space::S).max(1.0)
}

/// How high an entry is.
pub(super) fn measure(ui: &Ui, entry: &Entry, shape: Shape, look: &Look<'_>, width: f32) -> Span {
    let metrics = look.metrics();
    let width = text_width(width, metrics);
    let text = (body::measure(ui, entry, look, shape.open, width) + metrics.row_gap).ceil();
    let said = entry.author().is_some();
    let mut lead = if shape.day { day_height(metrics) } else { 0.0 };
    if shape.news {
        lead += news::height(metrics);
    }
    if shape.head {
        lead += metrics.head_gap;
    }
    if said && shape.head {
        lead += metrics.row_gap + metrics.line_height(&metrics.font());
    }
    let mut tail = 0.0;
    if shape.unsure {
        tail += metrics.control + metrics.row_gap;
    }
    if said && shape.tail {
        tail += metrics.row_gap;
    }
    Span { lead, body: text, tail }
}

fn layout(ui: &Ui, metrics: Metrics, text: String, font: FontId, colour: Color32, width: f32) -> Arc<Galley> {
    let mut job = LayoutJob::default();
    append(&mut job, &text, &format(metrics, font, colour));
    job.wrap.max_width = width;
    ui.fonts_mut(|fonts| fonts.layout_job(job))
}

/// A name in one row; the end of one that is too long is left out.
fn name_galley(ui: &Ui, metrics: Metrics, name: &str, colour: Color32, width: f32) -> Arc<Galley> {
    let mut format = format(metrics, metrics.font(), colour);
    theme::strong(&mut format);
    let mut job = LayoutJob::default();
    append(&mut job, name, &format);
    job.wrap = TextWrapping::truncate_at_width(width.max(1.0));
    ui.fonts_mut(|fonts| fonts.layout_job(job))
}

fn format(metrics: Metrics, font: FontId, colour: Color32) -> TextFormat {
    let line_height = Some(metrics.line_height(&font));
    TextFormat { font_id: font, color: colour, line_height, ..TextFormat::default() }
}

/// What the person wants.
#[derive(Debug)]
pub(super) enum Asked {
    /// Something that the program does.
    Action(Action),
    /// The whole of this entry, or only its beginning again.
    Fold,
}

impl From<Wish> for Asked {
    fn from(wish: Wish) -> Self {
        match wish {
            Wish::Follow(link) => Self::Action(Action::AskLink(link)),
            Wish::Fold => Self::Fold,
        }
    }
}

/// Draws an entry at `rect`. Gives where its letters are, and what the person wants done with it.
pub(super) fn show(
    ui: &mut Ui,
    entry: &Entry,
    shape: Shape,
    look: &Look<'_>,
    rect: Rect,
) -> (Laid, Option<Asked>) {
    let (metrics, clock) = (look.metrics(), look.clock);
    let mut rect = rect;
    if shape.day {
        let colour = palette(ui).quiet;
        let day = layout(ui, metrics, clock.day_words(entry.at), small(), colour, rect.width());
        let at = Align2::CENTER_CENTER.align_size_within_rect(
            day.size(),
            Rect::from_min_size(rect.min, vec2(rect.width(), day_height(metrics))),
        );
        label(ui, Id::unique(("day", entry.number)), at.min, day, || clock.day_words(entry.at));
        rect.min.y += day_height(metrics);
    }
    if shape.news {
        news::show(ui, metrics, entry.number, rect);
        rect.min.y += news::height(metrics);
    }
    match entry.author() {
        Some(author) => said(ui, entry, author, shape, rect, look),
        None => remark(ui, entry, shape, rect, look),
    }
}

/// What a person said.
fn said(
    ui: &mut Ui,
    entry: &Entry,
    author: &str,
    shape: Shape,
    mut rect: Rect,
    look: &Look<'_>,
) -> (Laid, Option<Asked>) {
    let palette = palette(ui);
    let (metrics, clock) = (look.metrics(), look.clock);
    let width = rect.width();
    let own = look.is_ours(entry);
    let colour = if own { palette.accent } else { name_colour(author, ui.visuals().dark_mode) };
    if shape.head {
        rect.min.y += metrics.head_gap;
    }
    if own {
        tint(ui, rect, shape);
    }
    if shape.head {
        rect.min.y += metrics.row_gap;
    }
    let left = rect.left() + indent(metrics);
    if shape.head {
        sign(ui, metrics, author, colour, rect.min + vec2(0.0, metrics.row_gap / 2.0));
        let time = layout(ui, metrics, clock.time(entry.at), small(), palette.quiet, f32::INFINITY);
        let most = text_width(width, metrics) - time.size().x - space::S;
        let name = name_galley(ui, metrics, author, colour, most);
        let beside = name.size().x + space::S;
        let baseline = name.size().y - time.size().y;
        ui.painter().galley(Pos2::new(left, rect.top()), name, colour);
        let at = Pos2::new(left + beside, rect.top() + baseline / 2.0 + 1.0);
        stamp::show(ui, entry, (at, time), true, look);
        rect.min.y += metrics.line_height(&metrics.font());
    } else {
        // It stands under the time of another, and its own would be in the margin.
        let width = indent(metrics) - space::S;
        let margin = vec2(width, metrics.line_height(&metrics.font()));
        stamp::tell(ui, entry, Rect::from_min_size(rect.min, margin), false, look);
    }
    let state = match entry.kind {
        Kind::Own { delivery: Delivery::Waiting, .. } => ", waiting to be sent",
        Kind::Own { delivery: Delivery::Unsure, .. } => ", may not have arrived",
        Kind::Own { delivery: Delivery::Refused, .. } => ", was not sent",
        _ => "",
    };
    let found = if shape.found { ", found" } else { "" };
    let words = |text: &str| format!("{author}: {text}, {}{state}{found}", clock.time(entry.at));
    if shape.found || shape.asked {
        let area = rect.with_min_x(left - space::S).expand2(vec2(0.0, metrics.row_gap / 2.0));
        let fill = if shape.asked { palette.selection } else { palette.hit };
        ui.painter().rect_filled(area, CornerRadius::same(round::CONTROL), fill);
    }
    let place = (Pos2::new(left, rect.top()), text_width(width, metrics));
    let Drawn { height, laid, wish } = body::show(ui, entry, look, shape.open, place, words);
    let asked = wish.map(Asked::from);
    if !shape.unsure {
        return (laid, asked);
    }
    rect.min = Pos2::new(left, rect.min.y + height);
    (laid, asked.or(ask(ui, entry, rect).map(Asked::Action)))
}

/// Asks what becomes of a message that may not have arrived, or was refused.
fn ask(ui: &mut Ui, entry: &Entry, rect: Rect) -> Option<Action> {
    let number = entry.number;
    let refused = matches!(entry.kind, Kind::Own { delivery: Delivery::Refused, .. });
    let builder = egui::UiBuilder::new()
        .max_rect(rect)
        .id_salt(("unsure", number))
        .layout(egui::Layout::left_to_right(egui::Align::Center));
    ui.scope_builder(builder, |ui| {
        let words = if refused { "Was not sent." } else { "May not have arrived." };
        ui.colored_label(palette(ui).warn, words);
        if parts::plain_button(ui, "Send again").clicked() {
            return Some(Action::SendAgain { entry: number });
        }
        let leave = !refused && parts::plain_button(ui, "Leave it").clicked();
        leave.then_some(Action::LeaveIt { entry: number })
    })
    .inner
}

/// What the server or this program has to say.
fn remark(
    ui: &mut Ui,
    entry: &Entry,
    shape: Shape,
    mut rect: Rect,
    look: &Look<'_>,
) -> (Laid, Option<Asked>) {
    let (palette, metrics) = (palette(ui), look.metrics());
    if shape.head {
        rect.min.y += metrics.head_gap;
    }
    let time = look.clock.time(entry.at);
    let drawn = layout(ui, metrics, time.clone(), small(), palette.quiet, f32::INFINITY);
    // Twice twelve hours take more room than 24.
    let indent = indent(metrics).max(drawn.size().x + space::S);
    stamp::show(ui, entry, (rect.min, drawn), false, look);
    // What the server says begins with that already.
    let who = if matches!(entry.kind, Kind::Notice(_)) { "" } else { "Oneroom: " };
    let words = |text: &str| format!("{who}{text}, {time}");
    let place = (Pos2::new(rect.left() + indent, rect.top()), text_width(rect.width(), metrics));
    let Drawn { height, laid, wish } = body::show(ui, entry, look, shape.open, place, words);
    if entry.kind != Kind::Hole {
        return (laid, wish.map(Asked::from));
    }
    // The button's words stand below the text.
    rect.min += vec2(indent - ui.spacing().button_padding.x, height);
    let builder = egui::UiBuilder::new()
        .max_rect(rect)
        .id_salt(("hole", entry.number))
        .layout(egui::Layout::left_to_right(egui::Align::Min));
    let load = ui.scope_builder(builder, |ui| parts::plain_button(ui, "Load them").clicked()).inner;
    let fill = Action::Fill { entry: entry.number, from_its_end: false };
    (laid, load.then_some(Asked::Action(fill)))
}

/// Marks an own message, without a seam between those of one group.
fn tint(ui: &Ui, rect: Rect, shape: Shape) {
    let round = |is_end: bool| if is_end { round::CARD } else { 0 };
    let (top, bottom) = (round(shape.head), round(shape.tail));
    let corners = CornerRadius { nw: top, ne: top, sw: bottom, se: bottom };
    ui.painter().rect_filled(rect.expand2(vec2(space::S, 0.0)), corners, palette(ui).own);
}

/// The round sign with the first letter of a name.
fn sign(ui: &Ui, metrics: Metrics, name: &str, colour: Color32, at: Pos2) {
    let rect = Rect::from_min_size(at, vec2(metrics.sign, metrics.sign));
    ui.painter().circle_filled(rect.center(), metrics.sign / 2.0, colour.gamma_multiply(0.2));
    let letter: String = name.chars().take(1).flat_map(char::to_uppercase).collect();
    ui.painter().text(rect.center(), Align2::CENTER_CENTER, letter, metrics.font(), colour);
}
