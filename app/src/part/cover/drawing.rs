//! The pencil: shapes and type, written as SVG with presentation attributes only, since the page allows no inline style.

use super::lettering::{self, Lettering, Setting};
use super::palette::Palette;

pub(super) const WIDTH: f32 = 200.0;
pub(super) const HEIGHT: f32 = 300.0;

/// Where lines of type stand in their box.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Align {
    Start,
    Middle,
}

/// An SVG in the making.
pub(super) struct Drawing(String);

impl Drawing {
    pub(super) fn new(palette: &Palette) -> Self {
        let mut drawing = Self(String::with_capacity(2048));
        drawing.rect(0.0, 0.0, WIDTH, HEIGHT, palette.ground);
        drawing
    }

    pub(super) fn rect(&mut self, x: f32, y: f32, width: f32, height: f32, fill: &str) {
        self.0 += &format!(r#"<path fill="{fill}" d="M{x:.1} {y:.1}h{width:.1}v{height:.1}h-{width:.1}z"/>"#);
    }

    pub(super) fn disc(&mut self, x: f32, y: f32, radius: f32, fill: &str) {
        self.0 += &format!(r#"<circle cx="{x:.1}" cy="{y:.1}" r="{radius:.1}" fill="{fill}"/>"#);
    }

    pub(super) fn ring(&mut self, x: f32, y: f32, radius: f32, stroke: &str, width: f32) {
        self.0 += &format!(
            r#"<circle cx="{x:.1}" cy="{y:.1}" r="{radius:.1}" fill="none" stroke="{stroke}" stroke-width="{width:.1}"/>"#
        );
    }

    pub(super) fn shape(&mut self, path: &str, fill: &str) {
        self.0 += &format!(r#"<path fill="{fill}" d="{path}"/>"#);
    }

    pub(super) fn stroke(&mut self, path: &str, stroke: &str, width: f32) {
        self.0 += &format!(r#"<path fill="none" stroke="{stroke}" stroke-width="{width:.1}" d="{path}"/>"#);
    }

    pub(super) fn outlined(&mut self, path: &str, fill: &str, stroke: &str, width: f32) {
        self.0 += &format!(r#"<path fill="{fill}" stroke="{stroke}" stroke-width="{width:.1}" d="{path}"/>"#);
    }

    /// Strokes of no length, which round ends make dots.
    pub(super) fn dots(&mut self, path: &str, colour: &str, size: f32) {
        self.0 += &format!(r#"<path stroke="{colour}" stroke-width="{size:.1}" stroke-linecap="round" d="{path}"/>"#);
    }

    pub(super) fn frame(&mut self, inset: f32, stroke: &str, width: f32) {
        let (w, h) = (WIDTH - 2.0 * inset, HEIGHT - 2.0 * inset);
        self.stroke(&format!("M{inset:.1} {inset:.1}h{w:.1}v{h:.1}h-{w:.1}z"), stroke, width);
    }

    /// Draws lines of type from `top` on, between `x` and `x + width`; returns where they end.
    pub(super) fn lines(
        &mut self,
        setting: &Setting,
        at: (f32, f32, f32),
        align: Align,
        face: &str,
        fill: &str,
    ) -> f32 {
        let (x, top, width) = at;
        let rtl = setting.lines.first().is_some_and(|line| lettering::is_rtl(line));
        let (anchor_x, anchor) = match (align, rtl) {
            (Align::Middle, _) => (x + width / 2.0, "middle"),
            (Align::Start, false) => (x, "start"),
            (Align::Start, true) => (x + width, "start"),
        };
        let direction = if rtl { r#" direction="rtl""# } else { "" };
        self.0 += &format!(
            r#"<g class="{face}" font-size="{:.1}" text-anchor="{anchor}" fill="{fill}"{direction}>"#,
            setting.size
        );
        let leading = setting.size * Setting::LEADING;
        for (line, at) in setting.lines.iter().zip(0_u16..) {
            let y = top + setting.size * 0.86 + f32::from(at) * leading;
            self.0 += &format!(r#"<text x="{anchor_x:.1}" y="{y:.1}">{}</text>"#, escape(line));
        }
        self.0 += "</g>";
        top + setting.height()
    }

    /// The title, with its subtitle below, in a box; returns where they end.
    pub(super) fn title(
        &mut self,
        text: &Lettering,
        at: (f32, f32, f32),
        height: f32,
        align: Align,
        fill: &str,
    ) -> f32 {
        let (x, top, width) = at;
        let room = if text.subtitle.is_empty() { height } else { height * 0.72 };
        let title = lettering::set(&text.title, width, room, 33.0, 11.0);
        let below = self.lines(&title, at, align, "cover-title", fill);
        if text.subtitle.is_empty() {
            return below;
        }
        let most = (title.size * 0.62).clamp(10.0, 15.0);
        let subtitle = lettering::set(&text.subtitle, width, (top + height - below).max(11.0), most, 9.5);
        self.lines(&subtitle, (x, below + 2.0, width), align, "cover-subtitle", fill)
    }

    /// The author, in one line of small type.
    pub(super) fn author(&mut self, text: &Lettering, at: (f32, f32, f32), align: Align, fill: &str) {
        // Two tenths for the letter-spacing of the face.
        let author = lettering::line(&text.author, at.2 / 1.2, 10.5, 9.0);
        self.lines(&author, at, align, "cover-author", fill);
    }

    pub(super) fn finish(mut self) -> String {
        // The fold of the cover beside its spine.
        self.0 += r##"<path fill="#000" fill-opacity=".1" d="M0 0h5v300h-5z"/><path fill="#fff" fill-opacity=".14" d="M5 0h1.5v300h-1.5z"/>"##;
        self.0
    }
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}
