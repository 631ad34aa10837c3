//! The same leak twice: in one selection, and in two jobs.

use super::{
    MatrixFixture, mode, mode_by_name,
    oracle::{duplicates, is_write},
    was_killed,
};
use serde_json::Value;
use std::collections::HashMap;

impl MatrixFixture {
    /// Carries a job out on these, or dies of it.
    async fn fix_ids(&mut self, ids: &[String], disaster: &str) -> std::process::ExitStatus {
        let status = self.start_on(ids, disaster).await.wait().await.unwrap();
        self.report.record_run(status);
        status
    }

    /// How often each leak was sent.
    async fn posts(&self) -> HashMap<String, u32> {
        let mut posts = HashMap::new();
        for write in self.requests().await.iter().filter(|entry| is_write(entry)) {
            let ids = write["ids"].as_array().unwrap();
            for id in ids.iter().filter_map(Value::as_str) {
                *posts.entry(id.to_owned()).or_default() += 1;
            }
        }
        posts
    }
}

#[tokio::test]
async fn a_leak_that_is_chosen_twice_is_one_change_and_is_sent_once() {
    let mut bench = MatrixFixture::new(mode("chosen twice", "")).await;
    for disaster in ["", "kill:answer-before:2"] {
        bench.reset().await;
        let twice = [bench.ids.clone(), bench.ids.clone()].concat();
        bench.fix_ids(&twice, disaster).await;
        bench.wait_for_writes().await;
        let posts = bench.posts().await;
        assert_eq!(posts.len(), bench.ids.len());
        assert!(posts.values().all(|posts| *posts == 1), "{posts:?}");
    }
    bench.report.assert_clean(1);
}

#[tokio::test]
async fn a_leak_of_a_job_that_was_left_is_in_no_second_one() {
    let mut bench = MatrixFixture::new(mode_by_name("ok")).await;
    bench.reset().await;
    let (first, all) = (bench.ids[..12].to_vec(), bench.ids.clone());
    assert!(was_killed(
        bench.fix_ids(&first, "kill:answer-after:1").await
    ));
    let before = bench.posts().await;
    assert_eq!(before.len(), 4, "one chunk of the first job");
    // The second takes what is free, and says of the rest in which job it is.
    let status = bench.fix_ids(&all, "").await;
    assert_eq!(status.code(), Some(0));
    let posts = bench.posts().await;
    let of_first = |id: &String| first.contains(id);
    assert_eq!(posts.keys().filter(|id| of_first(id)).count(), 4);
    assert_eq!(posts.keys().filter(|id| !of_first(id)).count(), 12);
    // A third finds nothing that is free.
    assert_eq!(bench.fix_ids(&first, "").await.code(), Some(0));
    assert_eq!(bench.posts().await, posts);
    while !bench.has_ended().await {
        bench.resume("").await;
    }
    assert_eq!(duplicates(&bench.requests().await), [""; 0]);
    let posts = bench.posts().await;
    assert!(posts.values().all(|posts| *posts == 1), "{posts:?}");
    let truth = bench.statuses().await;
    assert!(all.iter().all(|id| truth[id] == "fixed"));
}
