//! What was measured, as a table.

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
