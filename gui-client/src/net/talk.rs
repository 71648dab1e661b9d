//! One connection from its first byte to its last: reads lines, writes lines, each side at its own
//! pace and with its own state, so that neither can make the other lose a byte. Knows nothing of how
//! the connection came about, nor whether there will be another.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::io;
use std::net::Shutdown;
use std::time::Duration;

use async_channel::Receiver;
use chat_shared::command::salvage_message;
use chat_shared::{Command, LineDecoder, LineError, Name, Speaker};
use futures_lite::{AsyncReadExt, AsyncWriteExt, future};
use smol::Timer;
use smol::net::TcpStream;

use super::Reporter;
use super::dial::Failure;
use crate::link::{Line, News, Order};

/// What one read takes at most; the lines of one read become one event.
const READ_SIZE: usize = 64 * 1024;

/// What is gathered into one write.
const WRITE_SIZE: usize = 64 * 1024;

/// How long a connection that can no longer be written is still read, and how long a good-bye waits
/// for the server's.
const LAST_WORDS: Duration = Duration::from_secs(1);

/// How often a writer looks whether the window has caught up with the events.
const FULL_RETRY: Duration = Duration::from_millis(20);

/// How a connection ended.
pub(super) enum End {
    /// We closed it: everything is written, or the time for that is up.
    Closed,
    /// It broke.
    Lost(Failure),
}

/// Talks on `stream` until it ends. `name` is the name to bear, and follows the orders.
pub(super) async fn talk(
    stream: &TcpStream,
    link: u64,
    name: &mut Name,
    orders: &Receiver<Order>,
    report: &Reporter,
) -> End {
    let reading = async {
        let failure = read(stream.clone(), report).await;
        if orders.is_closed() { End::Closed } else { End::Lost(failure) }
    };
    let written = RefCell::default();
    let writing = async {
        let end = match write(stream.clone(), link, name, orders, report, &written).await {
            Ok(()) => {
                // Shutting down our side first lets the server see a clean end, and its own end tells
                // us that it has read everything.
                let _ = stream.shutdown(Shutdown::Write);
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

async fn read(mut stream: TcpStream, report: &Reporter) -> Failure {
    let mut decoder = LineDecoder::new();
    let mut buffer = vec![0; READ_SIZE];
    loop {
        let mut bytes = match stream.read(&mut buffer).await {
            Ok(0) => return Failure::closed(),
            Ok(count) => &buffer[..count],
            Err(error) => return Failure::broken(&error),
        };
        let mut lines = Vec::new();
        loop {
            let (used, line) = decoder.decode(bytes);
            bytes = &bytes[used..];
            match line {
                Some(line) => lines.push(understand(line)),
                None => break,
            }
        }
        if !lines.is_empty() {
            report.tell(News::Lines(lines)).await;
        }
    }
}

/// Reads a line strictly, else shows what can be shown of it, else says that it cannot be read.
fn understand(line: Result<&str, LineError<'_>>) -> Line {
    let text = match line {
        Ok(line) | Err(LineError::ControlCharacter(line)) => line,
        Err(error @ (LineError::TooLong | LineError::NotUtf8(_))) => {
            return Line::Unreadable(error.to_string());
        }
    };
    if let Ok(Command::Message { from, text }) = Command::parse(text) {
        let text = text.as_str().to_owned();
        return match from {
            Speaker::Server => Line::Notice(text),
            Speaker::Member(name) => Line::Said { from: name.to_string(), text },
        };
    }
    match salvage_message(text) {
        Some((from, text)) => Line::Said { from, text },
        None => Line::Unreadable("it is not a message".to_owned()),
    }
}

/// Writes what is ordered until the orders end. `written` holds the keys of lines that are written
/// and yet to be told.
async fn write(
    mut stream: TcpStream,
    link: u64,
    name: &mut Name,
    orders: &Receiver<Order>,
    report: &Reporter,
    written: &RefCell<Vec<u64>>,
) -> io::Result<()> {
    let mut batch = Batch::default();
    loop {
        // The orders' end is noticed only once all of them were taken.
        let Ok(order) = orders.recv().await else { return Ok(()) };
        batch.add(order, link, name);
        while batch.bytes.len() < WRITE_SIZE
            && let Ok(order) = orders.try_recv()
        {
            batch.add(order, link, name);
        }
        let mut done = 0;
        while done < batch.bytes.len() {
            done += match stream.write(&batch.bytes[done..]).await? {
                0 => return Err(io::ErrorKind::WriteZero.into()),
                count => count,
            };
            written.borrow_mut().extend(batch.complete(done));
            report.try_tell_sent(&mut written.borrow_mut());
        }
        while !written.borrow().is_empty() {
            Timer::after(FULL_RETRY).await;
            report.try_tell_sent(&mut written.borrow_mut());
        }
        batch = Batch::default();
    }
}

/// Lines about to be written, and where each of them ends.
#[derive(Default)]
struct Batch {
    bytes: Vec<u8>,
    ends: VecDeque<(u64, usize)>,
}

impl Batch {
    fn add(&mut self, order: Order, link: u64, name: &mut Name) {
        match order {
            Order::Send { link: meant, key, text } => {
                if meant == link {
                    self.bytes.extend_from_slice(b"SEND ");
                    self.bytes.extend_from_slice(text.as_bytes());
                    self.bytes.push(b'\n');
                    self.ends.push_back((key, self.bytes.len()));
                }
            }
            Order::Name { name: new, say } => {
                *name = new;
                if say {
                    self.bytes.extend_from_slice(format!("{}\n", Command::Name(name.clone())).as_bytes());
                }
            }
            Order::RetryNow => {}
        }
    }

    /// The keys of the lines that are whole within the first `written` bytes, each given once.
    fn complete(&mut self, written: usize) -> impl Iterator<Item = u64> {
        let count = self.ends.partition_point(|&(_, end)| end <= written);
        self.ends.drain(..count).map(|(key, _)| key)
    }
}

/// Says the name, before anything else.
pub(super) async fn introduce(stream: &TcpStream, name: &Name) -> io::Result<()> {
    stream.clone().write_all(format!("{}\n", Command::Name(name.clone())).as_bytes()).await
}
