//! The report as a picture: how much of what was to be reached was reached.

use std::fmt::{self, Write as _};

use super::Report;
use super::numbers::number;
use crate::comparison::{Bound, Comparison};

/// All lengths are in pixels.
const WIDTH: f64 = 960.0;
const EDGE: f64 = 24.0;
/// Where bars begin: left of it stands what the work is.
const FROM: f64 = 450.0;
/// Where the longest ends: right of it stands its value.
const TO: f64 = 860.0;
const ROW: f64 = 24.0;
const BAR: f64 = 14.0;
const HEADING: f64 = 36.0;
const TOP: f64 = 84.0;
/// A bar of this value or more is as long as the picture is wide.
const MOST: f64 = 2.5;
/// How many letters of a name there is room for.
const LETTERS: usize = 58;

const STYLE: &str = "\
<style>
  text { font: 12.5px system-ui, -apple-system, 'Segoe UI', 'DejaVu Sans', sans-serif; fill: #1f2328 }
  .value { paint-order: stroke; stroke: #ffffff; stroke-width: 4px; stroke-linejoin: round }
  .title { font-size: 17px; font-weight: 600 }
  .part { font-weight: 600 }
  .small { font-size: 11.5px; fill: #59636e }
  .ground { fill: #ffffff }
  .good { fill: #2f7d5b }
  .missed { fill: #c8501e }
  .line { stroke: #59636e; stroke-width: 1; stroke-dasharray: 4 3 }
  @media (prefers-color-scheme: dark) {
    text { fill: #e6edf3 }
    .value { stroke: #0d1117 }
    .small { fill: #9198a1 }
    .ground { fill: #0d1117 }
    .good { fill: #4cb58a }
    .missed { fill: #f0803c }
    .line { stroke: #9198a1 }
  }
</style>
";

/// The whole picture, as SVG.
pub(super) fn of(report: &Report) -> Result<String, fmt::Error> {
    let (mut body, mut y) = (String::new(), TOP);
    for (name, results) in report.parts() {
        let bars: Vec<Bar<'_>> = results.comparisons.iter().filter_map(Bar::of).collect();
        if bars.is_empty() {
            continue;
        }
        y += HEADING;
        let base = y - 10.0;
        writeln!(
            body,
            "<text class=\"part\" x=\"{EDGE}\" y=\"{base}\">{}</text>",
            escape(name)
        )?;
        for bar in bars {
            bar.draw(y, &mut body)?;
            y += ROW;
        }
    }
    let (line, height) = (x(1.0), y + EDGE);
    let mut out = String::new();
    writeln!(
        out,
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{WIDTH}\" height=\"{height}\" \
         viewBox=\"0 0 {WIDTH} {height}\" role=\"img\" aria-labelledby=\"title\">"
    )?;
    writeln!(
        out,
        "<title id=\"title\">What was reached, divided by what was to be reached</title>"
    )?;
    out += STYLE;
    write!(
        out,
        "<rect class=\"ground\" width=\"{WIDTH}\" height=\"{height}\" rx=\"8\"/>\n\
         <text class=\"title\" x=\"{EDGE}\" y=\"36\">Reached ÷ to reach</text>\n\
         <text class=\"small\" x=\"{EDGE}\" y=\"58\">Median of the rounds; longer is better in \
         every bar. Where little is good, it is the bound ÷ what was reached.</text>\n\
         <rect class=\"good\" x=\"{EDGE}\" y=\"72\" width=\"12\" height=\"12\" rx=\"2\"/>\n\
         <text class=\"small\" x=\"42\" y=\"82\">reached</text>\n\
         <rect class=\"missed\" x=\"104\" y=\"72\" width=\"12\" height=\"12\" rx=\"2\"/>\n\
         <text class=\"small\" x=\"122\" y=\"82\">missed</text>\n\
         <text class=\"small\" x=\"{line}\" y=\"92\" text-anchor=\"middle\">1.0</text>\n"
    )?;
    // Behind the bars and their values.
    writeln!(
        out,
        "<line class=\"line\" x1=\"{line}\" y1=\"98\" x2=\"{line}\" y2=\"{y}\"/>"
    )?;
    out += &body;
    out += "</svg>\n";
    Ok(out)
}

/// Where a bar of a value ends.
fn x(value: f64) -> f64 {
    let share = value.clamp(0.0, MOST) / MOST;
    (FROM + share * (TO - FROM)).round()
}

/// Work that has something to reach.
struct Bar<'a> {
    work: &'a str,
    /// More is better, and 1 is enough.
    value: f64,
    reached: bool,
}

impl<'a> Bar<'a> {
    fn of(comparison: &'a Comparison) -> Option<Self> {
        let median = comparison.spread().median();
        let value = match comparison.goal.bound {
            Bound::None => return None,
            _ if comparison.reached.is_empty() => 0.0,
            Bound::AtLeast(bound) => median / bound,
            Bound::AtMost(bound) => bound / median,
        };
        Some(Self {
            work: &comparison.work,
            value,
            reached: comparison.is_reached(),
        })
    }

    /// From a height on, downwards.
    fn draw(&self, y: f64, out: &mut String) -> fmt::Result {
        let (base, end) = (y + 11.0, x(self.value));
        let class = if self.reached { "good" } else { "missed" };
        let work = escape(self.work);
        let label = escape(&shortened(self.work));
        writeln!(
            out,
            "<g><title>{work}</title><text x=\"{EDGE}\" y=\"{base}\">{label}</text>\
             <rect class=\"{class}\" x=\"{FROM}\" y=\"{y}\" width=\"{}\" height=\"{BAR}\" rx=\"2\"/>",
            (end - FROM).max(1.0)
        )?;
        if self.value > MOST {
            // The bar is cut: it goes on.
            let (cut, lower) = (end - 16.0, y + BAR);
            writeln!(
                out,
                "<path class=\"ground\" d=\"M{cut} {lower} l5 -{BAR} h4 l-5 {BAR} z\"/>"
            )?;
        }
        let beside = end + 8.0;
        writeln!(
            out,
            "<text class=\"value\" x=\"{beside}\" y=\"{base}\">{}</text></g>",
            number(self.value)
        )
    }
}

fn shortened(text: &str) -> String {
    match text.chars().count() > LETTERS {
        true => text.chars().take(LETTERS - 1).chain(['…']).collect(),
        false => text.to_owned(),
    }
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
}
