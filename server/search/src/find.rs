//! What can be asked of the index, and what it answers.

use serde::Serialize;

/// The longest text that is searched for, in characters.
pub const LONGEST_TEXT: usize = 200;
/// The deepest page of results.
pub const DEEPEST_PAGE: u32 = 40;
/// The most results a page can have.
pub const LARGEST_PAGE: u32 = 48;

/// A search.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Query {
    /// What the shopper typed, whatever that is.
    pub text: String,
    /// From 1; a page that does not exist is answered with the nearest one that does.
    pub page: u32,
    /// Results on a page, at most [`LARGEST_PAGE`].
    pub per_page: u32,
}

/// What a search ended in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub enum Found {
    /// The text has nothing in it that could be looked for.
    NothingAsked,
    /// The text is longer than [`LONGEST_TEXT`] characters.
    TooLong,
    /// Books that match what was asked.
    Exact(Hits),
    /// Nothing matches; these are near it, and must be shown as such.
    Nearest {
        /// What was looked for instead; none where words were left out.
        corrected: Option<String>,
        /// The books found that way.
        hits: Hits,
    },
    /// Nothing matches, and nothing comes near.
    Nothing,
}

/// A page of results.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Hits {
    /// How many books match in all.
    pub total: u64,
    /// Which page this is, from 1.
    pub page: u32,
    /// How many pages can be asked for.
    pub pages: u32,
    /// The works on it, the best first.
    pub work_ids: Vec<u64>,
}

/// What may be meant by a text that is still being typed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Suggestions {
    /// Books, the likeliest first.
    pub books: Vec<SuggestedBook>,
    /// Authors, the likeliest first.
    pub authors: Vec<SuggestedAuthor>,
}

/// A book that may be meant.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct SuggestedBook {
    /// Its name in addresses.
    pub slug: String,
    /// Its title.
    pub title: String,
    /// Its first author's name; empty when it has none.
    pub author: String,
}

/// An author who may be meant.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct SuggestedAuthor {
    /// The author's name in addresses.
    pub slug: String,
    /// The author's name.
    pub name: String,
}
