//! How large a step of the log's upkeep is, learnt from those before. Knows rows and times only.

use std::time::Duration;

/// What the work of one step should take. The commit that follows takes about as long, and once what the
/// disk takes to sync.
const STEP: Duration = Duration::from_millis(1);

/// How many rows make a step of about [`STEP`].
#[derive(Debug)]
pub(super) struct Pace(pub(super) u64);

impl Default for Pace {
    fn default() -> Self {
        Self(64)
    }
}

impl Pace {
    /// Learns from a step of so many rows.
    pub(super) fn took(&mut self, rows: u64, time: Duration) {
        if rows == self.0 {
            let better = (rows as f64 * STEP.as_secs_f64() / time.as_secs_f64()) as u64;
            // One slow step may be chance. The least is what the longest messages allow.
            self.0 = better.clamp(rows / 2, rows + rows / 4).clamp(32, 4096);
        }
    }
}
