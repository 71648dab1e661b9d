//! What a person searches for: the words, as FTS5 is asked for them, and as they are found without it.
//! Both take a text apart alike: runs of letters and digits, without case, and without the accents of
//! Latin letters. Knows no log.

use unicode_normalization::char::decompose_canonical;

/// The most words that are looked at. A line has room for four thousand, and each has its price.
pub(crate) const MOST_WORDS: usize = 32;

/// The words of a search; there is at least one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Words {
    /// As they were typed.
    typed: Vec<String>,
    /// What each is made of: `don't` is two runs of letters, one right after the other. None is empty.
    tokens: Vec<Vec<String>>,
}

impl Words {
    /// What was typed, if there is a letter or a digit in it.
    pub(super) fn parse(typed: &str) -> Option<Self> {
        // SQLite's texts end at a NUL.
        let words = typed.split(|letter: char| letter.is_whitespace() || letter == '\0');
        let words = words.map(|word| (word, tokens(word).collect::<Vec<_>>()));
        let (typed, tokens): (Vec<_>, Vec<_>) = words
            .filter(|(_, tokens)| !tokens.is_empty())
            .take(MOST_WORDS)
            .map(|(word, tokens)| (word.to_owned(), tokens))
            .unzip();
        (!typed.is_empty()).then_some(Self { typed, tokens })
    }

    /// As FTS5 wants it. Between double quotes, nothing means anything to it.
    pub(super) fn to_match(&self) -> String {
        let quoted: Vec<_> =
            self.typed.iter().map(|word| format!("\"{}\"", word.replace('"', "\"\""))).collect();
        quoted.join(" ") + "*"
    }

    /// Whether all of the words are in this text.
    pub(super) fn are_in(&self, text: &str) -> bool {
        let text: Vec<_> = tokens(text).collect();
        let last = self.tokens.len() - 1;
        let mut words = self.tokens.iter().enumerate();
        words.all(|(place, word)| text.windows(word.len()).any(|run| is_word(run, word, place == last)))
    }
}

/// Whether this run of as many tokens is the word; the last token may go on if it is open.
fn is_word(run: &[String], word: &[String], open: bool) -> bool {
    let ends = run.last().zip(word.last());
    let closed = run.len() - 1;
    run[..closed] == word[..closed]
        && ends.is_some_and(|(run, word)| if open { run.starts_with(word) } else { run == word })
}

/// The runs of letters and digits.
fn tokens(text: &str) -> impl Iterator<Item = String> {
    let runs = text.split(|letter: char| !letter.is_alphanumeric() && !is_accent(letter));
    runs.map(|run| run.chars().filter(|&letter| !is_accent(letter)).flat_map(plain).collect())
        .filter(|token: &String| !token.is_empty())
}

/// Without case, and a Latin letter without its accents. Those of other scripts are letters of their own
/// (`й` is not `и`), and `SQLite` sees it so too.
fn plain(letter: char) -> impl Iterator<Item = char> {
    let mut base = None;
    if !letter.is_ascii() {
        decompose_canonical(letter, |part| base = base.or(Some(part)));
    }
    base.filter(char::is_ascii).unwrap_or(letter).to_lowercase()
}

/// Combining accents.
fn is_accent(letter: char) -> bool {
    ('\u{300}'..='\u{36f}').contains(&letter)
}

#[cfg(test)]
mod tests {
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
        let many = "a ".repeat(MOST_WORDS) + "b";
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
