//! API keys: which are good, what each was used for, and their administration.
//!
//! The door and the inside of the system share them: a key that was made opens the door until it is taken back. The key
//! that the server announces is the first of them, and can be taken back like any other.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jiff::civil::Date;
use serde_json::{Value, json};

use super::super::rng::mix;
use super::super::system::{Answer, Apply, Call};
use super::{LeakedChecker, failure, parameters};

/// Characters of a key's name at most.
const MAX_NAME_CHARS: usize = 100;

/// Characters of a key that a list shows.
const SHOWN_KEY_CHARS: usize = 4;

/// The key that the server announces: the same for the same seed.
pub(crate) fn api_key(seed: u64) -> String {
    secret(seed, 0)
}

/// The token for the administration of keys: the same for the same seed, in the shape of one, signed by nobody.
pub(crate) fn jwt(seed: u64) -> String {
    let part = |text: &str| URL_SAFE_NO_PAD.encode(text);
    let signature = format!("demo-token-of-no-worth-{:016x}", mix(seed ^ 0x006a_7774));
    format!(
        "{}.{}.{}",
        part(r#"{"alg":"none","typ":"JWT"}"#),
        part(r#"{"sub":"demo","iss":"stanch-stand-in"}"#),
        part(&signature),
    )
}

/// 32 hexadecimal digits, as the documents say, and so without a word in them that they are of no worth.
fn secret(seed: u64, number: u32) -> String {
    let first = mix(mix(seed ^ 0x6c63_6b65_7973) ^ u64::from(number));
    format!("{first:016x}{:016x}", mix(first ^ seed.rotate_left(23)))
}

/// All keys, shared.
#[derive(Clone, Debug)]
pub(crate) struct Keys(Arc<Mutex<Ring>>);

#[derive(Debug)]
struct Ring {
    seed: u64,
    today: Date,
    /// Keys made so far; numbers are never given twice.
    created_keys: u32,
    /// Events so far: the stand-in's clock, so that the same calls give the same times.
    ticks: u32,
    keys: Vec<Key>,
}

#[derive(Debug)]
struct Key {
    id: String,
    name: String,
    secret: String,
    created_at: String,
    last_used_at: Option<String>,
    /// Requests that it was good for, by operation.
    uses: BTreeMap<&'static str, u64>,
}

impl Keys {
    /// The keys at the start.
    pub(crate) fn new(seed: u64, today: Date) -> Self {
        let mut ring = Ring {
            seed,
            today,
            created_keys: 0,
            ticks: 0,
            keys: Vec::new(),
        };
        ring.reset();
        Self(Arc::new(Mutex::new(ring)))
    }

    fn ring(&self) -> MutexGuard<'_, Ring> {
        // A panic in one answer must not end the rehearsal of all others.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// As at the start.
    pub(crate) fn reset(&self) {
        self.ring().reset();
    }

    /// Whether a key is good.
    pub(crate) fn contains(&self, secret: &[u8]) -> bool {
        self.ring()
            .keys
            .iter()
            .any(|key| key.secret.as_bytes() == secret)
    }

    /// Counts one use.
    pub(crate) fn record_use(&self, secret: &[u8], operation: &'static str) {
        let mut ring = self.ring();
        let at = ring.tick();
        let key = ring
            .keys
            .iter_mut()
            .find(|key| key.secret.as_bytes() == secret);
        if let Some(key) = key {
            *key.uses.entry(operation).or_default() += 1;
            key.last_used_at = Some(at);
        }
    }
}

impl Ring {
    fn reset(&mut self) {
        self.created_keys = 0;
        self.ticks = 0;
        self.keys.clear();
        let key = self.create("Stand-in");
        self.keys.push(key);
    }

    fn tick(&mut self) -> String {
        self.ticks += 1;
        let (hour, minute) = (8 + self.ticks / 3_600 % 16, self.ticks / 60 % 60);
        let second = self.ticks % 60;
        format!("{}T{hour:02}:{minute:02}:{second:02}+00:00", self.today)
    }

    fn create(&mut self, name: &str) -> Key {
        let secret = secret(self.seed, self.created_keys);
        self.created_keys += 1;
        Key {
            id: format!("key-{}", self.created_keys),
            name: name.to_owned(),
            secret,
            created_at: self.tick(),
            last_used_at: None,
            uses: BTreeMap::new(),
        }
    }

    fn find(&self, id: &str) -> Option<&Key> {
        self.keys.iter().find(|key| key.id == id)
    }
}

impl Key {
    fn to_json(&self) -> Value {
        json!({
            "id": self.id,
            "name": self.name,
            "prefix": self.secret.get(..SHOWN_KEY_CHARS),
            "created_at": self.created_at,
            "last_used_at": self.last_used_at,
            "is_active": true,
        })
    }
}

/// Whether a fault keeps the write from being done.
fn is_write_dropped(call: &Call) -> bool {
    matches!(call.faults.apply, Apply::All | Apply::OnlyValid)
}

fn no_such_key() -> Answer {
    failure(404, "No such API key")
}

impl LeakedChecker {
    pub(super) fn list_keys(&self) -> Answer {
        let ring = self.keys.ring();
        let keys: Vec<Value> = ring.keys.iter().map(Key::to_json).collect();
        Answer::json(
            200,
            &json!({ "success": true, "count": keys.len(), "keys": keys }),
        )
    }

    pub(super) fn create_key(&self, call: &Call) -> Result<Answer, Answer> {
        let name = match parameters::body(call)?.get("name") {
            None | Some(Value::Null) => "API key".to_owned(),
            Some(Value::String(name)) => name.trim().to_owned(),
            Some(_) => return Err(bad_name()),
        };
        if name.is_empty() || name.chars().count() > MAX_NAME_CHARS {
            return Err(bad_name());
        }
        let mut ring = self.keys.ring();
        let key = ring.create(&name);
        let data = json!({
            "id": key.id,
            "name": key.name,
            "key": key.secret,
            "created_at": key.created_at,
        });
        if is_write_dropped(call) {
            ring.keys.push(key);
        }
        Ok(Answer::json(
            200,
            &json!({
                "success": true,
                "message": "API key created. It is shown only once.",
                "data": data,
            }),
        ))
    }

    pub(super) fn revoke_key(&self, call: &Call, id: &str) -> Result<Answer, Answer> {
        let mut ring = self.keys.ring();
        if ring.find(id).is_none() {
            return Err(no_such_key());
        }
        if is_write_dropped(call) {
            ring.keys.retain(|key| key.id != id);
        }
        // The documents name no body, so there is none.
        Ok(Answer::empty(200))
    }

    pub(super) fn key_usage(&self, id: &str) -> Result<Answer, Answer> {
        let ring = self.keys.ring();
        let key = ring.find(id).ok_or_else(no_such_key)?;
        Ok(Answer::json(
            200,
            &json!({
                "success": true,
                "data": {
                    "id": key.id,
                    "name": key.name,
                    "total_requests": key.uses.values().sum::<u64>(),
                    "requests": key.uses,
                    "last_used_at": key.last_used_at,
                },
            }),
        ))
    }
}

fn bad_name() -> Answer {
    failure(400, "A key's name has 1 to 100 characters")
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    #[test]
    fn secrets_have_the_documented_shape_and_go_with_the_seed() {
        let keys = Keys::new(7, date(2026, 3, 1));
        assert!(keys.contains(api_key(7).as_bytes()));
        assert!(!keys.contains(api_key(8).as_bytes()));
        assert!(!keys.contains(b""));
        for seed in 0..100 {
            let key = api_key(seed);
            assert_eq!(key.len(), 32);
            assert!(key.bytes().all(|byte| byte.is_ascii_hexdigit()));
            assert_eq!(jwt(seed).split('.').count(), 3);
        }
        assert_ne!(jwt(1), jwt(2));
    }
}
