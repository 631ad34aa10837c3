//! One leak, endpoint, user or resource, and what it is connected to.

use serde_json::{Value, json};

use super::super::system::{Answer, Call};
use super::index::{EntityTable, Entry, Index, IndexedEntity};
use super::query::{Parameters, Target, path_id};
use super::router::problem;
use super::{LeaksAi, render};

impl LeaksAi {
    pub(super) fn detail(&mut self, call: &Call, target: Target) -> Result<Answer, Answer> {
        // A domain that cannot be named names nothing that could be found.
        let domains =
            Parameters(&call.query)
                .domains(&self.source)
                .map_err(|answer| match answer.status {
                    403 => answer,
                    _ => not_found(target),
                })?;
        let id = path_id(&call.segments).ok_or_else(|| not_found(target))?;
        match self.refused.get(&id) {
            Some(403) => return Err(problem(403, "forbidden", "No access to this leak.")),
            Some(_) => return Err(not_found(target)),
            None => {}
        }
        let index = self.index();
        let near = |thing: &&IndexedEntity| domains.intersects(thing.domains);
        let found = match target {
            Target::Leaks => self
                .source
                .ids
                .row(id)
                .and_then(|row| index.entries.iter().find(|entry| entry.row == row))
                .filter(|entry| domains.intersects(entry.domains))
                .map(|entry| self.leak_with_connections(&index, entry)),
            Target::Endpoints => find(&index.machines, id)
                .filter(|(_, thing)| near(thing))
                .map(|(place, machine)| self.endpoint_with_connections(&index, place, machine)),
            Target::Resources => find(&index.resources, id)
                .filter(|(_, thing)| near(thing))
                .map(|(place, resource)| self.resource_with_connections(&index, place, resource)),
            Target::Users => find(&index.users, id)
                .filter(|(_, thing)| near(thing))
                .map(|(place, user)| self.user_with_connections(&index, place, user)),
        };
        let data = found.ok_or_else(|| not_found(target))?;
        Ok(Answer::json(200, &json!({ "data": data })))
    }

    fn leak_with_connections(&self, index: &Index, entry: &Entry) -> Value {
        let mut leak = self.leak(entry);
        let only = || std::iter::once(entry);
        leak["connections"] = json!({
            "resources": self.resources(index, only()),
            "users": self.connected_entities(&index.users, std::iter::once(entry.user), |_, user| {
                render::connected_user(user)
            }),
            "endpoints": self.endpoints(index, only()),
        });
        leak
    }

    fn endpoint_with_connections(
        &self,
        index: &Index,
        place: u32,
        machine: &IndexedEntity,
    ) -> Value {
        let mut endpoint = self.endpoint(machine);
        let of = || {
            index
                .entries
                .iter()
                .filter(|entry| entry.machine == Some(place))
        };
        endpoint["connections"] = json!({
            "users": self.users_at_risk(index, of().map(|entry| entry.user)),
            "resources": self.resources(index, of()),
        });
        endpoint
    }

    fn resource_with_connections(
        &self,
        index: &Index,
        place: u32,
        resource: &IndexedEntity,
    ) -> Value {
        let mut shown = render::resource(resource);
        let of = || {
            index
                .entries
                .iter()
                .filter(|entry| entry.resource == Some(place))
        };
        shown["connections"] = json!({
            "users": self.connected_entities(&index.users, of().map(|entry| entry.user), |_, user| {
                render::connected_user(user)
            }),
            "endpoints": self.endpoints(index, of()),
        });
        shown
    }

    fn user_with_connections(&self, index: &Index, place: u32, user: &IndexedEntity) -> Value {
        let mut shown = render::user(user);
        let of = || index.entries.iter().filter(|entry| entry.user == place);
        shown["connections"] = json!({
            "endpoints": self.endpoints(index, of()),
            "resources": self.resources(index, of()),
        });
        shown
    }

    fn endpoints<'a>(&self, index: &Index, entries: impl Iterator<Item = &'a Entry>) -> Value {
        let places = entries.filter_map(|entry| entry.machine);
        self.connected_entities(&index.machines, places, Self::connected_endpoint)
    }

    fn resources<'a>(&self, index: &Index, entries: impl Iterator<Item = &'a Entry>) -> Value {
        let places = entries.filter_map(|entry| entry.resource);
        self.connected_entities(&index.resources, places, |_, resource| {
            render::connected_resource(resource)
        })
    }
}

fn find(table: &EntityTable, id: super::ids::Id) -> Option<(u32, &IndexedEntity)> {
    let place = table.position(id)?;
    Some((place, table.get(place)?))
}

fn not_found(target: Target) -> Answer {
    let what = match target {
        Target::Leaks => "Leak",
        Target::Endpoints => "Endpoint",
        Target::Resources => "Resource",
        Target::Users => "User",
    };
    problem(404, "not_found", &format!("{what} not found."))
}
