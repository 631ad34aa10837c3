//! What reports and handoffs are made of: what was seen, and a reading that says what each leak is.

use crate::{
    cli::{
        accounts,
        context::CommandContext,
        entities::{filter::parse, load},
        failure::{Failure, FailureKind},
        watch::{clock, open, read},
    },
    config::watching::Limit,
    entity::{
        key::{Kind, ProfileName},
        leak::{LeakField, RiskLevel},
        profile::ProfileBinding,
        seen::{
            Account, AccountState, Event, EventKind, Mark, MarkKey, NewEvent, OwnChange, SeenLeak,
        },
        visible,
    },
    filter::Filter,
    journal::{Journal, OpenMode},
    report::{
        Input,
        figures::{Case, Read},
        spells,
    },
    runtime::{self, own_changes},
    seen::{
        ScanLine, Seen, Waiting,
        judge::{apply_own, uncounted},
    },
    table::{Marks, RowId, Table},
};
use jiff::{civil::Date, tz::TimeZone};
use std::collections::{BTreeMap, HashMap, HashSet};

const DAY: i64 = 86_400;

/// So long a provider may take to show a change of ours, in seconds.
const SETTLE: i64 = 60;

/// What is gone since, or was not read.
const UNLISTED: &str = "no longer listed";

/// One leak that was seen, with what is known of it.
pub(in crate::cli) struct Known {
    pub(in crate::cli) account: Account,
    pub(in crate::cli) leak: SeenLeak,
    pub(in crate::cli) events: Vec<NewEvent>,
    pub(in crate::cli) row: Option<RowId>,
}

/// Everything.
pub(in crate::cli) struct Ground {
    pub(in crate::cli) now: i64,
    pub(in crate::cli) bindings: Vec<ProfileBinding>,
    pub(in crate::cli) leaks: Vec<Known>,
    pub(in crate::cli) events: Vec<Event>,
    pub(in crate::cli) scans: Vec<ScanLine>,
    /// What is remembered of each account, in the order of the bindings.
    pub(in crate::cli) states: Vec<AccountState>,
    /// Messages that wait to be delivered.
    pub(in crate::cli) waiting: Vec<Waiting>,
    /// The key of the marks.
    pub(in crate::cli) marks: MarkKey,
    /// Agreed times: the first that fits.
    pub(in crate::cli) limits: Vec<Limit>,
    pub(in crate::cli) run: Option<runtime::headless::HeadlessRun>,
    /// Why what is listed was not read whole.
    pub(in crate::cli) incomplete: Option<Failure>,
}

/// Today, UTC.
pub(in crate::cli) fn today() -> Date {
    let now = jiff::Timestamp::from_second(clock::now()).unwrap_or_default();
    now.to_zoned(TimeZone::UTC).date()
}

/// The leaks that are known for certain, with their events and their rows. `row` answers nothing for one that the filter
/// leaves out.
fn known(
    accounts: Vec<Account>,
    leaks: Vec<Vec<SeenLeak>>,
    mut events: HashMap<(Account, Mark), Vec<NewEvent>>,
    row: impl Fn(&(ProfileName, Mark)) -> Option<Option<RowId>>,
) -> Vec<Known> {
    let mut known = Vec::new();
    for (account, leaks) in accounts.into_iter().zip(leaks) {
        for leak in leaks.into_iter().filter(|leak| !leak.state.tentative) {
            if let Some(row) = row(&(account.profile.clone(), leak.mark)) {
                known.push(Known {
                    account: account.clone(),
                    events: events
                        .remove(&(account.clone(), leak.mark))
                        .unwrap_or_default(),
                    leak,
                    row,
                });
            }
        }
    }
    known
}

/// Our own changes to leaks of each account that its last reading may not have counted, sorted by mark: flows are dated
/// by the moment of a change, whether a reading has come since or not.
async fn own(
    journal: &Journal,
    states: &[AccountState],
    marks: &MarkKey,
) -> Result<Vec<Vec<OwnChange>>, Failure> {
    let read = states.iter().filter_map(|state| state.last_scan).min();
    let Some(since) = read else {
        return Ok(vec![Vec::new(); states.len()]);
    };
    let of = |state: &AccountState| state.account.profile.clone();
    let names: Vec<ProfileName> = states.iter().map(of).collect();
    let changes = own_changes::changes(journal, &names, since.saturating_sub(DAY)).await;
    let changes = changes.map_err(|error| Failure::from(&error))?;
    let mut own = vec![Vec::new(); states.len()];
    for (key, settled) in changes.settled {
        if let Some(at) = names.iter().position(|name| *name == key.profile) {
            let provider = &states[at].account.provider;
            let mark = marks.mark(provider, Kind::Leak, key.id.as_bytes());
            own[at].push(settled.of_mark(mark));
        }
    }
    for own in &mut own {
        own.sort_unstable_by_key(|own: &OwnChange| own.mark);
    }
    Ok(own)
}

/// Lays our own changes over the leaks of an account, sorted by mark, that no reading has counted.
fn count_own(
    state: &AccountState,
    leaks: &mut [SeenLeak],
    own: &[OwnChange],
    events: &mut HashMap<(Account, Mark), Vec<NewEvent>>,
    now: i64,
) {
    if state.baseline_at.is_none() || own.is_empty() {
        return;
    }
    let of_account = events.iter().filter(|((of, _), _)| *of == state.account);
    let counted: HashSet<(Mark, u64)> = of_account
        .flat_map(|((_, mark), events)| events.iter().map(|event| (*mark, event.count)))
        .collect();
    for own in uncounted(own, state, SETTLE, &counted) {
        let Ok(at) = leaks.binary_search_by_key(&own.mark, |leak| leak.mark) else {
            continue;
        };
        let (leak, event) = apply_own(&leaks[at], &own, now);
        leaks[at] = leak;
        let key = (state.account.clone(), own.mark);
        events.entry(key).or_default().push(event);
    }
}

impl Ground {
    /// Reads it; `offline` asks no provider.
    pub(in crate::cli) async fn open(
        session: &mut CommandContext,
        filter: Option<&str>,
        offline: bool,
    ) -> Result<Self, Failure> {
        let filter = parse(filter)?;
        if offline && !filter.is_empty() {
            return Err(Failure::new(
                FailureKind::Usage,
                "a filter looks at leaks, and --offline reads none",
                "leave out one of the two",
            ));
        }
        let state = session.state_directory()?;
        let (journal, options) = open::memory(session, &state).await?;
        let marks = options.marks.clone();
        let seen = Seen::open(options)
            .await
            .map_err(|error| Failure::from(&error))?;
        let config = session.config_for_command()?;
        let bindings: Vec<ProfileBinding> = config
            .profiles
            .iter()
            .map(|profile| ProfileBinding {
                name: profile.settings.name.clone(),
                provider: profile.settings.provider.clone(),
                origin: String::new(),
                team: profile.settings.team_id.clone().unwrap_or_default(),
            })
            .collect();
        let (run, incomplete) = if offline {
            (None, None)
        } else {
            reading(session).await?
        };
        let table = run.as_ref().map(|run| &run.model.data.table);
        let taken = table
            .filter(|_| !filter.is_empty())
            .map(|table| taken(table, &filter));
        let rows = table.map_or_else(HashMap::new, |table| rows_by_mark(table, &marks));
        let accounts: Vec<Account> = bindings.iter().map(Account::from).collect();
        let asked = accounts.clone();
        let (states, mut leaks, events, scans, waiting) = seen
            .ask(move |store| {
                let (mut states, mut leaks) = (Vec::new(), Vec::new());
                for account in &asked {
                    states.push(store.account(account)?);
                    leaks.push(store.leaks(account)?);
                }
                let (events, scans) = (store.events(0)?, store.scans(i64::MIN)?);
                Ok((states, leaks, events, scans, store.waiting()?))
            })
            .await
            .map_err(|error| Failure::from(&error))?;
        let mut of_leaks: HashMap<(Account, Mark), Vec<NewEvent>> = HashMap::new();
        for event in &events {
            if let Some(account) = event
                .account
                .clone()
                .filter(|_| event.what.kind.is_of_leak())
            {
                of_leaks
                    .entry((account, event.what.mark))
                    .or_default()
                    .push(event.what);
            }
        }
        let now = clock::now();
        let own = own(&journal, &states, &marks).await;
        journal.close().await;
        for ((state, leaks), own) in states.iter().zip(&mut leaks).zip(own?) {
            count_own(state, leaks, &own, &mut of_leaks, now);
        }
        let known = known(accounts, leaks, of_leaks, |key| {
            let row = rows.get(key).copied();
            let is_taken = |taken: &HashSet<RowId>| row.is_some_and(|row| taken.contains(&row));
            taken.as_ref().is_none_or(is_taken).then_some(row)
        });
        Ok(Self {
            now,
            bindings,
            leaks: known,
            events,
            scans,
            states,
            waiting,
            marks,
            limits: config.watching.limits.clone(),
            run,
            incomplete,
        })
    }

    /// Whether any account was read whole.
    pub(in crate::cli) fn has_baseline(&self) -> bool {
        self.states.iter().any(|state| state.baseline_at.is_some())
    }

    /// The leaks that are listed.
    pub(in crate::cli) fn table(&self) -> Option<&Table> {
        self.run.as_ref().map(|run| &run.model.data.table)
    }

    /// The names of the accounts.
    pub(in crate::cli) fn profiles(&self) -> Vec<String> {
        self.bindings
            .iter()
            .map(|binding| binding.name.to_string())
            .collect()
    }

    /// What the figures of a period are made of.
    pub(in crate::cli) fn input(&self, from: i64, to: i64) -> Input {
        let table = self.table();
        let limits = Limits::of(table, &self.limits);
        let cases = self
            .leaks
            .iter()
            .map(|known| {
                let added = known.row.and_then(|row| table?.added_seconds(row));
                let text = |field| match known.row.zip(table) {
                    Some((row, table)) => named(&table.text(row, field)),
                    None => UNLISTED.to_owned(),
                };
                Case {
                    profile: known.account.profile.to_string(),
                    class: text(LeakField::Class),
                    domain: text(LeakField::Domain),
                    limit: limits.of_leak(known),
                    spells: spells(&known.leak, &known.events, added),
                }
            })
            .collect();
        let mut events: BTreeMap<EventKind, u64> = BTreeMap::new();
        for event in self
            .events
            .iter()
            .filter(|event| (from..to).contains(&event.what.at))
        {
            *events.entry(event.what.kind).or_default() += 1;
        }
        Input {
            from,
            to,
            now: self.now,
            cases,
            coverage: self.coverage(from, to),
            events,
        }
    }

    /// How each account was read on each day.
    fn coverage(&self, from: i64, to: i64) -> Vec<(String, Vec<Read>)> {
        let of = |binding: &ProfileBinding| {
            let account = Account::from(binding);
            let lines: Vec<&ScanLine> = self
                .scans
                .iter()
                .filter(|line| line.account == account)
                .collect();
            let days = (0..(to - from) / DAY).map(|day| {
                let (begin, end) = (from + day * DAY, from + (day + 1) * DAY);
                let here = |line: &&&ScanLine| line.began < end && line.ended >= begin;
                let mut read = Read::Not;
                for line in lines.iter().filter(here) {
                    match &line.what[..] {
                        "whole" | "probe" => return Read::Whole,
                        "partial" => read = Read::Part,
                        _ => {}
                    }
                }
                read
            });
            (binding.name.to_string(), days.collect())
        };
        self.bindings.iter().map(of).collect()
    }
}

fn named(text: &[u8]) -> String {
    if text.is_empty() {
        return "none".to_owned();
    }
    visible::escape(text).as_str().to_owned()
}

/// The rows of a table by profile and mark.
fn rows_by_mark(table: &Table, marks: &MarkKey) -> HashMap<(ProfileName, Mark), RowId> {
    let all = (0..table.row_id_count()).map(|row| RowId(row as u32));
    all.filter(|row| !table.is_gone(*row))
        .map(|row| {
            let profile = table.profiles()[table.slot(row).0 as usize].0.clone();
            ((profile, read::mark(table, marks, row)), row)
        })
        .collect()
}

fn taken(table: &Table, filter: &Filter) -> HashSet<RowId> {
    table
        .select(filter, &[], None, &Marks::default())
        .into_iter()
        .collect()
}

/// Reads what is listed; and why that is not all, if so.
async fn reading(
    session: &mut CommandContext,
) -> Result<(Option<runtime::headless::HeadlessRun>, Option<Failure>), Failure> {
    let (mut run, connected) = accounts::start_headless(session, OpenMode::Read).await?;
    let profiles = load::all_profiles(run.model.context());
    load::load_leaks(&mut session.output, &mut run, &profiles, &Filter::default()).await;
    let reading = load::LoadReport::from_model(run.model.context(), &profiles, &connected.missing);
    let incomplete = reading.finish().err();
    Ok((Some(run), incomplete))
}

/// The agreed times of what is listed, and of what is not.
struct Limits<'a> {
    by_filter: Vec<(HashSet<RowId>, i64)>,
    limits: &'a [Limit],
}

impl<'a> Limits<'a> {
    fn of(table: Option<&Table>, limits: &'a [Limit]) -> Self {
        let by_filter = table.map_or_else(Vec::new, |table| {
            let of = |limit: &Limit| {
                let filter = parse(Some(&limit.filter)).unwrap_or_default();
                (taken(table, &filter), seconds(limit))
            };
            limits.iter().map(of).collect()
        });
        Self { by_filter, limits }
    }

    /// Of a leak that is not listed its risk alone is known.
    fn of_leak(&self, known: &Known) -> i64 {
        let fits =
            |(rows, _): &&(HashSet<RowId>, i64)| known.row.is_some_and(|row| rows.contains(&row));
        if let Some((_, limit)) = self.by_filter.iter().find(fits) {
            return *limit;
        }
        let is_high = known.leak.state.risk == Some(RiskLevel::High);
        let fits = |limit: &&Limit| {
            limit.filter.is_empty() || is_high && limit.filter.contains("risk:high")
        };
        let found = self.limits.iter().find(fits);
        found.map_or(NO_LIMIT, seconds)
    }
}

fn seconds(limit: &Limit) -> i64 {
    i64::try_from(limit.within.as_secs()).unwrap_or(NO_LIMIT)
}

/// Nothing is agreed on: a hundred years.
const NO_LIMIT: i64 = 36_500 * DAY;
