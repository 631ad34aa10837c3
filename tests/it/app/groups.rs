//! Groups of leaks, what providers list themselves, and one profile at a time.

use super::{
    Core,
    core_fixture::{id, key, name, page, profile},
};
use stanch::{
    action::Action,
    app::{
        availability::availability,
        effect::{DataEffect, Effect, LoopEffect},
        grouping, inspect,
        message::Message,
        model::Pane,
        overlay::Overlay,
    },
    entity::{
        capability::Ability,
        connection::{Connection, ConnectionKind, Related},
        error::ProviderError,
        fingerprint::Fingerprint,
        key::{EntityKey, Kind, ProviderId, RemoteId, RequestId},
        leak::{FIELD_COUNT, LeakBatch, LeakField, LeakRef, PasswordState},
        page::{EntityPage, LeakPage, NativePage, NextPage, PageRequest},
        profile::Profile,
        status::Status,
        user::User,
    },
    table::GroupKind,
};

/// A profile of another provider, which lists users and connections.
fn second_profile(of: &str) -> Profile {
    let mut profile = profile(of);
    profile.binding.provider = ProviderId::new("another");
    for ability in [Ability::Users, Ability::Connections, Ability::Relations] {
        profile.capabilities.abilities.insert(ability);
    }
    profile
}

/// A page of leaks by number, login and credential.
fn leaks(rows: &[(u32, &str, Option<u8>)]) -> LeakPage {
    let mut leaks = LeakBatch::with_capacity(0);
    for (number, login, credential) in rows {
        let id = id(*number);
        let mut fields = [None; FIELD_COUNT];
        fields[LeakField::Id as usize] = Some(id.as_bytes());
        fields[LeakField::Login as usize] = Some(login.as_bytes());
        leaks.push(&LeakRef {
            fields,
            status: Status::Open,
            password: PasswordState::Hidden,
            risk: None,
            damaged: false,
            credential: credential.map(|byte| Fingerprint([byte; 16])),
        });
    }
    LeakPage {
        total: Some(leaks.len() as u64),
        leaks,
        page_size: 1_000,
        ..LeakPage::default()
    }
}

fn load(core: &mut Core, of: &str, rows: &[(u32, &str, Option<u8>)]) -> Vec<Effect> {
    let state = core.model.data.profile(&name(of)).unwrap();
    let request = state.paging.request.unwrap();
    core.load_page(of, request, 0, leaks(rows))
}

/// Two accounts at two services with a person and a credential in common.
fn two_profiles() -> Core {
    let mut core = Core::with_profiles(vec![profile("acme"), second_profile("beta")]);
    stanch::app::start(&mut core.model);
    load(
        &mut core,
        "acme",
        &[
            (1, "m.ortega@northwind.example", Some(1)),
            (2, "j.doe@northwind.example", None),
        ],
    );
    let effects = load(
        &mut core,
        "beta",
        &[
            (3, "M.Ortega@northwind.example", Some(1)),
            (4, "m.ortega@northwind.example", Some(2)),
        ],
    );
    assert_eq!(natives(&effects).len(), 2);
    core
}

fn natives(effects: &[Effect]) -> Vec<(RequestId, Kind, PageRequest)> {
    effects
        .iter()
        .filter_map(|effect| match effect {
            Effect::Data(DataEffect::FetchListed {
                request,
                kind,
                page,
                ..
            }) => Some((*request, *kind, *page)),
            _ => None,
        })
        .collect()
}

fn groups(core: &Core) -> Vec<(String, u32, u32)> {
    let grouping = core.model.workspace.leaks.grouping.as_ref().unwrap();
    let order = grouping.pane.list.order().iter();
    order
        .map(|group| {
            let row = grouping.pane.rows.get(group).unwrap();
            let name = core.model.data.table.group_name(group.0, group.1);
            let name = String::from_utf8(name.to_vec()).unwrap();
            (name, row.total(), row.sources)
        })
        .collect()
}

fn user(of: &str, id: &str, login: &str) -> User {
    User {
        key: EntityKey {
            profile: name(of),
            kind: Kind::User,
            id: RemoteId::from(id),
        },
        provider: ProviderId::new("another"),
        login: login.into(),
        identity_type: None,
        risk: None,
        first_seen: None,
        leaks: stanch::entity::domain::LeakCounts::default(),
        sources: 1,
        connections: None,
    }
}

fn paste(of: &str, id: &str) -> Connection {
    let key = EntityKey {
        profile: name(of),
        kind: Kind::Connection,
        id: RemoteId::from(id),
    };
    Connection::from_name(
        key,
        ProviderId::new("another"),
        ConnectionKind::Paste,
        id.into(),
    )
}

fn users_page(
    core: &mut Core,
    request: RequestId,
    users: Vec<User>,
    next: Option<u32>,
) -> Vec<Effect> {
    let page = EntityPage {
        items: users,
        next: next.map(|index| PageRequest { index, size: 0 }),
        ..EntityPage::empty()
    };
    core.update(Message::ListedLoaded {
        request,
        profile: name("beta"),
        kind: Kind::User,
        result: Ok(Box::new(NativePage::Users(page))),
    })
}

#[test]
fn the_same_login_at_two_services_is_one_person_with_two_sources() {
    let mut core = two_profiles();
    core.act(Action::GroupUser);
    assert_eq!(
        groups(&core),
        [
            ("m.ortega@northwind.example".to_owned(), 3, 2),
            ("j.doe@northwind.example".to_owned(), 1, 1),
        ]
    );
}

#[test]
fn a_marked_group_is_its_leaks_and_a_plan_lists_them() {
    let mut core = two_profiles();
    core.press_at("g", core.now.since_start);
    core.press_at("c", core.now.since_start);
    let found = groups(&core);
    assert_eq!((found[0].1, found[0].2), (2, 2), "{found:?}");
    assert_eq!(
        core.model
            .workspace
            .leaks
            .grouping
            .as_ref()
            .unwrap()
            .ungrouped_count,
        1
    );
    // Nothing is marked: the group under the cursor is meant, and said so.
    let (rows, words) = stanch::app::targets::targets(core.model.context());
    assert_eq!(rows.len(), 2);
    assert_eq!(
        words,
        "the 2 leaks of the credential under the cursor, over 2 profiles"
    );
    core.press_at("space", core.now.since_start);
    let mut marked: Vec<String> = core
        .model
        .workspace
        .marks
        .iter()
        .map(|row| core.model.data.table.key(row).to_string())
        .collect();
    marked.sort();
    let expected = [
        format!("acme:leak:{}", id(1)),
        format!("beta:leak:{}", id(3)),
    ];
    assert_eq!(marked, expected);
    let order = core
        .model
        .workspace
        .leaks
        .grouping
        .as_ref()
        .unwrap()
        .pane
        .list
        .order()
        .to_vec();
    let counts = grouping::marked_counts(core.model.context(), &order);
    assert_eq!(counts.get(&order[0]), Some(&2));
    assert_eq!(counts.get(&order[1]), None);
    // One of the two goes: the group is marked in part, and space marks it whole again.
    let one = core.model.data.table.find(&key(1)).unwrap();
    core.model.workspace.marks.remove(one);
    assert_eq!(
        grouping::marked_counts(core.model.context(), &order)[&order[0]],
        1
    );
    core.act(Action::Top);
    core.act(Action::ToggleMark);
    assert_eq!(core.model.workspace.marks.len(), 2);
    core.act(Action::Top);
    core.act(Action::ToggleMark);
    assert!(core.model.workspace.marks.is_empty());
}

#[test]
fn a_group_opens_into_its_leaks_and_esc_brings_the_groups_back() {
    let mut core = two_profiles();
    core.act(Action::Back);
    core.act(Action::GroupCredential);
    core.act(Action::Drill);
    assert!(core.model.workspace.leaks.grouping.is_none());
    assert_eq!(core.model.workspace.focus, Pane::Leaks);
    assert_eq!(core.model.workspace.leaks.list.order().len(), 2);
    core.act(Action::Back);
    let grouping = core.model.workspace.leaks.grouping.as_ref().unwrap();
    assert_eq!(grouping.kind, GroupKind::Credential);
    assert_eq!(core.model.workspace.leaks.list.order().len(), 4);
    // What works on one leak says where it works.
    let why = availability(&core.model, Action::CopyRow).unwrap_err();
    assert!(why.contains("g0"), "{why}");
    core.press_at("g", core.now.since_start);
    core.press_at("0", core.now.since_start);
    assert!(core.model.workspace.leaks.grouping.is_none());
}

#[test]
fn each_key_of_the_menu_gathers_by_what_it_says() {
    let mut core = two_profiles();
    for (key, kind) in [
        ("u", GroupKind::User),
        ("d", GroupKind::Domain),
        ("h", GroupKind::Resource),
        ("v", GroupKind::Endpoint),
        ("n", GroupKind::Country),
        ("s", GroupKind::Source),
        ("c", GroupKind::Credential),
    ] {
        core.press_at("g", core.now.since_start);
        core.press_at(key, core.now.since_start);
        let grouping = core.model.workspace.leaks.grouping.as_ref().unwrap();
        assert_eq!(grouping.kind, kind, "g{key}");
        let gathered: u32 = grouping
            .pane
            .list
            .order()
            .iter()
            .map(|group| grouping.pane.rows.get(group).unwrap().total())
            .sum();
        let rows = core.model.workspace.leaks.list.order().len();
        assert_eq!(gathered as usize + grouping.ungrouped_count, rows, "g{key}");
        if kind == GroupKind::Source {
            assert_eq!(grouping.pane.list.order().len(), 2, "one a provider");
        }
    }
}

#[test]
fn a_filter_narrows_the_groups_and_mark_all_takes_no_leak_without_one() {
    let mut core = two_profiles();
    core.act(Action::GroupCredential);
    core.act(Action::MarkAll);
    assert_eq!(core.model.workspace.marks.len(), 3);
    core.act(Action::ClearMarks);
    core.press_at("/", core.now.since_start);
    for key in ["j", "d", "o", "e"] {
        core.press_at(key, core.now.since_start);
    }
    assert_eq!(groups(&core), []);
}

#[test]
fn what_a_provider_lists_joins_what_the_leaks_tell() {
    let mut core = Core::with_profiles(vec![profile("acme"), second_profile("beta")]);
    stanch::app::start(&mut core.model);
    load(
        &mut core,
        "acme",
        &[(1, "m.ortega@northwind.example", None)],
    );
    let asked = natives(&load(&mut core, "beta", &[]));
    let (users, connections) = (asked[0].0, asked[1].0);
    assert_eq!((asked[0].1, asked[1].1), (Kind::User, Kind::Connection));
    let first = vec![user("beta", "u1", "M.ORTEGA@northwind.example")];
    let more = natives(&users_page(&mut core, users, first, Some(1)));
    assert_eq!(
        more,
        [(users, Kind::User, PageRequest { index: 1, size: 0 })]
    );
    users_page(
        &mut core,
        users,
        vec![user("beta", "u2", "new@northwind.example")],
        None,
    );
    core.act(Action::FocusUsers);
    let row = |core: &Core, login: &str| {
        let pane = &core.model.workspace.users;
        pane.list
            .order()
            .iter()
            .find(|group| core.model.data.table.group_name(group.0, group.1) == login.as_bytes())
            .map(|group| {
                let row = pane.rows.get(group).unwrap();
                (row.total(), row.sources)
            })
    };
    assert_eq!(row(&core, "m.ortega@northwind.example"), Some((1, 2)));
    assert_eq!(row(&core, "new@northwind.example"), Some((0, 1)));
    // Connections that do not come are said and take nothing away.
    core.update(Message::ListedLoaded {
        request: connections,
        profile: name("beta"),
        kind: Kind::Connection,
        result: Err(ProviderError::Rejected {
            status: 500,
            message: None,
        }),
    });
    assert!(
        core.newest_notice()
            .contains("its connections did not come"),
        "{}",
        core.newest_notice()
    );
    assert_eq!(row(&core, "new@northwind.example"), Some((0, 1)));
    // Loaded again, what is no longer listed goes; an answer to the old request is dropped.
    core.act(Action::Refresh);
    load(
        &mut core,
        "acme",
        &[(1, "m.ortega@northwind.example", None)],
    );
    let again = natives(&load(&mut core, "beta", &[]))[0].0;
    users_page(
        &mut core,
        users,
        vec![user("beta", "u9", "late@northwind.example")],
        None,
    );
    assert_eq!(row(&core, "late@northwind.example"), None);
    users_page(
        &mut core,
        again,
        vec![user("beta", "u1", "m.ortega@northwind.example")],
        None,
    );
    assert_eq!(row(&core, "new@northwind.example"), None);
}

#[test]
fn a_list_that_leads_back_to_an_earlier_page_ends() {
    let mut core = two_profiles();
    core.act(Action::Refresh);
    load(&mut core, "acme", &[]);
    let request = natives(&load(&mut core, "beta", &[]))[0].0;
    assert_eq!(
        natives(&users_page(&mut core, request, Vec::new(), Some(1))).len(),
        1
    );
    assert_eq!(users_page(&mut core, request, Vec::new(), Some(1)), []);
    assert!(core.model.data.profiles[1].listed.users.complete);
}

#[test]
fn esc_calls_off_what_is_listed_too() {
    let mut core = two_profiles();
    let wanted: Vec<_> = [
        &core.model.data.profiles[1].listed.users,
        &core.model.data.profiles[1].listed.connections,
    ]
    .into_iter()
    .filter_map(|listing| listing.request)
    .collect();
    assert_eq!(wanted.len(), 2);
    let effects = core.act(Action::Back);
    for request in wanted {
        assert!(
            effects.contains(&Effect::Loop(LoopEffect::CancelRequest(request))),
            "{effects:?}"
        );
    }
    assert!(!core.model.data.profiles[1].listed.is_loading());
}

#[test]
fn one_profile_can_be_looked_at_alone_and_esc_shows_all_again() {
    let mut core = two_profiles();
    core.act(Action::Back);
    let command = |core: &mut Core, line: &str| {
        core.act(Action::Palette);
        for c in line.chars() {
            let key = if c == ' ' {
                "space".to_owned()
            } else {
                c.to_string()
            };
            core.press_at(&key, core.now.since_start);
        }
        core.press_at("enter", core.now.since_start);
    };
    command(&mut core, "profile beta");
    assert_eq!(core.model.workspace.leaks.list.order().len(), 2);
    assert_eq!(core.model.workspace.users.list.order().len(), 1);
    command(&mut core, "profile acme");
    assert_eq!(core.model.workspace.scope.len(), 1);
    assert_eq!(core.model.workspace.users.list.order().len(), 2);
    core.act(Action::Back);
    core.act(Action::Back);
    assert!(core.model.workspace.scope.is_empty());
    assert_eq!(core.model.workspace.leaks.list.order().len(), 4);
    command(&mut core, "profile beta");
    command(&mut core, "profile all");
    assert_eq!(core.model.workspace.leaks.list.order().len(), 4);
    command(&mut core, "profile gamma");
    let notice = core.model.notices.current().unwrap();
    assert!(
        notice.hint.as_ref().unwrap().contains("acme, beta"),
        "{notice:?}"
    );
}

#[test]
fn what_belongs_to_a_person_is_asked_for_once_and_shown() {
    let mut core = Core::with_profiles(vec![second_profile("beta")]);
    stanch::app::start(&mut core.model);
    let asked = natives(&load(
        &mut core,
        "beta",
        &[(1, "m.ortega@northwind.example", None)],
    ));
    users_page(
        &mut core,
        asked[0].0,
        vec![user("beta", "u1", "m.ortega@northwind.example")],
        None,
    );
    core.act(Action::FocusUsers);
    let whose = user("beta", "u1", "").key;
    assert_eq!(
        core.act(Action::Drill),
        [Effect::Data(DataEffect::FetchRelated(whose.clone()))]
    );
    core.update(Message::RelatedLoaded {
        key: whose.clone(),
        result: Ok(Box::new(Related {
            users: Vec::new(),
            connections: vec![paste("beta", "p1")],
        })),
    });
    let shown = |core: &Core| {
        let order = core.model.workspace.connections.list.order().iter();
        order.filter(|(kind, _)| *kind == GroupKind::Paste).count()
    };
    assert_eq!(shown(&core), 1);
    core.act(Action::Back);
    core.act(Action::FocusUsers);
    assert_eq!(core.act(Action::Drill), []);
    // What did not come can be asked for again.
    core.act(Action::Back);
    core.model.data.related.clear();
    core.act(Action::Inspect);
    assert!(matches!(core.model.overlay(), Some(Overlay::Inspect(_))));
    core.update(Message::RelatedLoaded {
        key: whose.clone(),
        result: Err(ProviderError::Cancelled),
    });
    core.act(Action::Back);
    let asked = core.act(Action::Inspect);
    // Beside it the journal is asked what was done with the leaks.
    assert!(matches!(asked[0], Effect::Notes(_)), "{asked:?}");
    assert_eq!(asked[1..], [Effect::Data(DataEffect::FetchRelated(whose))]);
}

#[test]
fn where_pages_are_counted_an_empty_one_is_not_the_end() {
    let mut core = Core::with_profiles(vec![profile("acme")]);
    stanch::app::start(&mut core.model);
    let request = core.model.data.profiles[0].paging.request.unwrap();
    for index in 0..6 {
        let mut part = page(if index == 5 { 1..3 } else { 0..0 }, None);
        part.next = NextPage::Pages(Some(6));
        core.load_page("acme", request, index, part);
    }
    assert!(core.model.data.is_complete());
    assert_eq!(core.model.data.table.len(), 2);
}

/// A page of leaks of one person at machines and sites.
fn page_for_user(rows: &[(u32, &str, &str)]) -> LeakPage {
    let mut leaks = LeakBatch::with_capacity(0);
    for (number, hardware, url) in rows {
        let id = id(*number);
        let mut fields = [None; FIELD_COUNT];
        fields[LeakField::Id as usize] = Some(id.as_bytes());
        fields[LeakField::Login as usize] = Some(b"maya@acme.example");
        fields[LeakField::HardwareId as usize] = Some(hardware.as_bytes());
        fields[LeakField::Url as usize] = Some(url.as_bytes());
        leaks.push(&LeakRef {
            fields,
            status: Status::Open,
            password: PasswordState::Hidden,
            risk: None,
            damaged: false,
            credential: None,
        });
    }
    LeakPage {
        total: Some(leaks.len() as u64),
        leaks,
        page_size: 1_000,
        ..LeakPage::default()
    }
}

#[test]
fn a_person_has_all_machines_and_sites_of_all_providers_most_leaks_first() {
    let mut core = Core::with_profiles(vec![profile("acme"), second_profile("la")]);
    stanch::app::start(&mut core.model);
    let pages = [
        (
            "acme",
            [
                (1, "HW-A", "https://one.example/"),
                (2, "HW-B", "https://two.example/"),
            ],
        ),
        (
            "la",
            [
                (3, "HW-B", "https://two.example/x"),
                (4, "UNKNOWN", "https://two.example./"),
            ],
        ),
    ];
    for (at, (of, rows)) in pages.iter().enumerate() {
        let request = core.model.data.profiles[at].paging.request.unwrap();
        core.load_page(of, request, 0, page_for_user(rows));
    }
    let row = core.model.data.table.find(&key(1)).unwrap();
    let user = core.model.data.table.group(row, GroupKind::User).unwrap();
    let found: Vec<(String, u32)> =
        inspect::connected_groups(core.model.context(), (GroupKind::User, user))
            .into_iter()
            .map(|((kind, group), leaks)| {
                let name = core.model.data.table.group_name(kind, group).into_owned();
                (String::from_utf8(name).unwrap(), leaks)
            })
            .collect();
    let wanted = [
        ("HW-B", 2),
        ("HW-A", 1),
        ("two.example", 3),
        ("one.example", 1),
    ];
    assert_eq!(found, wanted.map(|(name, leaks)| (name.to_owned(), leaks)));
}

#[test]
fn a_value_that_says_nothing_marks_nothing_and_says_so() {
    let mut core = Core::with_profiles(vec![profile("acme")]);
    stanch::app::start(&mut core.model);
    let request = core.model.data.profiles[0].paging.request.unwrap();
    core.load_page(
        "acme",
        request,
        0,
        leaks(&[
            (1, "UNKNOWN", None),
            (2, "UNKNOWN", None),
            (3, "j***@acme.example", None),
        ]),
    );
    core.act(Action::FocusLeaks);
    core.act(Action::MarkSameUser);
    assert!(core.model.workspace.marks.is_empty());
    assert!(
        core.newest_notice()
            .contains("does not tell one from another"),
        "{}",
        core.newest_notice()
    );
}
