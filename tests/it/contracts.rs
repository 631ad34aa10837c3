//! What the OpenAPI files say: are an answer and a request as described?
//!
//! A whole document is the root of each schema, and the part in question is pointed at, so that every reference inside
//! resolves. Tests of the stand-in and of the real client share this.

#![expect(clippy::expect_used, reason = "a test says what it needs by failing")]

use std::collections::HashMap;
use std::sync::{LazyLock, Mutex, PoisonError};

use jsonschema::Validator;
use serde_json::{Map, Value, json};

/// The methods that an OpenAPI path item may have.
const METHODS: [&str; 5] = ["get", "post", "put", "patch", "delete"];

/// One operation of a contract.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Operation {
    /// Upper case.
    pub(crate) method: String,
    /// As in the file, parameters in braces.
    pub(crate) path: String,
    /// Its `operationId`.
    pub(crate) id: String,
}

/// One OpenAPI file.
pub(crate) struct Contract {
    document: Value,
    validators: Mutex<HashMap<String, Validator>>,
}

/// ProjectDiscovery's.
pub(crate) static PROJECTDISCOVERY: LazyLock<Contract> = LazyLock::new(|| {
    Contract::new(include_str!(
        "../fixtures/contracts/projectdiscovery.openapi.json"
    ))
});

/// Leaks.ai's.
pub(crate) static LEAKS_AI: LazyLock<Contract> =
    LazyLock::new(|| Contract::new(include_str!("../fixtures/contracts/leaks-ai.openapi.json")));

/// Leaked Checker's.
pub(crate) static LEAKED_CHECKER: LazyLock<Contract> = LazyLock::new(|| {
    Contract::new(include_str!(
        "../fixtures/contracts/leaked-checker.openapi.json"
    ))
});

/// Have I Been Pwned's.
pub(crate) static HIBP: LazyLock<Contract> =
    LazyLock::new(|| Contract::new(include_str!("../fixtures/contracts/hibp.openapi.json")));

/// The fifteen operations of ProjectDiscovery.
pub(crate) fn operations() -> Vec<Operation> {
    PROJECTDISCOVERY.operations()
}

/// Whether an answer of ProjectDiscovery is as described; else what is wrong.
pub(crate) fn validate_response(
    method: &str,
    path: &str,
    status: u16,
    content_type: &str,
    body: &[u8],
) -> Result<(), String> {
    PROJECTDISCOVERY.validate_response(method, path, status, content_type, body)
}

/// Whether a request to ProjectDiscovery is as described; else what is wrong.
pub(crate) fn validate_request(
    method: &str,
    path: &str,
    query: &[(String, String)],
    body: Option<&[u8]>,
) -> Result<(), String> {
    PROJECTDISCOVERY.validate_request(method, path, query, body)
}

impl Contract {
    fn new(text: &str) -> Self {
        Self {
            document: serde_json::from_str(text).expect("the contract is JSON"),
            validators: Mutex::default(),
        }
    }

    /// All operations, in the order of the file's paths.
    pub(crate) fn operations(&self) -> Vec<Operation> {
        let mut operations = Vec::new();
        for (path, item) in self.document["paths"].as_object().expect("paths") {
            for method in METHODS {
                if let Some(operation) = item.get(method) {
                    operations.push(Operation {
                        method: method.to_uppercase(),
                        path: path.clone(),
                        id: operation["operationId"].as_str().unwrap_or_default().into(),
                    });
                }
            }
        }
        operations
    }

    /// The operation that a method and a path, given or templated, belong to.
    pub(crate) fn operation(&self, method: &str, path: &str) -> Option<Operation> {
        self.operations().into_iter().find(|operation| {
            operation.method.eq_ignore_ascii_case(method) && matches_template(&operation.path, path)
        })
    }

    /// Whether an answer is as described.
    pub(crate) fn validate_response(
        &self,
        method: &str,
        path: &str,
        status: u16,
        content_type: &str,
        body: &[u8],
    ) -> Result<(), String> {
        let (pointer, operation) = self.find(method, path)?;
        let responses = &operation["responses"];
        let key = match responses.get(status.to_string()) {
            Some(_) => status.to_string(),
            None if responses.get("default").is_some() && status >= 400 => "default".to_owned(),
            None => return Err(format!("{method} {path}: status {status} is not described")),
        };
        let (pointer, response) = self.resolve(&format!("{pointer}/responses/{key}"))?;
        if response.get("content").is_none() && body.is_empty() {
            return Ok(());
        }
        let media = content_type.split(';').next().unwrap_or_default().trim();
        if response["content"].get(media).is_none() {
            return Err(format!(
                "{method} {path} {status}: '{media}' is not described"
            ));
        }
        let value = if media == "application/json" {
            serde_json::from_slice(body).map_err(|error| format!("{method} {path}: {error}"))?
        } else {
            Value::from(String::from_utf8(body.to_vec()).map_err(|error| error.to_string())?)
        };
        let pointer = format!("{pointer}/content/{}/schema", escape(media));
        self.check(&pointer, &value)
            .map_err(|wrong| format!("{method} {path} {status}: {wrong}"))
    }

    /// Whether a request is as described: no unknown parameter, none missing, all valid, and the body too.
    pub(crate) fn validate_request(
        &self,
        method: &str,
        path: &str,
        query: &[(String, String)],
        body: Option<&[u8]>,
    ) -> Result<(), String> {
        let (pointer, operation) = self.find(method, path)?;
        let mut known = HashMap::new();
        let count = operation["parameters"].as_array().map_or(0, Vec::len);
        for place in 0..count {
            let (pointer, parameter) = self.resolve(&format!("{pointer}/parameters/{place}"))?;
            if parameter["in"] == "query" {
                let name = parameter["name"].as_str().unwrap_or_default().to_owned();
                if parameter["required"] == true && !query.iter().any(|(given, _)| *given == name) {
                    return Err(format!("{method} {path}: parameter '{name}' is missing"));
                }
                known.insert(name, format!("{pointer}/schema"));
            }
        }
        for (name, text) in query {
            let pointer = known
                .get(name)
                .ok_or_else(|| format!("{method} {path}: parameter '{name}' is not described"))?;
            // A query has no types: what the schema takes in any reading is good.
            let mut readings = vec![Value::from(text.as_str())];
            readings.extend(serde_json::from_str::<Value>(text).ok());
            // A parameter that is repeated for several values is described as a list of them.
            readings.push(json!([text]));
            let good = readings
                .iter()
                .any(|value| self.check(pointer, value).is_ok());
            if !good {
                return Err(format!(
                    "{method} {path}: parameter '{name}' has a bad value"
                ));
            }
        }
        match (
            operation.get("requestBody"),
            body.filter(|body| !body.is_empty()),
        ) {
            (Some(_), Some(body)) => {
                let value: Value =
                    serde_json::from_slice(body).map_err(|error| error.to_string())?;
                let pointer = format!(
                    "{pointer}/requestBody/content/{}/schema",
                    escape("application/json")
                );
                self.check(&pointer, &value)
                    .map_err(|wrong| format!("{method} {path}: body: {wrong}"))
            }
            (Some(described), None) if described["required"] == true => {
                Err(format!("{method} {path}: the body is missing"))
            }
            (None, Some(_)) => Err(format!("{method} {path}: a body is not described")),
            (Some(_) | None, None) => Ok(()),
        }
    }

    fn find(&self, method: &str, path: &str) -> Result<(String, &Value), String> {
        let operation = self
            .operation(method, path)
            .ok_or_else(|| format!("{method} {path} is not described"))?;
        let pointer = format!(
            "/paths/{}/{}",
            escape(&operation.path),
            operation.method.to_lowercase()
        );
        let value = self.document.pointer(&pointer).ok_or("no such operation")?;
        Ok((pointer, value))
    }

    /// What a pointer points at, one reference followed.
    fn resolve(&self, pointer: &str) -> Result<(String, &Value), String> {
        let value = self.document.pointer(pointer).ok_or("no such part")?;
        match value.get("$ref").and_then(Value::as_str) {
            Some(target) => self.resolve(target.trim_start_matches('#')),
            None => Ok((pointer.to_owned(), value)),
        }
    }

    fn check(&self, pointer: &str, value: &Value) -> Result<(), String> {
        let mut validators = self
            .validators
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        let validator = validators.entry(pointer.to_owned()).or_insert_with(|| {
            let mut schema = Map::new();
            // A path's parameters stand in braces, which no URI may have.
            let target = pointer.replace('{', "%7B").replace('}', "%7D");
            schema.insert("$ref".into(), json!(format!("#{target}")));
            schema.insert("components".into(), self.document["components"].clone());
            schema.insert("paths".into(), self.document["paths"].clone());
            jsonschema::options()
                .with_draft(jsonschema::Draft::Draft202012)
                .should_validate_formats(true)
                .build(&Value::from(schema))
                .expect("the contract's schemas are sound")
        });
        let wrong: Vec<String> = validator
            .iter_errors(value)
            .take(3)
            .map(|error| format!("{}: {error}", error.instance_path()))
            .collect();
        if wrong.is_empty() {
            Ok(())
        } else {
            Err(wrong.join("; "))
        }
    }
}

/// A name as part of a JSON pointer.
fn escape(name: &str) -> String {
    name.replace('~', "~0").replace('/', "~1")
}

/// Whether a path belongs to a template.
fn matches_template(template: &str, path: &str) -> bool {
    let (template, path): (Vec<_>, Vec<_>) =
        (template.split('/').collect(), path.split('/').collect());
    template.len() == path.len()
        && template
            .iter()
            .zip(&path)
            .all(|(known, given)| known == given || (known.starts_with('{') && !given.is_empty()))
}

#[test]
fn the_others_have_thirteen_and_twenty_one_and_seventeen() {
    assert_eq!(LEAKS_AI.operations().len(), 13);
    assert_eq!(LEAKED_CHECKER.operations().len(), 21);
    assert_eq!(HIBP.operations().len(), 17);
}

#[test]
fn projectdiscovery_has_fifteen_operations() {
    let operations = operations();
    assert_eq!(operations.len(), 15);
    assert!(operations.iter().all(|operation| !operation.id.is_empty()));
}

#[test]
fn answers_that_differ_from_the_contract_are_found() {
    let check = |status, media, body: &str| {
        validate_response("GET", "/v1/leaks", status, media, body.as_bytes())
    };
    assert_eq!(
        check(200, "application/json; charset=utf-8", r#"{"data":[]}"#),
        Ok(())
    );
    assert_eq!(check(200, "application/json", r#"{"data":null}"#), Ok(()));
    assert!(check(200, "application/json", r#"{"data":{}}"#).is_err());
    assert!(check(200, "application/json", r#"{"data":[{"id":"short"}]}"#).is_err());
    assert!(check(200, "text/html", "<p>").is_err());
    assert!(check(200, "application/json", "{").is_err());
    assert!(check(204, "application/json", "{}").is_err());
    assert!(check(401, "application/json", "{}").is_err());
    assert!(check(418, "application/json", r#"{"message":"no"}"#).is_ok());
    assert!(validate_response("GET", "/v2", 200, "application/json", b"{}").is_err());
}

#[test]
fn an_answer_without_a_described_body_has_none() {
    let check = |body: &[u8]| {
        LEAKED_CHECKER.validate_response("DELETE", "/api-keys/key-1", 200, "application/json", body)
    };
    assert_eq!(check(b""), Ok(()));
    assert!(check(b"{}").is_err());
}

#[test]
fn requests_that_differ_from_the_contract_are_found() {
    let check = |query: &[(&str, &str)]| {
        let query: Vec<_> = query
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect();
        validate_request("GET", "/v1/leaks", &query, None)
    };
    assert_eq!(
        check(&[("limit", "1000"), ("type", "employee"), ("search", "41")]),
        Ok(())
    );
    assert!(check(&[("limit", "many")]).is_err());
    assert!(check(&[("type", "staff")]).is_err());
    assert!(check(&[("page", "1")]).is_err());
    assert!(validate_request("GET", "/v1/leaks/stats/domain", &[], None).is_err());
    let update =
        |body: &str| validate_request("POST", "/v1/leaks/status", &[], Some(body.as_bytes()));
    assert_eq!(
        update(r#"{"leakid":"7f1c0d6b2a9e4c5381d2f60a4be7915c","status":"fixed"}"#),
        Ok(())
    );
    assert!(update(r#"{"leakid":"7f1c","status":"fixed"}"#).is_err());
    assert!(update(r#"{"leakids":[],"status":"fixed"}"#).is_err());
    assert!(validate_request("POST", "/v1/leaks/status", &[], None).is_err());
}
