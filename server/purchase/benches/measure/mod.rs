//! What both benches say in the same way: how long something took, and whether a goal was met.

use std::time::Duration;

/// Milliseconds that `percent` of the times stay within.
pub fn percentile(sorted: &[Duration], percent: usize) -> f64 {
    let place = (sorted.len() * percent / 100).min(sorted.len().saturating_sub(1));
    sorted.get(place).map_or(f64::NAN, |time| time.as_secs_f64() * 1000.0)
}

pub struct Goal {
    name: String,
    value: f64,
    sign: &'static str,
    goal: f64,
    met: bool,
}

impl Goal {
    pub fn at_least(name: impl Into<String>, value: f64, goal: f64) -> Self {
        Self { name: name.into(), value, sign: "≥", goal, met: value >= goal }
    }

    pub fn at_most(name: impl Into<String>, value: f64, goal: f64) -> Self {
        Self { name: name.into(), value, sign: "≤", goal, met: value <= goal }
    }
}

pub fn print_goals(goals: &[Goal]) {
    for Goal { name, value, sign, goal, met } in goals {
        let outcome = if *met { "met" } else { "missed" };
        println!("goal {name}: {value:.1} (wanted {sign} {goal}) {outcome}");
    }
}
