//! What leaves for a file: JSON that is exact, CSV that is inert, files that are new and whole.

mod handoff;
mod members;
mod table;

use serde_json::Value;
use stanch::{
    entity::{
        breach::{Breach, BreachFlag, Paste},
        capability::Reach,
        connection::{Connection, ConnectionKind, ResourceType},
        domain::{Domain, LeakCounts},
        error::ProviderError,
        job::{
            Change, ChangeState, InexactMapping, Job, JobCommand, JobState, OutcomeCounts,
            PauseReason, Plan, PlannedChange, ProfileShare, SkipCode, Skipped, StorageTarget,
            StoredState, Timing,
        },
        key::{EntityKey, JobId, Kind, ProfileName, ProviderId, RemoteId},
        leak::{Device, Leak, PasswordState, Risk, RiskLevel},
        profile::ProfileBinding,
        raw_text::RawText,
        status::{Status, StatusSource},
        user::{IdentityType, User},
        visible,
    },
    export::{
        ErrorBody, ExportError, FORMATS, ProfileLoad, Record, RecordKind, Summary, csv, format,
        json::{self, answer},
        write_new,
    },
};
use std::{
    fs, io,
    os::unix::fs::{MetadataExt, symlink},
};
use tempfile::TempDir;

fn profile() -> ProfileName {
    ProfileName::new("acme-pd").unwrap()
}

fn provider() -> ProviderId {
    ProviderId::new("projectdiscovery")
}

fn key(kind: Kind, id: &[u8]) -> EntityKey {
    EntityKey {
        profile: profile(),
        kind,
        id: RemoteId::from(id),
    }
}

fn leak(login: &[u8]) -> Leak {
    Leak {
        key: key(Kind::Leak, b"7f1c"),
        provider: provider(),
        domain: Some("northwind.example".into()),
        login: Some(login.into()),
        url: Some("https://sso.northwind.example/login".into()),
        status: Status::Open,
        status_source: StatusSource::Remote,
        status_by: None,
        remote_status: Some("open".into()),
        disputed: false,
        risk: None,
        class: Some("employee".into()),
        first_seen: Some("2026-02-03".into()),
        added_at: None,
        country: None,
        device: Some(Device {
            hostname: Some("DESKTOP-1".into()),
            ..Device::default()
        }),
        password: PasswordState::Hidden,
        sources: 1,
        connections: None,
        damaged: false,
        breach: None,
        attribution: None,
        claim: None,
        last_note: None,
        found: None,
        news: Vec::new(),
        origin: None,
    }
}

fn job() -> Job {
    Job {
        id: JobId(7),
        state: JobState::Paused,
        pause: Some((PauseReason::Rate, Some(time("2026-03-01T12:01:00Z")))),
        command: JobCommand::Fix,
        wanted: Status::Fixed,
        plan_hash: "ab".repeat(32),
        profiles: vec![binding()],
        created_at: time("2026-03-01T12:00:00.5Z"),
        started_at: None,
        ended_at: None,
        reason: Some("=phished".into()),
        note: None,
        ticket: None,
        retry_of: None,
        undo_of: Some(JobId(3)),
        redo_of: None,
        undone_by: None,
        counts: OutcomeCounts {
            verified: 2,
            pending: 1,
            ..OutcomeCounts::default()
        },
        timing: Timing::default(),
        holding: None,
    }
}

fn time(text: &str) -> jiff::Timestamp {
    text.parse().unwrap()
}

fn binding() -> ProfileBinding {
    ProfileBinding {
        name: profile(),
        provider: provider(),
        origin: "http://127.0.0.1:1".into(),
        team: String::new(),
    }
}

fn summary() -> Summary {
    Summary {
        total: Some(2),
        loaded: 1,
        complete: false,
        profiles: vec![ProfileLoad {
            profile: profile(),
            provider: provider(),
            loaded: 1,
            total: None,
            unreadable: 3,
            left_out: Vec::new(),
            error: Some(ErrorBody::from_provider(
                &ProviderError::Cancelled,
                Some(profile()),
            )),
        }],
    }
}

fn write_records(name: &str, noun: RecordKind, records: &[Record<'_>]) -> Vec<u8> {
    let mut out = Vec::new();
    let mut writer = (format(name).unwrap().open)(&mut out, noun).unwrap();
    for record in records {
        writer.write(*record).unwrap();
    }
    writer.finish(&summary()).unwrap();
    drop(writer);
    out
}

fn value(body: impl serde::Serialize) -> Value {
    serde_json::from_str(&serde_json::to_string(&body).unwrap()).unwrap()
}

fn members(value: &Value) -> Vec<&str> {
    let mut names: Vec<_> = value
        .as_object()
        .unwrap()
        .keys()
        .map(String::as_str)
        .collect();
    names.sort_unstable();
    names
}

fn sorted(names: &str) -> Vec<&str> {
    let mut names: Vec<_> = names.split_whitespace().collect();
    names.sort_unstable();
    names
}

#[test]
fn a_leak_has_every_member_and_no_secret() {
    let mut leak = leak(b"m.ortega");
    leak.risk = Some(Risk {
        level: RiskLevel::High,
        score: Some(7.5),
    });
    let json = value(json::leak_json(&leak));
    assert_eq!(
        members(&json),
        sorted(
            "key profile provider id domain login url status status_source remote_status disputed risk class first_seen
             added_at country device breach password password_state sources claim reason note ticket connections damaged
             attribution noted origin status_by"
        )
    );
    assert_eq!(json["key"], "acme-pd:leak:7f1c");
    assert_eq!(json["id"], "7f1c");
    assert_eq!(
        json["risk"],
        serde_json::json!({"level": "high", "score": 7.5})
    );
    assert_eq!(json["device"]["hostname"], "DESKTOP-1");
    assert_eq!(
        members(&json["device"]),
        sorted("hostname ip os hardware_id malware_path")
    );
    assert_eq!(
        (&json["added_at"], &json["breach"]),
        (&Value::Null, &Value::Null)
    );
    for (state, password, word) in [
        (PasswordState::Hidden, Value::from("********"), "hidden"),
        (
            PasswordState::MaskedByProvider,
            Value::from("********"),
            "masked_by_provider",
        ),
        (PasswordState::Empty, Value::from("********"), "empty"),
        (PasswordState::None, Value::Null, "none"),
    ] {
        leak.password = state;
        let json = value(json::leak_json(&leak));
        assert_eq!(
            (&json["password"], &json["password_state"]),
            (&password, &Value::from(word))
        );
    }
}

#[test]
fn users_domains_and_connections_have_every_member() {
    let user = User {
        key: key(Kind::User, b"m.ortega"),
        provider: provider(),
        login: "M.Ortega".into(),
        identity_type: Some(IdentityType::Username),
        risk: None,
        first_seen: None,
        leaks: LeakCounts {
            total: 3,
            unresolved: 2,
        },
        sources: 1,
        connections: None,
    };
    let json = value(json::user_json(&user));
    assert_eq!(
        members(&json),
        sorted(
            "key profile provider id login identity_type risk first_seen leaks sources connections"
        )
    );
    assert_eq!(
        json["leaks"],
        serde_json::json!({"total": 3, "unresolved": 2})
    );
    let domain = Domain {
        key: key(Kind::Domain, b"northwind.example"),
        provider: provider(),
        name: "northwind.example".into(),
        verified: Some(true),
        archived: None,
        leaks: None,
        sources: 2,
    };
    let json = value(json::domain_json(&domain));
    assert_eq!(
        members(&json),
        sorted("key profile provider id name verified archived leaks sources")
    );
    let connection = Connection {
        key: key(Kind::Connection, b"host:DESKTOP-1"),
        provider: provider(),
        kind: ConnectionKind::Resource,
        name: "sso.northwind.example".into(),
        resource_type: Some(ResourceType::Domain),
        date: None,
        leaks: Some(4),
        device: None,
        country: None,
        risk: None,
        tree: None,
        metadata: None,
        breach: None,
        paste: None,
        attribution: None,
    };
    let json = value(json::connection_json(&connection));
    assert_eq!(
        members(&json),
        sorted(
            "key profile provider id form name resource_type date leaks device country risk tree metadata breach paste attribution"
        )
    );
    assert_eq!(
        [
            &json["tree"],
            &json["metadata"],
            &json["breach"],
            &json["paste"]
        ],
        [&Value::Null; 4]
    );
    assert_eq!(
        (&json["form"], &json["resource_type"]),
        (&"resource".into(), &"domain".into())
    );
    for (noun, record) in [
        (RecordKind::User, Record::User(&user)),
        (RecordKind::Domain, Record::Domain(&domain)),
        (RecordKind::Connection, Record::Connection(&connection)),
    ] {
        let table = String::from_utf8(write_records("csv", noun, &[record])).unwrap();
        let mut lines = table.lines();
        let (head, row) = (lines.next().unwrap(), lines.next().unwrap());
        assert_eq!(head.split(',').count(), row.split(',').count(), "{table}");
    }
}

fn breach() -> Breach {
    Breach {
        name: "Adobe".into(),
        title: Some("Adobe".into()),
        domain: Some("adobe.example".into()),
        date: Some("2013-10-04".into()),
        added_at: None,
        accounts: Some(152_445_165),
        data_classes: vec!["Passwords".into(), "Email addresses".into()],
        verified: Some(true),
        spam: Some(false),
        flags: [BreachFlag::Sensitive].into_iter().collect(),
    }
}

const ATTRIBUTION: &str = "Leaked Checker, CC BY 4.0, http://127.0.0.1:1";

fn connections() -> [Connection; 3] {
    let of = |form, name: &str| {
        Connection::from_name(
            key(Kind::Connection, name.as_bytes()),
            provider(),
            form,
            name.into(),
        )
    };
    [
        Connection {
            breach: Some(breach()),
            attribution: Some(ATTRIBUTION.into()),
            ..of(ConnectionKind::Breach, "Adobe")
        },
        Connection {
            paste: Some(Paste {
                source: "Pastebin".into(),
                id: "8Q0BvKD8".into(),
                title: None,
                date: Some("2014-03-04T19:14:54Z".into()),
                emails: Some(139),
            }),
            attribution: Some(ATTRIBUTION.into()),
            ..of(ConnectionKind::Paste, "8Q0BvKD8")
        },
        Connection {
            risk: Some(Risk {
                level: RiskLevel::High,
                score: None,
            }),
            tree: Some(vec!["DE/Chrome/passwords.txt".into(), b"a\xff"[..].into()]),
            metadata: Some("{\n \"antivirus\": \"none\", \"size\": 1.50 }".into()),
            ..of(ConnectionKind::Endpoint, "DESKTOP-1")
        },
    ]
}

#[test]
fn breaches_pastes_trees_and_metadata_are_written_with_whose_they_are() {
    let [breached, pasted, machine] = connections();
    let json = value(json::connection_json(&breached));
    assert_eq!(
        json["breach"],
        serde_json::json!({
            "name": "Adobe", "title": "Adobe", "domain": "adobe.example", "date": "2013-10-04", "added_at": null,
            "accounts": 152_445_165, "data_classes": ["Passwords", "Email addresses"], "verified": true, "spam": false, "flags": ["sensitive"]
        })
    );
    assert_eq!(json["attribution"], ATTRIBUTION);
    let json = value(json::connection_json(&pasted));
    assert_eq!(
        json["paste"],
        serde_json::json!({
            "source": "Pastebin", "id": "8Q0BvKD8", "title": null, "date": "2014-03-04T19:14:54Z", "emails": 139
        })
    );
    let lines = write_records(
        "jsonl",
        RecordKind::Connection,
        &[Record::Connection(&machine)],
    );
    let lines = String::from_utf8(lines).unwrap();
    assert_eq!(lines.lines().count(), 1, "{lines}");
    assert!(lines.contains("\"size\": 1.50"), "{lines}");
    assert!(
        lines.contains("\"tree\":[\"DE/Chrome/passwords.txt\",\"a\\udcff\"]"),
        "{lines}"
    );
    let json: Value = serde_json::from_str(&lines.replace("\\udcff", "")).unwrap();
    assert_eq!(
        (&json["metadata"]["antivirus"], &json["risk"]["level"]),
        (&"none".into(), &"high".into())
    );

    let records: Vec<_> = [&breached, &pasted, &machine]
        .map(Record::Connection)
        .to_vec();
    let table = write_records("csv", RecordKind::Connection, &records);
    let mut reader = ::csv::Reader::from_reader(&table[..]);
    let head = reader.headers().unwrap().clone();
    let rows: Vec<_> = reader.records().map(Result::unwrap).collect();
    let cell = |row: usize, name: &str| {
        let at = head.iter().position(|column| column == name).unwrap();
        rows[row].get(at).unwrap().to_owned()
    };
    assert_eq!(cell(0, "breach"), "Adobe");
    assert_eq!(cell(0, "data_classes"), "Passwords, Email addresses");
    assert_eq!(
        (cell(0, "attribution"), cell(1, "attribution")),
        (ATTRIBUTION.into(), ATTRIBUTION.into())
    );
    assert_eq!(
        (cell(1, "paste_source"), cell(1, "paste_id")),
        ("Pastebin".into(), "8Q0BvKD8".into())
    );
    assert!(cell(2, "tree").contains("DE/Chrome/passwords.txt"));
    assert!(cell(2, "metadata").contains("antivirus"));
}

#[test]
fn a_leak_of_a_breach_says_which_whose_and_who_keeps_its_status() {
    let leak = Leak {
        status: Status::FalsePositive,
        status_source: StatusSource::Local,
        remote_status: None,
        disputed: true,
        sources: 2,
        breach: Some(breach()),
        attribution: Some(ATTRIBUTION.into()),
        ..leak(b"m.ortega")
    };
    let json = value(json::leak_json(&leak));
    assert_eq!(
        members(&json["breach"]),
        sorted("name title domain date added_at accounts data_classes verified spam flags")
    );
    assert_eq!(
        [
            &json["status"],
            &json["status_source"],
            &json["remote_status"]
        ],
        [&"false_positive".into(), &"local".into(), &Value::Null]
    );
    assert_eq!(
        (&json["disputed"], &json["sources"], &json["attribution"]),
        (&true.into(), &2.into(), &ATTRIBUTION.into())
    );
    let table = String::from_utf8(write_records(
        "csv",
        RecordKind::Leak,
        &[Record::Leak(&leak)],
    ))
    .unwrap();
    let mut lines = table.lines();
    let (head, row) = (lines.next().unwrap(), lines.next().unwrap());
    assert!(
        head.ends_with("\"breach\",\"attribution\",\"_escaped\",\"_neutralised\""),
        "{head}"
    );
    assert!(
        row.contains(&format!("\"Adobe\",\"{ATTRIBUTION}\"")),
        "{row}"
    );
    assert!(
        row.contains("\"false_positive\",\"local\",\"\",\"true\""),
        "{row}"
    );
}

#[test]
fn a_plan_and_a_job_have_every_member() {
    let plan = Plan {
        hash: "cd".repeat(32),
        command: JobCommand::Fix,
        wanted: Status::Fixed,
        shares: vec![ProfileShare {
            binding: binding(),
            remote: 1,
            local: 0,
            bulk_size: 100,
            reach: Reach::Row,
        }],
        eligible: vec![PlannedChange {
            key: key(Kind::Leak, b"1"),
            before: Status::Open,
            wanted: Status::Fixed,
            storage_target: StorageTarget::Remote,
            remote_status: Some(Status::Open),
        }],
        skipped: vec![Skipped {
            key: key(Kind::Leak, b"2"),
            before: None,
            code: SkipCode::NotFound,
            reason: "nothing has that key".into(),
        }],
        requests: 1,
        reads: 2,
        eta_seconds: None,
        inexact_mappings: vec![InexactMapping {
            profile: profile(),
            wanted: Status::FalsePositive,
            stored: Status::Fixed,
            is_confirmed: false,
        }],
        hidden: 0,
        built_at: time("2026-03-01T12:00:00Z"),
        source_job: None,
    };
    let json = value(answer("plan", json::plan_json(&plan)));
    assert_eq!(members(&json), ["plan", "schema"]);
    let plan = &json["plan"];
    assert_eq!(
        members(plan),
        sorted(
            "hash command change profiles targets eligible skipped remote local requests reads eta_seconds lossy"
        )
    );
    assert_eq!(plan["change"], serde_json::json!({"status": "fixed"}));
    assert_eq!(
        plan["profiles"][0],
        serde_json::json!({"profile": "acme-pd", "provider": "projectdiscovery", "remote": 1, "local": 0})
    );
    assert_eq!(
        (&plan["targets"], &plan["lossy"]),
        (
            &2.into(),
            &serde_json::json!([{"profile": "acme-pd", "wanted": "false_positive", "stored": "fixed"}])
        )
    );
    assert_eq!(
        plan["skipped"][0],
        serde_json::json!({"key": "acme-pd:leak:2", "code": "not_found", "reason": "nothing has that key"})
    );

    let planned = Change::from_plan(
        0,
        key(Kind::Leak, b"1"),
        Some(Status::Open),
        Status::Fixed,
        StorageTarget::Remote,
        None,
    );
    let stored = StoredState {
        state: ChangeState::Inflight,
        attempts: 1,
        code: None,
        reason: None,
    };
    let changes = [Change::from_stored(planned, stored)];
    let json = value(json::job_json(&job(), Some(&changes)));
    assert_eq!(
        members(&json),
        sorted(
            "id state paused paused_by command change plan_hash profiles created_at started_at ended_at reason note ticket retries
             undoes redoes undone_by counts timing by runs_at token asked changes"
        )
    );
    assert_eq!(
        json["paused"],
        serde_json::json!({"why": "rate", "until": "2026-03-01T12:01:00Z"})
    );
    assert_eq!(json["created_at"], "2026-03-01T12:00:00.5Z");
    assert_eq!(members(&json["counts"]).len(), 11);
    assert_eq!(
        members(&json["timing"]),
        sorted("plan_ms journal_ms writes reads")
    );
    assert_eq!(
        json["changes"][0],
        serde_json::json!({"key": "acme-pd:leak:1", "before": "open", "wanted": "fixed", "outcome": "pending", "code": null, "reason": null})
    );
    assert_eq!(value(json::job_json(&job(), None))["changes"], Value::Null);
}

#[test]
fn text_survives_json_exactly_also_where_it_is_no_utf8() {
    let leaks = [
        leak(b"a\xff\"\\\x1b[2J\xed\xa0\x80"),
        leak("é\u{202e}".as_bytes()),
    ];
    let records: Vec<_> = leaks.iter().map(Record::Leak).collect();
    let list = write_records("json", RecordKind::Leak, &records);
    let lines = write_records("jsonl", RecordKind::Leak, &records);
    for text in [&list, &lines] {
        let text = std::str::from_utf8(text).unwrap();
        assert!(text.contains("\"a\\udcff\\\"\\\\\\u001b[2J\\ud"), "{text}");
        assert!(text.contains("é\\u202e"));
    }
    let text = String::from_utf8(lines).unwrap();
    assert_eq!(text.lines().count(), 2);
    for line in text.lines() {
        assert!(
            line.starts_with("{\"schema\":1,\"key\":\"acme-pd:leak:7f1c\""),
            "{line}"
        );
    }
}

#[test]
fn a_json_list_has_its_items_and_what_is_known_of_the_whole() {
    let leak = leak(b"ana");
    for records in [
        vec![],
        vec![Record::Leak(&leak)],
        vec![Record::Leak(&leak); 3],
    ] {
        let list: Value =
            serde_json::from_slice(&write_records("json", RecordKind::Leak, &records)).unwrap();
        assert_eq!(
            members(&list),
            sorted("schema items total loaded complete profiles")
        );
        assert_eq!(list["items"].as_array().unwrap().len(), records.len());
        assert_eq!(
            (&list["total"], &list["complete"]),
            (&2.into(), &false.into())
        );
        assert_eq!(list["profiles"][0]["error"]["kind"], "cancelled");
        assert_eq!(list["profiles"][0]["error"]["profile"], "acme-pd");
    }
    let job = job();
    let list: Value = serde_json::from_slice(&write_records(
        "json",
        RecordKind::Job,
        &[Record::Job(&job)],
    ))
    .unwrap();
    assert_eq!(list["items"][0]["undoes"], 3);
}

#[test]
fn every_format_is_found_by_its_name() {
    for row in FORMATS {
        assert_eq!(format(row.name).unwrap().extension, row.extension);
    }
    assert!(format("xml").is_none());
}

#[test]
fn a_file_is_new_closed_and_whole_or_not_there() {
    let directory = TempDir::new().unwrap();
    let path = directory.path().join("leaks.csv");
    let count = write_new(&path, |out| out.write_all(b"all of it").map(|()| 9)).unwrap();
    assert_eq!(count, 9);
    assert_eq!(fs::read(&path).unwrap(), b"all of it");
    assert_eq!(fs::metadata(&path).unwrap().mode() & 0o777, 0o600);

    let again = write_new(&path, |out| out.write_all(b"other")).unwrap_err();
    assert!(matches!(again, ExportError::Exists { .. }));
    assert_eq!(again.exit_code(), 2);
    assert_eq!(fs::read(&path).unwrap(), b"all of it");

    let target = directory.path().join("target");
    let link = directory.path().join("link");
    symlink(&target, &link).unwrap();
    let linked = write_new(&link, |out| out.write_all(b"other")).unwrap_err();
    assert!(matches!(linked, ExportError::Exists { .. }));
    assert!(!target.exists());

    let half = directory.path().join("half");
    let failed = write_new(&half, |out| {
        out.write_all(&vec![b'x'; 200_000])?;
        Err::<(), _>(io::ErrorKind::StorageFull.into())
    });
    assert!(matches!(failed, Err(ExportError::Full { .. })));
    assert!(!half.exists());
    let nowhere = write_new(&directory.path().join("no/file"), |_| Ok(())).unwrap_err();
    assert!(matches!(nowhere, ExportError::Io { .. }));
}

#[test]
fn text_is_never_formatted_by_accident() {
    assert_eq!(format!("{:?}", RawText::from("abc")), "Text(3 bytes)");
}
