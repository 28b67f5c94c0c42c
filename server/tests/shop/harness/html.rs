//! As much of HTML as a shopper without scripts needs: forms, links, and the words of a page.

/// A form as it stands on a page.
#[derive(Debug)]
pub struct Form {
    pub action: String,
    /// What is filled in already.
    pub fields: Vec<(String, String)>,
}

/// A start tag's attributes.
pub struct Tag<'a> {
    pub name: &'a str,
    attributes: &'a str,
}

impl Tag<'_> {
    /// An attribute's value; empty for one that has none.
    pub fn attribute(&self, name: &str) -> Option<String> {
        let mut rest = self.attributes.trim_start();
        while !rest.is_empty() {
            let end = rest.find(|c: char| c == '=' || c.is_whitespace() || c == '/').unwrap_or(rest.len());
            let (key, after) = rest.split_at(end);
            let (value, after) = match after.strip_prefix("=\"") {
                Some(quoted) => quoted.split_once('"').unwrap_or((quoted, "")),
                None => ("", after.get(1..).unwrap_or("")),
            };
            if key == name {
                return Some(decoded(value));
            }
            rest = after.trim_start();
        }
        None
    }
}

/// Every start tag of a page, in order.
pub fn tags(html: &str) -> impl Iterator<Item = Tag<'_>> {
    html.split('<').skip(1).filter_map(|piece| {
        let tag = piece.split_once('>')?.0;
        let name = tag.split(|c: char| c.is_whitespace() || c == '/').next()?;
        let attributes = tag.get(name.len()..)?;
        name.starts_with(|c: char| c.is_ascii_alphabetic()).then_some(Tag { name, attributes })
    })
}

/// Every form of a page, in order.
pub fn forms(html: &str) -> Vec<Form> {
    let pieces = html.split("<form").skip(1).filter_map(|piece| piece.split_once("</form>"));
    pieces
        .map(|(piece, _)| {
            let form = format!("<form{piece}");
            let action = tags(&form).next().and_then(|tag| tag.attribute("action")).unwrap_or_default();
            Form { action, fields: fields(&form) }
        })
        .collect()
}

/// What a browser would send: of radio buttons the checked one, of a choice the selected option.
fn fields(form: &str) -> Vec<(String, String)> {
    let (mut fields, mut choice) = (Vec::new(), None);
    for tag in tags(form) {
        let value = tag.attribute("value").unwrap_or_default();
        let kind = tag.attribute("type").unwrap_or_default();
        match tag.name {
            "select" => choice = tag.attribute("name"),
            "option" if tag.attribute("selected").is_some() => fields.extend(choice.clone().map(|name| (name, value))),
            "input" if kind == "submit" || (kind == "radio" && tag.attribute("checked").is_none()) => {}
            "input" => fields.extend(tag.attribute("name").map(|name| (name, value))),
            _ => {}
        }
    }
    fields
}

/// The words of a page, as they are read.
pub fn words(html: &str) -> String {
    let mut words = String::new();
    for piece in html.split('<') {
        let text = piece.split_once('>').map_or(piece, |(_, text)| text);
        words.push_str(&decoded(text));
    }
    words.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn decoded(text: &str) -> String {
    text.replace("&quot;", "\"")
        .replace("&#x27;", "'")
        .replace("&#39;", "'")
        .replace("&lt;", "<")
        .replace("&gt;", ">")
        .replace("&amp;", "&")
}

#[test]
fn forms_and_words_are_found_on_a_page() {
    let page = r#"<!DOCTYPE html><h1>A<!> &amp; B</h1><form method="post" action="/api/x?a=1&amp;b=2">
        <input required type="hidden" name="token" value="t&quot;"/><input name="n"><button type="submit">Go</button></form>"#;
    let forms = forms(page);
    assert_eq!(forms[0].action, "/api/x?a=1&b=2");
    assert_eq!(forms[0].fields, [("token".into(), "t\"".into()), ("n".into(), String::new())]);
    assert_eq!(words(page), "A & B Go");
}
