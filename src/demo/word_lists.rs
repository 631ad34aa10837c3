//! The word lists behind the demo data, embedded and split once.

/// Everything that demo data is put together from. No list is empty.
#[derive(Clone, Debug)]
pub(crate) struct WordLists {
    /// Given names, lower case, 64 of them.
    pub(crate) first_names: Vec<&'static str>,
    /// Family names, lower case, 64 of them.
    pub(crate) last_names: Vec<&'static str>,
    /// What passwords are made of.
    pub(crate) password_words: Vec<&'static str>,
    /// Countries, the common ones first.
    pub(crate) countries: Vec<&'static str>,
    /// Addresses where employees log in outside their company.
    pub(crate) vendor_sites: Vec<&'static str>,
    /// Addresses where the account's owner logs in.
    pub(crate) personal_sites: Vec<&'static str>,
}

/// One domain that the demo account watches.
pub(crate) struct MonitoredDomain {
    /// Its name.
    pub(crate) name: &'static str,
    /// Its share of the leaks, out of 100.
    pub(crate) weight: u64,
    /// How its ownership stands when the server starts; none where nobody asked for a proof.
    pub(crate) proof: Option<&'static str>,
}

/// The watched domains, the largest first. Weights add up to 100.
pub(crate) const MONITORED_DOMAINS: [MonitoredDomain; 8] = [
    monitored_domain("northlake.example", 29, Some("verified")),
    monitored_domain("brightfield.example", 21, Some("verified")),
    monitored_domain("harborbank.example", 15, Some("verified")),
    monitored_domain("orchidhealth.example", 11, Some("pending")),
    monitored_domain("quillworks.example", 9, Some("verified")),
    monitored_domain("meridian-air.example", 7, Some("expired")),
    monitored_domain("tindra.example", 5, None),
    monitored_domain("saltmarsh.example", 3, Some("verified")),
];

const fn monitored_domain(
    name: &'static str,
    weight: u64,
    proof: Option<&'static str>,
) -> MonitoredDomain {
    MonitoredDomain {
        name,
        weight,
        proof,
    }
}

/// Services inside a company: host prefix, path, share out of 100. `vpn` is the search word that about 6 leaks in 100
/// hold: no other list contains it.
pub(crate) const SERVICES: [(&str, &str, u64); 8] = [
    ("sso", "/adfs/ls/", 22),
    ("webmail", "/owa/auth/logon.aspx", 17),
    ("vpn", "/remote/login", 16),
    ("citrix", "/logon/LogonPoint/index.html", 11),
    ("jira", "/login.jsp", 11),
    ("hr", "/portal/signin", 9),
    ("gitlab", "/users/sign_in", 8),
    ("", "/wp-login.php", 6),
];

/// Where customers of a watched company log in: host prefix, path, share out of 100.
pub(crate) const SHOPS: [(&str, &str, u64); 4] = [
    ("shop", "/account/login", 45),
    ("my", "/signin", 30),
    ("www", "/login", 15),
    ("support", "/tickets", 10),
];

/// Mail providers of customers.
pub(crate) const MAILERS: [&str; 4] = [
    "mail.example",
    "inbox.example.net",
    "post.example.org",
    "quickmail.example",
];

/// Operating systems of infected machines, the common ones first.
pub(crate) const SYSTEMS: [&str; 5] = [
    "Windows 10 Pro",
    "Windows 11 Pro",
    "Windows 10 Home",
    "Windows 11 Home",
    "Windows Server 2019",
];

/// Where the malware lay, below the user's folder.
pub(crate) const MALWARE: [&str; 6] = [
    r"AppData\Local\Temp\setup_x64.exe",
    r"AppData\Roaming\updater\updater.exe",
    r"Downloads\Invoice_2291.pdf.exe",
    r"AppData\Local\Temp\7zS4C\installer.exe",
    r"Desktop\crack\keygen.exe",
    r"AppData\Local\Programs\meetclient\meetclient.exe",
];

/// Logins with which a list, a log or an export goes wrong when it trusts what it is given.
pub(crate) const ODD_LOGINS: [&str; 12] = [
    "山田太郎@northlake.example",
    "m\u{1b}[31malert\u{1b}[0m@northlake.example",
    "invoice\u{202e}fdp.exe@brightfield.example",
    "👩‍💻.dev@harborbank.example",
    "=HYPERLINK(\"http://203.0.113.9/\",\"open\")",
    "zero\u{200b}width@quillworks.example",
    "e\u{301}lodie.müller@northlake.example",
    "two\nlines@brightfield.example",
    "tab\tand \"quotes\", commas@harborbank.example",
    "\u{9b}31mc1@saltmarsh.example",
    "김서연@orchidhealth.example",
    "مها@tindra.example",
];

/// Ids that are not 32 hexadecimal characters, as the vendor's own examples have them.
pub(crate) const ODD_IDS: [&str; 3] = [
    "leak_id_hash",
    "e4763g36f9a41c0b8d5577h9a2c1d0f4",
    "d5874h47a0b52d1c9e6688i0b3d2e1a5",
];

impl WordLists {
    /// Splits the embedded lists.
    pub(crate) fn load() -> Self {
        Self {
            first_names: lines(include_str!("../../assets/demo/first-names.txt")),
            last_names: lines(include_str!("../../assets/demo/last-names.txt")),
            password_words: lines(include_str!("../../assets/demo/password-words.txt")),
            countries: lines(include_str!("../../assets/demo/countries.txt")),
            vendor_sites: lines(include_str!("../../assets/demo/vendor-sites.txt")),
            personal_sites: lines(include_str!("../../assets/demo/personal-sites.txt")),
        }
    }
}

fn lines(text: &'static str) -> Vec<&'static str> {
    text.lines().filter(|line| !line.is_empty()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_are_whole() {
        let words = WordLists::load();
        assert_eq!(words.first_names.len(), 64);
        assert_eq!(words.last_names.len(), 64);
        assert_eq!(words.password_words.len(), 64);
        assert!(words.countries.len() > 16);
        assert!(words.vendor_sites.len() > 8);
        assert!(words.personal_sites.len() > 4);
        assert_eq!(
            MONITORED_DOMAINS
                .iter()
                .map(|domain| domain.weight)
                .sum::<u64>(),
            100
        );
        assert_eq!(SERVICES.iter().map(|service| service.2).sum::<u64>(), 100);
        assert_eq!(SHOPS.iter().map(|shop| shop.2).sum::<u64>(), 100);
    }

    #[test]
    fn only_documentation_names_are_used() {
        let words = WordLists::load();
        for site in words.vendor_sites.iter().chain(&words.personal_sites) {
            let host = site.split('/').nth(2).unwrap_or_default();
            let allowed = ["example", "example.com", "example.net", "example.org"];
            assert!(
                allowed
                    .iter()
                    .any(|end| host == *end || host.ends_with(&format!(".{end}"))),
                "{site}"
            );
        }
    }
}
