//! Clients that have opted in to the full language, for tests. They know what DESIGN promises to such a
//! client, and check it as they read; they know nothing of the server's insides.
//!
//! | file | what it holds |
//! |---|---|
//! | `ledger.rs` | [`Ledger`]: what all members together have been shown under each id |
//! | `outbox.rs` | what one session has said, and what of that is acknowledged |
//! | `mind.rs` | what a member makes of each line, and what it says to it. No socket |
//! | `life.rs` | a member's connections, one after the other, on threads of its own |
//! | `resident.rs` | [`Resident`]: a member who leads such a life, seen from the test |
//! | `talk.rs` | [`Full`]: a member who does what a test says, line by line |

mod ledger;
mod life;
mod mind;
mod outbox;
mod resident;
mod talk;

pub use ledger::{Ledger, Row};
pub use life::Story;
pub use resident::Resident;
pub use talk::{Answer, Full, draw_session, untimed};

/// The most messages of one member that wait for their acknowledgement at a time.
pub const WINDOW: usize = 32;
