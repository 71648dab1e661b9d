//! What a person searches for, and where it is in a text, the same for both ends: all of the words, in any
//! order, without case and without the accents of Latin letters; the last may be the beginning of a word.
//! Knows texts alone.

use std::ops::Range;

use unicode_normalization::char::decompose_canonical;

use crate::limits::MAX_WORDS;

/// The words of a search; there is at least one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pattern {
    /// What each is made of: `don't` is two runs of letters, one right after the other. None is empty.
    words: Vec<Vec<String>>,
}

impl Pattern {
    /// What was typed, if there is a letter or a digit in it.
    pub fn parse(typed: &str) -> Option<Self> {
        let words: Vec<_> = words(typed).map(|word| runs(word).map(|(run, _)| run).collect()).collect();
        (!words.is_empty()).then_some(Self { words })
    }

    /// Whether all of the words are in this text.
    pub fn is_in(&self, text: &str) -> bool {
        let text: Vec<_> = runs(text).collect();
        (0..self.words.len()).all(|nth| self.places(nth, &text).next().is_some())
    }

    /// Where the words are in this text, in bytes: in order, and apart from each other.
    pub fn marks(&self, text: &str) -> Vec<Range<usize>> {
        let there: Vec<_> = runs(text).collect();
        let mut marks: Vec<_> = (0..self.words.len()).flat_map(|nth| self.places(nth, &there)).collect();
        marks.sort_by_key(|mark| (mark.start, mark.end));
        let mut apart: Vec<Range<usize>> = Vec::new();
        for mark in marks {
            match apart.last_mut() {
                Some(last) if mark.start < last.end => last.end = last.end.max(mark.end),
                _ => apart.push(mark),
            }
        }
        apart
    }

    /// Where this one of the words is among these runs of letters.
    fn places<'a>(
        &'a self,
        nth: usize,
        text: &'a [(String, Range<usize>)],
    ) -> impl Iterator<Item = Range<usize>> + 'a {
        let (word, is_open) = (&self.words[nth], nth + 1 == self.words.len());
        text.windows(word.len()).filter_map(move |there| {
            let last = word.len() - 1;
            let all = there[..last].iter().map(|(run, _)| run).eq(&word[..last]);
            let (run, place) = &there[last];
            let whole = *run == word[last];
            let begins = is_open && run.starts_with(&word[last]);
            (all && (whole || begins)).then(|| there[0].1.start..place.end)
        })
    }
}

/// The words of what was typed, as they were typed: those with a letter or a digit, [`MAX_WORDS`] at most.
pub fn words(typed: &str) -> impl Iterator<Item = &str> {
    // SQLite's texts end at a NUL.
    let words = typed.split(|letter: char| letter.is_whitespace() || letter == '\0');
    words.filter(|word| runs(word).next().is_some()).take(MAX_WORDS)
}

/// The runs of letters and digits of a text, as they are compared, and where they are.
fn runs(text: &str) -> impl Iterator<Item = (String, Range<usize>)> {
    let is_part = |letter: char| letter.is_alphanumeric() || is_accent(letter);
    let mut rest = text.char_indices().peekable();
    std::iter::from_fn(move || {
        loop {
            while rest.next_if(|&(_, letter)| !is_part(letter)).is_some() {}
            let begin = rest.peek()?.0;
            let (mut run, mut end) = (String::new(), begin);
            while let Some((at, letter)) = rest.next_if(|&(_, letter)| is_part(letter)) {
                end = at + letter.len_utf8();
                if !is_accent(letter) {
                    run.extend(plain(letter));
                }
            }
            if !run.is_empty() {
                return Some((run, begin..end));
            }
        }
    })
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
    use proptest::prelude::*;

    use super::*;

    #[track_caller]
    fn check(typed: &str, text: &str, marked: &[&str]) {
        let pattern = Pattern::parse(typed).unwrap();
        assert_eq!(pattern.is_in(text), !marked.is_empty());
        if pattern.is_in(text) {
            let marks = pattern.marks(text);
            assert_eq!(marks.into_iter().map(|mark| &text[mark]).collect::<Vec<_>>(), marked);
        }
    }

    #[test]
    fn words_are_whole_but_for_the_last_and_case_and_accents_do_not_matter() {
        check("hel", "say hello, Help!", &["hello", "Help"]);
        check("say hel", "hello, they SAY", &["hello", "SAY"]);
        check("hel say", "say hello", &[]);
        check("ello", "hello", &[]);
        check("CAFE", "un café crème", &["café"]);
        check("crème", "CRE\u{300}ME brûlée", &["CRE\u{300}ME"]);
        check("don't", "I DON'T", &["DON'T"]);
        check("don't", "t don", &[]);
        check("дом", "Дома", &["Дома"]);
        check("мои", "мой", &[]);
        for nothing in ["", " \t ", "!? -"] {
            assert_eq!(Pattern::parse(nothing), None);
        }
    }

    proptest! {
        #[test]
        fn marks_are_in_order_and_on_the_borders_of_letters(typed in "\\PC{0,8}", text in "\\PC{0,40}|[a-c' ]{0,30}") {
            let Some(pattern) = Pattern::parse(&typed) else { return Ok(()) };
            let marks = pattern.marks(&text);
            prop_assert!(!pattern.is_in(&text) || !marks.is_empty());
            for mark in &marks {
                prop_assert!(!mark.is_empty() && text.get(mark.clone()).is_some());
            }
            prop_assert!(marks.windows(2).all(|pair| pair[0].end <= pair[1].start));
        }

        #[test]
        fn a_text_is_found_by_its_own_words(text in "\\PC{1,40}") {
            if let Some(pattern) = Pattern::parse(&text) {
                prop_assert!(pattern.is_in(&text), "{:?}", text);
            }
        }
    }
}
