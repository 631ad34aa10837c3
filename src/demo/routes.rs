//! Operations by method and path, for systems whose paths are templates.

use axum::http::Method;

use super::fault::Kind;
use super::system::{Operation, Route, segments};

/// An operation: method, path with `{}` for what varies, what it is.
pub(crate) type Row = (&'static str, &'static str, Operation);

/// One that is asked by GET.
pub(crate) const fn get(path: &'static str, operation: Operation) -> Row {
    ("GET", path, operation)
}

/// One that is asked by POST.
pub(crate) const fn post(path: &'static str, operation: Operation) -> Row {
    ("POST", path, operation)
}

/// One that is asked by DELETE.
pub(crate) const fn delete(path: &'static str, operation: Operation) -> Row {
    ("DELETE", path, operation)
}

const fn operation(id: &'static str, kind: Kind, public: bool) -> Operation {
    Operation { id, kind, public }
}

/// Reads, and takes no key.
pub(crate) const fn public(id: &'static str) -> Operation {
    operation(id, Kind::Read, true)
}

/// Reads.
pub(crate) const fn read(id: &'static str) -> Operation {
    operation(id, Kind::Read, false)
}

/// Reads a list.
pub(crate) const fn list(id: &'static str) -> Operation {
    operation(id, Kind::List, false)
}

/// Changes something.
pub(crate) const fn write(id: &'static str) -> Operation {
    operation(id, Kind::Write, false)
}

/// Whether a path, in parts, is one of a template's.
fn matches_template(template: &str, parts: &[String]) -> bool {
    let mut known = template.split('/').skip(1);
    let all = parts.iter().all(|part| match known.next() {
        Some("{}") => !part.is_empty(),
        Some(name) => name == part,
        None => false,
    });
    all && known.next().is_none()
}

/// Where a request leads.
pub(crate) fn route(operations: &'static [Row], method: &Method, path: &str) -> Route {
    let parts = segments(path);
    let mut route = Route::NotFound;
    for (verb, template, operation) in operations {
        if matches_template(template, &parts) {
            if *verb == method.as_str() {
                return Route::Operation(operation);
            }
            route = Route::WrongMethod;
        }
    }
    route
}
