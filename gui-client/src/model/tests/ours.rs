//! Which messages of the log are ours: what an earlier run said is, and what a stranger said under our name is
//! not.

use chat_shared::notice::NameRefusal;
use chat_shared::{ErrorCode, History};

use super::server::{message, room};
use super::*;
use crate::link::{Message, Welcome};
use crate::model::ours::MAX_NAMES;

impl Scene {
    /// The texts that are shown as ours.
    fn ours(&self) -> Vec<&str> {
        let ours = self.room.ours();
        self.entries().filter(|(_, entry)| ours.has(entry)).map(|(_, entry)| entry.text()).collect()
    }

    fn you(&mut self, name: &str) -> &mut Self {
        self.lines([Line::You(name.to_owned())])
    }

    /// The next run of the program, in which these are the newest messages.
    fn next_run(&self, log: u8, messages: &[Message]) -> Self {
        let mut scene = scene_with(self.room.kept());
        scene.link = 1;
        let welcome = Welcome { room: room(log), name: "guest-1".to_owned(), as_own: true, sealed: true };
        scene.apply(News::Connected { link: 1, welcome: Some(welcome) });
        scene.lines(messages.iter().cloned().map(Line::Past));
        scene.end(History::Last, true);
        scene
    }
}

/// What a stranger said as ann, what we have said since she is us, and what others say.
fn log() -> Vec<Message> {
    let by = [(1, "ann"), (2, "bob"), (3, "ann"), (4, "Ann"), (5, "ann"), (6, "eve")];
    by.map(|(id, from)| message(id, from, &id.to_string())).to_vec()
}

#[test]
fn what_was_said_under_a_name_of_ours_is_ours_in_each_run_and_without_a_connection() {
    let mut first = scene();
    first.log_in().you("ann").say("mine").ack(1, 3);
    assert_eq!(first.ours(), ["mine"], "and not what a stranger had said as ann");
    let mut second = first.next_run(1, &log());
    assert_eq!(second.ours(), ["3", "5"], "before it is known what we are called");
    second.you("ann").break_off();
    assert_eq!(second.ours(), ["3", "5"]);
    // It is kept on, and nothing older becomes ours.
    second.log_in().end(History::After, false).you("ann").say("more").ack(2, 7);
    let mut third = second.next_run(1, &log());
    assert_eq!(third.ours(), ["3", "5"]);
    third.say("now");
    assert_eq!(third.ours(), ["3", "5", "now"]);
}

#[test]
fn a_name_that_a_stranger_had_is_ours_from_our_first_message_on() {
    let mut scene = scene();
    scene.log_in().you("ann").say("one").ack(1, 3).rename("eve");
    scene.lines([Line::Post(message(4, "eve", "hers"))]);
    assert_eq!(scene.ours(), ["one"], "while the server is asked");
    scene.you("eve");
    assert_eq!(scene.ours(), ["one"]);
    scene.say("two").ack(2, 5);
    let messages = [(3, "ann", "one"), (4, "eve", "hers"), (5, "eve", "two")];
    let next = scene.next_run(1, &messages.map(|(id, from, text)| message(id, from, text)));
    assert_eq!(next.ours(), ["one", "two"]);
    // One that is refused is not.
    let (why, still) = (NameRefusal::KeyWrong, Name::parse("eve").unwrap());
    let words = Notice::NameRefused { why, still }.to_string();
    scene.rename("zoe").lines([Line::Error { code: Some(ErrorCode::KeyWrong), txn: None, words }]);
    scene.say("three").ack(3, 6);
    let names = scene.room.kept().names.into_iter().map(|kept| (kept.name.to_string(), kept.since));
    assert_eq!(names.collect::<Vec<_>>(), [("ann".to_owned(), 3), ("eve".to_owned(), 5)]);
}

#[test]
fn a_confirmation_that_does_not_tell_since_when_is_not_believed() {
    let claimed = |play: &dyn Fn(&mut Scene)| {
        let mut scene = scene();
        play(&mut scene);
        let names = scene.room.kept().names;
        names.into_iter().map(|kept| (kept.name.to_string(), kept.since)).collect::<Vec<_>>()
    };
    let ann = |id| vec![("ann".to_owned(), id)];
    assert_eq!(claimed(&|scene| _ = scene.log_in().you("ann").say("x").ack(1, 3)), ann(3));
    // It went out before, and may have been there for long; the next one tells.
    assert_eq!(claimed(&|scene| _ = scene.log_in().say("x").you("ann").ack(1, 3)), []);
    let twice = |scene: &mut Scene| {
        scene.log_in().say("x").you("ann").say("y").ack(1, 3).ack(2, 9);
    };
    assert_eq!(claimed(&twice), ann(9));
    let resent = |scene: &mut Scene| {
        scene.log_in().you("ann").say("x").break_off().log_in();
        scene.end(History::After, false).you("ann").ack(1, 3);
    };
    assert_eq!(claimed(&resent), []);
    // Nothing was sent under this number.
    assert_eq!(claimed(&|scene| _ = scene.log_in().you("ann").ack(7, 3)), []);
    // A name that is not kept for us, or no longer ours, may be anybody's next.
    assert_eq!(claimed(&|scene| _ = scene.show(1..3, false).you("ann").say("x").ack(1, 3)), []);
    assert_eq!(claimed(&|scene| _ = scene.log_in().you("ann").you("guest-2").say("x").ack(1, 3)), []);
    let another_connection = |scene: &mut Scene| {
        scene.log_in().you("ann").break_off().welcome().end(History::After, false).say("x").ack(1, 3);
    };
    assert_eq!(claimed(&another_connection), []);
    // Which log is to be kept is not known yet.
    let early = |scene: &mut Scene| {
        scene.log_in().break_off().link += 1;
        let welcome = Welcome { room: room(2), name: "guest-1".to_owned(), as_own: true, sealed: true };
        scene.apply(News::Connected { link: 2, welcome: Some(welcome) }).you("ann").say("x").ack(1, 3);
    };
    assert_eq!(claimed(&early), []);
}

#[test]
fn in_another_log_a_name_is_nobodys_again() {
    let mut scene = scene();
    scene.log_in().you("ann").say("mine").ack(1, 3);
    assert_eq!(scene.next_run(2, &log()).ours(), [""; 0]);
    // What is shown of the log before is what it was.
    let mut scene = scene.next_run(1, &log());
    scene.break_off().welcome_to(2).past(1..3).lines([Line::Past(message(5, "ann", "hers"))]);
    scene.end(History::Last, false);
    assert_eq!(scene.ours(), ["3", "5"]);
    assert_eq!(scene.room.kept().names, []);
}

#[test]
fn so_many_names_are_known() {
    let mut scene = scene();
    scene.log_in();
    for number in 1..=MAX_NAMES as u64 + 3 {
        let name = format!("ann{number}");
        scene.rename(&name).you(&name).pass(60).say("x").ack(number, 2 + number);
    }
    let names = scene.room.kept().names;
    assert_eq!((names.len(), names[0].since), (MAX_NAMES, 6));
}
