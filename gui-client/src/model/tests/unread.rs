//! What counts as new, and what is worth a call, in either language.

use chat_shared::History;

use super::server::message;
use super::*;

impl Scene {
    fn look(&mut self, eyes: Eyes) -> &mut Self {
        self.room.look(eyes);
        self
    }

    fn from(&mut self, from: &str, id: u64, text: &str) -> &mut Self {
        self.line(Line::Post(message(id, from, text)))
    }

    /// How much is new, and where it begins.
    fn unread(&self) -> (usize, Option<&str>) {
        (self.room.unread().messages(), self.news())
    }
}

#[test]
fn what_others_say_while_nobody_looks_is_new_and_nothing_else_is() {
    let mut scene = scene();
    scene.look(Eyes::Away).show(100..103, true);
    assert_eq!(scene.unread(), (0, None), "what was there before one came");
    scene.post(103).post(104).post(104);
    assert_eq!(scene.unread(), (2, Some("103")));
    scene.older();
    scene.past(50..100).end(History::Before, true);
    assert_eq!(scene.unread(), (2, Some("103")), "what is older");
    scene.from("ann", 105, "from another window").break_off();
    assert_eq!(scene.unread(), (2, Some("103")), "what we say, and what this program says");
    scene.welcome().past(106..109).end(History::After, false);
    assert_eq!(scene.unread(), (5, Some("103")), "what was said during a break");
    scene.look(Eyes::Newest).post(109);
    assert_eq!(scene.unread(), (0, Some("103")));
    scene.look(Eyes::Elsewhere).post(110);
    assert_eq!(scene.unread(), (1, Some("103")), "one may be reading back to the line");
    scene.say("I see");
    assert_eq!(scene.unread(), (0, None));
}

#[test]
fn in_the_base_too() {
    let mut scene = scene();
    scene.connect().hear("bob", "before").look(Eyes::Away).hear("bob", "one").notice("wake up").say("mine");
    assert_eq!(scene.unread(), (0, None), "who says something has seen the rest");
    scene.break_off().say("waits").connect().hear("bob", "two").hear("cleo", "three");
    assert_eq!(scene.unread(), (2, Some("two")));
    let calls = scene.room.take_calls();
    assert_eq!((calls.all.count, calls.all.by.as_str(), calls.all.text.as_str()), (3, "cleo", "three"));
}

#[test]
fn a_call_is_what_is_said_live_while_one_is_away() {
    let mut scene = scene();
    scene.show(1..3, false);
    for eyes in [Eyes::Newest, Eyes::Elsewhere] {
        let id = scene.room.timeline().len() as u64 + 10;
        scene.look(eyes).from("bob", id, "ann: hello");
        assert_eq!(scene.room.take_calls(), Calls::default());
    }
    scene.look(Eyes::Away).from("bob", 50, "`ann` is code").from("cleo", 51, "**ann**, look");
    scene.from("bob", 52, "never mind");
    let tally = |count, by: &str, text: &str| Tally { count, by: by.into(), text: text.into() };
    let calls = scene.room.take_calls();
    assert_eq!(calls, Calls { all: tally(3, "bob", "never mind"), mentions: tally(1, "cleo", "ann, look") });
    scene.break_off().welcome().past(53..60).end(History::After, false);
    assert_eq!(scene.room.take_calls(), Calls::default(), "what was said meanwhile is not said now");
    scene.from("bob", 60, "ann?").look(Eyes::Elsewhere);
    assert_eq!(scene.room.take_calls(), Calls::default(), "one is back");
}
