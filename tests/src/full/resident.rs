//! A member who stays: it talks, reads, and comes back at once after each break, whatever the break was.
//! This is the test's hold on it; what it does is its life's business.

use std::net::SocketAddr;
use std::sync::mpsc::{Sender, channel};
use std::sync::{Arc, MutexGuard};
use std::thread::{self, JoinHandle};

use chat_shared::{MessageId, Name};

use super::draw_session;
use super::ledger::Ledger;
use super::life::{Event, Life, Progress, Shared, State, Story};
use super::mind::Mind;
use crate::DEADLINE;

/// A member on threads of its own.
#[derive(Debug)]
pub struct Resident {
    orders: Sender<Event>,
    progress: Arc<Shared>,
    thread: JoinHandle<Story>,
}

impl Resident {
    /// Comes to stay under `name`, says nothing yet, and enters in `ledger` what it is shown. What is random
    /// about it follows from `seed`, but for its session.
    pub fn come(address: SocketAddr, name: &str, ledger: &Arc<Ledger>, seed: u64) -> Self {
        let session = draw_session();
        let name = Name::parse(name).expect("a test gives valid names");
        let (orders, events) = channel();
        let progress = Arc::default();
        let life = Life {
            address,
            mind: Mind::new(session, name.clone(), Arc::clone(ledger)),
            ledger: Arc::clone(ledger),
            random: fastrand::Rng::with_seed(seed),
            events,
            orders: orders.clone(),
            progress: Arc::clone(&progress),
            state: State::default(),
        };
        let thread = thread::spawn(move || life.live(session, name.to_string()));
        Self { orders, progress, thread }
    }

    /// From now on it always has so many messages waiting for their acknowledgement; 0 ends that.
    pub fn talk(&self, waiting: usize) {
        self.order(Event::Talk(waiting));
    }

    /// Waits until it is live.
    pub fn wait_until_live(&self) {
        self.wait("it is not live", |progress| progress.live);
    }

    /// Waits until it is live, and all that it said has been acknowledged.
    pub fn wait_until_at_rest(&self) {
        self.wait("not all that it said is acknowledged", |progress| {
            progress.at_rest && progress.given == progress.taken
        });
    }

    /// Waits until it has been shown everything up to `id`.
    pub fn wait_for(&self, id: MessageId) {
        self.wait(&format!("it is not shown {id}"), |progress| progress.last >= id);
    }

    /// Waits until the server has been too busy for so many of its messages.
    pub fn wait_for_refusals(&self, refusals: usize) {
        self.wait("its messages are not refused", |progress| progress.refusals >= refusals);
    }

    /// How often the server has been too busy for one of its messages.
    pub fn refusals(&self) -> usize {
        self.progress().refusals
    }

    /// Asserts that no promise to it has been broken so far.
    pub fn assert_content(&self) {
        let fault = self.progress().fault.clone();
        assert_eq!(fault, None);
    }

    /// Says good-bye, and tells what became of it.
    pub fn leave(self) -> Story {
        self.assert_content();
        self.order(Event::Leave);
        let Self { thread, progress, .. } = self;
        let story = thread.join().expect("a resident does not panic");
        let fault = progress.0.lock().expect("nobody panics with it").fault.take();
        assert_eq!(fault, None);
        story
    }

    fn order(&self, order: Event) {
        self.progress().given += 1;
        // Who is gone has left a fault, which is told where it is waited for.
        let _ = self.orders.send(order);
    }

    fn wait(&self, otherwise: &str, enough: impl Fn(&Progress) -> bool) {
        let on = |progress: &mut Progress| progress.fault.is_none() && !enough(progress);
        let waited = self.progress.1.wait_timeout_while(self.progress(), 2 * DEADLINE, on);
        let (progress, late) = waited.expect("nobody panics with it");
        let (fault, so_far) = (progress.fault.clone(), format!("{progress:?}"));
        // Its thread goes on with it, whatever becomes of this test.
        drop(progress);
        assert_eq!(fault, None);
        assert!(!late.timed_out(), "{otherwise}: {so_far}");
    }

    fn progress(&self) -> MutexGuard<'_, Progress> {
        self.progress.0.lock().expect("nobody panics with it")
    }
}
