//! What is listed, made of its record again: see [`super::write`].

use super::{
    record::Reader,
    write::{VALUE, json, pool},
};
use crate::{
    entity::{
        breach::{Breach, BreachFlags, Paste},
        connection::{Connection, Form, ResourceType},
        domain::LeakCounts,
        key::{EntityKey, Kind, ProfileName, ProviderId, RemoteId},
        leak::Device,
        text::Text,
        user::{IdentityType, User},
    },
    table::{GroupKind, Table, dates, group::Machine, strings::Strings},
};
use strum::IntoEnumIterator as _;

fn text_of(texts: &Strings, number: u32) -> Option<Text> {
    texts.get(number).map(Text::from)
}

impl Table {
    pub(super) fn read_user(&self, key: EntityKey, record: &[u8]) -> User {
        let mut record = Reader(record);
        let login = u32::try_from(record.number()).ok();
        let login = login.and_then(|login| self.logins.get(login));
        User {
            login: Text::from(login.unwrap_or_default()),
            provider: self.read_provider(&key.profile, &mut record),
            key,
            identity_type: match record.number() {
                1 => Some(IdentityType::Email),
                2 => Some(IdentityType::Username),
                _ => None,
            },
            risk: self.columns.risk_numbered(record.text()),
            first_seen: self.read_date(&mut record),
            leaks: LeakCounts {
                total: record.number(),
                unresolved: record.number(),
            },
            sources: record.number() as u32,
            connections: record.some().map(|count| {
                (0..count)
                    .map_while(|_| self.read_key(&mut record))
                    .collect()
            }),
        }
    }

    fn read_key(&self, record: &mut Reader<'_>) -> Option<EntityKey> {
        let kind = record.number();
        let [profile, id] = [record.text(), record.text()];
        let profile = std::str::from_utf8(self.natives.texts.get(profile)?).ok()?;
        Some(EntityKey {
            profile: ProfileName::new(profile).ok()?,
            kind: Kind::iter().find(|other| *other as u64 == kind)?,
            id: RemoteId::from(self.natives.texts.get(id)?),
        })
    }

    /// What a connection is called.
    pub(super) fn read_name(&self, record: &[u8]) -> &[u8] {
        let mut record = Reader(record);
        record.number();
        machine(&mut record);
        self.natives.texts.get(record.text()).unwrap_or_default()
    }

    pub(super) fn read_connection(
        &self,
        key: EntityKey,
        kind: GroupKind,
        record: &[u8],
    ) -> Connection {
        let mut record = Reader(record);
        let has_device = record.number() != 0;
        let machine = machine(&mut record);
        let form = match kind {
            GroupKind::Endpoint => Form::Endpoint,
            GroupKind::Breach => Form::Breach,
            GroupKind::Paste => Form::Paste,
            _ => Form::Resource,
        };
        let name = self.read_text(&mut record).unwrap_or_default();
        let provider = self.read_provider(&key.profile, &mut record);
        let mut connection = Connection::named(key, provider, form, name);
        connection.resource_type = match record.number() {
            1 => Some(ResourceType::Domain),
            2 => Some(ResourceType::Ip),
            3 => Some(ResourceType::Apk),
            4 => Some(ResourceType::Url),
            _ => None,
        };
        connection.device = has_device.then(|| Device {
            hostname: text_of(&self.hostnames, machine.hostname),
            ip: text_of(&self.machine_texts, machine.ip),
            os: text_of(&self.machine_texts, machine.os),
            hardware_id: text_of(&self.machine_texts, machine.hardware_id),
            malware_path: text_of(&self.machine_texts, machine.malware_path),
        });
        connection.country = text_of(&self.countries, machine.country);
        connection.date = self.read_date(&mut record);
        connection.leaks = record.some();
        connection.risk = self.columns.risk_numbered(record.text());
        connection.tree = self.read_tree(connection.name.as_bytes(), &mut record);
        connection.metadata = self.read_json(&mut record);
        connection.breach = self.read_breach(&mut record);
        connection.paste = self.read_paste(&mut record);
        let attribution = self.read_text(&mut record);
        connection.attribution = attribution.and_then(|text| text.as_str().map(str::to_owned));
        connection
    }

    fn read_text(&self, record: &mut Reader<'_>) -> Option<Text> {
        text_of(&self.natives.texts, record.text())
    }

    fn read_provider(&self, profile: &ProfileName, record: &mut Reader<'_>) -> ProviderId {
        let other = self.read_text(record);
        let other = other.as_ref().and_then(Text::as_str);
        if let Some(other) = other {
            return ProviderId::new(other);
        }
        let mut known = self.profiles.iter();
        let known = known.find(|(name, _)| name == profile);
        known.map_or_else(|| ProviderId::new(""), |(_, provider)| provider.clone())
    }

    fn read_date(&self, record: &mut Reader<'_>) -> Option<Text> {
        let date = record.some()?;
        if date & 1 == 1 {
            return Some(Text::from(&dates::unpacked(date >> 1)[..]));
        }
        let number = u32::try_from(date >> 1).ok()?;
        text_of(&self.natives.texts, number)
    }

    fn read_tree(&self, name: &[u8], record: &mut Reader<'_>) -> Option<Vec<Text>> {
        let count = record.number().checked_sub(1)?;
        let natives = &self.natives;
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
            Text::from(&[root, rest.unwrap_or_default()].concat()[..])
        };
        Some((0..count).map(|_| file(record.number())).collect())
    }

    fn read_json(&self, record: &mut Reader<'_>) -> Option<Text> {
        let shape = match record.number() {
            json::NONE => return None,
            json::WHOLE => return self.read_text(record),
            number => u32::try_from(number - json::SHAPE).ok()?,
        };
        let mut text = Vec::new();
        for byte in self.natives.shapes.get(shape)? {
            if *byte == VALUE {
                self.read_value(record.number(), &mut text);
            } else {
                text.push(*byte);
            }
        }
        Some(Text::from(&text[..]))
    }

    fn read_value(&self, value: u64, into: &mut Vec<u8>) {
        let (number, pool) = (value >> pool::BITS, value & ((1 << pool::BITS) - 1));
        let texts = match pool {
            pool::TIME => return into.extend_from_slice(&dates::unpacked(number)),
            pool::NUMBER => return into.extend_from_slice(number.to_string().as_bytes()),
            pool::COUNTRY => &self.countries,
            pool::HOST => &self.hostnames,
            pool::MACHINE | pool::PATH => &self.machine_texts,
            _ => &self.natives.texts,
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
            accounts: record.some(),
            verified: record.truth(),
            spam: record.truth(),
            flags: BreachFlags::from_bits(record.number() as u8),
        })
    }

    fn read_paste(&self, record: &mut Reader<'_>) -> Option<Paste> {
        (record.number() != 0).then(|| Paste {
            source: self.read_text(record).unwrap_or_default(),
            id: self.read_text(record).unwrap_or_default(),
            title: self.read_text(record),
            date: self.read_date(record),
            emails: record.some(),
        })
    }
}

/// What a listed machine tells of itself.
pub(super) fn machine_of(record: &[u8]) -> Machine {
    let mut record = Reader(record);
    record.number();
    machine(&mut record)
}

/// The numbers of a machine's texts.
fn machine(record: &mut Reader<'_>) -> Machine {
    Machine {
        hostname: record.text(),
        ip: record.text(),
        os: record.text(),
        hardware_id: record.text(),
        malware_path: record.text(),
        country: record.text(),
    }
}
