//! What the name of a file says of it.

/// What a file of a log is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::provider::file) enum Kind {
    /// Facts of the machine.
    System,
    /// Its address alone.
    Address,
    /// Credentials.
    Credential,
    /// What the stealer took beside them: never read.
    Artefact,
    /// A file of the victim: never read.
    Grabbed,
    /// What an archiver left: not in a reading.
    Litter,
    Other,
}

const SYSTEM: [&[u8]; 10] = [
    b"userinformation",
    b"userinfo",
    b"systeminformation",
    b"systeminfo",
    b"system",
    b"information",
    b"info",
    b"sysinfo",
    b"pcinfo",
    b"hardwareinfo",
];

const CREDENTIAL: [&[u8]; 8] = [
    b"pass",
    b"passes",
    b"pws",
    b"passwd",
    b"allpass",
    b"logins",
    b"credentials",
    b"password",
];

const GRABBED: [&[u8]; 11] = [
    b"filegrabber",
    b"filesgrabber",
    b"grabber",
    b"grabfiles",
    b"grabbedfiles",
    b"grabbed",
    b"files",
    b"importantfiles",
    b"desktop",
    b"documents",
    b"usb",
];

const ARTEFACT: [&[u8]; 13] = [
    b"cookie",
    b"autofill",
    b"histor",
    b"screen",
    b"wallet",
    b"process",
    b"installed",
    b"domaindetect",
    b"brute",
    b"creditcard",
    b"clipboard",
    b"useragent",
    b"token",
];

/// Folders of browsers and of kinds, below which nothing is a machine of its own.
const FOLDERS: [&[u8]; 24] = [
    b"browsers",
    b"chrome",
    b"googlechrome",
    b"firefox",
    b"mozillafirefox",
    b"edge",
    b"microsoftedge",
    b"opera",
    b"operagx",
    b"brave",
    b"chromium",
    b"vivaldi",
    b"yandex",
    b"passwords",
    b"logins",
    b"cookies",
    b"autofill",
    b"autofills",
    b"history",
    b"default",
    b"wallets",
    b"ftp",
    b"soft",
    b"plugins",
];

/// A name as it is compared: in lower case, without blanks and `_`.
fn folded(name: &[u8]) -> Vec<u8> {
    name.iter()
        .filter(|byte| !matches!(byte, b' ' | b'_' | b'\t'))
        .map(u8::to_ascii_lowercase)
        .collect()
}

fn holds(name: &[u8], word: &[u8]) -> bool {
    memchr::memmem::find(name, word).is_some()
}

/// What a file is, by the parts of its path behind the common folder of its tree.
pub(in crate::provider::file) fn kind(parts: &[&[u8]]) -> Kind {
    let Some((name, folders)) = parts.split_last() else {
        return Kind::Other;
    };
    if name.starts_with(b"._") || folders.iter().any(|folder| *folder == b"__MACOSX") {
        return Kind::Litter;
    }
    let folders: Vec<Vec<u8>> = folders.iter().map(|folder| folded(folder)).collect();
    if folders.iter().any(|folder| GRABBED.contains(&&folder[..])) {
        return Kind::Grabbed;
    }
    let name = folded(name);
    let dot = memchr::memrchr(b'.', &name);
    let (stem, ending) = dot.map_or((&name[..], &b""[..]), |dot| {
        (&name[..dot], &name[dot + 1..])
    });
    let cracker = holds(&name, b"passwordcracker")
        || folders
            .iter()
            .any(|folder| holds(folder, b"passwordcracker"));
    let is_text = matches!(ending, b"txt" | b"log");
    if is_text && !cracker {
        if SYSTEM.contains(&stem) || stem == b"machineinfo" {
            return Kind::System;
        }
        if stem == b"ip" {
            return Kind::Address;
        }
    }
    let right_in = folders
        .last()
        .is_some_and(|folder| matches!(&folder[..], b"passwords" | b"logins"));
    let named = holds(stem, b"password")
        || CREDENTIAL.contains(&stem)
        || stem.starts_with(b"logins")
        || stem.starts_with(b"credentials")
        || stem.ends_with(b"logins")
        || right_in;
    if named && !cracker && (is_text || matches!(ending, b"csv" | b"tsv")) {
        return Kind::Credential;
    }
    let all = folders.iter().map(|folder| &folder[..]).chain([&name[..]]);
    let mut all = all.filter(|name| ARTEFACT.iter().any(|word| holds(name, word)));
    if cracker || all.next().is_some() {
        return Kind::Artefact;
    }
    Kind::Other
}

/// Whether a folder is one of a browser or of a kind of file.
pub(super) fn is_part_of_a_log(folder: &[u8]) -> bool {
    let name = folded(folder);
    let end = name
        .iter()
        .position(|byte| matches!(byte, b'[' | b'('))
        .unwrap_or(name.len());
    FOLDERS.contains(&&name[..end])
}
