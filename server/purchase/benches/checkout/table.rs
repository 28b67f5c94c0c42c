//! What was measured, as a table and as goals.

use crate::buyers::Run;

pub fn print_table(runs: &[Run]) {
    println!("| shelf | buyers | design | purchases/s | p50 ms | p99 ms | commits/purchase | failed |");
    println!("| --- | ---: | --- | ---: | ---: | ---: | ---: | ---: |");
    for run in runs {
        println!(
            "| {:?} | {} | {:?} | {:.0} | {:.0} | {:.0} | {:.2} | {} |",
            run.shelf, run.buyers, run.arm, run.per_second, run.p50, run.p99, run.commits_per_purchase, run.failed
        );
    }
    println!();
}

pub struct Goal {
    name: &'static str,
    value: f64,
    sign: &'static str,
    goal: f64,
    met: bool,
}

impl Goal {
    pub fn at_least(name: &'static str, value: f64, goal: f64) -> Self {
        Self { name, value, sign: "≥", goal, met: value >= goal }
    }

    pub fn at_most(name: &'static str, value: f64, goal: f64) -> Self {
        Self { name, value, sign: "≤", goal, met: value <= goal }
    }
}

pub fn print_goals(goals: &[Goal]) {
    for Goal { name, value, sign, goal, met } in goals {
        let outcome = if *met { "met" } else { "missed" };
        println!("goal {name}: {value:.1} (wanted {sign} {goal}) {outcome}");
    }
}
