//! What a provider is asked: the terms of a filter that it understands itself. Everything is filtered again here.

use super::{key::RemoteId, risk::RiskLevel, status::Status};

/// A request for leaks. Empty members ask for everything.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Default)]
pub struct LeakQuery {
    /// A watched domain, exactly.
    pub domain: Option<String>,
    /// A login address, exactly.
    pub email: Option<String>,
    /// Text anywhere, as the provider understands it.
    pub search: Option<String>,
    /// Only this status.
    pub status: Option<Status>,
    /// The provider's class, exactly.
    pub class: Option<String>,
    /// From this day on, `YYYY-MM-DD`.
    pub start_date: Option<String>,
    /// Up to this day, `YYYY-MM-DD`.
    pub end_date: Option<String>,
    /// A named range of the provider's.
    pub time_range: Option<String>,
    /// Country, exactly.
    pub country: Option<String>,
    /// URL, exactly.
    pub url: Option<String>,
    /// Address of the machine, exactly.
    pub device_ip: Option<String>,
    /// Host name of the machine, exactly.
    pub hostname: Option<String>,
    /// Hardware id of the machine, exactly.
    pub hardware_id: Option<String>,
    /// Only these statuses; any if empty.
    pub statuses: Vec<Status>,
    /// Only these risks; any if empty.
    pub risks: Vec<RiskLevel>,
    /// Only under these watched domains, by the provider's own id; all if empty.
    pub domain_ids: Vec<RemoteId>,
    /// Part of the login, as the provider compares it.
    pub login_part: Option<String>,
    /// Part of the URL, as the provider compares it.
    pub url_part: Option<String>,
    /// Part of the URL's path, as the provider compares it.
    pub url_path_part: Option<String>,
    /// The URL's port, exactly.
    pub url_port: Option<u16>,
    /// Leaks of this user, by the provider's own id.
    pub user: Option<RemoteId>,
    /// Leaks of this endpoint, by the provider's own id.
    pub endpoint: Option<RemoteId>,
    /// Leaks of this resource, by the provider's own id.
    pub resource: Option<RemoteId>,
    /// The provider's own sort keys and whether each descends, most important first.
    pub sort: Vec<(String, bool)>,
}

/// A request for users or connections that a provider lists itself. Empty members ask for everything. A list leaves out
/// a term that it cannot narrow by; a count that cannot is refused.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Default)]
pub struct EntityQuery {
    /// Only under these watched domains, all if empty: the provider's own ids, or names as the keys of domains hold
    /// them. From a caller, never from a filter: a filter looks at the domain that we file a leak under.
    pub domain_ids: Vec<RemoteId>,
    /// Only these statuses of the provider's own, any if empty. Of machines only: nothing else has one.
    pub statuses: Vec<Status>,
    /// Only these risks of the provider's own, any if empty. It rates a thing as a whole, not each of its leaks.
    pub risks: Vec<RiskLevel>,
    /// Part of the login, as the provider compares it. Of users only.
    pub login_part: Option<String>,
    /// The provider's own sort keys and whether each descends, most important first. A count has no order.
    pub sort: Vec<(String, bool)>,
}

/// What a provider can count leaks by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, strum::EnumString, strum::Display)]
#[strum(serialize_all = "snake_case")]
pub enum CountField {
    /// The whole URL.
    Url,
    /// Country of the machine.
    Country,
    /// Address of the machine.
    DeviceIp,
    /// Host name of the machine.
    Hostname,
    /// Login address.
    Email,
    /// Hardware id of the machine.
    HardwareId,
}

/// How many leaks have one value of the grouped field.
#[derive(Clone, Debug, PartialEq)]
pub struct GroupCount {
    /// The value; `None` where the provider gave none.
    pub value: Option<super::raw_text::RawText>,
    /// How many.
    pub count: u64,
}
