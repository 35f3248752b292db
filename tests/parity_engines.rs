//! Every engine gives the same results.

use passmuster::model::DatasetStatus;

use crate::support::audits::run;
use crate::support::repository::shipped_suites;

/// The suites that ship with the program, on the data that ships with them.
#[test]
fn shipped_suites_count_the_same_in_every_engine() {
    let mut compared = 0;
    for suite in shipped_suites() {
        let report = run(&suite, &[], 2);
        compared += report.datasets.iter().filter(|dataset| dataset.status == DatasetStatus::Audited).count();
    }
    assert!(compared > 20, "{compared} datasets");
}
