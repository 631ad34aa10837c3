//! Proofs of the ownership of domains: a record that is found at the second look, and mails that go nowhere.

use std::collections::BTreeMap;

use serde_json::Value;

use super::super::rng::mix;
use super::super::system::{Answer, Call};
use super::accounts::VERIFIED;

/// Role addresses that a mail may go to.
const ALIASES: [&str; 5] = ["admin", "postmaster", "webmaster", "security", "hostmaster"];

/// Looks until a record is found.
const LOOKS: u32 = 2;

/// The proofs that were begun.
#[derive(Debug)]
pub(super) struct Proofs {
    seed: u64,
    /// How often a domain's record was looked for.
    looks: BTreeMap<String, u32>,
}

impl Proofs {
    /// Without any.
    pub(super) fn new(seed: u64) -> Self {
        Self {
            seed,
            looks: BTreeMap::new(),
        }
    }

    /// As at the start.
    pub(super) fn reset(&mut self) {
        self.looks.clear();
    }

    /// Whether a domain was proven here.
    pub(super) fn is_verified(&self, domain: &str) -> bool {
        self.looks.get(domain).is_some_and(|looks| *looks >= LOOKS)
    }

    /// The domains that were proven here.
    pub(super) fn verified(&self) -> impl Iterator<Item = &String> {
        let all = self.looks.iter();
        all.filter(|(_, looks)| **looks >= LOOKS)
            .map(|(name, _)| name)
    }

    /// What to publish; the same on asking again.
    pub(super) fn start(&mut self, call: &Call) -> Result<Answer, Answer> {
        let (domain, _) = self.asked(call)?;
        let record = self.record(&domain);
        self.looks.entry(domain).or_default();
        Ok(Answer::json(
            200,
            &serde_json::json!({ "txtRecordValue": record }),
        ))
    }

    /// Looks for the record. `never` in the name is never found; `other` has another one.
    pub(super) fn check(&mut self, call: &Call) -> Result<Answer, Answer> {
        let (domain, _) = match self.asked(call) {
            // The contract has no such refusal here.
            Err(answer) if answer.status == 400 && self.is_proven(call) => {
                return Ok(Answer::empty(200));
            }
            asked => asked?,
        };
        let record = self.record(&domain);
        let looks = self.looks.entry(domain.clone()).or_default();
        if domain.contains("other") {
            return Err(Answer::message(
                404,
                &format!(
                    "Expected a TXT record of {record} but instead found hibp-verify=dweb_77a1\u{1b}[31m\u{202e}"
                ),
            ));
        }
        if domain.contains("never") || *looks + 1 < LOOKS {
            *looks = if domain.contains("never") {
                0
            } else {
                *looks + 1
            };
            return Err(Answer::message(
                404,
                "No hibp-verify TXT records were found on the domain.",
            ));
        }
        *looks += 1;
        Ok(Answer::empty(200))
    }

    /// Sends a mail to nobody.
    pub(super) fn mail(&mut self, call: &Call) -> Result<Answer, Answer> {
        let (_, body) = self.asked(call)?;
        let alias = body.get("EmailAlias").and_then(Value::as_str);
        match alias {
            None => Err(Answer::message(
                400,
                "No emailAlias field was passed in the request body.",
            )),
            Some(alias) if ALIASES.contains(&alias) => Ok(Answer::empty(200)),
            Some(_) => Err(Answer::message(
                400,
                "The alias is not one that mail is sent to.",
            )),
        }
    }

    fn record(&self, domain: &str) -> String {
        let sum = domain.bytes().fold(self.seed, |sum, byte| {
            mix(sum.rotate_left(7) ^ u64::from(byte))
        });
        format!("hibp-verify=dweb_{:08x}", sum >> 32)
    }

    fn is_proven(&self, call: &Call) -> bool {
        let body: Value = serde_json::from_slice(&call.body).unwrap_or_default();
        let name = body["DomainName"]
            .as_str()
            .unwrap_or_default()
            .to_lowercase();
        VERIFIED.contains(&&*name) || self.is_verified(&name)
    }

    /// The domain and the body of a call, where they are good.
    fn asked(&self, call: &Call) -> Result<(String, Value), Answer> {
        if call.faults.odd.small_plan {
            return Err(Answer::message(
                403,
                "Your subscription does not have permission to add domains. Please contact support if you believe this is an error.",
            ));
        }
        let body: Value =
            serde_json::from_slice(&call.body).map_err(|_| Answer::message(400, "Invalid JSON"))?;
        let name = body["DomainName"]
            .as_str()
            .unwrap_or_default()
            .to_lowercase();
        if !name.contains('.') || name.contains(['@', '/', ' ']) {
            return Err(Answer::message(
                400,
                "An invalid domain was provided with the request",
            ));
        }
        if VERIFIED.contains(&&*name) || self.is_verified(&name) {
            return Err(Answer::message(400, "Domain has already been verified."));
        }
        Ok((name, body))
    }
}
