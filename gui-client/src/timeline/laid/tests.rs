//! Letters and their places belong together, whatever they are: what is marked is what is meant, and what is
//! pressed is what is seen. All in the bundled fonts, where letters of other scripts are boxes: which box
//! stands for which letter, a glyph tells.

use egui::epaint::text::TextWrapping;
use egui::{Context, FontId, vec2};
use proptest::prelude::*;

use super::*;
use crate::theme::fonts;

/// What these pieces come to, each in a style of its own, in this width.
fn lay(pieces: &[&str], width: f32, max_rows: usize) -> Laid {
    thread_local! {
        static CTX: Context = {
            let ctx = Context::default();
            fonts::install(&ctx);
            ctx
        };
    }
    let mut laid = None;
    let drawn = CTX.with(Context::clone).run_ui(egui::RawInput::default(), |ui| {
        let mut job = LayoutJob::default();
        for (nth, piece) in pieces.iter().enumerate() {
            let font_id = FontId::proportional(15.0);
            let color = Color32::from_gray(nth as u8);
            let format = TextFormat { font_id, color, line_height: Some(21.0), ..TextFormat::default() };
            append(&mut job, piece, &format);
        }
        job.wrap = TextWrapping { max_width: width, max_rows, ..TextWrapping::default() };
        let galley = ui.fonts_mut(|fonts| fonts.layout_job(job));
        let mark = ui.painter().add(Shape::Noop);
        laid = Some(Laid { galley, at: Pos2::new(40.0, 30.0), mark });
    });
    drawn.drop_without_applying_deltas();
    laid.expect("it was drawn")
}

/// The letters that are drawn in a place, from left to right.
fn drawn_at(laid: &Laid, rect: Rect) -> String {
    let mut inside = String::new();
    for row in &laid.galley.rows {
        for glyph in row.row.glyphs.iter().filter(|glyph| glyph.advance_width > 0.0) {
            let center = row.pos + glyph.logical_rect().center().to_vec2();
            if rect.contains(center) {
                inside.push(glyph.chr);
            }
        }
    }
    inside
}

/// What is drawn where `part` of the text is said to be.
fn drawn(laid: &Laid, part: &str) -> String {
    let text = laid.galley.text();
    let at = text.find(part).expect("a part of the text");
    let places = places(&laid.galley, std::iter::once(at..at + part.len()));
    places.iter().map(|place| drawn_at(laid, place.rect)).collect()
}

/// What is pressed, between two letters, at the middle of where `part` is.
fn pressed<'a>(laid: &'a Laid, part: &str) -> (&'a str, &'a str) {
    let at = laid.galley.text().find(part).expect("a part of the text");
    let place = places(&laid.galley, std::iter::once(at..at + part.len())).remove(0);
    laid.galley.text().split_at(laid.byte(laid.at + place.rect.center().to_vec2()))
}

#[test]
fn latin_words_are_never_turned() {
    for (text, seen) in [
        ("\u{fdfd} pay 100 to ann", "\u{fdfd} pay 100 to ann"),
        ("\u{710} pay 100", "\u{710} pay 100"),
        ("\u{710}\u{712} came and ann went", "\u{712}\u{710} came and ann went"),
        ("a \u{6d4} b", "a \u{6d4} b"),
        ("\u{64b} b c", "\u{64b} b c"),
        ("x\u{64b} y z", "x y z"),
        ("12 \u{6f1}\u{6f2}\u{6f3} 45", "12 \u{6f1}\u{6f2}\u{6f3} 45"),
        ("\u{5d0}\u{5d1}ab\u{5d2}\u{5d3}cd", "\u{5d1}\u{5d0}ab\u{5d3}\u{5d2}cd"),
    ] {
        let laid = lay(&[text], f32::INFINITY, usize::MAX);
        let all: String = drawn_at(&laid, Rect::EVERYTHING);
        // Marks that no font has are not drawn at all.
        let expected: String = seen.chars().filter(|letter| all.contains(*letter)).collect();
        assert_eq!(all, expected, "of {text:?}");
        assert!(text.chars().all(|letter| !letter.is_ascii() || all.contains(letter)), "{all:?} of {text:?}");
    }
    let laid = lay(&["\u{fdfd} pay 100 to ann"], f32::INFINITY, usize::MAX);
    assert_eq!(
        pressed(&laid, "yap".chars().rev().collect::<String>().as_str()).1.split(' ').next(),
        Some("ay")
    );
}

#[test]
fn what_stands_after_words_from_right_to_left_is_where_it_is_seen() {
    let arabic = "مرحبا بالعالم";
    let laid =
        lay(&[arabic, " ", "@bob", " hi ", "https://example.com/abc", " now"], f32::INFINITY, usize::MAX);
    for part in ["@bob", "hi", "https://example.com/abc", "/abc", "now"] {
        assert_eq!(drawn(&laid, part), part);
    }
    assert_eq!(drawn(&laid, "مرحبا"), "ابحرم");
    assert_eq!(drawn(&laid, "حب"), "بح");
    assert_eq!(pressed(&laid, "/abc").1.len(), "bc now".len());
    assert_eq!(pressed(&laid, "hi").1.split(' ').next(), Some("i"));
    let laid = lay(&["open ", "שלום", "עולם", " now\nשלום\n\nlast שלום"], f32::INFINITY, usize::MAX);
    for (part, seen) in [
        ("open", "open"),
        ("שלום", "םולש"),
        ("עולם", "םלוע"),
        ("now", "now"),
        ("last", "last"),
        ("לוםעו", "םולוע"),
    ] {
        assert_eq!(drawn(&laid, part), seen);
    }
    // From its right half on, a letter is to the right of the pointer, and so is what comes before it.
    let place = places(&laid.galley, std::iter::once(5..7)).remove(0);
    let at = |x: f32| laid.byte(laid.at + vec2(place.rect.left() + x * place.rect.width(), 5.0));
    assert_eq!((at(0.75), at(0.25)), (5, 7));
    // Beyond its ends a row begins and ends, whatever stands there.
    let y = laid.galley.rows[1].rect().center().y;
    let ends = [-20.0, 500.0].map(|x| laid.byte(laid.at + vec2(x, y)));
    let line = laid.galley.text().find('\n').unwrap() + 1;
    assert_eq!(ends, [line, line + "שלום".len()]);
    let y = laid.galley.rows[2].rect().center().y;
    assert_eq!([-20.0, 500.0].map(|x| laid.byte(laid.at + vec2(x, y))), [line + "שלום\n".len(); 2]);
    assert_eq!((laid.byte(Pos2::ZERO), laid.byte(Pos2::new(0.0, 999.0))), (0, laid.galley.text().len()));
}

#[test]
fn a_part_that_others_stand_in_is_in_two_places() {
    let laid = lay(&["אבג abc"], f32::INFINITY, usize::MAX);
    let end = laid.galley.text().len();
    let places = places(&laid.galley, std::iter::once(4..end));
    let seen: Vec<_> = places.iter().map(|place| drawn_at(&laid, place.rect)).collect();
    assert_eq!(seen, ["ג", " abc"]);
}

/// Texts of all kinds of letters, in pieces.
fn pieces() -> impl Strategy<Value = Vec<String>> {
    let piece = prop::sample::select(vec![
        "a",
        "bc d",
        " ",
        "  ",
        "\n",
        "\n\n",
        "12",
        "שלום",
        "א",
        "בב",
        "مرحبا",
        "لا",
        "\u{6f1}\u{6f2}",
        "\u{fdfd}",
        "\u{710}",
        "字",
        "e\u{301}",
        "👩‍👩‍👧",
        "\u{5e9}\u{5c1}",
        "\u{64b}",
        "x\u{64b}",
        "->",
        ".",
        "\u{6d4}",
        "কো",
        "❤️",
    ]);
    let run = prop::collection::vec(piece, 0..6).prop_map(|parts| parts.concat());
    prop::collection::vec(run, 0..6)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(150))]

    #[test]
    fn every_letter_is_where_it_is_seen(pieces in pieces(), width in prop_oneof![Just(1e6), 40.0..300.0_f32]) {
        let pieces: Vec<&str> = pieces.iter().map(String::as_str).collect();
        let laid = lay(&pieces, width, usize::MAX);
        let text = laid.galley.text();
        let letters = letters(&laid.galley);
        let mut at = 0;
        for letter in &letters {
            prop_assert!(letter.bytes.start >= at && text.get(letter.bytes.clone()).is_some());
            at = letter.bytes.end;
            let row = laid.galley.rows[letter.row].rect();
            let rect = Rect::from_x_y_ranges(letter.left..=letter.right, row.y_range());
            let said = &text[letter.bytes.clone()];
            let seen = drawn_at(&laid, rect.expand2(vec2(0.1, 0.0)));
            prop_assert!(
                letter.right - letter.left < 0.5 || seen.chars().any(|letter| said.contains(letter)),
                "{said:?} of {text:?} is {seen:?}"
            );
            // A press selects what is at most half a letter away.
            for x in [0.3, 0.7] {
                let pointer = laid.at + vec2(letter.left + x * (letter.right - letter.left), row.center().y);
                let byte = laid.byte(pointer);
                if letter.right - letter.left > 0.5 && said != "\n" {
                    let nearer = if (x > 0.5) == letter.turned { letter.bytes.start } else { letter.bytes.end };
                    prop_assert_eq!(byte, nearer, "{:?} of {:?}", said, text);
                }
            }
        }
        // Nothing that is drawn is nowhere.
        let ascii = text.chars().filter(char::is_ascii_alphanumeric).count();
        let found = letters.iter().filter(|letter| text[letter.bytes.clone()].starts_with(|l: char| l.is_ascii_alphanumeric()));
        prop_assert_eq!(found.count(), ascii);
    }

    #[test]
    fn what_is_left_out_is_nowhere(pieces in pieces(), width in 40.0..200.0_f32, rows in 1_usize..3) {
        let pieces: Vec<&str> = pieces.iter().map(String::as_str).collect();
        let laid = lay(&pieces, width, rows);
        for letter in letters(&laid.galley) {
            prop_assert!(letter.row < laid.galley.rows.len());
        }
        for pointer in [Pos2::new(45.0, 40.0), Pos2::new(300.0, 55.0)] {
            prop_assert!(laid.galley.text().is_char_boundary(laid.byte(pointer)));
        }
    }
}
