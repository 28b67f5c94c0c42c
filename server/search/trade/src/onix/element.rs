//! One product, or the header, as a tree: only the elements that are read, and the text in them.

use std::io::Read;

use quick_xml::escape::resolve_html5_entity;
use quick_xml::events::{BytesStart, Event};

use super::Xml;
use super::source::Source;
use super::tags::reference_name;
use crate::encoding::UNDECODABLE;
use crate::entry::quoted;
use crate::{Unreadable, plain_text};

/// How deep elements may lie in one another.
pub(super) const DEEPEST: usize = 100;
/// How many elements a product may have of those that are read.
const MOST: usize = 100_000;
/// How many unknown entities are worth a remark each.
const MOST_REMARKS: usize = 20;

#[derive(Debug, Default)]
pub(super) struct Element {
    name: &'static str,
    date_format: Option<String>,
    text: String,
    children: Vec<Element>,
}

/// Why there is no tree.
pub(super) enum Stop {
    /// It is too large: what is left of it must be skipped.
    TooLarge(String),
    /// It cannot be kept, but was read to its end.
    Damaged(String),
    Fatal(Unreadable),
}

impl Element {
    pub(super) fn child(&self, name: &str) -> Option<&Self> {
        self.children.iter().find(|child| child.name == name)
    }

    pub(super) fn children(&self, name: &'static str) -> impl Iterator<Item = &Self> {
        self.children.iter().filter(move |child| child.name == name)
    }

    /// The names of all elements right below.
    pub(super) fn names(&self) -> impl Iterator<Item = &'static str> {
        self.children.iter().map(|child| child.name)
    }

    /// The text of a child in one line, if there is one.
    pub(super) fn line(&self, name: &'static str) -> Option<String> {
        self.children(name).find_map(|child| plain_text::some_line(&child.text))
    }

    /// The text of a child in paragraphs, if there is one.
    pub(super) fn paragraphs(&self, name: &'static str) -> Option<String> {
        self.children(name).find_map(|child| plain_text::paragraphs(&child.text))
    }

    /// The code in a child; empty if there is none.
    pub(super) fn code(&self, name: &str) -> &str {
        self.child(name).map_or("", Self::own_code)
    }

    pub(super) fn own_code(&self) -> &str {
        self.text.trim()
    }

    /// The attribute `dateformat`, or empty.
    pub(super) fn date_format(&self) -> &str {
        self.date_format.as_deref().unwrap_or_default()
    }

    /// Whether markup in it is of its text.
    fn has_markup(&self) -> bool {
        matches!(self.name, "Text" | "BiographicalNote")
    }

    fn new(name: &'static str, start: &BytesStart<'_>) -> Self {
        let mut attributes = start.html_attributes();
        let attributes = attributes.with_checks(false).flatten();
        let date_format =
            attributes.filter(|one| one.key.as_ref() == "dateformat").map(|one| one.value.into_owned()).next();
        Self { name, date_format, ..Self::default() }
    }
}

/// Reads on from a start tag to its end.
pub(super) fn read<R: Read>(xml: &mut Xml<R>, name: &'static str, remarks: &mut Vec<String>) -> Result<Element, Stop> {
    let mut current = Element { name, ..Element::default() };
    let mut open: Vec<Element> = Vec::new();
    let (mut ignored, mut markup, mut count) = (0_usize, 0_usize, 0_usize);
    let mut damage = None;
    let mut buffer = Vec::new();
    loop {
        buffer.clear();
        let event = xml.read_event_into(&mut buffer).map_err(|error| stop(xml.get_ref(), &error))?;
        let mut add = |text: &str| {
            if text.contains(UNDECODABLE) {
                damage = Some(xml.get_ref().line());
            }
            if ignored == 0 {
                current.text.push_str(text);
            }
        };
        match event {
            Event::Start(start) => {
                let tag = start.local_name();
                if open.len() + ignored + markup >= DEEPEST {
                    return Err(Stop::TooLarge(format!("has elements in more than {DEEPEST} others")));
                }
                if ignored > 0 {
                    ignored += 1;
                } else if current.has_markup() {
                    markup += 1;
                    current.text.extend(["<", tag.as_ref(), ">"]);
                } else if let Some(name) = reference_name(tag.as_ref()) {
                    count += 1;
                    if count > MOST {
                        return Err(Stop::TooLarge(format!("has more than {MOST} elements")));
                    }
                    open.push(std::mem::replace(&mut current, Element::new(name, &start)));
                } else {
                    ignored = 1;
                }
            }
            Event::End(end) => {
                if ignored > 0 {
                    ignored -= 1;
                } else if markup > 0 {
                    markup -= 1;
                    current.text.extend(["</", end.local_name().as_ref(), ">"]);
                } else if let Some(parent) = open.pop() {
                    let child = std::mem::replace(&mut current, parent);
                    current.children.push(child);
                } else {
                    let encoding = xml.get_ref().encoding();
                    return match damage {
                        Some(line) => Err(Stop::Damaged(format!("has bytes in line {line} that are not {encoding}"))),
                        None => Ok(current),
                    };
                }
            }
            Event::Text(text) => add(&text.xml10_content()),
            Event::CData(text) => add(&text.xml10_content()),
            // Nothing but characters is ever put in: entities of the file's own are unknown, whatever its DOCTYPE says.
            Event::GeneralRef(reference) => {
                let name = reference.into_inner();
                if let Some(character) = plain_text::numbered(&name) {
                    add(character.encode_utf8(&mut [0; 4]));
                } else if let Some(characters) = resolve_html5_entity(&name) {
                    add(characters);
                } else if ignored == 0 && remarks.len() < MOST_REMARKS {
                    let remark = format!("an unknown entity is left out: {}", quoted(&name));
                    if !remarks.contains(&remark) {
                        remarks.push(remark);
                    }
                }
            }
            Event::Eof => {
                let reason = format!("the file ends within <{name}>");
                return Err(Stop::Fatal(Unreadable::Faulty { line: xml.get_ref().line(), reason }));
            }
            Event::Empty(_) | Event::Comment(_) | Event::Decl(_) | Event::PI(_) | Event::DocType(_) => {}
        }
    }
}

/// What an error of the parser means.
pub(super) fn stop<R: Read>(source: &Source<R>, error: &quick_xml::Error) -> Stop {
    let line = source.line();
    match error {
        quick_xml::Error::Io(_) if source.is_used_up() => Stop::TooLarge("is longer than 8 MiB".to_owned()),
        quick_xml::Error::Io(error) => {
            let source = std::io::Error::new(error.kind(), error.to_string());
            Stop::Fatal(Unreadable::Io { line, source })
        }
        error => {
            let reason = format!("the file is not well-formed XML: {error}");
            Stop::Fatal(Unreadable::Faulty { line, reason })
        }
    }
}
