//! Lookups: whether an address, a domain, a password, a card or a number is known to be leaked, and how sure that is.

pub mod input;

use super::{
    breach::{Breach, Paste},
    error::ProviderError,
    raw_text::RawText,
    secret::Secret,
};
use serde::Serialize;

/// What is looked up. Secrets come in as [`Secret`] and are zeroed with it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Lookup {
    /// An address.
    Email(String),
    /// A domain.
    Domain(String),
    /// A password: only five characters of its hash leave.
    Password(Secret),
    /// A password by the hash that Windows keeps of it: only five characters of that leave.
    Ntlm(Secret),
    /// A card number, its digits alone, Luhn's sum right.
    Card(Secret),
    /// The last four digits of a social security number.
    Ssn(Secret),
}

/// What kind of thing is looked up.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    Hash,
    Serialize,
    strum::EnumString,
    strum::Display,
    strum::EnumIter,
)]
#[serde(rename_all = "lowercase")]
#[strum(serialize_all = "lowercase")]
pub enum LookupKind {
    /// An address.
    Email,
    /// A domain.
    Domain,
    /// A password.
    Password,
    /// A card number.
    Card,
    /// A social security number's last four digits.
    Ssn,
}

impl LookupKind {
    /// Whether what is looked up is a secret: its input is hidden and never an argument.
    pub fn is_secret(self) -> bool {
        matches!(self, Self::Password | Self::Card | Self::Ssn)
    }
}

impl Lookup {
    /// What kind of thing it is.
    pub fn kind(&self) -> LookupKind {
        match self {
            Self::Email(_) => LookupKind::Email,
            Self::Domain(_) => LookupKind::Domain,
            Self::Password(_) | Self::Ntlm(_) => LookupKind::Password,
            Self::Card(_) => LookupKind::Card,
            Self::Ssn(_) => LookupKind::Ssn,
        }
    }

    /// What is asked for, after normalising; nothing of a secret.
    pub fn requested_text(&self) -> Option<&str> {
        match self {
            Self::Email(text) | Self::Domain(text) => Some(text),
            Self::Password(_) | Self::Ntlm(_) | Self::Card(_) | Self::Ssn(_) => None,
        }
    }

    /// What may be shown of it: an address or a name as it is, a card by its last four digits, else nothing.
    pub fn display_text(&self) -> Option<String> {
        match self {
            Self::Email(text) | Self::Domain(text) => Some(text.clone()),
            Self::Card(digits) => {
                let digits = digits.expose();
                let last = digits.get(digits.len().checked_sub(4)?..)?;
                Some(format!("****-****-****-{}", String::from_utf8_lossy(last)))
            }
            Self::Password(_) | Self::Ntlm(_) | Self::Ssn(_) => None,
        }
    }
}

/// What an answer comes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, strum::Display)]
#[serde(rename_all = "lowercase")]
#[strum(serialize_all = "lowercase")]
pub enum Verdict {
    /// Nothing is known of it there.
    Clean,
    /// The answer proves nothing.
    Inconclusive,
    /// It is known there.
    Found,
}

/// What an answer is worth as evidence.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, strum::Display)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum EvidenceGrade {
    /// The service's own answer, whole.
    Answered,
    /// The service's own words for that there is nothing.
    NotFound,
    /// The service, or what stands before it, would not say.
    Refused,
    /// Something else answered: a gateway, a proxy, a portal, a framework, an interface that was retired.
    NotThisService,
    /// Nothing came, or it cannot be read, in whole or in part.
    Unreadable,
    /// A count or a flag in it says something else than what came with it.
    Contradictory,
}

impl EvidenceGrade {
    /// Whether the answer is the service's own and whole: only such a one can say that something is clean.
    pub fn is_conclusive(self) -> bool {
        matches!(self, Self::Answered | Self::NotFound)
    }

    /// What an error is worth.
    pub fn from_error(error: &ProviderError) -> Self {
        match error {
            ProviderError::NotFound { .. } => Self::NotFound,
            ProviderError::NotThisService { .. } => Self::NotThisService,
            ProviderError::Malformed { .. }
            | ProviderError::Unreachable { .. }
            | ProviderError::Timeout { .. }
            | ProviderError::Cancelled => Self::Unreadable,
            ProviderError::Unauthorised { .. }
            | ProviderError::Keyless { .. }
            | ProviderError::Payment { .. }
            | ProviderError::Forbidden { .. }
            | ProviderError::RateLimited { .. }
            | ProviderError::Rejected { .. }
            | ProviderError::Unsupported { .. }
            | ProviderError::Policy { .. } => Self::Refused,
        }
    }
}

/// What one operation found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// What it comes to.
    pub verdict: Verdict,
    /// How often, where the answer says.
    pub count: Option<u64>,
    /// Breaches; only their names where the answer has no more.
    pub breaches: Vec<Breach>,
    /// Pastes.
    pub pastes: Vec<Paste>,
    /// Addresses of a domain that were breached, by their local part.
    pub accounts: Vec<RawText>,
    /// What to know about this answer, in our words.
    pub note: Option<&'static str>,
    /// What the answer is worth.
    pub evidence: EvidenceGrade,
    /// Why it is worth no more, in our words; of a "not found" the service's own words.
    pub message: Option<String>,
}

impl Finding {
    /// Nothing is known.
    pub fn clean() -> Self {
        Self {
            verdict: Verdict::Clean,
            count: None,
            breaches: Vec::new(),
            pastes: Vec::new(),
            accounts: Vec::new(),
            note: None,
            evidence: EvidenceGrade::Answered,
            message: None,
        }
    }

    /// Breaches; what they come to is for the judgement of their answer to say.
    pub fn of_breaches(breaches: Vec<Breach>) -> Self {
        Self {
            count: Some(breaches.len() as u64),
            breaches,
            ..Self::clean()
        }
    }
}

/// One operation's answer to a lookup.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LookupAnswer {
    /// The operation's name in the contract.
    pub operation: &'static str,
    /// What it found, or why it did not answer.
    pub result: Result<Finding, ProviderError>,
}

impl LookupAnswer {
    /// What it is worth.
    pub fn evidence(&self) -> EvidenceGrade {
        match &self.result {
            Ok(finding) => finding.evidence,
            Err(error) => EvidenceGrade::from_error(error),
        }
    }

    /// What it comes to. Only an answer of the service's own, read whole, makes anything clean.
    pub fn verdict(&self) -> Verdict {
        match &self.result {
            Ok(finding)
                if finding.verdict == Verdict::Clean && !finding.evidence.is_conclusive() =>
            {
                Verdict::Inconclusive
            }
            Ok(finding) => finding.verdict,
            Err(_) => Verdict::Inconclusive,
        }
    }

    /// Why it is no better evidence, or what the service said of it.
    pub fn message(&self) -> Option<String> {
        match &self.result {
            Ok(finding) => finding
                .message
                .clone()
                .or_else(|| finding.note.map(str::to_owned)),
            Err(error) => Some(error.in_full()),
        }
    }
}

/// The verdict of all answers together: found by one is found; else one that proves nothing leaves it open, as does one
/// that did not come.
pub fn combined_verdict<'a>(answers: impl IntoIterator<Item = &'a LookupAnswer>) -> Verdict {
    let mut all = None;
    for answer in answers {
        all = all.max(Some(answer.verdict()));
    }
    all.unwrap_or(Verdict::Inconclusive)
}

/// Whether digits can be a card number: 12 to 19 of them, and Luhn's sum is right.
pub fn is_card(digits: &[u8]) -> bool {
    if !(12..=19).contains(&digits.len()) || !digits.iter().all(u8::is_ascii_digit) {
        return false;
    }
    let sum: u32 = digits
        .iter()
        .rev()
        .enumerate()
        .map(|(place, digit)| {
            let digit = u32::from(digit - b'0');
            match place % 2 {
                0 => digit,
                _ if digit > 4 => digit * 2 - 9,
                _ => digit * 2,
            }
        })
        .sum();
    sum.is_multiple_of(10)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(result: Result<Verdict, ProviderError>) -> LookupAnswer {
        let finding = |verdict| Finding {
            verdict,
            count: None,
            breaches: Vec::new(),
            pastes: Vec::new(),
            accounts: Vec::new(),
            note: None,
            evidence: EvidenceGrade::Answered,
            message: None,
        };
        LookupAnswer {
            operation: "x",
            result: result.map(finding),
        }
    }

    #[test]
    fn one_hit_is_found_and_silence_is_never_clean() {
        let clean = answer(Ok(Verdict::Clean));
        let found = answer(Ok(Verdict::Found));
        let failed = answer(Err(ProviderError::Cancelled));
        assert_eq!(combined_verdict([&clean, &found, &failed]), Verdict::Found);
        assert_eq!(combined_verdict([&clean, &failed]), Verdict::Inconclusive);
        assert_eq!(combined_verdict([&clean]), Verdict::Clean);
        assert_eq!(combined_verdict([]), Verdict::Inconclusive);
    }

    #[test]
    fn nothing_is_clean_by_an_answer_that_is_not_the_services_own() {
        for evidence in [
            EvidenceGrade::Refused,
            EvidenceGrade::NotThisService,
            EvidenceGrade::Unreadable,
            EvidenceGrade::Contradictory,
        ] {
            for (told, expected) in [
                (Verdict::Clean, Verdict::Inconclusive),
                (Verdict::Found, Verdict::Found),
            ] {
                let mut answer = answer(Ok(told));
                if let Ok(finding) = &mut answer.result {
                    finding.evidence = evidence;
                }
                assert_eq!(combined_verdict([&answer]), expected, "{evidence}");
            }
        }
    }

    #[test]
    fn luhn_tells_a_card_from_a_slip() {
        assert!(is_card(b"5555555555554444"));
        assert!(is_card(b"4111111111111111"));
        assert!(!is_card(b"5555555555554445"));
        assert!(!is_card(b"0000"));
        assert!(!is_card(b"5555-5555-5555-4444"));
        let card = Lookup::Card(Secret::from("5555555555554444".to_owned()));
        assert_eq!(card.display_text().as_deref(), Some("****-****-****-4444"));
    }
}
