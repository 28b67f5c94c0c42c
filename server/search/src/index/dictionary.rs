//! The words that the index has, by which a word that it lacks can be guessed.

use std::collections::HashMap;

use tantivy::query::FuzzyTermQuery;
use tantivy::schema::Field;
use tantivy::{Searcher, Term};

use super::schema::Fields;
use crate::text::Word;

/// Guesses for one word; each costs a look-up in the index.
const MOST_GUESSES: usize = 24;
const SHORTEST_HALF: usize = 2;

pub(super) struct Dictionary<'a> {
    pub(super) fields: &'a Fields,
    pub(super) searcher: &'a Searcher,
}

impl Dictionary<'_> {
    /// Titles and names: only their words are guessed.
    fn guessed(&self) -> [Field; 3] {
        [self.fields.title, self.fields.author, self.fields.other_title]
    }

    /// How many books have the token.
    pub(super) fn count(&self, token: &str) -> tantivy::Result<u64> {
        self.guessed()
            .iter()
            .try_fold(0, |sum, &field| Ok(sum + self.searcher.doc_freq(&Term::from_field_text(field, token))?))
    }

    /// Words that differ by typing errors, the fewest first: one for short words, two for long ones, and two for
    /// middling ones that nothing else comes near.
    pub(super) fn near(&self, word: &Word, unfinished: bool) -> tantivy::Result<Vec<(String, u8)>> {
        let length = word.joined.chars().count();
        if length < if unfinished { 5 } else { 4 } || word.is_number() {
            return Ok(Vec::new());
        }
        let mut near = self.within(&word.joined, 1, unfinished)?;
        if length >= 8 || (length >= 6 && near.is_empty()) {
            for (token, distance) in self.within(&word.joined, 2, false)? {
                if !near.iter().any(|(known, _)| *known == token) {
                    near.push((token, distance));
                }
            }
        }
        near.truncate(MOST_GUESSES);
        Ok(near)
    }

    /// The likeliest words within `distance`: first those with the same first letter, then those in most books.
    fn within(&self, token: &str, distance: u8, unfinished: bool) -> tantivy::Result<Vec<(String, u8)>> {
        let mut counts: HashMap<String, u64> = HashMap::new();
        for field in self.guessed() {
            let term = Term::from_field_text(field, token);
            let query = if unfinished {
                FuzzyTermQuery::new_prefix(term, distance, true)
            } else {
                FuzzyTermQuery::new(term, distance, true)
            };
            for segment in self.searcher.segment_readers() {
                let index = segment.inverted_index(field)?;
                let mut terms = index.terms().search(query.automaton()?).into_stream()?;
                while terms.advance() {
                    if let Ok(text) = std::str::from_utf8(terms.key()) {
                        *counts.entry(text.to_owned()).or_default() += u64::from(terms.value().doc_freq);
                    }
                }
            }
        }
        counts.remove(token);
        let first = token.chars().next();
        let mut found: Vec<(String, u64)> = counts.into_iter().collect();
        found.sort_by_cached_key(|(text, count)| {
            (text.chars().next() != first, std::cmp::Reverse(*count), text.clone())
        });
        Ok(found.into_iter().map(|(text, _)| (text, distance)).take(MOST_GUESSES).collect())
    }

    /// The word as two words that both exist: "wonderland" as "wonder land". The commonest pairs only.
    pub(super) fn halves(&self, word: &Word) -> tantivy::Result<Vec<Vec<String>>> {
        let mut pairs = Vec::new();
        for (at, _) in word.joined.char_indices() {
            let (left, right) = word.joined.split_at(at);
            if left.chars().count() < SHORTEST_HALF || right.chars().count() < SHORTEST_HALF {
                continue;
            }
            let count = match self.count(left)? {
                0 => 0,
                left => left.min(self.count(right)?),
            };
            if count > 0 {
                pairs.push((count, vec![left.to_owned(), right.to_owned()]));
            }
        }
        pairs.sort_by_key(|pair| std::cmp::Reverse(pair.0));
        Ok(pairs.into_iter().take(3).map(|(_, pair)| pair).collect())
    }
}
