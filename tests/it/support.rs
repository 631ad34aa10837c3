//! What the integration tests share.

pub(crate) mod console_fixture;
pub(crate) mod cutting_proxy;
pub(crate) mod driver;
pub(crate) mod fault_server;
pub(crate) mod picture;
#[cfg(feature = "postgres")]
pub(crate) mod postgres;
pub(crate) mod statusless_provider;
pub(crate) mod test_backend;

use stanch::filter::{Filter, FilterError};

/// A filter, where the providers are those that are built.
pub(crate) fn parse(text: &str) -> Result<Filter, FilterError> {
    stanch::filter::parse(text, &stanch::provider::ids())
}
