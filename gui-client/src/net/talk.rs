//! One connection from its greeting to its last byte: reads lines, writes lines, each side at its own
//! pace and with its own state, so that neither can make the other lose a byte. Notices when the other
//! side is gone. Knows nothing of how the connection came about, nor whether there will be another.

use std::cell::{Cell, RefCell};
use std::time::Duration;

use async_channel::{Receiver, Sender};
use chat_shared::Name;
use futures_lite::{AsyncWriteExt, future};
use smol::Timer;

use super::dial::Failure;
use super::greet::Greeting;
use super::hear::{Ear, Heard};
use super::wire::Wire;
use super::write::{Aside, Pen};
use super::{Reporter, Waits};
use crate::link::{Line, News, Order};

/// How long a connection that can no longer be written is still read, and how long a good-bye waits
/// for the server's.
const LAST_WORDS: Duration = Duration::from_secs(1);

/// Answers that may wait to be written. Whoever asks faster gets fewer.
const MAX_ASIDES: usize = 16;

/// How a connection ended.
pub(super) enum End {
    /// We closed it: everything is written, or the time for that is up.
    Closed,
    /// It broke.
    Lost(Failure),
}

/// Talks on `wire`, which was greeted, until it ends. `name` is the name to bear, and follows the orders.
pub(super) async fn talk(
    wire: &Wire,
    link: u64,
    greeting: Greeting,
    name: &mut Name,
    orders: &Receiver<Order>,
    report: &Reporter,
    waits: Waits,
) -> End {
    let Greeting { name: said, ear, open, welcome, lines, over, key } = greeting;
    let full = &Cell::new(welcome.is_some());
    report.tell(News::Connected { link, welcome }).await;
    if open {
        report.tell(News::InPlainText).await;
    }
    let (asides_in, asides) = async_channel::bounded(MAX_ASIDES);
    let reading = async {
        let sealed = wire.is_private();
        let mut reader = Reader { ear, link, sealed, full, asides: asides_in, report, bye: None };
        let failure = reader.read(lines, over, waits.silence).await;
        if orders.is_closed() { End::Closed } else { End::Lost(failure) }
    };
    let written = RefCell::default();
    let writing = async {
        let mut pen = Pen::new(wire.clone(), link, full, key, report, &written);
        if said.as_ref() != Some(name) {
            pen.say_name(name);
        }
        let end = match pen.write(name, orders, &asides).await {
            Ok(()) => {
                // Closing our side first lets the server see a clean end, and its own end tells us that it
                // has read everything.
                let mut wire = wire.clone();
                let limit = async {
                    Timer::after(LAST_WORDS).await;
                    Ok(())
                };
                // When it fails, the connection is closed all the more.
                let _ = future::or(wire.close(), limit).await;
                End::Closed
            }
            Err(error) => End::Lost(Failure::broken(&error)),
        };
        // Whatever has arrived already is read before the end.
        Timer::after(LAST_WORDS).await;
        end
    };
    let end = future::or(reading, writing).await;
    let keys = written.take();
    if !keys.is_empty() {
        report.tell(News::Sent { keys }).await;
    }
    end
}

struct Reader<'a> {
    ear: Ear,
    link: u64,
    /// Nobody else can read it.
    sealed: bool,
    /// The server speaks the full language.
    full: &'a Cell<bool>,
    asides: Sender<Aside>,
    report: &'a Reporter,
    /// The server has said good-bye, and until when.
    bye: Option<Failure>,
}

impl Reader<'_> {
    /// Reads until the connection ends, and gives why it did. A server that speaks the full language and is
    /// silent for `silence` is asked whether it is there, and given up when it is silent for as long again.
    async fn read(&mut self, lines: Vec<Heard>, over: Option<Failure>, silence: Duration) -> Failure {
        self.pass_on(lines).await;
        if let Some(failure) = over {
            return self.bye.take().unwrap_or(failure);
        }
        let mut asked = false;
        loop {
            let full = self.full.get();
            let mut lines = Vec::new();
            let reading = async { Some(self.ear.hear(&mut lines).await) };
            let waiting = async {
                if !full {
                    return future::pending().await;
                }
                Timer::after(silence).await;
                None
            };
            match future::or(reading, waiting).await {
                Some(Ok(())) => asked = false,
                Some(Err(failure)) => return self.bye.take().unwrap_or(failure),
                None if asked => return self.bye.take().unwrap_or_else(Failure::silent),
                None => {
                    asked = true;
                    // When so many wait already, nobody writes them, and silence will tell.
                    let _ = self.asides.try_send(Aside::Ping);
                }
            }
            self.pass_on(lines).await;
        }
    }

    /// Does what is the network's own business, and tells the rest.
    async fn pass_on(&mut self, heard: Vec<Heard>) {
        let mut lines = Vec::new();
        for heard in heard {
            match heard {
                Heard::Line(line) => lines.push(line),
                Heard::Refused(words) => lines.push(Line::Notice(words)),
                // The server was slow to say so, but says so.
                Heard::Welcome(mut welcome) if !self.full.replace(true) => {
                    welcome.sealed = self.sealed;
                    self.tell(std::mem::take(&mut lines)).await;
                    self.report.tell(News::Connected { link: self.link, welcome: Some(welcome) }).await;
                }
                Heard::Welcome(_) | Heard::Nothing => {}
                // It was too slow to say so when it was greeted, and will close; the next one is asked in time.
                Heard::PasswordWanted | Heard::PasswordWrong(_) => {
                    self.bye = Some(Failure::of("the room wants its password".to_owned()));
                }
                Heard::Ping(token) => {
                    let _ = self.asides.try_send(Aside::Pong(token));
                }
                Heard::Bye { why, wait } => self.bye = Some(Failure::bye(why, wait)),
            }
        }
        self.tell(lines).await;
    }

    async fn tell(&self, lines: Vec<Line>) {
        if !lines.is_empty() {
            self.report.tell(News::Lines(lines)).await;
        }
    }
}
