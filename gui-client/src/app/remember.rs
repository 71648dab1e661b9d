//! When something is worth remembering: what is left to say, the room, and the name. Knows when, and nothing of how
//! it is written down.

use super::open::{Draft, Open};
use super::{ChatApp, Screen};
use crate::link::Moment;
use crate::settings::Edit;

/// Said when what is left to say is beyond what is remembered.
const TOO_LONG: &str = "What you have written here is too long to be remembered. It is lost if you leave the room before it is sent.";

impl ChatApp {
    /// Remembers what is left to say once it is time, or `now`.
    pub(super) fn keep_draft(&mut self, now: bool) {
        let Screen::Room(open) = &mut self.screen else { return };
        match open.draft_to_keep(now) {
            Draft::Kept => {}
            Draft::Waiting { left } => self.ctx.request_repaint_after(left),
            Draft::New(draft) => {
                let edit = Edit::Draft { address: open.session.address().to_string(), draft };
                if edit.fits() {
                    self.memory.edit(edit);
                } else {
                    self.note = Some(TOO_LONG.to_owned());
                }
            }
        }
    }

    /// A room that was reached is one to come back to; one that runs here is not, for nobody answers there once
    /// it is left.
    pub(super) fn remember_room(&mut self) {
        let Screen::Room(open) = &mut self.screen else { return };
        let is_reached = open.session.hosted().is_none() && open.session.room().was_reached();
        if is_reached && !std::mem::replace(&mut open.is_remembered, true) {
            let edit = entered(open);
            self.memory.edit(edit);
        }
    }

    /// The name that was asked for last is the one to offer the next time.
    pub(super) fn remember_name(&mut self) {
        let Screen::Room(open) = &self.screen else { return };
        let name = open.session.room().wanted_name().to_string();
        if self.memory.settings().name != name {
            self.memory.edit(if open.is_remembered { entered(open) } else { Edit::Name(name) });
        }
    }
}

/// That this room was entered, under the name that was asked for last.
fn entered(open: &Open) -> Edit {
    Edit::Entered {
        address: open.session.address().to_string(),
        name: open.session.room().wanted_name().to_string(),
        at: Moment::now().wall,
    }
}
