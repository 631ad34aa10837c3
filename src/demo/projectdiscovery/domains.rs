//! Proofs of ownership, and the plan.
//!
//! A proof that is asked for is pending; confirming it succeeds, for there is nothing to look up, except for a domain
//! whose name begins with `unproven`: its record is never found, and the third try fails it for good. A dropped proof
//! stays on the list as deleted.

use jiff::ToSpan as _;
use jiff::civil::Date;
use serde_json::{Value, json};

use super::super::rng::mix;
use super::super::system::{Answer, Apply, Call};
use super::super::word_lists::MONITORED_DOMAINS;
use super::{ProjectDiscovery, body};

/// Tries until a proof that is not found fails for good.
const MAX_ATTEMPTS: u32 = 3;

#[derive(Clone, Copy, Debug, PartialEq, Eq, strum::EnumString, strum::IntoStaticStr)]
#[strum(serialize_all = "snake_case")]
enum Method {
    DnsTextRecord,
    HtmlMetaTag,
    FileUpload,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, strum::EnumString, strum::IntoStaticStr)]
#[strum(serialize_all = "snake_case")]
enum Standing {
    Pending,
    Verified,
    Expired,
    Deleted,
    Failed,
}

#[derive(Clone, Debug)]
struct Proof {
    domain: String,
    method: Method,
    state: Standing,
    token: String,
    created_at: String,
    last_attempt_at: Option<String>,
    attempts: u32,
}

/// All proofs of the account.
#[derive(Clone, Debug)]
pub(crate) struct ProofRegister {
    seed: u64,
    today: Date,
    proofs: Vec<Proof>,
    /// Writes so far: the stand-in's clock, so that the same calls give the same times.
    ticks: u32,
}

impl ProofRegister {
    /// The proofs at the start.
    pub(crate) fn new(seed: u64, today: Date) -> Self {
        let mut register = Self {
            seed,
            today,
            proofs: Vec::new(),
            ticks: 0,
        };
        register.reset();
        register
    }

    /// As at the start.
    pub(crate) fn reset(&mut self) {
        self.ticks = 0;
        self.proofs.clear();
        for (place, watched) in (1..).zip(&MONITORED_DOMAINS) {
            let Some(standing) = watched.proof.and_then(|word| word.parse().ok()) else {
                continue;
            };
            let day = self.today.saturating_sub((40 * place).days());
            let asked = standing != Standing::Pending;
            self.proofs.push(Proof {
                domain: watched.name.to_owned(),
                method: Method::DnsTextRecord,
                state: standing,
                token: self.token(watched.name),
                created_at: format!("{day}T08:30:00Z"),
                last_attempt_at: asked.then(|| format!("{day}T09:10:00Z")),
                attempts: u32::from(asked),
            });
        }
    }

    /// Whether the account has proved this domain.
    pub(crate) fn is_verified(&self, domain: &str) -> bool {
        self.find(domain)
            .is_some_and(|proof| proof.state == Standing::Verified)
    }

    /// The proved domains.
    pub(crate) fn verified(&self) -> impl Iterator<Item = &str> {
        self.proofs
            .iter()
            .filter(|proof| proof.state == Standing::Verified)
            .map(|proof| proof.domain.as_str())
    }

    fn find(&self, domain: &str) -> Option<&Proof> {
        self.proofs.iter().find(|proof| proof.domain == domain)
    }

    fn find_mut(&mut self, domain: &str) -> Option<&mut Proof> {
        self.proofs.iter_mut().find(|proof| proof.domain == domain)
    }

    fn token(&self, domain: &str) -> String {
        let mixed = domain
            .bytes()
            .fold(self.seed, |sum, byte| mix(sum ^ u64::from(byte)));
        format!("{mixed:016x}{:016x}", mix(mixed))
    }

    fn tick(&mut self) -> String {
        self.ticks += 1;
        let (hour, minute) = (9 + self.ticks / 3_600 % 15, self.ticks / 60 % 60);
        format!(
            "{}T{hour:02}:{minute:02}:{:02}Z",
            self.today,
            self.ticks % 60
        )
    }
}

/// The two members that all three writes have.
fn read(call: &Call) -> Result<(String, Option<Method>), Answer> {
    let object = body::object(&call.body)?;
    let domain = body::text(&object, "domain")?.unwrap_or_default();
    let domain = domain.trim().to_lowercase();
    let method = match body::text(&object, "verification_type")? {
        None | Some("") => None,
        Some(word) => Some(word.parse().map_err(|_| body::invalid())?),
    };
    if domain.is_empty() {
        return Err(body::invalid());
    }
    Ok((domain, method))
}

fn is_root(domain: &str) -> bool {
    let mut labels = domain.split('.');
    let fit = |label: Option<&str>| {
        label.is_some_and(|label| {
            !label.is_empty()
                && label
                    .bytes()
                    .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
        })
    };
    fit(labels.next()) && fit(labels.next()) && labels.next().is_none()
}

/// Whether a fault keeps the write from being done.
fn is_write_dropped(call: &Call) -> bool {
    matches!(call.faults.apply, Apply::All | Apply::OnlyValid)
}

impl ProjectDiscovery {
    pub(super) fn request_verification(&mut self, call: &Call) -> Result<Answer, Answer> {
        let (domain, method) = read(call)?;
        if !is_root(&domain) {
            return Err(Answer::message(400, "Only root domains can be verified"));
        }
        let method = method.unwrap_or(Method::DnsTextRecord);
        let token = self.register.token(&domain);
        if self.register.is_verified(&domain) {
            return Err(Answer::message(400, "Domain is already verified"));
        }
        if is_write_dropped(call) {
            let created_at = self.register.tick();
            self.register.proofs.retain(|proof| proof.domain != domain);
            self.register.proofs.push(Proof {
                domain: domain.clone(),
                method,
                state: Standing::Pending,
                token: token.clone(),
                created_at,
                last_attempt_at: None,
                attempts: 0,
            });
        }
        Ok(Answer::json(
            200,
            &json!({ "domain": domain, "verification_string": token }),
        ))
    }

    pub(super) fn drop_verification(&mut self, call: &Call) -> Result<Answer, Answer> {
        let (domain, method) = read(call)?;
        let method = method.ok_or_else(body::invalid)?;
        let proof = self
            .register
            .find_mut(&domain)
            .filter(|proof| proof.method == method && proof.state != Standing::Deleted);
        let Some(proof) = proof else {
            return Err(Answer::message(400, "No such verification request"));
        };
        if is_write_dropped(call) {
            proof.state = Standing::Deleted;
            self.cache.invalidate_statuses();
        }
        Ok(Answer::json(
            200,
            &json!({ "domain": domain, "message": "Verification request deleted" }),
        ))
    }

    pub(super) fn confirm_verification(&mut self, call: &Call) -> Result<Answer, Answer> {
        let (domain, method) = read(call)?;
        let at = self.register.tick();
        let proof = self.register.find_mut(&domain).filter(|proof| {
            proof.state != Standing::Deleted && method.is_none_or(|method| proof.method == method)
        });
        let Some(proof) = proof else {
            return Err(Answer::message(
                404,
                "No verification request for this domain",
            ));
        };
        let found = !domain.starts_with("unproven");
        if proof.state != Standing::Verified && is_write_dropped(call) {
            proof.attempts += 1;
            proof.last_attempt_at = Some(at);
            if found {
                proof.state = Standing::Verified;
            } else if proof.attempts >= MAX_ATTEMPTS {
                proof.state = Standing::Failed;
            }
            self.cache.invalidate_statuses();
        }
        if !found {
            return Err(Answer::message(400, "Verification record not found"));
        }
        Ok(Answer::json(
            200,
            &json!({ "message": "Domain verified successfully", "domain": domain }),
        ))
    }

    pub(super) fn verification_status(&self) -> Answer {
        let requests = self.register.proofs.iter().map(|proof| {
            let standing: &str = proof.state.into();
            let method: &str = proof.method.into();
            let mut request = json!({
                "domain": proof.domain,
                "status": standing,
                "created_at": proof.created_at,
                "verification_attempts": proof.attempts,
                "verification_type": method,
            });
            if proof.state == Standing::Pending {
                request["verification_string"] = Value::from(proof.token.clone());
            }
            if let Some(at) = &proof.last_attempt_at {
                request["last_attempt_at"] = Value::from(at.clone());
            }
            request
        });
        let requests: Vec<Value> = requests.collect();
        Answer::json(200, &json!({ "verification_requests": requests }))
    }

    pub(super) fn plan_usage(&self) -> Answer {
        let verified: Vec<&str> = self.register.verified().collect();
        let start = self.today.first_of_month();
        let end = start.saturating_add(1.month());
        let left = 20_usize.saturating_sub(verified.len());
        Answer::json(
            200,
            &json!({
                "subscription_type": "ENT",
                "verified_domain": verified,
                "base_domain_count": 20,
                "remaining_domain_count": left,
                "scan_tokens": 10_000,
                "used_scan_token": 1_250,
                "remaining_scan_token": 8_750,
                "is_scannable": true,
                "is_enforced_limit": false,
                "start_date": format!("{start}T00:00:00Z"),
                "end_date": format!("{end}T00:00:00Z"),
            }),
        )
    }
}
