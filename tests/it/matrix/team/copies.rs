//! Plans so large that they are copied in one stream: what is killed or lost in the middle of it is no plan, and what was
//! copied before the server crashed is copied again.

use super::{
    Report, Size, meet_all, mode_by_name, points,
    server::{self, Fault},
};
use crate::support::postgres::cluster;

/// More than go with one ordinary call, in two portions of the stream.
const COPIED: Size = Size {
    leaks: 2_112,
    chunk: 352,
};

#[tokio::test]
#[ignore = "large plans take long"]
async fn a_kill_at_any_step_of_a_copied_plan_loses_nothing_on_a_server() {
    let Some(cluster) = cluster() else { return };
    let steps = [
        "copy", "portion", "record", "intent", "answer", "readings", "state",
    ];
    let mut points = points(mode_by_name("ok"), COPIED, &steps, &[2]);
    for side in ["before", "after"] {
        let second = format!("kill:portion-{side}:2");
        points.push((mode_by_name("ok"), COPIED, second));
    }
    meet_all("a team, a copied plan", points, cluster, 14).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "large plans take long"]
async fn a_server_that_is_gone_while_a_plan_is_copied_loses_nothing() {
    let faults = [
        Fault::Killed,
        Fault::KilledForAWhile,
        Fault::Restarted,
        Fault::Ended,
    ];
    let places = [("portion", 1), ("copy", 1), ("record", 1), ("intent", 2)];
    let tallies = server::run(COPIED, &faults, &places).await;
    Report::all_of("a team's server, a copied plan", &tallies, 0);
}
