//! Large answers on a terminal: figures, printed. Run them with a release build:
//! `cargo test --release --test it large -- --ignored --nocapture`

use super::{
    console::{ConsoleOptions, TEST_TIMEOUT},
    stand_in::write_private,
};
use crate::support::fault_server::{FaultServer, KEY, ServerResponse};
use serde_json::{Map, Value, json};
use std::{
    sync::{Arc, Mutex},
    time::Instant,
};

/// Addresses of the domain, pairs of an address and a breach, breaches.
const ADDRESSES: usize = 5_000;
const PAIRS: usize = 18_000;
const BREACHES: usize = 40;

const PLAN: &str = r#"{"SubscriptionName":"Pro 1","Description":"x","SubscribedUntil":"2999-02-01T00:00:00","Rpm":1000,"DomainSearchMaxBreachedAccounts":null,"MaxBreachedDomains":null,"IncludesStealerLogs":false,"IncludesBulkDomainAdd":true,"IncludesKAnon":true}"#;

fn breaches() -> String {
    let breach = |number: usize| {
        json!({
            "Name": format!("Breach{number}"), "Title": format!("Breach {number}"),
            "Domain": format!("breach{number}.example"), "BreachDate": "2025-03-02",
            "AddedDate": "2025-04-10T06:15:00Z", "ModifiedDate": "2025-04-10T06:15:00Z",
            "PwnCount": 7, "Description": "x", "LogoPath": "x.png", "DataClasses": ["Passwords"],
            "IsVerified": true, "IsFabricated": false, "IsSensitive": false, "IsRetired": false,
            "IsSpamList": false, "IsMalware": false, "IsSubscriptionFree": false, "IsStealerLog": false,
        })
    };
    Value::Array((0..BREACHES).map(breach).collect()).to_string()
}

/// Who is in which breach: as many pairs as there are, no pair twice.
fn people() -> String {
    let mut people = Map::new();
    for address in 0..ADDRESSES {
        let pairs = PAIRS / ADDRESSES + usize::from(address < PAIRS % ADDRESSES);
        let names = (0..pairs).map(|pair| format!("Breach{}", (address + pair * 7) % BREACHES));
        people.insert(
            format!("person.{address}"),
            names.collect::<Vec<_>>().into(),
        );
    }
    Value::Object(people).to_string()
}

#[test]
#[ignore = "a figure"]
#[expect(clippy::print_stdout, reason = "the figures are the result")]
fn a_domain_of_five_thousand_breached_addresses_is_on_the_screen_within_two_seconds() {
    rustls::crypto::ring::default_provider()
        .install_default()
        .ok();
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .worker_threads(1)
        .build()
        .unwrap();
    let answered: Arc<Mutex<Option<Instant>>> = Arc::default();
    let (at, breaches, people) = (Arc::clone(&answered), breaches(), people());
    let server = runtime.block_on(FaultServer::start(move |_, seen| {
        match seen.target.split('?').next().unwrap_or_default() {
            "/subscription/status" => ServerResponse::json(200, PLAN),
            "/subscribeddomains" => {
                ServerResponse::json(200, r#"[{"DomainName":"acme.example","PwnCount":null}]"#)
            }
            "/breaches" => ServerResponse::json(200, breaches.clone()),
            "/breacheddomain/acme.example" => {
                *at.lock().unwrap() = Some(Instant::now());
                ServerResponse::json(200, people.clone())
            }
            _ => ServerResponse::json(404, r#"{"statusCode":404,"message":"Not found"}"#),
        }
    }));
    let home = tempfile::tempdir().unwrap();
    let (key, config) = (home.path().join("key"), home.path().join("config.toml"));
    write_private(&key, KEY);
    let profile = format!(
        "[profiles.acme]\nprovider = \"hibp\"\nbase_url = \"{}\"\nkey = {{ file = \"{}\" }}\n",
        server.url(),
        key.display()
    );
    write_private(&config, &profile);
    let mut console = ConsoleOptions::with_config(&config).open();
    console.wait_for("leaks 18,000 of 18,000");
    let took = answered.lock().unwrap().expect("it was asked").elapsed();
    let status = std::fs::read_to_string(format!("/proc/{}/status", console.pid()));
    let memory = status.unwrap_or_default();
    let memory = memory.lines().find(|line| line.starts_with("VmHWM"));
    println!(
        "{ADDRESSES} addresses, {PAIRS} pairs: on the screen {took:.1?} after the answer; {}",
        memory.unwrap_or("memory not known")
    );
    console.keys("q");
    assert_eq!(console.exit(TEST_TIMEOUT), 0);
}
