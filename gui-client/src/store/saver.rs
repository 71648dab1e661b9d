//! Keeping, on a thread of its own, so that a slow disk never holds up the window: first the file, then the
//! orders that depend on it. Knows orders only as something to give on.

use std::io;
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use async_channel::{Receiver, Sender};
use chat_shared::SessionId;
use futures_lite::future;
use smol::Timer;

use super::Shelf;
use crate::link::Order;
use crate::model::Kept;
use crate::net::Orders;

/// How long a change may wait that a server would make good.
const REST: Duration = Duration::from_secs(5);

/// Something to keep, and what depends on it.
#[derive(Debug)]
struct Job {
    kept: Option<Kept>,
    at_once: bool,
    then: Vec<Order>,
}

/// Keeps what it is given. Dropping it waits until the last of it is kept, and given on.
#[derive(Debug)]
pub struct Saver {
    jobs: Option<Sender<Job>>,
    errors: Receiver<String>,
    thread: Option<JoinHandle<()>>,
}

impl Saver {
    /// Keeps on this shelf, for this session; gives orders to `orders`.
    ///
    /// # Errors
    /// When the operating system has no thread to give.
    pub fn start(shelf: Shelf, session: SessionId, orders: Orders) -> io::Result<Self> {
        let (jobs, queue) = async_channel::unbounded();
        let (complaints, errors) = async_channel::bounded(1);
        let mut work = Work { shelf, session, orders, complaints };
        let thread = thread::Builder::new().name("outbox".to_owned()).spawn(move || work.run(&queue))?;
        Ok(Self { jobs: Some(jobs), errors, thread: Some(thread) })
    }

    /// Keeps this, if there is something to keep, and then gives these orders, after all from before. What
    /// need not be kept at once waits a little for more of its kind, and holds no order up.
    pub fn keep(&self, kept: Option<Kept>, at_once: bool, then: Vec<Order>) {
        if let Some(jobs) = &self.jobs {
            // It fails only when the thread is gone.
            let _ = jobs.try_send(Job { kept, at_once, then });
        }
    }

    /// Why keeping failed since this was last asked, if it did.
    pub fn error(&self) -> Option<String> {
        self.errors.try_recv().ok()
    }
}

impl Drop for Saver {
    fn drop(&mut self) {
        self.jobs.take();
        if let Some(thread) = self.thread.take() {
            // It ends with an error only when it panicked, which it has said on stderr itself.
            let _ = thread.join();
        }
    }
}

struct Work {
    shelf: Shelf,
    session: SessionId,
    orders: Orders,
    complaints: Sender<String>,
}

impl Work {
    fn run(&mut self, queue: &Receiver<Job>) {
        let mut waits: Option<(Kept, Instant)> = None;
        loop {
            let job = match &waits {
                None => queue.recv_blocking().ok(),
                Some((_, until)) => smol::block_on(future::or(async { queue.recv().await.ok() }, async {
                    Timer::at(*until).await;
                    Some(Job { kept: None, at_once: true, then: Vec::new() })
                })),
            };
            let Some(mut job) = job else { break };
            while let Ok(more) = queue.try_recv() {
                job.kept = more.kept.or(job.kept);
                job.at_once |= more.at_once;
                job.then.extend(more.then);
            }
            if let Some(kept) = job.kept {
                let until = waits.map_or_else(|| Instant::now() + REST, |(_, until)| until);
                waits = Some((kept, until));
            }
            if job.at_once
                && let Some((kept, _)) = waits.take()
            {
                self.keep(&kept);
            }
            for order in job.then {
                self.orders.give(order);
            }
        }
        if let Some((kept, _)) = waits {
            self.keep(&kept);
        }
    }

    /// A failure is told, and holds nothing up: what is said is worth more than its copy.
    fn keep(&mut self, kept: &Kept) {
        if let Err(error) = self.shelf.keep(self.session, kept) {
            log::warn!("keeping what waits to be sent: {error}");
            let words = format!(
                "What waits to be sent cannot be kept: {error}. It is lost if this program ends before it is sent."
            );
            // One complaint waits already: that will do.
            let _ = self.complaints.try_send(words);
        }
    }
}
