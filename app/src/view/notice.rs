//! What a form's page shows after the form was refused.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::error::AppError;

/// A refused form: why, and what was typed (never a password), so that nothing need be typed again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Notice {
    /// Which one: it stands in the address as `?notice=…`, so that a reload shows it and another page does not.
    pub id: String,
    /// Why.
    pub error: AppError,
    /// The book that it speaks of, if it speaks of one.
    #[serde(default)]
    pub book: Option<String>,
    /// What was typed, by the field's name.
    pub fields: BTreeMap<String, String>,
}

impl Notice {
    /// What was typed into a field.
    #[must_use]
    pub fn field(&self, name: &str) -> Option<&str> {
        self.fields.get(name).map(String::as_str)
    }
}
