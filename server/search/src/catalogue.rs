//! Reading the catalogue, for pages and for the index. Lists of ids travel as one JSON parameter, so that
//! every statement is constant text: checked when compiled, prepared once.

use std::collections::{BTreeSet, HashMap};

use database::{Database, Error};

use crate::{Author, AuthorRef, Book, BookCard, Edition, EditionCard, EditionTitle, Format, Subject};

/// The catalogue, to read from. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Catalogue {
    database: Database,
}

impl Catalogue {
    /// The catalogue that lies in `database`.
    #[must_use]
    pub fn new(database: Database) -> Self {
        Self { database }
    }

    /// The book of that slug.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn book(&self, slug: &str) -> Result<Option<Book>, Error> {
        // MySQL refuses to compare other characters with a column of ASCII.
        if !slug.is_ascii() {
            return Ok(None);
        }
        let id = sqlx::query_scalar!("select id from work where slug = ?", slug)
            .fetch_optional(self.database.pool())
            .await?;
        match id {
            Some(id) => Ok(self.books(&[id]).await?.pop()),
            None => Ok(None),
        }
    }

    /// The author of that slug, with all books.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn author(&self, slug: &str) -> Result<Option<Author>, Error> {
        if !slug.is_ascii() {
            return Ok(None);
        }
        let author = sqlx::query!("select id, slug, name, about from author where slug = ?", slug)
            .fetch_optional(self.database.pool())
            .await?;
        let Some(author) = author else { return Ok(None) };
        let works = sqlx::query_scalar!(
            r#"
            select work.id
            from work_author join work on work.id = work_author.work_id
            where work_author.author_id = ?
            order by work.popularity desc, work.id
            "#,
            author.id,
        )
        .fetch_all(self.database.pool())
        .await?;
        let books = self.cards(&works).await?;
        Ok(Some(Author { slug: author.slug, name: author.name, about: author.about, books }))
    }

    /// The most asked for books.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn popular(&self, limit: u32) -> Result<Vec<BookCard>, Error> {
        let works = sqlx::query_scalar!("select id from work order by popularity desc, id limit ?", limit)
            .fetch_all(self.database.pool())
            .await?;
        self.cards(&works).await
    }

    /// The most asked for books of a subject; none when there is no such subject.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn by_subject(&self, slug: &str, limit: u32) -> Result<Vec<BookCard>, Error> {
        if !slug.is_ascii() {
            return Ok(Vec::new());
        }
        let works = sqlx::query_scalar!(
            r#"
            select work.id
            from subject
            join work_subject on work_subject.subject_id = subject.id
            join work on work.id = work_subject.work_id
            where subject.slug = ?
            order by work.popularity desc, work.id
            limit ?
            "#,
            slug,
            limit,
        )
        .fetch_all(self.database.pool())
        .await?;
        self.cards(&works).await
    }

    /// All subjects, by name.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn subjects(&self) -> Result<Vec<Subject>, Error> {
        let subjects = sqlx::query_as!(Subject, "select slug, name from subject order by name")
            .fetch_all(self.database.pool())
            .await?;
        Ok(subjects)
    }

    /// These works as list entries, in the order asked; unknown ids are left out.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn cards(&self, work_ids: &[u64]) -> Result<Vec<BookCard>, Error> {
        let books = self.books(work_ids).await?;
        Ok(books.into_iter().map(BookCard::from).collect())
    }

    /// These editions, in the order asked; unknown ids are left out. Reads no more than the cards show.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn editions(&self, ids: &[u64]) -> Result<Vec<EditionCard>, Error> {
        let titles = self.edition_titles(ids).await?;
        if titles.is_empty() {
            return Ok(Vec::new());
        }
        let works = json(&titles.iter().map(|title| title.work_id).collect::<BTreeSet<_>>());
        let mut authors: HashMap<u64, Vec<AuthorRef>> = HashMap::new();
        for (work, author) in self.authors_of(&works).await? {
            authors.entry(work).or_default().push(author);
        }
        let mut subjects: HashMap<u64, Subject> = HashMap::new();
        for (work, subject) in self.subjects_of(&works).await? {
            subjects.entry(work).or_insert(subject);
        }
        let card = |title: EditionTitle| EditionCard {
            edition_id: title.edition_id,
            slug: title.slug,
            title: title.title,
            authors: authors.get(&title.work_id).cloned().unwrap_or_default(),
            format: title.format,
            language: title.language,
            subject: subjects.get(&title.work_id).cloned(),
        };
        Ok(titles.into_iter().map(card).collect())
    }

    /// What these editions are called, in the order asked; unknown ids are left out.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn edition_titles(&self, ids: &[u64]) -> Result<Vec<EditionTitle>, Error> {
        if ids.is_empty() {
            return Ok(Vec::new());
        }
        let titles = sqlx::query_as!(
            EditionTitle,
            r#"
            select edition.id as edition_id, edition.work_id, work.slug, work.title, edition.format as "format: Format",
                   edition.language
            from json_table(?, '$[*]' columns (id bigint unsigned path '$')) as asked
            join edition on edition.id = asked.id
            join work on work.id = edition.work_id
            "#,
            json(ids),
        )
        .fetch_all(self.database.pool())
        .await?;
        let titles: HashMap<u64, EditionTitle> = titles.into_iter().map(|title| (title.edition_id, title)).collect();
        Ok(ids.iter().filter_map(|id| titles.get(id).cloned()).collect())
    }

    /// The authors of these works, each work's in their order.
    async fn authors_of(&self, works: &str) -> Result<Vec<(u64, AuthorRef)>, Error> {
        let authors = sqlx::query!(
            r#"
            select work_author.work_id, slug, name, sort_name
            from json_table(?, '$[*]' columns (id bigint unsigned path '$')) as asked
            join work_author on work_author.work_id = asked.id
            join author on author.id = work_author.author_id
            order by work_author.work_id, work_author.position
            "#,
            works,
        )
        .fetch_all(self.database.pool())
        .await?;
        let author = |slug, name, sort_name| AuthorRef { slug, name, sort_name };
        Ok(authors.into_iter().map(|row| (row.work_id, author(row.slug, row.name, row.sort_name))).collect())
    }

    /// The subjects of these works, each work's best one first.
    async fn subjects_of(&self, works: &str) -> Result<Vec<(u64, Subject)>, Error> {
        let subjects = sqlx::query!(
            r#"
            select work_subject.work_id, slug, name
            from json_table(?, '$[*]' columns (id bigint unsigned path '$')) as asked
            join work_subject on work_subject.work_id = asked.id
            join subject on subject.id = work_subject.subject_id
            order by work_subject.work_id, work_subject.position
            "#,
            works,
        )
        .fetch_all(self.database.pool())
        .await?;
        Ok(subjects.into_iter().map(|row| (row.work_id, Subject { slug: row.slug, name: row.name })).collect())
    }

    /// These works in full, in the order asked; unknown ids are left out.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn books(&self, work_ids: &[u64]) -> Result<Vec<Book>, Error> {
        if work_ids.is_empty() {
            return Ok(Vec::new());
        }
        let pool = self.database.pool();
        let asked = json(work_ids);
        let works = sqlx::query!(
            r#"
            select work.id, slug, title, original_title, language, first_published, description, popularity
            from json_table(?, '$[*]' columns (id bigint unsigned path '$')) as asked
            join work on work.id = asked.id
            "#,
            asked,
        )
        .fetch_all(pool)
        .await?;
        let mut books: HashMap<u64, Book> = works
            .into_iter()
            .map(|work| {
                let book = Book {
                    work_id: work.id,
                    slug: work.slug,
                    title: work.title,
                    original_title: work.original_title,
                    language: work.language,
                    first_published: work.first_published,
                    description: work.description,
                    popularity: work.popularity,
                    authors: Vec::new(),
                    subjects: Vec::new(),
                    editions: Vec::new(),
                };
                (work.id, book)
            })
            .collect();

        for (work, author) in self.authors_of(&asked).await? {
            if let Some(book) = books.get_mut(&work) {
                book.authors.push(author);
            }
        }
        for (work, subject) in self.subjects_of(&asked).await? {
            if let Some(book) = books.get_mut(&work) {
                book.subjects.push(subject);
            }
        }
        let editions = sqlx::query!(
            r#"
            select edition.id, edition.work_id, format as "format: Format", language,
                   coalesce(publisher.name, '') as "publisher!", published, isbn13
            from json_table(?, '$[*]' columns (id bigint unsigned path '$')) as asked
            join edition on edition.work_id = asked.id
            left join publisher on publisher.id = edition.publisher_id
            order by edition.id
            "#,
            asked,
        )
        .fetch_all(pool)
        .await?;
        for edition in editions {
            if let Some(book) = books.get_mut(&edition.work_id) {
                book.editions.push(Edition {
                    id: edition.id,
                    format: edition.format,
                    language: edition.language,
                    publisher: edition.publisher,
                    published: edition.published,
                    isbn13: edition.isbn13,
                });
            }
        }
        Ok(work_ids.iter().filter_map(|id| books.remove(id)).collect())
    }
}

fn json<'a>(ids: impl IntoIterator<Item = &'a u64>) -> String {
    serde_json::Value::from_iter(ids.into_iter().copied()).to_string()
}
