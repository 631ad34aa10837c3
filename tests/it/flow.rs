//! The console end to end: real runtime, real adapter, real stand-in, real journal; keys in, screen and requests out.

mod back;
mod brittle;
mod claims;
mod columns;
mod evidence;
mod facets;
mod filter;
mod job_screen;
mod jobs;
mod local;
mod made_up;
mod marks;
mod news;
mod output;
mod paging;
mod plan;
mod record;
mod refused;
mod rounds;
mod tasks;
mod views;

use super::support::{
    driver::Driver,
    keeper::Keeper,
    rig::{Rig, Wrap},
};
