//! Cards and social security numbers: what is asked comes in a body, and goes into no log.

use serde_json::{Value, json};

use super::super::catalogue::{Breach, catalogue};
use super::super::rng::{SplitMix, mix};
use super::super::system::{Answer, Call};
use super::super::word_lists::WordLists;
use super::parameters;
use super::{LeakedChecker, failure, not_found};
use crate::entity::lookup::is_card;

/// Card numbers that card schemes publish for tests; these were leaked, all others were not.
const LEAKED_CARDS: [&str; 5] = [
    "4111111111111111",
    "5555555555554444",
    "378282246310005",
    "6011111111111117",
    "3530111333300000",
];

/// Last digits that were leaked whatever the seed; of the others one in eight.
const LEAKED_LAST: &str = "1234";

/// Hits of one question at most.
const MAX_HITS: u64 = 3;

impl LeakedChecker {
    pub(super) fn card(&self, call: &Call) -> Result<Answer, Answer> {
        let body = parameters::body(call)?;
        let number = body.get("cc_num").and_then(Value::as_str);
        let number: String = number
            .unwrap_or_default()
            .chars()
            .filter(|letter| !matches!(letter, ' ' | '-'))
            .collect();
        if !is_card(number.as_bytes()) {
            return Err(failure(400, "cc_num is not a card number"));
        }
        let masked = mask(&number);
        let hits: Vec<Value> = if LEAKED_CARDS.contains(&number.as_str()) {
            self.hits(&number, &catalogue().with_cards())
                .into_iter()
                .map(|(breach, name)| {
                    json!({
                        "cc_masked": masked,
                        "source": breach.name,
                        "date": breach.breach_date,
                        "details": { "Name": name, "Expiry": "**/**" },
                    })
                })
                .collect()
        } else {
            Vec::new()
        };
        let message = if hits.is_empty() {
            "No breaches found for this credit card."
        } else {
            "Credit card found in breach database."
        };
        Ok(Answer::json(
            200,
            &json!({
                "success": true,
                "message": message,
                "data": {
                    "is_breached": !hits.is_empty(),
                    "cc_masked": masked,
                    "breach_count": hits.len(),
                    "breaches": hits,
                },
            }),
        ))
    }

    pub(super) fn card_email(&mut self, call: &Call) -> Result<Answer, Answer> {
        let account = parameters::account(call)?;
        let email = format!("{}@{}", account.local, account.domain);
        let found = self.accounts().breaches(&account);
        let breaches = found
            .into_iter()
            .filter(|breach| breach.has_cards())
            .map(|breach| {
                json!({
                    "source": breach.name,
                    "email": email,
                    "breach_date": breach.breach_date,
                    "data_classes": breach.data_classes,
                })
            });
        let breaches: Vec<Value> = breaches.collect();
        if breaches.is_empty() {
            return Err(not_found());
        }
        Ok(Answer::json(
            200,
            &json!({ "success": true, "count": breaches.len(), "breaches": breaches }),
        ))
    }

    pub(super) fn ssn(&self, call: &Call) -> Result<Answer, Answer> {
        let body = parameters::body(call)?;
        let last = body
            .get("last4")
            .and_then(Value::as_str)
            .unwrap_or_default();
        if last.len() != 4 || !last.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(failure(400, "last4 is four digits"));
        }
        let leaked = last == LEAKED_LAST || self.draw(last).one_in(8);
        let hits: Vec<Value> = if leaked {
            self.hits(last, &catalogue().with_numbers())
                .into_iter()
                .map(|(breach, name)| json!({ "source": breach.name, "details": { "Name": name } }))
                .collect()
        } else {
            Vec::new()
        };
        let message = if hits.is_empty() {
            "No breaches found for this SSN."
        } else {
            "SSN found in breach database."
        };
        Ok(Answer::json(
            200,
            &json!({
                "success": true,
                "message": message,
                "data": {
                    "is_breached": !hits.is_empty(),
                    "breach_count": hits.len(),
                    "breaches": hits,
                },
            }),
        ))
    }

    fn draw(&self, text: &str) -> SplitMix {
        SplitMix::new(text.bytes().fold(mix(self.seed), |sum, byte| {
            mix(sum.rotate_left(5) ^ u64::from(byte))
        }))
    }

    /// Some of these breaches, one after the other by title, each with somebody's masked name.
    fn hits(&self, text: &str, among: &[&'static Breach]) -> Vec<(&'static Breach, String)> {
        let mut draw = self.draw(&format!("{text} hits"));
        let names = WordLists::load().first_names;
        let all = among.len() as u64;
        let count = (1 + draw.below(MAX_HITS)).min(all);
        let first = draw.below(all - count + 1);
        let some = among.iter().skip(first as usize).take(count as usize);
        some.map(|breach| {
            let name = names.get(draw.below(names.len() as u64) as usize);
            let mut letters = name.copied().unwrap_or_default().chars();
            let initial = letters.next().map(|letter| letter.to_ascii_uppercase());
            let name: String = initial.into_iter().chain(letters.take(2)).collect();
            (*breach, format!("{name}***"))
        })
        .collect()
    }
}

fn mask(number: &str) -> String {
    let last = number.len().saturating_sub(4);
    format!("****-****-****-{}", number.get(last..).unwrap_or_default())
}
