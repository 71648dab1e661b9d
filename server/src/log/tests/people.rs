//! Names, bans and mutes outlive a server; what was taken back is nowhere any more.

use std::fs;

use super::*;

fn owned(name: &str) -> Owned {
    Owned { name: name.into(), hash: vec![7; 49] }
}

fn ban(name: &str, address: Option<&str>) -> Ban {
    let address = address.map(|address| address.parse().unwrap());
    Ban { name: name.into(), address, key: None, by: "ann".into() }
}

/// One that goes with a key.
fn key_ban(name: &str, key: u8) -> Ban {
    Ban { key: Some(vec![key; 49]), ..ban(name, None) }
}

fn mute(name: &str, until: u64) -> Mute {
    Mute { name: name.into(), address: None, until }
}

#[test]
fn who_is_who_outlives_the_server() {
    let mut room = Fixture::on_disk(ALL);
    assert_eq!(room.opened.people, People::default());
    room.say(&["a"]);
    for change in [
        Change::Own(owned("ann"), 1),
        Change::Own(owned("Bob"), 2),
        // It has another hash, and is not younger for that.
        Change::Own(Owned { hash: vec![6; 49], ..owned("ann") }, 9),
        Change::Ban(ban("eve", Some("2001:db8::")), 3),
        Change::Ban(ban("eve", None), 4),
        Change::Ban(ban("mallory", Some("10.0.0.1")), 5),
        Change::Ban(key_ban("mallory", 8), 6),
        Change::Ban(key_ban("mallory", 9), 7),
        Change::Ban(key_ban("mallory", 8), 6),
        Change::Mute(mute("carl", 600)),
        Change::Mute(mute("carl", 700)),
        Change::Mute(mute("dora", 800)),
    ] {
        assert_eq!(room.change(change), Changed::Done);
    }
    let mut room = room.reopened();
    let People { owned: names, bans, mutes } = &room.opened.people;
    assert_eq!(names, &[Owned { hash: vec![6; 49], ..owned("ann") }, owned("Bob")]);
    let with_keys = [key_ban("mallory", 8), key_ban("mallory", 9)];
    let without = [ban("eve", Some("2001:db8::")), ban("eve", None), ban("mallory", Some("10.0.0.1"))];
    assert_eq!(bans, &[&without[..], &with_keys].concat());
    assert_eq!(mutes, &[mute("carl", 700), mute("dora", 800)]);
    room.change(Change::Unban(vec!["mallory".into(), "nobody".into()]));
    room.change(Change::Unmute(vec!["carl".into()]));
    room.say(&["b"]);
    let People { bans, mutes, .. } = room.reopened().opened.people;
    assert_eq!(bans, [ban("eve", Some("2001:db8::")), ban("eve", None)]);
    assert_eq!(mutes, [mute("dora", 800)]);
}

#[test]
fn a_log_of_version_1_is_brought_to_this_one() {
    let mut room = Fixture::on_disk(ALL);
    room.say(&["from a while ago"]);
    // As that one was.
    let old = "DROP TABLE name; DROP TABLE ban; DROP TABLE mute; DROP TABLE salt; PRAGMA user_version = 1";
    room.on_writer(move |writer| writer.connection.execute_batch(old).unwrap());
    let room = room.reopened();
    let version = "SELECT user_version FROM pragma_user_version";
    let version = room.on_writer(move |writer| writer.connection.query_row(version, [], |row| row.get(0)));
    assert_eq!(version, Ok(super::super::folder::VERSION));
    assert_eq!(room.opened.people, People::default());
    room.change(Change::Own(owned("ann"), 1));
    let room = room.reopened();
    assert_eq!(room.opened.people.owned, [owned("ann")]);
    assert_eq!(room.ids(after(0, 9, 9)), (vec![1], false));
    assert_eq!(room.search("while"), [1]);
}

#[test]
fn a_log_of_version_2_is_brought_to_this_one() {
    let mut room = Fixture::on_disk(ALL);
    room.say(&["from a while ago"]);
    room.change(Change::Own(owned("ann"), 1));
    room.change(Change::Mute(mute("carl", 600)));
    // As that one was.
    let old = "DROP TABLE salt; DROP TABLE ban; CREATE TABLE ban (
            name TEXT NOT NULL, address TEXT NOT NULL, by TEXT NOT NULL, since INTEGER NOT NULL,
            PRIMARY KEY (name, address)
        ) STRICT, WITHOUT ROWID;
        INSERT INTO ban VALUES ('eve', '2001:db8::', 'ann', 3), ('eve', '', 'ann', 4);
        PRAGMA user_version = 2";
    room.on_writer(move |writer| writer.connection.execute_batch(old).unwrap());
    let room = room.reopened();
    let version = "SELECT user_version FROM pragma_user_version";
    let version = room.on_writer(move |writer| writer.connection.query_row(version, [], |row| row.get(0)));
    assert_eq!(version, Ok(super::super::folder::VERSION));
    let bans = vec![ban("eve", Some("2001:db8::")), ban("eve", None)];
    let mut people = People { owned: vec![owned("ann")], bans, mutes: vec![mute("carl", 600)] };
    assert_eq!(room.opened.people, people);
    let salt = room.opened.salt;
    room.change(Change::Ban(key_ban("eve", 8), 5));
    people.bans.push(key_ban("eve", 8));
    let room = room.reopened();
    assert_eq!((&room.opened.people, room.opened.salt), (&people, salt));
    assert_eq!(room.ids(after(0, 9, 9)), (vec![1], false));
}

#[test]
fn each_log_has_a_salt_of_its_own() {
    each(ALL, |room| {
        assert_ne!(room.opened.salt, [0; 16]);
        assert_ne!(room.opened.salt, room.opened.room, "that one is told to everybody");
        assert_ne!(room.opened.salt, Fixture::on_disk(ALL).opened.salt);
    });
}

#[test]
fn what_is_taken_back_keeps_its_place_and_loses_its_text() {
    each(ALL, |room| {
        room.say(&["first secret", "second secret"]);
        room.say(&["third secret"]);
        assert_eq!(room.search("secret"), [1, 2, 3]);
        assert_eq!(room.change(Change::Remove(2)), Changed::Removed("ann".into()));
        for id in [0, 2, 4, u64::MAX] {
            assert_eq!(room.change(Change::Remove(id)), Changed::NoMessage, "{id}");
        }
        let texts: Vec<_> = room.read(after(0, 9, 9)).entries.into_iter().map(|entry| entry.text).collect();
        assert_eq!(texts, ["first secret", "", "third secret"]);
        assert_eq!(room.search("secret"), [1, 3]);
        assert_eq!(room.search("second"), []);
        // What was not indexed yet, too.
        room.say(&["fourth secret"]);
        assert_eq!(room.change(Change::Remove(4)), Changed::Removed("ann".into()));
        assert_eq!(room.search("secret"), [1, 3]);
        room.say(&["fifth secret"]);
        assert_eq!(room.search("secret"), [1, 3, 5]);
    });
}

#[test]
fn trimming_gets_along_with_what_was_taken_back() {
    each(keep(2), |room| {
        for _ in 0..4 {
            room.say(&["a word", "a word", "a word"]);
            room.settle();
            assert_eq!(room.search("word").len(), 2);
            room.change(Change::Remove(room.last));
            room.change(Change::Remove(room.last - 1));
            room.settle();
            assert_eq!(room.search("word"), []);
        }
        assert_eq!(room.change(Change::Remove(1)), Changed::NoMessage, "it is gone");
    });
}

#[test]
fn the_files_have_nothing_of_it_any_more() {
    const SECRET: &str = "zanzibarquux";
    let mut room = Fixture::on_disk(ALL);
    let has = |room: &Fixture| {
        let files = fs::read_dir(room.folder.as_ref().unwrap().path()).unwrap();
        files.map(|file| fs::read(file.unwrap().path()).unwrap()).any(|bytes| {
            bytes.windows(SECRET.len()).any(|bytes| bytes.eq_ignore_ascii_case(SECRET.as_bytes()))
        })
    };
    room.say_much(500);
    // Long enough to have pages of its own.
    let long = format!("{} {SECRET} {}", "lorem ".repeat(300), "ipsum ".repeat(300));
    room.say(&[&long, &format!("short {SECRET}")]);
    room.say_much(500);
    room.settle();
    assert!(has(&room) && room.search(SECRET) == [501, 502]);
    for id in [501, 502] {
        room.change(Change::Remove(id));
    }
    room.settle();
    assert!(!has(&room));
    assert_eq!(room.search("lorem"), []);
    assert_eq!(room.search("500"), [500]);
}
