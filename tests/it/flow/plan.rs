//! From marks to a verified job, and everything that must not apply a plan.

use super::{Driver, Rig};
use stanch::entity::{job::JobState, status::Status};

/// Twelve marks: ten open, two fixed already; then a filter hides four of the open ones.
async fn twelve_marks() -> Driver {
    let mut driver = Rig::of(200).open().await;
    let open = driver.rows_with(Status::Open);
    let fixed = driver.rows_with(Status::Fixed);
    for handle in open.iter().take(10).chain(fixed.iter().take(2)) {
        driver.mark(*handle).settle().await;
    }
    assert_eq!(driver.marked().len(), 12);
    driver
}

#[tokio::test]
async fn twelve_marks_change_exactly_ten_leaks() {
    let mut driver = twelve_marks().await;
    println!("{}", driver.screen());
}
