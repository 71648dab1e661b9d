//! What is shown of a text: its styles, links and names, and that nothing hostile comes through. Knows no
//! fonts.

use proptest::prelude::*;

use super::links::Target;
use super::*;

/// What is shown, with the styles spelt out: `<b:bold>`.
fn spelt(source: &str) -> String {
    let shown = show(source, "Ann");
    let mut out = String::new();
    let mut at = 0;
    let names = [
        (Style::BOLD, 'b'),
        (Style::ITALIC, 'i'),
        (Style::STRUCK, 's'),
        (Style::CODE, 'c'),
        (Style::BLOCK, 'p'),
        (Style::LINK, 'l'),
        (Style::ME, 'm'),
        (Style::NAME, 'n'),
        (Style::EMOJI, 'e'),
    ];
    for Span { range, style } in &shown.spans {
        out.push_str(&shown.text[at..range.start]);
        out.push('<');
        out.extend(names.iter().filter(|(one, _)| style.has(*one)).map(|(_, name)| name));
        out.push(':');
        out.push_str(&shown.text[range.clone()]);
        out.push('>');
        at = range.end;
    }
    out + &shown.text[at..]
}

#[track_caller]
fn check(cases: &[(&str, &str)]) {
    for (source, expected) in cases {
        assert_eq!(spelt(source), *expected, "of {source:?}");
    }
}

#[test]
fn the_signs_that_took_effect_are_not_shown() {
    check(&[
        ("plain", "plain"),
        ("a **b** c", "a <b:b> c"),
        ("*it*, ~~no~~", "<i:it>, <s:no>"),
        ("**a *b* c**", "<b:a ><bi:b><b: c>"),
        ("***x***", "<bi:x>"),
        ("`a*b*`", "<c:a*b*>"),
        ("``a`b``", "<c:a`b>"),
        ("**`x`**", "<bc:x>"),
        ("太**字**太", "太<b:字>太"),
        ("**a\nb**", "<b:a>\n<b:b>"),
    ]);
}

#[test]
fn what_is_no_markup_here_stays_as_it_was_written() {
    for same in [
        "1. one\n2. two",
        "# hi",
        "- a\n- b",
        "> quoted",
        "a\n===",
        "|a|b|\n|-|-|\n|1|2|",
        "<b>no</b> &amp; &lt;",
        "![x](y) [a](b) [c]: d",
        "__init__ and _x_ and snake_case_name",
        r"¯\_(ツ)_/¯ C:\new\_folder",
        r"copy C:\*.txt D:\*.log \\host\`x ~\~",
        r"\*no\* \`no\` \\ a\
b",
        "2*3*4 = 24, a * b * c",
        "~5 to ~6~",
        "** no **",
        "a\n\n\nb   c",
        "    indented",
        "```",
        "****",
        "\\",
        "",
        " ",
    ] {
        assert_eq!(spelt(same), same);
    }
    assert_eq!(spelt("# **hi**\n> *a*"), "# <b:hi>\n> <i:a>");
}

#[test]
fn fences_are_not_shown_and_leave_no_empty_lines() {
    check(&[
        ("```\ncode\n```", "<p:code>"),
        ("```rust\nlet a = *b;\n\nx\n```", "<p:let a = *b;\n\nx>"),
        ("see\n```\ncode\n```\nthere", "see\n<p:code>\nthere"),
        ("```\nopen", "<p:open>"),
        ("```\nopen\n", "<p:open>"),
        ("~~~\na\n~~~\n", "<p:a>"),
        ("  ```\nx\n  ```", "<p:x>"),
        ("> ```\n> x\n> ```", "> ```\n> <p:x\n>> ```"),
        ("hello\n```", "hello\n```"),
    ]);
}

#[test]
fn links_end_where_people_mean_them_to() {
    check(&[
        ("see https://a.de/b.", "see <l:https://a.de/b>."),
        ("(http://a.de/x_(y))", "(<l:http://a.de/x_(y)>)"),
        ("**https://a.de**", "<bl:https://a.de>"),
        ("https://a.de/*b*/c", "<l:https://a.de/*b*/c>"),
        ("[x](https://a.de)", "[x](<l:https://a.de>)"),
        ("`https://a.de`", "<c:https://a.de>"),
        ("```\nhttps://a.de\n```", "<p:https://a.de>"),
        ("ann@a.de", "<l:ann@a.de>"),
        ("см. https://пример.рф/путь, да", "см. <l:https://пример.рф/путь>, да"),
        ("(https://пример.рф)", "(<l:https://пример.рф>)"),
        (
            "https://a.b/c https://a.b. http://u@a.b:80/",
            "<l:https://a.b/c> <l:https://a.b>. <l:http://u@a.b:80/>",
        ),
        ("https://例え.テスト。次", "<l:https://例え.テスト>。次"),
        ("https://उदाहरण.परीक्षा/", "<l:https://उदाहरण.परीक्षा/>"),
        ("https://مثال.إختبار now", "<l:https://مثال.إختبار> now"),
        ("https://a.1 ://x.y https://", "https://a.1 ://x.y https://"),
        (
            "file:///etc/passwd ftp://a.de javascript://a.de",
            "file:///etc/passwd ftp://a.de javascript://a.de",
        ),
        ("https://a.de/Ann @bob", "<l:https://a.de/Ann> <n:@bob>"),
    ]);
    let shown = show(&"http://a.de ".repeat(300), "");
    assert_eq!(shown.links.len(), links::MAX_LINKS);
}

#[test]
fn a_link_tells_where_it_leads() {
    let target = |written| Target::of(written).map(|t| (t.address().to_owned(), t.host(), t.caution()));
    let (address, host, caution) = target("https://A.de/x y").unwrap();
    assert_eq!((&*address, &*host, caution), ("https://a.de/x%20y", "a.de", None));
    let (address, host, _) = target("https://пример.рф/").unwrap();
    assert_eq!((&*address, &*host), ("https://xn--e1afmkfd.xn--p1ai/", "xn--e1afmkfd.xn--p1ai"));
    let (address, host, caution) = target("https://аррle.com/").unwrap();
    assert_eq!((&*address, &*host), ("https://xn--le-6kc8da.com/", "xn--le-6kc8da.com"));
    assert!(caution.is_some_and(|words| words.contains("other letters")));
    let (_, host, caution) = target("https://bank.de@evil.de:8080/").unwrap();
    assert_eq!(host, "evil.de:8080");
    assert!(caution.is_some_and(|words| words.contains("it leads to evil.de")));
    let (address, host, _) = target("ann@a.de").unwrap();
    assert_eq!((&*address, &*host), ("mailto:ann@a.de", "ann@a.de"));
    for other in ["javascript:alert(1)", "file:///etc", "ftp://a.de", "http://", "data:text/html,x", "x"] {
        assert_eq!(target(other), None, "{other}");
    }
}

#[test]
fn names_are_words_in_upper_and_lower_case() {
    check(&[
        ("ann: hi", "<m:ann>: hi"),
        ("hi ANN!", "hi <m:ANN>!"),
        ("@Ann", "<m:@Ann>"),
        ("anna, joann, ann_b, xann", "anna, joann, ann_b, xann"),
        ("@anna @bob, @c.d.", "<n:@anna> <n:@bob>, <n:@c.d>."),
        ("a@bob @5 @ @@x", "a@bob @5 @ @@x"),
        ("`ann` **ann**", "<c:ann> <bm:ann>"),
    ]);
    assert!(show("hi ann", "Ann").names_us);
    assert!(!show("`ann` @bob", "Ann").names_us);
    assert!(!show("hi ann", "").names_us);
    assert_eq!(mention::find("李明你好", "李明").len(), 1);
    assert_eq!(mention::find("straße", "STRASSE").len(), 0);
}

#[test]
fn marks_do_not_pile_up_and_nothing_turns_the_writing_around() {
    let zalgo = format!("a{}b", "\u{301}".repeat(100));
    assert_eq!(show(&zalgo, "").text, format!("a{}b", "\u{301}".repeat(tame::MAX_MARKS)));
    assert_eq!(show("a\u{202e}b\u{2066}c\u{7}\td\ne", "").text, "abc\td\ne");
    // A family, an Arabic word and a Thai one are as they were.
    for same in ["👩‍👩‍👧‍👦 ❤️", "مَرْحَبًا", "ที่นี่", "e\u{301}\u{327}"]
    {
        assert_eq!(show(same, "").text, same);
    }
}

#[test]
fn long_messages_are_folded_and_others_are_not() {
    assert_eq!(tame::fold("short"), None);
    assert_eq!(tame::fold(&"x".repeat(1200)), None);
    assert_eq!(tame::fold(&"\n".repeat(16)), None);
    let letters = tame::fold(&"ü".repeat(1201)).unwrap();
    assert_eq!((letters.end, letters.words()), (2000, "1201 letters".to_owned()));
    let lines = tame::fold(&"a\n".repeat(100)).unwrap();
    assert_eq!((lines.end, lines.words()), (2 * 13, "101 lines".to_owned()));
}

#[test]
fn signs_that_are_meant_as_emoji_are_whole() {
    check(&[("I ❤️ it", "I <e:❤️> it"), ("❤ ✔ 1 #", "❤ ✔ 1 #"), ("1️⃣ **🧔‍♂️**", "<e:1️⃣> <be:🧔‍♂️>")]);
}

#[test]
fn emoji_are_found_by_name() {
    assert_eq!(emoji::by_name("smile"), Some("😄"));
    assert_eq!(emoji::by_name("no such emoji"), None);
    let found: Vec<_> = emoji::find("smi").map(|(name, _)| name).collect();
    assert!(found.contains(&"smile"));
    let begin = found.iter().take_while(|name| name.starts_with("smi")).count();
    assert!(found[begin..].iter().all(|name| !name.starts_with("smi") && name.contains("smi")));
    assert_eq!(emoji::find("zzzz").count(), 0);
}

/// Texts in which much happens: signs, names and addresses, in any order.
fn busy() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        4 => prop::sample::select(vec![
            "*", "**", "~~", "~", "`", "```", "```\n", "\n", "\n\n", " ", "\\", "> ", "- ", "1. ", "# ", "<", "[", "](",
            "a", "Ann", "@", "@bob", "http://a.de", "https://ü.de/*x*", "x@y.de", "    ", "|", "_", "&amp;", "\u{301}",
            "\u{202e}", "https://п.р", "://", ".b/", "。", "👩‍👧", "字", "\u{7}", "---\n", "===\n", "\t", "Σς", "İ",
        ]).prop_map(str::to_owned),
        1 => any::<char>().prop_map(String::from),
    ];
    prop::collection::vec(piece, 0..60).prop_map(|pieces| pieces.concat())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn whatever_comes_is_shown_in_bounds(source in busy(), own in prop_oneof![Just("Ann".to_owned()), "\\PC{0,5}"]) {
        let shown = show(&source, &own);
        prop_assert!(shown.text.len() <= source.len());
        prop_assert!(shown.spans.len() <= MAX_SPANS && shown.links.len() <= links::MAX_LINKS);
        let mut at = 0;
        for span in &shown.spans {
            prop_assert!(at <= span.range.start && span.range.start < span.range.end && span.style != Style::PLAIN);
            prop_assert!(shown.text.get(span.range.clone()).is_some());
            at = span.range.end;
        }
        let mut at = 0;
        for link in &shown.links {
            prop_assert!(at <= link.start && shown.text.get(link.clone()).is_some());
            prop_assert!(Target::of(&shown.text[link.clone()]).is_some(), "{}", &shown.text[link.clone()]);
            at = link.end;
        }
        if let Some(fold) = tame::fold(&shown.text) {
            prop_assert!(shown.text.is_char_boundary(fold.end) && fold.end <= shown.text.len());
        }
    }

    #[test]
    fn only_signs_disappear(source in busy()) {
        // Fences go with the name of their language, which is the only thing said that may go.
        if source.contains("```") || source.contains("~~~") {
            return Ok(());
        }
        let shown = show(&source, "Ann").text;
        let plain = |text: &str| -> String { text.chars().filter(|l| !"*~`\\\n".contains(*l)).collect() };
        prop_assert_eq!(plain(&shown), plain(&remark(&source).text));
    }

    #[test]
    fn tame_text_stays_as_it_is(source in busy()) {
        let once = remark(&source).text;
        prop_assert_eq!(&remark(&once).text, &once);
        prop_assert!(tame::hidden(&once).is_empty());
        let mut marks = 0;
        for letter in once.chars() {
            marks = if tame::is_mark(letter) { marks + 1 } else { 0 };
            prop_assert!(marks <= tame::MAX_MARKS);
        }
    }

    #[test]
    fn any_letters_at_all(source in "\\PC{0,200}|[\\x00-\\x7f]{0,200}") {
        let shown = show(&source, "a");
        prop_assert!(shown.text.len() <= source.len());
    }
}

#[test]
fn the_worst_of_the_longest_is_shown_soon() {
    let worst =
        ["[a](", "*a ", "**a ", "`a``", ">", "~~a", "@a", "a@b.de ", "http://a.de ", "*a* ", "\u{301}", "<a"];
    for piece in worst {
        let source = piece.repeat(chat_shared::limits::MAX_TEXT / piece.len());
        let begun = std::time::Instant::now();
        let shown = show(&source, "a");
        assert!(shown.spans.len() <= MAX_SPANS);
        // A hundred times what it takes; what grows with the square takes longer still.
        assert!(begun.elapsed().as_millis() < 500, "{piece:?}: {:?}", begun.elapsed());
    }
}

#[test]
fn the_parts_of_a_text_each_run_in_one_direction() {
    let parts = |text| turned::parts(text).into_iter().map(|part| &text[part]).collect::<Vec<&str>>();
    assert_eq!(parts(""), [""; 0]);
    assert_eq!(parts("all of it"), ["all of it"]);
    assert_eq!(parts("שלום world, שלום"), ["שלום", " world, ", "שלום"]);
    assert_eq!(parts("a\u{6f1}\u{6f2}\u{6d4}b"), ["a", "\u{6f1}", "\u{6f2}", "\u{6d4}", "b"]);
    assert_eq!(parts("\u{5e9}\u{5c1}x\u{64b}y"), ["\u{5e9}\u{5c1}", "x\u{64b}", "y"]);
    assert!(turned::is_turned("שלום") && !turned::is_turned("a") && !turned::is_turned("\u{6f1}"));
}
