//! Papers: small patterns that cover a whole cover.

use super::super::drawing::{Drawing, HEIGHT, WIDTH};
use super::super::palette::Palette;
use super::super::seed::Seed;

pub(super) fn fill(drawing: &mut Drawing, palette: &Palette, seed: &mut Seed) {
    let papers: [fn(&mut Drawing, &Palette); 5] = [scales, dots, lozenges, leaves, waves];
    drawing.rect(0.0, 0.0, WIDTH, HEIGHT, palette.second);
    if let Some(paper) = seed.pick(&papers) {
        paper(drawing, palette);
    }
}

/// Calls `draw` for every point of a grid whose odd rows are shifted by half a step, with whether the row is odd.
fn staggered(dx: f32, dy: f32, mut draw: impl FnMut(f32, f32, bool)) {
    let mut y = 0.0;
    let mut odd = false;
    while y <= HEIGHT + dy {
        let mut x = if odd { dx / 2.0 } else { 0.0 };
        while x <= WIDTH + dx {
            draw(x, y, odd);
            x += dx;
        }
        y += dy;
        odd = !odd;
    }
}

fn scales(drawing: &mut Drawing, palette: &Palette) {
    let mut y = 10.0;
    let mut shift = 0;
    while y < HEIGHT + 25.0 {
        let outer = format!("M-{shift} {y}{}", "a25 25 0 0 1 50 0".repeat(5));
        drawing.outlined(&outer, palette.second, palette.ground, 2.0);
        drawing.stroke(&format!("M{} {y}{}", 10 - shift, "a15 15 0 0 1 30 0m20 0".repeat(5)), palette.third, 2.0);
        y += 12.5;
        shift = 25 - shift;
    }
}

fn dots(drawing: &mut Drawing, palette: &Palette) {
    let (mut large, mut small) = (String::new(), String::new());
    staggered(25.0, 12.5, |x, y, odd| {
        let path = if odd { &mut small } else { &mut large };
        *path += &format!("M{x} {y}h0");
    });
    drawing.dots(&large, palette.third, 8.4);
    drawing.dots(&small, palette.ground, 4.4);
}

fn lozenges(drawing: &mut Drawing, palette: &Palette) {
    let mut path = String::new();
    staggered(28.6, 21.5, |x, y, _| path += &format!("M{x:.1} {:.1}l9 14l-9 14l-9-14z", y - 14.0));
    drawing.shape(&path, palette.third);
    let mut path = String::new();
    staggered(28.6, 21.5, |x, y, _| path += &format!("M{x:.1} {:.1}l3.5 5.5l-3.5 5.5l-3.5-5.5z", y - 5.5));
    drawing.shape(&path, palette.ground);
}

fn leaves(drawing: &mut Drawing, palette: &Palette) {
    let (mut right, mut left) = (String::new(), String::new());
    staggered(36.0, 15.0, |x, y, odd| {
        if odd {
            left += &format!("M{} {y}q-8-12-18-10q6 12 18 10z", x + 9.0);
        } else {
            right += &format!("M{} {y}q8-12 18-10q-6 12-18 10z", x - 9.0);
        }
    });
    drawing.shape(&right, palette.third);
    drawing.shape(&left, palette.ground);
}

fn waves(drawing: &mut Drawing, palette: &Palette) {
    let mut y = 6.0;
    let mut odd = false;
    while y < HEIGHT + 10.0 {
        let path = format!("M-10 {y:.1}q12.5-12 25 0{}", "t25 0".repeat(8));
        drawing.stroke(&path, if odd { palette.third } else { palette.ground }, 2.4);
        y += 10.0;
        odd = !odd;
    }
}
