//! Texts without markup, control characters and stray white space.

use encoding_rs::WINDOWS_1252;
use quick_xml::escape::resolve_html5_entity;

/// No name of an entity is longer; HTML's longest has 31 letters.
const LONGEST_ENTITY: usize = 40;

/// A text in one line.
pub(crate) fn line(text: &str) -> String {
    let mut line = String::with_capacity(text.len());
    for word in clean(&decoded(text)).split_whitespace() {
        if !line.is_empty() {
            line.push(' ');
        }
        line.push_str(word);
    }
    line
}

/// A text in one line, unless nothing is left of it.
pub(crate) fn some_line(text: &str) -> Option<String> {
    Some(line(text)).filter(|line| !line.is_empty())
}

/// A longer text, plain or HTML; paragraphs are separated by empty lines. None if nothing is left of it.
pub(crate) fn paragraphs(text: &str) -> Option<String> {
    let text = if is_html(text) { from_html(text) } else { decoded(text) };
    let mut kept = String::with_capacity(text.len());
    let mut gap = "";
    for line in clean(&text).lines() {
        let mut words = line.split_whitespace();
        let Some(first) = words.next() else {
            gap = "\n\n";
            continue;
        };
        if !kept.is_empty() {
            kept.push_str(gap);
        }
        kept.push_str(first);
        for word in words {
            kept.push(' ');
            kept.push_str(word);
        }
        gap = "\n";
    }
    Some(kept).filter(|kept| !kept.is_empty())
}

/// The character of a reference such as `#233`. Numbers of control characters are meant in Windows-1252, as in HTML.
pub(crate) fn numbered(reference: &str) -> Option<char> {
    let number = reference.strip_prefix('#')?;
    let code = match number.strip_prefix(['x', 'X']) {
        Some(hexadecimal) => u32::from_str_radix(hexadecimal, 16),
        None => number.parse(),
    };
    let code = code.ok()?;
    match u8::try_from(code) {
        Ok(byte @ 0x80..=0x9f) => WINDOWS_1252.decode_without_bom_handling(&[byte]).0.chars().next(),
        _ => char::from_u32(code).filter(|&character| !matches!(character, '\0' | '\u{fffe}' | '\u{ffff}')),
    }
}

/// Character references and HTML's named ones; what is neither stays as it is.
fn decoded(text: &str) -> String {
    let mut decoded = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('&') {
        decoded.push_str(&rest[..at]);
        rest = &rest[at + 1..];
        let end = rest.bytes().take(LONGEST_ENTITY).position(|byte| byte == b';');
        let name = end.map_or("", |end| &rest[..end]);
        if let Some(character) = numbered(name) {
            decoded.push(character);
        } else if let Some(characters) = resolve_html5_entity(name) {
            decoded.push_str(characters);
        } else {
            decoded.push('&');
            continue;
        }
        rest = &rest[name.len() + 1..];
    }
    decoded.push_str(rest);
    decoded
}

/// Without control characters, and without those that change the direction of what follows.
fn clean(text: &str) -> String {
    text.replace("\r\n", "\n")
        .chars()
        .map(
            |character| {
                if matches!(character, '\r' | '\u{2028}' | '\u{2029}' | '\u{b}' | '\u{c}') { '\n' } else { character }
            },
        )
        .filter(|&character| {
            let unwanted = character.is_control() && !matches!(character, '\n' | '\t');
            !unwanted && !matches!(character, '\u{feff}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
        })
        .collect()
}

/// What a piece of HTML begins with.
enum Markup<'a> {
    Tag { name: &'a str, closing: bool, length: usize },
    Comment { length: usize },
    None,
}

fn markup(text: &str) -> Markup<'_> {
    if text.starts_with("<!--") {
        return Markup::Comment { length: text.find("-->").map_or(text.len(), |end| end + 3) };
    }
    // A tag that is not closed before the next one is text.
    let end = text[1..].find(['<', '>']).map(|end| end + 1).filter(|&end| text.as_bytes()[end] == b'>');
    let Some(end) = end else { return Markup::None };
    let inside = &text[1..end];
    let name = inside.strip_prefix('/').unwrap_or(inside);
    let named = name.bytes().take_while(u8::is_ascii_alphanumeric).count();
    let name = &name[..named];
    if name.starts_with(|first: char| first.is_ascii_alphabetic()) {
        Markup::Tag { name, closing: inside.starts_with('/'), length: end + 1 }
    } else {
        Markup::None
    }
}

fn is_html(text: &str) -> bool {
    text.match_indices('<').any(|(at, _)| !matches!(markup(&text[at..]), Markup::None))
}

fn from_html(html: &str) -> String {
    let mut text = String::with_capacity(html.len());
    let mut rest = html;
    while let Some(at) = rest.find('<') {
        push_text(&mut text, &rest[..at]);
        rest = &rest[at..];
        let length = match markup(rest) {
            Markup::None => {
                text.push('<');
                1
            }
            Markup::Comment { length } => length,
            Markup::Tag { name, closing, length } => {
                let name = name.to_ascii_lowercase();
                match name.as_str() {
                    "br" | "li" | "tr" | "dt" | "dd" if !closing => text.push('\n'),
                    "p" | "div" | "ul" | "ol" | "dl" | "table" | "blockquote" | "section" | "article" | "hr" | "h1"
                    | "h2" | "h3" | "h4" | "h5" | "h6" => text.push_str("\n\n"),
                    _ => {}
                }
                if !closing && matches!(name.as_str(), "script" | "style") { length_of_raw(rest) } else { length }
            }
        };
        rest = &rest[length..];
    }
    push_text(&mut text, rest);
    text
}

/// White space of HTML, line ends too, is only space.
fn push_text(text: &mut String, piece: &str) {
    text.push_str(&decoded(&piece.replace(['\n', '\r'], " ")));
}

/// How far the text of a script or style goes, which is not HTML.
fn length_of_raw(text: &str) -> usize {
    let is_end = |at: usize| {
        ["script", "style"]
            .iter()
            .any(|name| text.get(at + 2..at + 2 + name.len()).is_some_and(|found| found.eq_ignore_ascii_case(name)))
    };
    text.match_indices("</").find(|&(at, _)| is_end(at)).map_or(text.len(), |(at, _)| at)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_line_is_trimmed_decoded_and_without_control_characters() {
        for (text, expected) in [
            ("  Caf\u{e9}\t\r\n au  lait ", "Café au lait"),
            ("Fish &amp; Chips &#233; &#xE9; &eacute;", "Fish & Chips é é é"),
            ("It&#146;s AT&T; &nosuch; &", "It’s AT&T; &nosuch; &"),
            ("a\0b\u{1b}[0m\u{202e}c\u{feff}", "ab[0mc"),
            ("1 < 2", "1 < 2"),
        ] {
            assert_eq!(line(text), expected);
        }
        assert_eq!(some_line(" \u{0} &nbsp;"), None);
    }

    #[test]
    fn paragraphs_are_separated_by_empty_lines() {
        for (text, expected) in [
            ("One.\r\n\r\n\r\nTwo  three.\r\nFour.", "One.\n\nTwo three.\nFour."),
            ("<p>One <b>bold</b>\nword.</p><p>Two.<br/>Three.</p>", "One bold word.\n\nTwo.\nThree."),
            ("<ul><li>One</li><li>Two</li></ul>After", "One\nTwo\n\nAfter"),
            ("<DIV class=\"a\">One</DIV><!-- <p> --><script>if (a<b) {}</script>Two", "One\n\nTwo"),
            ("<p>2 &lt; 3 &amp;c.</p>", "2 < 3 &c."),
            ("if a < b and b > c", "if a < b and b > c"),
            ("I <3 books &mdash; all", "I <3 books — all"),
            ("<p>never closed <b", "never closed <b"),
            ("<style>p{}", "-"),
            ("<!-- never closed", "-"),
            ("", "-"),
        ] {
            assert_eq!(paragraphs(text).as_deref().unwrap_or("-"), expected, "{text}");
        }
    }

    proptest! {
        #[test]
        fn any_text_becomes_plain(text in "(<[a-z/!-]{0,3}|>|&[a-z#0-9]{0,4};?|\\PC|\\s|[\u{0}-\u{1f}])*") {
            let line = line(&text);
            prop_assert!(!line.chars().any(char::is_control) && line.trim() == line);
            if let Some(text) = paragraphs(&text) {
                prop_assert!(!text.chars().any(|character| character.is_control() && character != '\n'));
                prop_assert!(!text.contains("\n\n\n") && text.trim() == text);
            }
        }
    }
}
