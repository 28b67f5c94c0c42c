//! Values of Open Library, which have several shapes for the same thing.

use serde_json::Value;

use crate::plain_text;

/// A text, a number, or `{"type": "/type/text", "value": …}`.
fn text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Object(object) => Some(object.get("value")?.as_str()?.to_owned()),
        _ => None,
    }
}

/// A field's values: those of a list, or the only one.
fn values<'a>(value: &'a Value, field: &str) -> &'a [Value] {
    match value.get(field) {
        Some(Value::Array(values)) => values,
        Some(value) => std::slice::from_ref(value),
        None => &[],
    }
}

/// A text in one line.
pub(super) fn line(value: &Value, field: &str) -> Option<String> {
    values(value, field).iter().find_map(|value| plain_text::some_line(&text(value)?))
}

/// Each text in one line, once.
pub(super) fn lines(value: &Value, field: &str) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for line in values(value, field).iter().filter_map(|value| plain_text::some_line(&text(value)?)) {
        if !lines.contains(&line) {
            lines.push(line);
        }
    }
    lines
}

/// A text in paragraphs.
pub(super) fn paragraphs(value: &Value, field: &str) -> Option<String> {
    values(value, field).iter().find_map(|value| plain_text::paragraphs(&text(value)?))
}

/// A key: "/authors/OL1A", {"key": …}, {"author": {"key": …}} or {"author": "/authors/OL1A"}.
fn key(value: &Value) -> Option<String> {
    match value {
        Value::String(key) => Some(key.clone()).filter(|key| !key.is_empty()),
        Value::Object(object) => key(object.get("author").or_else(|| object.get("key"))?),
        _ => None,
    }
}

/// The keys of a field, each once.
pub(super) fn keys(value: &Value, field: &str) -> Vec<String> {
    let mut keys: Vec<String> = Vec::new();
    for key in values(value, field).iter().filter_map(key) {
        if !keys.contains(&key) {
            keys.push(key);
        }
    }
    keys
}
