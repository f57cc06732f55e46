//! Work, measured beside its limit, in turns.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::spread::Spread;

/// What was measured once, by name.
pub(crate) type Figures = BTreeMap<String, f64>;

/// What is to be reached.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Goal {
    /// What the figure is.
    pub(crate) figure: String,
    pub(crate) bound: Bound,
}

/// On which side of what.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Bound {
    AtLeast(f64),
    AtMost(f64),
    /// It is only shown.
    None,
}

impl Goal {
    pub(crate) fn at_least(bound: f64, figure: &str) -> Self {
        Self {
            figure: figure.to_owned(),
            bound: Bound::AtLeast(bound),
        }
    }

    pub(crate) fn at_most(bound: f64, figure: &str) -> Self {
        Self {
            figure: figure.to_owned(),
            bound: Bound::AtMost(bound),
        }
    }

    pub(crate) fn shown(figure: &str) -> Self {
        Self {
            figure: figure.to_owned(),
            bound: Bound::None,
        }
    }
}

/// Work, and its limit in the same rounds.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Comparison {
    pub(crate) work: String,
    /// What it is held against.
    pub(crate) limit: String,
    pub(crate) goal: Goal,
    /// The goal's figure, each round.
    pub(crate) reached: Vec<f64>,
    /// Each round.
    pub(crate) ours: Vec<Figures>,
    /// Each round; empty where the goal is no ratio.
    pub(crate) limits: Vec<Figures>,
}

impl Comparison {
    pub(crate) fn new(work: &str, limit: &str, goal: Goal) -> Self {
        Self {
            work: work.to_owned(),
            limit: limit.to_owned(),
            goal,
            reached: Vec::new(),
            ours: Vec::new(),
            limits: Vec::new(),
        }
    }

    /// A round, of which a figure of ours is divided by the limit's.
    pub(crate) fn divided(&mut self, figure: &str, ours: Figures, limit: Figures) {
        let of = |figures: &Figures| figures.get(figure).copied().unwrap_or(f64::NAN);
        self.round(of(&ours) / of(&limit), ours, Some(limit));
    }

    /// A round.
    pub(crate) fn round(&mut self, reached: f64, ours: Figures, limit: Option<Figures>) {
        self.reached.push(reached);
        self.ours.push(ours);
        self.limits.extend(limit);
    }

    pub(crate) fn spread(&self) -> Spread {
        Spread::of(self.reached.iter().copied())
    }

    /// Whether the median is on the right side. Without a figure nothing is reached.
    pub(crate) fn is_reached(&self) -> bool {
        let median = match self.reached.is_empty() {
            true => f64::NAN,
            false => self.spread().median(),
        };
        match self.goal.bound {
            Bound::AtLeast(bound) => median >= bound,
            Bound::AtMost(bound) => median <= bound,
            Bound::None => true,
        }
    }
}
