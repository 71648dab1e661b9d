//! The server under the load generator, which compares what every member reads, byte for byte.

use std::time::Duration;

use chat_tests::Server;
use chat_tests::load::{Crowd, Dialect, Plan};

#[test]
fn under_load_everybody_reads_the_same() {
    for (senders, window) in [(1, 1), (1, 256), (20, 256)] {
        let server = Server::start([]);
        let (address, dialect) = (server.address(), Dialect::Chat);
        let plan = Plan { address, dialect, receivers: 50, senders, window, size: 64 };
        let outcome = Crowd::join(plan).and_then(|mut crowd| crowd.talk(Duration::from_millis(500)));
        let outcome = outcome.unwrap_or_else(|fault| panic!("{fault:#}"));
        assert!(outcome.messages > 10, "{outcome:?}");
        // Each sender hears the others too, though not itself.
        let listeners = 50 + senders as u64 - 1;
        assert_eq!(outcome.deliveries, outcome.messages * listeners);
    }
}
