//! Pages of leaks and counts, from the current list or the deprecated three.

use super::{
    ListVersion, ProjectDiscovery, Team, is_gone, malformed_error, parse_status, row, status_word,
    unsupported_error,
};
use crate::{
    entity::{
        error::ProviderError,
        fingerprint::FingerprintKey,
        leak::{LeakBatch, LeakField},
        page::{LeakPage, NextPage, PageRequest},
        query::{CountField, GroupCount, LeakQuery},
        raw_text::RawText,
        seen::Probe,
        status::Status,
    },
    http::{HttpResponse, Request, json::Value},
    provider::{
        LeakSource,
        judge::Totals,
        leak_builder::LeakBuilder,
        parse::{full_page_rows, read_in_parts, text},
    },
};
use std::collections::HashSet;

const CLASSES: [&str; 5] = [
    "personal",
    "employee",
    "customer",
    "external_vendor_leaks",
    "organization_leaks",
];
const RANGES: [&str; 6] = [
    "all_time",
    "current_month",
    "last_month",
    "last_3_months",
    "last_6_months",
    "last_12_months",
];
const SORTS: [&str; 10] = [
    "url",
    "username",
    "log_date",
    "country",
    "device_ip",
    "host_username",
    "hostname",
    "os",
    "hardware_id",
    "malware_path",
];

/// The largest page that no provider is known to refuse; asked for when a larger one is.
const SAFE_PAGE_ROWS: u32 = 1000;

/// Bytes of a row, to reserve memory by: most rows take more.
const MIN_ROW_BYTES: usize = 540;

/// Pages of groups; a provider that never ends is not followed for ever.
const MAX_GROUP_PAGES: u32 = 1000;

/// A term of a query: its name on the wire, its value, and whether a person or a leak gave that.
pub(super) struct Term {
    pub(super) name: &'static str,
    pub(super) value: String,
    pub(super) redacted: bool,
}

/// The terms that the provider understands; what it does not is filtered here afterwards, so leaving one out is safe
/// and an unknown enum value, which it would answer with 400, is.
pub(super) fn terms(query: &LeakQuery) -> Vec<Term> {
    let mut terms = Vec::new();
    let mut add = |name, value: Option<&str>, private| {
        if let Some(value) = value.filter(|value| !value.is_empty()) {
            terms.push(Term {
                name,
                value: value.to_owned(),
                redacted: private,
            });
        }
    };
    let known = |value: &Option<String>, words: &[&'static str]| {
        let value = value.as_deref()?;
        words.iter().find(|word| **word == value).copied()
    };
    add("type", known(&query.class, &CLASSES), false);
    add("domain", query.domain.as_deref(), true);
    add("email", query.email.as_deref(), true);
    add("search", query.search.as_deref(), true);
    add("start_date", query.start_date.as_deref(), false);
    add("end_date", query.end_date.as_deref(), false);
    add("time_range", known(&query.time_range, &RANGES), false);
    if let Some((key, descending)) = query.sort.first()
        && let Some(key) = SORTS.iter().find(|sort| *sort == key)
    {
        add("sort_by", Some(key), false);
        add(
            "sort_order",
            Some(if *descending { "desc" } else { "asc" }),
            false,
        );
    }
    add("status", query.status.and_then(status_word), false);
    let drill = drill_down(query);
    // These are documented as the drill-down of a group; naming the group asks for rows.
    add("group_by", drill.first().map(|(name, _)| *name), false);
    for (name, value) in drill {
        add(name, Some(value), true);
    }
    terms
}

fn drill_down(query: &LeakQuery) -> Vec<(&'static str, &str)> {
    [
        ("hardware_id", &query.hardware_id),
        ("device_ip", &query.device_ip),
        ("hostname", &query.hostname),
        ("url", &query.url),
        ("country", &query.country),
    ]
    .into_iter()
    .filter_map(|(name, value)| Some((name, value.as_deref().filter(|v| !v.is_empty())?)))
    .collect()
}

/// Reads a list's answer; `class` is what its rows are where they do not say.
pub(super) fn page(
    reply: &HttpResponse,
    class: Option<&'static str>,
    key: &FingerprintKey,
    is_first: bool,
) -> Result<LeakPage, ProviderError> {
    let document = reply.document()?;
    let [data, count_all, leaks_all, pages, summary] = document.pick([
        "data",
        "total_count",
        "total_leaks",
        "total_pages",
        "summary",
    ]);
    let data = data
        .unique()
        .map_err(|_| malformed_error("it has the same list twice"))?;
    let mut totals = Totals::default();
    totals.add("total_count", count_all);
    totals.add("total_leaks", leaks_all);
    if let Some(summary) = summary.value {
        let [all] = summary.pick(["total_leaks"]);
        totals.add("summary.total_leaks", all);
    }
    let mut page = LeakPage {
        total: totals.agreed_total(),
        ..LeakPage::default()
    };
    match data {
        Some(data) if data.is_array() => {
            page.leaks = LeakBatch::with_capacity(data.raw().len() / MIN_ROW_BYTES);
            for item in document.elements(data) {
                match row::read(item).filter(LeakBuilder::has_id) {
                    Some(mut draft) => {
                        if let Some(class) = class {
                            draft.set_default(LeakField::Class, class.as_bytes());
                        }
                        draft.push_to(&mut page.leaks, key, parse_status);
                    }
                    None => page.unreadable += 1,
                }
            }
        }
        // Clients in the field meet null where there is nothing.
        Some(data) if data.is_null() && page.total == Some(0) => {}
        None if page.total.is_some() && is_grouped(reply) => {}
        _ => return Err(malformed_error("there is no list of leaks in it")),
    }
    let rows = page.leaks.len() as u64 + u64::from(page.unreadable);
    let pages = pages.value.and_then(Value::count);
    page.contradiction = totals.contradiction_with_page(is_first, rows, pages);
    if is_first && rows == 0 && totals.is_empty() {
        // Other programs answer so, too.
        page.contradiction =
            Some("its list is empty, and no total says that there is nothing".into());
    }
    if page.contradiction.is_some() {
        // Of contradicting totals none is believed.
        page.total = None;
    } else {
        page.next = NextPage::numbered(pages);
    }
    Ok(page)
}

/// Whether an answer counts groups in place of rows.
fn is_grouped(reply: &HttpResponse) -> bool {
    reply
        .json()
        .is_ok_and(|value| value.get("group_summary").is_some_and(Value::is_array))
}

impl ProjectDiscovery {
    pub(super) async fn list(
        &self,
        query: &LeakQuery,
        token: PageRequest,
    ) -> Result<LeakPage, ProviderError> {
        let asked = self.requested_rows(token);
        let ask = |part| self.list_part(query, part);
        let page = read_in_parts(&self.transport, token, asked, ask).await?;
        Ok(page.unwrap_or_default())
    }

    async fn list_part(
        &self,
        query: &LeakQuery,
        token: PageRequest,
    ) -> Result<LeakPage, ProviderError> {
        if self.list_version() == ListVersion::Deprecated {
            return self.deprecated_page(query, token).await;
        }
        let mut asked = self.requested_rows(token);
        let mut answer = self.current_list(query, token.index, asked).await;
        if let Err(ProviderError::Rejected { status: 400, .. }) = &answer
            && asked > SAFE_PAGE_ROWS
            && token.index == 0
        {
            asked = SAFE_PAGE_ROWS;
            answer = self.current_list(query, token.index, asked).await;
        }
        match answer {
            Ok(reply) => {
                self.set_list_version(ListVersion::Current);
                let first = token.index == 0;
                let mut page = page(&reply, None, &self.settings.fingerprint, first)?;
                page.page_size = full_page_rows(asked, token, &page);
                Ok(page)
            }
            // A list that has answered before is not gone: a page of it is.
            Err(error) if self.list_version() == ListVersion::Unknown && is_gone(&error) => {
                match self.deprecated_page(query, token).await {
                    Ok(page) => {
                        self.set_list_version(ListVersion::Deprecated);
                        Ok(page)
                    }
                    Err(other) if is_gone(&other) => Err(error),
                    Err(other) => Err(other),
                }
            }
            Err(error) => Err(error),
        }
    }

    fn list_request(&self, path: &[&str], terms: Vec<Term>, index: u32, size: u32) -> Request {
        let request = terms.into_iter().fold(Request::get(path), |request, term| {
            if term.redacted {
                request.redacted_query(term.name, &term.value)
            } else {
                request.query(term.name, term.value)
            }
        });
        let request = request
            .query("limit", size)
            .query("page_number", u64::from(index) + 1)
            .rows(size);
        self.with_team(request, Team::Undocumented)
    }

    async fn current_list(
        &self,
        query: &LeakQuery,
        index: u32,
        size: u32,
    ) -> Result<HttpResponse, ProviderError> {
        let request = self.list_request(&["v1", "leaks"], terms(query), index, size);
        self.transport.read(&request).await
    }

    /// One page of each deprecated list, joined. A page holds up to three times its size, so that a caller that
    /// counts pages by size asks for enough of them.
    async fn deprecated_page(
        &self,
        query: &LeakQuery,
        token: PageRequest,
    ) -> Result<LeakPage, ProviderError> {
        let asked = self.requested_rows(token);
        let wanted = match query.class.as_deref() {
            Some("external_vendor_leaks" | "organization_leaks") => Some("employee"),
            class => class,
        };
        let mut joined = LeakPage {
            page_size: asked,
            ..LeakPage::default()
        };
        let (mut total, mut pages, mut missing) = (Some(0), None, None);
        let mut answered = false;
        for (class, path) in [
            ("personal", &["v1", "leaks", "email"][..]),
            ("employee", &["v1", "leaks", "domain"]),
            ("customer", &["v1", "leaks", "domain", "customers"]),
        ] {
            if wanted.is_some_and(|wanted| wanted != class) {
                continue;
            }
            let mut terms = terms(query);
            terms.retain(|term| {
                matches!(
                    term.name,
                    "search"
                        | "start_date"
                        | "end_date"
                        | "time_range"
                        | "sort_by"
                        | "sort_order"
                        | "status"
                )
            });
            let request = self.list_request(path, terms, token.index, asked);
            let reply = match self.transport.read(&request).await {
                Ok(reply) => reply,
                Err(error) if is_gone(&error) => {
                    missing = Some(error);
                    continue;
                }
                Err(error) => return Err(error),
            };
            answered = true;
            let first = token.index == 0;
            let page = page(&reply, Some(class), &self.settings.fingerprint, first)?;
            if joined.contradiction.is_none() {
                joined.contradiction.clone_from(&page.contradiction);
            }
            total = total.zip(page.total).map(|(sum, more)| sum + more);
            pages = pages.max(page.next.page_count());
            joined.unreadable += page.unreadable;
            joined.page_size = joined.page_size.min(full_page_rows(asked, token, &page));
            page.leaks.iter().for_each(|leak| joined.leaks.push(&leak));
        }
        match missing {
            Some(error) if !answered => Err(error),
            missing => {
                // The rows of a list that does not answer are missing, whoever answered in its place.
                if let Some(error) = missing {
                    let lost = || format!("one of its three lists is not there: {error}");
                    joined.contradiction.get_or_insert_with(lost);
                }
                if joined.contradiction.is_none() {
                    (joined.total, joined.next) = (total, NextPage::Pages(pages));
                }
                Ok(joined)
            }
        }
    }

    pub(super) async fn count_leaks(&self, query: &LeakQuery) -> Result<u64, ProviderError> {
        let token = PageRequest { index: 0, size: 1 };
        let page = self.list(query, token).await?;
        page.total
            .ok_or_else(|| unsupported_error("its answer holds no count"))
    }

    /// The number of all leaks and of the open ones. The deprecated lists have no count to compare.
    pub(super) async fn probe_leaks(&self) -> Result<Option<Probe>, ProviderError> {
        if self.list_version() == ListVersion::Deprecated {
            return Ok(None);
        }
        let open = LeakQuery {
            status: Some(Status::Open),
            ..LeakQuery::default()
        };
        let all = self.count_leaks(&LeakQuery::default()).await?;
        Ok(Some(Probe {
            counts: vec![all, self.count_leaks(&open).await?],
            newest: Vec::new(),
            requests: 2,
        }))
    }

    pub(super) async fn count_groups(
        &self,
        query: &LeakQuery,
        by: CountField,
    ) -> Result<Vec<GroupCount>, ProviderError> {
        if self.list_version() == ListVersion::Deprecated {
            return Err(unsupported_error("its deprecated lists do not group"));
        }
        let name = match by {
            CountField::Url => "url",
            CountField::Country => "country",
            CountField::DeviceIp => "device_ip",
            CountField::Hostname => "hostname",
            CountField::Email => "email",
            CountField::HardwareId => "hardware_id",
        };
        let size = self.page_size();
        let (mut groups, mut seen) = (Vec::new(), HashSet::new());
        for index in 0..MAX_GROUP_PAGES {
            let mut terms = terms(query);
            terms.retain(|term| term.name != "group_by");
            terms.push(Term {
                name: "group_by",
                value: name.to_owned(),
                redacted: false,
            });
            // Counts are few and short: too slow a page of them is asked for again as it is.
            let request = self
                .list_request(&["v1", "leaks"], terms, index, size)
                .rows(0);
            let reply = self.transport.read(&request).await?;
            let value = reply.json()?;
            let summary = value
                .get_unique("group_summary")
                .map_err(|_| malformed_error("it has the same list twice"))?;
            let mut totals = Totals::default();
            for (name, total) in ["total_count", "total_leaks"]
                .into_iter()
                .zip(value.pick(["total_count", "total_leaks"]))
            {
                totals.add(name, total);
            }
            let Some(summary) = summary.filter(|summary| summary.is_array()) else {
                if index > 0 {
                    break;
                }
                return Err(unsupported_error("it listed leaks and did not count them"));
            };
            let (mut rows, mut new) = (0, 0);
            for item in summary.elements() {
                rows += 1;
                let (value, count) = group(item, name)
                    .ok_or_else(|| malformed_error("one of its groups has no count"))?;
                if seen.insert(value.clone()) {
                    new += 1;
                    groups.push(GroupCount { value, count });
                }
            }
            if index == 0 && rows == 0 && totals.agreed_total() != Some(0) {
                return Err(malformed_error(
                    "it counts no group, and no total says that there is nothing",
                ));
            }
            // A provider that does not page groups sends the same ones again.
            if rows < size as usize || new == 0 {
                break;
            }
        }
        groups.sort_by(|a, b| b.count.cmp(&a.count).then_with(|| a.value.cmp(&b.value)));
        Ok(groups)
    }
}

/// The value and the count of one group: the member of the field's name, or else the only other one.
fn group(item: Value<'_>, name: &str) -> Option<(Option<RawText>, u64)> {
    let other = || {
        item.members()
            .find(|(key, _)| key.as_ref() != b"count")
            .map(|(_, value)| value)
    };
    let value = item.get(name).or_else(other);
    let text = value.filter(|value| !value.is_null()).map(text);
    let count = item.get_unique("count").ok().flatten()?.count()?;
    Some((text, count))
}
