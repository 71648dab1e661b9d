//! Any bytes in any pieces to lines, and each line to whatever it may be. What is written parses back the
//! same, and pieces do not matter. Knows the wire's types; knows nothing of who sends what.

use chat_shared::limits::MAX_LINE;
use chat_shared::{
    Body, ClientCommand, ClientError, Command, LineDecoder, Name, Notice, Pattern, Query, RoomId,
    ServerCommand, SessionId, Text, Token,
};

/// Feeds the first byte's worth of pieces with the rest.
pub fn run(bytes: &[u8]) {
    let Some((&seed, bytes)) = bytes.split_first() else { return };
    let whole = decode([bytes]);
    assert_eq!(decode(bytes.chunks(1)), whole, "byte by byte");
    assert_eq!(decode(bytes.chunks(1 + usize::from(seed))), whole, "in pieces");
    whole.iter().flatten().for_each(|line| look_at(line));
    // What the decoder would not let through must do no harm either.
    if let Ok(text) = str::from_utf8(bytes) {
        look_at(text);
    }
}

/// What a decoder makes of these pieces; an error is kept as the two lines that answer it.
fn decode<'a>(pieces: impl IntoIterator<Item = &'a [u8]>) -> Vec<Result<String, [String; 2]>> {
    let mut decoder = LineDecoder::new();
    let mut lines = Vec::new();
    for mut piece in pieces {
        loop {
            let (used, line) = decoder.decode(piece);
            piece = &piece[used..];
            let Some(line) = line else { break };
            lines.push(line.map(str::to_owned).map_err(|error| {
                let answers = [ClientError::of_line(error).to_line(), Notice::of_line(error).to_line()];
                answers.iter().for_each(|answer| check_said(answer));
                answers
            }));
        }
        assert!(piece.is_empty(), "a decoder takes all that it is given");
        assert!(decoder.held() <= MAX_LINE + 1);
    }
    lines
}

/// Whatever this may be, it is that, and is written as that.
fn look_at(line: &str) {
    comes_back(line, |line| Some(Command::parse(line).ok()?.to_string()));
    comes_back(line, |line| Some(ServerCommand::parse(line).ok()?.to_string()));
    comes_back(line, |line| Some(ClientCommand::parse(line).ok()?.to_string()));
    if let Err(error) = ClientCommand::parse(line) {
        check_said(&error.to_line());
    }
    for word in line.split(' ') {
        look_at_word(word);
    }
    if let Ok(text) = Text::parse(line) {
        assert_eq!(text.as_str(), line);
    }
    let harmless = chat_shared::text::harmless(line);
    assert!(harmless.chars().count() == line.chars().count());
    if (1..=4000).contains(&harmless.len()) && !harmless.contains(char::is_control) {
        assert!(Text::parse(&harmless).is_ok(), "{harmless:?} is harmless");
    }
    let bodies = [Body::parse(line).ok(), Body::unescape(line).ok()];
    for body in bodies.into_iter().flatten() {
        let escaped = body.escaped();
        assert!(!escaped.contains('\n'));
        assert_eq!(Body::unescape(&escaped).as_ref(), Ok(&body));
        let lines = body.base_lines().map(|line| assert_eq!(Text::parse(line.as_str()), Ok(line)));
        assert!(lines.count() > 0);
    }
    if let Ok(query) = Query::parse(line) {
        let pattern = Pattern::parse(query.as_str());
        // Nothing that it finds may be beyond the text, or in the middle of a letter.
        for found in pattern.iter().flat_map(|pattern| pattern.marks(line)) {
            assert!(line.get(found.clone()).is_some_and(|word| !word.is_empty()), "{found:?} of {line:?}");
        }
    }
}

fn look_at_word(word: &str) {
    if let Ok(name) = Name::parse(word) {
        assert_eq!(name.as_str(), word);
        assert_eq!(Name::parse_given(word).as_ref(), Ok(&name));
        assert!(name.looks_like(&name));
    }
    if let Ok(name) = Name::parse_given(word) {
        assert_eq!(Name::parse_given(name.as_str()), Ok(name));
    }
    if let Ok(token) = Token::parse(word) {
        assert_eq!(token.as_str(), word);
    }
    if let Ok(session) = SessionId::parse(word) {
        assert_eq!(SessionId::parse(&session.to_string()), Ok(session));
    }
    if let Ok(room) = RoomId::parse(word) {
        assert_eq!(RoomId::parse(&room.to_string()), Ok(room));
    }
}

/// What a line is, it is again once it has been written, in the one way there is: in one line, and in no longer
/// one than it was.
fn comes_back(line: &str, rewrite: fn(&str) -> Option<String>) {
    let Some(written) = rewrite(line) else { return };
    assert!(written.len() <= line.len(), "{line:?} becomes {written:?}");
    assert_eq!(rewrite(&written).as_ref(), Some(&written), "{line:?}");
}

/// What a server says is something that a client understands.
fn check_said(line: &str) {
    assert!(line.len() <= MAX_LINE);
    assert!(ServerCommand::parse(line).is_ok(), "{line:?}");
}
