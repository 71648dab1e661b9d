//! The text of one entry: laid out in one piece, with its code and names marked, its links to be followed,
//! and folded while it is long. Knows one text and how to draw it; who said it and when is the row's.
//!
//! Absent on purpose: lines that run from right to left. Each word is shaped as its script wants, but the
//! words stand from left to right, because egui lays them out so.

use std::borrow::Cow;
use std::sync::Arc;

use egui::cache::{ComputerMut, FrameCache};
use egui::epaint::text::{LayoutJob, TextFormat, TextWrapping};
use egui::{
    Align, Color32, CornerRadius, CursorIcon, Galley, Id, Layout, Pos2, Rect, Response, Role, Sense, Shape,
    Stroke, StrokeKind, Ui, UiBuilder, WidgetInfo, pos2, vec2,
};

use super::laid::{Laid, Place, append, places};
use super::row;
use crate::look::Look;
use crate::model::{Delivery, Entry, Kind};
use crate::text::{self, Shown, Style, tame};
use crate::theme::{self, Metrics, Palette, palette, parts, round, small, space};

/// What the person wants done with a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Wish {
    /// Go where this link leads, which is to be asked first.
    Follow(String),
    /// Show the whole of it, or only its beginning again.
    Fold,
}

/// A text that was drawn.
pub(super) struct Drawn {
    /// How high it is, with what belongs to it, in points.
    pub(super) height: f32,
    /// Where its letters are.
    pub(super) laid: Laid,
    /// What the person wants.
    pub(super) wish: Option<Wish>,
}

/// How high the text of `entry` is in this `width`, in points. `open` says that the whole of a long one is
/// shown.
pub(super) fn measure(ui: &Ui, entry: &Entry, look: &Look<'_>, open: bool, width: f32) -> f32 {
    let body = Body::of(ui, entry, look, open);
    let galley = body.galley(ui, width);
    body.height(&galley)
}

/// Draws the text of `entry` at `at`, in the same `width` as it was measured. `words` makes of what is
/// shown what a screen reader reads.
pub(super) fn show(
    ui: &mut Ui,
    entry: &Entry,
    look: &Look<'_>,
    open: bool,
    (at, width): (Pos2, f32),
    words: impl Fn(&str) -> String,
) -> Drawn {
    let body = Body::of(ui, entry, look, open);
    let galley = body.galley(ui, width);
    let id = row::id(entry.number);
    body.mark(ui, &galley, at, width);
    // What is selected shows through marks, and under letters.
    let mark = ui.painter().add(Shape::Noop);
    if label(ui, id, at, galley.clone(), || words(&body.shown.text)).hovered() {
        ui.ctx().set_cursor_icon(CursorIcon::Text);
    }
    let height = body.height(&galley);
    let followed = body.links(ui, &galley, at, id);
    let laid = Laid { galley, at, mark };
    let Some(button) = body.button(&laid.galley) else { return Drawn { height, laid, wish: followed } };
    // Its words stand below the text, and its frame around them shows only under the pointer.
    let below = at + vec2(-ui.spacing().button_padding.x, laid.galley.size().y);
    let builder = UiBuilder::new()
        .max_rect(Rect::from_min_size(below, vec2(width, body.metrics.control)))
        .id_salt(("fold", entry.number))
        .layout(Layout::left_to_right(Align::Center));
    let pressed = ui.scope_builder(builder, |ui| parts::plain_button(ui, &button).clicked()).inner;
    Drawn { height, laid, wish: followed.or(pressed.then_some(Wish::Fold)) }
}

/// Text that a screen reader reads as `words`.
pub(super) fn label(ui: &Ui, id: Id, at: Pos2, galley: Arc<Galley>, words: impl Fn() -> String) -> Response {
    let rect = Rect::from_min_size(at, galley.size());
    let response = ui.interact(rect, id, Sense::hover());
    response.widget_info(|| WidgetInfo::labeled(Role::Label, true, words()));
    ui.painter().galley(at, galley, Color32::PLACEHOLDER);
    response
}

/// The letters of `entry` as they are shown, wherever it is.
pub(super) fn letters(entry: &Entry) -> String {
    let (source, own) = source(entry, "");
    Reader.compute((&source, own)).text.clone()
}

/// What `entry` says, and whose name stands out in it. Without a name it is a remark.
fn source<'a>(entry: &'a Entry, own: &'a str) -> (Cow<'a, str>, Option<&'a str>) {
    match &entry.kind {
        Kind::Said { text, .. } => (text.into(), Some(own)),
        // Nobody needs to be told of what they have said themselves.
        Kind::Own { text, .. } => (text.into(), Some("")),
        Kind::Notice(text) => (format!("Server: {text}").into(), None),
        Kind::Status(text) | Kind::Gap(text) => (text.into(), None),
        Kind::Hole => (entry.text().into(), None),
    }
}

/// What is shown of a text; read once, and kept while it is on the screen.
fn read(ui: &Ui, source: &str, own: Option<&str>) -> Arc<Shown> {
    type Cache = FrameCache<Arc<Shown>, Reader>;
    ui.memory_mut(|memory| memory.caches.cache::<Cache>().get((source, own)).clone())
}

#[derive(Default)]
struct Reader;

impl ComputerMut<(&str, Option<&str>), Arc<Shown>> for Reader {
    fn compute(&mut self, (source, own): (&str, Option<&str>)) -> Arc<Shown> {
        Arc::new(own.map_or_else(|| text::remark(source), |own| text::show(source, own)))
    }
}

/// A text, ready to be laid out.
struct Body {
    metrics: Metrics,
    shown: Arc<Shown>,
    job: LayoutJob,
    fold: Option<tame::Fold>,
    open: bool,
}

impl Body {
    fn of(ui: &Ui, entry: &Entry, look: &Look<'_>, open: bool) -> Self {
        let (palette, metrics) = (palette(ui), look.metrics());
        let (source, own) = source(entry, look.name);
        let shown = read(ui, &source, own);
        let (font, colour) = match &entry.kind {
            Kind::Own { delivery: Delivery::Waiting | Delivery::Refused, .. } => {
                (metrics.font(), palette.quiet)
            }
            Kind::Said { .. } | Kind::Own { .. } => (metrics.font(), palette.text),
            Kind::Notice(_) | Kind::Status(_) | Kind::Hole => (small(), palette.quiet),
            Kind::Gap(_) => (small(), palette.warn),
        };
        let line_height = Some(metrics.line_height(&font));
        let plain = TextFormat { font_id: font, color: colour, line_height, ..TextFormat::default() };
        let fold = tame::fold(&shown.text);
        let end = fold.filter(|_| !open).map_or(shown.text.len(), |fold| fold.end);
        let mut job = LayoutJob::default();
        let mut at = 0;
        for span in shown.spans.iter().take_while(|span| span.range.start < end) {
            let range = span.range.start..span.range.end.min(end);
            append(&mut job, &shown.text[at..range.start], &plain);
            append(&mut job, &shown.text[range.clone()], &format(&plain, span.style, palette, metrics));
            at = range.end;
        }
        append(&mut job, &shown.text[at..end], &plain);
        let max_rows = if fold.is_some() && !open { tame::FOLDED_ROWS } else { usize::MAX };
        job.wrap = TextWrapping { max_rows, ..TextWrapping::default() };
        Self { metrics, shown, job, fold, open }
    }

    fn galley(&self, ui: &Ui, width: f32) -> Arc<Galley> {
        let mut job = self.job.clone();
        job.wrap.max_width = width;
        ui.fonts_mut(|fonts| fonts.layout_job(job))
    }

    fn height(&self, galley: &Galley) -> f32 {
        galley.size().y + if self.button(galley).is_some() { self.metrics.control } else { 0.0 }
    }

    /// What the button below a long text says, if something is left out or shown at length.
    fn button(&self, galley: &Galley) -> Option<String> {
        let fold = self.fold?;
        let cut = galley.elided || self.job.text.len() < self.shown.text.len();
        match (self.open, cut) {
            (true, _) => Some("Show less".to_owned()),
            (false, true) => Some(format!("Show all ({})", fold.words())),
            (false, false) => None,
        }
    }

    /// What stands behind the letters.
    fn mark(&self, ui: &Ui, galley: &Galley, at: Pos2, width: f32) {
        let palette = palette(ui);
        let corners = CornerRadius::same(round::MARK);
        let spans = &self.shown.spans;
        let mut block: Option<Rect> = None;
        let fill_block = |block: &mut Option<Rect>| {
            if let Some(rect) = block.take() {
                let rect = rect.with_min_x(at.x - space::S).with_max_x(at.x + width).expand2(vec2(0.0, 2.0));
                ui.painter().rect_filled(rect, corners, palette.code);
            }
        };
        for Place { part, rect, .. } in places(galley, spans.iter().map(|span| span.range.clone())) {
            let (rect, style) = (rect.translate(at.to_vec2()), spans[part].style);
            if style.has(Style::BLOCK) {
                // Blocks that are apart have a row between them.
                if block.is_some_and(|block| rect.top() > block.bottom() + 1.0) {
                    fill_block(&mut block);
                }
                block = Some(block.map_or(rect, |block| block.union(rect)));
            } else if style.has(Style::CODE) || style.has(Style::ME) {
                let fill = if style.has(Style::ME) { palette.mention } else { palette.code };
                ui.painter().rect_filled(rect.expand2(vec2(2.0, -1.0)), corners, fill);
            }
        }
        fill_block(&mut block);
        if self.shown.names_us {
            let left = at.x - space::S - space::STRIPE;
            let stripe = Rect::from_min_size(pos2(left, at.y), vec2(space::STRIPE, galley.size().y));
            ui.painter().rect_filled(stripe, CornerRadius::same(1), palette.warn);
        }
    }

    /// The links, each of which can be clicked, reached by keyboard and read out.
    fn links(&self, ui: &Ui, galley: &Galley, at: Pos2, id: Id) -> Option<Wish> {
        let mut followed = None;
        let mut last = None;
        let places = places(galley, self.shown.links.iter().cloned());
        for (row, Place { part, rect, baseline }) in places.into_iter().enumerate() {
            let target = &self.shown.text[self.shown.links[part].clone()];
            let rect = rect.translate(at.to_vec2());
            // egui would draw it at the foot of the row.
            let line = (at.y + baseline + 2.0).round() + 0.5;
            ui.painter().hline(rect.x_range(), line, Stroke::new(1.0, palette(ui).accent));
            // One that goes over several rows is reached once.
            // Nobody would see that the keyboard is at a part that is out of sight.
            let is_seen = ui.clip_rect().expand(1.0).contains_rect(rect);
            let is_first = is_seen && last.replace(part) != Some(part);
            let sense = if is_first { Sense::click() } else { Sense::click() - Sense::FOCUSABLE };
            let response = ui.interact(rect, id.with(("link", row)), sense);
            if is_first {
                response.widget_info(|| WidgetInfo::labeled(Role::Link, true, target));
            }
            if response.hovered() {
                ui.ctx().set_cursor_icon(CursorIcon::PointingHand);
            }
            ring(ui, &response);
            if response.clicked() {
                followed = Some(Wish::Follow(target.to_owned()));
            }
        }
        followed
    }
}

/// Shows which link the keyboard is at.
fn ring(ui: &Ui, link: &Response) {
    if link.has_focus() {
        let stroke = ui.visuals().selection.stroke;
        ui.painter().rect_stroke(link.rect, CornerRadius::same(round::MARK), stroke, StrokeKind::Outside);
    }
}

fn format(plain: &TextFormat, style: Style, palette: &Palette, metrics: Metrics) -> TextFormat {
    let mut format = TextFormat { italics: style.has(Style::ITALIC), ..plain.clone() };
    if style.has(Style::CODE) || style.has(Style::BLOCK) {
        format.font_id = metrics.code();
    }
    if [Style::BOLD, Style::ME, Style::NAME].iter().any(|heavy| style.has(*heavy)) {
        theme::strong(&mut format);
    }
    if style.has(Style::EMOJI) {
        theme::emoji(&mut format);
    }
    if style.has(Style::STRUCK) {
        format.strikethrough = Stroke::new(1.0, plain.color);
    }
    if style.has(Style::LINK) {
        format.color = palette.accent;
    }
    format
}
