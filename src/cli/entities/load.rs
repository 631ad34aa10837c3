//! Reading leaks to their end, and what came of it for each profile.

use crate::{
    app::{
        model::{Context, Data, ProfileState},
        paging,
    },
    cli::{accounts::Accounts, exit::ExitCode, failure::Failure, output::Output},
    entity::{
        error::{ProfileError, ProviderError},
        key::{ProfileName, ProviderId},
        number::group_digits,
        page::FullList,
        profile::Profile,
        query::LeakQuery,
        raw_text::RawText,
    },
    export::{ErrorBody, ProfileLoad},
    filter::Filter,
    runtime::headless::HeadlessRun as Run,
};
use std::{sync::Arc, time::Duration};

/// Progress is told this often.
const PROGRESS_INTERVAL: Duration = Duration::from_millis(250);

/// What came of reading: the part of each profile, and why it is not the whole, if so.
#[derive(Debug, Default)]
pub(in crate::cli) struct LoadReport {
    /// The part of each profile.
    pub(in crate::cli) loads: Vec<ProfileLoad>,
    /// The failure that the command ends with, after its result.
    failure: Option<Failure>,
}

impl LoadReport {
    /// Of the leaks of these profiles, and of those that cannot be used at all.
    pub(in crate::cli) fn from_model(
        context: Context<'_>,
        profiles: &[ProfileName],
        missing: &[(String, Failure)],
    ) -> Self {
        let mut reading = Self::default();
        let states = profiles
            .iter()
            .filter_map(|name| context.data.profile(name));
        for state in states {
            let failure = profile_failure(state);
            reading.loads.push(ProfileLoad {
                profile: state.profile.binding.name.clone(),
                provider: state.profile.binding.provider.clone(),
                loaded: state.paging.rows_received,
                total: state.paging.total,
                unreadable: state.paging.unreadable,
                left_out: state.paging.skipped_domains.clone(),
                error: failure
                    .as_ref()
                    .map(|failure| profile_error_body(state, failure)),
            });
            reading.failure = more_severe(reading.failure.take(), failure);
        }
        reading.add_unusable(missing);
        reading
    }

    /// Adds profiles that cannot be used at all.
    pub(in crate::cli) fn add_unusable(&mut self, missing: &[(String, Failure)]) {
        for (name, failure) in missing {
            let failure = Failure {
                exit: ExitCode::Unreachable,
                ..failure.clone()
            };
            if let Ok(name) = ProfileName::new(name) {
                self.loads.push(ProfileLoad {
                    profile: name.clone(),
                    // What it would be an account at stands in the table that could not be read.
                    provider: ProviderId::new("unknown"),
                    loaded: 0,
                    total: None,
                    unreadable: 0,
                    left_out: Vec::new(),
                    error: Some(ErrorBody {
                        kind: failure.kind,
                        message: failure.message.clone(),
                        hint: failure.hint.clone(),
                        profile: Some(name),
                    }),
                });
            }
            self.failure = more_severe(self.failure.take(), Some(failure));
        }
    }

    /// Adds the part of one profile that was asked for something else than its leaks.
    pub(in crate::cli) fn add(
        &mut self,
        profile: &Profile,
        loaded: u64,
        total: Option<u64>,
        error: Option<&ProviderError>,
    ) {
        let binding = &profile.binding;
        self.loads.push(ProfileLoad {
            profile: binding.name.clone(),
            provider: binding.provider.clone(),
            loaded,
            total,
            unreadable: 0,
            left_out: Vec::new(),
            error: error.map(|error| ErrorBody::from_provider(error, Some(binding.name.clone()))),
        });
        let failure = error.map(|error| list_failure(&binding.name, error));
        self.failure = more_severe(self.failure.take(), failure);
    }

    /// Adds the part of one profile that one answer held.
    pub(in crate::cli) fn add_listed<T>(
        &mut self,
        profile: &Profile,
        answer: Result<FullList<T>, ProviderError>,
    ) -> Vec<T> {
        let listed = match answer {
            Ok(listed) => listed,
            Err(error) => {
                self.add(profile, 0, None, Some(&error));
                return Vec::new();
            }
        };
        let count = listed.items.len() as u64;
        let total = listed.is_complete().then_some(count);
        self.add(profile, count, total, None);
        let lack = Shortfall {
            unreadable: u64::from(listed.unreadable),
            left_out: Vec::new(),
            without_domains: false,
            contradiction: listed.contradiction,
        };
        self.add_shortfall(&profile.binding.name, lack);
        listed.items
    }

    /// Notes what stands against taking a profile's part for whole.
    pub(in crate::cli) fn add_shortfall(&mut self, profile: &ProfileName, lack: Shortfall) {
        let Some(failure) = lack.failure(profile) else {
            return;
        };
        let mut loads = self.loads.iter_mut();
        if let Some(load) = loads.find(|load| load.profile == *profile) {
            // Two lists of a profile may be made of the same rows.
            load.unreadable = load.unreadable.max(lack.unreadable);
            let known = &mut load.left_out;
            for name in lack.left_out {
                if !known.contains(&name) {
                    known.push(name);
                }
            }
            load.error
                .get_or_insert_with(|| error_body(&failure, profile));
        }
        self.failure = more_severe(self.failure.take(), Some(failure));
    }

    /// Notes that a profile did not give all that it lists; what else it gave stays.
    pub(in crate::cli) fn add_failure(&mut self, profile: &ProfileName, error: &ProviderError) {
        let mut loads = self.loads.iter_mut();
        if let Some(load) = loads.find(|load| load.profile == *profile) {
            load.error
                .get_or_insert_with(|| ErrorBody::from_provider(error, Some(profile.clone())));
        }
        let failure = list_failure(profile, error);
        self.failure = more_severe(self.failure.take(), Some(failure));
    }

    /// Whether it is the whole.
    pub(in crate::cli) fn is_complete(&self) -> bool {
        self.failure.is_none()
    }

    /// What the providers say there is; `None` when one does not say.
    pub(in crate::cli) fn total(&self) -> Option<u64> {
        self.loads.iter().map(|load| load.total).sum()
    }

    /// How much was read.
    pub(in crate::cli) fn loaded(&self) -> u64 {
        self.loads.iter().map(|load| load.loaded).sum()
    }

    /// The end of a command whose result is printed.
    pub(in crate::cli) fn finish(self) -> Result<ExitCode, Failure> {
        self.failure.map_or(Ok(ExitCode::Done), Err)
    }
}

/// What stands against taking what came of a profile for all that there is, although nothing failed.
#[derive(Debug, Default)]
pub(in crate::cli) struct Shortfall {
    /// Rows that could not be read.
    pub(in crate::cli) unreadable: u64,
    /// Watched domains that were not read.
    pub(in crate::cli) left_out: Vec<RawText>,
    /// Rows may lack the domain that they are filed under.
    pub(in crate::cli) without_domains: bool,
    /// How the answers contradict themselves.
    pub(in crate::cli) contradiction: Option<String>,
}

impl Shortfall {
    /// The failure that a command ends with for it.
    fn failure(&self, profile: &ProfileName) -> Option<Failure> {
        let lack = paging::incomplete_reason(
            self.unreadable,
            &self.left_out,
            self.without_domains,
            self.contradiction.as_deref(),
        )?;
        Some(shortfall_failure(profile, &lack, !self.left_out.is_empty()))
    }
}

fn shortfall_failure(profile: &ProfileName, lack: &str, is_refused: bool) -> Failure {
    Failure {
        kind: if is_refused { "forbidden" } else { "malformed" },
        message: format!("{profile} did not give all of its list: {lack}"),
        hint: if is_refused {
            "ask the provider why these domains cannot be read; the rest of the list stands"
                .to_owned()
        } else {
            "try again; what could be read is listed".to_owned()
        },
        profile: Some(profile.to_string()),
        exit: ExitCode::Unreachable,
    }
}

fn error_body(failure: &Failure, profile: &ProfileName) -> ErrorBody {
    ErrorBody {
        kind: failure.kind,
        message: failure.message.clone(),
        hint: failure.hint.clone(),
        profile: Some(profile.clone()),
    }
}

/// A provider's failure of a list. That there is no list is not that nothing has some key.
pub(in crate::cli) fn list_failure(profile: &ProfileName, error: &ProviderError) -> Failure {
    let failure = Failure::from(&ProfileError {
        profile: profile.clone(),
        error: error.clone(),
    });
    match failure.exit {
        ExitCode::NotFound => Failure {
            exit: ExitCode::Unreachable,
            ..failure
        },
        _ => failure,
    }
}

/// Of two failures the one that needs a person first: a refused key, then whichever came first.
pub(in crate::cli) fn more_severe(one: Option<Failure>, two: Option<Failure>) -> Option<Failure> {
    match (one, two) {
        (Some(one), Some(two))
            if two.exit == ExitCode::Unauthorised && one.exit != ExitCode::Unauthorised =>
        {
            Some(two)
        }
        (None, two) => two,
        (one, _) => one,
    }
}

/// Why a profile's list is not the whole, if so.
fn profile_failure(state: &ProfileState) -> Option<Failure> {
    let name = &state.profile.binding.name;
    let paging = &state.paging;
    if let Some(error) = paging.error.as_ref().or(state.domains_error.as_ref()) {
        return Some(list_failure(name, error));
    }
    if let Some(lack) = paging.incomplete_reason() {
        return Some(shortfall_failure(
            name,
            &lack,
            !paging.skipped_domains.is_empty(),
        ));
    }
    (!paging.is_complete()).then(|| Failure {
        kind: "malformed",
        message: format!(
            "{name} gave {} of {} leaks: rows came and went while they were read",
            group_digits(paging.rows_received),
            group_digits(paging.total.unwrap_or(paging.rows_received)),
        ),
        hint: "try again; the list is read whole each time".to_owned(),
        profile: Some(name.to_string()),
        exit: ExitCode::Unreachable,
    })
}

fn profile_error_body(state: &ProfileState, failure: &Failure) -> ErrorBody {
    let profile = Some(state.profile.binding.name.clone());
    match state.paging.error.as_ref().or(state.domains_error.as_ref()) {
        Some(error) => ErrorBody::from_provider(error, profile),
        None => error_body(failure, &state.profile.binding.name),
    }
}

/// The profiles of a model whose leaks a filter can take.
pub(in crate::cli) fn matching_profiles(context: Context<'_>, filter: &Filter) -> Vec<ProfileName> {
    context
        .data
        .profiles
        .iter()
        .map(|state| &state.profile.binding)
        .filter(|binding| {
            let provider = Some(binding.provider.as_str());
            filter.can_match_profile(binding.name.as_str(), provider)
        })
        .map(|binding| binding.name.clone())
        .collect()
}

/// The profiles that cannot be used and whose leaks a filter could take. What they are accounts at is not known, so
/// only their names can keep them out.
pub(in crate::cli) fn matching_unusable(
    connected: &Accounts,
    filter: &Filter,
) -> Vec<(String, Failure)> {
    let takes = |name: &str| filter.can_match_profile(name, None);
    let missing = connected.missing.iter().filter(|(name, _)| takes(name));
    missing.cloned().collect()
}

/// Every profile of a model.
pub(in crate::cli) fn all_profiles(context: Context<'_>) -> Vec<ProfileName> {
    matching_profiles(context, &Filter::default())
}

/// The part of a filter that a profile's provider may decide.
pub(in crate::cli) fn pushed_down_query(
    data: &Data,
    state: &ProfileState,
    filter: &Filter,
) -> LeakQuery {
    filter.push_down(data.table.local_status_count(state.slot) > 0)
}

/// Reads the leaks of profiles to their end: all that a filter can take, and what else comes with them.
pub(in crate::cli) async fn load_leaks(
    output: &mut Output,
    run: &mut Run,
    profiles: &[ProfileName],
    filter: &Filter,
) {
    run.refresh_now();
    let mut effects = Vec::new();
    for name in profiles {
        let model = &mut run.model;
        if let Some(state) = model.data.profile(name) {
            let query = Arc::new(pushed_down_query(&model.data, state, filter));
            effects.extend(paging::start(&mut model.data_update(), name, query));
        }
    }
    run.start(effects);
    let mut told = None;
    run.drive(
        |model| !model.data.is_loading(),
        |model| {
            let now = model.now.since_start;
            if told.is_none_or(|told| now >= told + PROGRESS_INTERVAL) {
                told = Some(now);
                output.progress(&progress(model.context()));
            }
        },
    )
    .await;
    news(output, run, filter.asks_memory()).await;
}

/// Lays beside leaks that were read what the memory of what was seen says of them, where that is asked for.
pub(in crate::cli) async fn news(output: &mut Output, run: &mut Run, is_asked: bool) {
    if !is_asked {
        return;
    }
    if let Err(error) = run.tell_news().await {
        let text = format!("stanch: there are no news: {} ({})", error.why, error.hint);
        output.notice(&text);
    }
}

fn progress(context: Context<'_>) -> String {
    let sum =
        |count: fn(&ProfileState) -> u64| context.data.profiles.iter().map(count).sum::<u64>();
    let (seen, total) = (
        sum(|state| state.paging.rows_received),
        sum(|state| state.paging.total.unwrap_or(state.paging.rows_received)),
    );
    format!(
        "reading leaks: {} of {}",
        group_digits(seen),
        group_digits(total)
    )
}

/// Reads the watched domains of profiles into the model. A provider that lists none is no failure.
pub(in crate::cli) async fn load_domains(
    output: &mut Output,
    run: &mut Run,
    connected: &Accounts,
    profiles: &[ProfileName],
) {
    let asked = profiles.iter().filter_map(|name| {
        let provider = connected.providers.get(name)?;
        let source = provider.domains()?;
        Some(async move { (name, source.domains().await) })
    });
    for (name, answer) in futures_util::future::join_all(asked).await {
        let model = &mut run.model;
        let Some(at) = model
            .data
            .profiles
            .iter()
            .position(|state| state.profile.binding.name == *name)
        else {
            continue;
        };
        match answer {
            Ok(domains) => {
                let slot = model.data.profiles[at].slot;
                let names = domains.iter().map(|domain| domain.name.as_bytes());
                model.data.table.set_watched_domains(slot, names);
                model.data.profiles[at].domains = Some(domains);
            }
            Err(ProviderError::Unsupported { why }) => {
                output.notice(&format!("stanch: {name}: {why}"));
            }
            Err(error) => model.data.profiles[at].domains_error = Some(error),
        }
    }
}
