//! Programs and addresses that a watch tells, through the real binary.

use super::*;
use axum::{Router, body::Bytes, extract::State, http::HeaderMap, http::StatusCode};
use stanch::{entity::secret::Secret, notify::webhook::SigningKey};
use std::{
    collections::VecDeque,
    sync::{Arc, Mutex},
};

const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
const OLD: &str = "whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";

async fn insert(rig: &CommandFixture, count: u64) {
    rig.post_control("/leaks", json!({ "projectdiscovery": { "insert": count } }))
        .await;
}

async fn waiting(rig: &CommandFixture) -> Vec<Value> {
    let told = rig.run(&["watch", "deliveries", "--format", "json"]).await;
    told.assert_ok().json()["deliveries"]
        .as_array()
        .unwrap()
        .clone()
}

/// A program in the rig's directory that keeps what it gets, and ends with what the file `exit` says.
fn program(rig: &CommandFixture) -> PathBuf {
    let path = rig.path("hook.sh");
    let home = rig.home.path().display();
    let text = format!(
        "#!/bin/sh\nn=$(ls {home} | grep -c '^in-')\ncat > {home}/in-$n\nenv > {home}/env-$n\npwd >> {home}/env-$n\nexit $(cat {home}/exit)\n"
    );
    std::fs::write(&path, text).unwrap();
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o700)).unwrap();
    std::fs::write(rig.path("exit"), "0").unwrap();
    path
}

fn got(rig: &CommandFixture, number: u32) -> Value {
    let text = std::fs::read(rig.path(&format!("in-{number}"))).unwrap();
    serde_json::from_slice(&text).unwrap()
}

#[tokio::test]
async fn a_program_is_told_once_and_gets_nothing_of_a_provider_but_keys() {
    let rig = CommandFixture::with_leaks(200).await;
    rig.append("\n[notify]\ngap = \"0s\"\n");
    let program = program(&rig);
    let with = ["watch", "--once", "--exec", program.to_str().unwrap()];
    rig.run(&with).await.assert_exit(0);
    assert_eq!(got(&rig, 0)["type"], "stanch.watch.baseline");
    assert_eq!(got(&rig, 0)["data"]["leaks"], 200);
    insert(&rig, 12).await;
    rig.run(&with).await.assert_exit(10);
    let told = got(&rig, 1);
    assert_eq!(told["type"], "stanch.leaks.found");
    let data = &told["data"];
    let count = |kind: &str| data["counts"][kind].as_u64().unwrap();
    assert_eq!(count("new") + count("again"), 12);
    assert_eq!(data["leaks"].as_array().unwrap().len(), 12);
    assert!(data["text"].as_str().unwrap().ends_with(" at demo-pd"));
    let environment = std::fs::read_to_string(rig.path("env-1")).unwrap();
    assert!(environment.contains("STANCH_TOTAL=12"), "{environment}");
    assert!(environment.contains(&format!("STANCH_ID={}", data["id"].as_str().unwrap())));
    assert!(environment.ends_with("/\n"), "it works in /: {environment}");
    let listed = rig
        .run(&["leaks", "list", "--format", "jsonl"])
        .await
        .assert_ok();
    for line in listed.stdout.lines() {
        let leak: Value = serde_json::from_str(line).unwrap();
        for member in ["login", "url"] {
            let text = leak[member].as_str().unwrap_or_default();
            if text.len() < 4 {
                continue;
            }
            assert!(!environment.contains(text), "{text}");
            assert!(!told.to_string().contains(text), "{text}");
        }
    }
    // Nothing new, nothing told; nothing is left to deliver.
    rig.run(&with).await.assert_exit(0);
    assert!(!rig.path("in-2").exists());
    assert_eq!(waiting(&rig).await, [] as [Value; 0]);
}

#[tokio::test]
async fn a_program_that_fails_gets_the_same_message_in_the_next_round_and_three_times_at_most() {
    let rig = CommandFixture::with_leaks(50).await;
    rig.append("\n[watch]\nevery = \"0.05s\"\n[notify]\ngap = \"0s\"\n");
    let program = program(&rig);
    let with = ["watch", "--once", "--exec", program.to_str().unwrap()];
    rig.run(&with).await.assert_exit(0);
    std::fs::write(rig.path("exit"), "1").unwrap();
    insert(&rig, 2).await;
    rig.run(&with).await.assert_exit(10);
    let first = got(&rig, 1)["data"]["id"].clone();
    rig.run(&with).await.assert_exit(0);
    let last = rig.run(&with).await.assert_exit(0);
    assert!(last.stderr.contains("hook:exec was not told"), "{last:?}");
    assert_eq!(got(&rig, 2)["data"]["id"], first);
    assert_eq!(got(&rig, 3)["data"]["id"], first);
    rig.run(&with).await.assert_exit(0);
    assert!(!rig.path("in-4").exists(), "three tries");
    let left = waiting(&rig).await;
    assert_eq!((&left[0]["id"], &left[0]["dead"]), (&first, &json!(true)));
    std::fs::write(rig.path("exit"), "0").unwrap();
    let id = first.as_str().unwrap();
    rig.run(&["watch", "deliveries", "retry", id])
        .await
        .assert_exit(0);
    rig.run(&with).await.assert_exit(0);
    assert_eq!(got(&rig, 4)["data"]["id"], first);
    assert_eq!(waiting(&rig).await, [] as [Value; 0]);
    rig.run(&["watch", "deliveries", "drop", id])
        .await
        .assert_exit(6);
}

#[tokio::test]
async fn what_others_may_write_or_a_policy_forbids_is_refused_before_anything_is_asked() {
    let rig = CommandFixture::with_leaks(20).await;
    let path = program(&rig);
    let with = ["watch", "--once", "--exec", path.to_str().unwrap()];
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o770)).unwrap();
    let refused = rig.run(&with).await.assert_exit(2);
    assert!(
        refused.stderr.contains("may be written by others"),
        "{refused:?}"
    );
    rig.run(&["watch", "--once", "--webhook", "soc"])
        .await
        .assert_exit(6);
    rig.run(&["watch", "test", "soc"]).await.assert_exit(6);
    std::fs::write(rig.path("secret"), "hunter2").unwrap();
    let mode = std::fs::Permissions::from_mode(0o600);
    std::fs::set_permissions(rig.path("secret"), mode).unwrap();
    rig.append(
        "\n[webhooks.soc]\nurl = \"http://127.0.0.1:9/in\"\nsecret = { file = \"secret\" }\n",
    );
    let wrong = rig
        .run(&["watch", "--once", "--webhook", "soc"])
        .await
        .assert_exit(2);
    assert!(
        wrong.stderr.contains("does not begin with whsec_"),
        "{wrong:?}"
    );
    assert!(!wrong.stderr.contains("hunter2"));
    rig.append("\n[policy]\nwebhooks = false\n");
    rig.run(&["watch", "--once", "--webhook", "soc"])
        .await
        .assert_exit(4);
    assert_eq!(rig.control("/requests").await["requests"], json!([]));
}

/// The head and the body of a request.
type Received = (HeaderMap, Vec<u8>);

/// What a receiver got, and what it answers next; 204 when nothing is left.
#[derive(Clone, Default)]
struct Receiver {
    got: Arc<Mutex<Vec<Received>>>,
    answers: Arc<Mutex<VecDeque<u16>>>,
}

impl Receiver {
    async fn start(answers: &[u16]) -> (Self, String) {
        let receiver = Self {
            answers: Arc::new(Mutex::new(answers.iter().copied().collect())),
            ..Self::default()
        };
        let take = |State(receiver): State<Self>, headers: HeaderMap, body: Bytes| async move {
            receiver.got.lock().unwrap().push((headers, body.to_vec()));
            let next = receiver.answers.lock().unwrap().pop_front();
            let status = StatusCode::from_u16(next.unwrap_or(204)).unwrap();
            (status, [("location", "http://127.0.0.1:9/elsewhere")])
        };
        let app = Router::new()
            .route("/in", axum::routing::post(take))
            .with_state(receiver.clone());
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/in", listener.local_addr().unwrap());
        tokio::spawn(async move { axum::serve(listener, app).await.unwrap() });
        (receiver, url)
    }

    fn took(&self) -> Vec<(HeaderMap, Value)> {
        let got = self.got.lock().unwrap();
        let read = |(headers, body): &(HeaderMap, Vec<u8>)| {
            // Whoever has either secret can check it, on the raw bytes.
            let header = |name: &str| headers[name].to_str().unwrap().to_owned();
            let (id, at) = (header("webhook-id"), header("webhook-timestamp"));
            let signatures = header("webhook-signature");
            let signatures: Vec<&str> = signatures.split(' ').collect();
            let sign = |secret: &str| {
                let key = SigningKey::of(&Secret::new(secret.as_bytes().to_vec())).unwrap();
                key.sign(&id, at.parse().unwrap(), body)
            };
            assert_eq!(signatures, [sign(SECRET), sign(OLD)]);
            (headers.clone(), serde_json::from_slice(body).unwrap())
        };
        got.iter().map(read).collect()
    }
}

fn webhook(rig: &CommandFixture, url: &str, more: &str) {
    for (name, secret) in [("secret", SECRET), ("old", OLD)] {
        std::fs::write(rig.path(name), secret).unwrap();
        let mode = std::fs::Permissions::from_mode(0o600);
        std::fs::set_permissions(rig.path(name), mode).unwrap();
    }
    rig.append(&format!(
        "\n[notify]\ngap = \"0s\"\n[webhooks.soc]\nurl = \"{url}\"\nsecret = {{ file = \"secret\" }}\nold_secret = {{ file = \"old\" }}\n{more}\n"
    ));
}

const SOC: [&str; 4] = ["watch", "--once", "--webhook", "soc"];

#[tokio::test]
async fn an_address_is_told_under_one_id_until_it_answers_well() {
    let rig = CommandFixture::with_leaks(100).await;
    let (receiver, url) = Receiver::start(&[204, 302, 500]).await;
    webhook(&rig, &url, "detail = \"leaks\"");
    rig.run(&SOC).await.assert_exit(0);
    insert(&rig, 3).await;
    rig.run(&SOC).await.assert_exit(10);
    let took = receiver.took();
    assert_eq!(took.len(), 4, "a redirect is not followed, it fails");
    let ids: Vec<&str> = took[1..]
        .iter()
        .map(|(headers, _)| headers["webhook-id"].to_str().unwrap())
        .collect();
    assert_eq!(ids, [ids[0]; 3]);
    let body = &took[3].1;
    assert_eq!(body["type"], "stanch.leaks.found");
    assert_eq!(body["data"]["id"], ids[0]);
    assert!(body["data"]["leaks"][0]["login"].is_string());
    assert!(!body.to_string().contains("password"), "{body}");
    assert_eq!(waiting(&rig).await, [] as [Value; 0]);
    // Of what waits on disk nothing but counts and keys is there.
    let kept = std::fs::read(rig.path("state/seen.db")).unwrap();
    let login = body["data"]["leaks"][0]["login"].as_str().unwrap();
    assert!(
        !kept
            .windows(login.len())
            .any(|part| part == login.as_bytes())
    );
}

#[tokio::test]
async fn an_address_that_is_gone_is_switched_off_and_a_test_says_what_came_of_it() {
    let rig = CommandFixture::with_leaks(50).await;
    let (receiver, url) = Receiver::start(&[204, 410]).await;
    webhook(&rig, &url, "form = \"cloudevents\"");
    let tested = rig.run(&["watch", "test", "soc"]).await.assert_ok().json();
    assert_eq!(tested["test"]["ok"], true);
    let (headers, body) = receiver.took().remove(0);
    assert_eq!(headers["content-type"], "application/cloudevents+json");
    assert_eq!(body["type"], "stanch.watch.test");
    assert_eq!(body["specversion"], "1.0");
    assert_eq!(body["id"], tested["test"]["id"]);
    let off = rig.run(&SOC).await.assert_exit(0);
    assert!(off.stderr.contains("switched off"), "{off:?}");
    insert(&rig, 1).await;
    rig.run(&SOC).await.assert_exit(10);
    assert_eq!(receiver.took().len(), 2, "nothing is sent to it any more");
    assert_eq!(waiting(&rig).await.len(), 2);
    let audit = rig
        .run(&["audit", "list", "--format", "jsonl"])
        .await
        .assert_ok()
        .stdout;
    assert!(audit.contains("webhook-off"), "{audit}");
}

#[tokio::test]
async fn what_comes_within_the_gap_is_added_up_and_a_storm_is_one_message() {
    let rig = CommandFixture::with_leaks(60).await;
    let (receiver, url) = Receiver::start(&[]).await;
    webhook(&rig, &url, "kinds = [\"new\", \"again\"]");
    let config = std::fs::read_to_string(rig.path("config.toml")).unwrap();
    rig.configure(&config.replace("gap = \"0s\"", "gap = \"1h\"\nstorm = 100"));
    rig.run(&SOC).await.assert_exit(0);
    insert(&rig, 2).await;
    rig.run(&SOC).await.assert_exit(10);
    // The baseline was told a moment ago.
    for count in [3, 200] {
        insert(&rig, count).await;
        rig.run(&SOC).await.assert_exit(10);
    }
    assert_eq!(receiver.took().len(), 1);
    let left = waiting(&rig).await;
    assert_eq!(left.len(), 1, "what comes meanwhile is added up");
    let id = left[0]["id"].as_str().unwrap().to_owned();
    rig.run(&["watch", "deliveries", "retry", &id])
        .await
        .assert_exit(0);
    rig.run(&SOC).await.assert_exit(0);
    let (headers, body) = receiver.took().pop().unwrap();
    assert_eq!(headers["webhook-id"], id);
    let data = &body["data"];
    let count = |kind: &str| data["counts"][kind].as_u64().unwrap();
    assert_eq!(count("new") + count("again"), 205);
    assert_eq!(
        (&data["storm"], &data["unseen"]),
        (&json!(true), &json!(true))
    );
    assert_eq!(data["leaks"].as_array().unwrap().len(), 50);
    assert_eq!(data["more"], 155);
}
