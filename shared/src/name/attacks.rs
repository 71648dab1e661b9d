//! Known attacks by names: each is refused, or is the same name as its victim's. And what is made of them at
//! random.

use proptest::prelude::*;

use super::*;
use crate::text::{Text, harmless};

/// Letters that look like these of ASCII.
const ALIKE: [(char, &str); 12] = [
    ('a', "аａ𝐚"),
    ('c', "сｃ𝖼"),
    ('e', "еｅ𝐞"),
    ('i', "іｉ𝗂"),
    ('j', "јｊ"),
    ('o', "оοօ0ｏ"),
    ('p', "рｐ"),
    ('s', "ѕｓ"),
    ('u', "υｕ"),
    ('v', "νｖ"),
    ('x', "хｘ"),
    ('y', "уｙ"),
];

/// The attacks of the list: kind, victim, and what the attacker uses.
fn attacks() -> impl Iterator<Item = (&'static str, &'static str, String)> {
    let lines = include_str!("attacks.txt").lines().filter(|line| !line.starts_with('#'));
    lines.map(|line| {
        let mut parts = line.splitn(3, ' ');
        let mut part = || parts.next().expect("a line has three parts");
        (part(), part(), unescape(part()))
    })
}

fn unescape(written: &str) -> String {
    let mut parts = written.split("\\u{");
    let mut text = parts.next().expect("there is a first part").to_owned();
    for part in parts {
        let (number, rest) = part.split_once('}').expect("an escape has an end");
        let number = u32::from_str_radix(number, 16).expect("an escape has a number");
        text.push(char::from_u32(number).expect("an escape is a letter"));
        text.push_str(rest);
    }
    text
}

#[test]
fn every_attack_is_refused_or_the_same_name() {
    let works = |(kind, victim, attack): &(&str, &str, String)| {
        let parsed = Name::parse(attack);
        !match *kind {
            "alike" => {
                let victim = Name::parse(victim).expect("a victim has a name");
                parsed.is_ok_and(|name| name.looks_like(&victim))
            }
            "reserved" => parsed == Err(NameError::Reserved),
            "hidden" | "bidi" | "emoji" => {
                matches!(parsed, Err(NameError::Invisible(_) | NameError::WhiteSpace))
            }
            "marks" => matches!(parsed, Err(NameError::LeadingMark | NameError::TooManyMarks)),
            other => panic!("there is no kind {other}"),
        }
    };
    assert!(attacks().count() > 100);
    assert_eq!(attacks().filter(works).collect::<Vec<_>>(), []);
}

#[test]
fn no_attack_passes_as_a_text_that_turns_or_hides_anything() {
    for (kind, _, attack) in attacks() {
        let text = Text::parse(&attack);
        match kind {
            // Where the direction of a word is to be told, there are marks without reach for it.
            "bidi" if !attack.contains(['\u{200e}', '\u{200f}', '\u{61c}']) => {
                assert!(text.is_err(), "{attack:?}");
            }
            "alike" | "reserved" | "marks" | "emoji" => assert!(text.is_ok(), "{attack:?}: {text:?}"),
            _ => {}
        }
        assert!(Text::parse(&harmless(&attack)).is_ok(), "{attack:?}");
    }
}

#[test]
fn marks_that_languages_need_are_taken() {
    for name in [
        "Nguye\u{302}\u{303}n",
        "ที่นี่",
        "مُحَمَّد",
        "שָׁלוֹם",
        "བསྒྲུབས",
        "क्षितिज",
        "ខ្មែរ",
        "e\u{301}\u{302}\u{303}\u{304}",
    ] {
        assert_eq!(Name::parse(name).map(|_| ()), Ok(()), "{name}");
    }
}

proptest! {
    #[test]
    fn whatever_letter_is_exchanged_it_is_the_same_name(
        name in "[abcdeijopsuvxy]{1,12}",
        exchanges in prop::collection::vec(any::<prop::sample::Index>(), 12),
    ) {
        let alike: String = name.chars().zip(exchanges).map(|(c, exchange)| {
            let others = ALIKE.iter().find(|(of, _)| *of == c).map_or("", |(_, others)| others);
            let all: Vec<char> = std::iter::once(c).chain(others.chars()).collect();
            *exchange.get(&all)
        }).collect();
        if let (Ok(name), Ok(alike)) = (Name::parse(&name), Name::parse(&alike)) {
            prop_assert!(name.looks_like(&alike) && alike.looks_like(&name), "{} and {}", name, alike);
        }
    }

    #[test]
    fn nothing_hides_in_a_name(name in "[a-zа-я王]{1,8}", at: prop::sample::Index, which: prop::sample::Index) {
        let hidden: Vec<String> = attacks().filter(|(kind, ..)| ["hidden", "bidi"].contains(kind))
            .map(|(.., attack)| attack.chars().filter(|c| !c.is_ascii_alphabetic()).collect()).collect();
        let mut letters: Vec<String> = name.chars().map(String::from).collect();
        letters.insert(at.index(letters.len() + 1), which.get(&hidden).clone());
        prop_assert!(Name::parse(&letters.concat()).is_err(), "{:?}", letters);
    }

    #[test]
    fn a_name_has_few_marks_on_each_letter(name in "([a-zก王]|[\u{300}-\u{36f}]|[\u{20d0}-\u{20ff}]){1,16}") {
        if Name::parse(&name).is_ok() {
            let pile = name.split(|c: char| !is_combining_mark(c)).map(|marks| marks.chars().count()).max();
            prop_assert!(pile <= Some(MAX_NAME_MARKS), "{:?}", name);
        }
    }
}
