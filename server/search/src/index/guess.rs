//! What may have been meant, when nothing is exactly what was asked.

use tantivy::{Score, Searcher};

use super::clause::{self, Clause};
use super::dictionary::Dictionary;
use super::question::{AskedWord, Need, Question};
use super::schema::Fields;
use crate::text::{Word, tokens};

const ONE_ERROR: Score = 6.0;
const TWO_ERRORS: Score = 3.0;
const OTHER_SPACING: Score = 5.0;
const NEAR_TITLE: Score = 20.0;
const NEAR_AUTHOR: Score = 15.0;

/// A question with guesses for its words.
pub(super) struct Guess {
    words: Vec<GuessedWord>,
    whole: String,
}

struct GuessedWord {
    asked: AskedWord,
    /// Whether a title or a name has the word as it was asked.
    known: bool,
    /// Other words, the likeliest first, with what a match is worth.
    others: Vec<(Vec<String>, Score)>,
}

impl GuessedWord {
    fn hopeless(&self) -> bool {
        !self.known && self.others.is_empty()
    }

    fn clause(&self, fields: &Fields) -> Clause {
        let others = self.others.iter().map(|(tokens, score)| clause::guess(fields, tokens, *score));
        clause::best_of(std::iter::once(self.asked.clause(fields)).chain(others).collect())
    }

    /// How a text writes this word; none when it does not.
    fn written_in(&self, text: &[String]) -> Option<String> {
        let has = |form: &&Vec<String>| form.iter().all(|token| text.contains(token));
        let asked = &self.asked.word;
        if asked.forms.iter().any(|form| has(&form))
            || (self.asked.unfinished && text.iter().any(|token| token.starts_with(&asked.joined)))
        {
            return Some(asked.joined.clone());
        }
        self.others.iter().map(|(form, _)| form).find(has).map(|form| form.join(" "))
    }
}

impl Question {
    /// Looks up what each word may have been meant to be.
    pub(super) fn guess(&self, fields: &Fields, searcher: &Searcher, typing: bool) -> tantivy::Result<Guess> {
        let dictionary = Dictionary { fields, searcher };
        let asked = self.loosened(&dictionary)?;
        let mut words = Vec::with_capacity(asked.len());
        for (at, one) in asked.iter().enumerate() {
            let mut others = Vec::new();
            for neighbour in [at.checked_sub(1), Some(at + 1)].into_iter().flatten() {
                if let Some(other) = asked.get(neighbour) {
                    let pair = if neighbour < at { [other, one] } else { [one, other] };
                    let joined = pair.map(|asked| asked.word.joined.as_str()).concat();
                    if dictionary.count(&joined)? > 0 {
                        others.push((vec![joined], OTHER_SPACING));
                    }
                }
            }
            if one.need != Need::May {
                others.extend(dictionary.halves(&one.word)?.into_iter().map(|pair| (pair, OTHER_SPACING)));
                let near = dictionary.near(&one.word, typing && one.unfinished)?;
                others.extend(
                    near.into_iter()
                        .map(|(token, errors)| (vec![token], if errors == 1 { ONE_ERROR } else { TWO_ERRORS })),
                );
            }
            let known = is_known(&dictionary, &one.word)?;
            words.push(GuessedWord { asked: one.clone(), known, others });
        }
        Ok(Guess { words, whole: self.whole.clone() })
    }

    /// The words, those with hyphens or apostrophes that no book has in one piece as their parts.
    fn loosened(&self, dictionary: &Dictionary<'_>) -> tantivy::Result<Vec<AskedWord>> {
        let mut loosened = Vec::with_capacity(self.words.len());
        for asked in &self.words {
            match asked.word.forms.as_slice() {
                [joined, parts] if joined.len() == 1 && parts.len() > 1 && dictionary.count(&joined[0])? == 0 => {
                    loosened.extend(parts.iter().map(|part| AskedWord {
                        word: Word { joined: part.clone(), forms: vec![vec![part.clone()]] },
                        need: if part.chars().count() > 1 { asked.need } else { Need::May },
                        unfinished: false,
                    }));
                }
                _ => loosened.push(asked.clone()),
            }
        }
        Ok(loosened)
    }
}

fn is_known(dictionary: &Dictionary<'_>, word: &Word) -> tantivy::Result<bool> {
    for form in &word.forms {
        let mut known = true;
        for token in form {
            known = known && dictionary.count(token)? > 0;
        }
        if known {
            return Ok(true);
        }
    }
    Ok(false)
}

impl Guess {
    /// The queries for what may have been meant, the likeliest first.
    pub(super) fn queries(&self, fields: &Fields) -> Vec<Clause> {
        let (required, optional): (Vec<_>, Vec<_>) = self.words.iter().partition(|word| word.asked.need == Need::Must);
        let clauses = |words: &[&GuessedWord]| words.iter().map(|word| word.clause(fields)).collect::<Vec<_>>();
        let mut ways = self.whole(fields);
        if !required.iter().any(|word| word.hopeless()) {
            ways.push(clause::required(clauses(&required), clauses(&optional)));
        }
        let mut queries = Vec::new();
        if !ways.is_empty() {
            queries.push(clause::some_of(ways, 1));
        }
        // Without some of the words: first without those that no book has, and never without more than two thirds.
        let hopeful: Vec<&GuessedWord> = required.iter().copied().filter(|word| !word.hopeless()).collect();
        for least in (required.len().div_ceil(3).max(1)..=hopeful.len()).rev() {
            queries.push(clause::some_of(clauses(&hopeful), least));
        }
        queries
    }

    /// Titles and names that come near as a whole.
    fn whole(&self, fields: &Fields) -> Vec<Clause> {
        let distance = match self.whole.chars().count() {
            ..5 => return Vec::new(),
            5..10 => 1,
            _ => 2,
        };
        let near = |field, score| clause::constant(clause::near(field, &self.whole, distance), score);
        vec![near(fields.whole, NEAR_TITLE), near(fields.short, NEAR_TITLE), near(fields.whole_author, NEAR_AUTHOR)]
    }

    /// The question as the text of a book that was found writes it; none when no word was written otherwise.
    pub(super) fn corrected(&self, text: &str) -> Option<String> {
        let text = tokens(text);
        let mut written = Vec::new();
        for word in &self.words {
            let asked = &word.asked.word.joined;
            match word.written_in(&text) {
                Some(other) if written.last() != Some(&other) => written.push(other),
                Some(_) => {}
                None if word.asked.need == Need::May => written.push(asked.clone()),
                None => {}
            }
        }
        let asked = self.words.iter().map(|word| &word.asked.word.joined);
        let changed = written.iter().any(|other| !asked.clone().any(|asked| asked == other));
        changed.then(|| written.join(" "))
    }
}
