//! A log on disk and one in memory answer alike, whatever they are asked.

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;

use super::*;

const WORDS: [&str; 16] = [
    "fox",
    "Fox",
    "FÓX",
    "fo",
    "foxes",
    "dog",
    "d\u{f4}g",
    "ő",
    "don't",
    "x-ray",
    "\"",
    "*",
    "é́t\u{e9}",
    "мой",
    "中文",
    "4\n2",
];

#[derive(Debug, Clone)]
enum Step {
    /// Who says what, in one commit.
    Say(Vec<(Option<u8>, String)>),
    Trim(u64),
    Ask(Query),
}

fn text() -> impl Strategy<Value = String> {
    vec(select(&WORDS[..]), 1..4).prop_map(|words| words.join(" "))
}

fn query() -> impl Strategy<Value = Query> {
    let (id, n) = (|| 0..40u64, || 0..12usize);
    prop_oneof![
        (id(), id(), n(), 0..60usize).prop_map(|(id, upto, most_rows, most_bytes)| Query::After {
            id,
            upto,
            most_rows,
            most_bytes
        }),
        (n(), id()).prop_map(|(n, upto)| Query::Last { n, upto }),
        (id(), n()).prop_map(|(id, n)| Query::Before { id, n }),
        (text(), n(), id()).prop_map(|(words, n, upto)| Query::Search { words, n, upto }),
        (0..3u8, 0..15u64).prop_map(|(session, txn)| Query::Find { session: [session; 16], txn }),
    ]
}

fn step() -> impl Strategy<Value = Step> {
    let said = (proptest::option::of(0..3u8), text());
    prop_oneof![
        2 => vec(said, 1..5).prop_map(Step::Say),
        1 => (1000..60_000u64).prop_map(Step::Trim),
        4 => query().prop_map(Step::Ask),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, ..ProptestConfig::default() })]

    #[test]
    fn on_disk_and_in_memory(
        messages in proptest::option::of(0..12u64),
        age in proptest::option::of(1..20u64),
        steps in vec(step(), 1..40),
    ) {
        let keep = Keep { messages, age: age.map(Duration::from_secs) };
        let (mut disk, mut memory) = (Fixture::on_disk(keep), Fixture::in_memory(keep));
        let mut numbers = [0; 3];
        for step in steps {
            match step {
                Step::Say(said) => {
                    let entries = (disk.last + 1..).zip(said).map(|(id, (who, text))| {
                        let from = who.map(|who| {
                            numbers[usize::from(who)] += 1;
                            ([who; 16], numbers[usize::from(who)])
                        });
                        entry(id, from, &text)
                    });
                    let entries: Arc<[Entry]> = entries.collect();
                    disk.commit(Arc::clone(&entries)).unwrap();
                    memory.commit(entries).unwrap();
                    disk.settle();
                }
                Step::Trim(now) => {
                    disk.log.trim(now);
                    memory.log.trim(now);
                    disk.settle();
                }
                Step::Ask(query) => prop_assert_eq!(disk.read(query.clone()), memory.read(query)),
            }
        }
    }
}
