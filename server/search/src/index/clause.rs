//! The small queries of which a search is made. Always from tokens, so that no text can be syntax.

use tantivy::query::{
    BooleanQuery, BoostQuery, ConstScoreQuery, DisjunctionMaxQuery, FuzzyTermQuery, Occur, Query, TermQuery,
};
use tantivy::schema::{Field, IndexRecordOption};
use tantivy::{Score, Term};

use super::schema::Fields;
use crate::text::Word;

pub(super) type Clause = Box<dyn Query>;

/// What a word is worth in each field.
fn weighted(fields: &Fields) -> [(Field, Score); 4] {
    [(fields.title, 2.0), (fields.author, 2.0), (fields.other_title, 1.0), (fields.other, 0.3)]
}

/// The best of several ways to match; how many of them match does not count.
pub(super) fn best_of(mut clauses: Vec<Clause>) -> Clause {
    if clauses.len() == 1 { clauses.remove(0) } else { Box::new(DisjunctionMaxQuery::new(clauses)) }
}

pub(super) fn all_of(mut clauses: Vec<Clause>) -> Clause {
    if clauses.len() == 1 { clauses.remove(0) } else { Box::new(BooleanQuery::intersection(clauses)) }
}

/// All of `required`; those of `optional` that match add to the score.
pub(super) fn required(required: Vec<Clause>, optional: Vec<Clause>) -> Clause {
    let required = required.into_iter().map(|clause| (Occur::Must, clause));
    let optional = optional.into_iter().map(|clause| (Occur::Should, clause));
    Box::new(BooleanQuery::new(required.chain(optional).collect()))
}

/// At least `least` of these; each that matches adds to the score.
pub(super) fn some_of(clauses: Vec<Clause>, least: usize) -> Clause {
    let clauses = clauses.into_iter().map(|clause| (Occur::Should, clause)).collect();
    Box::new(BooleanQuery::with_minimum_required_clauses(clauses, least))
}

pub(super) fn boosted(clause: Clause, by: Score) -> Clause {
    Box::new(BoostQuery::new(clause, by))
}

pub(super) fn constant(clause: Clause, score: Score) -> Clause {
    Box::new(ConstScoreQuery::new(clause, score))
}

pub(super) fn term(field: Field, token: &str) -> Clause {
    Box::new(TermQuery::new(Term::from_field_text(field, token), IndexRecordOption::WithFreqs))
}

/// A term that begins with `start`.
pub(super) fn prefix(field: Field, start: &str) -> Clause {
    Box::new(FuzzyTermQuery::new_prefix(Term::from_field_text(field, start), 0, true))
}

/// A term with at most `distance` typing errors.
pub(super) fn near(field: Field, token: &str, distance: u8) -> Clause {
    Box::new(FuzzyTermQuery::new(Term::from_field_text(field, token), distance, true))
}

/// These tokens, each in whichever field.
pub(super) fn form(fields: &Fields, tokens: &[String]) -> Clause {
    all_of(
        tokens
            .iter()
            .map(|token| best_of(weighted(fields).map(|(field, by)| boosted(term(field, token), by)).into()))
            .collect(),
    )
}

/// The word in any of its forms.
pub(super) fn word(fields: &Fields, word: &Word) -> Clause {
    best_of(word.forms.iter().map(|tokens| form(fields, tokens)).collect())
}

/// A word that is still being typed.
pub(super) fn beginning(fields: &Fields, start: &str) -> Clause {
    best_of(weighted(fields).map(|(field, by)| constant(prefix(field, start), by)).into())
}

/// A single token at a score of its own: for guesses, whose rarity says nothing.
pub(super) fn guess(fields: &Fields, tokens: &[String], score: Score) -> Clause {
    constant(form(fields, tokens), score)
}
