//! The console end to end: real runtime, real adapter, real stand-in, real journal; keys in, screen and requests out.

mod back;
mod brittle;
mod evidence;
mod filter;
mod local;
mod marks;
mod output;
mod paging;
mod plan;
mod refused;

use super::support::{
    driver::Driver,
    keeper::Keeper,
    rig::{Rig, Wrap},
};
