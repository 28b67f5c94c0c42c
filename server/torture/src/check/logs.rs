//! What the programs themselves call a defect, and panics.

use std::fs;
use std::path::Path;

const NEVER: [&str; 3] = ["panicked at", "changed under its lock", "a rule of the purchase was broken"];
/// By this a batch says that it is to be taken apart.
const HARMLESS: &str = "not all attempts of a batch were where they should be";

pub fn check(folder: &Path) -> Vec<String> {
    let mut violations = Vec::new();
    for file in fs::read_dir(folder).unwrap().map(|file| file.unwrap().path()) {
        if file.extension().is_none_or(|extension| extension != "log") {
            continue;
        }
        let log = String::from_utf8_lossy(&fs::read(&file).unwrap()).into_owned();
        let defects =
            log.lines().filter(|line| NEVER.iter().any(|never| line.contains(never)) && !line.contains(HARMLESS));
        let name = file.file_name().unwrap().to_string_lossy().into_owned();
        violations.extend(defects.map(|line| format!("LOG {name}: {line}")));
    }
    violations
}
