//! Everything that a view can ask for. Views return these and change nothing; the app carries them
//! out. Knows neither how they are drawn nor how they are done.

use chat_shared::Name;

use crate::link::{Answer, Deed};
use crate::model::Spot;
use crate::settings::Pref;

/// Something that the person in front of the screen wants.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Action {
    /// Enter the room at this address under this name, both as they were typed.
    Join {
        /// The address.
        address: String,
        /// The name.
        name: String,
    },
    /// Run a room on this computer and enter it under this name, as it was typed.
    Host {
        /// The name.
        name: String,
    },
    /// Forget a room that was used before.
    Forget {
        /// Its address.
        address: String,
    },
    /// Leave the room, and stop it when it runs here.
    Leave,
    /// Send what is in the composer.
    Send,
    /// Try to connect now.
    RetryNow,
    /// The answer to what is asked before there is a connection.
    Answer(Answer),
    /// Do what only an admin may.
    Act(Deed),
    /// Take back the message at this spot, as an admin may.
    TakeBack(Spot),
    /// Ask for another name.
    Rename(Name),
    /// Make do with the name that the server gave.
    KeepName,
    /// Send an unsure or refused message again.
    SendAgain {
        /// Its entry.
        entry: u64,
    },
    /// Take an unsure message as sent.
    LeaveIt {
        /// Its entry.
        entry: u64,
    },
    /// Show messages older than all that are shown.
    ShowOlder,
    /// Mention this person in what is being written.
    Mention(Name),
    /// Show the settings.
    OpenSettings,
    /// Show them no more.
    CloseSettings,
    /// The person likes this.
    Prefer(Pref),
    /// Put this on the clipboard.
    Copy(String),
    /// Ask whether to go where this link of a message leads.
    AskLink(String),
    /// Go to this address, outside of this program.
    OpenLink(String),
    /// Stay here: ask no more whether to follow a link.
    LeaveLink,
    /// Search for messages with these words; for blank ones, search no more.
    Search(String),
    /// Load the message that belongs at this spot, and those around it, if it is not there.
    LoadAround(Spot),
    /// Load messages that are missing in between.
    Fill {
        /// The entry that says so.
        entry: u64,
        /// Those right before what comes after it, and not those right behind what comes before it.
        from_its_end: bool,
    },
    /// Take note that this was read, and show it no more.
    DismissNote,
}
