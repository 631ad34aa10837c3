//! Programs and addresses that do not behave: none stops a round, and none outlives it.

use super::*;
use std::time::{Duration, Instant};

/// A hook of this script, with these words and this many seconds.
fn hook(rig: &CommandFixture, script: &str, words: &str, seconds: u32) {
    let path = rig.path("hook.sh");
    std::fs::write(&path, format!("#!/bin/sh\n{script}\n")).unwrap();
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o700)).unwrap();
    rig.append(&format!(
        "\n[notify]\ngap = \"0s\"\n[hooks.own]\nexec = [\"{}\"{words}]\ntimeout_s = {seconds}\n\
         [watches.all]\ntell = [\"hook:own\"]\n",
        path.display()
    ));
}

const ONCE: [&str; 2] = ["watch", "--once"];

async fn waiting(rig: &CommandFixture) -> Vec<Value> {
    let told = rig.run(&["watch", "deliveries", "--format", "json"]).await;
    told.assert_ok().json()["deliveries"]
        .as_array()
        .unwrap()
        .clone()
}

#[tokio::test]
async fn a_program_that_reads_nothing_or_says_very_much_was_told() {
    for script in [
        "exit 0",
        "exec <&-\nhead -c 10000000 /dev/zero\nhead -c 10000000 /dev/zero >&2",
    ] {
        let rig = CommandFixture::with_leaks(20).await;
        hook(&rig, script, "", 30);
        rig.run(&ONCE).await.assert_exit(0);
        assert_eq!(waiting(&rig).await, [] as [Value; 0], "{script}");
    }
}

/// It starts another program that ignores what ends it, and waits for ever.
#[tokio::test]
async fn a_program_that_hangs_is_ended_with_all_that_it_started() {
    let rig = CommandFixture::with_leaks(20).await;
    let pids = rig.path("pids");
    let script = format!(
        "sh -c \"trap '' TERM; echo \\$\\$ >> {0}; while :; do sleep 1; done\" &\necho $$ >> {0}\nwhile :; do sleep 1; done",
        pids.display()
    );
    hook(&rig, &script, "", 1);
    let begun = Instant::now();
    let ran = rig.run(&ONCE).await.assert_exit(0);
    let took = begun.elapsed();
    assert!(
        ran.stdout.contains("baseline"),
        "the round goes on: {ran:?}"
    );
    assert!(took < Duration::from_secs(1 + 5 + 10), "{took:?}");
    let started = std::fs::read_to_string(&pids).unwrap();
    assert_eq!(started.lines().count(), 2, "{started}");
    for pid in started.lines() {
        let status = std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
        let is_over = status.is_empty() || status.contains("State:\tZ");
        assert!(is_over, "{pid} is still there: {status}");
    }
    let left = waiting(&rig).await;
    assert_eq!(
        (&left[0]["tries"], &left[0]["dead"]),
        (&json!(1), &json!(false))
    );
}

/// Words of the configuration reach it as they are: no shell looks at them.
#[tokio::test]
async fn words_with_shell_signs_are_words() {
    let rig = CommandFixture::with_leaks(20).await;
    let (got, planted) = (rig.path("got"), rig.path("planted"));
    let script = format!("for word; do echo \"$word\"; done > {}", got.display());
    let words = [
        format!("$(touch {})", planted.display()),
        format!("`touch {}`", planted.display()),
        format!("; touch {} #", planted.display()),
        "*".to_owned(),
        "a  b".to_owned(),
    ];
    let listed: String = words.iter().map(|word| format!(", '{word}'")).collect();
    hook(&rig, &script, &listed, 30);
    rig.run(&ONCE).await.assert_exit(0);
    let told = std::fs::read_to_string(&got).unwrap();
    assert!(told.lines().eq(words.iter().map(String::as_str)), "{told}");
    assert!(!planted.exists());
}

/// An address with a secret, and what its table has beside.
fn address(rig: &CommandFixture, url: &str, more: &str) {
    std::fs::write(rig.path("secret"), "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw").unwrap();
    let mode = std::fs::Permissions::from_mode(0o600);
    std::fs::set_permissions(rig.path("secret"), mode).unwrap();
    rig.append(&format!(
        "\n[notify]\ngap = \"0s\"\n[webhooks.soc]\nurl = \"{url}\"\nsecret = {{ file = \"secret\" }}\n{more}\n"
    ));
}

const SOC: [&str; 4] = ["watch", "--once", "--webhook", "soc"];

async fn deliveries(rig: &CommandFixture) -> Vec<Value> {
    let came = rig.control("/deliveries").await;
    came["deliveries"].as_array().unwrap().clone()
}

#[tokio::test]
async fn an_address_that_asks_for_two_minutes_is_given_them() {
    let rig = CommandFixture::with_leaks(20).await;
    let url = format!("{}/in", rig.demo.receiver_url());
    address(&rig, &url, "");
    rig.post_control("/receiver", json!({ "answer": 429, "retry_after": 120 }))
        .await;
    let begun = jiff::Timestamp::now();
    rig.run(&SOC).await.assert_exit(0);
    assert_eq!(deliveries(&rig).await.len(), 1, "it is not asked again");
    let left = waiting(&rig).await;
    assert_eq!(left.len(), 1, "{left:?}");
    assert_eq!(
        (&left[0]["tries"], &left[0]["dead"]),
        (&json!(1), &json!(false))
    );
    let due: jiff::Timestamp = left[0]["due_at"].as_str().unwrap().parse().unwrap();
    assert!(
        (due - begun).total(jiff::Unit::Second).unwrap() >= 119.0,
        "{left:?}"
    );
    // The next round comes too early, and keeps that.
    rig.run(&SOC).await.assert_exit(0);
    assert_eq!(deliveries(&rig).await.len(), 1);
}

#[tokio::test]
async fn five_thousand_events_of_a_round_are_all_lines_and_one_short_message() {
    let rig = CommandFixture::with_leaks(20).await;
    let url = format!("{}/in", rig.demo.receiver_url());
    address(&rig, &url, "detail = \"leaks\"");
    rig.run(&SOC).await.assert_exit(0);
    rig.post_control("/leaks", json!({ "projectdiscovery": { "insert": 5000 } }))
        .await;
    let told = [&SOC[..], &["--format", "jsonl"]].concat();
    let ran = rig.run(&told).await.assert_exit(10);
    assert_eq!(ran.stdout.lines().count(), 5_000);
    let came = deliveries(&rig).await;
    assert_eq!(came.len(), 2, "the baseline and one for all");
    let body = came[1]["body"].as_str().unwrap();
    assert!(body.len() < 20_000, "{}", body.len());
    let body: Value = serde_json::from_str(body).unwrap();
    let counts = &body["data"]["counts"];
    let count = |kind: &str| counts[kind].as_u64().unwrap();
    assert_eq!(count("new") + count("again"), 5_000);
    assert_eq!(body["data"]["storm"], true);
}

#[tokio::test]
async fn an_address_without_encryption_beyond_this_host_is_refused_before_it_is_looked_up() {
    for url in [
        "http://siem.example/in",
        "http://192.0.2.1/in",
        "https://user:pass@siem.example/in",
    ] {
        let rig = CommandFixture::with_leaks(20).await;
        address(&rig, url, "");
        let refused = rig.run(&SOC).await.assert_exit(2);
        assert!(!refused.stderr.contains("pass"), "{refused:?}");
        assert_eq!(rig.control("/requests").await["requests"], json!([]));
    }
}

/// The message is of the webhook, not of a profile.
#[tokio::test]
async fn a_secret_file_that_others_may_read_is_refused_in_words_of_the_webhook() {
    let rig = CommandFixture::with_leaks(20).await;
    let url = format!("{}/in", rig.demo.receiver_url());
    address(&rig, &url, "");
    let mode = std::fs::Permissions::from_mode(0o644);
    std::fs::set_permissions(rig.path("secret"), mode).unwrap();
    let refused = rig.run(&SOC).await.assert_exit(2);
    assert!(refused.stderr.contains("[webhooks.soc]"), "{refused:?}");
    assert!(!refused.stderr.contains("profile"), "{refused:?}");
    assert_eq!(deliveries(&rig).await, [] as [Value; 0]);
}
