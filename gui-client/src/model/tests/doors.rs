//! Names that belong to us, what is asked before there is a connection, and what admins do.

use chat_shared::notice::NameRefusal;
use chat_shared::{ErrorCode, History};

use super::*;
use crate::address::Address;
use crate::link::{Answer, Deed, Message, Question, Welcome};

fn message(id: u64, from: &str, text: &str) -> Message {
    Message { id, at: id as i64, from: from.to_owned(), text: text.to_owned() }
}

impl Scene {
    /// A server of the full language, which is asked for names as our own.
    pub(super) fn log_in(&mut self) -> &mut Self {
        self.link += 1;
        let room = chat_shared::RoomId::from_bytes([1; 16]);
        let welcome = Some(Welcome { room, name: "guest-1".to_owned(), as_own: true, sealed: true });
        let link = self.link;
        self.apply(News::Connecting { address: None }).apply(News::Connected { link, welcome });
        let end = Line::End { history: History::Last, more: false };
        self.lines([Line::Past(message(1, "ann", "before")), Line::Past(message(2, "bob", "hi")), end])
    }

    pub(super) fn lines(&mut self, lines: impl IntoIterator<Item = Line>) -> &mut Self {
        self.apply(News::Lines(lines.into_iter().collect()))
    }

    fn texts(&self) -> Vec<&str> {
        self.entries().map(|(_, entry)| entry.text()).collect()
    }
}

#[test]
fn a_name_is_ours_once_the_server_says_so_and_no_longer_than_that() {
    let mut scene = scene();
    scene.log_in();
    assert!(!scene.room.name_is_own());
    scene.lines([Line::You("ann".to_owned())]);
    assert!(scene.room.name_is_own());
    // Somebody with the same key has come.
    scene.lines([Line::You("guest-2".to_owned())]);
    assert!(!scene.room.name_is_own());
    scene.lines([Line::You("ann".to_owned())]).break_off();
    assert!(!scene.room.name_is_own());
    // In the base nothing belongs to anybody.
    scene.connect();
    assert!(!scene.room.name_is_own());
}

#[test]
fn a_server_that_knows_no_keys_is_asked_as_before() {
    let mut scene = scene();
    scene.log_in().orders.clear();
    let words = "line refused: unknown".to_owned();
    let error = Line::Error { code: Some(ErrorCode::UnknownCommand), txn: None, words };
    scene.lines([error.clone()]);
    let ask = Order::Name { name: Name::parse("ann").unwrap(), say: true, as_own: false };
    assert_eq!(scene.orders, [ask]);
    // Once is enough, and nothing is ours there.
    scene.lines([error, Line::You("ann".to_owned())]);
    assert_eq!((scene.orders.len(), scene.room.name_is_own()), (1, false));
}

#[test]
fn a_wrong_key_offers_another_name() {
    let mut scene = scene();
    scene.log_in();
    let why = chat_shared::notice::NameRefusal::KeyWrong;
    let words = chat_shared::Notice::NameRefused { why, still: Name::guest(1) }.to_string();
    scene.lines([Line::Error { code: Some(ErrorCode::KeyWrong), txn: None, words }]);
    let refused = scene.room.refused().unwrap();
    assert_eq!((refused.wanted.as_str(), refused.still.as_str()), ("ann", "guest-1"));
    assert!(refused.why.contains("key"), "{}", refused.why);
}

impl Scene {
    /// The server refuses a name, because somebody else bears it.
    fn refuse_taken(&mut self, still: Name) -> &mut Self {
        let why = chat_shared::notice::NameRefusal::Taken;
        let words = Notice::NameRefused { why, still }.to_string();
        self.lines([Line::Error { code: Some(ErrorCode::NameTaken), txn: None, words }])
    }

    /// The names that were asked for since this was last asked, as they are asked for aloud.
    fn asked(&mut self) -> Vec<String> {
        let orders = std::mem::take(&mut self.orders).into_iter();
        let asked = |order| {
            if let Order::Name { name, say: true, .. } = order { Some(name.to_string()) } else { None }
        };
        orders.filter_map(asked).collect()
    }
}

#[test]
fn a_taken_name_is_asked_for_again_once_nobody_bears_it() {
    let [ann, bob, kim] = ["Ann", "bob", "kim"].map(|name| Name::parse(name).unwrap());
    let mut scene = scene();
    scene.log_in().lines([Line::Users(vec![ann.clone(), bob.clone()]), Line::EndUsers]);
    scene.refuse_taken(Name::guest(1));
    let told = scene.texts().len();
    assert!(scene.room.refused().is_some());
    scene.lines([Line::Leave(bob)]).pass(0);
    assert_eq!(scene.asked(), [""; 0], "bob is not in the way");
    scene.lines([Line::Rename { old: ann.clone(), new: kim }]).pass(0);
    assert_eq!(scene.asked(), ["ann"]);
    scene.pass(60);
    assert_eq!((scene.room.name(), scene.next_tick()), ("guest-1", None), "silence is no answer here");
    scene.lines([Line::You("ann".to_owned())]);
    assert_eq!((scene.room.name(), scene.room.refused(), scene.room.name_is_own()), ("ann", None, true));
    assert_eq!(scene.texts().last(), Some(&"The name ann has become free: you are called so now."));
    assert_eq!(scene.texts().len(), told + 3, "who left, who is called otherwise, who we are");
}

#[test]
fn a_name_that_was_to_replace_ours_is_asked_for_again_too() {
    let (ann, eve) = (Name::parse("ann").unwrap(), Name::parse("eve").unwrap());
    let mut scene = scene();
    scene.log_in().lines([Line::You("ann".to_owned())]).rename("eve").refuse_taken(ann.clone());
    assert_eq!(scene.room.wanted_name(), &ann);
    scene.orders.clear();
    scene.lines([Line::Leave(eve.clone())]).pass(0);
    assert_eq!((scene.asked(), scene.room.wanted_name()), (vec!["eve".to_owned()], &eve));
    // Somebody was faster.
    scene.refuse_taken(ann.clone());
    assert_eq!(scene.orders, [Order::Name { name: ann.clone(), say: false, as_own: true }]);
    assert_eq!((scene.room.wanted_name(), scene.room.name()), (&ann, "ann"));
    assert_eq!(scene.room.refused().map(|refused| &refused.wanted), Some(&eve));
    // And comes and goes, which is followed at our own pace.
    scene.orders.clear();
    scene.lines([Line::Join(eve.clone()), Line::Leave(eve.clone())]).pass(4);
    assert_eq!(scene.asked(), [""; 0]);
    assert_eq!(scene.pass(1).asked(), ["eve"]);
    // Who has decided to stay is not called otherwise.
    scene.refuse_taken(ann).room.keep_name();
    scene.orders.clear();
    scene.lines([Line::Leave(eve)]).pass(60);
    assert_eq!((scene.asked(), scene.room.refused()), (Vec::new(), None));
}

#[test]
fn our_own_ghost_is_not_waited_for_longer_than_it_is_there() {
    let ann = Name::parse("ann").unwrap();
    let mut scene = scene();
    scene.log_in().lines([Line::You("ann".to_owned()), Line::Users(vec![ann.clone()]), Line::EndUsers]);
    let end = Line::End { history: History::After, more: false };
    scene.break_off().log_in().lines([end]).refuse_taken(Name::guest(1)).pass(1).orders.clear();
    assert_eq!(scene.room.refused(), None);
    scene.lines([Line::Leave(ann)]).pass(0);
    assert_eq!(scene.asked(), ["ann"]);
    scene.lines([Line::You("ann".to_owned())]);
    assert_eq!((scene.room.name(), scene.texts().last()), ("ann", Some(&"You are ann again.")));
}

#[test]
fn the_key_of_a_name_that_becomes_ours_is_no_burden() {
    let ann = Name::parse("ann").unwrap();
    let mut scene = scene();
    scene.log_in().lines([Line::You("ann".to_owned()), Line::Notice(Notice::Registered(ann).to_string())]);
    assert_eq!(scene.texts().last(), Some(&"ann is yours now: this computer keeps its key."));
}

#[test]
fn only_an_admin_acts() {
    let mut scene = scene();
    scene.log_in().lines([Line::You("ann".to_owned())]);
    let kick = Deed::Kick(Name::parse("bob").unwrap());
    assert_eq!(scene.room.act(kick.clone()), []);
    scene.lines([Line::Admin]);
    assert_eq!(scene.room.act(kick.clone()), [Order::Deed { link: 1, deed: kick.clone() }]);
    let spot = scene.room.timeline().iter().position(|entry| entry.text() == "hi");
    let spot = scene.room.timeline().spot(spot.unwrap()).unwrap();
    assert_eq!(scene.room.take_back(spot), [Order::Deed { link: 1, deed: Deed::Remove(2) }]);
    scene.rename("anna").lines([Line::You("anna".to_owned())]);
    assert!(scene.room.name_is_own() && !scene.room.is_admin(), "another name is not an admin's");
    scene.rename("ann").lines([Line::You("ann".to_owned()), Line::Admin]);
    assert!(scene.room.is_admin());
    scene.break_off().log_in().lines([Line::You("ann".to_owned())]);
    assert!(!scene.room.is_admin(), "the server says so anew on each connection");
}

#[test]
fn what_is_taken_back_is_gone_now_and_later() {
    let mut scene = scene();
    let at = scene.log_in().at();
    scene.room.search("hi", at);
    scene.pass(0);
    assert_eq!(scene.room.finds().unwrap().hits().len(), 1);
    scene.lines([Line::Removed(2), Line::Removed(77)]);
    assert!(
        !scene.texts().contains(&"hi") && scene.texts().contains(&"An admin has taken this message back.")
    );
    assert_eq!(scene.room.finds().unwrap().hits().len(), 0);
    // In an answer it stands in the message's place, and nothing seems to be missing there.
    scene.break_off();
    let room = chat_shared::RoomId::from_bytes([1; 16]);
    let welcome = Some(Welcome { room, name: "guest-1".to_owned(), as_own: true, sealed: true });
    scene.orders.clear();
    scene.apply(News::Connected { link: 2, welcome });
    assert_eq!(scene.orders, [Order::After { link: 2, room, id: 2 }]);
    let end = Line::End { history: History::After, more: false };
    scene.lines([Line::Removed(3), Line::Past(message(4, "bob", "later")), Line::Removed(5), end]);
    assert!(scene.room.timeline().iter().all(|entry| entry.kind != Kind::Hole));
    assert_eq!(scene.room.kept().known, Some((room, 5)));
}

#[test]
fn what_is_asked_is_asked_until_something_else_happens() {
    let mut scene = scene();
    let question = Question::PlainText { address: Address::local(5) };
    scene.apply(News::Connecting { address: None }).apply(News::Asks(question.clone()));
    assert_eq!(scene.room.question(), Some(&question));
    scene.apply(News::Connecting { address: None });
    assert_eq!(scene.room.question(), None);
    let answer = Answer::Password { password: crate::link::Secret("open sesame".to_owned()), remember: true };
    assert!(!format!("{answer:?}").contains("sesame"), "{answer:?}");
}

#[test]
fn who_comes_and_says_only_then_who_that_is_comes_under_that_name() {
    let mut scene = scene();
    scene.log_in().lines([Line::Users(Vec::new()), Line::EndUsers]);
    let (guest, kim) = (Name::guest(9), Name::parse("kim").unwrap());
    scene.lines([Line::Join(guest.clone()), Line::Rename { old: guest, new: kim.clone() }]);
    assert_eq!(scene.texts().last(), Some(&"kim came."));
    scene.lines([Line::Post(message(3, "kim", "hello"))]);
    scene.lines([Line::Rename { old: kim, new: Name::parse("eve").unwrap() }]);
    assert_eq!(scene.texts().last(), Some(&"kim is now called eve."));
}

#[test]
fn a_name_that_belongs_to_somebody_is_not_said_to_be_borne_here() {
    let refusal = |why: &str| Line::Error {
        code: Some(ErrorCode::NameTaken),
        txn: None,
        words: format!("name refused: {why}. Your name is still guest-1"),
    };
    let (taken, owned) = (NameRefusal::Taken.to_string(), NameRefusal::Owned.to_string());
    let why = |here: &[&str], said: &str| {
        let mut scene = scene();
        scene.log_in();
        if !here.is_empty() {
            let here = here.iter().map(|name| Name::parse_given(name).unwrap()).collect();
            scene.lines([Line::Users(here), Line::EndUsers]);
        }
        scene.lines([refusal(said)]);
        scene.room.refused().unwrap().why.clone()
    };
    assert!(why(&[], &owned).contains("belongs to somebody"), "by the server's words");
    assert!(!why(&[], &owned).contains("LOGIN"), "which are for who types lines");
    assert_eq!(
        why(&["guest-1", "bob"], "it is kept for somebody"),
        "it is kept for somebody",
        "by who is here"
    );
    assert_eq!(why(&["guest-1", "ANN"], "no"), taken);
    assert_eq!(why(&["guest-1", "bob"], &taken), taken, "who left just now");
    // In plain text, whose name it is cannot show that.
    let mut scene = scene();
    scene.log_in().apply(News::InPlainText).lines([refusal(&owned)]);
    assert!(scene.room.refused().unwrap().why.contains("plain text"));
}

#[test]
fn a_connection_in_plain_text_is_known_as_such_and_a_password_is_seen_to_be_checked() {
    let mut scene = scene();
    scene.connect();
    assert!(!scene.room.is_in_plain_text());
    scene.apply(News::InPlainText);
    assert!(scene.room.is_in_plain_text());
    scene.break_off();
    assert!(!scene.room.is_in_plain_text());
    scene.apply(News::Connecting { address: None }).apply(News::CheckingPassword);
    let since = scene.at().steady;
    assert_eq!(scene.room.connection(), &Connection::CheckingPassword { since });
    scene.connect();
    assert_eq!((scene.room.connection(), scene.room.is_in_plain_text()), (&Connection::Online, false));
}

#[test]
fn a_server_without_time_for_our_key_is_asked_again_and_less_and_less_often() {
    let mut scene = scene();
    scene.log_in().orders.clear();
    let busy = || {
        let notice = Notice::NameRefused { why: NameRefusal::Busy, still: Name::guest(20) };
        Line::Error { code: Some(ErrorCode::Busy), txn: None, words: notice.to_string() }
    };
    let ask = [Order::Name { name: Name::parse("ann").unwrap(), say: true, as_own: true }];
    for seconds in [2, 4, 8, 16, 32, 60, 60] {
        scene.lines([busy()]);
        assert_eq!((scene.room.name(), scene.room.refused()), ("guest-20", None));
        scene.pass(seconds - 1);
        assert_eq!(scene.orders, []);
        scene.pass(1);
        assert_eq!(std::mem::take(&mut scene.orders), ask);
    }
    let told =
        |scene: &Scene| scene.texts().iter().filter(|text| text.contains("has no time just now")).count();
    assert_eq!(told(&scene), 1);
    scene.lines([Line::You("ann".to_owned())]);
    assert!(scene.room.name_is_own());
    scene.pass(100);
    assert_eq!(scene.orders, []);
}
