//! Archives as stealers make them, all of it made up: for tests, and for who tries the console out. Hosts, addresses and
//! people are those of documentation.

mod zip;

pub use zip::Archive;

use fastrand::Rng;
use std::fmt::Write as _;

/// A stealer whose layout is made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Family {
    /// `LID`, the same records twice.
    Lumma,
    /// `FileLocation`, an application behind each password.
    RedLine,
    /// `Running Path`, a banner.
    StealC,
    /// `MachineID` with `Work Dir`.
    Vidar,
    /// A macOS one, without host name and date.
    Atomic,
    /// None that is known.
    Unknown,
}

/// All of them.
pub const FAMILIES: [Family; 6] = [
    Family::Lumma,
    Family::RedLine,
    Family::StealC,
    Family::Vidar,
    Family::Atomic,
    Family::Unknown,
];

/// One credential.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Credential {
    /// Where it was typed.
    pub url: String,
    /// The login.
    pub login: String,
    /// The password.
    pub password: String,
}

/// A machine and what was taken from it.
#[derive(Clone, Debug)]
pub struct Log {
    /// Who wrote it.
    pub family: Family,
    /// Its folder in the archive.
    pub folder: String,
    /// Its host name.
    pub host: String,
    /// Its credentials.
    pub credentials: Vec<Credential>,
    address: String,
    country: &'static str,
    hardware_id: String,
}

const PEOPLE: [&str; 12] = [
    "m.ortega",
    "j.silva",
    "ana.p",
    "kim.l",
    "rui.costa",
    "h.meyer",
    "a.koivu",
    "s.dubois",
    "t.novak",
    "l.rossi",
    "n.haddad",
    "o.larsen",
];
const SITES: [&str; 10] = [
    "vpn.acme.example/login",
    "portal.contoso.example/signin",
    "mail.acme.example/owa/",
    "intranet.northwind.example/",
    "git.acme.example/users/sign_in",
    "shop.example.com/account",
    "sso.contoso.example/auth",
    "forum.example.org/login.php",
    "bank.example.net/",
    "hr.northwind.example/me",
];
const DOMAINS: [&str; 4] = [
    "acme.example",
    "contoso.example",
    "northwind.example",
    "example.com",
];
const COUNTRIES: [&str; 8] = ["ES", "PT", "DE", "FI", "US", "FR", "CZ", "IT"];

impl Log {
    /// A log of a family.
    pub fn new(family: Family, number: usize, rng: &mut Rng) -> Self {
        let mut pick = |list: &[&'static str]| list[rng.usize(..list.len())];
        let person = pick(&PEOPLE);
        let domain = pick(&DOMAINS);
        let country = pick(&COUNTRIES);
        let count = rng.usize(4..12);
        let credentials = (0..count)
            .map(|_| {
                let login = if rng.bool() {
                    format!("{person}@{domain}")
                } else {
                    person.to_owned()
                };
                Credential {
                    url: format!("https://{}", SITES[rng.usize(..SITES.len())]),
                    login,
                    password: format!("made-up-{:06x}", rng.u32(..1 << 24)),
                }
            })
            .collect();
        let host = format!("{}-{number:03}", person.replace('.', "").to_uppercase());
        let address = format!("203.0.113.{}", 1 + number % 250);
        let folder = match family {
            Family::Unknown => format!("[{country}] {address}"),
            Family::RedLine => format!("{country}[{:016X}{number:016X}]", rng.u64(..)),
            _ => format!("LOG_{host}"),
        };
        Self {
            family,
            folder,
            host,
            credentials,
            address,
            country,
            hardware_id: format!("{:08X}-{number:04X}", rng.u32(..)),
        }
    }

    /// The files of the log: their names in the archive and their text.
    pub fn files(&self) -> Vec<(String, String)> {
        let mut files = vec![
            (self.system_name().to_owned(), self.system()),
            (self.password_name().to_owned(), self.passwords()),
            (
                "Cookies/Chrome_Default.txt".to_owned(),
                ".example.com\tTRUE\t/\tTRUE\t1900000000\tsession\tmade-up\n".to_owned(),
            ),
        ];
        if self.family == Family::Lumma {
            files.push(("Chrome/Default/Passwords.txt".to_owned(), self.passwords()));
        }
        if self.family == Family::RedLine {
            files.push((
                "FileGrabber/Users/me/Desktop/passwords.txt".to_owned(),
                "not for you\n".to_owned(),
            ));
        }
        files.retain(|(_, text)| !text.is_empty());
        files
            .into_iter()
            .map(|(name, text)| (format!("{}/{name}", self.folder), text))
            .collect()
    }

    fn system_name(&self) -> &'static str {
        match self.family {
            Family::Lumma => "System.txt",
            Family::RedLine | Family::Atomic => "UserInformation.txt",
            Family::StealC => "system_info.txt",
            Family::Vidar => "information.txt",
            Family::Unknown => "readme.txt",
        }
    }

    fn password_name(&self) -> &'static str {
        match self.family {
            Family::Lumma => "All Passwords.txt",
            Family::RedLine | Family::Atomic => "Passwords.txt",
            Family::StealC | Family::Vidar => "passwords.txt",
            Family::Unknown => "_AllPasswords_list.txt",
        }
    }

    fn system(&self) -> String {
        let (host, ip, country, id) = (&self.host, &self.address, self.country, &self.hardware_id);
        match self.family {
            Family::Lumma => format!(
                "- LID: made-up\n- IP Address: {ip}\n- Country: {country}\n- OS Version: Windows 11 Pro\n- Local Date: 11.02.2026 10:12:44\n- HWID: {id}\n- Computer: {host}\n- User: me\n"
            ),
            Family::RedLine => format!(
                "Build ID: made-up\nIP: {ip}\nFileLocation: C:\\made-up.exe\nUserName: me\nCountry: {country}\nHWID: {id}\nMachineName: {host}\nOperation System: Windows 10 Pro x64\nLog date: 2/11/2026 10:12:44 AM\n"
            ),
            Family::StealC => format!(
                "stealc stealer, made up\n\nNetwork Info:\n\t- IP: {ip}\n\t- Country: {country}\n\nSystem Summary:\n\t- HWID: {id}\n\t- OS: Windows 10 Pro\n\t- UserName: me\n\t- Computer Name: {host}\n\t- Local Time: 2026/02/11 10:12:44\n\t- Running Path: C:\\made-up.exe\n"
            ),
            Family::Vidar => format!(
                "Ip: {ip}\nCountry: {country}\nDate: 11/02/2026 10:12:44\nMachineID: {id}\nHWID: {id}\nPath: C:\\made-up.exe\nWork Dir: In memory\nWindows: Windows 10\nComputer Name: {host} [WORKGROUP]\nUser Name: me\n"
            ),
            Family::Atomic => format!(
                "ATOMIC MAC, made up\nIP: {ip}/24\nCountry: {country}\nHardware UUID: {id}\nProduct Name: macOS\nProductVersion: 14.1\nBuildVersion: 23B74\n"
            ),
            Family::Unknown => String::new(),
        }
    }

    fn passwords(&self) -> String {
        let mut text = String::new();
        if self.family == Family::StealC {
            text.push_str("made-up banner of a seller\n\n");
        }
        for one in &self.credentials {
            let (url, login, password) = (&one.url, &one.login, &one.password);
            // Writing to a text does not fail.
            let _ = match self.family {
                Family::Lumma => write!(
                    text,
                    "SOFT: Chrome Default\nURL: {url}\nUSER: {login}\nPASS: {password}\n\n"
                ),
                Family::RedLine => write!(
                    text,
                    "URL: {url}\nUsername: {login}\nPassword: {password}\nApplication: Google_[Chrome]_Default\n===============\n"
                ),
                Family::StealC => write!(
                    text,
                    "browser: Chrome\nprofile: Default\nurl: {url}\nlogin: {login}\npassword: {password}\n\n"
                ),
                Family::Vidar => write!(
                    text,
                    "Soft: Chrome (Default)\nHost: {url}\nLogin: {login}\nPassword: {password}\n\n"
                ),
                Family::Atomic => write!(
                    text,
                    "BROWSER: Chrome\nURL: {url}\nLOGIN: {login}\nPASSWORD: {password}\n"
                ),
                Family::Unknown => write!(
                    text,
                    "U53RN4M3: {login}\nP455W0RD: {password}\nUR1: {url}\n\n"
                ),
            };
        }
        text
    }
}

/// Logs of all families in turn.
pub fn logs(seed: u64, count: usize) -> Vec<Log> {
    let mut rng = Rng::with_seed(seed);
    (0..count)
        .map(|number| Log::new(FAMILIES[number % FAMILIES.len()], number, &mut rng))
        .collect()
}

/// A ZIP of these logs.
pub fn zipped(logs: &[Log]) -> Vec<u8> {
    let mut archive = Archive::default();
    for (name, text) in logs.iter().flat_map(Log::files) {
        archive.add(name.as_bytes(), text.as_bytes());
    }
    archive.finish()
}
