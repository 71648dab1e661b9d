//! What a name is, and which names look alike.

use proptest::prelude::*;

use super::*;

fn check(name: &str, expected: Result<(), NameError>) {
    assert_eq!(Name::parse(name).map(|_| ()), expected, "{name:?}");
}

#[test]
fn people_can_bear_their_names() {
    for name in
        ["ann", "Åsa", "O'Neil", "jean-luc", "王小明", "Дмитрий", "محمد", "x", "🦀", "नेहा", "Guest", "a*"]
    {
        check(name, Ok(()));
    }
}

#[test]
fn length_is_counted_in_characters_and_in_bytes() {
    check("", Err(NameError::Empty));
    check(&"x".repeat(32), Ok(()));
    check(&"x".repeat(33), Err(NameError::TooLong));
    check(&"ä".repeat(32), Ok(()));
    check(&"王".repeat(21), Ok(()));
    check(&"王".repeat(22), Err(NameError::TooLong));
}

#[test]
fn what_cannot_be_seen_is_refused() {
    for c in [
        '\u{0}',
        '\u{7F}',
        '\u{AD}',
        '\u{200B}',
        '\u{200D}',
        '\u{200E}',
        '\u{202E}',
        '\u{2066}',
        '\u{FEFF}',
        '\u{034F}',
        '\u{3164}',
        '\u{115F}',
        '\u{FE0F}',
        '\u{E0041}',
        '\u{E000}',
        '\u{378}',
    ] {
        check(&format!("a{c}b"), Err(NameError::Invisible(c)));
    }
    for c in [' ', '\u{A0}', '\u{3000}', '\u{2003}', '\t', '\u{85}', '\u{2028}'] {
        check(&format!("a{c}b"), Err(NameError::WhiteSpace));
    }
    check("\u{301}ann", Err(NameError::LeadingMark));
}

#[test]
fn the_servers_names_and_their_look_alikes_are_reserved() {
    for name in [
        "*",
        "∗",
        "server",
        "SERVER",
        "Server",
        "sеrver",
        "ｓｅｒｖｅｒ",
        "system",
        "sуstem",
        "server:",
        "Server:",
        "ѕerver：",
        "system:",
        "SYSTEM:",
        "systeｍː",
        "system꞉",
        "guest-1",
        "guest-",
        "Guest-x",
        "GUEST-7",
        "guеst-12",
        "guest‐5",
    ] {
        check(name, Err(NameError::Reserved));
    }
    // Only whole words are.
    for name in [":", "servers", "server::", "server:2", "systems", "my-system:", "guest:", "guests"] {
        check(name, Ok(()));
    }
}

#[test]
fn look_alikes_are_the_same_name() {
    for (one, other) in [
        ("ann", "Ann"),
        ("ann", "ANN"),
        ("ann", "аnn"),
        ("ann", "ａｎｎ"),
        ("Ian", "lan"),
        ("paypaI", "PAYPAL"),
        ("bob", "b0b"),
        ("BOB", "b0b"),
        ("ivan", "iνan"),
        ("вob", "Bob"),
        ("m", "rn"),
        ("straße", "STRASSE"),
        ("é", "e\u{301}"),
    ] {
        let [one, other] = [one, other].map(|name| Name::parse(name).unwrap());
        assert!(one.looks_like(&other) && other.looks_like(&one), "{one} and {other}");
    }
    for (one, other) in [("ann", "anna"), ("ian", "lan"), ("nina", "vina"), ("王", "玉"), ("eli", "ell")] {
        let [one, other] = [one, other].map(|name| Name::parse(name).unwrap());
        assert!(!one.looks_like(&other) && !other.looks_like(&one), "{one} and {other}");
    }
}

#[test]
fn guests_names_are_only_given() {
    assert_eq!(Name::parse_given("guest-12"), Ok(Name::guest(12)));
    for name in ["guest-", "guest-012", "guest-+1", "guest-x"] {
        assert_eq!(Name::parse_given(name), Err(NameError::Reserved), "{name}");
    }
}

proptest! {
    #[test]
    fn no_string_panics_and_a_valid_name_is_kept(name in "\\PC{0,40}") {
        if let Ok(parsed) = Name::parse(&name) {
            prop_assert_eq!(parsed.as_str(), &name);
            prop_assert!(parsed.looks_like(&parsed));
            prop_assert_eq!(Name::parse_given(&name), Ok(parsed));
        }
    }

    #[test]
    fn case_never_tells_two_names_apart(name in "[a-zA-Z0-9äöüéñçα-ωа-я]{1,20}") {
        if let Ok(name) = Name::parse(&name) {
            let upper = Name(name.as_str().to_uppercase().into());
            prop_assert!(name.looks_like(&upper), "{} and {}", name, upper);
        }
    }
}
