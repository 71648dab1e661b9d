//! Times and days as they are shown. Knows the time zone, and nothing of what happened when.

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

/// Shows times in one time zone.
#[derive(Debug, Clone)]
pub(super) struct Clock(TimeZone);

impl Clock {
    /// The time zone of this computer.
    pub(super) fn local() -> Self {
        Self(TimeZone::system())
    }

    /// The time as HH:MM. A time that no calendar knows is shown as nothing.
    pub(super) fn time(&self, at: i64) -> String {
        self.zoned(at).map(|zoned| zoned.strftime("%H:%M").to_string()).unwrap_or_default()
    }

    /// The day, for comparing.
    pub(super) fn day(&self, at: i64) -> Option<Date> {
        self.zoned(at).map(|zoned| zoned.date())
    }

    /// The day in words.
    pub(super) fn day_words(&self, at: i64) -> String {
        self.zoned(at).map(|zoned| zoned.strftime("%A, %-d %B %Y").to_string()).unwrap_or_default()
    }

    /// Day and time, to the second.
    pub(super) fn full(&self, at: i64) -> String {
        let words = |zoned: jiff::Zoned| zoned.strftime("%A, %-d %B %Y, %H:%M:%S").to_string();
        self.zoned(at).map(words).unwrap_or_default()
    }

    fn zoned(&self, at: i64) -> Option<jiff::Zoned> {
        Some(Timestamp::from_millisecond(at).ok()?.to_zoned(self.0.clone()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_and_days_are_those_of_the_zone() {
        let clock = Clock(TimeZone::fixed(jiff::tz::offset(2)));
        let at = 1_700_000_000_000;
        assert_eq!(clock.time(at), "00:13");
        assert_eq!(clock.day_words(at), "Wednesday, 15 November 2023");
        assert_ne!(clock.day(at), clock.day(at - 14 * 60_000));
        assert_eq!(clock.full(at), "Wednesday, 15 November 2023, 00:13:20");
        assert_eq!((clock.time(i64::MAX), clock.full(i64::MAX)), (String::new(), String::new()));
    }
}
