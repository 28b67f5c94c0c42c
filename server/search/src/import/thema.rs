//! The upper levels of the Thema subject categories, by which books of the trade are filed.
//! <https://www.editeur.org/151/Thema/>

/// Codes and what a shop calls them, shorter than Thema does; a longer code is filed under its nearest beginning.
const HEADINGS: [(&str, &str); 51] = [
    ("A", "Art"),
    ("AG", "Art"),
    ("AJ", "Photography"),
    ("AM", "Architecture"),
    ("AT", "Film and theatre"),
    ("AV", "Music"),
    ("C", "Language"),
    ("D", "Literature"),
    ("DB", "Classics"),
    ("DC", "Poetry"),
    ("DD", "Plays"),
    ("DN", "Biography"),
    ("F", "Fiction"),
    ("FB", "Fiction"),
    ("FF", "Crime"),
    ("FH", "Thriller"),
    ("FJ", "Adventure"),
    ("FK", "Horror"),
    ("FL", "Science fiction"),
    ("FM", "Fantasy"),
    ("FR", "Romance"),
    ("FV", "Historical fiction"),
    ("G", "Reference"),
    ("J", "Society"),
    ("JM", "Psychology"),
    ("JN", "Education"),
    ("JP", "Politics"),
    ("K", "Business"),
    ("L", "Law"),
    ("M", "Medicine"),
    ("N", "History"),
    ("P", "Science"),
    ("PB", "Mathematics"),
    ("Q", "Philosophy"),
    ("QD", "Philosophy"),
    ("QR", "Religion"),
    ("R", "Earth and nature"),
    ("S", "Sport"),
    ("T", "Technology"),
    ("U", "Computing"),
    ("V", "Health"),
    ("W", "Leisure"),
    ("WB", "Cooking"),
    ("WF", "Crafts"),
    ("WM", "Gardening"),
    ("WN", "Nature"),
    ("WT", "Travel"),
    ("X", "Comics"),
    ("Y", "Children"),
    ("YF", "Children's stories"),
    ("YN", "Children's non-fiction"),
];

/// What a code is filed under; none for qualifiers and what is no code.
pub(super) fn heading(code: &str) -> Option<&'static str> {
    let fits = |&(start, _): &&(&str, &str)| code.starts_with(start);
    HEADINGS.iter().filter(fits).max_by_key(|(start, _)| start.len()).map(|(_, heading)| *heading)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_filed_under_its_nearest_beginning() {
        assert_eq!(heading("FFC"), Some("Crime"));
        assert_eq!(heading("FXN"), Some("Fiction"));
        assert_eq!(heading("PBK"), Some("Mathematics"));
        for other in ["", "1DDF", "3MPBL", "bogus"] {
            assert_eq!(heading(other), None, "{other}");
        }
    }
}
