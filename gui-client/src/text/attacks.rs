//! Known attacks by names and texts, the same as the server is tested with: whatever a server lets through, what is
//! drawn of it stays within its line, reads in the order in which it is written, and hides nothing.

use super::*;

/// The attacks of the list, whatever their kind.
fn attacks() -> impl Iterator<Item = String> {
    let lines = include_str!("../../../shared/src/name/attacks.txt").lines();
    lines.filter(|line| !line.starts_with('#')).map(|line| {
        let attack = line.splitn(3, ' ').nth(2).expect("a line has three parts");
        let mut parts = attack.split("\\u{");
        let begin = parts.next().expect("there is a first part").to_owned();
        parts.fold(begin, |text, part| {
            let (number, rest) = part.split_once('}').expect("an escape has an end");
            let number = u32::from_str_radix(number, 16).expect("an escape has a number");
            text + &String::from(char::from_u32(number).expect("an escape is a letter")) + rest
        })
    })
}

fn assert_tame(shown: &str, of: &str) {
    assert_eq!(tame::hidden(shown), [], "of {of:?}");
    let turning = [
        '\u{202a}', '\u{202b}', '\u{202c}', '\u{202d}', '\u{202e}', '\u{2066}', '\u{2067}', '\u{2068}',
        '\u{2069}',
    ];
    assert!(!shown.contains(turning) && !shown.contains(|c: char| c.is_control() && c != '\n'), "of {of:?}");
    let pile = shown.split(|c| !tame::is_mark(c)).map(|marks| marks.chars().count()).max();
    assert!(pile <= Some(tame::MAX_MARKS), "of {of:?}");
}

#[test]
fn every_attack_is_drawn_harmless() {
    for attack in attacks() {
        for text in [attack.clone(), format!("x{attack}x"), attack.repeat(20)] {
            // As a server passes it on that checks nothing, and as one line of the wire.
            let text = chat_shared::text::harmless(&text);
            assert_tame(&show(&text, "ann").text, &text);
            assert_tame(&remark(&text).text, &text);
            let name = tame::name(&text);
            assert_tame(&name, &text);
            let letters = name.chars().count();
            assert!(
                (1..=34).contains(&letters) && !name.contains(char::is_whitespace),
                "{name:?} of {text:?}"
            );
            assert!(!name.starts_with(tame::is_mark), "{name:?} of {text:?}");
        }
    }
    assert!(attacks().count() > 100);
}

#[test]
fn a_name_that_is_one_is_drawn_as_it_is() {
    for name in ["ann", "Nguyễn", "ที่นี่", "مُحَمَّد", "🦀", "王小明", &"x".repeat(32)]
    {
        assert_eq!(tame::name(name), name);
    }
    assert_eq!(tame::name(&"x".repeat(33)), "x".repeat(32) + "…");
    assert_eq!(tame::name(""), "\u{fffd}");
    assert_eq!(tame::name("two words"), "two\u{fffd}words");
}
