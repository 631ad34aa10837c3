//! Lists: paging, filters, sorting, groups, exports, compared with what a reader of all rows would find.

use std::collections::{BTreeMap, HashSet};

use super::*;

/// A filter as asked, and as checked on a row.
type Case = (String, Box<dyn Fn(&Value) -> bool>);

fn cases(sample: &Value) -> Vec<Case> {
    let case =
        |query: &str, test: fn(&Value) -> bool| -> Case { (query.to_owned(), Box::new(test)) };
    let mut cases = vec![
        case("type=all", |_| true),
        case("type=personal", |row| row["user_type"] == "personal"),
        case("type=customer", |row| row["user_type"] == "customer"),
        case("type=employee", is_employee),
        case("type=organization_leaks", |row| {
            is_employee(row) && is_own(row)
        }),
        case("type=external_vendor_leaks", |row| {
            is_employee(row) && !is_own(row)
        }),
        case("domain=Brightfield.example", |row| {
            row["domain"] == "brightfield.example"
        }),
        case("search=VPN", |row| shown_status(row).contains("vpn")),
        case("search=masked", |row| shown_status(row).contains("masked")),
        case("search=2026-02-1", |row| {
            shown_status(row).contains("2026-02-1")
        }),
        case("status=fixed", |row| row["status"] == "fixed"),
        case("status=open", |row| row["status"] == "open"),
        case("start_date=2025-12-24", |row| {
            text(row, "log_date").as_str() >= "2025-12-24"
        }),
        case("end_date=2024-12-24", |row| {
            text(row, "log_date").as_str() <= "2024-12-24"
        }),
        case(
            "start_date=2025-06-01&end_date=2025-06-30&time_range=current_month",
            |row| text(row, "log_date").starts_with("2025-06"),
        ),
        case("time_range=last_month", |row| {
            text(row, "log_date").starts_with("2026-02")
        }),
        case("time_range=last_3_months", |row| {
            text(row, "log_date").as_str() >= "2025-12-01"
        }),
        case("hostname=", |row| text(row, "hostname").is_empty()),
        case("country=Germany&status=open&type=customer", |row| {
            row["country"] == "Germany" && row["status"] == "open" && row["user_type"] == "customer"
        }),
    ];
    for member in ["url", "country", "device_ip", "hostname", "hardware_id"] {
        let value = text(sample, member);
        let query = url::form_urlencoded::Serializer::new(String::new())
            .append_pair(member, &value)
            .finish();
        cases.push((query, Box::new(move |row| text(row, member) == value)));
    }
    let login = text(sample, "username").trim().to_lowercase();
    let query = format!("email={}", login.to_uppercase());
    cases.push((
        query,
        Box::new(move |row| text(row, "username").trim().to_lowercase() == login),
    ));
    cases
}

fn is_employee(row: &Value) -> bool {
    ["employee", "organization_leaks", "external_vendor_leaks"]
        .contains(&row["user_type"].as_str().unwrap_or_default())
}

/// Used at the company whose address it is.
fn is_own(row: &Value) -> bool {
    row["url_domain"] == row["domain"]
}

/// All values that a row shows, lower case.
fn shown_status(row: &Value) -> String {
    let members = row.as_object().unwrap();
    let values: Vec<&str> = members.values().filter_map(Value::as_str).collect();
    values.join("\n").to_lowercase()
}

#[tokio::test]
async fn filters_take_what_a_reader_of_all_rows_would() {
    let rig = DemoFixture::with_leaks(1_500).await;
    let all = rig.rows("").await;
    let sample = all
        .iter()
        .find(|row| {
            ["hostname", "hardware_id", "url"]
                .iter()
                .all(|one| !text(row, one).is_empty())
        })
        .unwrap();
    for (query, test) in cases(sample) {
        let wanted: Vec<String> = all.iter().filter(|row| test(row)).map(id).collect();
        let got: Vec<String> = rig.rows(&query).await.iter().map(id).collect();
        assert_eq!(got, wanted, "{query}");
        assert!(!got.is_empty(), "{query}");
        let page = rig.get(&format!("/v1/leaks?limit=1&{query}")).await.json();
        for total in ["total_leaks", "total_count", "total_pages"] {
            assert_eq!(page[total], wanted.len(), "{query} {total}");
        }
        let summary = &page["summary"];
        assert_eq!(summary["total_leaks"], wanted.len());
        let employees = all
            .iter()
            .filter(|row| test(row) && is_employee(row))
            .count();
        assert_eq!(summary["employee_leaks"], employees);
        let sum = |names: [&str; 2]| {
            names
                .iter()
                .map(|one| summary[*one].as_u64().unwrap())
                .sum::<u64>()
        };
        assert_eq!(
            sum(["external_vendor_leaks", "organization_leaks"]),
            employees as u64
        );
        let rest = sum(["personal_leaks", "customer_leaks"]);
        assert_eq!(rest + employees as u64, wanted.len() as u64);
    }
}

#[tokio::test]
async fn sorting_orders_the_rows_and_loses_none() {
    let rig = DemoFixture::with_leaks(700).await;
    let all: HashSet<String> = rig.rows("").await.iter().map(id).collect();
    for by in [
        "url",
        "username",
        "log_date",
        "country",
        "device_ip",
        "hostname",
        "os",
        "hardware_id",
        "malware_path",
    ] {
        for order in ["asc", "desc"] {
            let rows = rig.rows(&format!("sort_by={by}&sort_order={order}")).await;
            let values: Vec<String> = rows.iter().map(|row| text(row, by)).collect();
            let sorted = match order {
                "asc" => values.is_sorted(),
                _ => values.is_sorted_by(|one, two| one >= two),
            };
            assert!(sorted, "{by} {order}");
            assert_eq!(rows.iter().map(id).collect::<HashSet<_>>(), all);
        }
    }
    let old = rig
        .get("/v1/leaks/domain?limit=1000&sort_by=host_username")
        .await
        .json();
    let names: Vec<String> = old["data"]
        .as_array()
        .unwrap()
        .iter()
        .map(|row| text(row, "host_username"))
        .collect();
    assert!(names.is_sorted() && !names.is_empty());
}

#[tokio::test]
async fn pages_add_up_to_the_whole() {
    let rig = DemoFixture::with_leaks(333).await;
    let all = rig.rows("").await;
    let mut paged = Vec::new();
    for page in 1..=9 {
        let got = rig
            .get(&format!("/v1/leaks?limit=40&page_number={page}"))
            .await
            .json();
        assert_eq!(got["total_pages"], 9);
        paged.extend(got["data"].as_array().unwrap().clone());
    }
    assert_eq!(paged, all);
    let past = rig.get("/v1/leaks?limit=40&page_number=10").await.json();
    assert_eq!(past["data"], json!([]));
    assert_eq!(past["total_leaks"], 333);
    let usual = rig.get("/v1/leaks").await.json();
    assert_eq!(usual["data"].as_array().unwrap().len(), 20);
}

#[tokio::test]
async fn a_large_limit_is_cut_to_a_thousand() {
    let rig = DemoFixture::with_leaks(1_200).await;
    let page = rig.get("/v1/leaks?limit=5000").await.json();
    assert_eq!(page["data"].as_array().unwrap().len(), 1_000);
    assert_eq!(page["total_pages"], 2);
}

#[tokio::test]
async fn groups_count_what_the_rows_hold() {
    let rig = DemoFixture::with_leaks(600).await;
    let all = rig.rows("").await;
    for (group, member) in [
        ("url", "url"),
        ("country", "country"),
        ("device_ip", "device_ip"),
        ("hostname", "hostname"),
        ("email", "username"),
        ("hardware_id", "hardware_id"),
    ] {
        let got = rig.get(&format!("/v1/leaks?group_by={group}")).await.json();
        assert_eq!(got["total_leaks"], 600);
        assert!(got.get("data").is_none());
        let mut wanted: BTreeMap<String, u64> = BTreeMap::new();
        for row in &all {
            let mut value = text(row, member);
            if group == "email" {
                value = value.trim().to_lowercase();
            }
            *wanted.entry(value).or_default() += 1;
        }
        let groups = got["group_summary"].as_array().unwrap();
        let found: BTreeMap<String, u64> = groups
            .iter()
            .map(|one| (text(one, group), one["count"].as_u64().unwrap()))
            .collect();
        assert_eq!(found, wanted, "{group}");
        assert!(groups.is_sorted_by(|one, two| one["count"].as_u64() >= two["count"].as_u64()));
    }
    let drilled = rig
        .get("/v1/leaks?group_by=country&country=Germany")
        .await
        .json();
    assert!(drilled.get("group_summary").is_none());
    assert!(
        drilled["data"]
            .as_array()
            .unwrap()
            .iter()
            .all(|row| row["country"] == "Germany")
    );
}

#[tokio::test]
async fn exports_say_the_same_as_the_list() {
    let rig = DemoFixture::with_leaks(300).await;
    let list = rig
        .get("/v1/leaks?limit=300&type=employee&status=open")
        .await;
    let asked = json!({ "limit": 300, "type": "employee", "status": "open" });
    let export = rig.post("/v1/leaks/export", asked.clone()).await;
    assert_eq!(export.json(), list.json());
    let table = rig.post("/v1/leaks/export?format=csv", asked).await;
    let mut reader = csv::Reader::from_reader(table.body.as_slice());
    let header: Vec<String> = reader
        .headers()
        .unwrap()
        .iter()
        .map(str::to_owned)
        .collect();
    assert_eq!(
        header.join(","),
        "id,url,username,password,device_ip,hostname,os,country,log_date,hardware_id,domain,\
         email_domain,url_domain,status,user_type"
    );
    let rows = list.json()["data"].as_array().unwrap().clone();
    let records: Vec<csv::StringRecord> = reader.records().map(Result::unwrap).collect();
    assert_eq!(records.len(), rows.len());
    for (record, row) in records.iter().zip(&rows) {
        for (name, cell) in header.iter().zip(record) {
            assert_eq!(cell, text(row, name), "{name}");
        }
    }
}

#[tokio::test]
async fn deprecated_lists_hold_one_type_each() {
    let rig = DemoFixture::with_leaks(400).await;
    for (path, kind) in [
        ("/v1/leaks/domain", "employee"),
        ("/v1/leaks/email", "personal"),
        ("/v1/leaks/domain/customers", "customer"),
    ] {
        let wanted: Vec<String> = rig
            .rows(&format!("type={kind}"))
            .await
            .iter()
            .map(id)
            .collect();
        let got = rig.get(&format!("{path}?limit=1000")).await.json();
        let rows = got["data"].as_array().unwrap();
        assert_eq!(rows.iter().map(id).collect::<Vec<_>>(), wanted);
        assert_eq!(got["current_page"], 1);
        assert_eq!(got["total_leaks"], wanted.len());
        assert!(
            rows.iter()
                .all(|row| row.as_object().unwrap().values().all(Value::is_string))
        );
    }
}

#[tokio::test]
async fn statistics_count_the_rows() {
    let rig = DemoFixture::with_leaks(500).await;
    let all = rig.rows("").await;
    let got = rig
        .get("/v1/leaks/stats/domain?domain=northlake.example")
        .await
        .json();
    let mine = |row: &&Value| {
        ["domain", "url_domain", "email_domain"]
            .iter()
            .any(|one| row[*one] == "northlake.example")
    };
    let customers = all
        .iter()
        .filter(mine)
        .filter(|row| row["user_type"] == "customer")
        .count();
    let employees = all
        .iter()
        .filter(mine)
        .filter(|row| is_employee(row))
        .count();
    assert_eq!(got["leak_customers_count"][0]["customers"], customers);
    assert_eq!(got["leak_employees_count"][0]["employees"], employees);
    let login = text(&all[0], "username").trim().to_lowercase();
    let sample = |got: &Value| {
        [
            "customers_sample_data",
            "employees_sample_data",
            "user_sample_data",
        ]
        .iter()
        .find_map(|one| got[*one].get(0).cloned())
        .unwrap()
    };
    let path = format!("/v1/leaks/stats/email?email={login}");
    let hidden = sample(&rig.get(&path).await.json());
    assert!(text(&hidden, "username").contains("***"));
    assert_eq!(hidden["password"], "***MASKED***");
    let open = sample(&rig.get(&format!("{path}&unmask_email=true")).await.json());
    assert_eq!(text(&open, "username").trim().to_lowercase(), login);
}
