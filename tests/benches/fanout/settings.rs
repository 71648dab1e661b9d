//! How much is measured: from the flags to rounds and durations.

use std::str::FromStr;
use std::time::Duration;

use anyhow::{Context as _, ensure};

/// A part of the benchmark.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Scenario {
    /// Every server, few and many receivers, senders and messages on their way.
    Table,
    /// Many members, and nobody talks.
    Idle,
    /// What members who hardly read cost the others.
    Trickle,
    /// One who says little among many who say all they can.
    Polite,
    /// What a delivery costs among ten, and among ten thousand.
    Scaling,
}

impl Scenario {
    pub(crate) const ALL: [Self; 5] = [Self::Table, Self::Idle, Self::Trickle, Self::Polite, Self::Scaling];
}

impl FromStr for Scenario {
    type Err = String;

    fn from_str(word: &str) -> Result<Self, String> {
        match word {
            "table" => Ok(Self::Table),
            "idle" => Ok(Self::Idle),
            "trickle" => Ok(Self::Trickle),
            "polite" => Ok(Self::Polite),
            "scaling" => Ok(Self::Scaling),
            _ => Err("it must be table, idle, trickle, polite or scaling".to_owned()),
        }
    }
}

/// The longest talk.
const LONGEST: Duration = Duration::from_secs(3600);

/// How much is measured.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Settings {
    /// Everything in small.
    pub(crate) quick: bool,
    /// How often each figure is taken.
    pub(crate) rounds: usize,
    /// How long each talk is that is measured.
    pub(crate) talk: Duration,
    /// How long is talked before that.
    pub(crate) warm_up: Duration,
    /// The most members there are descriptors for.
    pub(crate) most_members: usize,
}

impl Settings {
    pub(crate) fn new(
        quick: bool,
        rounds: Option<usize>,
        seconds: Option<f64>,
        files: Option<usize>,
    ) -> anyhow::Result<Self> {
        let rounds = rounds.unwrap_or(if quick { 1 } else { 5 });
        ensure!(rounds > 0, "--rounds must be 1 or more");
        let talk = Duration::try_from_secs_f64(seconds.unwrap_or(if quick { 0.2 } else { 1.0 }))
            .ok()
            .filter(|talk| *talk <= LONGEST)
            .with_context(|| format!("--seconds must be 0 to {}", LONGEST.as_secs()))?;
        /// What else is open here, and in a server.
        const OTHERS: usize = 200;
        let most_members = files.unwrap_or(usize::MAX).saturating_sub(OTHERS);
        Ok(Self { quick, rounds, talk, warm_up: talk / 10, most_members })
    }
}
