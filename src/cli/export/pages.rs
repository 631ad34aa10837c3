//! Reading through the providers' own export operations, page by page, into the table.

use crate::{
    app::{model::Data, paging::MAX_PAGES},
    cli::{
        accounts::Accounts,
        context::CommandContext,
        entities::load::{self, LoadReport, Shortfall},
        failure::{Failure, FailureKind},
    },
    entity::{
        error::ProviderError, key::ProfileName, leak::LeakBatch, number::group_digits,
        page::PageRequest, query::LeakQuery,
    },
    filter::Filter,
    provider::ExportSource,
    table::{ProfileSlot, Table},
};

/// Reads every page of every profile. Profiles without such an operation are a failure, not a gap.
pub(super) async fn read(
    session: &mut CommandContext,
    data: &mut Data,
    connected: &Accounts,
    profiles: &[ProfileName],
    filter: &Filter,
    csv: bool,
) -> Result<LoadReport, Failure> {
    let mut reading = LoadReport::default();
    for name in profiles {
        let Some(at) = data
            .profiles
            .iter()
            .position(|state| state.profile.binding.name == *name)
        else {
            continue;
        };
        let state = &data.profiles[at];
        let provider = connected.providers.get(name);
        let Some(source) = provider.and_then(|provider| provider.export()) else {
            return Err(Failure::new(
                FailureKind::Unsupported,
                format!("{name} has no export operation of its own"),
                "leave --via out: every list can be exported",
            ));
        };
        session.output.progress(&format!("exporting from {name}"));
        let query = load::pushed_down_query(data, state, filter);
        let mut pages = Pages {
            table: &mut data.table,
            slot: state.slot,
            pass: 0,
            seen: 0,
            unreadable: 0,
            without_domains: false,
            contradiction: None,
            total: None,
        };
        let result = pages.read(source, &query, csv).await;
        let (seen, unreadable, total) = (pages.seen, pages.unreadable, pages.total);
        let lack = Shortfall {
            unreadable,
            left_out: Vec::new(),
            without_domains: pages.without_domains,
            contradiction: pages.contradiction.take(),
        };
        let result = result.and_then(|()| match total {
            Some(total) if total != seen + unreadable => Err(ProviderError::Malformed {
                why: format!(
                    "it gave {} of {} leaks: rows came and went while they were read",
                    group_digits(seen),
                    group_digits(total)
                ),
            }),
            Some(_) | None if unreadable > 0 => Err(ProviderError::Malformed {
                why: format!("{} of its rows could not be read", group_digits(unreadable)),
            }),
            Some(_) | None => Ok(()),
        });
        let profile = &data.profiles[at].profile;
        reading.add(profile, seen, total, result.as_ref().err());
        reading.add_shortfall(name, lack);
    }
    Ok(reading)
}

struct Pages<'t> {
    table: &'t mut Table,
    slot: ProfileSlot,
    pass: u32,
    seen: u64,
    unreadable: u64,
    without_domains: bool,
    contradiction: Option<String>,
    total: Option<u64>,
}

impl Pages<'_> {
    /// Until the total is reached, a page is short, or nothing new comes.
    async fn read(
        &mut self,
        source: &dyn ExportSource,
        query: &LeakQuery,
        csv: bool,
    ) -> Result<(), ProviderError> {
        self.pass = self.table.begin_pass(self.slot);
        let mut size = 0;
        for index in 0..MAX_PAGES {
            let token = PageRequest { index, size };
            let page = source.export(query, token, csv).await?;
            if index == 0 {
                size = page.page_size;
            }
            self.without_domains |= page.domains_unknown;
            if self.contradiction.is_none() {
                self.contradiction.clone_from(&page.contradiction);
            }
            self.total = match self.contradiction {
                // Of contradicting totals none is believed: pages are read until one is empty.
                Some(_) => None,
                None => page.total.or(self.total),
            };
            let new = self.ingest(&page.leaks);
            self.unreadable += u64::from(page.unreadable);
            let items = page.leaks.len() as u64 + u64::from(page.unreadable);
            let all = match self.total {
                Some(total) => self.seen + self.unreadable >= total,
                None => self.contradiction.is_none() && items < u64::from(size),
            };
            if all || items == 0 || (new == 0 && page.unreadable == 0) {
                return Ok(());
            }
        }
        Err(ProviderError::Malformed {
            why: "its pages do not end".to_owned(),
        })
    }

    fn ingest(&mut self, leaks: &LeakBatch) -> u64 {
        let done = self.table.ingest(self.slot, self.pass, leaks);
        let new = (leaks.len() - done.repeated) as u64;
        self.seen += new;
        new
    }
}
