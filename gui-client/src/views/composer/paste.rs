//! What is said about a long draft before it is sent: how near the limit it is, and in how many messages it
//! goes out. Knows lengths; how a draft is cut is decided by the room.

use chat_shared::limits::MAX_TEXT;
use chat_shared::text::harmless;

use crate::model::{DraftError, Outlook};

/// The most bytes that a draft may have after something was pasted into it. Far more than this room takes at
/// once, and little enough to be drawn.
pub(super) const MAX_PASTED: usize = 1024 * 1024;

/// From this many bytes of one message on, the count is shown.
const NEAR_LIMIT: usize = MAX_TEXT - MAX_TEXT / 8;

/// Why so many bytes cannot be pasted into a draft that has `there`, if they cannot.
pub(super) fn refusal(pasted: usize, there: usize) -> Option<String> {
    (pasted.saturating_add(there) > MAX_PASTED).then(|| {
        format!(
            "What you pasted has {pasted} bytes, which is too much to write here: \
             a draft has room for {MAX_PASTED}. Nothing was pasted."
        )
    })
}

/// What was pasted, without what no message may hold and nobody can see: soft hyphens and zero-width spaces,
/// of which web pages are full.
pub(super) fn without_invisible(text: &str) -> String {
    let keep = |line: &str| -> String {
        let seen = harmless(line);
        // These are the field's business.
        let stays = |&(shown, there): &(char, char)| shown == there || matches!(there, '\t' | '\r');
        seen.chars().zip(line.chars()).filter(stays).map(|(_, there)| there).collect()
    };
    text.split('\n').map(keep).collect::<Vec<_>>().join("\n")
}

/// What there is to say about a draft of so many bytes that would go out like this.
pub(super) fn words(bytes: usize, outlook: Result<Outlook, DraftError>) -> Option<String> {
    match outlook {
        Ok(Outlook { messages, .. }) if messages > 1 => {
            Some(format!("{bytes} bytes: this goes out as {messages} messages."))
        }
        Ok(Outlook { longest, .. }) if longest >= NEAR_LIMIT => {
            Some(format!("{longest} of {MAX_TEXT} bytes"))
        }
        Err(error @ DraftError::TooMuch(_)) => Some(error.to_string()),
        // An invisible character is told of when it is to be sent: it may be on its way out.
        Ok(_) | Err(DraftError::Invisible(_)) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(messages: usize, longest: usize, expected: Option<&str>) {
        assert_eq!(words(7000, Ok(Outlook { messages, longest })).as_deref(), expected);
    }

    #[test]
    fn how_it_goes_out_is_said_when_that_begins_to_matter() {
        check(0, 0, None);
        check(1, NEAR_LIMIT - 1, None);
        check(1, NEAR_LIMIT, Some("3584 of 4096 bytes"));
        check(1, MAX_TEXT, Some("4096 of 4096 bytes"));
        check(3, MAX_TEXT, Some("7000 bytes: this goes out as 3 messages."));
        assert_eq!(words(1, Err(DraftError::Invisible('\u{202E}'))), None);
        assert!(words(1, Err(DraftError::TooMuch(5))).unwrap().contains("at most 5 lines"));
    }

    #[test]
    fn what_nobody_can_see_is_not_pasted() {
        let family = "\u{1F468}\u{200D}\u{1F469}\u{200D}\u{1F467} \u{2764}\u{FE0F}";
        for (pasted, expected) in [
            ("soft\u{AD}ly\u{200B}\n\u{FEFF}now", "softly\nnow"),
            ("\u{202E}evil\u{202C}", "evil"),
            ("fn a() {\r\n\tb\n}\n", "fn a() {\r\n\tb\n}\n"),
            (family, family),
            ("\u{FFFD}", "\u{FFFD}"),
        ] {
            assert_eq!(without_invisible(pasted), expected, "{pasted:?}");
        }
    }

    #[test]
    fn what_is_too_much_to_be_drawn_is_not_pasted() {
        assert_eq!((refusal(MAX_PASTED, 0), refusal(1, MAX_PASTED - 1)), (None, None));
        assert!(refusal(2, MAX_PASTED - 1).unwrap().contains("Nothing was pasted"));
    }
}
