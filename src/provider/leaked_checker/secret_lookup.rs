//! Looking up what must not be seen: of a password five characters of its hash leave, a card and a number leave in a
//! body that is zeroed. Each is sent once, whatever comes of it: a lost answer may have cost one of a few.

use super::{LeakedChecker, external_request, malformed_error, policy_error, wire};
use crate::{
    entity::{
        breach::Breach,
        error::ProviderError,
        lookup::{Finding, Lookup, LookupAnswer, Verdict, is_card},
        raw_text::RawText,
        secret::Secret,
    },
    http::{HttpResponse, Media, NotFound, Request, json::Value},
    provider::{
        breach::range::{self, Hash},
        judge::{self, Judgement, Totals},
    },
};
use zeroize::Zeroizing;

const FOUR_DIGITS_NOTE: &str = "four digits stand for 10,000 values only, and many people share each: a hit says little about one person";

impl LeakedChecker {
    pub(super) async fn look_up_password(&self, password: &Secret) -> LookupAnswer {
        LookupAnswer {
            operation: "checkPasswordPrefix",
            result: self.find_password(password).await,
        }
    }

    async fn find_password(&self, password: &Secret) -> Result<Finding, ProviderError> {
        let hash = Hash::sha1(password.expose());
        let prefix = hash.prefix();
        // Public: with the key the provider would know which account looks it up.
        let request = external_request(&["leakedpassword", prefix])
            .header("add-padding", "true")
            .accepts(&[Media::Plain, Media::Json])
            .with_not_found(NotFound::Failure)
            .without_key();
        match self.transport.write(&request).await {
            Ok(reply) => Ok(range::compare(&reply, &hash)),
            Err(ProviderError::NotFound { message, .. }) => Ok(range::not_said(message)),
            Err(error) => Err(error),
        }
    }

    pub(super) async fn look_up_card(&self, digits: &Secret) -> LookupAnswer {
        LookupAnswer {
            operation: "checkCard",
            result: self.find_card(digits).await,
        }
    }

    async fn find_card(&self, digits: &Secret) -> Result<Finding, ProviderError> {
        if !is_card(digits.expose()) {
            return Err(policy_error(
                "that is no card number: its digits do not add up, and nothing was sent",
            ));
        }
        let reply = self.post("breachedcc", "cc_num", digits).await?;
        let mut finding = parse_finding(reply.json()?)?;
        let masked = Lookup::Card(digits.clone())
            .display_text()
            .unwrap_or_default();
        for breach in &mut finding.breaches {
            mask(breach, digits.expose(), &masked);
        }
        Ok(finding)
    }

    pub(super) async fn look_up_number(&self, digits: &Secret) -> LookupAnswer {
        LookupAnswer {
            operation: "checkSsn",
            result: self.find_number(digits).await,
        }
    }

    async fn find_number(&self, digits: &Secret) -> Result<Finding, ProviderError> {
        let four = digits.expose().len() == 4 && digits.expose().iter().all(u8::is_ascii_digit);
        if !four {
            return Err(policy_error(
                "the last four digits alone are looked up, and nothing was sent",
            ));
        }
        let reply = self.post("breachedssn", "last4", digits).await?;
        Ok(Finding {
            note: Some(FOUR_DIGITS_NOTE),
            ..parse_finding(reply.json()?)?
        })
    }

    /// Sends digits in a body. They are digits and no more: nothing in them needs an escape.
    async fn post(
        &self,
        operation: &str,
        member: &str,
        digits: &Secret,
    ) -> Result<HttpResponse, ProviderError> {
        if let Some(error) = self.secret_refusal() {
            return Err(error);
        }
        let [before, after] = [format!("{{\"{member}\":\""), "\"}".to_owned()];
        // Of its full size from the start: a buffer that grows leaves a copy behind.
        let size = before.len() + digits.expose().len() + after.len();
        let mut body = Zeroizing::new(Vec::with_capacity(size));
        body.extend_from_slice(before.as_bytes());
        body.extend_from_slice(digits.expose());
        body.extend_from_slice(after.as_bytes());
        let request = Request::post(&["external", operation])
            .redact(digits.expose())
            .secret_json(body);
        self.transport.write(&request).await
    }
}

/// Reads the answer about a card or a number, which says found or not in the same words.
fn parse_finding(value: Value<'_>) -> Result<Finding, ProviderError> {
    let data = wire::object(value, &[])?;
    let list = data.get("breaches").filter(|list| !list.is_null());
    let (mut breaches, mut unreadable) = (Vec::new(), 0);
    for item in list.into_iter().flat_map(Value::elements) {
        match wire::parse_breach_source(item) {
            Some(breach) => breaches.push(breach),
            None => unreadable += 1,
        }
    }
    if list.is_some_and(|list| !list.is_array()) {
        unreadable += 1;
    }
    let [counted] = data.pick(["breach_count"]);
    let count = counted.value.and_then(Value::count);
    let mut totals = Totals::default();
    totals.add("breach_count", counted);
    let came = breaches.len() as u64 + u64::from(unreadable);
    let contradiction = totals.contradiction_with(came);
    let said = data.get("is_breached").and_then(wire::parse_bool);
    // Whatever of the three says so: a hit must not be lost to a contradiction.
    let is_found =
        said == Some(true) || count.is_some_and(|count| count > 0) || !breaches.is_empty();
    if !is_found && said.is_none() {
        return Err(malformed_error(
            "it does not say whether anything was found",
        ));
    }
    let denies = said == Some(false) && is_found;
    let has_none = said == Some(true) && count == Some(0) && came == 0;
    let contradiction = contradiction.or_else(|| {
        (denies || has_none).then(|| "it says both that it was found and that not".to_owned())
    });
    let answered = judge::checked_items(breaches, unreadable, contradiction);
    let (evidence, message) = (answered.evidence(), answered.message());
    let breaches = Judgement::Items(answered).into_listed()?.items;
    Ok(Finding {
        verdict: match (is_found, evidence.is_conclusive()) {
            (true, _) => Verdict::Found,
            (false, true) => Verdict::Clean,
            (false, false) => Verdict::Inconclusive,
        },
        evidence,
        message,
        count: count.or(Some(breaches.len() as u64)),
        ..Finding::of_breaches(breaches)
    })
}

/// Hides the number in texts of the provider's that repeat it, whatever stands between its digits.
fn mask(breach: &mut Breach, digits: &[u8], masked: &str) {
    let hide = |text: &mut RawText| {
        let bytes = text.as_bytes().iter().copied();
        let bare = Zeroizing::new(bytes.filter(u8::is_ascii_digit).collect::<Vec<u8>>());
        if memchr::memmem::find(&bare, digits).is_some() {
            *text = RawText::from(masked);
        }
    };
    hide(&mut breach.name);
    let rest = [
        &mut breach.title,
        &mut breach.domain,
        &mut breach.date,
        &mut breach.added_at,
    ];
    rest.into_iter().flatten().for_each(hide);
    breach.data_classes.iter_mut().for_each(hide);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_that_is_repeated_is_masked_whatever_stands_between() {
        let mut breach = Breach {
            name: RawText::from("hit 5555-5555 5555.4444!"),
            title: Some(RawText::from("BrightCart 2025")),
            ..Breach::default()
        };
        mask(&mut breach, b"5555555555554444", "****-****-****-4444");
        assert_eq!(breach.name, RawText::from("****-****-****-4444"));
        assert_eq!(breach.title, Some(RawText::from("BrightCart 2025")));
    }
}
