//! Emoji by name, as in `:smile:`. Knows names and signs; when one stands for the other is up to who
//! writes.

use std::sync::LazyLock;

/// All names with their emoji, by name.
static NAMES: LazyLock<Vec<(&str, &str)>> = LazyLock::new(|| {
    let named = |emoji: &'static emojis::Emoji| emoji.shortcodes().map(|name| (name, emoji.as_str()));
    let mut names: Vec<_> = emojis::iter().flat_map(named).collect();
    names.sort_unstable();
    names
});

/// The emoji with exactly this name, which is without its colons.
pub fn by_name(name: &str) -> Option<&'static str> {
    let at = NAMES.binary_search_by_key(&name, |(known, _)| known).ok()?;
    Some(NAMES[at].1)
}

/// Names with their emoji: first those that begin with `part`, then those that contain it, each by name.
pub fn find(part: &str) -> impl Iterator<Item = (&'static str, &'static str)> {
    let first = NAMES.partition_point(|(name, _)| *name < part);
    let begin = NAMES[first..].iter().take_while(move |(name, _)| name.starts_with(part));
    let contain = NAMES.iter().filter(move |(name, _)| !name.starts_with(part) && name.contains(part));
    begin.chain(contain).copied()
}
