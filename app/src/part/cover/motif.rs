//! The motifs: how a cover is laid out, each with its own ornament. A title's seed picks one.

mod pattern;

use super::drawing::{Align, Drawing, HEIGHT, WIDTH};
use super::lettering::{self, Lettering};
use super::palette::Palette;
use super::seed::Seed;

type Motif = fn(&mut Drawing, &Palette, &Lettering, &mut Seed);

/// The box for a title that stands at the top left.
const TOP: (f32, f32, f32) = (20.0, 24.0, 164.0);

pub(super) fn choose(seed: &mut Seed) -> Motif {
    let motifs: [Motif; 9] = [bands, framed, arcs, papered, tiles, sun, initial, stripes, rings];
    seed.pick(&motifs).unwrap_or(framed)
}

/// Three bands, the title in the middle one.
fn bands(drawing: &mut Drawing, palette: &Palette, text: &Lettering, seed: &mut Seed) {
    drawing.rect(0.0, 92.0, WIDTH, 118.0, palette.ink);
    drawing.rect(0.0, 86.0, WIDTH, 3.0, palette.third);
    drawing.rect(0.0, 213.0, WIDTH, 3.0, palette.third);
    rosette(drawing, (100.0, 46.0), 27.0, palette, seed);
    drawing.title(text, (18.0, 104.0, 166.0), 88.0, Align::Middle, palette.ground);
    drawing.author(text, (18.0, 232.0, 166.0), Align::Middle, palette.ink);
    drawing.rect(92.0, 264.0, 18.0, 1.5, palette.third);
}

/// A double frame around an ornament and a centred title.
fn framed(drawing: &mut Drawing, palette: &Palette, text: &Lettering, seed: &mut Seed) {
    drawing.frame(14.0, palette.third, 2.5);
    drawing.frame(19.5, palette.third, 0.8);
    for (x, y) in [(14.0, 14.0), (186.0, 14.0), (14.0, 286.0), (186.0, 286.0)] {
        drawing.disc(x, y, 6.0, palette.ground);
        drawing.ring(x, y, 6.0, palette.third, 1.2);
    }
    rosette(drawing, (100.0, 96.0), 44.0, palette, seed);
    drawing.title(text, (30.0, 158.0, 140.0), 84.0, Align::Middle, palette.ink);
    drawing.author(text, (30.0, 254.0, 140.0), Align::Middle, palette.ink);
}

/// Quarter circles around a lower corner.
fn arcs(drawing: &mut Drawing, palette: &Palette, text: &Lettering, seed: &mut Seed) {
    let x = if seed.below(2) == 0 { WIDTH } else { 0.0 };
    let step = seed.between(15, 24);
    let colours = [palette.second, palette.ground, palette.third, palette.ground, palette.ink, palette.ground];
    let mut radius = 172.0;
    for colour in colours.iter().cycle() {
        if radius < step / 2.0 {
            break;
        }
        drawing.disc(x, HEIGHT, radius, colour);
        radius -= step * if *colour == palette.ground { 0.45 } else { 1.0 };
    }
    let below = drawing.title(text, TOP, 78.0, Align::Start, palette.ink);
    drawing.author(text, (TOP.0, below + 6.0, TOP.2), Align::Start, palette.ink);
}

/// Patterned paper with a label, as small libraries were bound.
fn papered(drawing: &mut Drawing, palette: &Palette, text: &Lettering, seed: &mut Seed) {
    pattern::fill(drawing, palette, seed);
    let setting = lettering::set(&text.title, 122.0, 74.0, 25.0, 11.0);
    let subtitle = lettering::set(&text.subtitle, 122.0, 26.0, 11.0, 9.5);
    let height = setting.height() + subtitle.height() + 46.0;
    let top = 54.0;
    drawing.rect(26.0, top, 148.0, height, palette.ground);
    let (inner, low) = (138.0, height - 10.0);
    drawing.stroke(&format!("M31 {:.1}h{inner}v{low:.1}h-{inner}z", top + 5.0), palette.ink, 0.9);
    let below = drawing.lines(&setting, (39.0, top + 15.0, 122.0), Align::Middle, "cover-title", palette.ink);
    let below = drawing.lines(&subtitle, (39.0, below, 122.0), Align::Middle, "cover-subtitle", palette.ink);
    drawing.author(text, (36.0, below + 6.0, 128.0), Align::Middle, palette.ink);
}

/// A mosaic of quarter circles, discs and triangles.
fn tiles(drawing: &mut Drawing, palette: &Palette, text: &Lettering, seed: &mut Seed) {
    let side = 40.0;
    for row in 0..4_u8 {
        for column in 0..5_u8 {
            let (x, y) = (f32::from(column) * side, 140.0 + f32::from(row) * side);
            let colour = seed.pick(&[palette.second, palette.third, palette.ink]).unwrap_or(palette.ink);
            let (right, low) = (x + side, y + side);
            match seed.below(9) {
                0 => drawing.shape(&format!("M{x} {y}h{side}a{side} {side} 0 0 1-{side} {side}z"), colour),
                1 => drawing.shape(&format!("M{right} {y}v{side}a{side} {side} 0 0 1-{side}-{side}z"), colour),
                2 => drawing.shape(&format!("M{right} {low}h-{side}a{side} {side} 0 0 1 {side}-{side}z"), colour),
                3 => drawing.shape(&format!("M{x} {low}v-{side}a{side} {side} 0 0 1 {side} {side}z"), colour),
                4 => drawing.disc(x + side / 2.0, y + side / 2.0, side / 2.0, colour),
                5 => drawing.shape(&format!("M{x} {low}h{side}v-{side}z"), colour),
                6 => {
                    drawing.rect(x, y, side, side, palette.second);
                    drawing.disc(x + side / 2.0, y + side / 2.0, side / 4.0, palette.third);
                }
                7 => drawing.rect(x, y, side, side, colour),
                _ => {}
            }
        }
    }
    let below = drawing.title(text, TOP, 84.0, Align::Start, palette.ink);
    drawing.author(text, (TOP.0, below + 5.0, TOP.2), Align::Start, palette.ink);
}

/// A disc that sinks behind lines.
fn sun(drawing: &mut Drawing, palette: &Palette, text: &Lettering, seed: &mut Seed) {
    let (x, radius) = (seed.between(64, 136), seed.between(46, 62));
    let y = 100.0;
    drawing.disc(x, y, radius, palette.third);
    let mut line = y - radius * 0.1;
    let mut thickness = 1.5;
    while line < y + radius {
        drawing.rect(0.0, line, WIDTH, thickness, palette.ground);
        line += 9.0;
        thickness += 1.0;
    }
    let shore = y + radius + 4.0;
    drawing.stroke(&format!("M20 {shore:.1}h164"), palette.ink, 1.2);
    drawing.title(text, (20.0, 180.0, 164.0), 76.0, Align::Start, palette.ink);
    drawing.author(text, (20.0, 268.0, 164.0), Align::Start, palette.ink);
}

/// The title's first letter, as large as the cover takes it.
fn initial(drawing: &mut Drawing, palette: &Palette, text: &Lettering, seed: &mut Seed) {
    // Arabic letters reach further below the line and above it.
    let size = if lettering::is_rtl(&text.initial) { 140.0 } else { seed.between(178, 204) };
    let letter = lettering::Setting { lines: vec![text.initial.clone()], size };
    let colour = seed.pick(&[palette.second, palette.third]).unwrap_or(palette.second);
    drawing.lines(&letter, (20.0, 280.0 - size * 0.86, 164.0), Align::Middle, "cover-title", colour);
    let below = drawing.title(text, TOP, 72.0, Align::Start, palette.ink);
    drawing.author(text, (TOP.0, below + 5.0, TOP.2), Align::Start, palette.ink);
}

/// Upright stripes of uneven width beside the title.
fn stripes(drawing: &mut Drawing, palette: &Palette, text: &Lettering, seed: &mut Seed) {
    let mut x = 0.0;
    while x < 52.0 {
        let width = seed.between(3, 15);
        let colour = seed.pick(&[palette.second, palette.third, palette.ink, palette.ground]).unwrap_or(palette.second);
        drawing.rect(x, 0.0, width.min(58.0 - x), HEIGHT, colour);
        x += width;
    }
    drawing.rect(58.0, 0.0, 1.5, HEIGHT, palette.ink);
    let top = seed.between(24, 120);
    drawing.title(text, (72.0, top, 114.0), 128.0, Align::Start, palette.ink);
    drawing.author(text, (72.0, 268.0, 114.0), Align::Start, palette.ink);
}

/// Circles that lean to one side.
fn rings(drawing: &mut Drawing, palette: &Palette, text: &Lettering, seed: &mut Seed) {
    let lean = seed.between(0, 6) - 3.0;
    let colour = seed.pick(&[palette.third, palette.second]).unwrap_or(palette.third);
    drawing.disc(100.0, 206.0, 80.0, palette.second);
    for ring in 1..=9_u8 {
        let shift = lean * f32::from(ring);
        let line = if ring == 9 { palette.ink } else { palette.ground };
        drawing.ring(100.0 + shift, 206.0 + shift.abs() / 2.0, 80.0 - f32::from(ring) * 8.2, line, 2.0);
    }
    drawing.disc(100.0 + lean * 9.5, 206.0 + (lean * 9.5).abs() / 2.0, 5.0, colour);
    let below = drawing.title(text, TOP, 72.0, Align::Start, palette.ink);
    drawing.author(text, (TOP.0, below + 5.0, TOP.2), Align::Start, palette.ink);
}

/// A flower of petals or rays around a point.
fn rosette(drawing: &mut Drawing, (x, y): (f32, f32), radius: f32, palette: &Palette, seed: &mut Seed) {
    let petals = seed.between(5, 12);
    let kind = seed.below(3);
    let turn = std::f32::consts::TAU / petals;
    for petal in 0..petals as u8 {
        let angle = f32::from(petal) * turn;
        let (dx, dy) = (angle.sin(), -angle.cos());
        let colour = if petal % 2 == 0 { palette.third } else { palette.second };
        match kind {
            0 => drawing.disc(x + dx * radius * 0.68, y + dy * radius * 0.68, radius * 0.26, colour),
            1 => {
                let (px, py) = (-dy * radius * 0.2, dx * radius * 0.2);
                let (mx, my) = (x + dx * radius * 0.55, y + dy * radius * 0.55);
                let (tx, ty) = (x + dx * radius, y + dy * radius);
                let path = format!(
                    "M{x:.1} {y:.1}Q{:.1} {:.1} {tx:.1} {ty:.1}Q{:.1} {:.1} {x:.1} {y:.1}z",
                    mx + px,
                    my + py,
                    mx - px,
                    my - py
                );
                drawing.shape(&path, colour);
            }
            _ => drawing.ring(x + dx * radius * 0.42, y + dy * radius * 0.42, radius * 0.5, palette.third, 1.1),
        }
    }
    drawing.disc(x, y, radius * 0.14, palette.ink);
}
