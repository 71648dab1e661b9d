//! What one talk gives, and what many say together. A ratio is taken between two servers in one round,
//! minutes of which a machine is much the same, and only then the median of the rounds.

use std::time::Duration;

use hdrhistogram::Histogram;

use crate::load::Outcome;

/// The figures of one talk with one server. One that could not be measured is no number.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Figures {
    /// Lines read per second, all members together.
    pub rate: f64,
    /// The server's processor time for each, in nanoseconds, where the system tells it.
    pub cpu: Option<f64>,
    /// The processor time of this process for each, which says, reads and compares: with one core for
    /// itself, it can do no more than that allows.
    pub tool: Option<f64>,
    /// From said to read, in microseconds: median, 99 of 100, and the longest.
    pub latency: [f64; 3],
    /// The same of the polite sender's messages.
    pub polite: [f64; 3],
    /// How long the polite sender's messages waited until the first receiver had them.
    pub wait: [f64; 3],
    /// The messages that stood before the polite sender's, at the median.
    pub before: f64,
    /// How often slow members were disconnected and came back.
    pub rejoined: f64,
    /// How far behind the middle one of them was at the end, in KiB.
    pub behind: f64,
}

impl Figures {
    /// The figures of an outcome for which the server and this process were busy for so long.
    pub fn new(outcome: &Outcome, server: Option<Duration>, tool: Option<Duration>) -> Self {
        let deliveries = (outcome.deliveries + outcome.passing.deliveries) as f64;
        let each = |busy: Duration| busy.as_nanos() as f64 / deliveries;
        Self {
            // Where nothing was delivered, a rate of 0 would make good figures of others.
            rate: if outcome.deliveries == 0 { f64::NAN } else { outcome.rate() },
            cpu: server.map(each),
            tool: tool.map(each),
            latency: quantiles(&outcome.latency),
            polite: quantiles(&outcome.polite),
            wait: quantiles(&outcome.wait),
            before: if outcome.before.is_empty() {
                f64::NAN
            } else {
                outcome.before.value_at_quantile(0.5) as f64
            },
            rejoined: outcome.passing.rejoined as f64,
            behind: outcome.passing.behind as f64 / 1024.0,
        }
    }

    /// Median latency, in microseconds.
    pub fn p50(&self) -> f64 {
        self.latency[0]
    }

    /// The latency that 99 of 100 do not pass, in microseconds.
    pub fn p99(&self) -> f64 {
        self.latency[1]
    }
}

fn quantiles(latency: &Histogram<u64>) -> [f64; 3] {
    let at = |quantile| latency.value_at_quantile(quantile) as f64 / 1000.0;
    [0.5, 0.99, 1.0].map(|quantile| if latency.is_empty() { f64::NAN } else { at(quantile) })
}

/// The figures of one server and one task, one for each round.
#[derive(Debug, Clone, Default)]
pub struct Rounds(pub Vec<Figures>);

impl Rounds {
    /// The median of a figure, where all rounds have it.
    pub fn median<T: Into<Option<f64>>>(&self, figure: impl Fn(&Figures) -> T) -> Option<f64> {
        median(self.0.iter().map(|figures| figure(figures).into()).collect::<Option<_>>()?)
    }

    /// How many times that of `other` a figure is: the median of the rounds' ratios.
    pub fn ratio<T: Into<Option<f64>>>(&self, other: &Self, figure: impl Fn(&Figures) -> T) -> Option<f64> {
        let pairs = self.0.iter().zip(&other.0);
        let ratios = pairs.map(|(ours, theirs)| Some(figure(ours).into()? / figure(theirs).into()?));
        median(ratios.collect::<Option<_>>()?)
    }
}

/// The middle one, or the mean of the two in the middle. Of nothing there is none, nor where one of them
/// is no number or has no end: then something could not be measured.
pub fn median(mut figures: Vec<f64>) -> Option<f64> {
    if !figures.iter().all(|figure| figure.is_finite()) {
        return None;
    }
    figures.sort_by(f64::total_cmp);
    let middle = figures.len() / 2;
    match figures.len() % 2 {
        0 => Some((figures.get(middle.checked_sub(1)?)? + figures[middle]) / 2.0),
        _ => Some(figures[middle]),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rounds(rates: &[f64]) -> Rounds {
        let figures = |&rate| Figures {
            rate,
            cpu: None,
            tool: None,
            latency: [rate; 3],
            polite: [0.0; 3],
            wait: [0.0; 3],
            before: 0.0,
            rejoined: 0.0,
            behind: 0.0,
        };
        Rounds(rates.iter().map(figures).collect())
    }

    #[test]
    fn the_middle_one() {
        assert_eq!(median(vec![]), None);
        assert_eq!(median(vec![3.0]), Some(3.0));
        assert_eq!(median(vec![9.0, 1.0]), Some(5.0));
        assert_eq!(median(vec![9.0, 1.0, 2.0]), Some(2.0));
        assert_eq!(median(vec![1.0, f64::NAN]), None);
        assert_eq!(median(vec![1.0, 2.0, f64::INFINITY]), None);
    }

    #[test]
    fn of_a_talk_in_which_nothing_was_said_nothing_was_measured() {
        let histogram = || Histogram::new(3).unwrap();
        let outcome = Outcome {
            messages: 0,
            deliveries: 0,
            elapsed: Duration::from_millis(1),
            latency: histogram(),
            polite: histogram(),
            wait: histogram(),
            before: histogram(),
            passing: Default::default(),
        };
        let busy = Some(Duration::from_millis(1));
        let nothing = Rounds(vec![Figures::new(&outcome, busy, busy)]);
        assert_eq!(nothing.median(|figures| figures.rate), None);
        assert_eq!(nothing.median(|figures| figures.cpu), None);
        assert_eq!(nothing.median(Figures::p99), None);
        assert_eq!(nothing.median(|figures| figures.wait[1] * figures.rate), None);
        assert_eq!(nothing.ratio(&nothing, |figures| figures.polite[1]), None);
        assert_eq!(rounds(&[1.0]).ratio(&rounds(&[0.0]), |figures| figures.rate), None);
    }

    #[test]
    fn ratios_are_taken_within_a_round() {
        // A machine that is twice as slow in the second round, and disturbed in the third.
        let (ours, theirs) = (rounds(&[30.0, 15.0, 1.0]), rounds(&[10.0, 5.0, 10.0]));
        assert_eq!(ours.ratio(&theirs, |figures| figures.rate), Some(3.0));
        assert_eq!(ours.median(|figures| figures.rate), Some(15.0));
        assert_eq!(ours.ratio(&theirs, |figures| figures.cpu), None);
        assert_eq!(ours.ratio(&Rounds::default(), |figures| figures.rate), None);
    }
}
