//! A colour for each name: the same one in every window and at every start, told apart by hue, and
//! readable on whatever messages and lists of names stand on. Knows names as bytes.

use egui::{Color32, ecolor::Hsva};

use super::palette_of;

/// What WCAG asks of text of ordinary size.
const READABLE: f32 = 4.5;

/// The colour of this name in the dark or the light theme.
pub fn name_colour(name: &str, dark: bool) -> Color32 {
    let hue = (hash(name) % 360) as f32 / 360.0;
    let behind = behind(dark);
    let readable = |colour: &Color32| behind.iter().all(|&behind| contrast(*colour, behind) >= READABLE);
    // From vivid towards white or black: some hues are bright enough at once, others need a step.
    let steps = (0..20).map(|step| step as f32 / 20.0);
    let mut colours = steps.map(|step| {
        let hsva = match dark {
            true => Hsva::new(hue, 0.55 * (1.0 - step), 0.92 + 0.08 * step, 1.0),
            false => Hsva::new(hue, 0.85, 0.62 * (1.0 - step), 1.0),
        };
        Color32::from(hsva)
    });
    colours.find(readable).unwrap_or(palette_of(dark).text)
}

/// What names stand on.
fn behind(dark: bool) -> [Color32; 3] {
    let palette = palette_of(dark);
    [palette.ground, palette.own, palette.raised]
}

/// FNV-1a: the same on every computer and in every version, which std's hashers do not promise.
fn hash(name: &str) -> u32 {
    name.bytes().fold(0x811c_9dc5, |hash, byte| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193))
}

/// The contrast of two colours, from 1 to 21, as WCAG 2 defines it.
pub(super) fn contrast(one: Color32, other: Color32) -> f32 {
    let luminance = |colour: Color32| {
        let [r, g, b, _] = egui::Rgba::from(colour).to_array();
        0.2126 * r + 0.7152 * g + 0.0722 * b
    };
    let (one, other) = (luminance(one), luminance(other));
    (one.max(other) + 0.05) / (one.min(other) + 0.05)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_can_be_read_in_both_themes() {
        for dark in [true, false] {
            for number in 0..500 {
                let colour = name_colour(&format!("name-{number}"), dark);
                for behind in behind(dark) {
                    assert!(contrast(colour, behind) >= READABLE);
                }
            }
        }
    }

    #[test]
    fn names_keep_their_colours_and_differ() {
        assert_eq!(name_colour("ann", true), name_colour("ann", true));
        let colours: std::collections::HashSet<_> =
            (0..100).map(|number| name_colour(&number.to_string(), true)).collect();
        assert!(colours.len() > 50);
    }

    #[test]
    fn contrast_is_that_of_the_standard() {
        assert!((contrast(Color32::BLACK, Color32::WHITE) - 21.0).abs() < 0.01);
        assert!((contrast(Color32::WHITE, Color32::from_gray(0x77)) - 4.48).abs() < 0.01);
    }
}
