//! # Stanch: the leak triage console for the terminal
//!
//! This page describes the structure of the program. It changes in the same commit as the structure.
//!
//! A functional core and an imperative shell. The core is two synchronous functions that do no I/O:
//! [`app::update`] takes the [model](app::model::Model), a [message](app::message::Message) and the moment, and answers
//! with [effects](app::effect::Effect); [`ui::draw`] puts the model on a frame. The shell, [`runtime`], owns the
//! terminal, one bounded channel of messages and an [executor](runtime::executor) that turns each effect into a task
//! which ends by sending exactly one message: where the task dies, the one that the effect itself [says](app::effect::Request).
//! The commands without a console use the same core and the same effects through [`runtime::headless`].
//!
//! The model holds four shared states: what is [known](app::model::Data), what is being [changed](app::model::Jobs),
//! what is [shown](app::model::Workspace) and whether this console may [write](app::model::Access); beside them each
//! feature has a state of its own, such as the [plan](app::model::Plan). What a function may touch stands in its type. One
//! that reads takes a [`Context`](app::model::Context), and so does everything that draws a part of the screen. One that
//! changes a shared state takes the borrow of that state: [`DataUpdate`](app::model::DataUpdate),
//! [`JobsUpdate`](app::model::JobsUpdate), [`WorkspaceUpdate`](app::model::WorkspaceUpdate) or
//! [`OverlayUpdate`](app::overlay::update::OverlayUpdate). A feature changes itself and takes a
//! [`FeatureUpdate`](app::model::FeatureUpdate). What one wants of another is a [`Command`](app::command::Command), plain
//! data, carried out at the end of the update. The whole model is changed by [`app`] and its four routers alone: `act` (actions),
//! `typed` (keys, lines, pasted text, the mouse), `propagate` (commands and lines of the palette) and `wake` (timers).
//! What lies above the panes is one module, [`app::overlay`]: its kinds, which keys work and are offered, what actions
//! and keys do, how far it scrolls; [`ui::overlay`] draws it.
//!
//! ```text
//!  terminal ── Event ─▶ app::input::translate(&Model) ── Message ─▶┐
//!  timers, signals ────────────────────────────────────────────────┤
//!                                                                   ▼
//!                                           app::update(&mut Model, Message, now)
//!                                                 │                      │
//!                                                 │ Vec<Effect>          │ dirty
//!                                                 ▼                      ▼
//!                                         runtime::executor          ui::draw(&Model)
//!                         one task an effect · cancel token · count      │
//!                         ┌───────────┬──────────┬──────────┐            ▼
//!                         ▼           ▼          ▼          ▼         terminal
//!                     provider     journal    export    clipboard
//!                         └──── one Message per Effect ───▶ channel ──▶ update …
//! ```
//!
//! ## Modules
//!
//! | module | holds | may use |
//! |---|---|---|
//! | [`entity`] | the nouns: leak, domain, user, connection, breach, lookup, plan, job, local status; text as it came and text made printable; the transitions of a change | – |
//! | [`action`] | every bindable intent, one row each: its help, its label, what it [needs](action::Requirement) | entity |
//! | [`filter`] | the filter language: lexer, parser, evaluation, push-down to a provider's query | entity |
//! | [`config`] | profiles, policy, keymap, theme; defaults from `assets/`, never written back | entity, action, filter |
//! | [`table`] | the leak table: columns, interned strings, groups, what providers list themselves, statuses kept here, marks | entity, filter |
//! | [`app`] | `update`: one file per concern, the [model](app::model), its borrows, the [commands](app::command) | entity, action, filter, config, table |
//! | [`ui`] | `draw`: one file per pane and overlay; `text` alone makes spans of provider text; what of a frame [need not be drawn](ui::redraw) | the above |
//! | [`http`] | the transport: one origin, permits, limits, JSON, smaller pages over a slow line | entity |
//! | [`provider`] | the port, which is one trait a [handle](provider::Provider), the registry, the [judgement](provider::judge) of every answer, one folder per provider | entity, http |
//! | [`journal`] | jobs, local statuses, claims, notes, histories and the audit log: the [port](journal::port) noun by noun, what a write means, one folder per store (SQLite of one host, PostgreSQL of a team); one thread owns the store | entity |
//! | [`seen`] | what was seen: marks, events, cursors, messages that wait: the [port](seen::port), what a reading [means](seen::judge), one folder per store; one thread owns the store | entity, journal |
//! | [`report`] | the report on a period: spells, figures, their checks, and four forms of the same | entity, export |
//! | [`export`], [`clipboard`], [`credential`], [`logging`] | files and bundles of evidence, copies, keys, the log | entity |
//! | [`notify`] | telling others of a round: bytes for a terminal, programs, addresses; when something is tried again | entity, http, clipboard |
//! | [`demo`] | the stand-in server | entity |
//! | [`guide`] | the pages of the guide | – |
//! | [`runtime`] | loop, executor, [renderer](runtime::renderer), terminal, the [output](runtime::terminal_output) to it, its [input](runtime::input), signals, hang-up watch, clock | all but cli |
//! | [`cli`] | arguments, output, one file per command; joins configuration to the other modules | all |
//!
//! `entity`, `action`, `filter`, `table`, `app` and `ui` hold no I/O, no clock, no async, no lock and no interior
//! mutability. The tests in `tests/it/architecture` check that on tokens: what a module may use, no cycle of imports
//! between files but those listed with a reason, and a few figures that may only fall.
//!
//! ## Five flows
//!
//! **A page.** [`app::paging`] asks for the first page of each profile ([`FetchPage`](app::effect::DataEffect::FetchPage)) →
//! the adapter takes a permit of that profile and parses the answer item by item into a
//! [`LeakBatch`](entity::leak::LeakBatch), in which what repeats lies once in each of its parts → a message for every
//! part ([`PagePartLoaded`](app::message::Message::PagePartLoaded)), with the last one the page itself
//! ([`PageLoaded`](app::message::Message::PageLoaded)) → is its request the current one? the [table](table::Table) takes
//! the part in by key, and looks up each text of it once; else it is dropped and counted. The first page tells the page
//! size and the total; then four are in flight, and more or less as the provider bears it ([`app::pace`]). Keys are
//! answered between two parts. At the end the totals are reconciled: one more whole reading where they do not add up, then
//! `have 41,200 of 41,311`.
//!
//! **A view.** [`app::view`] selects and sorts on the update thread, in slices between messages: no row is copied for it,
//! and what the screen needs comes first. An order of many leaks is an [`IncrementalSort`](table::IncrementalSort): each
//! row is cast into one of up to 256 parts by the first 64 bits of its keys and its identity, then the parts on the screen are sorted,
//! then, slice by slice, the others; whoever needs the whole order has it finished on the spot. Pages that come meanwhile
//! change no row id, and the view that they make stale is made again, as often as that takes a small part of the time. Groups are
//! [counted](table::GroupCounting) and [sorted](table::IncrementalGroupSort) a portion a slice too, and only for panes on the screen;
//! until they are there the pane says that it counts. So is a plan of many leaks ([`app::plan`]).
//!
//! **A bulk fix.** `f` → [`app::plan`] freezes keys, statuses and profiles into a [`Plan`](entity::job::Plan), that of
//! many leaks in slices between messages → overlay;
//! `y` → [`RecordJob`](app::effect::JobEffect::RecordJob) and nothing else → `JobRecorded` with the
//! job that was [made of it](app::job::RecordedPlan) beside the loop → [`app::job`] sends one chunk
//! after the other: intent committed, request sent, answer committed → what was accepted or is unknown is read back at
//! the profile's moments → [`entity::transition`] says where each change stands → when all have come to their end the
//! job's state is committed and the report shown. A status that its provider cannot store is committed with the job and
//! sent nowhere; the table lays it over the provider's own. Nothing is sent that the journal does not hold, and nothing is called
//! verified that was not read back.
//!
//! **A view.** What the leaks pane shows, its filter, sort, grouping and columns, is a [`View`](app::views::View) once it
//! has a name: [`app::views`] opens and keeps it, [`app::views::file`] is its text, [`app::memory`] the text of where the
//! console stood; [`runtime::state_files`] reads both before the first frame and leaves both at the end.
//!
//! **A hang-up.** The [watch](runtime::hangup) sees the terminal go away, outside the event loop; the write in flight is
//! given time to be answered and recorded; the program ends with 129 and does not touch the terminal. The job stands in
//! the journal: paused, what was answered with its answer, the rest pending. A signal that ends the program does the same
//! and gives the terminal back. What a killed program owes the audit log is written by the next one that writes.
//!
//! ## Extending
//!
//! | what | place 1 | place 2 |
//! |---|---|---|
//! | a provider | its folder in `provider/` | one row in [`provider::REGISTRY`] |
//! | a capability of providers | its trait and its handle in `provider/port/`, its name in [`entity::capability`] | the feature or command that uses it |
//! | a command | one variant in [`cli::Command`] | its file in `cli/` |
//! | an action | one row in [`action`] | its arm in `app/act.rs`, a line in `assets/keymap.toml` |
//! | an effect | one variant in its enum in `app/effect/`, and what is answered where its task dies | its arm in `runtime/services/` |
//! | a page of the guide | its file in `assets/guide/` | one row in [`guide`] |
//! | a column | one variant in [`app::columns::Column`] | its arm in `ui/pane/leaks.rs` or `ui/pane/groups.rs` |
//! | a store | its folder in `journal/` | one row in [`journal::STORES`] |
//! | an export format | its file in `export/` | one row in [`export::FORMATS`] |
//! | a system of the stand-in | its folder in `demo/` | one line where the server starts |

pub mod action;
pub mod app;
pub mod cli;
pub mod clipboard;
pub mod config;
pub mod credential;
pub mod demo;
pub mod entity;
pub mod export;
pub mod filter;
pub mod guide;
pub mod http;
pub mod journal;
pub mod logging;
pub mod notify;
pub mod provider;
pub mod report;
pub mod runtime;
pub mod seen;
pub mod table;
pub mod ui;
