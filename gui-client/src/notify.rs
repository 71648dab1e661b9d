//! Calls a person through the system's notifications, from a thread of its own: the system may take its time,
//! and nobody waits for it. Knows nothing of when to call.

use std::io;
use std::thread;

use async_channel::{Receiver, Sender};
use notify_rust::Notification;

use crate::attention::Notice;

/// So many calls may wait for a system that takes its time. More are left out.
const MAX_WAITING: usize = 4;

/// Starts the thread that calls. It ends when nobody can give it anything any more.
///
/// # Errors
/// When the operating system has no thread to give.
pub fn start() -> io::Result<Sender<Notice>> {
    let (sender, notices) = async_channel::bounded(MAX_WAITING);
    thread::Builder::new().name("notifications".to_owned()).spawn(move || run(&notices))?;
    Ok(sender)
}

fn run(notices: &Receiver<Notice>) {
    let (mut last, mut complained) = (None, false);
    while let Ok(notice) = notices.recv_blocking() {
        let mut notification = Notification::new();
        notification.appname("Oneroom").summary(&notice.summary);
        match show(&mut notification, &notice.body, last) {
            Ok(number) => last = number,
            // Many a desktop has no notifications; once is enough to know.
            Err(error) if !complained => {
                log::warn!("notifications: {error}");
                complained = true;
            }
            Err(_) => {}
        }
    }
}

/// Shows it in the place of the last one. Texts may be markup here, and each notification has a number.
#[cfg(all(unix, not(target_os = "macos")))]
fn show(
    notification: &mut Notification,
    body: &str,
    last: Option<u32>,
) -> notify_rust::error::Result<Option<u32>> {
    notification.body(&escape(body)).icon("oneroom");
    notification.hint(notify_rust::Hint::DesktopEntry("oneroom".to_owned()));
    if let Some(last) = last {
        notification.id(last);
    }
    notification.show().map(|shown| Some(shown.id()))
}

/// Shows it. The system puts it where it likes.
#[cfg(not(all(unix, not(target_os = "macos"))))]
fn show(
    notification: &mut Notification,
    body: &str,
    _last: Option<u32>,
) -> notify_rust::error::Result<Option<u32>> {
    notification.body(body).show().map(|_| None)
}

/// The text as it is, for who reads markup.
#[cfg(all(unix, not(target_os = "macos")))]
fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

#[cfg(all(test, unix, not(target_os = "macos")))]
mod tests {
    use super::*;

    #[test]
    fn what_is_said_is_no_markup() {
        assert_eq!(escape("<b>&amp;</b>"), "&lt;b&gt;&amp;amp;&lt;/b&gt;");
    }
}
