//! What one member sends, from bytes to requests. Knows the wire; knows no socket, no room and no clock.

use chat_shared::{Command, CommandError, LineDecoder, Name, NameError, Notice};

/// What a member asks of the room.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Request {
    /// Say these lines, each a valid text ended by LF.
    Say(String),
    /// Bear this name.
    Rename(Name),
    /// Bear a name that is none.
    BadName(NameError),
    /// Be told what was wrong.
    Tell(Notice),
}

/// The reading end of one member: an unfinished line, and nothing else while it is silent.
#[derive(Debug, Default)]
pub(crate) struct Intake {
    decoder: LineDecoder,
}

/// What came of some bytes.
#[derive(Debug, Default)]
pub(crate) struct Digest {
    /// In the order of their lines.
    pub(crate) requests: Vec<Request>,
    /// How many bytes are used up: all of them, unless there were more lines than allowed.
    pub(crate) used: usize,
    /// How many lines that was, refused ones counted.
    pub(crate) lines: usize,
    /// The other end does not speak our language and never will: let it go.
    pub(crate) hang_up: bool,
}

impl Intake {
    /// Turns `bytes` into requests, at most `allowed` lines of them. Of what is left over, the caller
    /// hands in the same bytes again, with what came later behind them.
    pub(crate) fn digest(&mut self, bytes: &[u8], allowed: usize) -> Digest {
        let mut digest = Digest::default();
        while digest.lines < allowed && !digest.hang_up {
            let (used, line) = self.decoder.decode(&bytes[digest.used..]);
            digest.used += used;
            let Some(line) = line else { break };
            digest.lines += 1;
            match line {
                Ok(line) => digest.take(line),
                Err(error) => digest.requests.push(Request::Tell(Notice::of_line(error))),
            }
        }
        digest
    }
}

impl Digest {
    fn take(&mut self, line: &str) {
        let request = match Command::parse(line) {
            Ok(Command::Send(text)) => {
                // Neighbours travel together: one request, however many lines.
                if let Some(Request::Say(lines)) = self.requests.last_mut() {
                    lines.push_str(text.as_str());
                    lines.push('\n');
                    return;
                }
                Request::Say(format!("{text}\n"))
            }
            Ok(Command::Name(name)) => Request::Rename(name),
            Err(CommandError::Name(error)) if line.starts_with("NAME") => Request::BadName(error),
            Err(CommandError::Text(error)) if line.starts_with("SEND") => {
                Request::Tell(Notice::TextRefused(error))
            }
            Err(_) if is_http(line) => {
                self.hang_up = true;
                Request::Tell(Notice::NotHttp)
            }
            // A server's word, MESSAGE, is none in a client's mouth.
            Ok(Command::Message { .. }) | Err(_) => {
                Request::Tell(Notice::LineRefused(CommandError::Unknown(line).to_string()))
            }
        };
        self.requests.push(request);
    }
}

/// A browser, or something that takes this port for a web server. What follows its first lines is
/// perhaps a body that somebody else wrote: none of it is for the room. A request line may be too long
/// to be read; the host that every request names comes before the body too.
fn is_http(line: &str) -> bool {
    let names_host = line.get(..5).is_some_and(|start| start.eq_ignore_ascii_case("host:"));
    names_host || [" HTTP/1.1", " HTTP/1.0", " HTTP/2.0"].iter().any(|version| line.ends_with(version))
}

#[cfg(test)]
mod tests {
    use super::*;
    use chat_shared::limits::MAX_LINE;

    fn digest(bytes: &str) -> Digest {
        Intake::default().digest(bytes.as_bytes(), usize::MAX)
    }

    #[test]
    fn neighbouring_messages_travel_together() {
        let digest = digest("SEND a\nSEND b\nNAME ann\nSEND c\n");
        let ann = Name::parse("ann").unwrap();
        assert_eq!(
            digest.requests,
            [Request::Say("a\nb\n".into()), Request::Rename(ann), Request::Say("c\n".into())]
        );
        assert_eq!(digest.lines, 4);
    }

    #[test]
    fn what_is_refused_is_told_in_its_place() {
        let digest = digest(&format!(
            "HELLO 1 abc\nSEND\n{}\nNAME a b\nMESSAGE ann lies\nSEND ok\n",
            "x".repeat(MAX_LINE + 1)
        ));
        let [hello, empty, long, name, forged, ok] = &digest.requests[..] else { panic!("{digest:?}") };
        assert!(matches!(hello, Request::Tell(Notice::LineRefused(_))));
        assert!(matches!(empty, Request::Tell(Notice::TextRefused(_))));
        assert!(matches!(long, Request::Tell(Notice::LineRefused(_))));
        assert_eq!(name, &Request::BadName(NameError::WhiteSpace));
        assert!(matches!(forged, Request::Tell(Notice::LineRefused(_))));
        assert_eq!(ok, &Request::Say("ok\n".into()));
    }

    #[test]
    fn no_more_lines_than_allowed_are_used() {
        let mut intake = Intake::default();
        let mut bytes = &b"SEND a\nSEND b\nSEND c\nSEN"[..];
        let mut said = Vec::new();
        for _ in 0..3 {
            let digest = intake.digest(bytes, 1);
            assert_eq!(digest.lines, 1);
            said.extend(digest.requests);
            bytes = &bytes[digest.used..];
        }
        assert_eq!(said, ["a\n", "b\n", "c\n"].map(|line| Request::Say(line.into())));
        assert_eq!(bytes, b"SEN");
        assert_eq!(intake.digest(bytes, 1).used, 3);
        assert_eq!(intake.digest(b"D d\n", 1).requests, [Request::Say("d\n".into())]);
    }

    #[test]
    fn a_browser_is_let_go_before_its_body_is_read() {
        let digest = digest("POST / HTTP/1.1\r\nHost: x\r\n\r\nSEND spam\n");
        assert_eq!(digest.requests, [Request::Tell(Notice::NotHttp)]);
        assert!(digest.hang_up);
    }

    #[test]
    fn people_may_quote_what_browsers_say() {
        let digest = digest("SEND try GET / HTTP/1.1\n");
        assert_eq!(digest.requests, [Request::Say("try GET / HTTP/1.1\n".into())]);
        assert!(!digest.hang_up);
    }
}
