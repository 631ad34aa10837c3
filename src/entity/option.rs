//! Settings that a provider declares for its profiles, beside those that every profile has.
//!
//! The declaration is data: configuration checks a member by it without knowing any provider, and the adapter that
//! declared it reads the value by its name.

/// How a key is used by a provider.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyNeed {
    /// A profile without one cannot be used.
    Required,
    /// A profile may have one.
    Optional,
    /// There is none: a profile with one is wrong.
    None,
}

/// What the address of a profile is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AddressForm {
    /// A URL of http or https: scheme, host, port and path prefix.
    Http,
    /// A path of a file or a directory.
    Path,
}

/// What a setting can be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OptionForm {
    /// True or false; false if it is not given.
    Flag,
    /// One of these words; the first if it is not given.
    Choice(&'static [&'static str]),
    /// A URL of http or https; the provider knows one if it is not given.
    Url,
}

impl OptionForm {
    /// What it is where nothing is given.
    pub fn default_value(self) -> OptionValue {
        match self {
            Self::Flag => OptionValue::Flag(false),
            Self::Choice(words) => OptionValue::Choice(words.first().copied().unwrap_or_default()),
            Self::Url => OptionValue::Url(None),
        }
    }
}

/// One setting that a provider declares.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OptionSpec {
    /// The member of the profile.
    pub name: &'static str,
    /// What it can be.
    pub form: OptionForm,
}

/// The value of a setting.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum OptionValue {
    /// True or false.
    Flag(bool),
    /// One of the words of its declaration.
    Choice(&'static str),
    /// An address, where one is given.
    Url(Option<String>),
}

/// The values of one profile, by name.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OptionValues(Vec<(&'static str, OptionValue)>);

impl OptionValues {
    /// Sets a value.
    pub fn set(&mut self, name: &'static str, value: OptionValue) {
        match self.0.iter_mut().find(|(known, _)| *known == name) {
            Some((_, known)) => *known = value,
            None => self.0.push((name, value)),
        }
    }

    /// Returns true if a flag is set.
    pub fn is_set(&self, name: &str) -> bool {
        self.get(name) == Some(&OptionValue::Flag(true))
    }

    /// Returns true if a setting is this word.
    pub fn is_choice(&self, name: &str, word: &str) -> bool {
        matches!(self.get(name), Some(OptionValue::Choice(value)) if *value == word)
    }

    /// Returns the address of a setting, where one is given.
    pub fn url(&self, name: &str) -> Option<&str> {
        match self.get(name) {
            Some(OptionValue::Url(url)) => url.as_deref(),
            _ => None,
        }
    }

    /// Every value with its name.
    pub fn iter(&self) -> impl Iterator<Item = (&'static str, &OptionValue)> {
        self.0.iter().map(|(name, value)| (*name, value))
    }

    fn get(&self, name: &str) -> Option<&OptionValue> {
        let found = self.0.iter().find(|(known, _)| *known == name);
        found.map(|(_, value)| value)
    }
}

/// What configuration has to know of a provider to read its profiles.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ProviderSpec {
    /// As configuration spells it.
    pub id: &'static str,
    /// Its documented address, where a profile gives none.
    pub base_url: &'static str,
    /// How it uses a key.
    pub key: KeyNeed,
    /// What its address is.
    pub address: AddressForm,
    /// Its own settings.
    pub options: &'static [OptionSpec],
}
