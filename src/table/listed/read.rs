//! What is listed, made of its record again: see [`super::write`].

use super::{
    record::Reader,
    write::{VALUE_MARKER, json, pool},
};
use crate::{
    entity::{
        breach::{Breach, BreachFlags, Paste},
        connection::{Connection, ConnectionKind, ResourceType},
        domain::LeakCounts,
        key::{EntityKey, Kind, ProfileName, ProviderId, RemoteId},
        leak::Device,
        raw_text::RawText,
        user::{IdentityType, User},
    },
    table::{GroupKind, Table, dates, group::Machine, interner::Interner},
};
use strum::IntoEnumIterator as _;

fn text_by_number(texts: &Interner, number: u32) -> Option<RawText> {
    texts.get(number).map(RawText::from)
}

impl Table {
    pub(super) fn read_user(&self, key: EntityKey, record: &[u8]) -> User {
        let mut record = Reader(record);
        let login = u32::try_from(record.number()).ok();
        let login = login.and_then(|login| self.logins.get(login));
        User {
            login: RawText::from(login.unwrap_or_default()),
            provider: self.read_provider(&key.profile, &mut record),
            key,
            identity_type: match record.number() {
                1 => Some(IdentityType::Email),
                2 => Some(IdentityType::Username),
                _ => None,
            },
            risk: self.columns.risk_by_number(record.text()),
            first_seen: self.read_date(&mut record),
            leaks: LeakCounts {
                total: record.number(),
                unresolved: record.number(),
            },
            sources: record.number() as u32,
            connections: record.optional_number().map(|count| {
                (0..count)
                    .map_while(|_| self.read_key(&mut record))
                    .collect()
            }),
        }
    }

    fn read_key(&self, record: &mut Reader<'_>) -> Option<EntityKey> {
        let kind = record.number();
        let [profile, id] = [record.text(), record.text()];
        let profile = std::str::from_utf8(self.listed_entities.texts.get(profile)?).ok()?;
        Some(EntityKey {
            profile: ProfileName::new(profile).ok()?,
            kind: Kind::iter().find(|other| *other as u64 == kind)?,
            id: RemoteId::from(self.listed_entities.texts.get(id)?),
        })
    }

    /// What a connection is called.
    pub(super) fn read_name(&self, record: &[u8]) -> &[u8] {
        let mut record = Reader(record);
        record.number();
        read_machine(&mut record);
        self.listed_entities
            .texts
            .get(record.text())
            .unwrap_or_default()
    }

    pub(super) fn read_connection(
        &self,
        key: EntityKey,
        kind: GroupKind,
        record: &[u8],
    ) -> Connection {
        let mut record = Reader(record);
        let has_device = record.number() != 0;
        let machine = read_machine(&mut record);
        let form = match kind {
            GroupKind::Endpoint => ConnectionKind::Endpoint,
            GroupKind::Breach => ConnectionKind::Breach,
            GroupKind::Paste => ConnectionKind::Paste,
            _ => ConnectionKind::Resource,
        };
        let name = self.read_text(&mut record).unwrap_or_default();
        let provider = self.read_provider(&key.profile, &mut record);
        let mut connection = Connection::from_name(key, provider, form, name);
        connection.resource_type = match record.number() {
            1 => Some(ResourceType::Domain),
            2 => Some(ResourceType::Ip),
            3 => Some(ResourceType::Apk),
            4 => Some(ResourceType::Url),
            _ => None,
        };
        connection.device = has_device.then(|| Device {
            hostname: text_by_number(&self.hostnames, machine.hostname),
            ip: text_by_number(&self.machine_texts, machine.ip),
            os: text_by_number(&self.machine_texts, machine.os),
            hardware_id: text_by_number(&self.machine_texts, machine.hardware_id),
            malware_path: text_by_number(&self.machine_texts, machine.malware_path),
        });
        connection.country = text_by_number(&self.countries, machine.country);
        connection.date = self.read_date(&mut record);
        connection.leaks = record.optional_number();
        connection.risk = self.columns.risk_by_number(record.text());
        connection.tree = self.read_tree(connection.name.as_bytes(), &mut record);
        connection.metadata = self.read_json(&mut record);
        connection.breach = self.read_breach(&mut record);
        connection.paste = self.read_paste(&mut record);
        let attribution = self.read_text(&mut record);
        connection.attribution = attribution.and_then(|text| text.as_str().map(str::to_owned));
        connection
    }

    fn read_text(&self, record: &mut Reader<'_>) -> Option<RawText> {
        text_by_number(&self.listed_entities.texts, record.text())
    }

    fn read_provider(&self, profile: &ProfileName, record: &mut Reader<'_>) -> ProviderId {
        let other = self.read_text(record);
        let other = other.as_ref().and_then(RawText::as_str);
        if let Some(other) = other {
            return ProviderId::new(other);
        }
        let mut known = self.profiles.iter();
        let known = known.find(|(name, _)| name == profile);
        known.map_or_else(|| ProviderId::new(""), |(_, provider)| provider.clone())
    }

    fn read_date(&self, record: &mut Reader<'_>) -> Option<RawText> {
        let date = record.optional_number()?;
        if date & 1 == 1 {
            return Some(RawText::from(&dates::unpack_time(date >> 1)[..]));
        }
        let number = u32::try_from(date >> 1).ok()?;
        text_by_number(&self.listed_entities.texts, number)
    }

    fn read_tree(&self, name: &[u8], record: &mut Reader<'_>) -> Option<Vec<RawText>> {
        let count = record.number().checked_sub(1)?;
        let natives = &self.listed_entities;
        let root = match record.number() {
            0 => Vec::new(),
            1 => [name, b"/"].concat(),
            number => {
                let number = u32::try_from(number - 2).ok();
                let root = number.and_then(|number| natives.texts.get(number));
                root.unwrap_or_default().to_vec()
            }
        };
        let file = |number: u64| {
            let rest = u32::try_from(number >> 1).ok();
            let rest = rest.and_then(|rest| natives.files.get(rest));
            let root = if number & 1 == 1 { &root[..] } else { &[] };
            RawText::from(&[root, rest.unwrap_or_default()].concat()[..])
        };
        Some((0..count).map(|_| file(record.number())).collect())
    }

    fn read_json(&self, record: &mut Reader<'_>) -> Option<RawText> {
        let shape = match record.number() {
            json::NONE => return None,
            json::WHOLE => return self.read_text(record),
            number => u32::try_from(number - json::SHAPE).ok()?,
        };
        let mut text = Vec::new();
        for byte in self.listed_entities.shapes.get(shape)? {
            if *byte == VALUE_MARKER {
                self.read_value(record.number(), &mut text);
            } else {
                text.push(*byte);
            }
        }
        Some(RawText::from(&text[..]))
    }

    fn read_value(&self, value: u64, into: &mut Vec<u8>) {
        let (number, pool) = (value >> pool::BITS, value & ((1 << pool::BITS) - 1));
        let texts = match pool {
            pool::TIME => return into.extend_from_slice(&dates::unpack_time(number)),
            pool::NUMBER => return into.extend_from_slice(number.to_string().as_bytes()),
            pool::COUNTRY => &self.countries,
            pool::HOST => &self.hostnames,
            pool::MACHINE | pool::PATH => &self.machine_texts,
            _ => &self.listed_entities.texts,
        };
        let number = u32::try_from(number).ok();
        for byte in number
            .and_then(|number| texts.get(number))
            .unwrap_or_default()
        {
            if pool == pool::PATH && *byte == b'\\' {
                into.push(b'\\');
            }
            into.push(*byte);
        }
    }

    fn read_breach(&self, record: &mut Reader<'_>) -> Option<Breach> {
        let classes = record.number().checked_sub(1)?;
        let classes = (0..classes).map(|_| self.read_text(record).unwrap_or_default());
        Some(Breach {
            data_classes: classes.collect(),
            name: self.read_text(record).unwrap_or_default(),
            title: self.read_text(record),
            domain: self.read_text(record),
            date: self.read_date(record),
            added_at: self.read_date(record),
            accounts: record.optional_number(),
            verified: record.optional_bool(),
            spam: record.optional_bool(),
            flags: BreachFlags::from_bits(record.number() as u8),
        })
    }

    fn read_paste(&self, record: &mut Reader<'_>) -> Option<Paste> {
        (record.number() != 0).then(|| Paste {
            source: self.read_text(record).unwrap_or_default(),
            id: self.read_text(record).unwrap_or_default(),
            title: self.read_text(record),
            date: self.read_date(record),
            emails: record.optional_number(),
        })
    }
}

/// What a listed machine tells of itself.
pub(super) fn read_listed_machine(record: &[u8]) -> Machine {
    let mut record = Reader(record);
    record.number();
    read_machine(&mut record)
}

/// The numbers of a machine's texts.
fn read_machine(record: &mut Reader<'_>) -> Machine {
    Machine {
        hostname: record.text(),
        ip: record.text(),
        os: record.text(),
        hardware_id: record.text(),
        malware_path: record.text(),
        country: record.text(),
    }
}
