//! The rules of OCSF and ECS that documents of ours are held against: facts of the released schemas, in fixtures.

use jiff::Timestamp;
use serde_json::{Map, Value};
use std::{net::IpAddr, path::Path};

fn fixture(name: &str) -> Value {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/fixtures")
        .join(name);
    serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap()
}

/// The Detection Finding of OCSF.
pub(super) struct Ocsf(Value);

impl Ocsf {
    pub(super) fn read() -> Self {
        Self(fixture("ocsf-detection-finding.json"))
    }

    pub(super) fn version(&self) -> &str {
        self.0["version"].as_str().unwrap()
    }

    /// Everything that is wrong with a document.
    pub(super) fn problems(&self, document: &Value) -> Vec<String> {
        let class = &self.0["class"];
        let mut wrong = Vec::new();
        let profiles: Vec<&str> = document["metadata"]["profiles"]
            .as_array()
            .map(|profiles| profiles.iter().filter_map(Value::as_str).collect())
            .unwrap_or_default();
        let name = class["name"].as_str().unwrap();
        self.object(name, name, document, &profiles, &mut wrong);
        for (member, expected) in [
            ("class_uid", class["uid"].as_u64()),
            ("category_uid", class["category_uid"].as_u64()),
            (
                "type_uid",
                document["activity_id"]
                    .as_u64()
                    .zip(class["uid"].as_u64())
                    .map(|(activity, class)| class * 100 + activity),
            ),
        ] {
            if document[member].as_u64() != expected {
                wrong.push(format!("{member} is not {expected:?}"));
            }
        }
        if document["metadata"]["version"] != self.0["version"] {
            wrong.push("metadata.version".to_owned());
        }
        wrong
    }

    fn object(
        &self,
        kind: &str,
        at: &str,
        value: &Value,
        profiles: &[&str],
        wrong: &mut Vec<String>,
    ) {
        let rules = &self.0["objects"][kind];
        let (Some(members), Some(attributes)) =
            (value.as_object(), rules["attributes"].as_object())
        else {
            wrong.push(format!("{at} is no {kind}, or its rules are not here"));
            return;
        };
        for (name, rule) in attributes {
            if rule["required"] == true && !members.contains_key(name) {
                wrong.push(format!("{at}.{name} is missing"));
            }
        }
        if let Some(some) = rules["at_least_one"].as_array()
            && !some
                .iter()
                .filter_map(Value::as_str)
                .any(|name| members.contains_key(name))
        {
            wrong.push(format!("{at} has none of {some:?}"));
        }
        for (name, value) in members {
            let at = format!("{at}.{name}");
            let Some(rule) = attributes.get(name) else {
                wrong.push(format!("{at} is not of the schema"));
                continue;
            };
            if let Some(profile) = rule["profile"].as_str()
                && !profiles.contains(&profile)
            {
                wrong.push(format!("{at} needs the profile {profile}"));
            }
            if let Some(since) = rule["deprecated"].as_str() {
                wrong.push(format!("{at} is deprecated since {since}"));
            }
            match (rule["array"] == true, value) {
                (true, Value::Array(items)) => {
                    for item in items {
                        self.value(rule, &at, item, profiles, wrong);
                    }
                }
                (true, _) => wrong.push(format!("{at} is no list")),
                (false, value) => self.value(rule, &at, value, profiles, wrong),
            }
            siblings(name, rule, value, members, &at, wrong);
        }
    }

    fn value(
        &self,
        rule: &Value,
        at: &str,
        value: &Value,
        profiles: &[&str],
        wrong: &mut Vec<String>,
    ) {
        let kind = rule["type"].as_str().unwrap();
        let Some(kind_rules) = self.0["types"].get(kind) else {
            if kind == "object" {
                if !value.is_object() {
                    wrong.push(format!("{at} is no object"));
                }
            } else {
                self.object(kind, at, value, profiles, wrong);
            }
            return;
        };
        let base = kind_rules["type"].as_str().unwrap_or(kind);
        let fits = match base {
            "string_t" => value.is_string(),
            "integer_t" | "long_t" => value.is_i64() || value.is_u64(),
            "float_t" => value.is_number(),
            "boolean_t" => value.is_boolean(),
            "json_t" => true,
            other => panic!("{at}: a type that this test does not know: {other}"),
        };
        if !fits {
            wrong.push(format!("{at} is no {base}"));
        }
        if let Some(pattern) = kind_rules["regex"].as_str() {
            let schema = serde_json::json!({ "type": "string", "pattern": pattern });
            if !jsonschema::is_valid(&schema, value) {
                wrong.push(format!("{at} does not look like {kind}: {value}"));
            }
        }
        let most = kind_rules["max_len"].as_u64();
        if let (Some(most), Some(text)) = (most, value.as_str())
            && text.chars().count() as u64 > most
        {
            wrong.push(format!("{at} is too long for {kind}"));
        }
    }
}

/// A number of an enumeration is one of it, and the word beside it is its caption.
fn siblings(
    name: &str,
    rule: &Value,
    value: &Value,
    members: &Map<String, Value>,
    at: &str,
    wrong: &mut Vec<String>,
) {
    // The class's own numbers are checked by themselves.
    if matches!(name, "class_uid" | "category_uid") {
        return;
    }
    let Some(values) = rule["enum"].as_object() else {
        return;
    };
    let Some(caption) = values.get(&value.to_string()) else {
        wrong.push(format!("{at} is none of {:?}", values.keys()));
        return;
    };
    let Some(stem) = name.strip_suffix("_id") else {
        return;
    };
    let beside = members
        .get(stem)
        .or_else(|| members.get(&format!("{stem}_name")));
    if let Some(beside) = beside
        && beside != caption
    {
        wrong.push(format!("{at} is {caption}, and {beside} stands beside it"));
    }
}

/// The fields of ECS.
pub(super) struct Ecs(Value);

impl Ecs {
    pub(super) fn read() -> Self {
        Self(fixture("ecs-fields.json"))
    }

    pub(super) fn version(&self) -> &str {
        self.0["version"].as_str().unwrap()
    }

    /// Everything that is wrong with a document.
    pub(super) fn problems(&self, document: &Value) -> Vec<String> {
        let flat = flatten(document);
        let mut wrong = Vec::new();
        for required in self.0["required"].as_array().unwrap() {
            if !flat.iter().any(|(name, _)| required == name) {
                wrong.push(format!("{required} is missing"));
            }
        }
        if document["ecs"]["version"] != self.0["version"] {
            wrong.push("ecs.version".to_owned());
        }
        for (name, value) in &flat {
            if let Some(label) = name.strip_prefix("labels.") {
                if label.contains('.') || !value.is_string() {
                    wrong.push(format!("{name} is no word"));
                }
                continue;
            }
            match self.0["fields"].get(name) {
                Some(rule) => field(name, rule, value, &mut wrong),
                None => wrong.push(format!("{name} is not of the schema")),
            }
        }
        let of = |name: &str| {
            document["event"][name]
                .as_array()
                .cloned()
                .unwrap_or_default()
        };
        for category in of("category") {
            let expected = &self.0["types_of_category"][category.as_str().unwrap_or_default()];
            let expected = expected.as_array().cloned().unwrap_or_default();
            for kind in of("type") {
                if !expected.contains(&kind) {
                    wrong.push(format!("event.type {kind} is not expected of {category}"));
                }
            }
        }
        wrong
    }
}

fn field(name: &str, rule: &Value, value: &Value, wrong: &mut Vec<String>) {
    let values = match (rule["array"] == true, value) {
        (true, Value::Array(values)) => values.clone(),
        (false, value) if !value.is_array() => vec![value.clone()],
        _ => {
            wrong.push(format!("{name}: a list, or none"));
            return;
        }
    };
    for value in values {
        let text = value.as_str();
        let kind = rule["type"].as_str().unwrap();
        let fits = match kind {
            "keyword" | "wildcard" | "match_only_text" => text.is_some(),
            "date" => text.is_some_and(|text| text.parse::<Timestamp>().is_ok()),
            "ip" => text.is_some_and(|text| text.parse::<IpAddr>().is_ok()),
            "long" => value.is_i64() || value.is_u64(),
            "float" => value.is_number(),
            other => panic!("{name}: a type that this test does not know: {other}"),
        };
        if !fits {
            wrong.push(format!("{name} is no {kind}: {value}"));
        }
        for list in ["allowed", "expected"] {
            if let Some(allowed) = rule[list].as_array()
                && !allowed.contains(&value)
            {
                wrong.push(format!("{name} is none of {allowed:?}"));
            }
        }
    }
}

/// A document's fields by their dotted names.
pub(super) fn flatten(document: &Value) -> Vec<(String, Value)> {
    let mut fields = Vec::new();
    let mut open = vec![(String::new(), document)];
    while let Some((name, value)) = open.pop() {
        match value {
            Value::Object(members) => open.extend(members.iter().map(|(member, value)| {
                let name = if name.is_empty() {
                    member.clone()
                } else {
                    format!("{name}.{member}")
                };
                (name, value)
            })),
            other => fields.push((name, other.clone())),
        }
    }
    fields
}
