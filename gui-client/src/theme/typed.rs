//! Inter as it is needed where people read what others typed: without the arrows that it makes of `->` and
//! `=>`, and without the sign of multiplication that it makes of the `x` in `2x3`. What else it does beside
//! other letters changes no letter, such as the colon that stands higher in a time. Knows how font files are
//! made up, and nothing of drawing.

use std::collections::HashSet;
use std::ops::Range;

/// The font that draws what was typed. One that is made up otherwise than Inter stays as it is.
pub(super) fn as_typed(font: &[u8], letter_x: u16) -> Vec<u8> {
    let mut font = font.to_vec();
    let mut changes = Vec::new();
    if find(&font, letter_x, &mut changes).is_some() {
        for (at, number) in changes {
            font[at..at + 2].copy_from_slice(&u16::to_be_bytes(number));
        }
    }
    font
}

fn short(font: &[u8], at: usize) -> Option<usize> {
    let bytes = font.get(at..at + 2)?;
    Some(usize::from(u16::from_be_bytes(bytes.try_into().ok()?)))
}

fn long(font: &[u8], at: usize) -> Option<usize> {
    Some(short(font, at)? << 16 | short(font, at + 2)?)
}

/// Where the parts of a list are, which begins with their count; each is `size` bytes long.
fn parts(font: &[u8], list: usize, size: usize) -> Option<impl Iterator<Item = usize> + use<>> {
    let count = short(font, list)?;
    Some((0..count).map(move |nth| list + 2 + size * nth))
}

/// Finds the numbers to be changed, each with what it becomes.
fn find(font: &[u8], letter_x: u16, changes: &mut Vec<(usize, u16)>) -> Option<()> {
    let tag = |at: usize| font.get(at..at + 4);
    // The count of tables is followed by three numbers of no meaning here.
    let tables = short(font, 4)?;
    let table = (0..tables).map(|nth| 12 + 16 * nth).find(|at| tag(*at) == Some(b"GSUB"))?;
    let substitutions = long(font, table + 8)?;
    let features = substitutions + short(font, substitutions + 6)?;
    let lookups = substitutions + short(font, substitutions + 8)?;
    let mut listed = HashSet::new();
    for feature in parts(font, features, 6)? {
        let list = features + short(font, feature + 4)? + 2;
        listed.extend(parts(font, list, 2)?.filter_map(|at| short(font, at)));
        if tag(feature) != Some(b"calt") {
            continue;
        }
        let last = parts(font, list, 2)?.last()?;
        // All but the last one join signs to arrows.
        changes.push((list, 1));
        changes.push((list + 2, short(font, last)? as u16));
    }
    // Those that are listed by a feature make small letters and the like, which is done only where it is asked
    // for; the others are what is done to a letter because of its neighbours.
    for (_, lookup) in parts(font, lookups, 2)?.enumerate().filter(|(nth, _)| !listed.contains(nth)) {
        let lookup = lookups + short(font, lookup)?;
        let kind = short(font, lookup)?;
        for table in parts(font, lookup + 4, 2)? {
            let mut table = lookup + short(font, table)?;
            let kind = match kind {
                // Only says where the table is.
                7 => {
                    let kind = short(font, table + 2)?;
                    table += long(font, table + 4)?;
                    kind
                }
                kind => kind,
            };
            // One letter for another, by a list of what becomes of which.
            if kind == 1 && short(font, table)? == 2 {
                let among = nth_of(font, table + short(font, table + 2)?, letter_x)?;
                if let Some(nth) = among {
                    changes.push((table + 6 + 2 * nth, letter_x));
                }
            }
        }
    }
    Some(())
}

/// Which of the letters that are covered this is, if it is one of them.
fn nth_of(font: &[u8], coverage: usize, letter: u16) -> Option<Option<usize>> {
    let letter = usize::from(letter);
    if short(font, coverage)? == 1 {
        let mut letters = parts(font, coverage + 2, 2)?;
        return Some(letters.position(|at| short(font, at) == Some(letter)));
    }
    for range in parts(font, coverage + 2, 6)? {
        let covered: Range<usize> = short(font, range)?..short(font, range + 2)? + 1;
        if covered.contains(&letter) {
            return Some(Some(short(font, range + 4)? + letter - covered.start));
        }
    }
    Some(None)
}
