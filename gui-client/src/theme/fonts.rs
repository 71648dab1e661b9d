//! Which letters come from which font: what people read from the bundled Inter, in every weight; code
//! from Hack; emoji in colour from the computer's own font for them; all other scripts from whatever
//! the computer has; and emoji in black and white where nothing else has them. Knows fonts, and no text.

use std::sync::Arc;
use std::thread;

use egui::epaint::text::{FallbackRequest, FontInsert, FontPriority, FontProvider, InsertFontFamily};
use egui::{Context, FontData, FontDefinitions, FontFamily, FontTweak};
use egui_system_font_provider::SystemFontProvider;
use fontique::{
    Blob, Collection, CollectionOptions, GenericFamily, QueryFamily, QueryFont, QueryStatus, SourceCache,
};

use super::typed;

/// Has every weight from 100 to 900; see `fonts/Inter-LICENSE.txt`.
const INTER: &[u8] = include_bytes!("../../fonts/Inter-roman.var.ttf");

/// Where emoji come before letters: a few signs, such as ❤, are in the fonts of letters too.
pub(super) const EMOJI: &str = "emoji";

/// The fonts that come with the program: the same on every computer. To be called once, before anything is
/// drawn: it forgets those that [`add_system`] has found.
pub fn install(ctx: &Context) {
    let mut fonts = FontDefinitions::default();
    fonts.font_data.insert("Inter".to_owned(), Arc::new(FontData::from_owned(inter())));
    let proportional = fonts.families.entry(FontFamily::Proportional).or_default();
    proportional.insert(0, "Inter".to_owned());
    let monospace = fonts.families.entry(FontFamily::Monospace).or_default();
    monospace.insert(1, "Inter".to_owned());
    for family in fonts.families.values_mut() {
        // Before the computer's fonts they would hide its emoji in colour; they stand behind them.
        family.retain(|name| name != "NotoEmoji-Regular" && name != "emoji-icon-font");
    }
    fonts.families.insert(FontFamily::Name(EMOJI.into()), Vec::new());
    ctx.set_fonts(fonts);
    ctx.set_font_providers(vec![Arc::new(Monochrome::new())]);
}

/// Inter without what it makes of letters that were typed otherwise.
fn inter() -> Vec<u8> {
    let mut collection = Collection::new(CollectionOptions { shared: false, system_fonts: false });
    let font = own(&mut collection, INTER);
    let letter = |letter| font.as_ref()?.charmap()?.map(letter)?.try_into().ok();
    letter('x').map_or_else(|| INTER.to_vec(), |x| typed::as_typed(INTER, x))
}

/// Adds the fonts of this computer as soon as they are found, which is on a thread of its own: some
/// computers have thousands.
pub fn add_system(ctx: &Context) {
    let ctx = ctx.clone();
    let find = move || {
        let system = SystemFontProvider::new();
        let emoji = Emoji::find();
        // It looks on yet another thread, and whoever asks it has to wait.
        system.font_for(&FallbackRequest { cluster: "\u{3042}", family: &FontFamily::Proportional });
        ctx.set_font_providers(vec![Arc::new(emoji), Arc::new(system), Arc::new(Monochrome::new())]);
        ctx.request_repaint();
    };
    if let Err(error) = thread::Builder::new().name("fonts".to_owned()).spawn(find) {
        log::warn!("only the bundled fonts are used: {error}");
    }
}

/// The computer's emoji in colour. It stands before the other fonts of the computer, because many of
/// those have some emoji without colours.
struct Emoji(Option<FontInsert>);

impl Emoji {
    fn find() -> Self {
        let mut collection = Collection::new(CollectionOptions { shared: false, system_fonts: true });
        let mut cache = SourceCache::default();
        let font = first(&mut collection, &mut cache, GenericFamily::Emoji.into(), |font| {
            is_coloured(font.blob.as_ref(), font.index) && has(font, '\u{1f600}')
        });
        Self(font.map(|font| {
            let (blob, _) = font.blob.into_raw_parts();
            insert("system emoji", FontData::from_blob(blob, font.index), &FontFamily::Proportional)
        }))
    }
}

impl FontProvider for Emoji {
    fn fonts_for_family(&self, _family: &FontFamily) -> Vec<FontInsert> {
        self.0.iter().cloned().collect()
    }
}

/// The bundled emoji in black and white, for those that no other font has.
struct Monochrome {
    data: FontData,
    /// To know which it has: egui complains about a font that is offered and has not what was asked for.
    font: Option<QueryFont>,
}

impl Monochrome {
    fn new() -> Self {
        let bytes = epaint_default_fonts::NOTO_EMOJI_REGULAR;
        let mut collection = Collection::new(CollectionOptions { shared: false, system_fonts: false });
        let font = own(&mut collection, bytes);
        // As big as the letters that they stand among.
        let tweak = FontTweak { scale: 0.81, ..FontTweak::default() };
        Self { data: FontData::from_static(bytes).tweak(tweak), font }
    }
}

impl FontProvider for Monochrome {
    fn fonts_for_family(&self, family: &FontFamily) -> Vec<FontInsert> {
        let is_emoji = *family == FontFamily::Name(EMOJI.into());
        is_emoji.then(|| insert("Noto Emoji", self.data.clone(), family)).into_iter().collect()
    }

    fn font_for(&self, request: &FallbackRequest<'_>) -> Option<FontInsert> {
        let letter = request.cluster.chars().next()?;
        let known = self.font.as_ref().is_some_and(|font| has(font, letter));
        known.then(|| insert("Noto Emoji", self.data.clone(), request.family))
    }
}

/// A font that comes with the program, to be looked into.
fn own(collection: &mut Collection, bytes: &'static [u8]) -> Option<QueryFont> {
    let families = collection.register_fonts(Blob::new(Arc::new(bytes)), None);
    let (family, _) = families.first()?;
    first(collection, &mut SourceCache::default(), (*family).into(), |_| true)
}

fn insert(name: &str, data: FontData, family: &FontFamily) -> FontInsert {
    let family = InsertFontFamily { family: family.clone(), priority: FontPriority::Lowest };
    FontInsert::new(name, data, vec![family])
}

/// The first good font of a family.
fn first(
    collection: &mut Collection,
    cache: &mut SourceCache,
    family: QueryFamily<'_>,
    good: impl Fn(&QueryFont) -> bool,
) -> Option<QueryFont> {
    let mut found = None;
    let mut query = collection.query(cache);
    query.set_families([family]);
    query.matches_with(|font| {
        if !good(font) {
            return QueryStatus::Continue;
        }
        found = Some(font.clone());
        QueryStatus::Stop
    });
    found
}

fn has(font: &QueryFont, letter: char) -> bool {
    font.charmap().and_then(|map| map.map(letter)).is_some_and(|glyph| glyph != 0)
}

/// Whether the font of this index in the file draws in colours: its directory names one of the tables
/// that hold them.
fn is_coloured(file: &[u8], index: u32) -> bool {
    let number = |at: usize| {
        let bytes = file.get(at..at + 4)?;
        Some(u32::from_be_bytes(bytes.try_into().ok()?) as usize)
    };
    let start = match file.get(..4) {
        Some(b"ttcf") => number(12 + 4 * index as usize),
        _ => Some(0),
    };
    let tables = |start: usize| Some((start + 12, number(start + 4)? >> 16));
    let Some((first, count)) = start.and_then(tables) else { return false };
    let mut names = (0..count).filter_map(|nth| file.get(first + 16 * nth..)?.get(..4));
    names.any(|name| matches!(name, b"CBDT" | b"sbix" | b"COLR"))
}

#[cfg(test)]
mod tests {
    use egui::epaint::text::{LayoutJob, TextFormat, VariationCoords};
    use egui::{Color32, FontId};

    use super::*;

    fn with_fonts<T>(look: impl Fn(&mut egui::Ui) -> T) -> T {
        let ctx = Context::default();
        install(&ctx);
        let mut seen = None;
        ctx.run_ui(egui::RawInput::default(), |ui| seen = Some(look(ui))).drop_without_applying_deltas();
        seen.expect("it was drawn")
    }

    #[test]
    fn bold_letters_are_wider() {
        let width = |weight: f32| {
            with_fonts(|ui| {
                let coords = VariationCoords::new([(b"wght", weight)]);
                let format =
                    TextFormat { font_id: FontId::proportional(15.0), coords, ..TextFormat::default() };
                let job = LayoutJob::single_section("How wide is this?".to_owned(), format);
                ui.fonts_mut(|fonts| fonts.layout_job(job)).size().x
            })
        };
        assert!(width(650.0) > width(400.0) + 2.0);
    }

    #[test]
    fn what_was_typed_is_drawn() {
        let widths = |text: &str| {
            with_fonts(|ui| {
                let font = FontId::proportional(15.0);
                let galley =
                    ui.fonts_mut(|fonts| fonts.layout_no_wrap(text.to_owned(), font, Color32::WHITE));
                let glyphs = galley.rows.iter().flat_map(|row| &row.glyphs);
                glyphs.map(|glyph| glyph.advance_width).collect::<Vec<_>>()
            })
        };
        let alone = |letter: char| widths(&letter.to_string())[0];
        for text in
            ["->", "=>", "-->", "<-", "<->", "<=>", "==>", "|->", "a->b", "A->B", "1=>2", "2x3", "1920x1080"]
        {
            for (letter, width) in text.chars().zip(widths(text)) {
                // Those that go with capitals are a little wider or narrower.
                let alone = alone(letter);
                assert!((width - alone).abs() < 0.1 * alone, "{letter} of {text}: {width} of {alone}");
            }
        }
        // What is no font stays as it is.
        assert_eq!(typed::as_typed(b"OTTO", 7), b"OTTO");
    }

    #[test]
    fn there_are_emoji_where_the_computer_has_none() {
        let count = with_fonts(|ui| {
            let font = FontId::proportional(15.0);
            ui.fonts_mut(|fonts| {
                assert!(fonts.has_glyphs(&font, "Añ→é✔👍"));
                fonts.layout_no_wrap("👍字".to_owned(), font, Color32::WHITE);
                fonts.discovered_fonts().len()
            })
        });
        assert_eq!(count, 1, "it is not offered for letters that it has not");
    }

    #[test]
    fn a_font_says_whether_it_has_colours() {
        assert!(!is_coloured(INTER, 0));
        assert!(!is_coloured(b"", 0));
        assert!(!is_coloured(b"ttcf", 3));
        let mut file = vec![0; 12];
        file[5] = 1;
        file.extend(b"CBDT............");
        assert!(is_coloured(&file, 0));
    }
}
