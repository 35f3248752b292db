//! A plot with two logarithmic axes, as SVG that reads on light and dark pages.

use std::fmt::Write as _;

/// A line of the plot.
pub(crate) struct Line {
    /// What the legend calls it.
    pub(crate) label: String,
    /// Points from left to right; both numbers are above zero.
    pub(crate) points: Vec<(f64, f64)>,
}

const WIDTH: f64 = 720.0;
const HEIGHT: f64 = 420.0;
const LEFT: f64 = 70.0;
const RIGHT: f64 = 20.0;
const TOP: f64 = 54.0;
const BOTTOM: f64 = 56.0;

/// Colours that people tell apart, also those who do not see red and green (Okabe and Ito), and a shape for each.
const STYLES: [(&str, &str); 4] = [("#0072b2", ""), ("#d55e00", "7 4"), ("#009e73", ""), ("#cc79a7", "7 4")];

/// One axis: from 10^`low` to 10^`high` over so many pixels.
struct Axis {
    low: f64,
    high: f64,
    from: f64,
    to: f64,
}

impl Axis {
    /// An axis with room for all values, from and to one of 1, 2, 5, 10 …
    fn over(values: impl Iterator<Item = f64> + Clone, from: f64, to: f64) -> Self {
        let (least, most) = (values.clone().fold(f64::MAX, f64::min), values.fold(f64::MIN_POSITIVE, f64::max));
        let ticks = ticks(least / 10.0, most * 10.0);
        let low = ticks.iter().rev().find(|tick| **tick <= least * 0.999).copied().unwrap_or(least);
        let high = ticks.iter().find(|tick| **tick >= most * 1.001).copied().unwrap_or(most);
        Self { low: low.log10(), high: high.log10(), from, to }
    }

    fn place(&self, value: f64) -> f64 {
        self.from + (value.log10() - self.low) / (self.high - self.low) * (self.to - self.from)
    }

    fn ticks(&self) -> Vec<f64> {
        ticks(10f64.powf(self.low), 10f64.powf(self.high))
    }
}

/// 1, 2 and 5 of every power of ten between two values.
fn ticks(least: f64, most: f64) -> Vec<f64> {
    let mut ticks = Vec::new();
    let mut power = 10f64.powf(least.log10().floor());
    while power <= most * 1.001 {
        ticks.extend(
            [1.0, 2.0, 5.0]
                .map(|step| step * power)
                .into_iter()
                .filter(|tick| *tick >= least * 0.999 && *tick <= most * 1.001),
        );
        power *= 10.0;
    }
    ticks
}

/// A number of an axis in few letters.
fn short(value: f64) -> String {
    if value >= 1e6 {
        format!("{} M", value / 1e6)
    } else if value >= 1e4 {
        format!("{} k", value / 1e3)
    } else {
        format!("{value}")
    }
}

/// Draws lines over two logarithmic axes.
pub(crate) fn plot(across: &str, up: &str, lines: &[Line]) -> String {
    let points = lines.iter().flat_map(|line| &line.points);
    let x = Axis::over(points.clone().map(|point| point.0), LEFT, WIDTH - RIGHT);
    let y = Axis::over(points.map(|point| point.1), HEIGHT - BOTTOM, TOP);
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {HEIGHT}\" role=\"img\" \
         aria-label=\"{up} over {across}, both logarithmic\" font-family=\"sans-serif\" font-size=\"13\">\n\
         <style>text {{ fill: #333 }} .grid {{ stroke: #ccc }} .axis {{ stroke: #333 }}\n\
         @media (prefers-color-scheme: dark) {{ text {{ fill: #ddd }} .grid {{ stroke: #555 }} .axis {{ stroke: #ddd }} }}</style>\n"
    );
    // Writing to a text cannot fail.
    let mut put = |part: String| {
        let _infallible = writeln!(svg, "{part}");
    };
    let (right, bottom) = (WIDTH - RIGHT, HEIGHT - BOTTOM);
    for tick in x.ticks() {
        let at = x.place(tick);
        put(format!("<line class=\"grid\" x1=\"{at:.1}\" y1=\"{TOP}\" x2=\"{at:.1}\" y2=\"{bottom}\"/>"));
        put(format!("<text x=\"{at:.1}\" y=\"{:.1}\" text-anchor=\"middle\">{}</text>", bottom + 20.0, short(tick)));
    }
    for tick in y.ticks() {
        let at = y.place(tick);
        put(format!("<line class=\"grid\" x1=\"{LEFT}\" y1=\"{at:.1}\" x2=\"{right}\" y2=\"{at:.1}\"/>"));
        put(format!("<text x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"end\">{}</text>", LEFT - 8.0, at + 4.5, short(tick)));
    }
    put(format!("<path class=\"axis\" fill=\"none\" d=\"M{LEFT} {TOP}V{bottom}H{right}\"/>"));
    put(format!(
        "<text x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"middle\">{across}</text>",
        f64::midpoint(LEFT, right),
        HEIGHT - 12.0
    ));
    let middle = f64::midpoint(TOP, bottom);
    put(format!(
        "<text x=\"18\" y=\"{middle:.1}\" text-anchor=\"middle\" transform=\"rotate(-90 18 {middle:.1})\">{up}</text>"
    ));
    for ((line, (colour, dashes)), column) in lines.iter().zip(STYLES.iter().cycle()).zip(0_u8..) {
        let corners: Vec<String> =
            line.points.iter().map(|(a, b)| format!("{:.1},{:.1}", x.place(*a), y.place(*b))).collect();
        let style = format!("stroke=\"{colour}\" stroke-width=\"2.5\" stroke-dasharray=\"{dashes}\"");
        put(format!("<polyline fill=\"none\" {style} points=\"{}\"/>", corners.join(" ")));
        for (a, b) in &line.points {
            put(format!("<circle fill=\"{colour}\" r=\"4\" cx=\"{:.1}\" cy=\"{:.1}\"/>", x.place(*a), y.place(*b)));
        }
        let at = LEFT - 20.0 + f64::from(column) * 164.0;
        put(format!("<line {style} x1=\"{at}\" y1=\"26\" x2=\"{}\" y2=\"26\"/>", at + 28.0));
        put(format!("<text x=\"{}\" y=\"30.5\">{}</text>", at + 34.0, line.label));
    }
    svg.push_str("</svg>\n");
    svg
}
