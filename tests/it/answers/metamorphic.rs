//! The metamorphic test: every mutation of [`mutations`] is applied to the answer of every read operation of every
//! provider ([`lines`]), on a stand-in that has something to find. A mutation that takes something away must not leave an
//! answer that counts as whole and has fewer rows; one that takes nothing away must change nothing.
//!
//! The conformance suite runs [`violations`] for every row of the registry: a provider without lines fails there.

mod lines;
mod mutations;

use crate::support::fault_server::{
    FaultServer, KEY, RecordedRequest, ServerResponse, fast_limits, settings,
};
use futures_util::future::BoxFuture;
use lines::OperationCase;
use mutations::{Class, MUTATIONS, Mutation, Original};
use stanch::{
    entity::{
        capability::Ability,
        key::ProviderId,
        option::{AddressForm, OptionValue},
        secret::Secret,
    },
    provider::{Provider, REGISTRY, Registration, capabilities_for},
};
use std::{collections::BTreeSet, sync::Arc};
use strum::IntoEnumIterator;

/// What came of asking.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Outcome {
    /// So many rows, hits or numbers, and whether they count as all that there is.
    Rows(u64, bool),
    /// An error: nothing is taken for anything.
    Failed,
}

/// Asks a provider for something.
type RunOperation = for<'a> fn(&'a dyn Provider) -> BoxFuture<'a, Outcome>;

/// Whether a mutated answer was taken for more than it is.
fn violates(class: Class, original: Outcome, got: Outcome) -> bool {
    match (class, original, got) {
        (Class::Harmless, original, got) => original != got,
        // Of a filter that was ignored, the rows that do not pass are more, not fewer.
        (Class::FilterIgnored, Outcome::Rows(rows, _), Outcome::Rows(came, whole)) => {
            whole && came != rows
        }
        (_, Outcome::Rows(rows, _), Outcome::Rows(came, whole)) => whole && came < rows,
        (_, _, Outcome::Failed) => false,
        (_, Outcome::Failed, Outcome::Rows(..)) => true,
    }
}

/// What a caller makes of it that does not look at the judgement: no error and no doubt, only rows.
fn expected_when_ignored(class: Class, got: Outcome) -> Outcome {
    match (class, got) {
        // It believes the service to have filtered, and takes what is new for a row.
        (Class::FilterIgnored | Class::Harmless, Outcome::Rows(rows, _)) => {
            Outcome::Rows(rows + 1, true)
        }
        (_, Outcome::Rows(rows, _)) => Outcome::Rows(rows, true),
        (_, Outcome::Failed) => Outcome::Rows(0, true),
    }
}

async fn run_line(
    row: &Registration,
    line: &'static OperationCase,
    mutated: Option<ServerResponse>,
) -> Outcome {
    let service = lines::service(row.id);
    let server = FaultServer::start(move |_, seen| match &mutated {
        Some(answer) if (line.matches)(seen) => answer.clone(),
        _ => service(seen).answer(),
    })
    .await;
    let provider = connect_with(row, &server.url(), line.setting);
    (line.run)(provider.as_ref()).await
}

fn connect(row: &Registration, url: &str) -> Arc<dyn Provider> {
    connect_with(row, url, None)
}

fn connect_with(
    row: &Registration,
    url: &str,
    setting: Option<(&'static str, &'static str)>,
) -> Arc<dyn Provider> {
    let mut profile = settings(url);
    if let Some((name, word)) = setting {
        profile.options.set(name, OptionValue::Choice(word));
    }
    profile.provider = ProviderId::new(row.id);
    let key = Secret::from(KEY.to_owned());
    (row.connect_with_limits)(profile, key, fast_limits()).unwrap()
}

/// The answer of an operation as it is without a mutation.
fn original(line: &OperationCase) -> Original {
    Original {
        body: line.body.to_owned(),
        is_json: line.is_json,
        items: line.items,
        counts: line.counts,
        may_be_empty: line.may_be_empty,
        bare_missing: line.bare_missing,
        unfiltered: line.unfiltered,
    }
}

/// One check: an operation under a mutation.
struct MutationResult {
    line: &'static OperationCase,
    mutation: &'static Mutation,
    before: Outcome,
    after: Outcome,
}

async fn run_mutations(row: &Registration) -> Vec<MutationResult> {
    let mut all = Vec::new();
    for line in lines::cases_for(row.id) {
        let before = run_line(row, line, None).await;
        assert!(
            matches!(before, Outcome::Rows(1.., true)),
            "{} {}: the stand-in has nothing to find: {before:?}",
            row.id,
            line.operation
        );
        for mutation in MUTATIONS {
            let Some(answer) = (mutation.apply)(&original(line)) else {
                continue;
            };
            let after = run_line(row, line, Some(answer)).await;
            all.push(MutationResult {
                line,
                mutation,
                before,
                after,
            });
        }
    }
    all
}

/// Says how large the table is; shown by `--show-output`.
#[expect(clippy::print_stdout, reason = "the figures are the result")]
fn show_count(provider: &str, checks: usize) {
    let (operations, mutations) = (lines::cases_for(provider).len(), MUTATIONS.len());
    println!("{provider}: {operations} operations, {mutations} mutations, {checks} checks");
}

/// Runs the whole table for one provider; what was taken for more than it is.
pub(crate) async fn violations(row: &Registration) -> Vec<String> {
    let all = run_mutations(row).await;
    assert!(
        !all.is_empty(),
        "{} has no line in the metamorphic table",
        row.id
    );
    show_count(row.id, all.len());
    all.iter()
        .filter(|one| violates(one.mutation.class, one.before, one.after))
        .map(|one| {
            format!(
                "{} {} under {}: {:?} became {:?}",
                row.id, one.line.operation, one.mutation.name, one.before, one.after
            )
        })
        .collect()
}

/// The table catches a caller that ignores the judgement, in every class of mutations.
#[tokio::test]
async fn a_caller_that_ignores_the_judgement_is_caught_in_every_class() {
    let mut caught = BTreeSet::new();
    for row in REGISTRY
        .iter()
        .filter(|row| row.address == AddressForm::Http)
    {
        for one in run_mutations(row).await {
            let class = one.mutation.class;
            if violates(class, one.before, expected_when_ignored(class, one.after)) {
                caught.insert(class);
            }
        }
    }
    let classes: BTreeSet<_> = MUTATIONS.iter().map(|mutation| mutation.class).collect();
    assert_eq!(caught, classes);
}

/// Every operation of a contract that reads and answers with something to find has its line.
#[test]
fn every_read_operation_has_a_line() {
    for row in REGISTRY
        .iter()
        .filter(|row| row.address == AddressForm::Http)
    {
        let lines = lines::cases_for(row.id);
        let names: BTreeSet<_> = lines.iter().map(|line| line.operation).collect();
        assert_eq!(
            names.len(),
            lines.len(),
            "{}: one line an operation",
            row.id
        );
        for operation in lines::reads(row.id) {
            assert!(
                names.contains(&operation[..]),
                "{}: {operation} has no line",
                row.id
            );
        }
    }
}

/// Every handle that a provider has is asked under every mutation, and no line asks for one that it has not.
#[test]
fn every_handle_has_a_line() {
    for row in REGISTRY
        .iter()
        .filter(|row| row.address == AddressForm::Http)
    {
        let provider = connect(row, "http://127.0.0.1:1");
        let capabilities = capabilities_for(provider.as_ref());
        let lines = lines::cases_for(row.id);
        for ability in Ability::iter() {
            let has_line = lines.iter().any(|line| line.handle == Some(ability));
            assert_eq!(
                has_line,
                capabilities.can(ability),
                "{} {ability:?}",
                row.id
            );
        }
    }
}

/// An operation that reads, for whoever asks it with answers of another kind.
pub(crate) struct Operation {
    line: &'static OperationCase,
    /// Whether a request is one for it.
    pub(crate) is: fn(&RecordedRequest) -> bool,
    /// Its answer.
    pub(crate) body: &'static str,
    /// Whether that is JSON.
    pub(crate) is_json: bool,
}

impl Operation {
    /// Asks; how many rows came and whether they are all, or nothing.
    pub(crate) async fn rows(&self, provider: &dyn Provider) -> Option<(u64, bool)> {
        match (self.line.run)(provider).await {
            Outcome::Rows(rows, whole) => Some((rows, whole)),
            Outcome::Failed => None,
        }
    }
}

/// The operations of a provider that read.
pub(crate) fn operations(provider: &str) -> Vec<Operation> {
    let lines = lines::cases_for(provider).iter();
    let operation = |line: &'static OperationCase| Operation {
        line,
        is: line.matches,
        body: line.body,
        is_json: line.is_json,
    };
    lines.map(operation).collect()
}

/// What the stand-in of a provider answers to a request.
pub(crate) fn answer(provider: &str, seen: &RecordedRequest) -> ServerResponse {
    lines::service(provider)(seen).answer()
}
