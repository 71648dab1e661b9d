//! What a word can become: names after an `@` or where Tab asked for them, those who spoke last first, and
//! emoji after a `:`. Knows words and names; how they are offered is the composer's business.

use std::ops::Range;

use chat_shared::Name;

use crate::look::Look;
use crate::model::Timeline;
use crate::text::emoji;

/// So many are offered at most.
const MOST: usize = 8;
/// An emoji is looked for once so many letters of its name are there.
const EMOJI_FROM: usize = 2;
/// Who spoke is known from so many of the newest entries.
const RECENT: usize = 500;

/// Something that a word can become.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Choice {
    /// What stands in the word's place then.
    pub(super) insert: String,
    /// How it is offered.
    pub(super) shown: String,
}

/// Who can be named.
#[derive(Debug, Clone, Copy)]
pub(super) struct People<'a> {
    timeline: &'a Timeline,
    members: &'a [Name],
    own: &'a str,
}

impl<'a> People<'a> {
    /// Those who spoke here, and those who are here.
    pub(super) fn of(timeline: &'a Timeline, look: &Look<'a>) -> Self {
        Self { timeline, members: look.members, own: look.name }
    }

    /// Their names that begin with `part`, whatever the case, and some of them more than once: those who
    /// spoke last first, then all who are here. We do not speak to ourselves.
    fn beginning_with(self, part: &'a str) -> impl Iterator<Item = &'a str> {
        let spoke = self.timeline.iter().rev().take(RECENT).filter(|entry| !entry.is_own());
        let spoke = spoke.filter_map(|entry| entry.author());
        let here = self.members.iter().map(Name::as_str);
        spoke.chain(here).filter(move |name| *name != self.own && begins_with(name, part))
    }

    /// The first few of them, each once.
    fn first(self, part: &'a str) -> Vec<&'a str> {
        let mut names = Vec::new();
        for name in self.beginning_with(part) {
            if !names.contains(&name) {
                names.push(name);
            }
            if names.len() == MOST {
                break;
            }
        }
        names
    }

    /// Whether somebody's name begins with this word.
    pub(super) fn knows(self, word: &str) -> bool {
        !word.is_empty() && self.beginning_with(word).next().is_some()
    }
}

/// What `word` can become, at most [`MOST`]. Names are looked for without an `@` if they were `asked` for;
/// such a word `at_start` of a message says who is spoken to. Nothing where nothing is left to complete.
pub(super) fn suggest(word: &str, at_start: bool, asked: bool, people: People<'_>) -> Vec<Choice> {
    if let Some(part) = word.strip_prefix('@') {
        let names = people.first(part);
        if names == [part] {
            return Vec::new();
        }
        let choice = |name: &str| Choice { insert: format!("@{name} "), shown: name.to_owned() };
        return names.into_iter().map(choice).collect();
    }
    if let Some(part) = word.strip_prefix(':').filter(|part| may_name_emoji(part)) {
        let part = part.to_lowercase();
        let choice = |(name, sign): (&str, &str)| Choice {
            insert: format!("{sign} "),
            shown: format!("{sign}  :{name}:"),
        };
        return emoji::find(&part).take(MOST).map(choice).collect();
    }
    if !asked || word.is_empty() {
        return Vec::new();
    }
    let end = if at_start { ": " } else { " " };
    let choice = |name: &str| Choice { insert: format!("{name}{end}"), shown: name.to_owned() };
    people.first(word).into_iter().map(choice).collect()
}

/// The emoji that stands for this word, if it is the name of one between colons.
pub(super) fn closed(word: &str) -> Option<&'static str> {
    emoji::by_name(word.strip_prefix(':')?.strip_suffix(':')?)
}

/// The word that ends at the cursor, which stands behind so many letters: where it is, in bytes.
pub(super) fn word_at(text: &str, letters: usize) -> Range<usize> {
    let end = text.char_indices().nth(letters).map_or(text.len(), |(at, _)| at);
    let before = &text[..end];
    let space = before.char_indices().rev().find(|(_, letter)| letter.is_whitespace());
    let begin = space.map_or(0, |(at, letter)| at + letter.len_utf8());
    end - bare(&before[begin..]).len()..end
}

/// What stands between blanks, without what may open before a word: brackets, quotation marks, and the stars of
/// bold letters.
pub(super) fn bare(word: &str) -> &str {
    word.trim_start_matches(|letter| "([{<\"'“‘„‚«‹»›¿¡*~".contains(letter))
}

fn may_name_emoji(part: &str) -> bool {
    let is_part = |letter: char| letter.is_alphanumeric() || matches!(letter, '_' | '+' | '-');
    part.chars().count() >= EMOJI_FROM && part.chars().all(is_part)
}

/// Whether a name begins so, whatever the case.
fn begins_with(name: &str, part: &str) -> bool {
    let mut letters = name.chars().flat_map(char::to_lowercase);
    part.chars().flat_map(char::to_lowercase).all(|letter| letters.next() == Some(letter))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::link::{Event, Line, Moment, News};
    use crate::model::{Kept, Room};

    /// A room in which these have spoken.
    fn room(spoke: &[&str]) -> Room {
        let mut room = Room::new(Name::parse("me").unwrap(), Kept::default());
        let said = |from: &&str| Line::Said { from: (*from).to_owned(), text: "hello".to_owned() };
        let lines = spoke.iter().map(said).collect();
        for news in [News::Connected { link: 1, welcome: None }, News::Lines(lines)] {
            room.apply(Event { at: Moment::now(), news });
        }
        room
    }

    /// What `word` can become where anton, anna and bob have spoken, in this order, and ann and anna are here.
    fn check(word: &str, at_start: bool, asked: bool, expected: &[&str]) {
        let room = room(&["anton", "anna", "bob", "anna"]);
        let members = ["ann", "anna", "me"].map(|name| Name::parse(name).unwrap());
        let people = People { timeline: room.timeline(), members: &members, own: "me" };
        let choices = suggest(word, at_start, asked, people);
        let inserts: Vec<_> = choices.iter().map(|choice| choice.insert.as_str()).collect();
        assert_eq!(inserts, expected, "{word:?}");
    }

    #[test]
    fn who_spoke_last_comes_first() {
        check("@an", false, false, &["@anna ", "@anton ", "@ann "]);
        check("@", true, false, &["@anna ", "@bob ", "@anton ", "@ann "]);
        check("@ANN", false, false, &["@anna ", "@ann "]);
        check("@x", false, false, &[]);
        check("@bob", false, false, &[]);
        check("@m", false, false, &[]);
    }

    #[test]
    fn a_bare_word_becomes_a_name_when_that_is_asked_for() {
        check("an", true, false, &[]);
        check("an", true, true, &["anna: ", "anton: ", "ann: "]);
        check("bo", false, true, &["bob "]);
        check("bob", true, true, &["bob: "]);
        check("", true, true, &[]);
    }

    #[test]
    fn emoji_by_the_beginning_of_their_names() {
        check(":s", false, false, &[]);
        check(":)", false, false, &[]);
        check(":10:30", false, false, &[]);
        check("x:smi", false, false, &[]);
        let room = room(&[]);
        let people = People { timeline: room.timeline(), members: &[], own: "me" };
        let choices = suggest(":SMI", false, false, people);
        assert_eq!(choices.len(), MOST);
        let smile = Choice { insert: "😄 ".to_owned(), shown: "😄  :smile:".to_owned() };
        assert!(choices.contains(&smile), "{choices:?}");
        assert_eq!(
            (closed(":smile:"), closed("x:smile:"), closed(":nothing:"), closed(":")),
            (Some("😄"), None, None, None)
        );
    }

    #[test]
    fn many_names_are_cut_and_those_of_long_ago_left_out() {
        let names: Vec<_> = (0..20).map(|number| format!("bob{number}")).collect();
        let mut spoke: Vec<_> = names.iter().map(String::as_str).collect();
        let room = room(&spoke);
        let people = People { timeline: room.timeline(), members: &[], own: "me" };
        assert_eq!(people.first("b").len(), MOST);
        spoke.extend(["eve"; RECENT]);
        let room = super::tests::room(&spoke);
        let people = People { timeline: room.timeline(), members: &[], own: "me" };
        assert!(people.knows("EV") && !people.knows("b") && !people.knows(""));
    }

    #[test]
    fn a_word_ends_at_the_cursor() {
        for (text, letters, word) in [
            ("", 0, ""),
            ("one two", usize::MAX, "two"),
            ("one two", 5, "t"),
            ("one two", 4, ""),
            ("grüße\n@än", 9, "@än"),
            ("a\u{3000}b", 3, "b"),
            ("so (@an", usize::MAX, "@an"),
            ("\"@an", usize::MAX, "@an"),
            ("**„[an", usize::MAX, "an"),
            ("f(x", usize::MAX, "f(x"),
            ("so (", usize::MAX, ""),
        ] {
            assert_eq!(&text[word_at(text, letters)], word, "{text:?} {letters}");
        }
    }
}
