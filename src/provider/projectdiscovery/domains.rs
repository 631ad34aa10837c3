//! Domains: verified ones, related ones, proofs of ownership, and the plan that allows them.

use super::{ProjectDiscovery, Team, is_missing, malformed_error, unsupported_error};
use crate::{
    entity::{
        account::{
            RelatedDomain, RelatedDomainQuery, Subscription, VerificationRecord,
            VerificationRequest, VerificationResponse, VerificationType,
        },
        domain::Domain,
        error::ProviderError,
        host,
        key::{EntityKey, Kind, RemoteId},
        page::FullList,
        raw_text::RawText,
    },
    http::{HttpResponse, Media, NotFound, Request, json::Value},
    provider::{judge::Totals, parse::text},
};
use serde_json::{json, value::RawValue};
use std::collections::HashSet;

/// Related domains in one page.
const PAGE_ROWS: u64 = 1000;

/// Pages of related domains; a provider that never ends is not followed for ever.
const MAX_PAGES: u64 = 1000;

impl ProjectDiscovery {
    /// The union of the verified proofs and of the plan's list: either may have been switched off.
    pub(super) async fn verified_domains(&self) -> Result<Vec<Domain>, ProviderError> {
        let mut names = Vec::new();
        let proofs = self.proofs().await;
        let token = match &proofs {
            Err(error) if !is_missing(error) => return Err(error.clone()),
            _ => self.scan_token().await,
        };
        match (&proofs, &token) {
            (Err(_), Err(error)) if is_missing(error) => {
                return Err(unsupported_error("it no longer lists verified domains"));
            }
            (_, Err(error)) if !is_missing(error) => return Err(error.clone()),
            _ => {}
        }
        if let Ok(reply) = &proofs {
            let verified = parse_records(reply)?.into_iter();
            names.extend(
                verified
                    .filter(|record| record.status.as_bytes() == b"verified")
                    .map(|record| record.domain),
            );
        }
        if let Ok(reply) = &token {
            names.extend(verified_names(reply.json()?)?);
        }
        let mut seen = HashSet::new();
        names.retain(|name| {
            !name.is_empty() && seen.insert(host::normalize(name.as_bytes()).into_owned())
        });
        Ok(names
            .into_iter()
            .map(|name| Domain {
                key: EntityKey {
                    profile: self.settings.name.clone(),
                    kind: Kind::Domain,
                    id: RemoteId::from(name.as_bytes()),
                },
                provider: self.settings.provider.clone(),
                name,
                verified: Some(true),
                archived: None,
                leaks: None,
                sources: 1,
            })
            .collect())
    }

    async fn proofs(&self) -> Result<HttpResponse, ProviderError> {
        let request = Request::get(&["v1", "user", "domain-verification", "status"])
            .with_not_found(NotFound::Message);
        let request = self.with_team(request, Team::Documented);
        self.transport.read(&request).await
    }

    pub(super) async fn scan_token(&self) -> Result<HttpResponse, ProviderError> {
        let request = Request::get(&["v1", "scans", "token"]).with_not_found(NotFound::Message);
        let request = self.with_team(request, Team::Documented);
        self.transport.read(&request).await
    }

    pub(super) async fn plan(&self) -> Result<Subscription, ProviderError> {
        let reply = self.scan_token().await?;
        let value = reply.json()?;
        if !is_token(value) {
            return Err(malformed_error("there is no plan in it"));
        }
        let member = |name: &str| {
            let found = value.get(name).filter(|value| !value.is_null());
            found.map(text)
        };
        let mut limits = serde_json::Map::new();
        for (name, value) in value.members() {
            let named = matches!(
                &*name,
                b"subscription_type" | b"end_date" | b"verified_domain"
            );
            if let Ok(name) = std::str::from_utf8(&name)
                && !named
            {
                let value = serde_json::from_slice(value.raw())
                    .unwrap_or_else(|_| String::from_utf8_lossy(value.raw()).into());
                limits.insert(name.to_owned(), value);
            }
        }
        Ok(Subscription {
            profile: self.settings.name.clone(),
            provider: self.settings.provider.clone(),
            plan: member("subscription_type"),
            until: member("end_date"),
            active: None,
            rpm: None,
            limits,
        })
    }

    pub(super) async fn related_domains(
        &self,
        query: &RelatedDomainQuery,
    ) -> Result<FullList<RelatedDomain>, ProviderError> {
        let mut request = Request::get(&["v1", "domain", "associated"]);
        if let Some(domain) = &query.domain {
            request = request.redacted_query("domain", domain);
        }
        if !query.sources.is_empty() {
            request = request.query("source", query.sources.join(","));
        }
        if let Some(active) = query.active {
            request = request.query("active", active);
        }
        if let Some(sort) = &query.sort {
            request = request.query("sort", sort);
        }
        let request = self.with_team(request, Team::Documented);
        if query.raw {
            // Text has no place for a page count: without a limit everything comes at once.
            let request = request.query("raw", true).accepts(&[Media::Plain]);
            return parse_names(&self.transport.read(&request).await?);
        }
        let mut seen = HashSet::new();
        let mut all = FullList::from(Vec::new());
        let (mut came, mut total) = (0, None);
        for page in 1..=MAX_PAGES {
            let request = request
                .clone()
                .query("limit", PAGE_ROWS)
                .query("page", page);
            let reply = self.transport.read(&request).await?;
            let value = reply.json()?;
            let results = value
                .get_unique("results")
                .map_err(|_| malformed_error("it has the same list twice"))?
                .filter(|results| results.is_array())
                .ok_or_else(|| malformed_error("there is no list of domains in it"))?;
            let (mut rows, mut new) = (0, 0);
            for item in results.elements() {
                rows += 1;
                let Some(found) = parse_related(item) else {
                    all.unreadable += 1;
                    continue;
                };
                if seen.insert(found.domain.clone()) {
                    new += 1;
                    all.items.push(found);
                }
            }
            came += rows;
            let [counted, pages] = value.pick(["total_count", "total_pages"]);
            let mut totals = Totals::default();
            totals.add("total_count", counted);
            let pages = pages.value.and_then(Value::count);
            let against = totals.contradiction_with_page(page == 1, rows, pages);
            all.contradiction = all.contradiction.or(against);
            total = totals.agreed_total().or(total);
            let more = pages.map_or(rows >= PAGE_ROWS, |pages| page < pages);
            if new == 0 || !more {
                break;
            }
        }
        if let Some(total) = total.filter(|total| *total != came) {
            all.contradiction
                .get_or_insert_with(|| format!("its total_count is {total}, and {came} came"));
        }
        Ok(all)
    }

    pub(super) async fn verification(
        &self,
        call: &VerificationRequest,
    ) -> Result<VerificationResponse, ProviderError> {
        let (method, last, domain, mut body, how) = match call {
            VerificationRequest::Status => {
                return Ok(VerificationResponse::List(parse_records(
                    &self.proofs().await?,
                )?));
            }
            VerificationRequest::Start { email: Some(_), .. } => {
                return Err(unsupported_error("it proves no domain by mail"));
            }
            VerificationRequest::Start {
                domain,
                method: how,
                ..
            } => (reqwest::Method::POST, "request", domain, json!({}), how),
            VerificationRequest::Confirm {
                domain,
                method: how,
                email,
            } => {
                let body = email
                    .as_ref()
                    .map_or_else(|| json!({}), |email| json!({ "email": email }));
                (reqwest::Method::POST, "confirm", domain, body, how)
            }
            VerificationRequest::Withdraw {
                domain,
                method: how,
            } => (reqwest::Method::DELETE, "request", domain, json!({}), how),
        };
        if let Some(error) = self.change_refusal() {
            return Err(error);
        }
        body["domain"] = json!(domain);
        body["verification_type"] = json!(verification_word(*how));
        let mut request = Request::new(method, &["v1", "user", "domain-verification", last])
            .with_not_found(NotFound::Message)
            .json(&body)
            .redact(domain.as_bytes());
        if let Some(email) = body["email"].as_str() {
            request = request.redact(email.as_bytes());
        }
        let reply = self
            .transport
            .write(&self.with_team(request, Team::Documented))
            .await?;
        let value = reply.json()?;
        let member = |name: &str| value.get(name).filter(|value| !value.is_null()).map(text);
        let answered = member("domain").unwrap_or_else(|| RawText::from(&domain[..]));
        match call {
            VerificationRequest::Start { .. } => {
                let string = member("verification_string")
                    .ok_or_else(|| malformed_error("there is no proof to publish in it"))?;
                Ok(VerificationResponse::Requested {
                    publish: instruction(domain, *how, &string),
                    domain: answered,
                    method: *how,
                    string,
                })
            }
            VerificationRequest::Confirm { .. }
            | VerificationRequest::Withdraw { .. }
            | VerificationRequest::Status => Ok(VerificationResponse::Done {
                domain: answered,
                message: member("message").unwrap_or_default(),
            }),
        }
    }
}

fn verification_word(how: VerificationType) -> &'static str {
    match how {
        VerificationType::Dns => "dns_text_record",
        VerificationType::Html => "html_meta_tag",
        VerificationType::File => "file_upload",
    }
}

/// What to publish where. The proof is the provider's text: it is escaped like any other.
fn instruction(domain: &str, how: VerificationType, string: &RawText) -> String {
    let string = crate::entity::visible::escape(string.as_bytes());
    let string = string.as_str();
    match how {
        VerificationType::Dns => format!(
            "add a TXT record to {domain} itself, with the text projectdiscovery-verification={string}"
        ),
        VerificationType::Html => format!(
            "put <meta name=\"projectdiscovery-verification\" content=\"{string}\" /> into the head of https://{domain}/"
        ),
        VerificationType::File => {
            format!("serve https://{domain}/pd-verification.txt with nothing in it but {string}")
        }
    }
}

fn parse_records(reply: &HttpResponse) -> Result<Vec<VerificationRecord>, ProviderError> {
    let list = reply
        .json()?
        .get_unique("verification_requests")
        .map_err(|_| malformed_error("it has the same list twice"))?
        .filter(|list| list.is_array())
        .ok_or_else(|| malformed_error("there is no list of proofs in it"))?;
    let mut records = Vec::new();
    for item in list.elements() {
        let member = |name: &str| item.get(name).filter(|value| !value.is_null()).map(text);
        let domain = member("domain").filter(|domain| !domain.is_empty());
        records.push(VerificationRecord {
            domain: domain.ok_or_else(|| malformed_error("one of its proofs names no domain"))?,
            status: member("status").unwrap_or_default(),
            method: member("verification_type"),
            string: member("verification_string"),
            created_at: member("created_at"),
            attempts: item.get("verification_attempts").and_then(Value::count),
            last_attempt_at: member("last_attempt_at"),
        });
    }
    Ok(records)
}

/// Whether an answer is about a plan: it has one of the members that only that has.
fn is_token(value: Value<'_>) -> bool {
    ["verified_domain", "subscription_type", "end_date"]
        .iter()
        .any(|name| value.get(name).is_some_and(|member| !member.is_null()))
}

/// The domains that a plan lists; `null` is none.
fn verified_names(value: Value<'_>) -> Result<Vec<RawText>, ProviderError> {
    if !is_token(value) {
        return Err(malformed_error("there is no plan in it"));
    }
    let Some(list) = value.get("verified_domain") else {
        return Ok(Vec::new());
    };
    if !list.is_array() && !list.is_null() {
        return Err(malformed_error("its list of verified domains is none"));
    }
    let names: Option<Vec<RawText>> = list
        .elements()
        .map(|name| name.is_string().then(|| text(name)))
        .collect();
    names.ok_or_else(|| malformed_error("one of its verified domains is no name"))
}

fn parse_related(item: Value<'_>) -> Option<RelatedDomain> {
    let sources = item.get("sources").into_iter().flat_map(Value::elements);
    let evidence = item.get("evidence").filter(|value| !value.is_null());
    Some(RelatedDomain {
        domain: item
            .get("domain")
            .filter(|value| !value.is_null())
            .map(text)?,
        sources: sources.map(text).collect(),
        evidence: evidence.and_then(|value| {
            let text = String::from_utf8_lossy(value.raw()).into_owned();
            RawValue::from_string(text).ok()
        }),
    })
}

/// One name a line.
fn parse_names(reply: &HttpResponse) -> Result<FullList<RelatedDomain>, ProviderError> {
    let lines = reply.body.split(|byte| *byte == b'\n');
    let lines = lines
        .map(<[u8]>::trim_ascii)
        .filter(|line| !line.is_empty());
    let mut all = FullList::from(Vec::new());
    for line in lines {
        let is_name = line.contains(&b'.') && !line.iter().any(u8::is_ascii_whitespace);
        if !is_name {
            all.unreadable += 1;
            continue;
        }
        all.items.push(RelatedDomain {
            domain: RawText::from(line),
            sources: Vec::new(),
            evidence: None,
        });
    }
    if all.is_empty() {
        return Err(malformed_error("there are no names in it"));
    }
    Ok(all)
}
