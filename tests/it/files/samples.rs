//! The samples that lie beside the project, each with what it must give. Where they are not there the tests say so.

use super::{Home, parsed};
use serde_json::{Map, Value};
use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

fn folder() -> Option<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/data/files");
    if folder.join("cases.json").exists() {
        return Some(folder);
    }
    eprintln!("skipped: the samples of files do not lie beside the project");
    None
}

fn lines(path: &Path) -> Vec<Value> {
    let text = fs::read_to_string(path).unwrap();
    text.lines()
        .filter(|line| !line.is_empty())
        .map(parsed)
        .collect()
}

/// The members of a leak that are compared; what is null in one is not there in the other.
fn compared(leak: &Value, names: &[String]) -> String {
    let mut kept = Map::new();
    for name in names {
        let mut value = leak.get(name).cloned().unwrap_or(Value::Null);
        if let Value::Object(members) = &mut value {
            members.retain(|_, member| {
                !member.is_null() && member.as_array().is_none_or(|list| !list.is_empty())
            });
            if let Some(score) = members.get("score").and_then(Value::as_f64) {
                members.insert("score".to_owned(), Value::from(score));
            }
            if members.is_empty() {
                value = Value::Null;
            }
        }
        kept.insert(name.clone(), value);
    }
    Value::Object(kept).to_string()
}

fn counted(all: impl Iterator<Item = String>) -> BTreeMap<String, usize> {
    let mut counts = BTreeMap::new();
    for one in all {
        *counts.entry(one).or_default() += 1;
    }
    counts
}

fn arguments(case: &Value, folder: &Path) -> Vec<String> {
    let path = folder.join(case["path"].as_str().unwrap());
    let own = path.parent().unwrap().to_str().unwrap().to_owned();
    let list = case["args"].as_array().cloned().unwrap_or_default();
    list.iter()
        .map(|word| word.as_str().unwrap().replace("{dir}", &own))
        .collect()
}

fn cases(folder: &Path) -> Vec<Value> {
    let text = fs::read_to_string(folder.join("cases.json")).unwrap();
    serde_json::from_str(&text).unwrap()
}

#[test]
fn every_sample_gives_its_leaks() {
    let Some(folder) = folder() else { return };
    let home = Home::new();
    let mut wrong = Vec::new();
    for case in cases(&folder) {
        let Some(expected) = case["expected"].as_str() else {
            continue;
        };
        let path = folder.join(case["path"].as_str().unwrap());
        let more = arguments(&case, &folder);
        let more: Vec<&str> = more.iter().map(String::as_str).collect();
        let ran = home.list(&[&path], &more);
        let expected = lines(&folder.join(expected));
        let names: Vec<String> = match expected.first() {
            Some(first) => first
                .as_object()
                .unwrap()
                .keys()
                .filter(|name| !name.starts_with('_'))
                .cloned()
                .collect(),
            None => Vec::new(),
        };
        let got = counted(ran.lines().iter().map(|leak| compared(leak, &names)));
        let wanted = counted(expected.iter().map(|leak| compared(leak, &names)));
        if got != wanted {
            wrong.push(format!(
                "{}: {} leaks, not {}: {}",
                case["path"],
                got.len(),
                wanted.len(),
                ran.err
            ));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// What of a report has to be as the sample says.
fn report_differs(case: &Value, import: &Value, folder: &Path) -> Vec<String> {
    let (check, mut wrong) = (&case["check"], Vec::new());
    if let Some(complete) = check.get("complete")
        && import["complete"] != *complete
    {
        wrong.push(format!(
            "complete is {}: {}",
            import["complete"], import["problems"]
        ));
    }
    for (name, count) in check["totals"].as_object().into_iter().flatten() {
        if import["totals"][name] != *count {
            wrong.push(format!("{name} is {}, not {count}", import["totals"][name]));
        }
    }
    for file in check["files"].as_array().into_iter().flatten() {
        let members = file.as_object().unwrap();
        let fits = |found: &Value| members.iter().all(|(name, value)| found[name] == *value);
        if !import["files"].as_array().unwrap().iter().any(fits) {
            wrong.push(format!("no file is {file}: {}", import["files"]));
        }
    }
    for what in ["problems", "notes"] {
        for code in check[what].as_array().into_iter().flatten() {
            let found = import[what].as_array().unwrap();
            let fits = |one: &Value| {
                code.as_str()
                    .unwrap()
                    .split('|')
                    .any(|code| one["code"] == code)
            };
            if !found.iter().any(fits) {
                wrong.push(format!("no {code} among {what}: {}", import[what]));
            }
        }
    }
    if let Some(rejects) = case.get("rejects") {
        let place = |reject: &Value| {
            format!(
                "{} {} {}",
                reject["member"], reject["line"], reject["reason"]
            )
        };
        let wanted = rejects
            .as_str()
            .map(|path| lines(&folder.join(path)))
            .unwrap_or_default();
        let (got, wanted) = (
            counted(import["rejects"].as_array().unwrap().iter().map(place)),
            counted(wanted.iter().map(place)),
        );
        if got != wanted {
            wrong.push(format!("rejects are {got:?}, not {wanted:?}"));
        }
    }
    wrong
}

#[test]
fn every_sample_gives_its_report() {
    let Some(folder) = folder() else { return };
    let home = Home::new();
    let mut wrong = Vec::new();
    for case in cases(&folder) {
        let path = folder.join(case["path"].as_str().unwrap());
        let mut more = arguments(&case, &folder);
        more.extend(["--rejects".to_owned(), "all".to_owned()]);
        let more: Vec<&str> = more.iter().map(String::as_str).collect();
        let ran = home.check(&path, &more);
        let import = ran.import();
        let expected = if import["complete"] == true { 0 } else { 5 };
        let mut differs = report_differs(&case, &import, &folder);
        if ran.exit != expected {
            differs.push(format!("it ends with {}: {}", ran.exit, ran.err));
        }
        wrong.extend(
            differs
                .into_iter()
                .map(|why| format!("{}: {why}", case["path"])),
        );
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_sample_gives_its_machines() {
    let Some(folder) = folder() else { return };
    let home = Home::new();
    let mut wrong = Vec::new();
    for case in cases(&folder) {
        let Some(machines) = case["machines"].as_str() else {
            continue;
        };
        let path = folder.join(case["path"].as_str().unwrap());
        let from = path.to_str().unwrap();
        let ran = home.run(&["connections", "list", "--from", from, "--format", "jsonl"]);
        let found: Vec<Value> = ran
            .lines()
            .into_iter()
            .filter(|one| one["form"] == "endpoint")
            .collect();
        let wanted = lines(&folder.join(machines));
        if found.len() != wanted.len() {
            wrong.push(format!(
                "{}: {} machines, not {}",
                case["path"],
                found.len(),
                wanted.len()
            ));
        }
        for machine in wanted {
            if !found.iter().any(|found| is_machine(found, &machine)) {
                wrong.push(format!("{}: no machine is {machine}", case["path"]));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

fn is_machine(found: &Value, wanted: &Value) -> bool {
    let known = |value: &Value| {
        let members = value.as_object().cloned().unwrap_or_default();
        members
            .into_iter()
            .filter(|(_, member)| !member.is_null())
            .collect::<Map<_, _>>()
    };
    let members = wanted
        .as_object()
        .unwrap()
        .iter()
        .filter(|(name, _)| !name.starts_with('_'));
    members.into_iter().all(|(name, value)| match &name[..] {
        "device" => known(&found["device"]) == known(value),
        "metadata" => value
            .as_object()
            .unwrap()
            .iter()
            .all(|(name, value)| found["metadata"][name] == *value),
        _ => found[name] == *value,
    })
}
