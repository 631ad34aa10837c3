//! The archive of a machine: its name, and the files in it.

use super::super::leak::Leak;
use super::super::rng::SplitMix;
use super::ids::Id;

/// Letters of the countries that the demo data knows.
const COUNTRIES: [(&str, &str); 24] = [
    ("Germany", "DE"),
    ("United States", "US"),
    ("Brazil", "BR"),
    ("India", "IN"),
    ("France", "FR"),
    ("Spain", "ES"),
    ("Poland", "PL"),
    ("Italy", "IT"),
    ("United Kingdom", "GB"),
    ("Mexico", "MX"),
    ("Indonesia", "ID"),
    ("Netherlands", "NL"),
    ("Turkey", "TR"),
    ("Argentina", "AR"),
    ("Portugal", "PT"),
    ("Philippines", "PH"),
    ("Canada", "CA"),
    ("Romania", "RO"),
    ("Egypt", "EG"),
    ("Japan", "JP"),
    ("Côte d'Ivoire", "CI"),
    ("South Africa", "ZA"),
    ("Sweden", "SE"),
    ("Colombia", "CO"),
];

/// Files that every archive has.
const COMMON_FILES: [&str; 5] = [
    "Information.txt",
    "Passwords.txt",
    "Screenshot.png",
    "Software/InstalledSoftware.txt",
    "Software/ProcessList.txt",
];

/// Browsers, as malware spells them.
const BROWSERS: [&str; 4] = [
    "Google_[Chrome]_Default",
    "Microsoft_[Edge]_Default",
    "Mozilla_[Firefox]_k3x1.default-release",
    "Opera_[GX]_Stable",
];

/// Files that some archives have.
const OPTIONAL_FILES: [&str; 6] = [
    "Applications/FileZilla/recentservers.xml",
    "Applications/OpenVPN/profiles/office.ovpn",
    "Messengers/Telegram/tdata/key_datas",
    "Messengers/Discord/Tokens.txt",
    "Wallets/Chrome_Default_Wallet/000003.log",
    "Steam/config/loginusers.vdf",
];

/// Files that were taken from the desktop.
const DESKTOP_FILES: [&str; 6] = [
    "Desktop/notes.txt",
    "Desktop/vpn setup.pdf",
    "Documents/salaries 2025.xlsx",
    "Documents/Keys/id_rsa",
    "Documents/recovery codes.txt",
    "Desktop/Übergabe.docx",
];

/// A file whose name lies about itself.
const SPOOFED_FILE: &str = "Desktop/invoice\u{202e}fdp.exe";

/// The name of the archive.
pub(super) fn file_name(leak: &Leak) -> String {
    let found = COUNTRIES.iter().find(|(name, _)| *name == leak.country);
    let letters = found.map_or("XX", |(_, letters)| *letters);
    format!("[{letters}]{}.zip", leak.device_ip)
}

/// The paths of the files in the archive.
pub(super) fn tree(id: Id, leak: &Leak) -> Vec<String> {
    let mut draw = SplitMix::new(id.hash_u64(3));
    let mut files: Vec<String> = COMMON_FILES.iter().map(|file| (*file).to_owned()).collect();
    for (place, browser) in BROWSERS.iter().enumerate() {
        if place == 0 || draw.one_in(2) {
            for folder in ["Autofills", "Cookies", "History"] {
                files.push(format!("{folder}/{browser}.txt"));
            }
            if draw.one_in(4) {
                files.push(format!("CreditCards/{browser}.txt"));
            }
        }
    }
    files.extend(
        OPTIONAL_FILES
            .iter()
            .filter(|_| draw.one_in(4))
            .map(|file| (*file).to_owned()),
    );
    let mut grabbed: Vec<&str> = DESKTOP_FILES
        .iter()
        .copied()
        .filter(|_| draw.one_in(3))
        .collect();
    if draw.one_in(25) {
        grabbed.push(SPOOFED_FILE);
    }
    for file in grabbed {
        files.push(format!("FileGrabber/Users/{}/{file}", leak.host_username));
    }
    let root = file_name(leak);
    for file in &mut files {
        file.insert(0, '/');
        file.insert_str(0, &root);
    }
    files.sort_unstable();
    files
}

#[cfg(test)]
mod tests {
    use super::super::super::word_lists::WordLists;
    use super::*;

    #[test]
    fn every_country_has_its_letters() {
        for country in WordLists::load().countries {
            assert!(
                COUNTRIES.iter().any(|(name, _)| *name == country),
                "{country}"
            );
        }
    }
}
