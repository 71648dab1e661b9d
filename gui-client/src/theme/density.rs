//! The sizes and distances that depend on how close a person likes things to stand. Knows two sets of
//! numbers, and nothing of what is drawn with them.

use egui::FontId;

use super::text;
use crate::settings::Density;

/// Sizes and distances, in points where nothing else is said.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Metrics {
    /// Under each message.
    pub row_gap: f32,
    /// Above the first message of a group.
    pub head_gap: f32,
    /// The round sign beside a message.
    pub sign: f32,
    /// The letters of a message.
    pub body: f32,
    /// The distance of two lines, as a multiple of the letters' size.
    pub line: f32,
    /// The height of what is clicked.
    pub control: f32,
    /// Within a button: beside its words, and above and below them.
    pub padding: [f32; 2],
    /// Between neighbours.
    pub gap: f32,
}

const ROOMY: Metrics = Metrics {
    row_gap: 4.0,
    head_gap: 8.0,
    sign: 34.0,
    body: 15.0,
    line: 1.4,
    control: 36.0,
    padding: [14.0, 7.0],
    gap: 8.0,
};

const COMPACT: Metrics = Metrics {
    row_gap: 1.0,
    head_gap: 4.0,
    sign: 24.0,
    body: 14.0,
    line: 1.25,
    control: 28.0,
    padding: [10.0, 4.0],
    gap: 6.0,
};

impl Metrics {
    /// Those of this density.
    pub fn of(density: Density) -> Self {
        match density {
            Density::Roomy => ROOMY,
            Density::Compact => COMPACT,
        }
    }

    /// The letters of a message.
    pub fn font(&self) -> FontId {
        FontId::proportional(self.body)
    }

    /// Those of code in it, which are wide.
    pub fn code(&self) -> FontId {
        FontId::monospace(self.body * text::CODE / text::BODY)
    }

    /// How far apart two lines of this font stand in a message, in points.
    pub fn line_height(&self, font: &FontId) -> f32 {
        (font.size * self.line).round()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::theme::{self, space};

    #[test]
    fn roomy_is_what_the_tokens_say_and_compact_is_less_of_everything() {
        let Metrics { row_gap, head_gap, sign, body, line, control, gap, padding } = ROOMY;
        let roomy = [row_gap, head_gap, sign, body, line, control, gap];
        assert_eq!(
            roomy,
            [space::XS, space::S, space::SIGN, text::BODY, text::LINE, space::CONTROL, space::S]
        );
        let Metrics { row_gap, head_gap, sign, body, line, control, gap, padding: small } = COMPACT;
        let compact = [row_gap, head_gap, sign, body, line, control, gap];
        assert!(compact.iter().zip(roomy).all(|(compact, roomy)| *compact < roomy));
        assert!(small[0] < padding[0] && small[1] < padding[1]);
        assert_eq!((ROOMY.font(), ROOMY.code()), (theme::body(), theme::code()));
        assert_eq!(ROOMY.line_height(&theme::body()), theme::line_height(&theme::body()));
    }
}
