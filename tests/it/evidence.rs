//! Bundles of evidence and copies of the audit log: documents that fit the schemas of others, and proof that nothing of
//! them was changed.

mod schemas;
mod tamper;

use jiff::Timestamp;
use schemas::{Ecs, Ocsf};
use serde_json::Value;
use stanch::{
    entity::{
        breach::Breach,
        claim::{Claim, ConsoleId, Justification, LastNote},
        evidence::{Evidence, EvidenceItem},
        fingerprint::FingerprintKey,
        hash_chain::Head,
        job::{
            Change, ChangeState, Job, JobCommand, JobState, OutcomeCounts, StorageTarget,
            StoredState, Timing,
        },
        key::{EntityKey, JobId, ProfileName, ProviderId, RemoteId},
        leak::{Device, FIELD_COUNT, Leak, LeakRef, PasswordState, Risk, RiskLevel},
        profile::ProfileBinding,
        raw_text::RawText,
        status::Status,
    },
    export::{
        ExportError,
        evidence::{self, BundleContext, ECS, MANIFEST, OCSF, ecs_document, ocsf_document, verify},
    },
};
use std::{
    collections::BTreeSet,
    fs,
    os::unix::fs::PermissionsExt as _,
    path::{Path, PathBuf},
    sync::Arc,
};

const STATUSES: [Status; 6] = [
    Status::New,
    Status::Investigating,
    Status::Open,
    Status::Fixed,
    Status::FalsePositive,
    Status::Unknown,
];

const STATES: [ChangeState; 13] = [
    ChangeState::Pending,
    ChangeState::Inflight,
    ChangeState::Accepted,
    ChangeState::Unknown,
    ChangeState::Verified,
    ChangeState::Local,
    ChangeState::Refused,
    ChangeState::Contradicted,
    ChangeState::Drifted,
    ChangeState::Failed,
    ChangeState::Skipped,
    ChangeState::Cancelled,
    ChangeState::Unverifiable,
];

const SECRET: &[u8] = b"correct horse battery staple";

fn fixed_time() -> Timestamp {
    "2026-03-01T12:00:00Z".parse().unwrap()
}

fn profile() -> ProfileName {
    ProfileName::new("acme-pd").unwrap()
}

fn provider() -> ProviderId {
    ProviderId::new("projectdiscovery")
}

fn key(number: usize) -> EntityKey {
    let id = format!("{number:032x}");
    EntityKey::for_leak(profile(), RemoteId::from(id.as_bytes()))
}

fn job(ticket: bool) -> Job {
    Job {
        id: JobId(5),
        state: JobState::DoneWithExceptions,
        pause: None,
        command: JobCommand::Fix,
        wanted: Status::Fixed,
        plan_hash: "ab".repeat(32),
        profiles: vec![ProfileBinding {
            name: profile(),
            provider: provider(),
            origin: "https://api.example".to_owned(),
            team: String::new(),
        }],
        created_at: fixed_time(),
        started_at: Some(fixed_time()),
        ended_at: Some(fixed_time()),
        reason: ticket.then(|| "password reset".to_owned()),
        note: ticket.then(|| "all of sales".to_owned()),
        ticket: ticket.then(|| "SEC-42".to_owned()),
        retry_of: None,
        undo_of: None,
        redo_of: None,
        undone_by: None,
        counts: OutcomeCounts::default(),
        timing: Timing::default(),
        holding: None,
    }
}

/// Logins, addresses and hosts as they come: whole, absent, wrong, hostile.
fn texts() -> Vec<Option<RawText>> {
    let fixture = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/hostile_strings.json");
    let hostile = fs::read(fixture).unwrap();
    let mut texts = vec![
        None,
        Some(RawText::from("")),
        Some(RawText::from("ana@northwind.example")),
        Some(RawText::from("ana@northwind")),
        Some(RawText::from("10.0.0.7")),
        Some(RawText::from("2001:db8::7")),
        Some(RawText::from("android://token@com.example.app/")),
        Some(RawText::from("2026-02-03T04:05:06Z")),
        Some(RawText::from("Windows 10 (build 1904)")),
        Some(RawText::from("DE")),
        Some(RawText::from(&b"\xff\xfe\x1b[2J"[..])),
    ];
    let corpus: Value = serde_json::from_slice(&hostile).unwrap();
    let cases = corpus["cases"].as_array().unwrap();
    let hex = cases.iter().filter_map(|case| case["bytes_hex"].as_str());
    texts.extend(hex.map(|hex| {
        let digits: Vec<_> = hex.as_bytes().chunks(2).collect();
        let byte =
            |pair: &&[u8]| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap();
        let bytes: Vec<u8> = digits.iter().map(byte).collect();
        Some(RawText::from(&bytes[..]))
    }));
    assert!(texts.len() > 40, "{}", texts.len());
    texts
}

/// A leak of which nothing but its status is known.
fn minimal_leak(number: usize, status: Status) -> Leak {
    let row = LeakRef {
        fields: [None; FIELD_COUNT],
        status,
        password: PasswordState::Hidden,
        risk: None,
        credential: None,
        damaged: false,
    };
    Leak::from_row(key(number), provider(), &row)
}

fn subject(rng: &mut fastrand::Rng, texts: &[Option<RawText>], number: usize) -> EvidenceItem {
    let mut any = || texts[rng.usize(..texts.len())].clone();
    let (login, url, domain) = (any(), any(), any());
    let url = if number.is_multiple_of(5) {
        Some(RawText::from(
            "https://ana:hunter2@sso.northwind.example/x?y=z",
        ))
    } else {
        url
    };
    let (class, seen, added, country) = (any(), any(), any(), any());
    let device = Device {
        hostname: any(),
        ip: any(),
        os: any(),
        hardware_id: any(),
        malware_path: any(),
    };
    let (breach, remote_status, reason) = (any(), any(), any());
    let risk = [
        None,
        Some(RiskLevel::None),
        Some(RiskLevel::Low),
        Some(RiskLevel::Medium),
        Some(RiskLevel::High),
    ][rng.usize(..5)];
    let score = rng.bool().then(|| rng.f64() * 100.0);
    let status = STATUSES[rng.usize(..STATUSES.len())];
    let leak = Leak {
        domain,
        login,
        url,
        remote_status,
        risk: risk.map(|level| Risk { level, score }),
        class,
        first_seen: seen,
        added_at: added,
        country,
        device: rng.bool().then_some(device),
        breach: breach.map(|name| Breach {
            name,
            ..Breach::default()
        }),
        ..minimal_leak(number, status)
    };
    let change = rng.bool().then(|| {
        let planned = Change::from_plan(
            number as u32,
            key(number),
            rng.bool().then(|| STATUSES[rng.usize(..STATUSES.len())]),
            STATUSES[rng.usize(..5)],
            StorageTarget::Remote,
            None,
        );
        let stored = StoredState {
            state: STATES[rng.usize(..STATES.len())],
            attempts: rng.u32(..3),
            code: rng.bool().then_some(403),
            reason: reason.and_then(|reason| reason.as_str().map(str::to_owned)),
        };
        Change::from_stored(planned, stored)
    });
    let login = leak.login.clone().unwrap_or_default();
    let fingerprint = FingerprintKey::new([7; 32]).credential(login.as_bytes(), SECRET);
    EvidenceItem {
        key: key(number),
        provider: Some(provider()),
        credential: rng.bool().then_some(fingerprint),
        // A change can be of a leak that is not loaded; something is always known.
        leak: (change.is_none() || rng.u8(..4) > 0).then_some(leak),
        change,
    }
}

#[test]
fn every_document_fits_the_schemas_field_by_field() {
    let (ocsf, ecs) = (Ocsf::read(), Ecs::read());
    assert_eq!((ocsf.version(), ecs.version()), (OCSF, ECS));
    let texts = texts();
    let mut rng = fastrand::Rng::with_seed(20_260_301);
    let (mut members, mut fields) = (BTreeSet::new(), BTreeSet::new());
    for number in 0..2_000 {
        let subject = subject(&mut rng, &texts, number);
        let job = subject.change.as_ref().map(|_| job(rng.bool()));
        let document = ocsf_document(&subject, job.as_ref(), fixed_time());
        let wrong = ocsf.problems(&document);
        assert!(wrong.is_empty(), "{wrong:#?}\n{document:#}");
        members.extend(document.as_object().unwrap().keys().cloned());
        let document = ecs_document(&subject, job.as_ref(), fixed_time());
        let wrong = ecs.problems(&document);
        assert!(wrong.is_empty(), "{wrong:#?}\n{document:#}");
        fields.extend(
            schemas::flatten(&document)
                .into_iter()
                .map(|(name, _)| name),
        );
    }
    // A document that says nothing would fit as well.
    for member in [
        "comment",
        "evidences",
        "finding_info",
        "is_alert",
        "metadata",
        "resources",
        "status_code",
        "status_detail",
        "tickets",
        "unmapped",
    ] {
        assert!(members.contains(member), "{member}");
    }
    for field in [
        "event.outcome",
        "event.reason",
        "event.risk_score",
        "host.ip",
        "host.os.full",
        "labels.credential_fingerprint",
        "labels.ticket",
        "related.user",
        "threat.indicator.email.address",
        "url.domain",
        "user.email",
    ] {
        assert!(fields.contains(field), "{field}");
    }
}

#[test]
fn what_was_said_of_a_leak_and_who_has_it_stand_in_both_schemas() {
    let (ocsf, ecs) = (Ocsf::read(), Ecs::read());
    let by = ConsoleId {
        user: "ana".to_owned(),
        host: "jump".to_owned(),
        console: "pts/3".to_owned(),
    };
    let mut leak = minimal_leak(1, Status::Open);
    leak.claim = Some(Claim {
        claimant: by.clone(),
        expires_at: fixed_time(),
        is_own: false,
        role: None,
    });
    leak.last_note = Some(Arc::new(LastNote {
        justification: Justification {
            reason: Some("password reset".to_owned()),
            note: Some("all of sales".to_owned()),
            ticket: Some("SEC-42".to_owned()),
        },
        author: Some(by),
        noted_at: fixed_time(),
        job: Some(JobId(3)),
    }));
    let subject = EvidenceItem {
        key: key(1),
        provider: Some(provider()),
        leak: Some(leak),
        credential: None,
        change: None,
    };
    let document = ocsf_document(&subject, None, fixed_time());
    assert_eq!(ocsf.problems(&document), [""; 0]);
    assert_eq!(document["comment"], "password reset: all of sales");
    assert_eq!(document["tickets"][0]["uid"], "SEC-42");
    assert_eq!(document["unmapped"]["claimed_by"], "ana@jump");
    let document = ecs_document(&subject, None, fixed_time());
    assert_eq!(ecs.problems(&document), [""; 0]);
    let labels = &document["labels"];
    assert_eq!(labels["reason"], "password reset");
    assert_eq!(labels["note"], "all of sales");
    assert_eq!(labels["ticket"], "SEC-42");
    assert_eq!(labels["claimed_by"], "ana@jump");
}

#[test]
fn the_statuses_are_the_schemas_own() {
    let mut subject = subject(&mut fastrand::Rng::with_seed(1), &[None], 0);
    subject.change = None;
    for (status, id, name, activity, alert) in [
        (Status::New, 1, "New", 1, true),
        (Status::Open, 1, "New", 1, true),
        (Status::Investigating, 2, "In Progress", 2, true),
        (Status::FalsePositive, 3, "Suppressed", 3, false),
        (Status::Fixed, 4, "Resolved", 3, false),
        (Status::Unknown, 0, "Unknown", 1, true),
    ] {
        subject.leak = subject.leak.map(|leak| Leak { status, ..leak });
        let document = ocsf_document(&subject, None, fixed_time());
        assert_eq!(document["status_id"], id, "{status}");
        assert_eq!(document["status"], name);
        assert_eq!(document["activity_id"], activity, "{status}");
        assert_eq!(document["type_uid"], 200_400 + activity);
        assert_eq!(document["is_alert"], alert);
    }
}

#[test]
fn the_rules_of_the_schemas_have_teeth() {
    let (ocsf, ecs) = (Ocsf::read(), Ecs::read());
    let texts = texts();
    let mut rng = fastrand::Rng::with_seed(3);
    let subject = (0..1_000)
        .map(|number| subject(&mut rng, &texts, number))
        .find(|subject| {
            let leak = subject.leak.as_ref();
            leak.is_some_and(|leak| leak.device.is_some()) && subject.change.is_some()
        })
        .unwrap();
    let job = job(true);
    let good = ocsf_document(&subject, Some(&job), fixed_time());
    let spoilt = |pointer: &str, value: Value| {
        let mut bad = good.clone();
        *bad.pointer_mut(pointer).unwrap() = value;
        !ocsf.problems(&bad).is_empty()
    };
    for name in [
        "activity_id",
        "category_uid",
        "class_uid",
        "finding_info",
        "metadata",
        "severity_id",
        "time",
        "type_uid",
    ] {
        let mut bad = good.clone();
        bad.as_object_mut().unwrap().remove(name);
        assert!(!ocsf.problems(&bad).is_empty(), "without {name}");
    }
    assert!(spoilt("/severity_id", 42.into()));
    assert!(spoilt("/severity", "Grave".into()));
    assert!(spoilt("/time", "2026-03-01".into()));
    assert!(spoilt("/class_uid", 2003.into()));
    assert!(spoilt("/type_uid", 200_499.into()));
    assert!(spoilt("/tickets/0", serde_json::json!({ "title": "x" })));
    assert!(spoilt("/metadata/profiles", serde_json::json!([])));
    assert!(spoilt(
        "/finding_info",
        serde_json::json!({ "uid": "x", "own": 1 })
    ));
    let good = ecs_document(&subject, Some(&job), fixed_time());
    let spoilt = |pointer: &str, value: Value| {
        let mut bad = good.clone();
        *bad.pointer_mut(pointer).unwrap() = value;
        !ecs.problems(&bad).is_empty()
    };
    assert!(spoilt("/event/kind", "leak".into()));
    assert!(spoilt("/event/type", serde_json::json!(["change"])));
    assert!(spoilt("/event/category", "threat".into()));
    assert!(spoilt("/@timestamp", 7.into()));
    assert!(spoilt("/ecs/version", "1.0.0".into()));
    assert!(spoilt("/event/created", "yesterday".into()));
    assert!(spoilt("/user", serde_json::json!({ "password": "x" })));
}

pub(crate) fn bundle(directory: &Path) -> (PathBuf, evidence::WrittenBundle) {
    let texts = texts();
    let mut rng = fastrand::Rng::with_seed(9);
    let evidence = Evidence {
        job: Some(Box::new(job(true))),
        items: (0..40)
            .map(|number| subject(&mut rng, &texts, number))
            .collect(),
    };
    let path = directory.join("bundle");
    let written = evidence::write(&path, &evidence, &bundle_context()).unwrap();
    (path, written)
}

fn bundle_context() -> BundleContext {
    BundleContext {
        at: fixed_time(),
        user: "ana".to_owned(),
        host: "jump".to_owned(),
        tty: "pts/3".to_owned(),
        audit: Head {
            count: 12,
            hash: "cd".repeat(32),
        },
        audit_lines: (0..12)
            .map(|number| format!("{{\"seq\":{number}}}").into_bytes())
            .collect(),
    }
}

pub(crate) fn names(directory: &Path) -> Vec<String> {
    let mut names: Vec<_> = fs::read_dir(directory)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

#[test]
fn a_bundle_is_closed_whole_and_without_secrets() {
    let room = tempfile::tempdir().unwrap();
    let (path, written) = bundle(room.path());
    let all = [
        "audit.jsonl",
        "ecs.jsonl",
        "job.jsonl",
        "leaks.csv",
        "leaks.jsonl",
        "manifest.jsonl",
        "ocsf.jsonl",
    ];
    assert_eq!(names(&path), all);
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&path), 0o700);
    for name in all {
        assert_eq!(mode(&path.join(name)), 0o600, "{name}");
        let bytes = fs::read(path.join(name)).unwrap();
        for secret in [SECRET, b"hunter2"] {
            let found = bytes.windows(secret.len()).any(|part| part == secret);
            assert!(!found, "a secret is in {name}");
        }
    }
    let lines = |name: &str| fs::read_to_string(path.join(name)).unwrap().lines().count();
    for (name, count) in [
        ("leaks.jsonl", 40),
        ("leaks.csv", 41),
        ("ocsf.jsonl", 40),
        ("ecs.jsonl", 40),
        ("job.jsonl", 1),
        ("audit.jsonl", 12),
        ("manifest.jsonl", 8),
    ] {
        assert_eq!(lines(name), count, "{name}");
    }
    let manifest = fs::read_to_string(path.join(MANIFEST)).unwrap();
    let first: Value = serde_json::from_str(manifest.lines().next().unwrap()).unwrap();
    let about = &first["bundle"];
    assert_eq!(about["made_at"], "2026-03-01T12:00:00Z");
    assert_eq!(about["made_by"]["user"], "ana");
    assert_eq!(about["ocsf_version"], OCSF);
    assert_eq!(about["ecs_version"], ECS);
    assert_eq!(about["tool_version"], env!("CARGO_PKG_VERSION"));
    assert_eq!(about["audit"]["count"], 12);
    assert_eq!(about["job"]["ticket"], "SEC-42");
    assert_eq!(about["leaks"], 40);
    let checked = verify(&path).unwrap();
    assert_eq!(checked.mismatch, None);
    assert_eq!(checked.manifest_hash, Some(written.manifest_hash));
    assert_eq!(checked.records, 40 + 41 + 40 + 40 + 1 + 12 + 8);
}

#[test]
fn a_bundle_is_never_written_over() {
    let room = tempfile::tempdir().unwrap();
    let (path, _) = bundle(room.path());
    let before = fs::read(path.join(MANIFEST)).unwrap();
    let again = evidence::write(&path, &Evidence::default(), &bundle_context());
    assert!(
        matches!(again, Err(ExportError::Exists { .. })),
        "{again:?}"
    );
    assert_eq!(fs::read(path.join(MANIFEST)).unwrap(), before);
    // Nothing stays of a bundle whose directory cannot be made.
    let nowhere = room.path().join("no/where");
    let failed = evidence::write(&nowhere, &Evidence::default(), &bundle_context());
    assert!(matches!(failed, Err(ExportError::Io { .. })), "{failed:?}");
    assert!(!nowhere.exists());
}
