//! A book's cover, drawn from its title, authors and subject: the same book always gets the same one.

mod drawing;
mod lettering;
mod motif;
mod palette;
mod seed;

use leptos::prelude::*;

use self::drawing::Drawing;
use self::lettering::Lettering;
use self::palette::Palette;
use self::seed::Seed;
use crate::view::{Author, Subject};

/// The drawn cover of a book. Decoration: wherever it stands, title and authors are said beside it.
#[component]
pub fn Cover<'a>(
    /// The book's title.
    title: &'a str,
    /// Who wrote it.
    authors: &'a [Author],
    /// Its first subject, which decides the colours.
    subject: Option<&'a Subject>,
) -> impl IntoView + use<> {
    let names: Vec<&str> = authors.iter().map(|author| author.name.as_str()).collect();
    let svg = draw(title, &names, subject.map_or("", |subject| subject.slug.as_str()));
    view! { <svg class="cover" viewBox="0 0 200 300" aria-hidden="true" focusable="false" inner_html=svg /> }
}

fn draw(title: &str, authors: &[&str], subject: &str) -> String {
    let mut seed = Seed::of(title);
    let palette = Palette::choose(subject, &mut seed);
    let lettering = Lettering::new(title, authors);
    let mut drawing = Drawing::new(&palette);
    motif::choose(&mut seed)(&mut drawing, &palette, &lettering, &mut seed);
    drawing.finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    const TITLES: [&str; 8] = [
        "Emma",
        "The Strange Case of Dr Jekyll and Mr Hyde",
        "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft",
        "紅樓夢",
        "Война и мир",
        "ألف ليلة وليلة",
        "<script>alert('x')</script> & \"more\"",
        "",
    ];

    #[test]
    fn the_same_book_always_gets_the_same_cover() {
        assert_eq!(draw("Emma", &["Jane Austen"], "classics"), draw("Emma", &["Jane Austen"], "classics"));
        assert_ne!(draw("Emma", &["Jane Austen"], "classics"), draw("Persuasion", &["Jane Austen"], "classics"));
    }

    #[test]
    fn a_title_is_text_and_never_markup() {
        for title in TITLES {
            let svg = draw(title, &["<b>", "&amp;"], "x\"y");
            assert!(!svg.contains("<script") && !svg.contains("<b>"), "{svg}");
            assert!(!svg.contains("style=") && !svg.contains("NaN"), "{svg}");
        }
    }

    /// A page of results holds two dozen of them.
    #[test]
    fn no_cover_is_large() {
        let endless = "word ".repeat(400);
        let many = (0..200).map(|number| format!("Volume {number}"));
        for title in many.chain([endless]) {
            let svg = draw(&title, &["Somebody With A Very Long Name Indeed"], "x");
            assert!(svg.len() < 10_000, "{title}: {}", svg.len());
        }
    }
}
