//! Ten requests a minute: no system sees an eleventh, and who has to wait is told for how long.

use crate::support::fault_server::settings;
use jiff::{Timestamp, civil::date};
use serde_json::Value;
use stanch::{
    demo::{Demo, Options, SystemName},
    entity::{key::ProviderId, profile::RateBudget, query::LeakQuery, secret::Secret},
    provider::{Provider, registration},
};
use std::{path::Path, sync::Arc, time::Duration};
use tokio::task::JoinSet;

/// Requests a minute.
const RPM: usize = 10;

/// Longer than anything takes on a busy machine.
const TEST_TIMEOUT: Duration = Duration::from_secs(120);

/// A stand-in that allows ten, and a client for each of its systems, set up as its own configuration says.
struct RateFixture {
    demo: Demo,
    http: reqwest::Client,
}

impl RateFixture {
    async fn start() -> Self {
        rustls::crypto::ring::default_provider()
            .install_default()
            .ok();
        let options = Options {
            leaks: 600,
            rpm: Some(RPM as u32),
            ..Options::all_systems(date(2026, 3, 1))
        };
        Self {
            demo: Demo::start(options).await.unwrap(),
            http: reqwest::Client::builder().no_proxy().build().unwrap(),
        }
    }

    fn connect(&self, system: SystemName) -> Arc<dyn Provider> {
        let config: toml::Table = self.demo.config_toml(Path::new("key")).parse().unwrap();
        let profile = &config["profiles"][system.profile()];
        let mut settings = settings(&self.demo.system_base_url(system));
        settings.provider = ProviderId::new(system.provider());
        let rpm = profile.get("rpm").and_then(toml::Value::as_integer);
        settings.rpm = rpm.map(|rpm| rpm.try_into().unwrap());
        let key = Secret::from(self.demo.system_api_key(system).to_owned());
        (registration(system.provider()).unwrap().connect)(settings, key).unwrap()
    }

    /// When each request of a system came in, and how it was answered.
    async fn log(&self, system: SystemName) -> Vec<(Timestamp, Option<u64>)> {
        let url = format!("{}/requests", self.demo.control_url());
        let bytes = self.http.get(url).send().await.unwrap().bytes().await;
        let log: Value = serde_json::from_slice(&bytes.unwrap()).unwrap();
        let all = log["requests"].as_array().unwrap().iter();
        all.filter(|one| one["provider"] == system.word())
            .map(|one| {
                let at = one["at"].as_str().unwrap().parse().unwrap();
                (at, one["status"].as_u64())
            })
            .collect()
    }
}

/// Sends so many requests, four at a time.
fn send_requests(system: SystemName, provider: &Arc<dyn Provider>, times: usize) -> JoinSet<()> {
    let mut callers = JoinSet::new();
    for caller in 0..4 {
        let provider = Arc::clone(provider);
        let times = (times + 3 - caller) / 4;
        callers.spawn(async move {
            for _ in 0..times {
                // The call of each that is one request, every time.
                match system {
                    SystemName::LeakedChecker => {
                        drop(provider.domains().unwrap().domains().await.unwrap());
                    }
                    SystemName::Hibp => {
                        let plan = provider.subscription().unwrap();
                        drop(plan.subscription().await.unwrap());
                    }
                    SystemName::ProjectDiscovery | SystemName::LeaksAi => {
                        provider.leaks().count(&LeakQuery::default()).await.unwrap();
                    }
                }
            }
        });
    }
    callers
}

/// How many requests of a minute a client sends: of a service that counts loosely, one less than it allows.
fn allowed(system: SystemName) -> usize {
    if system == SystemName::Hibp {
        RPM - 1
    } else {
        RPM
    }
}

/// The most requests in any sixty seconds.
fn max_per_minute(times: &[Timestamp]) -> usize {
    let within = |first: &Timestamp| {
        let near = times
            .iter()
            .filter(|at| **at >= *first && at.duration_since(*first).as_secs_f64() < 60.0);
        near.count()
    };
    times.iter().map(within).max().unwrap_or_default()
}

#[test]
fn a_minute_slides() {
    let at = |seconds: i64| Timestamp::from_second(seconds).unwrap();
    assert_eq!(max_per_minute(&[]), 0);
    assert_eq!(max_per_minute(&[at(0), at(59), at(60), at(61)]), 3);
    assert_eq!(max_per_minute(&[at(0), at(60), at(120)]), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_eleventh_waits_with_a_countdown_and_is_not_sent() {
    let rig = RateFixture::start().await;
    let mut waiting = Vec::new();
    for system in SystemName::ALL {
        let provider = rig.connect(system);
        let callers = send_requests(system, &provider, 40);
        let mut budget = provider.budget();
        let told = budget.wait_for(|budget: &RateBudget| budget.wait_until.is_some());
        let told = tokio::time::timeout(TEST_TIMEOUT, told)
            .await
            .unwrap()
            .unwrap();
        assert_eq!(
            told.limit,
            Some(allowed(system) as u32),
            "{}: by its headers or its profile",
            system.word()
        );
        let left = told.wait_until.unwrap().duration_since(Timestamp::now());
        assert!((50..=62).contains(&left.as_secs()), "{left}");
        drop(told);
        waiting.push((system, provider, callers));
    }
    // One system that lets nobody in keeps no other from answering: each had its own ten.
    for (system, _, callers) in &mut waiting {
        let all_answered = async {
            while rig
                .log(*system)
                .await
                .iter()
                .filter(|(_, status)| status.is_some())
                .count()
                < allowed(*system)
            {
                tokio::task::yield_now().await;
            }
        };
        tokio::time::timeout(TEST_TIMEOUT, all_answered)
            .await
            .unwrap();
        let log = rig.log(*system).await;
        assert_eq!(log.len(), allowed(*system), "{}", system.word());
        assert!(log.iter().all(|(_, status)| *status == Some(200)));
        assert!(!callers.is_empty(), "somebody waits");
        callers.abort_all();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "two minutes of real time"]
async fn in_two_minutes_no_system_sees_an_eleventh_in_any_sixty_seconds() {
    let rig = RateFixture::start().await;
    let mut callers = Vec::new();
    for system in SystemName::ALL {
        callers.push(send_requests(system, &rig.connect(system), 25));
    }
    for callers in callers {
        callers.join_all().await;
    }
    for system in SystemName::ALL {
        let log = rig.log(system).await;
        let refused = log.iter().filter(|(_, status)| *status != Some(200));
        let times: Vec<Timestamp> = log.iter().map(|(at, _)| *at).collect();
        let most = max_per_minute(&times);
        assert_eq!(refused.count(), 0, "{}", system.word());
        assert_eq!(
            (times.len(), most),
            (25, allowed(system)),
            "{}",
            system.word()
        );
    }
}
