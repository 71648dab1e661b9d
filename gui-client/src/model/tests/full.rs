//! The rules of the full language, one by one.

use chat_shared::{ErrorCode, History};

use super::server::{message, room};
use super::*;
use crate::link::Welcome;

impl Scene {
    pub(super) fn welcome_to(&mut self, log: u8) -> &mut Self {
        self.link += 1;
        let welcome = Welcome { room: room(log), name: "ann".to_owned(), as_own: false, sealed: false };
        let link = self.link;
        self.apply(News::Connecting { address: None }).apply(News::Connected { link, welcome: Some(welcome) })
    }

    pub(super) fn welcome(&mut self) -> &mut Self {
        self.welcome_to(1)
    }

    pub(super) fn line(&mut self, line: Line) -> &mut Self {
        self.apply(News::Lines(vec![line]))
    }

    pub(super) fn past(&mut self, ids: std::ops::Range<u64>) -> &mut Self {
        let lines = ids.map(|id| Line::Past(message(id, "bob", &id.to_string()))).collect();
        self.apply(News::Lines(lines))
    }

    pub(super) fn post(&mut self, id: u64) -> &mut Self {
        self.line(Line::Post(message(id, "bob", &id.to_string())))
    }

    pub(super) fn end(&mut self, history: History, more: bool) -> &mut Self {
        self.line(Line::End { history, more })
    }

    pub(super) fn ack(&mut self, txn: u64, id: u64) -> &mut Self {
        self.line(Line::Ack { txn, id, at: id as i64 })
    }

    pub(super) fn error(&mut self, code: ErrorCode, txn: u64) -> &mut Self {
        self.line(Line::Error { code: Some(code), txn: Some(txn), words: "because".to_owned() })
    }

    /// A connection that has shown these messages.
    pub(super) fn show(&mut self, ids: std::ops::Range<u64>, more: bool) -> &mut Self {
        self.welcome().past(ids).end(History::Last, more);
        self.orders.clear();
        self
    }

    pub(super) fn older(&mut self) -> Vec<Order> {
        let at = self.at();
        self.room.near_oldest(at)
    }

    /// The numbers and texts handed out since this was last asked.
    pub(super) fn posts(&mut self) -> Vec<(u64, String)> {
        let orders = std::mem::take(&mut self.orders).into_iter();
        orders
            .filter_map(
                |order| if let Order::Post { txn, text, .. } = order { Some((txn, text)) } else { None },
            )
            .collect()
    }

    /// All there is to read.
    /// What stands below the line above what is new.
    pub(super) fn news(&self) -> Option<&str> {
        let timeline = self.room.timeline();
        let line = self.room.unread().line()?;
        timeline.get(timeline.position(line)).map(Entry::text)
    }

    pub(super) fn words(&self) -> Vec<&str> {
        self.entries().map(|(_, entry)| entry.text()).collect()
    }
}

pub(super) fn post(txn: u64, text: &str) -> (u64, String) {
    (txn, text.to_owned())
}

#[test]
fn a_message_of_several_lines_is_one_and_takes_its_place_once_it_is_confirmed() {
    let mut scene = scene();
    scene.show(1..3, false).say("one\ntwo");
    assert_eq!(scene.posts(), [post(1, "one\ntwo")]);
    scene.post(3);
    assert_eq!(scene.talk(), ["bob: 1", "bob: 2", "bob: 3", "Waiting: one\ntwo"]);
    scene.ack(1, 4).post(5);
    assert_eq!(scene.talk(), ["bob: 1", "bob: 2", "bob: 3", "Sent: one\ntwo", "bob: 5"]);
    assert_eq!(scene.room.waiting(), 0);
}

#[test]
fn after_a_break_what_is_not_confirmed_goes_out_again_before_the_history_is_asked_for() {
    let mut scene = scene();
    scene.show(1..3, false).say("one").say("two").ack(1, 3).break_off();
    scene.orders.clear();
    scene.say("three").welcome();
    let link = scene.link;
    let texts = [(2, "two"), (3, "three")];
    let mut expected: Vec<_> =
        texts.map(|(txn, text)| Order::Post { link, txn, text: text.to_owned() }).into();
    expected.push(Order::After { link, room: room(1), id: 3 });
    assert_eq!(scene.orders, expected);
    // The message was there; it comes as history before its confirmation does.
    scene.past(4..5).line(Line::Past(message(5, "ann", "two"))).past(6..7);
    scene.ack(2, 5).end(History::After, false).ack(3, 7);
    assert_eq!(
        scene.talk(),
        ["bob: 1", "bob: 2", "Sent: one", "bob: 4", "Sent: two", "bob: 6", "Sent: three"]
    );
    assert_eq!(scene.room.kept().known, Some((room(1), 7)));
}

#[test]
fn a_busy_server_is_left_alone_for_a_while_and_then_gets_all_in_order() {
    let mut scene = scene();
    scene.show(0..0, false).say("one").say("two").say("three");
    assert_eq!(scene.posts().len(), 3);
    scene.error(ErrorCode::Busy, 1).error(ErrorCode::TxnOrder, 2).error(ErrorCode::TxnOrder, 3);
    scene.say("four");
    assert_eq!(scene.posts(), []);
    scene.now = scene.next_tick().unwrap() - scene.start;
    assert_eq!(scene.now, Duration::from_secs(1));
    let all = ["one", "two", "three", "four"];
    let all: Vec<_> = (1..).zip(all).map(|(txn, text)| post(txn, text)).collect();
    assert_eq!(scene.pass(0).posts(), all);
    for pause in [2, 4, 8, 10, 10] {
        scene.error(ErrorCode::Busy, 1).pass(pause - 1);
        assert_eq!(scene.posts(), []);
        assert_eq!(scene.pass(1).posts(), all);
    }
    scene.ack(1, 1).error(ErrorCode::Busy, 2).pass(1);
    assert_eq!(scene.posts(), all[1..]);
}

#[test]
fn what_the_server_has_forgotten_counts_as_sent() {
    let mut scene = scene();
    scene.show(0..0, false).say("one").say("two").error(ErrorCode::TxnOrder, 2);
    assert_eq!(scene.talk(), ["Waiting: one", "Waiting: two"]);
    scene.error(ErrorCode::TxnOrder, 1);
    assert_eq!(scene.talk(), ["Sent: one", "Waiting: two"]);
}

#[test]
fn what_is_refused_for_good_is_told_and_its_number_used_again() {
    let mut scene = scene();
    scene.show(0..0, false).say("one").say("two").say("three").posts();
    scene.error(ErrorCode::TextInvalid, 1).error(ErrorCode::TxnOrder, 2).error(ErrorCode::TxnOrder, 3);
    assert_eq!(scene.posts(), [post(1, "two"), post(2, "three")]);
    assert!(scene.words().contains(&"because"));
    scene.ack(1, 1).ack(2, 2).say("four");
    assert_eq!(scene.posts(), [post(3, "four")]);
    assert_eq!(scene.talk(), ["Refused: one", "Sent: two", "Sent: three", "Waiting: four"]);
    let (one, at) = (scene.number_of("one"), scene.at());
    let orders = scene.room.send_again(one, at);
    assert_eq!(orders, [Order::Post { link: 1, txn: 4, text: "one".to_owned() }]);
    assert_eq!(scene.talk().last().unwrap(), "Waiting: one");
}

#[test]
fn only_so_many_are_on_their_way() {
    let mut scene = scene();
    scene.show(0..0, false);
    for number in 0..50 {
        scene.say(&number.to_string());
    }
    assert_eq!(scene.posts().len(), posts::MAX_ON_THEIR_WAY);
    scene.pass(60);
    assert_eq!(scene.posts(), []);
    assert_eq!(scene.ack(1, 1).posts(), [post(33, "32")]);
}

#[test]
fn what_was_said_before_anybody_answered_goes_out_in_the_language_there_is() {
    let mut full = scene();
    full.say("one\ntwo").welcome();
    assert_eq!(full.posts(), [post(1, "one\ntwo")]);
    assert_eq!((full.room.waiting(), full.room.unsent()), (2, String::new()));
    // A room that spoke the full language is one of the base now.
    let kept = Kept { known: Some((room(1), 5)), ..Kept::default() };
    let mut base = scene_with(kept);
    base.say("one\ntwo").connect();
    assert_eq!(base.sends(), ["one", "two"]);
    assert_eq!(base.room.kept().next_txn, 1);
}

#[test]
fn a_welcome_may_come_late() {
    let mut scene = scene();
    scene.connect().say(&(0..60).map(|n| n.to_string()).collect::<Vec<_>>().join("\n")).write();
    let link = scene.link;
    let welcome = Some(Welcome { room: room(1), name: "ann".to_owned(), as_own: false, sealed: false });
    scene.apply(News::Connected { link, welcome });
    let rest: Vec<_> = (39..60).map(|n| n.to_string()).collect();
    assert_eq!(scene.posts(), [post(1, &rest.join("\n"))]);
    scene.end(History::Last, false).ack(1, 1);
    assert_eq!(scene.words().iter().filter(|words| words.starts_with("Connected")).count(), 1);
}

#[test]
fn a_name_is_known_when_the_server_says_so() {
    let mut scene = scene();
    scene.show(0..0, false).rename("eve");
    let error = |code| {
        let still = Name::parse("ann").unwrap();
        let why = chat_shared::notice::NameRefusal::Taken;
        let words = Notice::NameRefused { why, still }.to_string();
        Line::Error { code: Some(code), txn: None, words }
    };
    scene.line(error(ErrorCode::NameTaken));
    assert_eq!((scene.room.name(), scene.room.refused().unwrap().wanted.as_str()), ("ann", "eve"));
    scene.rename("zoe").line(Line::You("zoe".to_owned()));
    assert_eq!((scene.room.name(), scene.room.refused()), ("zoe", None));
}

#[test]
fn what_one_session_has_begun_to_say_waits_for_it_and_the_rest_goes_out_under_the_other() {
    let connect = |scene: &mut Scene, sealed| {
        scene.link += 1;
        let welcome = Welcome { room: room(1), name: "ann".to_owned(), as_own: false, sealed };
        let link = scene.link;
        scene.apply(News::Connected { link, welcome: Some(welcome) });
    };
    let mut scene = scene();
    connect(&mut scene, false);
    scene.say("one").say("two").break_off();
    scene.say("three");
    let must = scene.room.changes().must;
    connect(&mut scene, true);
    assert!(scene.room.changes().must > must, "it is kept before anything goes out");
    assert_eq!(scene.posts().last(), Some(&post(1, "three")), "that session has said nothing yet");
    assert_eq!(scene.room.waiting(), 3);
    scene.break_off();
    // After a crash, too.
    let kept = scene.room.kept();
    assert_eq!((kept.sealed, kept.next_txn, kept.other.next_txn), (true, 2, 3));
    let mut scene = scene_with(kept.clone());
    assert_eq!(scene.room.kept(), kept);
    connect(&mut scene, true);
    assert_eq!(scene.posts(), [post(1, "three")]);
    scene.ack(1, 5).break_off();
    connect(&mut scene, false);
    assert_eq!(scene.posts(), [post(1, "one"), post(2, "two")]);
    scene.say("four");
    assert_eq!(scene.posts().last(), Some(&post(3, "four")));
}
