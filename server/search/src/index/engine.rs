//! The index itself: takes books in, and answers. Synchronous, and knows nothing of the database.

use std::path::Path;
use std::sync::{Mutex, PoisonError};

use tantivy::collector::{Count, TopDocs};
use tantivy::directory::{Directory, INDEX_WRITER_LOCK, MmapDirectory};
use tantivy::query::{self, TermQuery};
use tantivy::schema::IndexRecordOption;
use tantivy::{
    DocAddress, DocId, IndexReader, IndexWriter, ReloadPolicy, Score, Searcher, SegmentReader, TantivyError, Term,
};

use super::question::Question;
use super::schema::{Entry, Fields, POPULARITY, WORK_ID};
use crate::find::{DEEPEST_PAGE, Found, Hits, LARGEST_PAGE, LONGEST_TEXT, Query};
use trade::{Isbn, Reading};

/// For all threads that write; what does not fit is written out.
const WRITER_MEMORY: usize = 128 << 20;
const WRITER_THREADS: usize = 2;
/// Thousandfold popularity weighs less than one more word of the title.
const POPULARITY_WEIGHT: Score = 0.5;

/// Which page of how many results.
#[derive(Clone, Copy)]
struct Page {
    number: u32,
    size: u32,
}

pub(crate) struct Engine {
    index: tantivy::Index,
    fields: Fields,
    reader: IndexReader,
    writer: Mutex<IndexWriter>,
}

impl Engine {
    /// An empty index in the empty folder `dir`, or in memory.
    pub(crate) fn create(dir: Option<&Path>) -> tantivy::Result<Self> {
        let fields = Fields::new();
        let index = match dir {
            Some(dir) => tantivy::Index::create_in_dir(dir, fields.schema.clone())?,
            None => tantivy::Index::create_in_ram(fields.schema.clone()),
        };
        Self::of(index, fields)
    }

    /// The index in the folder `dir`. Fails with [`TantivyError::LockFailure`] while another process has it, whatever it
    /// looks like.
    pub(crate) fn open(dir: &Path) -> tantivy::Result<Self> {
        let fields = Fields::new();
        let is_ours = MmapDirectory::open(dir)?
            .acquire_lock(&INDEX_WRITER_LOCK)
            .map_err(|error| TantivyError::LockFailure(error, None))?;
        let index = tantivy::Index::open_in_dir(dir)?;
        if index.schema() != fields.schema {
            return Err(TantivyError::SchemaError("it has other fields".to_owned()));
        }
        if let Some(damaged) = index.validate_checksum()?.iter().next() {
            return Err(TantivyError::InvalidArgument(format!("{} is not as it was written", damaged.display())));
        }
        // The writer takes the lock for itself.
        drop(is_ours);
        Self::of(index, fields)
    }

    fn of(index: tantivy::Index, fields: Fields) -> tantivy::Result<Self> {
        Ok(Self {
            reader: index.reader_builder().reload_policy(ReloadPolicy::Manual).try_into()?,
            writer: Mutex::new(index.writer_with_num_threads(WRITER_THREADS, WRITER_MEMORY)?),
            index,
            fields,
        })
    }

    /// What was said with the last commit.
    pub(crate) fn payload(&self) -> tantivy::Result<Option<String>> {
        Ok(self.index.load_metas()?.payload)
    }

    /// Replaces the works `removed` by `added`, which can be found once this is [committed](Self::commit).
    pub(crate) fn replace(&self, removed: &[u64], added: &[Entry]) -> tantivy::Result<()> {
        let writer = self.writer.lock().unwrap_or_else(PoisonError::into_inner);
        for &work_id in removed {
            writer.delete_term(Term::from_field_u64(self.fields.work_id, work_id));
        }
        for entry in added {
            writer.add_document(self.fields.document(entry))?;
        }
        Ok(())
    }

    /// Makes everything that was replaced findable, and keeps `payload` with it.
    pub(crate) fn commit(&self, payload: &str) -> tantivy::Result<()> {
        let mut writer = self.writer.lock().unwrap_or_else(PoisonError::into_inner);
        let mut commit = writer.prepare_commit()?;
        commit.set_payload(payload);
        commit.commit()?;
        self.reader.reload()
    }

    pub(crate) fn fields(&self) -> &Fields {
        &self.fields
    }

    pub(crate) fn searcher(&self) -> Searcher {
        self.reader.searcher()
    }

    pub(crate) fn find(&self, query: &Query) -> tantivy::Result<Found> {
        if query.text.chars().count() > LONGEST_TEXT {
            return Ok(Found::TooLong);
        }
        let page = Page { number: query.page.clamp(1, DEEPEST_PAGE), size: query.per_page.clamp(1, LARGEST_PAGE) };
        let searcher = self.searcher();
        match Isbn::read(&query.text) {
            Reading::Valid(isbn) => {
                let hits = self.page(&searcher, &self.by_isbn(&isbn), page)?;
                return Ok(hits.map_or(Found::Nothing, Found::Exact));
            }
            Reading::Wrong => return Ok(Found::Nothing),
            Reading::Other => {}
        }
        let Some(question) = Question::read(&query.text) else { return Ok(Found::NothingAsked) };
        for exact in question.exact(&self.fields) {
            if let Some(hits) = self.page(&searcher, &exact, page)? {
                return Ok(Found::Exact(hits));
            }
        }
        let guess = question.guess(&self.fields, &searcher, false)?;
        for nearest in guess.queries(&self.fields) {
            if let Some(hits) = self.page(&searcher, &nearest, page)? {
                let corrected = match self.ranked(&searcher, &nearest, 0, 1)?.0.first() {
                    Some(&best) => guess.corrected(&self.shown(&searcher, best)?.text()),
                    None => None,
                };
                return Ok(Found::Nearest { corrected, hits });
            }
        }
        Ok(Found::Nothing)
    }

    pub(crate) fn by_isbn(&self, isbn: &Isbn) -> TermQuery {
        TermQuery::new(Term::from_field_text(self.fields.isbn, isbn.as_str()), IndexRecordOption::Basic)
    }

    /// The page asked for, or the last there is; none when nothing matches.
    fn page(&self, searcher: &Searcher, query: &dyn query::Query, page: Page) -> tantivy::Result<Option<Hits>> {
        let size = page.size as usize;
        let (mut found, total) = self.ranked(searcher, query, (page.number as usize - 1) * size, size)?;
        if total == 0 {
            return Ok(None);
        }
        let pages = u32::try_from(total.div_ceil(size)).unwrap_or(DEEPEST_PAGE).min(DEEPEST_PAGE);
        let number = page.number.min(pages);
        if number < page.number {
            found = self.ranked(searcher, query, (number as usize - 1) * size, size)?.0;
        }
        let mut work_ids = Vec::with_capacity(found.len());
        for address in found {
            let ids = searcher.segment_reader(address.segment_ord).fast_fields().u64(WORK_ID)?;
            work_ids.extend(ids.first(address.doc_id));
        }
        Ok(Some(Hits { total: total as u64, page: number, pages, work_ids }))
    }

    /// The matches from `offset` on, the best first, and how many there are in all.
    pub(crate) fn ranked(
        &self,
        searcher: &Searcher,
        query: &dyn query::Query,
        offset: usize,
        limit: usize,
    ) -> tantivy::Result<(Vec<DocAddress>, usize)> {
        let best = TopDocs::with_limit(limit).and_offset(offset).tweak_score(|segment: &SegmentReader| {
            let popularity = segment.fast_fields().u64(POPULARITY).ok();
            move |document: DocId, score: Score| {
                let popularity = popularity.as_ref().and_then(|column| column.first(document)).unwrap_or(0);
                #[expect(clippy::cast_precision_loss, reason = "a logarithm needs no more")]
                let popularity = (popularity as Score).ln_1p();
                score + POPULARITY_WEIGHT * popularity
            }
        });
        let (found, total) = searcher.search(query, &(best, Count))?;
        Ok((found.into_iter().map(|(_, address)| address).collect(), total))
    }
}
