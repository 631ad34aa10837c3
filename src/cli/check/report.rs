//! What came of a lookup: every operation's answer, and the verdict of all of them together.

use crate::{
    cli::{
        entities::{load, rows},
        exit::ExitCode,
        failure::{Failure, FailureKind},
        format::Format,
        merged_list,
        output::{Column, Output},
    },
    entity::{
        breach::{Breach, Paste},
        error::ProviderError,
        lookup::{
            EvidenceGrade, Finding, Lookup, LookupAnswer, LookupKind, Verdict, combined_verdict,
        },
        profile::Profile,
        raw_text::RawText,
        visible::Visible,
    },
    export::{
        ErrorBody,
        breach::{breach_json, paste_json},
        json,
    },
};
use serde::Serialize;
use std::collections::BTreeMap;

/// How little a hit on four digits says.
const SSN_NOTE: &str =
    "one person in ten thousand has the same four digits: a hit says very little about one of them";

/// What an inconclusive password is.
const INCONCLUSIVE_NOTE: &str =
    "an answer proves nothing either way: treat it as unknown, not as clean";

/// The answers to one lookup, and whose they are.
#[derive(Debug)]
pub(super) struct Report {
    kind: LookupKind,
    query: Option<String>,
    printable_query: Option<String>,
    answers: Vec<(Profile, LookupAnswer)>,
}

impl Report {
    /// Without any answer yet.
    pub(super) fn for_lookup(lookup: &Lookup) -> Self {
        Self {
            kind: lookup.kind(),
            query: lookup.requested_text().map(str::to_owned),
            printable_query: lookup.display_text(),
            answers: Vec::new(),
        }
    }

    /// Adds the answers of one account.
    pub(super) fn add(&mut self, profile: &Profile, answers: Vec<LookupAnswer>) {
        let answers = answers.into_iter().map(|answer| (profile.clone(), answer));
        self.answers.extend(answers);
    }

    fn findings(&self) -> impl Iterator<Item = &Finding> {
        let answers = self.answers.iter();
        answers.filter_map(|(_, answer)| answer.result.as_ref().ok())
    }

    /// Of what was asked, what was answered at all: an operation that a plan does not have leaves nothing open.
    fn verdict(&self) -> Verdict {
        let counted = |answer: &&LookupAnswer| {
            !matches!(answer.result, Err(ProviderError::Unsupported { .. }))
        };
        combined_verdict(
            self.answers
                .iter()
                .map(|(_, answer)| answer)
                .filter(counted),
        )
    }

    /// How often: as the answers say, else in how many breaches.
    fn count(&self) -> Option<u64> {
        let told = self.findings().filter_map(|finding| finding.count).max();
        let breaches = self.breaches().len() as u64;
        told.max((breaches > 0).then_some(breaches))
    }

    /// Every breach once, with the most that is known of it.
    fn breaches(&self) -> Vec<&Breach> {
        let mut breaches: BTreeMap<&RawText, &Breach> = BTreeMap::new();
        for breach in self.findings().flat_map(|finding| &finding.breaches) {
            let known = breaches.entry(&breach.name).or_insert(breach);
            if known.title.is_none() && breach.title.is_some() {
                *known = breach;
            }
        }
        breaches.into_values().collect()
    }

    fn pastes(&self) -> Vec<&Paste> {
        let mut pastes: BTreeMap<(&RawText, &RawText), &Paste> = BTreeMap::new();
        for paste in self.findings().flat_map(|finding| &finding.pastes) {
            pastes.entry((&paste.source, &paste.id)).or_insert(paste);
        }
        pastes.into_values().collect()
    }

    /// What to know about the verdict, each thing once.
    fn note(&self) -> Option<String> {
        let mut notes: Vec<&str> = Vec::new();
        if self.kind == LookupKind::Ssn {
            // What a provider's adapter says of it is the same in other words.
            return Some(SSN_NOTE.to_owned());
        }
        let open = self.answers.iter().any(|(_, answer)| {
            answer
                .result
                .as_ref()
                .is_ok_and(|finding| finding.note.is_none())
                && answer.verdict() == Verdict::Inconclusive
        });
        if open {
            notes.push(INCONCLUSIVE_NOTE);
        }
        for note in self.findings().filter_map(|finding| finding.note) {
            if !notes.contains(&note) {
                notes.push(note);
            }
        }
        (!notes.is_empty()).then(|| notes.join("; "))
    }

    fn attribution(&self) -> Option<String> {
        let mut lines: Vec<&str> = Vec::new();
        for (profile, answer) in &self.answers {
            if let Some(line) = profile.attribution.as_deref()
                && answer.result.is_ok()
                && !lines.contains(&line)
            {
                lines.push(line);
            }
        }
        (!lines.is_empty()).then(|| lines.join("; "))
    }

    /// Prints it.
    pub(super) fn print(&self, output: &mut Output, format: Format) {
        match format {
            Format::Json => output.json(&json::answer("check", self.json())),
            Format::Table => self.print_table(output),
        }
    }

    fn json(&self) -> impl Serialize + '_ {
        #[derive(Serialize)]
        struct Json<'a, A> {
            what: LookupKind,
            asked: Option<&'a str>,
            verdict: Verdict,
            count: Option<u64>,
            shown: Option<String>,
            answers: Vec<A>,
            note: Option<String>,
            attribution: Option<String>,
        }
        Json {
            what: self.kind,
            asked: self.query.as_deref(),
            verdict: self.verdict(),
            count: self.count(),
            shown: self.printable_query.clone(),
            answers: self
                .answers
                .iter()
                .map(|(profile, answer)| answer_json(profile, answer))
                .collect(),
            note: self.note(),
            attribution: self.attribution(),
        }
    }

    fn print_table(&self, output: &mut Output) {
        let mut fields = vec![
            ("verdict", rows::printable(self.verdict())),
            ("what", rows::printable(self.kind)),
            (
                "shown",
                rows::optional_printable(self.printable_query.as_ref()),
            ),
            ("count", rows::optional_printable(self.count())),
            ("note", rows::optional_printable(self.note())),
            ("attribution", rows::optional_printable(self.attribution())),
        ];
        fields.retain(|(_, value)| !value.as_str().is_empty());
        output.key_values(&fields);
        let answers: Vec<_> = self
            .answers
            .iter()
            .map(|(profile, answer)| answer_row(profile, answer))
            .collect();
        print_section(output, ANSWER_COLUMNS, &answers);
        let breaches: Vec<_> = self.breaches().into_iter().map(breach_row).collect();
        print_section(output, BREACH_COLUMNS, &breaches);
        let pastes: Vec<_> = self.pastes().into_iter().map(paste_row).collect();
        print_section(output, PASTE_COLUMNS, &pastes);
        let accounts: Vec<_> = self
            .findings()
            .flat_map(|finding| &finding.accounts)
            .map(|account| vec![rows::text(account)])
            .collect();
        print_section(output, ACCOUNT_COLUMNS, &accounts);
    }

    /// The end: done whatever the verdict, unless an answer did not come or is no evidence.
    pub(super) fn finish(self, output: &mut Output) -> Result<ExitCode, Failure> {
        let mut failures = Vec::new();
        for (profile, answer) in &self.answers {
            match &answer.result {
                Err(ProviderError::Unsupported { .. }) => {}
                Ok(finding) => {
                    failures.extend(
                        (!finding.evidence.is_conclusive())
                            .then(|| no_evidence_failure(profile, answer)),
                    );
                }
                Err(error) => failures.push(load::list_failure(&profile.binding.name, error)),
            }
        }
        merged_list::finish(output, &failures)?;
        if self.findings().next().is_none() {
            return Err(Failure::new(
                FailureKind::Unsupported,
                format!("no profile in play looks up {}", super::name(self.kind)),
                "stanch config show lists the profiles; --profile chooses among them",
            ));
        }
        Ok(ExitCode::Done)
    }
}

/// The failure of an answer that came and is no evidence.
fn no_evidence_failure(profile: &Profile, answer: &LookupAnswer) -> Failure {
    let name = &profile.binding.name;
    let why = answer.message().unwrap_or_default();
    Failure {
        kind: "malformed",
        message: format!(
            "{name} gave an answer to {} that is no evidence: {why}",
            answer.operation
        ),
        hint: "treat it as unknown, not as clean, and try again".to_owned(),
        profile: Some(name.to_string()),
        exit: ExitCode::Unreachable,
    }
}

fn answer_json<'a>(profile: &'a Profile, answer: &'a LookupAnswer) -> impl Serialize + 'a {
    #[derive(Serialize)]
    struct Json<'a, B, P> {
        profile: &'a str,
        operation: &'a str,
        verdict: Verdict,
        evidence: EvidenceGrade,
        message: Option<String>,
        count: Option<u64>,
        breaches: Vec<B>,
        pastes: Vec<P>,
        accounts: &'a [RawText],
        error: Option<ErrorBody>,
    }
    let finding = answer.result.as_ref().ok();
    Json {
        profile: profile.binding.name.as_str(),
        operation: answer.operation,
        verdict: answer.verdict(),
        evidence: answer.evidence(),
        message: answer.message(),
        count: finding.and_then(|finding| finding.count),
        breaches: finding
            .map(|finding| finding.breaches.iter().map(breach_json).collect())
            .unwrap_or_default(),
        pastes: finding
            .map(|finding| finding.pastes.iter().map(paste_json).collect())
            .unwrap_or_default(),
        accounts: finding
            .map(|finding| &finding.accounts[..])
            .unwrap_or_default(),
        error: answer
            .result
            .as_ref()
            .err()
            .map(|error| ErrorBody::from_provider(error, Some(profile.binding.name.clone()))),
    }
}

const ANSWER_COLUMNS: &[Column] = &[
    Column::text("PROFILE"),
    Column::text("OPERATION"),
    Column::text("VERDICT"),
    Column::text("EVIDENCE"),
    Column::number("COUNT"),
    Column::number("BREACHES"),
    Column::number("PASTES"),
    Column::text("REASON"),
];
const BREACH_COLUMNS: &[Column] = &[
    Column::text("BREACH"),
    Column::text("TITLE"),
    Column::text("DATE"),
    Column::number("ACCOUNTS"),
    Column::text("DATA CLASSES"),
];
const PASTE_COLUMNS: &[Column] = &[
    Column::text("PASTE"),
    Column::text("SOURCE"),
    Column::text("TITLE"),
    Column::text("DATE"),
    Column::number("ADDRESSES"),
];
const ACCOUNT_COLUMNS: &[Column] = &[Column::text("BREACHED ADDRESS")];

fn print_section(output: &mut Output, columns: &[Column], lines: &[Vec<Visible>]) {
    if !lines.is_empty() {
        output.text("\n");
        output.table(columns, lines);
    }
}

/// Why an answer is no evidence; what the service's own answer says needs no reason.
fn reason(answer: &LookupAnswer) -> Option<String> {
    (answer.verdict() == Verdict::Inconclusive || !answer.evidence().is_conclusive())
        .then(|| answer.message())
        .flatten()
}

fn answer_row(profile: &Profile, answer: &LookupAnswer) -> Vec<Visible> {
    let finding = answer.result.as_ref().ok();
    vec![
        rows::printable(&profile.binding.name),
        rows::printable(answer.operation),
        rows::printable(answer.verdict()),
        rows::printable(answer.evidence()),
        rows::optional_printable(finding.and_then(|finding| finding.count)),
        rows::optional_printable(finding.map(|finding| finding.breaches.len())),
        rows::optional_printable(finding.map(|finding| finding.pastes.len())),
        rows::optional_printable(reason(answer)),
    ]
}

fn breach_row(breach: &Breach) -> Vec<Visible> {
    vec![
        rows::text(&breach.name),
        rows::optional_text(breach.title.as_ref()),
        rows::optional_text(breach.date.as_ref()),
        rows::optional_printable(breach.accounts),
        rows::join_texts(&breach.data_classes),
    ]
}

fn paste_row(paste: &Paste) -> Vec<Visible> {
    vec![
        rows::text(&paste.id),
        rows::text(&paste.source),
        rows::optional_text(paste.title.as_ref()),
        rows::optional_text(paste.date.as_ref()),
        rows::optional_printable(paste.emails),
    ]
}
