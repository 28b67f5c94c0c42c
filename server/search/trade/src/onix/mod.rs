//! ONIX for Books 3, the messages in which publishers and wholesalers describe their books, with reference names or
//! short tags. <https://www.editeur.org/93/Release-3.0-and-3.1-Downloads/>

mod contributor;
mod date;
mod description;
mod element;
mod price;
mod product;
mod publishing;
mod source;
mod supply;
mod tags;
mod title;

use std::io::Read;

use quick_xml::events::{BytesStart, Event};
use time::Date;

use crate::{Entry, Refused, Step, Unreadable};
use element::{DEEPEST, Element, Stop, stop};
use source::Source;
use tags::reference_name;

/// Which of a product's prices is wanted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Options {
    /// Only prices in this currency (ISO 4217); otherwise each product's first one decides.
    pub currency: Option<String>,
    /// Prices must be valid on this day.
    pub today: Date,
}

/// Reads the products of an ONIX file.
pub struct Reader<R> {
    /// None once there is nothing more to read.
    xml: Option<Xml<R>>,
    options: Options,
    header: Element,
    /// How many elements are open around the products.
    depth: usize,
    begun: bool,
    /// Whether the file says that it is of release 3.
    is_release_3: bool,
}

/// What stands between products.
enum Sign {
    /// A start tag of what is read, by its reference name and as it is written.
    Start(&'static str, String),
    Other,
    End,
}

impl<R: Read> Reader<R> {
    /// Begins to read.
    ///
    /// # Errors
    /// When the file cannot be got at.
    pub fn new(file: R, options: Options) -> Result<Self, Unreadable> {
        let source = Source::new(file).map_err(|source| Unreadable::Io { line: 1, source })?;
        Ok(Self {
            xml: Some(parser(source)),
            options,
            header: Element::default(),
            depth: 0,
            begun: false,
            is_release_3: false,
        })
    }

    /// Reads up to the next product, and it; the parser comes back as long as there is more to read.
    fn step(&mut self, mut xml: Xml<R>) -> Result<Option<Found<R>>, Unreadable> {
        loop {
            xml.get_mut().allow();
            let line = xml.get_ref().line();
            let (name, written) = match self.sign(&mut xml, line)? {
                Sign::End => return Ok(None),
                Sign::Other => continue,
                Sign::Start(name, written) => (name, written),
            };
            let mut remarks = Vec::new();
            let reason = match element::read(&mut xml, name, &mut remarks) {
                Ok(header) if name == "Header" => {
                    self.header = header;
                    continue;
                }
                Ok(product) => {
                    let entry = self.entry(&product, line, remarks)?;
                    return Ok(Some((xml, entry)));
                }
                Err(Stop::Damaged(reason)) => reason,
                Err(Stop::TooLarge(reason)) => {
                    xml = skip(xml, &written)?;
                    reason
                }
                Err(Stop::Fatal(error)) => return Err(error),
            };
            if name == "Product" {
                let refused = Refused { line, key: None, reason: format!("the product {reason}") };
                return Ok(Some((xml, Err(refused))));
            }
        }
    }

    fn sign(&mut self, xml: &mut Xml<R>, line: u64) -> Result<Sign, Unreadable> {
        let faulty = |reason: String| Err(Unreadable::Faulty { line, reason });
        let mut buffer = Vec::new();
        let event = match xml.read_event_into(&mut buffer) {
            Ok(event) => event,
            Err(error) => {
                return match stop(xml.get_ref(), &error) {
                    Stop::Fatal(error) => Err(error),
                    Stop::TooLarge(reason) | Stop::Damaged(reason) => faulty(format!("what is no product {reason}")),
                };
            }
        };
        match event {
            Event::Start(start) => {
                let tag = start.local_name();
                let name = reference_name(tag.as_ref()).filter(|name| matches!(*name, "Product" | "Header"));
                if self.depth == 0 && name != Some("Product") {
                    match self.root(&start) {
                        Ok(()) => {}
                        Err(reason) => return faulty(reason),
                    }
                }
                self.begun = true;
                if let Some(name) = name {
                    return Ok(Sign::Start(name, start.name().as_ref().to_owned()));
                }
                self.depth += 1;
                if self.depth > DEEPEST {
                    return faulty(format!("there are elements in more than {DEEPEST} others"));
                }
            }
            Event::End(end) => match self.depth.checked_sub(1) {
                Some(depth) => self.depth = depth,
                None => return faulty(format!("</{}> ends what has not begun", end.name().as_ref())),
            },
            Event::DocType(text) if is_of_release_2(&text) => return faulty(OUTDATED.to_owned()),
            Event::Text(text) if self.depth == 0 && !text.trim_ascii().is_empty() => {
                return faulty("the file is not XML".to_owned());
            }
            Event::Eof if !self.begun => return faulty("the file is empty".to_owned()),
            Event::Eof if self.depth > 0 => return faulty("the file ends before its message does".to_owned()),
            Event::Eof => return Ok(Sign::End),
            _ => {}
        }
        Ok(Sign::Other)
    }

    /// Checks the element around the products.
    fn root(&mut self, start: &BytesStart<'_>) -> Result<(), String> {
        let tag = start.local_name();
        if !tag.as_ref().eq_ignore_ascii_case("ONIXMessage") {
            return Err(format!("the file is not ONIX, but begins with {}", crate::entry::quoted(tag.as_ref())));
        }
        for attribute in start.html_attributes().with_checks(false).flatten() {
            match attribute.key.as_ref() {
                "release" if attribute.value.trim().starts_with('3') => self.is_release_3 = true,
                "release" => return Err(OUTDATED.to_owned()),
                key if key.starts_with("xmlns") && is_of_release_2(&attribute.value) => return Err(OUTDATED.to_owned()),
                _ => {}
            }
        }
        Ok(())
    }

    fn entry(
        &self,
        product: &Element,
        line: u64,
        mut remarks: Vec<String>,
    ) -> Result<Result<Entry, Refused>, Unreadable> {
        if product::is_of_release_2(product) && !self.is_release_3 {
            return Err(Unreadable::Faulty { line, reason: OUTDATED.to_owned() });
        }
        let context = product::Context { options: &self.options, header: &self.header };
        Ok(match product::record(product, &context, &mut remarks) {
            Ok(record) => Ok(Entry { line, record, remarks }),
            Err(reason) => Err(Refused { line, key: product.line("RecordReference"), reason }),
        })
    }
}

const OUTDATED: &str =
    "the file is of ONIX 2.1 or older, and only release 3 can be read: ask its sender for 3.0 or 3.1";

impl<R: Read> Iterator for Reader<R> {
    type Item = Step;

    fn next(&mut self) -> Option<Step> {
        let xml = self.xml.take()?;
        Some(self.step(xml).transpose()?.map(|(xml, entry)| {
            self.xml = Some(xml);
            entry
        }))
    }
}

type Xml<R> = quick_xml::Reader<Source<R>>;

/// What a product came to, and the parser behind it.
type Found<R> = (Xml<R>, Result<Entry, Refused>);

fn parser<R: Read>(source: Source<R>) -> Xml<R> {
    let mut xml = quick_xml::Reader::from_reader(source);
    let config = xml.config_mut();
    config.expand_empty_elements = true;
    // "AT&T" is a fault that harms nothing.
    config.allow_dangling_amp = true;
    // After a product that was skipped the parser does not know what is open around it; the reader does.
    config.allow_unmatched_ends = true;
    xml
}

/// Goes on behind an element that is too large, with a new parser: the old one is still inside.
fn skip<R: Read>(xml: Xml<R>, written: &str) -> Result<Xml<R>, Unreadable> {
    let mut source = xml.into_inner();
    match source.skip_past(written) {
        Ok(true) => Ok(parser(source)),
        Ok(false) => {
            Err(Unreadable::Faulty { line: source.line(), reason: format!("the file ends within <{written}>") })
        }
        Err(error) => Err(Unreadable::Io { line: source.line(), source: error }),
    }
}

fn is_of_release_2(text: &str) -> bool {
    text.contains("/onix/2") || text.contains("onix-international.dtd")
}

#[cfg(test)]
mod tests;
