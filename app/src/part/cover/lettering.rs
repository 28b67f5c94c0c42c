//! Sets title and author for a cover: how wide letters are, where lines may break, how large the type can be.

/// Words that a title's initial is not taken from.
const ARTICLES: [&str; 16] =
    ["the", "a", "an", "der", "die", "das", "ein", "eine", "le", "la", "les", "el", "los", "las", "il", "lo"];

/// What is lettered on a cover.
pub(super) struct Lettering {
    pub title: String,
    /// What follows the title's colon; may be empty.
    pub subtitle: String,
    pub author: String,
    pub initial: String,
}

/// Lines of type, each within the width that was asked for.
pub(super) struct Setting {
    pub lines: Vec<String>,
    pub size: f32,
}

impl Setting {
    pub(super) const LEADING: f32 = 1.14;

    pub(super) fn height(&self) -> f32 {
        self.lines.len() as f32 * self.size * Self::LEADING
    }
}

impl Lettering {
    pub(super) fn new(title: &str, authors: &[&str]) -> Self {
        let title = title.trim();
        let (title, subtitle) = match title.split_once(": ") {
            Some((title, subtitle)) if !title.is_empty() => (title, subtitle),
            _ => (title, ""),
        };
        let author = match authors {
            [] => String::new(),
            [one] => (*one).to_owned(),
            [one, other] => format!("{one} & {other}"),
            [first, ..] => format!("{first} & others"),
        };
        let named = match title.split_once(' ') {
            Some((first, rest)) if ARTICLES.contains(&first.to_lowercase().as_str()) => rest,
            _ => title,
        };
        let initial = named.chars().find(|c| c.is_alphanumeric()).map(|c| c.to_uppercase().collect());
        Self { title: title.to_owned(), subtitle: subtitle.to_owned(), author, initial: initial.unwrap_or_default() }
    }
}

/// Sets `text` as large as `width` by `height` allow, between `largest` and `smallest`; what does not fit even then
/// ends in an ellipsis. The lines are as even as they can be.
pub(super) fn set(text: &str, width: f32, height: f32, largest: f32, smallest: f32) -> Setting {
    let mut size = largest;
    loop {
        let measure = width / size;
        let most = ((height / (size * Setting::LEADING)) as usize).max(1);
        let whole_words = text.split_whitespace().all(|word| is_dense(word) || advance(word) <= measure);
        let lines = break_lines(text, measure);
        if size <= smallest {
            return Setting { lines: shorten(lines, most, measure), size };
        }
        if whole_words && lines.len() <= most {
            return Setting { lines: even_out(text, measure, lines), size };
        }
        size = (size - 1.0).max(smallest);
    }
}

/// One line of `text`, no wider than `width`.
pub(super) fn line(text: &str, width: f32, largest: f32, smallest: f32) -> Setting {
    let size = (width / advance(text).max(0.1)).clamp(smallest, largest);
    Setting { lines: shorten(vec![text.to_owned()], 1, width / size), size }
}

/// Whether the text is read from right to left.
pub(super) fn is_rtl(text: &str) -> bool {
    text.chars()
        .find(|c| c.is_alphabetic())
        .is_some_and(|c| matches!(c, '\u{590}'..='\u{8ff}' | '\u{fb1d}'..='\u{fefc}'))
}

/// How wide a letter is, in its size, with a little to spare for fonts that run wider than ours.
fn width_of(c: char) -> f32 {
    match c {
        ' ' | '\u{a0}' => 0.26,
        'i' | 'j' | 'l' | 't' | 'f' | 'r' | 'I' | 'J' | '.' | ',' | ':' | ';' | '\'' | '’' | '!' | '|' | '-' => 0.36,
        'm' | 'w' | 'M' | 'W' => 0.9,
        '\u{300}'..='\u{36f}' | '\u{610}'..='\u{61a}' | '\u{64b}'..='\u{65f}' | '\u{200b}'..='\u{200f}' => 0.0,
        _ if is_wide(c) => 1.02,
        _ if c.is_lowercase() && c.is_ascii() => 0.53,
        _ if c.is_uppercase() => 0.74,
        _ if c.is_ascii_digit() => 0.55,
        _ => 0.64,
    }
}

/// The scripts that are set in squares and may break between any two of them.
fn is_wide(c: char) -> bool {
    matches!(c, '\u{1100}'..='\u{115f}' | '\u{2e80}'..='\u{a4cf}' | '\u{ac00}'..='\u{d7a3}' | '\u{f900}'..='\u{faff}'
        | '\u{fe30}'..='\u{fe4f}' | '\u{ff00}'..='\u{ff60}' | '\u{1f300}'..='\u{1faff}' | '\u{20000}'..='\u{3fffd}')
}

fn is_dense(word: &str) -> bool {
    word.chars().any(is_wide)
}

fn advance(text: &str) -> f32 {
    text.chars().map(width_of).sum()
}

/// Greedy lines of at most `measure` ems. A word that is wider than a line is broken where it must be.
fn break_lines(text: &str, measure: f32) -> Vec<String> {
    let mut lines = Vec::new();
    let mut line = String::new();
    for word in text.split_whitespace() {
        let gap = if line.is_empty() { "" } else { " " };
        if advance(&line) + advance(gap) + advance(word) <= measure {
            line.push_str(gap);
            line.push_str(word);
            continue;
        }
        if !line.is_empty() {
            lines.push(std::mem::take(&mut line));
        }
        for c in word.chars() {
            let closes = width_of(c) == 0.0 || "、。，．！？：；）」』”’…".contains(c);
            if advance(&line) + width_of(c) > measure && !closes && !line.is_empty() {
                lines.push(std::mem::take(&mut line));
            }
            line.push(c);
        }
    }
    if !line.is_empty() {
        lines.push(line);
    }
    lines
}

/// The same number of lines, set in the narrowest measure that still takes them: no last line of one short word.
fn even_out(text: &str, measure: f32, lines: Vec<String>) -> Vec<String> {
    let mut best = lines;
    let longest = text.split_whitespace().filter(|word| !is_dense(word)).map(advance).fold(1.0, f32::max);
    let mut narrower = measure - 0.4;
    while narrower >= longest {
        let lines = break_lines(text, narrower);
        if lines.len() > best.len() {
            break;
        }
        best = lines;
        narrower -= 0.4;
    }
    best
}

fn shorten(mut lines: Vec<String>, most: usize, measure: f32) -> Vec<String> {
    let cut = lines.len() > most;
    lines.truncate(most);
    if let Some(last) = lines.last_mut()
        && (cut || advance(last) > measure + 0.01)
    {
        while advance(last) + width_of('…') > measure && last.pop().is_some() {}
        last.truncate(last.trim_end_matches([' ', ',', '-']).len());
        last.push('…');
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_short_title_is_set_large_and_a_long_one_smaller() {
        assert_eq!(set("Emma", 160.0, 90.0, 34.0, 12.0).size, 34.0);
        assert!(set("The Life and Opinions of Tristram Shandy, Gentleman", 160.0, 90.0, 34.0, 12.0).size < 28.0);
    }

    #[test]
    fn no_line_is_wider_than_the_cover() {
        for text in [
            "Ulysses",
            "紅樓夢：脂硯齋重評石頭記甲戌校本與其他相關的研究",
            "Einkommensteuerdurchführungsverordnung",
            &"a b ".repeat(300),
        ] {
            let setting = set(text, 150.0, 80.0, 30.0, 12.0);
            assert!(setting.height() <= 80.0 + 0.1, "{text}");
            assert!(
                setting.lines.iter().all(|line| advance(line) * setting.size <= 150.0 + 12.0),
                "{:?}",
                setting.lines
            );
        }
    }

    #[test]
    fn lines_are_even() {
        assert_eq!(set("The Master and Margarita", 220.0, 70.0, 26.0, 12.0).lines, ["The Master", "and Margarita"]);
    }

    #[test]
    fn what_does_not_fit_ends_in_an_ellipsis() {
        let setting = set(&"word ".repeat(99), 100.0, 40.0, 20.0, 12.0);
        assert!(setting.lines.last().is_some_and(|line| line.ends_with('…')));
    }

    #[test]
    fn arabic_and_hebrew_run_from_right_to_left() {
        assert!(is_rtl("ألف ليلة وليلة") && is_rtl("«שירה»"));
        assert!(!is_rtl("Emma") && !is_rtl("紅樓夢") && !is_rtl(""));
    }
}
