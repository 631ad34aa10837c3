//! `GET /v1/domain/associated`: domains that belong together, as JSON or one a line.

use std::collections::BTreeMap;

use jiff::ToSpan as _;
use serde_json::{Value, json};

use super::super::rng::{SplitMix, mix};
use super::super::system::{Answer, Call};
use super::super::word_lists::MONITORED_DOMAINS;
use super::ProjectDiscovery;
use super::query::last_value;

/// Related domains of each watched one.
const RELATED_PER_DOMAIN: usize = 14;

/// Where a relation is known from.
const SOURCES: [&str; 3] = [
    "acquisition_history",
    "certificate_history",
    "whois_history",
];

/// What related names are made with.
const NAME_PARTS: [&str; RELATED_PER_DOMAIN] = [
    "app", "cloud", "group", "holding", "labs", "mail", "online", "pay", "research", "services",
    "shop", "status", "support", "tech",
];

struct RelatedDomain {
    domain: String,
    source: &'static str,
    active: bool,
    subdomains: u64,
    updated: String,
}

impl RelatedDomain {
    fn to_json(&self) -> Value {
        let mut evidence = json!({
            "active": self.active,
            "subdomain_count": self.subdomains,
            "update_date": self.updated,
        });
        let (name, value) = match self.source {
            "acquisition_history" => ("acquirer_name", "Northlake Group"),
            "certificate_history" => ("cert_issuer", "Sample Trust CA"),
            _ => ("registrar", "Sample Registrar"),
        };
        evidence[name] = Value::from(value);
        json!({ "domain": self.domain, "sources": [self.source], "evidence": evidence })
    }
}

impl ProjectDiscovery {
    pub(super) fn associated(&mut self, call: &Call) -> Result<Answer, Answer> {
        let given = |name| last_value(&call.query, name).filter(|value| !value.is_empty());
        let raw = parse_bool(given("raw"))?.unwrap_or(false);
        let active = parse_bool(given("active"))?;
        let sources: Vec<&str> = given("source").map_or(vec![], |list| list.split(',').collect());
        if sources.iter().any(|source| !SOURCES.contains(source)) {
            return Err(invalid());
        }
        let limit = parse_integer(given("limit"))?;
        let page = parse_integer(given("page"))?.unwrap_or(1);
        let asked = given("domain").map(str::to_lowercase);

        let mut related = self.related_domains(asked.as_deref());
        related.retain(|one| sources.is_empty() || sources.contains(&one.source));
        related.retain(|one| active.is_none_or(|active| one.active == active));
        match given("sort") {
            None | Some("domain") => related.sort_by(|one, two| one.domain.cmp(&two.domain)),
            Some("active") => related.sort_by_key(|one| !one.active),
            Some("source") => related.sort_by_key(|one| one.source),
            Some("subdomain_count") => {
                related.sort_by_key(|one| std::cmp::Reverse(one.subdomains));
            }
            Some("update_date") => related.sort_by(|one, two| two.updated.cmp(&one.updated)),
            Some(_) => return Err(invalid()),
        }
        let all = related.len();
        let size = limit.unwrap_or(all.max(1));
        let part: Vec<&RelatedDomain> = related
            .iter()
            .skip((page - 1).saturating_mul(size))
            .take(size)
            .collect();
        if raw {
            let names: Vec<&str> = part.iter().map(|one| one.domain.as_str()).collect();
            let lines = names.join(
                "
",
            ) + if names.is_empty() {
                ""
            } else {
                "
"
            };
            return Ok(Answer::bytes(200, "text/plain; charset=utf-8", lines));
        }
        let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
        for one in &related {
            *counts.entry(one.source).or_default() += 1;
        }
        Ok(Answer::json(
            200,
            &json!({
                "domain": asked.unwrap_or_default(),
                "results": part.iter().map(|one| one.to_json()).collect::<Vec<_>>(),
                "sources": counts.keys().collect::<Vec<_>>(),
                "sources_count": counts,
                "unique_count": all,
                "limit": size,
                "page": page,
                "total_count": all,
                "total_pages": all.div_ceil(size),
            }),
        ))
    }

    /// The relations of one domain, or of every proved one.
    fn related_domains(&self, asked: Option<&str>) -> Vec<RelatedDomain> {
        let mut related = Vec::new();
        for watched in &MONITORED_DOMAINS {
            let wanted = match asked {
                Some(domain) => domain == watched.name,
                None => self.register.is_verified(watched.name),
            };
            if !wanted {
                continue;
            }
            let stem = watched.name.trim_end_matches(".example");
            for (place, part) in NAME_PARTS.iter().enumerate() {
                let seed = stem
                    .bytes()
                    .fold(place as u64, |sum, byte| mix(sum ^ u64::from(byte)));
                let mut draw = SplitMix::new(seed);
                let days = draw.below(1_500).cast_signed();
                related.push(RelatedDomain {
                    domain: format!("{stem}-{part}.example"),
                    source: SOURCES[draw.below(3) as usize],
                    active: !draw.one_in(4),
                    subdomains: draw.below(180),
                    updated: self.today.saturating_sub(days.days()).to_string(),
                });
            }
        }
        related
    }
}

fn invalid() -> Answer {
    Answer::message(400, "Invalid request parameters")
}

/// A truth value in a query.
pub(super) fn parse_bool(text: Option<&str>) -> Result<Option<bool>, Answer> {
    text.map(|text| text.parse().map_err(|_| invalid()))
        .transpose()
}

fn parse_integer(text: Option<&str>) -> Result<Option<usize>, Answer> {
    let number = text
        .map(|text| text.parse().map_err(|_| invalid()))
        .transpose()?;
    if number == Some(0) {
        return Err(invalid());
    }
    Ok(number)
}
