//! What others ask an overlay for: whether it is of a kind, and what it holds then.

use super::{Overlay, PlanOverlay};
use crate::{
    app::{check::LookupOverlay, facets::FacetPanel, inspect::Inspected, record::Record},
    entity::{job::JobRecord, key::JobId},
};
use std::time::Duration;

impl Overlay {
    /// The record, if it is one.
    pub fn record(&self) -> Option<&Record> {
        match self {
            Self::Record(record) => Some(record),
            _ => None,
        }
    }

    /// The same, to change it.
    pub fn record_mut(&mut self) -> Option<&mut Record> {
        match self {
            Self::Record(record) => Some(record),
            _ => None,
        }
    }

    /// The help, from its beginning.
    pub fn help() -> Self {
        Self::Help {
            scroll: 0,
            search: String::new(),
        }
    }

    /// Whether it is the help.
    pub fn is_help(&self) -> bool {
        matches!(self, Self::Help { .. })
    }

    /// What is searched for in the help, and the line under its cursor, if it is the help.
    pub fn help_search(&self) -> Option<(&str, usize)> {
        match self {
            Self::Help { scroll, search } => Some((search, *scroll)),
            _ => None,
        }
    }

    /// Lists in the help only lines with this text.
    pub(in crate::app) fn set_search(&mut self, text: String) {
        if let Self::Help { search, .. } = self {
            *search = text;
        }
    }

    /// Puts the cursor of the help on a line.
    pub(in crate::app) fn set_help_cursor(&mut self, line: usize) {
        if let Self::Help { scroll, .. } = self {
            *scroll = line;
        }
    }

    /// The job whose screen it is, if it is one.
    pub fn job(&self) -> Option<JobId> {
        match self {
            Self::Job { id, .. } => Some(*id),
            _ => None,
        }
    }

    /// The job whose screen it is, its record to change it, and whether it is shown because the job ended.
    pub fn job_mut(&mut self) -> Option<(JobId, &mut Option<Box<JobRecord>>, &mut bool)> {
        match self {
            Self::Job {
                id,
                record,
                finished,
                ..
            } => Some((*id, record, finished)),
            _ => None,
        }
    }

    /// The screen of a job, before its record was read; `finished` if it is shown because the job ended.
    pub fn job_screen(id: JobId, finished: bool) -> Self {
        Self::Job {
            id,
            record: None,
            finished,
            scroll: 0,
        }
    }

    /// The record of a group, to change it, if it is one.
    pub fn inspected_mut(&mut self) -> Option<&mut Inspected> {
        match self {
            Self::Inspect(record) => Some(record),
            _ => None,
        }
    }

    /// A plan of so many leaks is being made.
    pub fn plan_build(leaks: usize) -> Self {
        Self::PlanBuild { leaks }
    }

    /// Whether it is a plan that is being made.
    pub fn is_plan_build(&self) -> bool {
        matches!(self, Self::PlanBuild { .. })
    }

    /// Whether it is a plan, or one that is being made: these have the whole screen.
    pub fn is_about_plan(&self) -> bool {
        matches!(self, Self::Plan(_) | Self::PlanBuild { .. })
    }

    /// The plan, if it is one.
    pub fn plan(&self) -> Option<&PlanOverlay> {
        match self {
            Self::Plan(plan) => Some(plan),
            _ => None,
        }
    }

    /// The same, to change it.
    pub fn plan_mut(&mut self) -> Option<&mut PlanOverlay> {
        match self {
            Self::Plan(plan) => Some(plan),
            _ => None,
        }
    }

    /// The same, for good.
    pub fn into_plan(self) -> Option<PlanOverlay> {
        match self {
            Self::Plan(plan) => Some(*plan),
            _ => None,
        }
    }

    /// The lookup, to change it, if it is one.
    pub fn lookup_mut(&mut self) -> Option<&mut LookupOverlay> {
        match self {
            Self::Lookup(lookup) => Some(lookup),
            _ => None,
        }
    }

    /// The values that the leaks in view have in common, to change them, if it shows these.
    pub fn facets_mut(&mut self) -> Option<&mut FacetPanel> {
        match self {
            Self::Facets(facets) => Some(facets),
            _ => None,
        }
    }

    /// When it was first drawn, if it takes no answer before that.
    pub fn drawn_at_mut(&mut self) -> Option<&mut Option<Duration>> {
        match self {
            Self::Plan(plan) => Some(&mut plan.drawn_at),
            Self::Resume { drawn_at, .. } => Some(drawn_at),
            _ => None,
        }
    }

    /// Whether it takes an answer only once it was drawn, and was not drawn yet.
    pub fn awaits_frame(&self) -> bool {
        match self {
            Self::Plan(plan) => plan.drawn_at.is_none(),
            Self::Resume { drawn_at, .. } => drawn_at.is_none(),
            _ => false,
        }
    }
}

impl From<PlanOverlay> for Overlay {
    fn from(plan: PlanOverlay) -> Self {
        Self::Plan(Box::new(plan))
    }
}

impl From<LookupOverlay> for Overlay {
    fn from(lookup: LookupOverlay) -> Self {
        Self::Lookup(Box::new(lookup))
    }
}
