//! Ten tasks of an analyst in keys: how many each takes from the open console, what is typed as text apart.

use super::{ConsoleFixture, Driver};
use stanch::{
    app::{
        model::{Pane, ScopeItem},
        overlay::Overlay,
    },
    entity::status::Status,
    table::GroupKind,
};

/// Keys that one task may take.
const MOST: usize = 5;
/// Keys that all of them may take.
const ALL: usize = 30;

/// An analyst at a console, whose keys are counted.
struct Analyst {
    driver: Driver,
    keys: usize,
}

impl Analyst {
    async fn at_a_console() -> Self {
        let mut driver = ConsoleFixture::with_leaks(300).open().await;
        // A leak that a machine and a person with several belong to, and that is open.
        let leak = driver
            .rows_with(Status::Open)
            .into_iter()
            .find(|row| {
                let table = &driver.model().data.table;
                let many = |kind| {
                    table
                        .group(*row, kind)
                        .is_some_and(|group| (2..40).contains(&table.group_rows(kind, group).len()))
                };
                many(GroupKind::User) && table.group(*row, GroupKind::Endpoint).is_some()
            })
            .expect("no such leak");
        driver.move_cursor(leak).run_until_settled().await;
        Self { driver, keys: 0 }
    }

    /// Presses keys.
    async fn press(&mut self, keys: &[&str]) -> &mut Self {
        for key in keys {
            self.driver.press(key).await;
        }
        self.keys += keys.len();
        self
    }

    /// Types text.
    async fn types(&mut self, text: &str) -> &mut Self {
        self.driver.press(text).await;
        self
    }

    /// Reads what is on the screen.
    async fn reads(&mut self) -> &mut Self {
        self.driver.wait_for_reading_time().await;
        self
    }

    fn done(&self, task: &str) -> usize {
        assert!(self.keys <= MOST, "{task}: {} keys", self.keys);
        self.keys
    }

    /// The leaks of the group of a kind that the leak under the cursor has.
    fn leaks_of(&self, kind: GroupKind) -> Vec<stanch::table::RowId> {
        let model = self.driver.model();
        let leak = model.workspace.leaks.list.cursor().unwrap();
        let group = model.data.table.group(leak, kind).unwrap();
        model.data.table.group_rows(kind, group)
    }
}

async fn fix_one_leak() -> usize {
    let mut analyst = Analyst::at_a_console().await;
    let id = analyst.driver.cursor();
    analyst
        .press(&["f"])
        .await
        .reads()
        .await
        .press(&["y"])
        .await;
    assert_eq!(analyst.driver.statuses().await[&id], "fixed");
    analyst.done("fix one leak")
}

async fn fix_all_of_a_user() -> usize {
    let mut analyst = Analyst::at_a_console().await;
    let leaks = analyst.leaks_of(GroupKind::User);
    analyst
        .press(&["=", "u", "f"])
        .await
        .reads()
        .await
        .press(&["y"])
        .await;
    for leak in leaks {
        let status = analyst.driver.model().data.table.status(leak);
        assert!(!status.is_unresolved(), "{status:?}");
    }
    analyst.done("fix all of a user")
}

async fn fix_what_is_old_of_a_domain() -> usize {
    let mut analyst = Analyst::at_a_console().await;
    let model = analyst.driver.model();
    let domains = &model.workspace.domains;
    let few = |domain: &&(GroupKind, stanch::table::GroupId)| {
        let row = domains.rows.get(domain);
        row.is_some_and(|row| (2..50).contains(&row.unresolved()))
    };
    let domain = domains.list.order().iter().find(few).unwrap();
    let name = model.data.table.group_name(domain.0, domain.1);
    let text = format!(
        "status:open domain:{} age>1d",
        String::from_utf8_lossy(&name)
    );
    analyst.press(&["/"]).await.types(&text).await;
    analyst.press(&["<enter>"]).await;
    let some = analyst.driver.model().workspace.leaks.list.order().to_vec();
    assert!((1..=50).contains(&some.len()), "{}", some.len());
    analyst
        .press(&["*", "f"])
        .await
        .reads()
        .await
        .press(&["y"])
        .await;
    for leak in some {
        assert!(
            !analyst
                .driver
                .model()
                .data
                .table
                .status(leak)
                .is_unresolved()
        );
    }
    analyst.done("fix what is old of a domain")
}

async fn see_the_machine_and_its_leaks() -> usize {
    let mut analyst = Analyst::at_a_console().await;
    let mut leaks = analyst.leaks_of(GroupKind::Endpoint);
    analyst.press(&["4", "<enter>"]).await;
    let workspace = &analyst.driver.model().workspace;
    assert_eq!(workspace.focus, Pane::Leaks);
    assert!(matches!(
        workspace.scope[..],
        [ScopeItem::Group(GroupKind::Endpoint, _)]
    ));
    let mut shown = workspace.leaks.list.order().to_vec();
    shown.sort_unstable();
    leaks.sort_unstable();
    assert_eq!(shown, leaks);
    analyst.done("see the machine and its leaks")
}

async fn undo_the_last_job() -> usize {
    let mut analyst = Analyst::at_a_console().await;
    let id = analyst.driver.cursor();
    analyst.driver.press("f").await.read_plan_and_apply().await;
    assert_eq!(analyst.driver.statuses().await[&id], "fixed");
    analyst.driver.press("<esc>").await;
    analyst
        .press(&["u"])
        .await
        .reads()
        .await
        .press(&["y"])
        .await;
    assert_eq!(analyst.driver.statuses().await[&id], "open");
    analyst.done("undo the last job")
}

async fn write_evidence_about_it() -> usize {
    let mut analyst = Analyst::at_a_console().await;
    analyst.driver.press("f").await.read_plan_and_apply().await;
    analyst.press(&["E", "<enter>"]).await;
    analyst
        .driver
        .assert_screen("evidence about")
        .assert_screen("written to");
    analyst.done("write evidence about the last job")
}

async fn ask_about_a_password() -> usize {
    // One of the providers knows passwords.
    let rig = ConsoleFixture {
        all_systems: true,
        ..ConsoleFixture::with_leaks(60)
    };
    let driver = rig.open().await;
    let mut analyst = Analyst { driver, keys: 0 };
    analyst.press(&[":"]).await.types("check password").await;
    analyst.press(&["<enter>"]).await.types("hunter2").await;
    analyst.press(&["<enter>"]).await;
    let checked = analyst.driver.model().overlay();
    assert!(matches!(checked, Some(Overlay::Lookup(_))), "{checked:?}");
    analyst.done("ask about a password")
}

async fn see_one_leak_whole() -> usize {
    let mut analyst = Analyst::at_a_console().await;
    analyst.press(&["i"]).await;
    analyst
        .driver
        .assert_screen("history")
        .assert_screen("password");
    analyst.done("see one leak whole with its history")
}

async fn find_what_changed_a_leak() -> usize {
    let mut analyst = Analyst::at_a_console().await;
    analyst
        .driver
        .press("f")
        .await
        .press("rreset done<enter>")
        .await;
    analyst
        .driver
        .read_plan_and_apply()
        .await
        .press("<esc>")
        .await;
    analyst.press(&["i", "G"]).await;
    analyst
        .driver
        .assert_screen("job 1")
        .assert_screen("reset done");
    analyst.done("find what changed a leak")
}

async fn say_who_works_on_what() -> usize {
    let mut analyst = Analyst::at_a_console().await;
    analyst.driver.press("a").await;
    analyst.press(&["/"]).await.types("!claimed:none").await;
    analyst.press(&["<enter>"]).await;
    assert_eq!(analyst.driver.model().workspace.leaks.list.order().len(), 1);
    analyst.driver.assert_screen("analyst");
    analyst.done("say who works on what")
}

#[tokio::test]
async fn ten_tasks_take_at_most_five_keys_each_and_thirty_together() {
    let keys = [
        Box::pin(fix_one_leak()).await,
        Box::pin(fix_all_of_a_user()).await,
        Box::pin(fix_what_is_old_of_a_domain()).await,
        Box::pin(see_the_machine_and_its_leaks()).await,
        Box::pin(undo_the_last_job()).await,
        Box::pin(write_evidence_about_it()).await,
        Box::pin(ask_about_a_password()).await,
        Box::pin(see_one_leak_whole()).await,
        Box::pin(find_what_changed_a_leak()).await,
        Box::pin(say_who_works_on_what()).await,
    ];
    let all: usize = keys.iter().sum();
    assert!(all <= ALL, "{keys:?} are {all}");
}
