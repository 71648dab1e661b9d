//! Each notice is a line in both languages, and has its code.

use super::*;
use crate::code::Code;
use crate::command::{Command, CommandError, Speaker};
use crate::full::ServerCommand;

fn ann() -> Name {
    Name::parse("ann").unwrap()
}

fn refused(why: NameRefusal) -> Notice {
    Notice::NameRefused { why, still: Name::guest(7) }
}

fn done(deed: Deed) -> Notice {
    Notice::Done { by: ann(), whom: Name::guest(7), deed }
}

fn sent_out(why: Option<&str>, banned: bool) -> Notice {
    Notice::SentOut { by: ann(), why: why.map(str::to_owned), banned }
}

#[test]
fn every_notice_is_a_valid_line_in_both_languages() {
    for notice in [
        refused(NameRefusal::Taken),
        refused(NameRefusal::Invalid(NameError::Invisible('\u{200B}'))),
        refused(NameRefusal::Owned),
        refused(NameRefusal::KeyWrong),
        refused(NameRefusal::Banned),
        refused(NameRefusal::KeyBanned),
        refused(NameRefusal::TooMany),
        refused(NameRefusal::Busy),
        Notice::Registered(ann()),
        Notice::NameTakenOver { lost: ann(), now: Name::guest(8) },
        Notice::AuthRequired,
        Notice::AuthFailed,
        Notice::AuthGivenUp,
        Notice::AuthBusy,
        Notice::NoPassword,
        Notice::Admitted,
        Notice::TlsRequired,
        Notice::TlsOff,
        Notice::LineRefused(CommandError::Unknown("GET").to_string()),
        Notice::of_line(LineError::TooLong),
        Notice::of_line(LineError::ControlCharacter("\t")),
        Notice::TextRefused(TextError::TooLong(5000)),
        Notice::TooFast(10),
        Notice::AsksTooFast,
        Notice::RoomFull,
        Notice::AddressFull,
        Notice::AddressBanned,
        Notice::NotHttp,
        Notice::NotStored,
        Notice::Busy,
        Notice::NotPermitted,
        Notice::NobodyHere(ann()),
        Notice::NotThisOne(ann()),
        Notice::NotBanned(ann()),
        Notice::NoSuchMessage(7),
        Notice::Muted(7),
        done(Deed::Kicked { why: Some("x".repeat(crate::limits::MAX_REASON)) }),
        done(Deed::Muted(600)),
        sent_out(None, true),
        Notice::Stopping,
    ] {
        let words = notice.to_string();
        let line = notice.to_line();
        match Command::parse(&line) {
            Ok(Command::Message { from: Speaker::Server, text }) => assert_eq!(text.as_str(), words),
            other => panic!("{line:?} is {other:?}"),
        }
        let line = notice.to_full_line();
        match ServerCommand::parse(&line) {
            Ok(ServerCommand::Bye { why, .. }) => assert_eq!(why.as_str(), words),
            Ok(ServerCommand::Notice(text)) => assert_eq!(text.as_str(), words),
            Ok(ServerCommand::Error { code: Code::Known(code), txn: None, words: text }) => {
                assert_eq!((Some(code), text.as_str()), (notice.code(), words.as_str()));
            }
            other => panic!("{line:?} is {other:?}"),
        }
    }
}

#[test]
fn what_admins_do_is_told_in_a_sentence() {
    let check = |deed, expected: &str| assert_eq!(done(deed).to_full_line(), format!("NOTICE {expected}"));
    check(Deed::Kicked { why: None }, "guest-7 was sent out by ann");
    check(Deed::Banned { why: Some("spam".into()) }, "guest-7 was banned by ann: spam");
    check(Deed::Unbanned, "guest-7 may come back, says ann");
    check(Deed::Muted(90), "guest-7 was silenced by ann for 90 seconds");
    check(Deed::Muted(600), "guest-7 was silenced by ann for 10 minutes");
    check(Deed::Muted(86_400), "guest-7 was silenced by ann for 1 day");
    check(Deed::Unmuted, "guest-7 may speak again, says ann");
    check(Deed::Removed(7), "ann took back a message of guest-7");
    assert_eq!(sent_out(None, false).to_full_line(), "BYE 60000 you were sent out by ann");
    assert_eq!(sent_out(Some("spam"), true).to_line(), "MESSAGE * you were banned by ann: spam");
}

#[test]
fn what_is_an_error_has_its_code() {
    fn check(notice: Notice, expected: Option<ErrorCode>) {
        assert_eq!(notice.code(), expected, "{notice}");
        let line = expected.map(|code| format!("ERROR {code} 5 {notice}"));
        assert_eq!(notice.to_error_line(Some(5)), line);
    }
    check(refused(NameRefusal::Owned), Some(ErrorCode::NameTaken));
    check(refused(NameRefusal::KeyWrong), Some(ErrorCode::KeyWrong));
    check(refused(NameRefusal::Banned), Some(ErrorCode::NotPermitted));
    check(refused(NameRefusal::KeyBanned), Some(ErrorCode::NotPermitted));
    check(Notice::AuthRequired, Some(ErrorCode::AuthRequired));
    check(Notice::AuthFailed, Some(ErrorCode::AuthFailed));
    check(Notice::NoPassword, None);
    check(Notice::Muted(7), Some(ErrorCode::NotPermitted));
    check(done(Deed::Unmuted), None);
    check(refused(NameRefusal::Taken), Some(ErrorCode::NameTaken));
    check(refused(NameRefusal::Invalid(NameError::Reserved)), Some(ErrorCode::NameReserved));
    check(refused(NameRefusal::Invalid(NameError::WhiteSpace)), Some(ErrorCode::NameInvalid));
    check(Notice::TextRefused(TextError::TooLong(5000)), Some(ErrorCode::TextInvalid));
    check(Notice::of_line(LineError::TooLong), Some(ErrorCode::LineTooLong));
    check(Notice::of_line(LineError::NotUtf8(b"\xff")), Some(ErrorCode::NotUtf8));
    check(Notice::of_line(LineError::ControlCharacter("\t")), Some(ErrorCode::TextInvalid));
    let unknown = CommandError::Unknown("GET").to_string();
    check(Notice::LineRefused(unknown), Some(ErrorCode::UnknownCommand));
    check(Notice::TooFast(10), Some(ErrorCode::RateLimited));
    check(Notice::RoomFull, Some(ErrorCode::Busy));
    check(Notice::AddressFull, Some(ErrorCode::Busy));
    check(Notice::NotHttp, Some(ErrorCode::UnknownCommand));
    check(Notice::NotStored, Some(ErrorCode::Busy));
    check(Notice::Stopping, None);
}

#[test]
fn what_a_client_must_know_is_recognised() {
    for why in [NameRefusal::Taken, NameRefusal::KeyWrong, NameRefusal::Invalid(NameError::WhiteSpace)] {
        let notice = Notice::NameRefused { why, still: ann() }.to_string();
        assert_eq!(Notice::read_name_refused(&notice), Some((why.to_string().as_str(), "ann")));
    }
    assert_eq!(Notice::read_name_refused(&Notice::Stopping.to_string()), None);
    let registered = Notice::Registered(ann()).to_string();
    assert_eq!(registered, "ann is yours now; keep its key");
    assert_eq!(Notice::read_registered(&registered), Some("ann"));
    assert_eq!(Notice::read_registered(&Notice::Stopping.to_string()), None);
    assert_eq!(Notice::read_too_fast(&Notice::TooFast(12).to_string()), Some(12));
    assert_eq!(Notice::read_too_fast(&Notice::Stopping.to_string()), None);
}

#[test]
fn who_is_not_let_in_is_told_why_and_when_to_come_back() {
    for (notice, code, wait) in [
        (Notice::RoomFull, "busy", TURNED_AWAY),
        (Notice::AddressFull, "busy", TURNED_AWAY),
        (Notice::AuthBusy, "busy", GUESSING),
        (Notice::AddressBanned, "not-permitted", BANNED),
        (Notice::TlsRequired, "not-permitted", TURNED_AWAY),
        (Notice::AuthGivenUp, "auth-failed", TURNED_AWAY),
    ] {
        assert_eq!(notice.to_farewell(), format!("ERROR {code} - {notice}\nBYE {wait} {notice}"));
    }
    assert_eq!(Notice::Stopping.to_farewell(), format!("BYE {RESTARTED} {}", Notice::Stopping));
}
