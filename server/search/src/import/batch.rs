//! A batch of records, in one transaction: people and shelves first, then works, then their editions.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use database::Transaction;
use trade::Record;
use trade::record::{Contributor, Form, Person, Product, Work};

use super::edition::{self, By, Facts, NewEdition, Stored};
use super::person::{self, People};
use super::shelf::{self, Shelves};
use super::work::{self, WantedWork};
use super::{ImportError, ImportedOffer, Line, Refused, TakenIn, check, list};

/// The records of a batch by what they are; of two of one key the later counts.
#[derive(Default)]
struct Sorted<'a> {
    people: BTreeMap<&'a str, &'a Person>,
    works: BTreeMap<&'a str, (u64, &'a Work)>,
    products: BTreeMap<&'a str, (u64, &'a Product)>,
    withdrawn: BTreeSet<&'a str>,
}

impl<'a> Sorted<'a> {
    fn of(records: &'a [Line], taken: &mut TakenIn) -> Self {
        let mut sorted = Self::default();
        for Line { line, record } in records {
            if let Err((key, reason)) = check::check(record) {
                taken.refused.push(Refused { line: *line, key, reason });
                continue;
            }
            match record {
                Record::Contributor(person) => {
                    sorted.people.insert(person.key.as_deref().unwrap_or(&person.name), person);
                }
                Record::Work(work) => {
                    sorted.works.insert(&work.key, (*line, work));
                }
                Record::Product(product) => {
                    sorted.withdrawn.remove(product.key.as_str());
                    sorted.products.insert(&product.key, (*line, product));
                }
                Record::Withdrawn { key } => {
                    sorted.products.remove(key.as_str());
                    sorted.withdrawn.insert(key);
                }
            }
        }
        sorted
    }

    fn contributors(&self) -> impl Iterator<Item = &'a Contributor> {
        let of_products = self
            .products
            .values()
            .filter_map(|(_, product)| product.description.as_ref())
            .flat_map(|description| &description.contributors);
        of_products.chain(self.works.values().flat_map(|(_, work)| &work.contributors))
    }
}

/// Where a product belongs.
enum Place {
    Edition(Box<Stored>),
    Work(u64),
    /// The nth of the batch's new works.
    NewWork(usize),
}

struct Batch<'a> {
    source: &'a str,
    people: People,
    shelves: Shelves,
    taken: TakenIn,
}

pub(super) async fn take_in(tx: &mut Transaction, source: &str, records: &[Line]) -> Result<TakenIn, ImportError> {
    sqlx::query!("select id from import_turn where id = 1 for update").fetch_one(&mut **tx).await?;
    let mut taken = TakenIn::default();
    let sorted = Sorted::of(records, &mut taken);
    let named = sorted.contributors().map(|contributor| &contributor.person);
    let people = person::write(tx, source, named, sorted.people.values().copied()).await?;
    let products: Vec<&Product> = sorted.products.values().map(|(_, product)| *product).collect();
    let subjects = sorted.works.values().flat_map(|(_, work)| &work.subjects);
    let shelves = shelf::write(tx, &products, subjects).await?;
    let mut batch = Batch { source, people, shelves, taken };
    let described = batch.describe_works(tx, &sorted).await?;
    let touched = batch.take_products(tx, &sorted).await?;
    let withdrawn = batch.withdraw(tx, &sorted).await?;
    change_books(tx, &described, &touched, &withdrawn).await?;
    Ok(batch.taken)
}

impl Batch<'_> {
    fn source_key(&self, key: &str) -> String {
        format!("{}/{key}", self.source)
    }

    fn refuse(&mut self, line: u64, key: &str, reason: impl Into<String>) {
        self.taken.refused.push(Refused { line, key: key.to_owned(), reason: reason.into() });
    }

    /// Works that their source describes; returns those that are changed.
    async fn describe_works(
        &mut self,
        tx: &mut Transaction,
        sorted: &Sorted<'_>,
    ) -> Result<BTreeSet<u64>, ImportError> {
        let keys: BTreeSet<String> = sorted.works.keys().map(|key| self.source_key(key)).collect();
        let mut ids = work::by_source_key(tx, &keys).await?;
        let wanted: Vec<WantedWork<'_>> =
            sorted.works.values().map(|(line, work)| WantedWork::of_work(self.source, *line, work)).collect();
        let is_known = |work: &WantedWork<'_>| work.source_key.as_ref().is_some_and(|key| ids.contains_key(key));
        let (known, new): (Vec<_>, Vec<_>) = wanted.into_iter().partition(is_known);
        let known: HashMap<u64, WantedWork<'_>> =
            known.into_iter().filter_map(|work| Some((ids.remove(work.source_key.as_ref()?)?, work))).collect();
        let mut changed = work::update(tx, &known, &mut self.taken.differences).await?;
        let new_ids = work::insert(tx, self.source, &new).await?;
        changed.extend(&new_ids);
        let all = new_ids.into_iter().zip(new).chain(known).collect();
        changed.extend(work::write_links(tx, self.source, &all, &self.people, &self.shelves).await?);
        Ok(changed)
    }

    /// Where each product belongs: by the source's key, by the ISBN that another source has given, by the work's key, by
    /// what the work is called.
    async fn place<'p>(
        &mut self,
        tx: &mut Transaction,
        products: &BTreeMap<&'p str, (u64, &'p Product)>,
    ) -> Result<(Vec<(u64, &'p Product, Place)>, Vec<WantedWork<'p>>), ImportError> {
        let keys: BTreeSet<String> = products.keys().map(|key| self.source_key(key)).collect();
        let mut by_key = edition::find(tx, self.source, By::Key(&keys)).await?;
        let isbns: BTreeSet<&str> =
            products.values().filter_map(|(_, product)| product.isbn.as_ref().map(trade::Isbn::as_str)).collect();
        let mut by_isbn = edition::find(tx, self.source, By::Isbn(&isbns)).await?;

        let (mut placed, mut rest) = (Vec::new(), Vec::new());
        let mut isbns_of_batch: HashMap<&str, &str> = HashMap::new();
        for (line, product) in products.values() {
            let source_key = self.source_key(&product.key);
            let isbn = product.isbn.as_ref().map(trade::Isbn::as_str);
            let stored = by_key.remove(&source_key);
            let of_isbn = isbn.and_then(|isbn| by_isbn.get(isbn));
            let owner = of_isbn.filter(|found| stored.as_ref().is_none_or(|stored| stored.id != found.id));
            if let Some(owner) = owner
                && (stored.is_some() || owner.source_key.is_some())
            {
                let other = owner.source_key.clone().unwrap_or_else(|| "another edition".to_owned());
                self.refuse(*line, &product.key, format!("its ISBN {} is that of {other}", isbn.unwrap_or_default()));
                continue;
            }
            if let Some(isbn) = isbn
                && let Some(other) = isbns_of_batch.insert(isbn, &product.key)
            {
                self.refuse(*line, &product.key, format!("its ISBN {isbn} is that of {other}"));
                continue;
            }
            let stored = stored.or_else(|| isbn.and_then(|isbn| by_isbn.remove(isbn)));
            match stored {
                Some(stored) => placed.push((*line, *product, Place::Edition(Box::new(stored)))),
                None => match WantedWork::of_product(self.source, *line, product) {
                    Some(work) => rest.push((*line, *product, work)),
                    None => self.refuse(*line, &product.key, "it is not known, and its title is not given"),
                },
            }
        }

        let keys: BTreeSet<String> = rest.iter().filter_map(|(_, _, work)| work.source_key.clone()).collect();
        let mut works_by_key = work::by_source_key(tx, &keys).await?;
        // A work is known by any of its editions, too.
        for (_, product, place) in &placed {
            if let (Some(key), Place::Edition(stored)) = (&product.work_key, place) {
                works_by_key.entry(self.source_key(key)).or_insert(stored.work_id);
            }
        }
        let match_keys = rest.iter().filter(|(_, _, work)| work.source_key.is_none());
        let match_keys = match_keys.filter_map(|(_, _, work)| work.match_key).collect();
        let works_by_match = work::by_match_key(tx, &match_keys).await?;
        let mut new: Vec<WantedWork<'p>> = Vec::new();
        let (mut new_by_key, mut new_by_match) = (HashMap::new(), HashMap::new());
        for (line, product, work) in rest {
            let found = match &work.source_key {
                Some(key) => works_by_key
                    .get(key)
                    .map(|id| Place::Work(*id))
                    .or_else(|| new_by_key.get(key).map(|nth| Place::NewWork(*nth))),
                None => work.match_key.and_then(|key| {
                    works_by_match
                        .get(&key)
                        .map(|id| Place::Work(*id))
                        .or_else(|| new_by_match.get(&key).map(|nth| Place::NewWork(*nth)))
                }),
            };
            let place = found.unwrap_or_else(|| {
                let nth = new.len();
                match &work.source_key {
                    Some(key) => drop(new_by_key.insert(key.clone(), nth)),
                    None => drop(work.match_key.map(|key| new_by_match.insert(key, nth))),
                }
                new.push(work);
                Place::NewWork(nth)
            });
            placed.push((line, product, place));
        }
        Ok((placed, new))
    }

    /// Takes the products in; returns the editions that are new or changed, and those of changed works.
    async fn take_products(&mut self, tx: &mut Transaction, sorted: &Sorted<'_>) -> Result<BTreeSet<u64>, ImportError> {
        let (placed, new_works) = self.place(tx, &sorted.products).await?;
        let new_ids = work::insert(tx, self.source, &new_works).await?;
        let leading: HashMap<u64, WantedWork<'_>> = placed
            .iter()
            .filter_map(|(line, product, place)| match place {
                Place::Edition(stored) if stored.leads => {
                    Some((stored.work_id, WantedWork::of_product(self.source, *line, product)?))
                }
                _ => None,
            })
            .collect();
        let mut changed_works = work::update(tx, &leading, &mut self.taken.differences).await?;
        let linked = new_ids.iter().copied().zip(new_works).chain(leading).collect();
        changed_works.extend(work::write_links(tx, self.source, &linked, &self.people, &self.shelves).await?);

        let mut new_editions = Vec::new();
        let mut known = Vec::new();
        for (line, product, place) in placed {
            let work_id = match place {
                Place::Edition(stored) => {
                    known.push((line, product, *stored));
                    continue;
                }
                Place::Work(id) => id,
                Place::NewWork(nth) => *new_ids.get(nth).ok_or(sqlx::Error::RowNotFound)?,
            };
            new_editions.push(NewEdition { line, work_id, source_key: self.source_key(&product.key), product });
        }
        let mut contributors: BTreeMap<u64, Vec<(u64, &'static str)>> = BTreeMap::new();
        let mut touched = BTreeSet::new();
        let inserted = edition::insert(tx, &new_editions, &self.shelves).await?;
        let mut sources: Vec<(String, u64)> = Vec::new();
        for (new, (id, facts)) in new_editions.iter().zip(&inserted) {
            self.taken.added += 1;
            touched.insert(*id);
            sources.push((new.source_key.clone(), *id));
            contributors.insert(*id, edition::contributors(self.source, new.product, &self.people));
            self.offer(new.line, *id, new.product, facts);
        }
        let mut changed: BTreeMap<u64, Facts> = BTreeMap::new();
        for (line, product, stored) in &known {
            let facts = edition::changed(stored, (*line, product), &self.shelves, &mut self.taken.differences);
            self.offer(*line, stored.id, product, &facts);
            if facts != stored.facts {
                changed.insert(stored.id, facts);
            }
            if stored.source_key.is_none() {
                sources.push((self.source_key(&product.key), stored.id));
            }
            if product.description.is_some() {
                contributors.insert(stored.id, edition::contributors(self.source, product, &self.people));
            }
        }
        edition::update(tx, &changed).await?;
        let sources: Vec<(&str, u64)> = sources.iter().map(|(key, id)| (key.as_str(), *id)).collect();
        edition::insert_sources(tx, self.source, &sources).await?;
        let recast = edition::write_contributors(tx, &contributors).await?;
        for (_, _, stored) in &known {
            let is_changed = changed.contains_key(&stored.id)
                || recast.contains(&stored.id)
                || (stored.leads && changed_works.contains(&stored.work_id));
            if is_changed {
                self.taken.changed += 1;
                touched.insert(stored.id);
            } else {
                self.taken.unchanged += 1;
            }
        }
        Ok(touched)
    }

    /// What is to be sold, where the product speaks of it.
    fn offer(&mut self, line: u64, edition_id: u64, product: &Product, facts: &Facts) {
        if !facts.is_sold() {
            self.taken.unsold.push(edition_id);
            return;
        }
        let Some(supply) = &product.supply else { return };
        let Some(price) = &supply.price else {
            self.taken.unsold.push(edition_id);
            return;
        };
        let weight = product.description.as_ref().and_then(|description| description.weight_g);
        let form = product.description.as_ref().map(|description| description.form);
        self.taken.offers.push(ImportedOffer {
            line,
            edition_id,
            key: product.key.clone(),
            price: price.minor,
            currency: price.currency.clone(),
            copies: supply.copies.unwrap_or_default(),
            // What is usual for the format, where it is described and nothing is said.
            weight_g: form.map(|form| weight.unwrap_or(if form == Form::Hardback { 600 } else { 300 })),
        });
    }

    /// Editions that their source takes back; returns those that were listed.
    async fn withdraw(&mut self, tx: &mut Transaction, sorted: &Sorted<'_>) -> Result<BTreeSet<u64>, ImportError> {
        let keys: BTreeSet<String> = sorted.withdrawn.iter().map(|key| self.source_key(key)).collect();
        let found = edition::find(tx, self.source, By::Key(&keys)).await?;
        let mut changed = BTreeMap::new();
        for key in &sorted.withdrawn {
            match found.get(&self.source_key(key)) {
                // Nothing is to be done for what never came in.
                None => self.taken.unchanged += 1,
                Some(stored) => {
                    // Said again, should an earlier import have been cut off before it was heard.
                    self.taken.unsold.push(stored.id);
                    if stored.facts.is_listed {
                        self.taken.withdrawn += 1;
                        changed.insert(stored.id, Facts { is_listed: false, ..stored.facts.clone() });
                    } else {
                        self.taken.unchanged += 1;
                    }
                }
            }
        }
        edition::update(tx, &changed).await?;
        Ok(changed.into_keys().collect())
    }
}

/// Tells the search index of the books that have changed.
async fn change_books(
    tx: &mut Transaction,
    works: &BTreeSet<u64>,
    editions: &BTreeSet<u64>,
    withdrawn: &BTreeSet<u64>,
) -> Result<(), ImportError> {
    let editions: BTreeSet<u64> = editions.union(withdrawn).copied().collect();
    if works.is_empty() && editions.is_empty() {
        return Ok(());
    }
    sqlx::query!(
        r#"
        insert into book_change (edition_id)
        select edition.id
        from json_table(?, '$[*]' columns (id bigint unsigned path '$')) as list
             straight_join edition on edition.work_id = list.id
        union
        select list.id from json_table(?, '$[*]' columns (id bigint unsigned path '$')) as list
        "#,
        list::of(works)?,
        list::of(&editions)?
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}
