//! What a person searches for: the words, as FTS5 is asked for them, and as they are found without it.
//! Both take a text apart alike. Knows no log.

use chat_shared::Pattern;
use chat_shared::pattern::words;

/// The words of a search; there is at least one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Words {
    /// As they were typed.
    typed: Vec<String>,
    pattern: Pattern,
}

impl Words {
    /// What was typed, if there is a letter or a digit in it.
    pub(super) fn parse(typed: &str) -> Option<Self> {
        let pattern = Pattern::parse(typed)?;
        Some(Self { typed: words(typed).map(str::to_owned).collect(), pattern })
    }

    /// As FTS5 wants it. Between double quotes, nothing means anything to it.
    pub(super) fn to_match(&self) -> String {
        let quoted: Vec<_> =
            self.typed.iter().map(|word| format!("\"{}\"", word.replace('"', "\"\""))).collect();
        quoted.join(" ") + "*"
    }

    /// Whether all of the words are in this text.
    pub(super) fn are_in(&self, text: &str) -> bool {
        self.pattern.is_in(text)
    }
}

#[cfg(test)]
mod tests {
    use chat_shared::limits::MAX_WORDS;

    use super::*;

    fn check(typed: &str, text: &str) -> bool {
        Words::parse(typed).unwrap().are_in(text)
    }

    #[test]
    fn words_are_whole_but_for_the_last_and_case_and_accents_do_not_matter() {
        assert!(check("hel", "say hello"));
        assert!(check("say hel", "hello, they SAY"));
        assert!(!check("hel say", "say hello"));
        assert!(!check("ello", "hello"));
        assert!(check("CAFE", "un café crème"));
        assert!(check("crème", "CREME"));
        assert!(check("crème", "cre\u{300}me"));
        assert!(check("don't", "I DON'T"));
        assert!(!check("don't", "t don"));
        assert!(!check("don't know", "I donut know"));
        assert!(check("дом", "Дома"));
        assert!(!check("мои", "мой"));
    }

    #[test]
    fn what_is_no_word_is_not_searched_for() {
        assert_eq!(Words::parse(""), None);
        assert_eq!(Words::parse(" \t\n\0 !? \u{300} "), None);
        assert!(check("! hel ?", "hello"));
        let many = "a ".repeat(MAX_WORDS) + "b";
        assert!(check(&many, "a"));
    }

    #[test]
    fn nothing_typed_means_anything_to_fts5() {
        let quoted = |typed| Words::parse(typed).unwrap().to_match();
        assert_eq!(quoted("one two"), r#""one" "two"*"#);
        assert_eq!(quoted(r#"a"b OR c* -"#), r#""a""b" "OR" "c*"*"#);
        assert_eq!(quoted("text:x\0NEAR(a, 3)"), r#""text:x" "NEAR(a," "3)"*"#);
    }
}
