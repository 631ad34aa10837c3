//! The nouns of Stanch, and nothing that does I/O: every other module speaks in these words.
//!
//! Start reading at [`key`] (identity), then [`leak`] (the row that everything is about) and [`job`] (a bulk
//! action from plan to outcome). Text that a provider sent is [`raw_text::RawText`]; it becomes printable only through
//! [`visible::escape`].

pub mod account;
pub mod breach;
pub mod capability;
pub mod case_fold;
pub mod change_response;
pub mod claim;
pub mod connection;
pub mod date;
pub mod domain;
pub mod error;
pub mod evidence;
pub mod files;
pub mod fingerprint;
pub mod hash_chain;
pub mod history;
pub mod host;
pub mod id_file;
pub mod job;
pub mod journal_changes;
pub mod json;
pub mod key;
pub mod leak;
pub mod lines;
pub mod local_status;
pub mod login;
pub mod lookup;
pub mod mark_set;
pub mod md4;
pub mod message;
pub mod news;
pub mod number;
pub mod option;
pub mod page;
pub mod placeholder;
pub mod profile;
pub mod query;
pub mod raw_text;
pub mod risk;
pub mod role;
pub mod secret;
pub mod seen;
pub mod status;
pub mod team;
pub mod transition;
pub mod tree;
pub mod user;
pub mod visible;
