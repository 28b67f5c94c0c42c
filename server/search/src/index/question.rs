//! What was typed, taken apart, and the queries that look for exactly that.

use tantivy::Score;

use super::clause::{self, Clause};
use super::schema::Fields;
use super::weak_words::{is_dispensable, is_stop_word};
use crate::text::{Word, words};

/// More words than this say nothing more.
const MOST_WORDS: usize = 40;
/// Shorter beginnings are those of half the catalogue.
const SHORTEST_BEGINNING: usize = 2;
const SHORTEST_WHOLE_BEGINNING: usize = 3;

// A whole title outweighs any sum of words; words of a short title come to about 30.
const WHOLE_TITLE: Score = 60.0;
const SHORT_TITLE: Score = 40.0;
const WHOLE_AUTHOR: Score = 30.0;
const TITLE_BEGINNING: Score = 12.0;
const SHORT_TITLE_BEGINNING: Score = 8.0;

const NUMBERS: [&str; 13] =
    ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"];

/// How much a book needs a word of the question.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Need {
    /// Without it the book is no match.
    Must,
    /// The book must have it, unless no book then matches.
    Should,
    /// It only ranks.
    May,
}

#[derive(Clone, Debug)]
pub(super) struct AskedWord {
    pub(super) word: Word,
    pub(super) need: Need,
    /// Whether more letters may follow.
    pub(super) unfinished: bool,
}

impl AskedWord {
    pub(super) fn clause(&self, fields: &Fields) -> Clause {
        let mut ways = vec![clause::word(fields, &self.word)];
        if self.unfinished {
            ways.push(clause::beginning(fields, &self.word.joined));
        }
        clause::best_of(ways)
    }
}

/// A text, taken apart.
#[derive(Clone, Debug)]
pub(crate) struct Question {
    pub(super) words: Vec<AskedWord>,
    /// The text in one piece.
    pub(super) whole: String,
}

impl Question {
    /// None when the text has no word in it.
    pub(crate) fn read(text: &str) -> Option<Self> {
        let words = words(text);
        let whole: String = words.iter().map(|word| word.joined.as_str()).collect();
        let last = words.len().checked_sub(1)?;
        let complete = text.ends_with(char::is_whitespace);
        let mut words: Vec<AskedWord> = words
            .into_iter()
            .enumerate()
            .map(|(at, word)| AskedWord {
                need: match word.joined.as_str() {
                    joined if is_stop_word(joined) => Need::May,
                    joined if is_dispensable(joined) => Need::Should,
                    _ => Need::Must,
                },
                unfinished: at == last && !complete && word.joined.chars().count() >= SHORTEST_BEGINNING,
                word: with_number_words(word),
            })
            .take(MOST_WORDS)
            .collect();
        if words.iter().all(|word| word.need != Need::Must) {
            for word in &mut words {
                word.need = Need::Must;
            }
        }
        Some(Self { words, whole })
    }

    /// The queries for what was asked, the strictest first.
    pub(super) fn exact(&self, fields: &Fields) -> Vec<Clause> {
        let mut queries = vec![self.exact_with(fields, None)];
        if self.words.iter().any(|word| word.need == Need::Should) {
            queries.push(self.exact_with(fields, Some(Need::Should)));
        }
        queries
    }

    /// Every word that needs to be there, or the whole title; `spared` words need not.
    fn exact_with(&self, fields: &Fields, spared: Option<Need>) -> Clause {
        let (mut required, mut optional) = (Vec::new(), Vec::new());
        for asked in &self.words {
            if asked.need == Need::May || Some(asked.need) == spared {
                optional.push(asked.clause(fields));
            } else {
                required.push(asked.clause(fields));
            }
        }
        clause::some_of(vec![self.whole(fields), clause::required(required, optional)], 1)
    }

    /// Titles and names that are what was asked, or begin with it.
    fn whole(&self, fields: &Fields) -> Clause {
        let mut ways = vec![
            clause::constant(clause::term(fields.whole, &self.whole), WHOLE_TITLE),
            clause::constant(clause::term(fields.short, &self.whole), SHORT_TITLE),
            clause::constant(clause::term(fields.whole_author, &self.whole), WHOLE_AUTHOR),
        ];
        if self.whole.chars().count() >= SHORTEST_WHOLE_BEGINNING {
            ways.push(clause::constant(clause::prefix(fields.whole, &self.whole), TITLE_BEGINNING));
            ways.push(clause::constant(clause::prefix(fields.short, &self.whole), SHORT_TITLE_BEGINNING));
        }
        clause::best_of(ways)
    }
}

/// "Station 11" is "Station Eleven" too.
fn with_number_words(mut word: Word) -> Word {
    let number = word.joined.as_str();
    let other = match number.parse::<usize>() {
        Ok(value) => NUMBERS.get(value).map(|&spelled| spelled.to_owned()),
        Err(_) => NUMBERS.iter().position(|&spelled| spelled == number).map(|value| value.to_string()),
    };
    word.forms.extend(other.map(|other| vec![other]));
    word
}

#[cfg(test)]
mod tests {
    use super::*;

    fn needs(text: &str) -> Vec<Need> {
        Question::read(text).map(|question| question.words.iter().map(|asked| asked.need).collect()).unwrap_or_default()
    }

    #[test]
    fn weak_words_are_spared_unless_there_is_nothing_else() {
        assert_eq!(needs("the trial book"), [Need::May, Need::Must, Need::Should]);
        assert_eq!(needs("it"), [Need::Must]);
        assert_eq!(needs("of the"), [Need::Must, Need::Must]);
    }

    #[test]
    fn texts_without_words_ask_nothing() {
        for text in ["", "   ", "?!", "\u{1f600}", "\u{0}\u{7}", "\"()[]*:~^", "--"] {
            assert!(Question::read(text).is_none(), "{text:?}");
        }
    }

    #[test]
    fn only_the_last_word_may_go_on_and_only_while_it_touches_the_end() {
        let unfinished = |text| Question::read(text).expect("words").words.last().expect("one").unfinished;
        assert!(unfinished("the hob"));
        assert!(!unfinished("the hob "));
        assert!(!unfinished("the h"));
    }

    #[test]
    fn numbers_have_a_second_form() {
        assert_eq!(with_number_words(words("11").remove(0)).forms, [["11"], ["eleven"]]);
        assert_eq!(with_number_words(words("Five").remove(0)).forms, [["five"], ["5"]]);
    }
}
