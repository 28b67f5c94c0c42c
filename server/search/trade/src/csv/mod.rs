//! CSV files: a shop's own lists, exports of other systems, catalogues on the net. What their columns mean, a mapping
//! says.

mod mapping;
mod ready;
mod row;
mod rows;

use std::collections::BTreeMap;
use std::io::Read;

pub use mapping::{Mapping, MappingError};
pub use ready::{GOODBOOKS, GOODREADS, OCTAVO};

use crate::encoding::{Decoded, UNDECODABLE};
use crate::entry::quoted;
use crate::{Entry, Record, Refused, Step, Unreadable};
use mapping::{Column, Defaults, Part};
use row::{Fields, Places};
use rows::{Row, Rows};

/// Reads the products of a CSV file, one a row.
pub struct Reader<R> {
    rows: Rows<R>,
    places: Places,
    defaults: Defaults,
    encoding: &'static str,
    ended: bool,
}

impl<R: Read> Reader<R> {
    /// Begins to read: finds the encoding, and the mapping's columns in the header.
    ///
    /// # Errors
    /// When the file cannot be read, or its header does not have what the mapping names.
    pub fn new(file: R, mapping: &Mapping) -> Result<Self, Unreadable> {
        let io = |line, source| Unreadable::Io { line, source };
        let source = Decoded::new(file, |_| mapping.encoding).map_err(|source| io(1, source))?;
        let mut rows = Rows::new(source, mapping.separator, mapping.quoting);
        let encoding = rows.encoding();
        let line = rows.line();
        let places = if mapping.header {
            let faulty = |line, reason| Unreadable::Faulty { line, reason };
            match rows.next().map_err(|source| io(line, source))? {
                Some(Ok(header)) => {
                    let line = header.line;
                    places(mapping, &header, encoding).map_err(|reason| faulty(line, reason))?
                }
                Some(Err(refused)) => return Err(faulty(refused.line, format!("the header: {}", refused.reason))),
                None => return Err(faulty(line, "the file is empty, and has no header".to_owned())),
            }
        } else {
            numbered(mapping)
        };
        Ok(Self { rows, places, defaults: mapping.defaults.clone(), encoding, ended: false })
    }
}

impl<R: Read> Iterator for Reader<R> {
    type Item = Step;

    fn next(&mut self) -> Option<Step> {
        if self.ended {
            return None;
        }
        let line = self.rows.line();
        let row = match self.rows.next() {
            Ok(Some(Ok(row))) => row,
            Ok(Some(Err(refused))) => return Some(Ok(Err(refused))),
            Ok(None) => {
                self.ended = true;
                return None;
            }
            Err(source) => {
                self.ended = true;
                return Some(Err(Unreadable::Io { line, source }));
            }
        };
        let fields = Fields { row: &row, places: &self.places, defaults: &self.defaults };
        let mut remarks = Vec::new();
        Some(Ok(match fields.product(self.encoding, &mut remarks) {
            Ok(product) => Ok(Entry { line: row.line, record: Record::Product(Box::new(product)), remarks }),
            Err(reason) => Err(Refused { line: row.line, key: fields.key(), reason }),
        }))
    }
}

/// Where the columns are in a file without a header.
fn numbered(mapping: &Mapping) -> Places {
    let place = |part: &Part| match part.column {
        Column::Number(number) => Some((number - 1, part.clone())),
        Column::Name(_) => None,
    };
    mapping.columns.iter().map(|(field, parts)| (*field, parts.iter().filter_map(place).collect())).collect()
}

/// Where the columns are by the header. Their names may differ in case.
fn places(mapping: &Mapping, header: &Row<'_>, encoding: &str) -> Result<Places, String> {
    let names: Vec<&str> = (0..header.width()).map(|at| header.field(at).trim()).collect();
    if names.iter().any(|name| name.contains(['\0', UNDECODABLE])) {
        return Err(format!("the header is not {encoding}: the mapping must name the file's encoding"));
    }
    let find = |name: &str| {
        let exact: Vec<usize> = (0..names.len()).filter(|&at| names[at] == name).collect();
        let found = if exact.is_empty() {
            (0..names.len()).filter(|&at| names[at].to_lowercase() == name.to_lowercase()).collect()
        } else {
            exact
        };
        match found.as_slice() {
            [] => Ok(None),
            [only] => Ok(Some(*only)),
            _ => Err(format!("the header has several columns {}", quoted(name))),
        }
    };
    let mut places = BTreeMap::new();
    for (field, parts) in &mapping.columns {
        let mut found = Vec::new();
        for part in parts {
            let at = match &part.column {
                Column::Number(number) => Some(number - 1).filter(|&at| at < names.len()),
                Column::Name(name) => find(name)?,
            };
            match (at, &part.column) {
                (Some(at), _) => found.push((at, part.clone())),
                (None, _) if mapping.optional => {}
                (None, Column::Number(number)) => return Err(format!("there is no column {number} for {field}")),
                (None, Column::Name(name)) => {
                    let names = names.join(", ");
                    return Err(format!(
                        "the header has no column {} for {field}, but {}",
                        quoted(name),
                        quoted(&names)
                    ));
                }
            }
        }
        if !found.is_empty() {
            places.insert(*field, found);
        }
    }
    if !places.contains_key(&mapping::Field::Key) {
        return Err("the header has no column that is the key".to_owned());
    }
    mapping::require_title(&places)?;
    Ok(places)
}

#[cfg(test)]
mod tests;
