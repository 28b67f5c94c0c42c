//! The colours of a cover. A subject has two families of three; the title picks one of them.

use super::seed::{Seed, fnv};

/// Four colours that go together. `ink` is legible on `ground`, at any size.
#[derive(Clone, Copy)]
pub(super) struct Palette {
    pub ground: &'static str,
    pub ink: &'static str,
    pub second: &'static str,
    pub third: &'static str,
}

const fn palette(ground: &'static str, ink: &'static str, second: &'static str, third: &'static str) -> Palette {
    Palette { ground, ink, second, third }
}

const FAMILIES: [[Palette; 3]; 8] = [
    // oxblood
    [
        palette("#7a2320", "#f7ead4", "#a8402f", "#e9b56f"),
        palette("#f3e7d0", "#6a1d1a", "#c9573a", "#e6b98b"),
        palette("#c4452f", "#fffaf0", "#8f2a1f", "#f4c98a"),
    ],
    // night
    [
        palette("#15263f", "#f1e9da", "#2d5685", "#e3a857"),
        palette("#dbe5e6", "#15304d", "#6b9ab3", "#d9764a"),
        palette("#24487a", "#f6efe0", "#1a345b", "#e9c46a"),
    ],
    // forest
    [
        palette("#1d3c30", "#f2ead8", "#4a7858", "#d9a441"),
        palette("#e1e5d2", "#21402f", "#87a07a", "#c4633f"),
        palette("#3d6b4c", "#fdf8ea", "#27482f", "#e6bd62"),
    ],
    // aubergine
    [
        palette("#3a2040", "#f3e7e3", "#74477a", "#e08e79"),
        palette("#e8dfe7", "#3d2450", "#9a7fae", "#d5806b"),
        palette("#6a3d6e", "#fdf3ec", "#4a2550", "#eab08c"),
    ],
    // clay
    [
        palette("#a4452a", "#fff4e4", "#d27a52", "#f0c48a"),
        palette("#dfa848", "#2a1c10", "#b8742a", "#f6e6c2"),
        palette("#f4e2cb", "#6b2f18", "#cf7a4b", "#8a9a6b"),
    ],
    // print
    [
        palette("#252422", "#f0e9dc", "#56524b", "#d8573b"),
        palette("#ece7dc", "#252422", "#b3a996", "#c8452e"),
        palette("#f2c230", "#1f1d1a", "#fdf6e0", "#c8452e"),
    ],
    // sea
    [
        palette("#0f4850", "#f0ebdd", "#2b787d", "#edb458"),
        palette("#d5e6e0", "#0f3f47", "#5fa39b", "#e07a5f"),
        palette("#1b6f78", "#fffaf0", "#0f4850", "#f2cc8f"),
    ],
    // rose
    [
        palette("#5b1f38", "#f8e6df", "#94405e", "#e9a98f"),
        palette("#efd5cd", "#4d1d2b", "#c77d76", "#7d3b4c"),
        palette("#b23a58", "#fff5ef", "#7d2440", "#f2b8a0"),
    ],
];

/// How far a subject's second family is from its first.
const NEIGHBOUR: u64 = 3;

impl Palette {
    pub(super) fn choose(subject: &str, seed: &mut Seed) -> Self {
        let family = fnv(subject) + NEIGHBOUR * seed.below(2);
        let [first, second, third] = FAMILIES[(family % FAMILIES.len() as u64) as usize];
        match seed.below(3) {
            0 => first,
            1 => second,
            _ => third,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Relative luminance as WCAG 2 defines it.
    fn luminance(colour: &str) -> f64 {
        let channel = |at: usize| {
            let value = f64::from(u8::from_str_radix(&colour[at..at + 2], 16).unwrap()) / 255.0;
            if value <= 0.04045 { value / 12.92 } else { ((value + 0.055) / 1.055).powf(2.4) }
        };
        0.2126 * channel(1) + 0.7152 * channel(3) + 0.0722 * channel(5)
    }

    #[test]
    fn every_title_is_legible_on_its_ground() {
        for palette in FAMILIES.as_flattened() {
            let (a, b) = (luminance(palette.ground), luminance(palette.ink));
            let contrast = (a.max(b) + 0.05) / (a.min(b) + 0.05);
            assert!(contrast >= 4.5, "{} on {}: {contrast:.2}", palette.ink, palette.ground);
        }
    }
}
