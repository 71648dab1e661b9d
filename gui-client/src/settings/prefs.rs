//! How a person likes the program: theme, size, density, hours, notifications. Plain data that reads
//! whatever a file holds. Knows nothing of how any of it is brought about.

use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer, Serialize};

/// How a person likes the program. What a file holds that cannot be understood is as if it were not there,
/// each field for itself, so that a later program's file is no broken one.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Prefs {
    /// Dark or light.
    #[serde(deserialize_with = "lossy")]
    pub theme: ThemeChoice,
    /// How large everything is.
    #[serde(deserialize_with = "lossy")]
    pub zoom: Zoom,
    /// How close everything stands.
    #[serde(deserialize_with = "lossy")]
    pub density: Density,
    /// How many hours a day has.
    #[serde(deserialize_with = "lossy")]
    pub clock: Hours,
    /// What is told while the window is not looked at.
    #[serde(deserialize_with = "lossy")]
    pub notify: Notify,
}

/// One change to them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pref {
    /// To the theme.
    Theme(ThemeChoice),
    /// To the size.
    Zoom(Zoom),
    /// To the density.
    Density(Density),
    /// To the hours.
    Clock(Hours),
    /// To what is told.
    Notify(Notify),
}

/// Dark or light.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ThemeChoice {
    /// What the system has.
    #[default]
    System,
    /// Light.
    Light,
    /// Dark.
    Dark,
}

/// How close things stand.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Density {
    /// With room between them.
    #[default]
    Roomy,
    /// More of them at a time.
    Compact,
}

/// How many hours a day has.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Hours {
    /// What is usual for the system's language.
    #[default]
    System,
    /// 24.
    H24,
    /// Twice twelve.
    H12,
}

/// What is told while the window is not looked at.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Notify {
    /// Messages with our name in them.
    #[default]
    Mentions,
    /// Every message.
    All,
    /// Nothing.
    None,
}

/// How large everything is, in per cent of its usual size: [`Zoom::LEAST`] to [`Zoom::MOST`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Zoom(u16);

impl Zoom {
    /// The smallest.
    pub const LEAST: Self = Self(50);
    /// The largest.
    pub const MOST: Self = Self(300);

    /// So many per cent, within the bounds.
    pub fn of_percent(percent: u16) -> Self {
        Self(percent).clamp(Self::LEAST, Self::MOST)
    }

    /// The nearest to this factor, within the bounds.
    pub fn of_factor(factor: f32) -> Self {
        Self::of_percent((factor * 100.0).round() as u16)
    }

    /// In per cent.
    pub fn percent(self) -> u16 {
        self.0
    }

    /// As a factor.
    pub fn factor(self) -> f32 {
        f32::from(self.0) / 100.0
    }
}

impl Default for Zoom {
    fn default() -> Self {
        Self(100)
    }
}

impl<'de> Deserialize<'de> for Zoom {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        u16::deserialize(from).map(Self::of_percent)
    }
}

impl Prefs {
    /// Makes this change.
    pub fn set(&mut self, pref: Pref) {
        match pref {
            Pref::Theme(theme) => self.theme = theme,
            Pref::Zoom(zoom) => self.zoom = zoom,
            Pref::Density(density) => self.density = density,
            Pref::Clock(clock) => self.clock = clock,
            Pref::Notify(notify) => self.notify = notify,
        }
    }
}

/// What cannot be understood is the default.
pub(super) fn lossy<'de, T: DeserializeOwned + Default, D: Deserializer<'de>>(
    from: D,
) -> Result<T, D::Error> {
    let value = serde_json::Value::deserialize(from)?;
    Ok(serde_json::from_value(value).unwrap_or_else(|error| {
        log::warn!("a setting: {error}");
        T::default()
    }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::settings::Settings;

    #[test]
    fn each_field_of_a_file_is_understood_for_itself() {
        let prefs = |text: &str| serde_json::from_str::<Settings>(text).unwrap().prefs;
        let dark = Prefs { theme: ThemeChoice::Dark, ..Prefs::default() };
        for (text, expected) in [
            (r#"{}"#, Prefs::default()),
            (r#"{"prefs": {"theme": "dark"}}"#, dark),
            (r#"{"prefs": {"theme": "dark", "zoom": "large", "density": 5, "later": [1]}}"#, dark),
            (
                r#"{"prefs": {"theme": "sepia", "clock": "h12"}}"#,
                Prefs { clock: Hours::H12, ..Prefs::default() },
            ),
            (r#"{"prefs": {"zoom": 9999}}"#, Prefs { zoom: Zoom::MOST, ..Prefs::default() }),
            (r#"{"prefs": {"zoom": 0}}"#, Prefs { zoom: Zoom::LEAST, ..Prefs::default() }),
            (r#"{"prefs": {"zoom": -1}}"#, Prefs::default()),
            (r#"{"prefs": 5}"#, Prefs::default()),
            (r#"{"prefs": null}"#, Prefs::default()),
        ] {
            assert_eq!(prefs(text), expected, "{text}");
        }
    }

    #[test]
    fn what_is_set_is_written_and_read() {
        let mut prefs = Prefs::default();
        for pref in [
            Pref::Theme(ThemeChoice::Light),
            Pref::Zoom(Zoom::of_factor(1.1)),
            Pref::Density(Density::Compact),
            Pref::Clock(Hours::H24),
            Pref::Notify(Notify::None),
        ] {
            let before = prefs;
            prefs.set(pref);
            assert_ne!(prefs, before);
            let text = serde_json::to_string(&prefs).unwrap();
            assert_eq!(serde_json::from_str::<Prefs>(&text).unwrap(), prefs, "{text}");
        }
        assert_eq!((prefs.zoom.percent(), prefs.zoom.factor()), (110, 1.1));
    }

    #[test]
    fn a_zoom_is_within_its_bounds() {
        for (factor, percent) in [(0.2, 50), (5.0, 300), (1.0, 100), (f32::NAN, 50), (0.7, 70)] {
            assert_eq!(Zoom::of_factor(factor).percent(), percent);
        }
    }
}
