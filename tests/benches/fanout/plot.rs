//! The picture: throughput and latency over the number of receivers, as an SVG that can be read on a
//! light page and on a dark one, because it brings its own white card.

use std::path::Path;

use anyhow::{Context as _, anyhow};
use chat_tests::bench::{Figures, Rival};
use plotters::coord::Shift;
use plotters::prelude::*;

use crate::cells::Cell;

const SIZE: (u32, u32) = (1000, 430);
const HEAD: u32 = 44;
const RIVALS: [Rival; 5] = [Rival::ChatServer, Rival::Durable, Rival::Floor, Rival::Redis, Rival::Nats];
const INK: RGBColor = RGBColor(40, 44, 52);
const LINES: RGBColor = RGBColor(208, 212, 218);
const FAINT: RGBColor = RGBColor(240, 242, 244);

type Area<'a> = DrawingArea<SVGBackend<'a>, Shift>;

/// One of the two halves.
struct Panel {
    title: &'static str,
    unit: &'static str,
    /// The messages on their way in the cells that it shows.
    window: usize,
    figure: fn(&Figures) -> f64,
}

const PANELS: [Panel; 2] = [
    Panel {
        title: "Throughput, saturated",
        unit: "deliveries a second",
        window: 1024,
        figure: |figures| figures.rate,
    },
    Panel {
        title: "Latency, one message at a time",
        unit: "median µs from said to read",
        window: 1,
        figure: Figures::p50,
    },
];

/// Draws the cells of one sender into `file`.
pub(crate) fn draw(cells: &[Cell], file: &Path) -> anyhow::Result<()> {
    let drawn = || -> Result<(), Box<dyn std::error::Error>> {
        let card = SVGBackend::new(file, SIZE).into_drawing_area();
        card.fill(&WHITE)?;
        let (head, panels) = card.split_vertically(HEAD);
        name_lines(&head)?;
        for (panel, area) in PANELS.iter().zip(panels.split_evenly((1, 2))) {
            draw_panel(panel, cells, &area)?;
        }
        card.present()?;
        Ok(())
    };
    // Its errors hold what cannot be sent to another thread, as anyhow wants it.
    drawn().map_err(|error| anyhow!("{error}")).with_context(|| format!("cannot draw {}", file.display()))
}

/// What the lines are, once for both panels and where none of them runs.
fn name_lines(area: &Area<'_>) -> Result<(), Box<dyn std::error::Error>> {
    let style = ("sans-serif", 17).into_font().color(&INK);
    for (x, rival) in [270, 430, 540, 650].into_iter().zip(RIVALS) {
        let y = 26;
        area.draw(&PathElement::new([(x, y), (x + 30, y)], stroke(rival)))?;
        area.draw(&Circle::new((x + 15, y), 4, color(rival).filled()))?;
        area.draw(&Text::new(rival.name(), (x + 38, y - 8), &style))?;
    }
    Ok(())
}

fn draw_panel(panel: &Panel, cells: &[Cell], area: &Area<'_>) -> Result<(), Box<dyn std::error::Error>> {
    let mut lines: Vec<(Rival, Vec<(f64, f64)>)> = Vec::new();
    for rival in RIVALS {
        let shown = cells.iter().filter(|cell| cell.senders == 1 && cell.window == panel.window);
        let point = |cell: &Cell| Some((cell.receivers as f64, cell.of(rival)?.median(panel.figure)?));
        let mut points: Vec<_> = shown.filter_map(point).collect();
        points.sort_by(|one, other| one.0.total_cmp(&other.0));
        lines.push((rival, points));
    }
    if lines.iter().all(|(_, points)| points.is_empty()) {
        return Err(format!("{}: nothing was measured", panel.title).into());
    }
    let figures = || lines.iter().flat_map(|(_, points)| points).map(|point| point.1);
    // From one power of ten to another.
    let least = 10f64.powf(figures().fold(f64::INFINITY, f64::min).log10().floor());
    let most = 10f64.powf(figures().fold(0.0, f64::max).log10().ceil());
    let mut chart = ChartBuilder::on(area)
        .caption(panel.title, ("sans-serif", 20).into_font().color(&INK))
        .margin(16)
        .margin_top(0)
        .x_label_area_size(46)
        .y_label_area_size(70)
        .build_cartesian_2d((8.0..1250.0f64).log_scale(), (least..most).log_scale())?;
    let text = ("sans-serif", 15).into_font().color(&INK);
    chart
        .configure_mesh()
        .bold_line_style(LINES)
        .light_line_style(FAINT)
        .axis_style(LINES)
        .label_style(text)
        .x_desc("receivers")
        .y_desc(panel.unit)
        .x_label_formatter(&|receivers| format!("{receivers}"))
        .y_label_formatter(&|figure| short(*figure))
        .draw()?;
    // Ours last, and so on top.
    for (rival, points) in lines.iter().rev() {
        let dots = points.iter().map(|&point| Circle::new(point, 4, color(*rival).filled()));
        chart.draw_series(LineSeries::new(points.iter().copied(), stroke(*rival)))?;
        chart.draw_series(dots)?;
    }
    Ok(())
}

fn stroke(rival: Rival) -> ShapeStyle {
    color(rival).stroke_width(if rival == Rival::ChatServer { 3 } else { 2 })
}

/// Colours that are told apart by those who see some of them alike, too.
fn color(rival: Rival) -> RGBColor {
    match rival {
        Rival::ChatServer => RGBColor(0, 90, 181),
        Rival::Durable => RGBColor(86, 160, 230),
        Rival::Sealed => RGBColor(120, 94, 180),
        Rival::Floor => RGBColor(140, 145, 152),
        Rival::Redis => RGBColor(213, 94, 0),
        Rival::Nats => RGBColor(0, 158, 115),
    }
}

/// A power of ten, as people say it.
fn short(figure: f64) -> String {
    match figure {
        1e6.. => format!("{} M", figure / 1e6),
        1e3.. => format!("{} k", figure / 1e3),
        _ => format!("{figure}"),
    }
}
