//! The audit lines of keys that are made and taken back.

use super::Command;
use crate::{cli::audit_line, journal::AuditRecord};

/// What stands in the audit log of a change; a key never does.
pub(super) fn audit_record(command: &Command) -> AuditRecord {
    let (action, detail) = match command {
        Command::Create(arguments) => {
            let way = match (&arguments.output, arguments.copy) {
                (Some(_), _) => ", into a file",
                (None, true) => ", to the clipboard",
                (None, false) => "",
            };
            ("api_key_create", Some(format!("{}{way}", arguments.name)))
        }
        Command::Revoke(arguments) => ("api_key_revoke", Some(arguments.id.clone())),
        Command::List(_) => ("api_key_list", None),
        Command::Usage(_) => ("api_key_usage", None),
    };
    AuditRecord {
        detail,
        ..audit_line::line(action, "asked")
    }
}
