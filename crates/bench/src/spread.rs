//! Figures that were measured several times.

use std::fmt;

/// The value below which such a share of sorted values lies; 0 of none.
pub(crate) fn quantile(sorted: &[f64], share: f64) -> f64 {
    let last = sorted.len().saturating_sub(1);
    let position = (last as f64 * share).round() as usize;
    sorted.get(position).copied().unwrap_or_default()
}

/// The middle of several values, and how far they are apart.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Spread {
    median: f64,
    least: f64,
    most: f64,
}

impl Spread {
    pub(crate) fn of(values: impl Iterator<Item = f64>) -> Self {
        let mut values: Vec<f64> = values.collect();
        values.sort_by(f64::total_cmp);
        Self {
            median: quantile(&values, 0.5),
            least: quantile(&values, 0.0),
            most: quantile(&values, 1.0),
        }
    }
}

impl Spread {
    pub(crate) fn median(&self) -> f64 {
        self.median
    }

    pub(crate) fn least(&self) -> f64 {
        self.least
    }

    pub(crate) fn most(&self) -> f64 {
        self.most
    }
}

/// With as many places as are asked for: `12.3 (10.1–14.0)`.
impl fmt::Display for Spread {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let places = f.precision().unwrap_or(0);
        let Self {
            median,
            least,
            most,
        } = self;
        write!(f, "{median:.places$} ({least:.places$}–{most:.places$})")
    }
}
