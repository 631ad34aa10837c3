//! `stanch subscription`: plan and limits.

use super::{
    accounts,
    context::CommandContext,
    entities::{load, rows},
    exit::ExitCode,
    failure::Failure,
    format::{Format, FormatOption},
};
use crate::{
    entity::{account::Subscription, visible::Visible},
    export::json,
};

/// Shows plan and limits of every profile that tells.
pub async fn run(
    session: &mut CommandContext,
    arguments: &FormatOption,
) -> Result<ExitCode, Failure> {
    let config = session.config_for_command()?;
    let connected = accounts::connect_required(session, &config)?;
    let able = connected.supporting(|it| it.subscription(), "tells plan and limits")?;
    let (mut told, mut failure) = (Vec::new(), None);
    for (profile, source) in able {
        match source.subscription().await {
            Ok(subscription) => told.push(subscription),
            Err(error) => {
                let one = load::list_failure(&profile.binding.name, &error);
                // One account must not hide the others: only one failure ends the command, the rest are notices.
                let other = failure.clone();
                failure = load::more_severe(failure, Some(one.clone()));
                if let Some(other) = other {
                    let told = if failure.as_ref() == Some(&one) {
                        other
                    } else {
                        one
                    };
                    session.output.notice(&format!("stanch: {}", told.message));
                }
            }
        }
    }
    match arguments.format {
        Format::Json => session.output.json(&json::answer("subscriptions", &told)),
        Format::Table => {
            for (at, subscription) in told.iter().enumerate() {
                if at > 0 {
                    session.output.text("\n");
                }
                session.output.key_values(&fields(subscription));
            }
        }
    }
    failure.map_or(Ok(ExitCode::Done), Err)
}

fn fields(subscription: &Subscription) -> Vec<(&str, Visible)> {
    let mut fields = vec![
        ("profile", rows::printable(&subscription.profile)),
        ("provider", rows::printable(&subscription.provider)),
        ("plan", rows::optional_text(subscription.plan.as_ref())),
        ("until", rows::optional_text(subscription.until.as_ref())),
        ("active", rows::optional_printable(subscription.active)),
        (
            "requests a minute",
            rows::optional_printable(subscription.rpm),
        ),
    ];
    fields.retain(|(_, value)| !value.as_str().is_empty());
    // Names of limits are the provider's too: they stand in the value, where they are made printable.
    fields.extend(
        subscription
            .limits
            .iter()
            .map(|(name, value)| ("limit", rows::printable(format!("{name}: {value}")))),
    );
    fields
}
