//! Keeping, on a thread of its own, so that a slow disk never holds up the window: first the file, then the
//! orders that depend on it. Knows orders only as something to give on.

use std::io;
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use async_channel::{Receiver, Sender};
use futures_lite::future;
use smol::Timer;

use super::Shelf;
use crate::link::{Order, Sessions};
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
    /// Keeps on this shelf, for these sessions; gives orders to `orders`.
    ///
    /// # Errors
    /// When the operating system has no thread to give.
    pub fn start(shelf: Shelf, sessions: Sessions, orders: Orders) -> io::Result<Self> {
        let (jobs, queue) = async_channel::unbounded();
        let (complaints, errors) = async_channel::bounded(1);
        let mut work = Work { shelf, sessions, orders, complaints };
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
    sessions: Sessions,
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
        if let Err(error) = self.shelf.keep(self.sessions, kept) {
            log::warn!("keeping what waits to be sent: {error}");
            let words = format!(
                "What waits to be sent cannot be kept: {error}. It is lost if this program ends before it is sent."
            );
            // One complaint waits already: that will do.
            let _ = self.complaints.try_send(words);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::address::Address;
    use crate::model::KeptPost;
    use crate::store::{Opened, open};

    fn kept(texts: &[&str]) -> Kept {
        let posts: Vec<_> =
            (1..).zip(texts).map(|(txn, text)| KeptPost { txn, at: 0, text: (*text).to_owned() }).collect();
        Kept { next_txn: posts.len() as u64 + 1, known: None, posts, ..Kept::default() }
    }

    fn order(txn: u64) -> Order {
        Order::Post { link: 1, txn, text: txn.to_string() }
    }

    #[test]
    fn an_order_is_given_once_what_it_depends_on_is_kept() {
        let folder = tempfile::tempdir().unwrap();
        let address = Address::local(1).into();
        let Opened { sessions, shelf, .. } = open(folder.path(), &address);
        let (orders, seen) = Orders::to_be_seen();
        let saver = Saver::start(shelf.unwrap(), sessions, orders).unwrap();
        let file = || {
            let mut files = std::fs::read_dir(folder.path()).unwrap().map(|file| file.unwrap().path());
            let path = files.find(|path| path.extension().is_some_and(|end| end == "json")).unwrap();
            std::fs::read_to_string(path).unwrap()
        };
        for round in 1..20 {
            let texts: Vec<_> = (0..round).map(|n| format!("text {n}")).collect();
            let texts: Vec<_> = texts.iter().map(String::as_str).collect();
            saver.keep(Some(kept(&texts)), true, vec![order(round)]);
            assert_eq!(seen.recv_blocking(), Ok(order(round)));
            assert!(file().contains(texts[texts.len() - 1]));
        }
        // What the server would make good waits a little; what comes after it does not.
        saver.keep(Some(kept(&["later"])), false, vec![order(50)]);
        saver.keep(None, false, vec![order(51)]);
        assert_eq!((seen.recv_blocking(), seen.recv_blocking()), (Ok(order(50)), Ok(order(51))));
        assert!(!file().contains("later"));
        drop(saver);
        assert_eq!(open(folder.path(), &address).kept, kept(&["later"]));
    }

    #[test]
    fn a_disk_that_takes_nothing_holds_no_message_up_and_leaves_no_old_file() {
        let folder = tempfile::tempdir().unwrap();
        let rooms = folder.path().join("rooms");
        let address = Address::local(1).into();
        let Opened { sessions, shelf, .. } = open(&rooms, &address);
        let (orders, seen) = Orders::to_be_seen();
        let saver = Saver::start(shelf.unwrap(), sessions, orders).unwrap();
        // A folder stands where the new file is to be.
        let path = std::fs::read_dir(&rooms).unwrap().map(|file| file.unwrap().path());
        let path = path.into_iter().find(|path| path.extension().is_some_and(|end| end == "json")).unwrap();
        std::fs::create_dir(path.with_extension("new")).unwrap();
        saver.keep(Some(kept(&["text"])), true, vec![order(1)]);
        assert_eq!(seen.recv_blocking(), Ok(order(1)));
        assert!(saver.error().unwrap().contains("cannot be kept"));
        assert!(!path.exists());
    }
}
