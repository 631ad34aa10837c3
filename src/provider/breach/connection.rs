//! Breaches, pastes and sites as connections.

use crate::entity::{
    breach::{Breach, Paste},
    connection::{Connection, ConnectionKind, ResourceType},
    key::{EntityKey, Kind, RemoteId},
    profile::AdapterSettings,
    raw_text::RawText,
};

/// What connections are made with: whose they are.
#[derive(Clone, Copy)]
pub(in crate::provider) struct ConnectionMaker<'a> {
    /// The profile.
    pub(in crate::provider) settings: &'a AdapterSettings,
    /// Whose data it is, where that must be said.
    pub(in crate::provider) attribution: Option<&'a str>,
}

impl ConnectionMaker<'_> {
    fn connection_of(&self, form: ConnectionKind, id: &[u8], name: RawText) -> Connection {
        let id = [form.to_string().as_bytes(), b":", id].concat();
        let key = EntityKey {
            profile: self.settings.name.clone(),
            kind: Kind::Connection,
            id: RemoteId::from(&id[..]),
        };
        Connection {
            attribution: self.attribution.map(str::to_owned),
            ..Connection::from_name(key, self.settings.provider.clone(), form, name)
        }
    }

    /// A breach as a connection; `leaks` is the number of leaks of this profile in it, where that is known.
    pub(in crate::provider) fn breach(&self, breach: Breach, leaks: Option<u64>) -> Connection {
        let name = breach.title.clone().filter(|title| !title.is_empty());
        let name = name.unwrap_or_else(|| breach.name.clone());
        let connection = self.connection_of(ConnectionKind::Breach, breach.name.as_bytes(), name);
        Connection {
            date: breach.date.clone(),
            leaks,
            breach: Some(breach),
            ..connection
        }
    }

    /// A paste as a connection.
    pub(in crate::provider) fn paste(&self, paste: Paste) -> Connection {
        let id = [paste.source.as_bytes(), b":", paste.id.as_bytes()].concat();
        let name = paste.title.clone().filter(|title| !title.is_empty());
        let name = name.unwrap_or_else(|| RawText::from(&id[..]));
        let connection = self.connection_of(ConnectionKind::Paste, &id, name);
        Connection {
            date: paste.date.clone(),
            paste: Some(paste),
            ..connection
        }
    }

    /// A site that logins of stealer logs were for; `leaks` is the number of leaks of this profile for it.
    pub(in crate::provider) fn site(&self, site: &RawText, leaks: Option<u64>) -> Connection {
        let id = site.as_bytes().to_ascii_lowercase();
        Connection {
            resource_type: Some(ResourceType::Domain),
            leaks,
            ..self.connection_of(ConnectionKind::Resource, &id, site.clone())
        }
    }
}
