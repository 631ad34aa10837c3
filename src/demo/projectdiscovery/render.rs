//! Leaks as JSON and CSV, written byte by byte: a thousand of them stand in every page.

use std::io::Write as _;

use super::super::leak::{Leak, push_time};
use super::State;

/// What stands for a password that is not shown.
pub(crate) const MASKED: &str = "***MASKED***";

/// What of a leak depends on the account and on what was changed.
#[derive(Clone, Copy, Debug)]
pub(crate) struct VisibleState {
    /// Its status.
    pub(crate) state: State,
    /// Whether the password is shown.
    pub(crate) shows_password: bool,
}

impl VisibleState {
    /// The password as shown. Where there is none there is nothing to mask.
    pub(crate) fn password(self, leak: &Leak) -> &str {
        if self.shows_password || leak.password.is_empty() {
            &leak.password
        } else {
            MASKED
        }
    }
}

/// Which shape a leak is written in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Shape {
    /// Of the list.
    List,
    /// Of the list, with members and values that no document names.
    Unknown,
    /// Of the single leak: no `url_domain`, no `user_type`, a time in `log_date`.
    Info,
    /// Of the deprecated lists: `host_username`, and never null.
    Deprecated,
}

/// Writes one leak as a JSON object.
pub(crate) fn leak(leak: &Leak, shown: VisibleState, shape: Shape, into: &mut Vec<u8>) {
    let null_blanks = leak.null_blanks && shape != Shape::Deprecated;
    let mut member = |name: &str, value: &str, nullable: bool| {
        into.push(if name == "id" { b'{' } else { b',' });
        into.push(b'"');
        into.extend_from_slice(name.as_bytes());
        into.extend_from_slice(b"\":");
        if value.is_empty() && null_blanks && nullable {
            into.extend_from_slice(b"null");
        } else {
            text(value, into);
        }
    };
    member("id", &leak.id, false);
    member("url", &leak.url, true);
    member("username", &leak.username, true);
    member("password", shown.password(leak), true);
    member("device_ip", &leak.device_ip, true);
    if shape == Shape::Deprecated {
        member("host_username", &leak.host_username, true);
    }
    member("hostname", &leak.hostname, true);
    member("os", leak.os, true);
    member("malware_path", &leak.malware_path, true);
    member("country", leak.country, true);
    if shape == Shape::Info {
        let mut time = leak.log_date.clone();
        push_time(&mut time, leak.second);
        member("log_date", &time, true);
    } else {
        member("log_date", &leak.log_date, true);
    }
    member("hardware_id", &leak.hardware_id, true);
    member("domain", leak.domain, true);
    member("email_domain", &leak.email_domain, true);
    if matches!(shape, Shape::List | Shape::Unknown) {
        member("url_domain", &leak.url_domain, true);
    }
    if shape != Shape::Deprecated {
        member("fetched_at", &leak.fetched_at, true);
    }
    let odd = shape == Shape::Unknown && leak.second.is_multiple_of(7);
    member(
        "status",
        if odd { "triaged" } else { shown.state.word() },
        false,
    );
    if matches!(shape, Shape::List | Shape::Unknown) {
        let kind = if odd {
            "contractor"
        } else {
            leak.class.word(leak.has_fine_class)
        };
        member("user_type", kind, false);
    }
    if shape == Shape::Unknown {
        member("stealer_family", "not yet documented", false);
        into.extend_from_slice(
            b",\"confidence\":0.5,\"tags\":[\"new\",null],\"enrichment\":{\"seen\":3}",
        );
    }
    into.push(b'}');
}

/// Writes a JSON string.
pub(crate) fn text(value: &str, into: &mut Vec<u8>) {
    into.push(b'"');
    let mut rest = value.as_bytes();
    while let Some(at) = rest
        .iter()
        .position(|byte| *byte < 0x20 || *byte == b'"' || *byte == b'\\')
    {
        into.extend_from_slice(&rest[..at]);
        match rest[at] {
            b'"' => into.extend_from_slice(b"\\\""),
            b'\\' => into.extend_from_slice(b"\\\\"),
            // Writing to a Vec cannot fail.
            byte => drop(write!(into, "\\u{byte:04x}")),
        }
        rest = &rest[at + 1..];
    }
    into.extend_from_slice(rest);
    into.push(b'"');
}

/// All members of a list's leak as they are shown, one a line: what a search looks at.
pub(crate) fn visible_text(leak: &Leak, shown: VisibleState, into: &mut String) {
    into.clear();
    for value in [
        &leak.id,
        &leak.url,
        &leak.username,
        shown.password(leak),
        &leak.device_ip,
        &leak.hostname,
        leak.os,
        &leak.malware_path,
        leak.country,
        &leak.log_date,
        &leak.hardware_id,
        leak.domain,
        &leak.email_domain,
        &leak.url_domain,
        &leak.fetched_at,
        shown.state.word(),
        leak.class.word(leak.has_fine_class),
    ] {
        into.push_str(value);
        // No parameter of a sane client holds it, so no hit spans two members.
        into.push('\u{1f}');
    }
}

/// The header of an exported table.
pub(crate) const CSV_HEADER: &str = "id,url,username,password,device_ip,hostname,os,country,log_date,hardware_id,domain,email_domain,url_domain,status,user_type\n";

/// Writes one leak as a line of CSV. A cell is quoted where it must be; formulas are not defused, as the vendor does not.
pub(crate) fn csv_line(leak: &Leak, shown: VisibleState, into: &mut Vec<u8>) {
    let cells = [
        &leak.id,
        &leak.url,
        &leak.username,
        shown.password(leak),
        &leak.device_ip,
        &leak.hostname,
        leak.os,
        leak.country,
        &leak.log_date,
        &leak.hardware_id,
        leak.domain,
        &leak.email_domain,
        &leak.url_domain,
        shown.state.word(),
        leak.class.word(leak.has_fine_class),
    ];
    for (place, cell) in cells.into_iter().enumerate() {
        if place > 0 {
            into.push(b',');
        }
        if cell.contains(['"', ',', '\n', '\r']) {
            into.push(b'"');
            into.extend_from_slice(cell.replace('"', "\"\"").as_bytes());
            into.push(b'"');
        } else {
            into.extend_from_slice(cell.as_bytes());
        }
    }
    into.push(b'\n');
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strings_read_back_as_they_were() {
        for value in [
            "",
            "plain",
            "a\"b\\c",
            "\u{0}\u{1b}[0m\n\t\u{7f}\u{9b}",
            "山田\u{202e}👩‍💻",
        ] {
            let mut bytes = Vec::new();
            text(value, &mut bytes);
            assert_eq!(serde_json::from_slice::<String>(&bytes).unwrap(), value);
        }
    }
}
