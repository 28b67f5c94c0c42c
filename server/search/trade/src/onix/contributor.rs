//! Contributors (P.7 of ONIX).

use super::element::Element;
use crate::record::{Contributor, Person, Role};

/// All who have contributed, in the order of the title page. Roles that a shop does not show are left out unless
/// nobody has another; so are persons without a name, such as "various authors" (list 19).
pub(super) fn all(description: &Element) -> Vec<Contributor> {
    let mut composites: Vec<&Element> = description.children("Contributor").collect();
    composites.sort_by_key(|one| one.code("SequenceNumber").parse().unwrap_or(u32::MAX));
    let mut contributors: Vec<Contributor> = Vec::new();
    for composite in composites {
        let Some(person) = person(composite) else { continue };
        let codes = composite.children("ContributorRole").flat_map(|role| roles(role.own_code()));
        for &role in codes {
            let contributor = Contributor { role, person: person.clone() };
            if !contributors.contains(&contributor) {
                contributors.push(contributor);
            }
        }
    }
    if contributors.iter().any(|one| one.role != Role::Other) {
        contributors.retain(|one| one.role != Role::Other);
    }
    contributors
}

/// Of a code of list 17.
fn roles(code: &str) -> &'static [Role] {
    match code {
        "A01" | "A02" | "A03" | "A04" | "A09" | "A14" | "A31" | "A38" | "A45" => &[Role::Author],
        "A07" | "A08" | "A12" | "A13" | "A35" | "A40" | "A46" | "A47" => &[Role::Illustrator],
        "A15" | "A16" | "A19" | "A22" | "A23" | "A24" | "A29" => &[Role::Introduction],
        "B01" | "B11" | "B12" | "B13" | "B21" | "B24" | "C01" | "C02" => &[Role::Editor],
        "B06" | "B08" => &[Role::Translator],
        "B10" => &[Role::Editor, Role::Translator],
        "E03" | "E07" => &[Role::Narrator],
        _ => &[Role::Other],
    }
}

fn person(composite: &Element) -> Option<Person> {
    let name = name(composite)?;
    let mut other_names: Vec<String> = Vec::new();
    for other in composite.children("AlternativeName").filter_map(self::name) {
        if other != name && !other_names.contains(&other) {
            other_names.push(other);
        }
    }
    Some(Person {
        key: key(composite),
        sort_name: sort_name(composite).filter(|sort_name| *sort_name != name),
        about: composite.paragraphs("BiographicalNote"),
        name,
        other_names,
    })
}

fn name(composite: &Element) -> Option<String> {
    let parts = ["NamesBeforeKey", "PrefixToKey", "KeyNames", "NamesAfterKey", "SuffixToKey"];
    let in_parts = || {
        composite.child("KeyNames")?;
        Some(parts.iter().filter_map(|part| composite.line(part)).collect::<Vec<_>>().join(" "))
    };
    let turned = || {
        let inverted = composite.line("PersonNameInverted")?;
        Some(match inverted.split_once(", ") {
            Some((last, first)) if !first.contains(',') => format!("{first} {last}"),
            _ => inverted,
        })
    };
    composite
        .line("PersonName")
        .or_else(|| in_parts().filter(|name| !name.is_empty()))
        .or_else(turned)
        .or_else(|| composite.line("CorporateName"))
        .or_else(|| composite.line("CorporateNameInverted"))
}

fn sort_name(composite: &Element) -> Option<String> {
    composite.line("PersonNameInverted").or_else(|| composite.line("CorporateNameInverted")).or_else(|| {
        let key = composite.line("KeyNames")?;
        let before = [composite.line("NamesBeforeKey"), composite.line("PrefixToKey")];
        let before: Vec<String> = before.into_iter().flatten().collect();
        (!before.is_empty()).then(|| format!("{key}, {}", before.join(" ")))
    })
}

/// The sender's own id (01 of list 44), else the ISNI (16).
fn key(composite: &Element) -> Option<String> {
    let of =
        |code: &str| composite.children("NameIdentifier").find(|one| one.code("NameIDType") == code)?.line("IDValue");
    of("01").or_else(|| of("16"))
}
