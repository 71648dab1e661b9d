//! Whatever happens, in any order: nothing is lost, nothing is doubled, and the order is kept.

use proptest::prelude::*;

use super::*;

/// What may happen, in any order.
#[derive(Debug, Clone)]
enum Step {
    Say(u8),
    Connect,
    Break,
    /// The network writes so many of the lines it holds.
    Write(usize),
    /// The server reads so many of the lines that are on the wire, and echoes them.
    Deliver(usize),
    Pass(u64),
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        3 => prop_oneof![9 => 1..4u8, 1 => Just(60u8)].prop_map(Step::Say),
        1 => Just(Step::Connect),
        1 => Just(Step::Break),
        2 => (0..5usize).prop_map(Step::Write),
        2 => (0..5usize).prop_map(Step::Deliver),
        1 => (0..20u64).prop_map(Step::Pass),
    ]
}

proptest! {
    /// Whatever happens: each own line is on the timeline once; it reaches the server at most once, in
    /// the order it was said; one that a break swallowed is called into question; all that is left goes
    /// out on the next connection; and there is no other place for a line to be.
    #[test]
    fn nothing_is_lost_or_doubled(steps in prop::collection::vec(step(), 0..60), echo: bool) {
        let mut scene = scene();
        let mut entries: Vec<String> = Vec::new();
        let mut said = 0u16;
        // Where each line is: with the network, on the wire since then, swallowed by a break, swallowed but
        // so old that it counts as sent, or with the server.
        let mut held: Vec<(u64, String)> = Vec::new();
        let mut wire: Vec<(String, Duration)> = Vec::new();
        let mut swallowed: Vec<String> = Vec::new();
        let mut believed: Vec<String> = Vec::new();
        let mut server: Vec<String> = Vec::new();
        let mut echoed = false;
        for step in steps {
            let online = scene.room.connection() == &Connection::Online;
            match step {
                Step::Say(lines) => {
                    let text: Vec<_> = (said..said + u16::from(lines)).map(|number| format!("{number:04}")).collect();
                    said += u16::from(lines);
                    entries.push(text.join("\n"));
                    scene.say(&text.join("\n"));
                }
                Step::Connect if !online => {
                    echoed = false;
                    scene.connect();
                }
                Step::Break if online => {
                    held.clear();
                    for (text, since) in wire.drain(..) {
                        let doubtful = echoed || scene.now - since < DOUBT;
                        if doubtful { swallowed.push(text) } else { believed.push(text) }
                    }
                    scene.break_off();
                }
                Step::Write(count) if online => {
                    let (keys, texts): (Vec<_>, Vec<_>) = held.drain(..count.min(held.len())).unzip();
                    wire.extend(texts.into_iter().map(|text| (text, scene.now)));
                    scene.apply(News::Sent { keys });
                }
                Step::Deliver(count) if online => {
                    for (text, _) in wire.drain(..count.min(wire.len())) {
                        if echo {
                            echoed = true;
                            scene.hear("ann", &text);
                        }
                        server.push(text);
                    }
                }
                Step::Pass(seconds) => drop(scene.pass(seconds)),
                _ => {}
            }
            held.extend(scene.take_sends());
        }
        if scene.room.connection() != &Connection::Online {
            scene.connect();
            held.extend(scene.take_sends());
        }
        while scene.next_tick().is_some() {
            scene.pass(1);
            held.extend(scene.take_sends());
        }
        let shown: Vec<_> = scene.entries().filter(|(_, entry)| entry.author().is_some()).collect();
        prop_assert_eq!(shown.iter().map(|(_, entry)| entry.text()).collect::<Vec<_>>(), entries.clone());
        let in_turn: Vec<_> = server.iter().chain(wire.iter().map(|(text, _)| text))
            .chain(held.iter().map(|(_, text)| text)).collect();
        let mut all: Vec<_> = in_turn.iter().copied().chain(&swallowed).chain(&believed).collect();
        all.sort();
        let said: Vec<_> = entries.iter().flat_map(|entry| entry.split("\n")).collect();
        prop_assert_eq!(all, said);
        prop_assert!(in_turn.is_sorted_by(|a, b| a < b), "{:?}", in_turn);
        for (_, entry) in shown {
            let Kind::Own { delivery, text, .. } = &entry.kind else { panic!("an echo was shown: {entry:?}") };
            let any = |lines: &[String]| text.lines().any(|line| lines.iter().any(|other| other == line));
            let waits = any(&held.iter().map(|(_, text)| text.clone()).collect::<Vec<_>>());
            if any(&swallowed) {
                prop_assert_eq!(*delivery, Delivery::Unsure, "{}", text);
            } else if waits && *delivery != Delivery::Unsure {
                prop_assert_eq!(*delivery, Delivery::Waiting, "{}", text);
            }
        }
    }
}
