//! What was measured, as a picture: purchases a second by number of buyers, a line for each design.

use std::error::Error;

use plotters::prelude::*;

use crate::buyers::Run;
use crate::shop::{Arm, Shelf};

const SIZE: (u32, u32) = (960, 440);
/// Where the axes are marked.
const BUYERS: [f64; 4] = [16.0, 64.0, 256.0, 1000.0];
const RATES: [f64; 9] = [5.0, 10.0, 20.0, 50.0, 100.0, 200.0, 500.0, 1000.0, 2000.0];
const DESIGNS: [(Arm, RGBColor); 3] =
    [(Arm::Naive, RGBColor(176, 58, 46)), (Arm::Steps, RGBColor(125, 102, 8)), (Arm::Octavo, RGBColor(20, 90, 140))];

/// Draws the runs into an SVG file at `path`: a panel for each shelf, both axes logarithmic.
pub fn draw(runs: &[Run], path: &str) -> Result<(), Box<dyn Error>> {
    let picture = SVGBackend::new(path, SIZE).into_drawing_area();
    picture.fill(&WHITE)?;
    let buyers = span(runs.iter().map(|run| run.buyers as f64));
    let rates = span(runs.iter().map(|run| run.per_second));
    for (panel, shelf) in picture.split_evenly((1, 2)).iter().zip([Shelf::Hot, Shelf::Spread]) {
        let words = match shelf {
            Shelf::Hot => "everybody buys one book",
            Shelf::Spread => "spread over 10,000 books",
        };
        let mut chart = ChartBuilder::on(panel)
            .caption(words, ("sans-serif", 18))
            .margin(14)
            .x_label_area_size(44)
            .y_label_area_size(60)
            .build_cartesian_2d(
                (buyers.0..buyers.1).log_scale().with_key_points(BUYERS.to_vec()),
                (rates.0..rates.1).log_scale().with_key_points(RATES.to_vec()),
            )?;
        let whole = |value: &f64| format!("{value:.0}");
        chart
            .configure_mesh()
            .x_desc("buyers at once")
            .y_desc("purchases a second")
            .x_label_formatter(&whole)
            .y_label_formatter(&whole)
            .light_line_style(WHITE)
            .draw()?;
        for (arm, colour) in DESIGNS {
            let points = runs.iter().filter(|run| run.arm == arm && run.shelf == shelf);
            let points: Vec<(f64, f64)> = points.map(|run| (run.buyers as f64, run.per_second)).collect();
            chart
                .draw_series(LineSeries::new(points, colour.stroke_width(2)).point_size(4))?
                .label(format!("{arm:?}"))
                .legend(move |(x, y)| PathElement::new([(x, y), (x + 18, y)], colour.stroke_width(2)));
        }
        chart
            .configure_series_labels()
            .position(SeriesLabelPosition::UpperLeft)
            .background_style(WHITE.mix(0.8))
            .border_style(BLACK)
            .draw()?;
    }
    picture.present()?;
    Ok(())
}

/// From somewhat less than the least to somewhat more than the most.
fn span(values: impl Iterator<Item = f64> + Clone) -> (f64, f64) {
    let (least, most) = (values.clone().fold(f64::INFINITY, f64::min), values.fold(0.0, f64::max));
    (least * 0.8, most * 1.5)
}
