//! Times and days as they are shown. Knows the time zone and whether a day has twelve hours twice, and
//! nothing of what happened when.

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

/// Where, in English, a day has twelve hours twice.
const TWELVE: [&str; 6] = ["AU", "CA", "IN", "NZ", "PH", "US"];

/// Shows times in one time zone, with 24 hours or with twice twelve.
#[derive(Debug, Clone, PartialEq)]
pub struct Clock {
    zone: TimeZone,
    twelve: bool,
}

impl Default for Clock {
    /// The time zone of this computer, and 24 hours.
    fn default() -> Self {
        Self::of(TimeZone::system(), false)
    }
}

impl Clock {
    /// A clock in this time zone, with `twelve` hours twice or with 24.
    pub fn of(zone: TimeZone, twelve: bool) -> Self {
        Self { zone, twelve }
    }

    /// The time zone of this computer, with the hours that are usual for its language.
    pub fn of_this_computer() -> Self {
        let twelve = sys_locale::get_locale().is_some_and(|locale| is_twelve(&locale));
        Self { twelve, ..Self::default() }
    }

    /// The same zone with `twelve` hours twice or with 24.
    pub fn with_hours(&self, twelve: bool) -> Self {
        Self { zone: self.zone.clone(), twelve }
    }

    /// The time as `15:04` or `3:04 pm`. A time that no calendar knows is shown as nothing.
    pub fn time(&self, at: i64) -> String {
        let form = if self.twelve { "%-I:%M %P" } else { "%H:%M" };
        self.zoned(at).map(|zoned| zoned.strftime(form).to_string()).unwrap_or_default()
    }

    /// The day, for comparing.
    pub fn day(&self, at: i64) -> Option<Date> {
        self.zoned(at).map(|zoned| zoned.date())
    }

    /// The day in words.
    pub fn day_words(&self, at: i64) -> String {
        self.zoned(at).map(|zoned| zoned.strftime("%A, %-d %B %Y").to_string()).unwrap_or_default()
    }

    /// Day and time, in few words.
    pub fn short(&self, at: i64) -> String {
        let form = if self.twelve { "%-d %b %Y, %-I:%M %P" } else { "%-d %b %Y, %H:%M" };
        self.zoned(at).map(|zoned| zoned.strftime(form).to_string()).unwrap_or_default()
    }

    /// Day and time, to the second.
    pub fn full(&self, at: i64) -> String {
        let form = if self.twelve { "%A, %-d %B %Y, %-I:%M:%S %P" } else { "%A, %-d %B %Y, %H:%M:%S" };
        self.zoned(at).map(|zoned| zoned.strftime(form).to_string()).unwrap_or_default()
    }

    fn zoned(&self, at: i64) -> Option<jiff::Zoned> {
        Some(Timestamp::from_millisecond(at).ok()?.to_zoned(self.zone.clone()))
    }
}

/// Whether this locale, as in `en-US`, has twelve hours twice.
fn is_twelve(locale: &str) -> bool {
    let mut parts = locale.split(['-', '_', '.']);
    parts.next() == Some("en") && parts.any(|part| TWELVE.contains(&part))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_and_days_are_those_of_the_zone() {
        let clock = Clock::of(TimeZone::fixed(jiff::tz::offset(2)), false);
        let at = 1_700_000_000_000;
        assert_eq!(clock.time(at), "00:13");
        assert_eq!(clock.with_hours(true).time(at), "12:13 am");
        assert_eq!(clock.with_hours(true).time(at + 15 * 3_600_000), "3:13 pm");
        assert_eq!(clock.day_words(at), "Wednesday, 15 November 2023");
        assert_ne!(clock.day(at), clock.day(at - 14 * 60_000));
        assert_eq!(clock.full(at), "Wednesday, 15 November 2023, 00:13:20");
        assert_eq!(clock.with_hours(true).full(at), "Wednesday, 15 November 2023, 12:13:20 am");
        assert_eq!((clock.time(i64::MAX), clock.full(i64::MAX)), (String::new(), String::new()));
    }

    #[test]
    fn hours_are_those_of_the_language() {
        for (locale, twelve) in [
            ("en-US", true),
            ("en_CA.UTF-8", true),
            ("en-GB", false),
            ("fr-CA", false),
            ("C", false),
            ("", false),
        ] {
            assert_eq!(is_twelve(locale), twelve, "{locale}");
        }
    }
}
