//! What is to be reached, and whether it is. A goal that is missed is reported, and is no failure: the
//! machine decides too.

use std::fmt;

use super::table::{Table, number};

/// Where a figure has to be.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Bound {
    /// There or above.
    AtLeast(f64),
    /// There or below.
    AtMost(f64),
    /// Below.
    Below(f64),
}

impl Bound {
    fn holds(self, figure: f64) -> bool {
        match self {
            Self::AtLeast(bound) => figure >= bound,
            Self::AtMost(bound) => figure <= bound,
            Self::Below(bound) => figure < bound,
        }
    }
}

impl fmt::Display for Bound {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (sign, bound) = match *self {
            Self::AtLeast(bound) => ("≥", bound),
            Self::AtMost(bound) => ("≤", bound),
            Self::Below(bound) => ("<", bound),
        };
        write!(f, "{sign} {}", number(Some(bound)))
    }
}

/// All goals, with what was measured.
#[derive(Debug, Default)]
pub struct Goals(Vec<(String, Option<f64>, Bound)>);

impl Goals {
    /// Adds a goal and what was measured, if it could be: what is no number, or has no end, was not.
    pub fn add(&mut self, what: impl Into<String>, figure: Option<f64>, bound: Bound) {
        self.0.push((what.into(), figure.filter(|figure| figure.is_finite()), bound));
    }
}

impl fmt::Display for Goals {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut table = Table::new(&["goal", "", "bound", "measured"], 2);
        for (what, figure, bound) in &self.0 {
            let verdict = match figure {
                None => "not measured",
                Some(figure) if bound.holds(*figure) => "met",
                Some(_) => "missed",
            };
            table.row([what.clone(), verdict.to_owned(), bound.to_string(), number(*figure)]);
        }
        table.fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bound_is_met_on_the_dot_unless_it_has_to_be_below() {
        let verdict = |figure, bound| {
            let mut goals = Goals::default();
            goals.add("x", figure, bound);
            goals.to_string().lines().nth(1).unwrap().split_whitespace().nth(1).unwrap().to_owned()
        };
        for (figure, bound, expected) in [
            (Some(0.8), Bound::AtLeast(0.8), "met"),
            (Some(0.79), Bound::AtLeast(0.8), "missed"),
            (Some(1.25), Bound::AtMost(1.25), "met"),
            (Some(1.26), Bound::AtMost(1.25), "missed"),
            (Some(5.0), Bound::Below(5.0), "missed"),
            (Some(4.9), Bound::Below(5.0), "met"),
            (None, Bound::Below(5.0), "not"),
            (Some(f64::INFINITY), Bound::AtLeast(5.0), "not"),
            (Some(f64::NEG_INFINITY), Bound::AtMost(5.0), "not"),
            (Some(f64::NAN), Bound::AtMost(5.0), "not"),
        ] {
            assert_eq!(verdict(figure, bound), expected, "{figure:?} {bound}");
        }
    }
}
