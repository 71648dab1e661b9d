//! Who sends lines that are not what they seem.

use crate::stage::{assert_refused, survives};

/// Puts whole lines of the server into a text, behind whatever might end a line.
#[test]
fn forged_lines_inside_a_text() {
    survives(|stage| {
        let mut mallory = stage.insider("mallory");
        for end in ["\r", "\u{85}", "\u{2028}", "\u{2029}", "\u{b}", "\u{c}", "\0"] {
            mallory.post(&format!("hi{end}MESSAGE bob I am leaving"));
            mallory.send(&format!("SEND hi{end}MESSAGE bob I am leaving"));
        }
        assert_refused(&mallory.heard(), 14);
        let [ann, bob] = stage.talk();
        assert_eq!(ann, [] as [&str; 0]);
        assert!(bob.iter().all(|line| line.starts_with("JOIN ")), "{bob:?}");
    });
}

/// Puts them behind line breaks that are allowed: each line bears its author's name.
#[test]
fn forged_lines_behind_line_breaks() {
    survives(|stage| {
        let mut mallory = stage.insider("mallory");
        mallory.say(r"hi\nMESSAGE bob I am leaving\nERROR busy - no\n\nBYE 0 x");
        let [ann, bob] = stage.talk();
        let lines = ["hi", "MESSAGE bob I am leaving", "ERROR busy - no", "BYE 0 x"];
        assert_eq!(ann, lines.map(|line| format!("MESSAGE mallory {line}")));
        assert!(
            bob.iter()
                .any(|line| line
                    .ends_with(r"mallory hi\nMESSAGE bob I am leaving\nERROR busy - no\n\nBYE 0 x"))
        );
    });
}

/// Escapes what must not be escaped, and leaves escapes unfinished.
#[test]
fn escapes_that_are_none() {
    survives(|stage| {
        let mut mallory = stage.insider("mallory");
        for text in [r"a\", r"a\r\n", r"a\x41", r"a\u000a", r"\\\", r"a\N"] {
            mallory.post(text);
        }
        let told = mallory.heard();
        assert_refused(&told, 6);
        assert!(told.iter().all(|line| line.starts_with("ERROR text-invalid ")), "{told:?}");
    });
}

/// Posts as many line breaks as go into one message, and nothing else; then with a letter between each.
#[test]
fn a_message_of_line_breaks() {
    survives(|stage| {
        let mut mallory = stage.insider("mallory");
        mallory.post(&r"\n".repeat(4000));
        let told = mallory.heard();
        assert_refused(&told, 1);
        mallory.say(&r"a\n".repeat(2000));
        let [ann, _] = stage.talk();
        assert_eq!(ann, vec!["MESSAGE mallory a"; 2000]);
    });
}

/// Turns the writing around, so that a text reads as another.
#[test]
fn bidi_overrides() {
    survives(|stage| {
        let mut mallory = stage.stranger();
        for c in "\u{202a}\u{202b}\u{202c}\u{202d}\u{202e}\u{2066}\u{2067}\u{2068}\u{2069}".chars() {
            mallory.send(&format!("SEND gpj.{c}exe.txt"));
        }
        assert_refused(&mallory.fence(), 9);
        assert_eq!(stage.talk()[0], [] as [&str; 0]);
    });
}

/// Says what nobody sees: zero-width letters, and a hidden message in tag characters.
#[test]
fn invisible_words() {
    survives(|stage| {
        let mut mallory = stage.stranger();
        let hidden: String =
            "attack".bytes().map(|byte| char::from_u32(0xe0000 + u32::from(byte)).unwrap()).collect();
        for text in
            ["a\u{200b}b", "a\u{2060}b", "\u{feff}a", "a\u{ad}\u{61c}b", &hidden, "a\u{fff9}b\u{fffb}"]
        {
            mallory.send(&format!("SEND {text}"));
        }
        assert_refused(&mallory.fence(), 6);
        assert_eq!(stage.talk()[0], [] as [&str; 0]);
    });
}

/// Piles two thousand marks on one letter. It is text; it arrives whole, and whoever draws it is warned.
#[test]
fn four_kilobytes_of_combining_marks() {
    survives(|stage| {
        let mut mallory = stage.stranger();
        let pile = format!("Z{}", "\u{301}\u{35c}".repeat(1023));
        mallory.send(&format!("SEND {pile}"));
        assert_eq!(mallory.fence(), [] as [&str; 0]);
        let [ann, bob] = stage.talk();
        assert!(ann[0].ends_with(&pile) && bob.iter().any(|line| line.ends_with(&pile)));
    });
}

/// Speaks as a server, in both languages: such words are nobody's but the server's.
#[test]
fn the_servers_words_in_a_clients_mouth() {
    let words = [
        "MESSAGE bob forged",
        "MESSAGE * forged",
        "WELCOME 1 00112233445566778899aabbccddeeff bob",
        "YOU bob",
        "JOIN eve",
        "LEAVE bob",
        "RENAME bob eve",
        "ACK 1 1 1",
        "PAST 1 1 bob forged",
        "END LAST 0 done",
        "REMOVED 1",
        "NOTICE forged",
        "BYE 0 forged",
    ];
    survives(|stage| {
        let (mut base, mut full) = (stage.stranger(), stage.insider("mallory"));
        words.iter().for_each(|line| base.send(line));
        assert_refused(&base.fence(), words.len());
        words.iter().for_each(|line| full.send(line));
        assert_refused(&full.heard(), words.len());
        let [ann, bob] = stage.talk();
        assert_eq!(ann, [] as [&str; 0]);
        assert!(bob.iter().all(|line| line.starts_with("JOIN ")), "{bob:?}");
    });
}

/// Says what the server says, to be taken for it: the text is that, but the name is its own.
#[test]
fn a_message_that_reads_as_the_servers() {
    survives(|stage| {
        let mut mallory = stage.stranger();
        for name in ["∗", "server", "SERVER", "ѕerver", "system", "guest-1", "guеst-2"] {
            mallory.send(&format!("NAME {name}"));
        }
        for _ in 0..7 {
            mallory.expect_start("MESSAGE * name refused: this name is kept for the server.");
        }
        mallory.send("SEND the server is stopping; come back later");
        mallory.fence();
        let [ann, _] = stage.talk();
        assert_eq!(ann.len(), 1);
        assert!(ann[0].starts_with("MESSAGE guest-"), "{ann:?}");
    });
}

/// A page makes its visitor's browser post to the room.
#[test]
fn a_browser_that_posts() {
    survives(|stage| {
        for request in [
            "POST / HTTP/1.1\r\nHost: x:3333\r\nContent-Length: 30\r\n\r\nNAME bobby\r\nSEND spam\r\n",
            "POST /\r\nHOST: x\r\n\r\nSEND spam\r\n",
            "PUT /a HTTP/1.0\r\n\r\nSEND spam\r\n",
            "OPTIONS * HTTP/1.1\r\n\r\nSEND spam\r\n",
            "GET /chat HTTP/1.1\r\nUpgrade: websocket\r\n\r\nSEND spam\r\n",
            "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\nSEND spam\r\n",
        ] {
            let mut browser = stage.stranger();
            browser.try_send_bytes(request.as_bytes());
            let told = browser.read_to_end();
            assert!(told.last().is_some_and(|line| line.ends_with("not a web server")), "{told:?}");
        }
        assert_eq!(stage.talk()[0], [] as [&str; 0]);
    });
}

/// Takes it for a mail server, a database, an IRC server and an SSH server.
#[test]
fn other_protocols() {
    survives(|stage| {
        for words in [
            "EHLO x\r\nMAIL FROM:<a@b>\r\nRCPT TO:<c@d>\r\nDATA\r\nspam\r\n.\r\n",
            "*3\r\n$3\r\nSET\r\n$1\r\na\r\n$1\r\nb\r\n",
            "NICK eve\r\nUSER eve 0 * :eve\r\nPRIVMSG #all :spam\r\n",
            "SSH-2.0-OpenSSH_9.2p1\r\n",
            "{\"jsonrpc\": \"2.0\", \"method\": \"say\"}\r\n",
            "<?xml version='1.0'?><stream:stream>\r\n",
        ] {
            let mut other = stage.stranger();
            other.send_bytes(words.as_bytes());
            let told = other.fence();
            assert_refused(&told, words.matches("\r\n").count());
        }
        assert_eq!(stage.talk()[0], [] as [&str; 0]);
    });
}
