//! Leaks with some members of their JSON alone.

use super::leak;
use serde_json::Value;
use stanch::{
    entity::json as inert,
    export::{
        json::{Schema, leak_json},
        members::{LEAK, chosen},
    },
};

fn names(all: &[&str]) -> Vec<String> {
    all.iter().map(|name| (*name).to_owned()).collect()
}

#[test]
fn the_names_are_those_of_a_leak_s_members() {
    let json = inert::to_string(&leak_json(&leak(b"a"))).unwrap();
    let whole: Value = serde_json::from_str(&json).unwrap();
    let mut told: Vec<_> = LEAK.to_vec();
    told.sort_unstable();
    let mut there: Vec<_> = whole.as_object().unwrap().keys().collect();
    there.sort_unstable();
    assert_eq!(there, told);
    // What is chosen as a whole is the whole.
    let all = Schema::new(chosen(&leak(b"a"), &names(LEAK)).unwrap());
    let line = inert::to_string(&Schema::new(leak_json(&leak(b"a")))).unwrap();
    assert_eq!(inert::to_string(&all).unwrap(), line);
}

#[test]
fn what_is_chosen_is_as_exact_as_the_whole() {
    let named = names(&["breach", "login", "login"]);
    let chosen = chosen(&leak(b"j\xf6rg"), &named).unwrap();
    let json = inert::to_string(&Schema::new(chosen)).unwrap();
    assert!(
        json.starts_with(r#"{"schema":1,"login":"j\udcf6rg","breach":"#),
        "{json}"
    );
}
