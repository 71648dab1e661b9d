//! Wakes the loop in time. What waits for readiness counts in milliseconds, and rounds up; a message
//! that is said a millisecond late would be the server's fault in every figure. So on Linux a timer of
//! the system is waited for like a socket; elsewhere what rounding adds is part of the figures.

use std::io;
use std::time::Instant;

use mio::{Registry, Token};

/// One moment to be woken at.
#[derive(Debug)]
pub(super) struct Alarm {
    #[cfg(target_os = "linux")]
    timer: std::os::fd::OwnedFd,
    #[cfg(target_os = "linux")]
    set: Option<Instant>,
}

#[cfg(target_os = "linux")]
impl Alarm {
    pub(super) fn new(registry: &Registry, token: Token) -> io::Result<Self> {
        use std::os::fd::AsRawFd as _;

        use mio::Interest;
        use mio::unix::SourceFd;
        use rustix::time::{TimerfdClockId, TimerfdFlags, timerfd_create};

        let flags = TimerfdFlags::NONBLOCK | TimerfdFlags::CLOEXEC;
        let timer = timerfd_create(TimerfdClockId::Monotonic, flags)?;
        registry.register(&mut SourceFd(&timer.as_raw_fd()), token, Interest::READABLE)?;
        Ok(Self { timer, set: None })
    }

    /// There will be an event at `when`, and none for a moment that was set before.
    pub(super) fn set(&mut self, when: Instant, now: Instant) -> io::Result<()> {
        use rustix::time::{Itimerspec, TimerfdTimerFlags, Timespec, timerfd_settime};

        // Asked for again and again, and seldom for another moment. A moment that has passed has had
        // its event, and whoever asks for it once more is to have another.
        if self.set == Some(when) && when > now {
            return Ok(());
        }
        // Zero would be no alarm at all.
        let left = when.saturating_duration_since(now).max(std::time::Duration::from_nanos(1));
        let wait = Timespec::try_from(left).map_err(io::Error::other)?;
        let once = Itimerspec { it_interval: Timespec::default(), it_value: wait };
        timerfd_settime(&self.timer, TimerfdTimerFlags::empty(), &once)?;
        self.set = Some(when);
        Ok(())
    }
}

#[cfg(not(target_os = "linux"))]
impl Alarm {
    pub(super) fn new(_registry: &Registry, _token: Token) -> io::Result<Self> {
        Ok(Self {})
    }

    pub(super) fn set(&mut self, _when: Instant, _now: Instant) -> io::Result<()> {
        Ok(())
    }
}
