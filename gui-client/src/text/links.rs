//! Addresses in a text, and where they truly lead. Knows the forms of addresses; opens nothing.

use std::ops::Range;

use linkify::{LinkFinder, LinkKind};
use url::Url;

/// So many links of one message can be followed.
pub const MAX_LINKS: usize = 64;

/// The links in `text`, in order, in bytes: web addresses with their scheme, and mail addresses.
pub fn find(text: &str) -> Vec<Range<usize>> {
    // Most texts have none, and this is cheaper than to look closely.
    if !text.contains("://") && !text.contains('@') {
        return Vec::new();
    }
    let finder = LinkFinder::new();
    let links = finder.links(text).filter_map(|link| {
        let whole = link.as_str();
        // These end no address that anybody has; more likely they end bold or struck text.
        let end = link.start() + whole.trim_end_matches(['*', '~', '`']).len();
        let range = link.start()..end;
        let good = match link.kind() {
            LinkKind::Email => true,
            _ => Target::of(&text[range.clone()]).is_some(),
        };
        good.then_some(range)
    });
    links.take(MAX_LINKS).collect()
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
