//! One leak of the demo data, as text.

use std::fmt::Write as _;

/// Whose leak it is. An employee's is split by where the login was used.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum Class {
    /// The owner of the account.
    #[default]
    Personal,
    /// A watched address, used at a watched company.
    Organization,
    /// A watched address, used somewhere else.
    Vendor,
    /// Somebody else's address, used at a watched company.
    Customer,
}

impl Class {
    /// The word of a leak's `user_type`; `fine` picks the finer word of an employee's leak.
    pub(crate) fn word(self, fine: bool) -> &'static str {
        match self {
            Self::Personal => "personal",
            Self::Customer => "customer",
            Self::Organization if fine => "organization_leaks",
            Self::Vendor if fine => "external_vendor_leaks",
            Self::Organization | Self::Vendor => "employee",
        }
    }

    /// Whether the leak is an employee's.
    pub(crate) fn is_employee(self) -> bool {
        matches!(self, Self::Organization | Self::Vendor)
    }
}

/// One leak, all members as text; blank where the source log was stripped. Made to be filled again and again.
#[derive(Clone, Debug, Default)]
pub(crate) struct Leak {
    /// 32 lower-case hexadecimal digits; another shape only on hostile data.
    pub(crate) id: String,
    /// Where the login was used.
    pub(crate) url: String,
    /// The login.
    pub(crate) username: String,
    /// The password in clear, made up.
    pub(crate) password: String,
    /// Address of the infected machine.
    pub(crate) device_ip: String,
    /// Account on the infected machine.
    pub(crate) host_username: String,
    /// Name of the infected machine.
    pub(crate) hostname: String,
    /// Its system.
    pub(crate) os: &'static str,
    /// Where the malware lay.
    pub(crate) malware_path: String,
    /// Country of the machine.
    pub(crate) country: &'static str,
    /// Day of the log, `YYYY-MM-DD`.
    pub(crate) log_date: String,
    /// Time of the log within its day, seconds.
    pub(crate) second: u32,
    /// Name of the machine's hardware.
    pub(crate) hardware_id: String,
    /// The watched domain that it is filed under; blank for personal leaks.
    pub(crate) domain: &'static str,
    /// Domain of the login.
    pub(crate) email_domain: String,
    /// Domain of the address, without its host prefix.
    pub(crate) url_domain: String,
    /// When the provider read it, RFC 3339.
    pub(crate) fetched_at: String,
    /// Whose it is.
    pub(crate) class: Class,
    /// Whether `user_type` is the finer word.
    pub(crate) has_fine_class: bool,
    /// Whether lists hide the password even from those who may see it.
    pub(crate) masked_in_lists: bool,
    /// Whether blank members are null rather than empty.
    pub(crate) null_blanks: bool,
}

/// Appends `Thh:mm:ssZ`.
pub(crate) fn push_time(text: &mut String, second: u32) {
    let (hour, minute) = (second / 3_600, second / 60 % 60);
    let _ = write!(text, "T{hour:02}:{minute:02}:{:02}Z", second % 60);
}
