//! A server's bytes to news without a connection, for the fuzz targets in `tests/fuzz`: they are read as on the
//! network thread. Knows nothing of what becomes of the news.

use super::hear::{Heard, Understanding};
use crate::link::{Line, News};

/// The reading half of a connection of this number.
#[derive(Debug)]
pub struct Wire {
    link: u64,
    words: Understanding,
    full: bool,
    over: bool,
}

impl Wire {
    /// A connection on which nothing was said yet.
    pub fn new(link: u64) -> Self {
        Self { link, words: Understanding::default(), full: false, over: false }
    }

    /// What the server's next bytes say. Nothing once it has said good-bye.
    pub fn hear(&mut self, bytes: &[u8]) -> Vec<News> {
        let mut heard = Vec::new();
        if !self.over {
            self.words.take(bytes, &mut heard);
        }
        let (mut news, mut lines) = (Vec::new(), Vec::new());
        for heard in heard {
            match heard {
                Heard::Line(line) => lines.push(line),
                Heard::Welcome(welcome) if !std::mem::replace(&mut self.full, true) => {
                    news.push(News::Lines(std::mem::take(&mut lines)));
                    news.push(News::Connected { link: self.link, welcome: Some(welcome) });
                }
                Heard::Welcome(_)
                | Heard::Nothing
                | Heard::Ping(_)
                | Heard::PasswordWanted
                | Heard::PasswordWrong(_) => {}
                Heard::Refused(words) => lines.push(Line::Notice(words)),
                Heard::Bye { .. } => self.over = true,
            }
        }
        news.push(News::Lines(lines));
        news
    }
}
