//! Addresses in a text, and where they truly lead. Knows the forms of addresses; opens nothing.

use std::borrow::Cow;
use std::iter;
use std::ops::Range;

use linkify::LinkFinder;
use url::Url;

use super::tame;

/// So many links of one message can be followed.
pub const MAX_LINKS: usize = 64;

/// The links in `text`, in order, in bytes: web addresses with their scheme, and mail addresses.
pub fn find(text: &str) -> Vec<Range<usize>> {
    // Most texts have none, and this is cheaper than to look closely.
    if !text.contains("://") && !text.contains('@') {
        return Vec::new();
    }
    let plain = with_plain_hosts(text);
    let finder = LinkFinder::new();
    let links = finder.links(&plain).filter_map(|link| {
        let whole = text.get(link.start()..link.end())?;
        // These end no address that anybody has; more likely they end bold or struck text.
        let end = link.start() + whole.trim_end_matches(['*', '~', '`']).len();
        let range = link.start()..end;
        // Mail too: what is an address with plain hosts may be none as it was written.
        Target::of(&text[range.clone()]).is_some().then_some(range)
    });
    links.take(MAX_LINKS).collect()
}

/// The same text with as many bytes in the same places, in which hosts are such as the finder takes for hosts:
/// their last part in Latin letters, and more than one.
fn with_plain_hosts(text: &str) -> Cow<'_, str> {
    let mut plain = Cow::Borrowed(text);
    for (sign, _) in text.match_indices("://") {
        let begin = sign + "://".len();
        let is_end = |letter: char| letter.is_whitespace() || "/?#\\\"<>|`".contains(letter);
        let rest = &text[begin..];
        let whole = &rest[..rest.find(is_end).unwrap_or(rest.len())];
        let is_host =
            |letter: &char| letter.is_alphanumeric() || tame::is_mark(*letter) || *letter == '\u{200c}';
        let host = whole.trim_end_matches(|letter| !is_host(&letter));
        let user = host.rfind('@').map_or(0, |at| at + 1);
        let host = &host[user..];
        let end = host.find(':').unwrap_or(host.len());
        let dot = end.checked_sub(2).filter(|dot| host.as_bytes()[*dot] == b'.');
        if whole.is_ascii() && dot.is_none() {
            continue;
        }
        let mut letters = String::with_capacity(whole.len());
        for letter in whole.chars() {
            match letter {
                letter if letter.is_ascii() => letters.push(letter),
                // Other signs end an address, as those of Chinese and Japanese sentences do.
                letter => letters
                    .extend(iter::repeat_n(if is_host(&letter) { 'a' } else { ' ' }, letter.len_utf8())),
            }
        }
        if let Some(dot) = dot {
            letters.replace_range(user + dot..=user + dot, "a");
        }
        plain.to_mut().replace_range(begin..begin + letters.len(), &letters);
    }
    plain
}

/// Where a link truly leads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target {
    url: Url,
    written: String,
}

impl Target {
    /// Where the link that was written so leads. There is none for what is neither of the web nor mail.
    pub fn of(written: &str) -> Option<Self> {
        let parsed = match Url::parse(written) {
            Ok(url) => url,
            Err(_) if written.contains('@') && !written.contains(':') => {
                Url::parse(&format!("mailto:{written}")).ok()?
            }
            Err(_) => return None,
        };
        let opens = match parsed.scheme() {
            "http" | "https" => parsed.has_host(),
            "mailto" => true,
            _ => false,
        };
        opens.then(|| Self { url: parsed, written: written.to_owned() })
    }

    /// The whole address in plain ASCII, as it is handed to a browser or a mail program.
    pub fn address(&self) -> &str {
        self.url.as_str()
    }

    /// Whom one gets to do with: the host, its letters written out (punycode), with its port if that is
    /// unusual; or whoever the mail is for.
    pub fn host(&self) -> String {
        match (self.url.host_str(), self.url.port()) {
            (Some(host), Some(port)) => format!("{host}:{port}"),
            (Some(host), None) => host.to_owned(),
            (None, _) => self.url.path().to_owned(),
        }
    }

    /// What in this address leads people astray, if something does.
    pub fn caution(&self) -> Option<String> {
        let host = self.url.host_str()?;
        if !self.url.username().is_empty() || self.url.password().is_some() {
            return Some(format!("What stands before the @ is not where it leads: it leads to {host}."));
        }
        if !self.written.to_ascii_lowercase().contains(&host.to_ascii_lowercase()) {
            return Some(format!(
                "It was written with other letters than those of {host}, which is where it leads."
            ));
        }
        None
    }
}
