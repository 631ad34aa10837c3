//! Proofs of the ownership of domains: a record in the domain's DNS, or a mail to a role address of it. Other ways, and
//! taking a domain out, exist on the service's own pages alone.

use super::{Hibp, policy_error, unsupported_error};
use crate::{
    entity::{
        account::{VerificationRequest, VerificationResponse, VerificationType},
        error::ProviderError,
        raw_text::RawText,
    },
    http::{NotFound, Request},
    provider::{DomainVerification, breach::wire},
};
use async_trait::async_trait;
use serde_json::json;

/// What the service says of a domain that is proven: an error to it, and none to whoever wants it proven.
const ALREADY: &str = "domain has already been verified";

#[async_trait]
impl DomainVerification for Hibp {
    async fn verify(
        &self,
        call: &VerificationRequest,
    ) -> Result<VerificationResponse, ProviderError> {
        match call {
            VerificationRequest::Status => Ok(VerificationResponse::List(self.proven().await?)),
            VerificationRequest::Withdraw { .. } => Err(unsupported_error(
                "a domain is taken out on its own pages; there is no call for it",
            )),
            VerificationRequest::Start {
                domain,
                email: Some(address),
                ..
            } => self.mail(domain, address).await,
            VerificationRequest::Start {
                domain,
                method: how,
                ..
            } => {
                is_dns(*how)?;
                self.start(domain).await
            }
            VerificationRequest::Confirm { email: Some(_), .. } => Err(unsupported_error(
                "it tells nobody of a proof; leave --email out, or give it to verify-domain request",
            )),
            VerificationRequest::Confirm {
                domain,
                method: how,
                ..
            } => {
                is_dns(*how)?;
                self.confirm(domain).await
            }
        }
    }
}

impl Hibp {
    fn proof(&self, step: &str, body: &serde_json::Value) -> Result<Request, ProviderError> {
        if self.main.is_insecure() {
            return Err(policy_error("nothing is changed over plain http"));
        }
        let request = Request::post(&["domainverification", step]);
        Ok(request.json(body).may_be_empty())
    }

    async fn start(&self, domain: &str) -> Result<VerificationResponse, ProviderError> {
        let request = self.proof("generatednstoken", &json!({ "DomainName": domain }))?;
        let reply = match self.main.write(&request).await {
            Err(error) if is_proven(&error) => return Ok(already(domain)),
            answer => answer?,
        };
        let record = wire::member(reply.json()?, &["txtRecordValue"]);
        let record = record
            .filter(|record| !record.is_empty())
            .ok_or_else(|| super::malformed_error("there is no record in it"))?;
        Ok(VerificationResponse::Requested {
            domain: domain.into(),
            method: VerificationType::Dns,
            string: record,
            publish: format!("a TXT record with this whole value on {domain} itself"),
        })
    }

    async fn confirm(&self, domain: &str) -> Result<VerificationResponse, ProviderError> {
        let request = self
            .proof("verifydnstoken", &json!({ "DomainName": domain }))?
            .with_not_found(NotFound::Message);
        match self
            .with_proven_address(self.main.write(&request).await)
            .await
        {
            Ok(_) => Ok(done(domain, "verified")),
            Err(error) if is_proven(&error) => Ok(already(domain)),
            // The record may still be on its way: it is not there yet, and nothing is missing that was asked for.
            Err(ProviderError::NotFound { message, .. }) => Err(ProviderError::Rejected {
                status: 404,
                message: Some(match message {
                    Some(words) => format!("not there yet: {words}"),
                    None => "the record is not there yet".to_owned(),
                }),
            }),
            Err(error) => Err(error),
        }
    }

    /// Mails somebody else, once and never again by itself.
    async fn mail(
        &self,
        domain: &str,
        address: &str,
    ) -> Result<VerificationResponse, ProviderError> {
        let (alias, host) = address
            .rsplit_once('@')
            .ok_or_else(|| policy_error("that is no address; nothing was sent"))?;
        if !host.eq_ignore_ascii_case(domain) {
            return Err(policy_error(
                "the address is not one of the domain that is to be proven; nothing was sent",
            ));
        }
        let body = json!({ "DomainName": domain, "EmailAlias": alias });
        let request = self.proof("sendemail", &body)?.redact(address.as_bytes());
        match self.main.write(&request).await {
            Ok(_) => Ok(done(
                domain,
                "the mail was sent; the domain is verified when its link is followed",
            )),
            Err(error) if is_proven(&error) => Ok(already(domain)),
            Err(error) => Err(error),
        }
    }
}

fn is_dns(how: VerificationType) -> Result<(), ProviderError> {
    match how {
        VerificationType::Dns => Ok(()),
        VerificationType::Html | VerificationType::File => Err(unsupported_error(
            "by a page or a file a domain is proven on its own pages; here it takes --type dns, or --email",
        )),
    }
}

fn is_proven(error: &ProviderError) -> bool {
    matches!(
        error,
        ProviderError::Rejected { status: 400, message: Some(words) }
            if words.to_lowercase().starts_with(ALREADY)
    )
}

fn already(domain: &str) -> VerificationResponse {
    done(domain, "it was verified before")
}

fn done(domain: &str, message: &str) -> VerificationResponse {
    VerificationResponse::Done {
        domain: domain.into(),
        message: RawText::from(message),
    }
}
