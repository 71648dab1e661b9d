//! Whose turn it is to be given a page of the past, of all members of a shard. With a thousand who come back at
//! once, what is said live waits for one of them, and not for a thousand. Knows no page.

use std::cell::Cell;
use std::time::{Duration, Instant};

use smol::Timer;
use smol::lock::{Semaphore, SemaphoreGuard};

/// How long a turn lasts when a socket does not take the page: who reads slowly must not keep others from theirs.
pub(crate) const SLOW: Duration = Duration::from_millis(20);

/// One turn after the other.
#[derive(Debug)]
pub(crate) struct Turns {
    one: Semaphore,
    waiting: Cell<usize>,
}

/// A turn, and since when. It is over when this is dropped.
#[derive(Debug)]
pub(crate) struct MyTurn<'a>(SemaphoreGuard<'a>, Instant);

impl Default for Turns {
    fn default() -> Self {
        Self { one: Semaphore::new(1), waiting: Cell::new(0) }
    }
}

impl Turns {
    /// Waits for a turn.
    pub(crate) async fn mine(&self) -> MyTurn<'_> {
        let _waiting = Waiting::new(&self.waiting);
        MyTurn(self.one.acquire().await, Instant::now())
    }

    /// Ends a turn. Where others want theirs right after it, there is a pause first, as long as the turn was: half
    /// of the time is theirs who are live.
    pub(crate) async fn pause(&self, turn: MyTurn<'_>) {
        if self.waiting.get() > 0 {
            Timer::after(turn.1.elapsed().min(SLOW)).await;
        }
        drop(turn.0);
    }
}

/// Somebody who waits for a turn, until it has it or is gone.
struct Waiting<'a>(&'a Cell<usize>);

impl<'a> Waiting<'a> {
    fn new(count: &'a Cell<usize>) -> Self {
        count.set(count.get() + 1);
        Self(count)
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.0.set(self.0.get() - 1);
    }
}

#[cfg(test)]
mod tests {
    use futures_lite::future;

    use super::*;

    #[test]
    fn half_of_the_time_is_left_where_many_want_a_turn() {
        let (turns, work) = (Turns::default(), Duration::from_millis(2));
        let visit = async || {
            let turn = turns.mine().await;
            // The others come meanwhile.
            future::yield_now().await;
            std::thread::sleep(work);
            turns.pause(turn).await;
        };
        let begun = Instant::now();
        smol::block_on(visit());
        let alone = begun.elapsed();
        smol::block_on(async { future::zip(visit(), future::zip(visit(), visit())).await });
        // Two of the three have others behind them.
        assert!(begun.elapsed() - alone >= 5 * work, "{:?}", begun.elapsed());
        assert_eq!(turns.waiting.get(), 0);
    }

    #[test]
    fn who_waits_no_longer_keeps_nobody() {
        let turns = Turns::default();
        smol::block_on(async {
            let mine = turns.mine().await;
            assert!(future::poll_once(turns.mine()).await.is_none(), "it is somebody else's turn");
            assert_eq!(turns.waiting.get(), 0);
            turns.pause(mine).await;
            assert!(future::poll_once(turns.mine()).await.is_some());
        });
    }
}
