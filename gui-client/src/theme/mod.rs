//! How things look: every colour, size and distance, for dark and for light. Views name tokens from
//! here and nothing else. Knows egui's style, and no view.
//!
//! | module | what it holds |
//! |---|---|
//! | `style` | the tokens as egui's style |
//! | [`fonts`] | which letters come from which font |
//! | `typed` | a font that draws what was typed |
//! | `density` | what depends on how close things stand |
//! | `names` | a steady colour for each name |
//! | [`parts`] | small pieces that more than one view is made of |

mod density;
pub mod fonts;
mod names;
pub mod parts;
mod style;
mod typed;

use egui::epaint::text::{TextFormat, VariationCoords};
use egui::{Color32, FontFamily, FontId};

pub use density::Metrics;
pub use names::name_colour;
pub use style::install;

/// Distances, in points. Everything stands on a grid of four.
pub mod space {
    /// Between things that belong together.
    pub const XS: f32 = 4.0;
    /// Between a label and its field.
    pub const S: f32 = 8.0;
    /// Between neighbours.
    pub const M: f32 = 12.0;
    /// Around a group.
    pub const L: f32 = 20.0;
    /// Between groups.
    pub const XL: f32 = 32.0;
    /// The widest that text runs; longer lines are hard to read.
    pub const COLUMN: f32 = 820.0;
    /// The width of the first screen's card.
    pub const CARD: f32 = 420.0;
    /// The most room for an address before it is scrolled.
    pub const ADDRESS: f32 = 160.0;
    /// The widest that a bubble's controls or a banner's field grows.
    pub const FIELD: f32 = 220.0;
    /// The width of a panel beside the messages.
    pub const SIDE: f32 = 260.0;
    /// From this width on there is room for one.
    pub const BESIDE: f32 = 700.0;
    /// The smallest width and height in which everything can be done.
    pub const SMALLEST: f32 = 340.0;
    /// From this width on, place and person stand in one row.
    pub const WIDE: f32 = 720.0;
    /// How much of a row the name in it may take, where something else stands before it.
    pub const NAME_SHARE: f32 = 0.45;
    /// Room for the state of the connection.
    pub const STATE: f32 = 130.0;
    /// Room for “You are” or “Your name”.
    pub const YOU_ARE: f32 = 72.0;
    /// The width of the button that sends.
    pub const SEND: f32 = 68.0;
    /// The round sign beside a message.
    pub const SIGN: f32 = 34.0;
    /// The bar beside a message that names us.
    pub const STRIPE: f32 = 3.0;
    /// The dot that shows the connection.
    pub const DOT: f32 = 9.0;
    /// The bar beside the messages: as wide as this, or this under the pointer, and at least so high.
    pub const BAR: f32 = 5.0;
    /// See [`BAR`].
    pub const BAR_WIDE: f32 = 9.0;
    /// See [`BAR`].
    pub const BAR_MIN: f32 = 32.0;
    /// Where the pointer counts as on the bar.
    pub const BAR_LANE: f32 = 14.0;
    /// The height of things that are clicked.
    pub const CONTROL: f32 = 36.0;
    /// How much of the window's height what is being written may take.
    pub const COMPOSER_SHARE: f32 = 1.0 / 3.0;
}

/// Sizes of text, in points.
pub mod text {
    /// What people write, and most else.
    pub const BODY: f32 = 15.0;
    /// Code: its letters are wide.
    pub const CODE: f32 = 13.5;
    /// Times, hints, notices.
    pub const SMALL: f32 = 12.5;
    /// The header.
    pub const HEADING: f32 = 18.0;
    /// The name of the program on the first screen.
    pub const TITLE: f32 = 30.0;
    /// How heavy bold letters and names are; ordinary ones are 400.
    pub const STRONG: f32 = 640.0;
    /// The distance of two lines, as a multiple of the size.
    pub const LINE: f32 = 1.4;
}

/// How round corners are, in points.
pub mod round {
    /// Fields and buttons.
    pub const CONTROL: u8 = 8;
    /// Marks behind letters.
    pub const MARK: u8 = 4;
    /// Cards, and the tint behind own messages.
    pub const CARD: u8 = 12;
}

/// The colours of one theme.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Palette {
    /// Behind the messages.
    pub ground: Color32,
    /// The header, the composer, cards.
    pub raised: Color32,
    /// Inside fields.
    pub field: Color32,
    /// Buttons, and rows under the pointer.
    pub control: Color32,
    /// Buttons under the pointer.
    pub hover: Color32,
    /// Lines between areas and around fields.
    pub line: Color32,
    /// Around what is empty until it is chosen.
    pub outline: Color32,
    /// What people write.
    pub text: Color32,
    /// Times, hints, notices.
    pub quiet: Color32,
    /// The one colour that stands out.
    pub accent: Color32,
    /// The accent under the pointer.
    pub accent_hover: Color32,
    /// Text on the accent.
    pub on_accent: Color32,
    /// Behind own messages.
    pub own: Color32,
    /// Behind selected text.
    pub selection: Color32,
    /// Connected.
    pub good: Color32,
    /// Something may be wrong.
    pub warn: Color32,
    /// Something is wrong.
    pub bad: Color32,
    /// Behind a banner that tells of it.
    pub banner: Color32,
    /// Behind code.
    pub code: Color32,
    /// Behind our own name where others write it.
    pub mention: Color32,
    /// Behind what a search has found.
    pub hit: Color32,
}

const DARK: Palette = Palette {
    ground: Color32::from_rgb(0x1b, 0x1d, 0x22),
    raised: Color32::from_rgb(0x22, 0x25, 0x2b),
    field: Color32::from_rgb(0x17, 0x19, 0x1d),
    control: Color32::from_rgb(0x2f, 0x33, 0x3c),
    hover: Color32::from_rgb(0x3a, 0x3f, 0x4a),
    line: Color32::from_rgb(0x35, 0x39, 0x42),
    outline: Color32::from_rgb(0x8a, 0x91, 0x9d),
    text: Color32::from_rgb(0xe6, 0xe8, 0xec),
    quiet: Color32::from_rgb(0x9b, 0xa2, 0xae),
    accent: Color32::from_rgb(0x7d, 0xb4, 0xff),
    accent_hover: Color32::from_rgb(0x9c, 0xc6, 0xff),
    on_accent: Color32::from_rgb(0x0e, 0x16, 0x22),
    own: Color32::from_rgb(0x1f, 0x28, 0x35),
    selection: Color32::from_rgb(0x22, 0x39, 0x5a),
    good: Color32::from_rgb(0x6f, 0xd0, 0x98),
    warn: Color32::from_rgb(0xf0, 0xc0, 0x6a),
    bad: Color32::from_rgb(0xff, 0x8f, 0x86),
    banner: Color32::from_rgb(0x33, 0x2c, 0x20),
    code: Color32::from_rgb(0x2b, 0x30, 0x39),
    mention: Color32::from_rgb(0x57, 0x43, 0x10),
    hit: Color32::from_rgb(0x14, 0x3c, 0x28),
};

const LIGHT: Palette = Palette {
    ground: Color32::from_rgb(0xff, 0xff, 0xff),
    raised: Color32::from_rgb(0xf5, 0xf6, 0xf8),
    field: Color32::from_rgb(0xff, 0xff, 0xff),
    control: Color32::from_rgb(0xe7, 0xe9, 0xee),
    hover: Color32::from_rgb(0xd9, 0xdc, 0xe3),
    line: Color32::from_rgb(0xd8, 0xdb, 0xe1),
    outline: Color32::from_rgb(0x78, 0x7f, 0x8b),
    text: Color32::from_rgb(0x1c, 0x1f, 0x25),
    quiet: Color32::from_rgb(0x5c, 0x63, 0x70),
    accent: Color32::from_rgb(0x1f, 0x5f, 0xd0),
    accent_hover: Color32::from_rgb(0x18, 0x4d, 0xad),
    on_accent: Color32::from_rgb(0xff, 0xff, 0xff),
    own: Color32::from_rgb(0xee, 0xf4, 0xff),
    selection: Color32::from_rgb(0xd4, 0xe5, 0xff),
    good: Color32::from_rgb(0x1c, 0x7c, 0x46),
    warn: Color32::from_rgb(0x85, 0x57, 0x00),
    bad: Color32::from_rgb(0xb3, 0x26, 0x1e),
    banner: Color32::from_rgb(0xff, 0xf4, 0xdd),
    code: Color32::from_rgb(0xea, 0xec, 0xf1),
    mention: Color32::from_rgb(0xff, 0xe6, 0x9c),
    hit: Color32::from_rgb(0xbd, 0xee, 0xcb),
};

/// The colours of the theme in which `ui` is drawn.
pub fn palette(ui: &egui::Ui) -> &'static Palette {
    palette_of(ui.visuals().dark_mode)
}

fn palette_of(dark: bool) -> &'static Palette {
    if dark { &DARK } else { &LIGHT }
}

/// The letters of what people write, and of most else.
pub fn body() -> FontId {
    FontId::proportional(text::BODY)
}

/// The letters of times, hints and notices.
pub fn small() -> FontId {
    FontId::proportional(text::SMALL)
}

/// The letters of code.
pub fn code() -> FontId {
    FontId::monospace(text::CODE)
}

/// Makes signs of the font's size emoji, where they could be text too.
pub fn emoji(format: &mut TextFormat) {
    format.font_id.family = FontFamily::Name(fonts::EMOJI.into());
}

/// Makes the letters of `format` as heavy as names and bold text are.
pub fn strong(format: &mut TextFormat) {
    format.coords = VariationCoords::new([(b"wght", text::STRONG)]);
}

/// How far apart two lines of this font stand, in points.
pub fn line_height(font: &FontId) -> f32 {
    (font.size * text::LINE).round()
}

#[cfg(test)]
mod tests {
    use super::names::contrast;
    use super::*;

    #[test]
    fn what_is_empty_can_be_seen() {
        for palette in [&DARK, &LIGHT] {
            for behind in [palette.raised, palette.banner, palette.field] {
                let contrast = contrast(palette.outline, behind);
                assert!(contrast >= 3.0, "{:?} on {behind:?}: {contrast}", palette.outline);
            }
        }
    }

    #[test]
    fn everything_that_is_read_can_be_read() {
        for palette in [&DARK, &LIGHT] {
            let Palette { ground, raised, field, control, own, banner, .. } = *palette;
            let texts = [palette.text, palette.quiet, palette.bad, palette.warn, palette.good];
            let each = texts.map(|text| [ground, raised, field, own, banner].map(|behind| (text, behind)));
            let others = [
                (palette.text, control),
                (palette.text, palette.hover),
                (palette.text, palette.selection),
                (palette.quiet, palette.selection),
                (palette.accent, palette.selection),
                (palette.warn, palette.selection),
                (palette.on_accent, palette.accent),
                (palette.on_accent, palette.accent_hover),
                (palette.accent, ground),
                (palette.accent, raised),
                (palette.accent, own),
                (palette.text, palette.code),
                (palette.quiet, palette.code),
                (palette.text, palette.mention),
                (palette.text, palette.hit),
                (palette.quiet, palette.hit),
                (palette.accent, palette.hit),
            ];
            for (text, behind) in each.into_iter().flatten().chain(others) {
                let contrast = contrast(text, behind);
                assert!(contrast >= 4.5, "{text:?} on {behind:?}: {contrast}");
            }
        }
    }
}
