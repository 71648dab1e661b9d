//! One connection after the other: which address is next, when, and what the person has to decide before.
//! Knows how connections come about and end, and nothing of what is said on them.

use std::time::Instant;

use async_channel::Receiver;
use chat_shared::Name;
use futures_lite::future;
use smol::{LocalExecutor, Timer};

use super::approach::{Stop, Visit};
use super::dial::Failure;
use super::greet::{Greeting, Guest, greet};
use super::rounds::Rounds;
use super::talk::{End, talk};
use super::wire::Wire;
use super::{Options, Reporter, Waits};
use crate::link::{Answer, News, Order, Question, Sessions};

/// Connects, talks and connects again, until the orders end.
pub(super) async fn keep_connected(
    executor: &LocalExecutor<'_>,
    options: Options,
    sessions: Sessions,
    orders: &Receiver<Order>,
    report: &Reporter,
) {
    let Options { addresses, mut name, pauses, waits, guard } = options;
    let mut rounds = Rounds::new(addresses.clone(), pauses);
    let mut visit = Visit::new(guard, &addresses);
    for link in 1.. {
        let one_of_several = rounds.one_of_several().cloned();
        report.tell(News::Connecting { address: one_of_several.clone() }).await;
        let asked_for = name.clone();
        let guest = Guest { address: rounds.address(), room: &addresses, sessions, name: &asked_for };
        let meeting = async { Some(meet(executor, guest, &mut visit, waits, report).await) };
        let closing = async {
            while !matches!(idle(orders, &mut name).await, Idle::Over) {}
            None
        };
        let met: Option<Result<(Wire, Greeting, Instant), Stop>> = future::or(meeting, closing).await;
        let (failure, lasted) = match met {
            None => return,
            Some(Err(Stop::Ask(question))) => {
                if ask(question, &mut visit, orders, &mut name, report).await == Idle::Over {
                    return;
                }
                continue;
            }
            Some(Err(Stop::TlsOnly(_))) if visit.try_tls(rounds.address()) => continue,
            Some(Err(Stop::TlsOnly(words))) => (Failure::of(words), None),
            Some(Err(Stop::Failed(failure))) => (failure, None),
            Some(Ok((wire, greeting, since))) => {
                let end = talk(&wire, link, greeting, &mut name, orders, report, waits).await;
                match end {
                    End::Closed => return,
                    End::Lost(failure) => (failure, Some(since.elapsed())),
                }
            }
        };
        let Failure { why, doubt, stay_away } = failure;
        let why = one_of_several.map_or(why.clone(), |address| format!("{why} ({address})"));
        let retry_in = rounds.next(lasted, stay_away);
        report.tell(News::Lost { why, retry_in, doubt }).await;
        let waiting = async {
            while let Idle::Answered(_) = idle(orders, &mut name).await {}
            orders.is_closed()
        };
        let pause = async {
            Timer::after(retry_in).await;
            false
        };
        if future::or(waiting, pause).await {
            return;
        }
    }
}

/// Connects to where `guest` goes, and greets who is there.
async fn meet(
    executor: &LocalExecutor<'_>,
    guest: Guest<'_>,
    visit: &mut Visit,
    waits: Waits,
    report: &Reporter,
) -> Result<(Wire, Greeting, Instant), Stop> {
    let wire = visit.approach(executor, guest.address, waits).await?;
    let since = Instant::now();
    let greeting = greet(&wire, guest, visit, waits, report).await?;
    Ok((wire, greeting, since))
}

/// Asks the person, and waits for the answer. There is no connection meanwhile.
async fn ask(
    question: Question,
    visit: &mut Visit,
    orders: &Receiver<Order>,
    name: &mut Name,
    report: &Reporter,
) -> Idle {
    report.tell(News::Asks(question.clone())).await;
    loop {
        match idle(orders, name).await {
            Idle::Answered(answer) if !visit.take(&question, answer.clone()) => {}
            done => return done,
        }
    }
}

/// Why there is nothing to wait for any more.
#[derive(Debug, PartialEq, Eq)]
enum Idle {
    /// The orders have ended.
    Over,
    /// It is time to try.
    Hurry,
    /// The person has answered.
    Answered(Answer),
}

/// Takes orders while there is no connection.
async fn idle(orders: &Receiver<Order>, name: &mut Name) -> Idle {
    loop {
        match orders.recv().await {
            Err(_) => return Idle::Over,
            Ok(Order::RetryNow) => return Idle::Hurry,
            Ok(Order::Answer(answer)) => return Idle::Answered(answer),
            Ok(Order::Name { name: new, .. }) => *name = new,
            // Meant for a connection that is gone; its author learns of that and asks anew.
            Ok(_) => {}
        }
    }
}
