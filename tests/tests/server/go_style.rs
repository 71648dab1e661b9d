//! Clients that read as the Go original did: the command token up to the first space, across line ends
//! if need be. They die of any token but `MESSAGE `, so they must never meet one.

use chat_shared::limits::MAX_LINE;
use chat_tests::{Client, Server};

/// What the Go client makes of what it reads.
#[derive(Debug, PartialEq, Eq)]
struct Message {
    name: String,
    text: String,
}

/// Reads on as the Go client does, to the end of the connection.
fn read_to_end(client: &mut Client) -> Vec<Message> {
    let mut messages = Vec::new();
    loop {
        let token = client.read_until(b' ');
        if token.is_empty() {
            return messages;
        }
        assert_eq!(String::from_utf8(token).unwrap(), "MESSAGE ", "after {messages:?}");
        let name = String::from_utf8(client.read_until(b' ')).unwrap();
        let text = String::from_utf8(client.read_until(b'\n')).unwrap();
        let (name, text) = (name.strip_suffix(' ').unwrap(), text.strip_suffix('\n').unwrap());
        messages.push(Message { name: name.into(), text: text.into() });
    }
}

#[test]
fn they_never_meet_another_word_than_message() {
    let server = Server::start(["--echo"]);
    let mut taken = server.member("taken");
    let mut go = Client::connect(server.address());
    go.send("NAME taken\nNAME two words\nNAME\nNAME *\nNAME gopher");
    go.send_bytes(&[b'x'; 3 * MAX_LINE]);
    go.send_bytes(b"\nSEND \xff\nSEND a\tb\nSEND\nHELLO 1 x\nBOGUS\n\nSEND hello\n");
    // What it says reaches the others after all it did before.
    taken.expect("MESSAGE gopher hello");
    taken.send("SEND welcome");
    taken.fence();
    server.terminate();

    let messages = read_to_end(&mut go);
    let (notices, said): (Vec<_>, Vec<_>) = messages.into_iter().partition(|message| message.name == "*");
    // Four refused names, a line too long, five broken ones, and the good-bye.
    assert_eq!(notices.len(), 4 + 1 + 5 + 1, "{notices:#?}");
    let said: Vec<_> = said.iter().map(|message| (message.name.as_str(), message.text.as_str())).collect();
    assert_eq!(said, [("gopher", "hello"), ("taken", "welcome")]);
}
