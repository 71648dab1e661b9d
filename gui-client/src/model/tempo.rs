//! How fast own messages may go out on a connection, while there is one: a little less fast than the server
//! allows, and slower once it has said that we are too fast. Counts lines; knows nothing of what waits.

use std::time::{Duration, Instant};

use chat_shared::Pace;

/// How many lines a second are handed out: a little less than servers allow, so that none of them ever
/// has to let our lines lie.
const RATE: u32 = 8;

/// The tempo of one connection after the other.
#[derive(Debug, Default)]
pub(super) struct Tempo {
    /// Of this connection, while there is one.
    pace: Option<Pace>,
    /// The rate to keep to instead of [`RATE`], since a server said that we are too fast.
    slowed: Option<u32>,
}

impl Tempo {
    /// There is a connection, on which so many lines were said already.
    pub(super) fn connected(&mut self, lines: usize, now: Instant) {
        self.pace = Some(Pace::new(self.slowed.unwrap_or(RATE), now));
        self.spend(lines);
    }

    /// The connection is gone.
    pub(super) fn broke(&mut self) {
        self.pace = None;
    }

    /// So many lines go out.
    pub(super) fn spend(&mut self, lines: usize) {
        if let Some(pace) = &mut self.pace {
            pace.spend(lines);
        }
    }

    /// The server allows so many lines a second, and has let some of ours lie.
    pub(super) fn slow_down(&mut self, rate: u32, now: Instant) {
        let rate = (rate.saturating_mul(4) / 5).clamp(1, RATE);
        self.slowed = Some(rate);
        if let Some(pace) = &mut self.pace {
            *pace = Pace::new(rate, now);
            let full = pace.allowed(now);
            pace.spend(full);
        }
    }

    /// How many lines may go out now.
    pub(super) fn allowed(&mut self, now: Instant) -> usize {
        self.pace.as_mut().map_or(0, |pace| pace.allowed(now))
    }

    /// When one more line may go out, if ever.
    pub(super) fn next(&self, now: Instant) -> Option<Instant> {
        // The millisecond is for what rounding takes off, so that one call is enough.
        self.pace.as_ref().map(|pace| now + pace.wait() + Duration::from_millis(1))
    }
}
