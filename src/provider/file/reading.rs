//! A reading on a thread of its own: it hands pages over, two of which may wait, and leaves behind what it found.

mod catalogue;
mod keeping;
mod output;
mod running;

pub(super) use catalogue::Catalogue;

use super::{
    archive::Count,
    context::Options,
    ids::{self, Ids},
    not_found_error, reveal,
    sink::{Found, Machine, Page, REJECTS, Settings, Sink, Watched},
    source::{self, Reader},
    table,
    watch::{Seen, Watch},
};
use crate::{
    entity::{
        error::ProviderError,
        files::{ImportReport, Origin},
        page::{FileChange, LeakPage, PageCursor},
        profile::{AdapterSettings, RateBudget},
        secret::Secret,
        visible,
    },
    provider::{Import, ImportQuery, malformed_error, unsupported_error},
};
use output::{Nothing, Pages, Sample};
use running::{Piece, Running, cursor_of, pull};
use std::{
    collections::BTreeSet,
    os::unix::ffi::OsStrExt as _,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};
use tokio::sync::{mpsc, oneshot, watch};
use zeroize::Zeroize as _;

/// Pages that wait to be taken.
const WAITING: usize = 2;

/// Leads to what has changed since the last reading.
const CHANGES: &str = "changes";

/// A leak that was found at its place.
pub(super) struct Leak {
    pub(super) page: Page,
    pub(super) secret: Option<Secret>,
    pub(super) origin: Origin,
    pub(super) machine: Option<Machine>,
}

/// The state of a profile's readings.
#[derive(Default)]
struct State {
    generation: u64,
    done: Option<Arc<Catalogue>>,
    /// Which files have changed since.
    watch: Watch,
    /// The leak that was found last, and where it stands.
    last: Option<(Vec<u8>, Origin)>,
}

/// What reads the files of one profile.
pub(super) struct Work {
    settings: AdapterSettings,
    key: Option<Secret>,
    options: Options,
    state: Mutex<State>,
    running: tokio::sync::Mutex<Option<Running>>,
    budget: watch::Sender<RateBudget>,
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Work {
    pub(super) fn new(settings: AdapterSettings, key: Option<Secret>, options: Options) -> Self {
        Self {
            settings,
            key,
            options,
            state: Mutex::default(),
            running: tokio::sync::Mutex::new(None),
            budget: watch::channel(RateBudget::default()).0,
        }
    }

    pub(super) fn settings(&self) -> &AdapterSettings {
        &self.settings
    }

    pub(super) fn options(&self) -> &Options {
        &self.options
    }

    pub(super) fn budget(&self) -> watch::Receiver<RateBudget> {
        self.budget.subscribe()
    }

    pub(super) fn ids(&self) -> Ids {
        Ids::new(self.key.as_ref(), &self.settings.fingerprint)
    }

    /// What an id is in the table of what was seen.
    pub(super) fn key_of(&self, id: &[u8]) -> u128 {
        ids::read(id).unwrap_or_else(|| self.ids().of_foreign(id))
    }

    /// Each path is there; nothing is opened.
    pub(super) fn check_paths(&self) -> Result<(), ProviderError> {
        let paths = &self.settings.files.paths;
        if paths.is_empty() {
            return Err(unsupported_error("no path is given: path = [\"…\"]"));
        }
        let missing = paths.iter().find(|path| {
            let found = source::expand(path);
            found.is_empty()
                || found
                    .iter()
                    .any(|path| std::fs::symlink_metadata(path).is_err())
        });
        match missing {
            Some(path) => Err(ProviderError::NotFound {
                status: 404,
                message: Some(no_such_file(path)),
            }),
            None => Ok(()),
        }
    }

    fn sink_settings(&self, query: Option<ImportQuery>) -> Settings {
        Settings {
            watched: Watched::new(&self.settings.files.domains),
            fingerprint: self.settings.fingerprint.clone(),
            rejects: query.map_or(REJECTS, |query| query.rejects),
            described: query.and_then(|query| query.described),
        }
    }

    /// The sources, as they are now.
    pub(super) fn sources(&self) -> Vec<PathBuf> {
        self.settings
            .files
            .paths
            .iter()
            .flat_map(|path| source::expand(path))
            .collect()
    }

    /// Reads sources into a sink; of folders those files alone that are named, where some are.
    fn read_all(
        &self,
        sink: &mut Sink<'_>,
        sources: &[PathBuf],
        fresh: Option<&BTreeSet<PathBuf>>,
    ) {
        let count = sink.count.clone();
        sink.progress.sources = sources.len() as u64;
        let sizes = sources.iter().map(|path| {
            let found = std::fs::metadata(path).ok()?;
            found.is_file().then_some(found.len())
        });
        sink.progress.size = sizes.sum();
        for (path, number) in sources.iter().zip(0..) {
            if sink.stopped {
                break;
            }
            sink.progress.source = u64::from(number) + 1;
            sink.tell();
            let mut reader = Reader {
                options: &self.options,
                sink: &mut *sink,
                count: count.clone(),
                only: None,
                fresh,
            };
            reader.source(number, path);
        }
        sink.stopped |= count.is_stopped();
        if sink.has_rows() {
            sink.flush();
        }
        sink.tell();
    }

    fn catalogue_of(
        sink: Sink<'_>,
        sources: Vec<PathBuf>,
        stamps: Vec<Option<source::Stamp>>,
    ) -> (Catalogue, Seen) {
        let machines = sink.machine_reports();
        let mut report = sink.report;
        report.complete = sink.problems == 0 && !sink.stopped;
        report.totals.machines = machines.len() as u64;
        report.machines = machines;
        let catalogue = Catalogue {
            stamps,
            sources,
            files: sink.files,
            places: sink.places,
            machines: sink.machines,
            report,
        };
        (catalogue, sink.seen)
    }

    /// Starts a reading on a thread: of everything, or of what has changed.
    fn start(
        self: &Arc<Self>,
        generation: u64,
        rows: bool,
        fresh: Option<BTreeSet<PathBuf>>,
    ) -> Running {
        let (sender, pieces) = mpsc::channel(WAITING);
        let work = Arc::clone(self);
        let count = Count::telling(self.budget.clone());
        let running = Running {
            generation,
            next: 1,
            pieces,
            count: count.clone(),
        };
        std::thread::spawn(move || {
            step_back();
            let settings = work.sink_settings(None);
            let mut output = Pages {
                sender: sender.clone(),
                budget: &work.budget,
                rows,
                told: None,
            };
            let mut sources = work.sources();
            if let Some(fresh) = &fresh {
                sources.retain(|source| fresh.iter().any(|path| path.starts_with(source)));
            }
            let stamps = sources.iter().map(|path| source::stamp(path)).collect();
            let mut sink = Sink::new(&settings, work.ids(), &mut output);
            sink.count = count;
            sink.seen.off = !work.settings.files.watch;
            work.read_all(&mut sink, &sources, fresh.as_ref());
            let is_stopped = sink.stopped;
            let (found, seen) = Self::catalogue_of(sink, sources, stamps);
            let done = match &fresh {
                Some(fresh) => work.keep_part(generation, found, seen, fresh, is_stopped),
                None => work.keep(generation, found, seen),
            };
            work.budget.send_modify(|budget| budget.reading = None);
            wipe_stack();
            // Nobody waits for it where the reading was called off.
            sender.blocking_send(Piece::End(done)).ok();
        });
        running
    }

    fn begin(self: &Arc<Self>, rows: bool, fresh: Option<BTreeSet<PathBuf>>) -> Running {
        let mut state = locked(&self.state);
        state.generation += 1;
        let generation = state.generation;
        drop(state);
        self.start(generation, rows, fresh)
    }

    /// Looks whether files have changed since they were read, or came: at a part of them, so that it costs little.
    pub(super) async fn look(self: &Arc<Self>) -> Result<FileChange, ProviderError> {
        if !self.settings.files.watch {
            return Ok(FileChange::Never);
        }
        let work = Arc::clone(self);
        let changed = on_thread(move || {
            let sources = work.sources();
            // Taken out, so that nobody waits for a disk.
            let (generation, mut watch) = {
                let mut state = locked(&work.state);
                (state.generation, std::mem::take(&mut state.watch))
            };
            let changed = watch.look(&sources);
            let mut state = locked(&work.state);
            if state.generation == generation {
                state.watch = watch;
            }
            changed
        });
        Ok(if changed.await? {
            FileChange::Changed(PageCursor::from(CHANGES))
        } else {
            FileChange::Same
        })
    }

    /// Begins a reading and answers its first page.
    pub(super) async fn first_page(self: &Arc<Self>) -> Result<LeakPage, ProviderError> {
        let mut running = self.running.lock().await;
        *running = Some(self.begin(true, None));
        pull(&mut running).await
    }

    /// The page behind a cursor.
    pub(super) async fn next_page(
        self: &Arc<Self>,
        cursor: &PageCursor,
    ) -> Result<LeakPage, ProviderError> {
        let mut running = self.running.lock().await;
        if *cursor == PageCursor::from(CHANGES) {
            let fresh = locked(&self.state).watch.ready().clone();
            *running = Some(self.begin(true, Some(fresh)));
            return pull(&mut running).await;
        }
        let expected = running.as_ref().map(cursor_of);
        if expected.as_ref() != Some(cursor) {
            return Err(malformed_error("the reading was begun anew"));
        }
        pull(&mut running).await
    }

    /// What the last reading left behind; one that keeps no rows is begun where there was none.
    pub(super) async fn catalogue(self: &Arc<Self>) -> Result<Arc<Catalogue>, ProviderError> {
        if let Some(done) = self.done() {
            return Ok(done);
        }
        let mut running = self.begin(false, None);
        loop {
            match running.pieces.recv().await {
                Some(Piece::Page(_)) => {}
                Some(Piece::End(done)) => return Ok(done),
                None => return Err(malformed_error("the reading ended without an end")),
            }
        }
    }

    /// What the last reading left behind.
    pub(super) fn done(&self) -> Option<Arc<Catalogue>> {
        locked(&self.state).done.clone()
    }

    /// What the last reading found.
    pub(super) fn report(&self) -> ImportReport {
        self.done()
            .map(|done| done.report.clone())
            .unwrap_or_default()
    }

    /// Finds a leak: at its place, else by reading until it comes.
    pub(super) async fn find(self: &Arc<Self>, id: &[u8]) -> Result<Leak, ProviderError> {
        let (work, wanted) = (Arc::clone(self), id.to_vec());
        let known = self.done().is_some();
        let found = on_thread(move || reveal::find(&work, &wanted)).await?;
        if let Some(found) = &found {
            locked(&self.state).last = Some((id.to_vec(), found.origin.clone()));
        }
        found.ok_or_else(|| {
            if known {
                unsupported_error("the file has changed; press r")
            } else {
                not_found_error()
            }
        })
    }

    /// Where a leak stands.
    pub(super) async fn origin(self: &Arc<Self>, id: &[u8]) -> Result<Origin, ProviderError> {
        let last = locked(&self.state).last.clone();
        if let Some((_, origin)) = last.filter(|(known, _)| known == id) {
            return Ok(origin);
        }
        Ok(self.find(id).await?.origin)
    }

    /// Reads everything and keeps nothing.
    pub(super) async fn import(
        self: &Arc<Self>,
        query: ImportQuery,
    ) -> Result<Import, ProviderError> {
        let work = Arc::clone(self);
        on_thread(move || {
            let settings = work.sink_settings(Some(query));
            let mut output = Sample {
                rows: query.rows,
                page: Page::default(),
                budget: &work.budget,
            };
            let sources = work.sources();
            let mut sink = Sink::new(&settings, work.ids(), &mut output);
            sink.seen.off = true;
            work.read_all(&mut sink, &sources, None);
            let misfit = sink.misfit.take();
            let described = std::mem::take(&mut sink.described);
            let stopped = sink.stopped;
            let (found, _) = Self::catalogue_of(sink, sources, Vec::new());
            let mut report = found.report;
            report.complete |=
                stopped && settings.described.is_some() && report.problems.is_empty();
            Import {
                report,
                sample: output.page.leaks,
                described,
                misfit,
            }
        })
        .await
    }

    /// A mapping for the first source.
    pub(super) fn template(&self) -> Result<String, ProviderError> {
        let path = self
            .sources()
            .into_iter()
            .next()
            .ok_or_else(not_found_error)?;
        let bytes =
            std::fs::File::open(&path).map_err(|_| unsupported_error("the file cannot be read"))?;
        let text = super::text::open(Box::new(bytes), self.options.encoding)
            .map_err(|error| unsupported_error(super::fault::of_io(&error).message()))?;
        let encoding = text.encoding;
        let layout = super::read::header_of(&text).ok_or_else(|| {
            unsupported_error("its first lines have no names of columns that are known")
        })?;
        Ok(table::template(&layout, encoding))
    }

    /// Looks for a leak in a reading of these sources.
    pub(super) fn search(
        &self,
        id: &[u8],
        read: impl FnOnce(&mut Sink<'_>),
    ) -> Option<(Found, Vec<Machine>)> {
        let settings = self.sink_settings(None);
        let mut output = Nothing;
        let mut sink = Sink::new(&settings, self.ids(), &mut output).looking_for(id);
        read(&mut sink);
        let found = sink.wanted.take()?.found?;
        Some((found, sink.machines))
    }

    /// Looks for a leak everywhere.
    pub(super) fn search_all(&self, id: &[u8]) -> Option<(Found, Vec<Machine>)> {
        let sources = self.sources();
        self.search(id, |sink| {
            sink.seen.off = true;
            self.read_all(sink, &sources, None);
        })
    }
}

fn no_such_file(path: &Path) -> String {
    format!(
        "no such file: {}",
        visible::escape(path.as_os_str().as_bytes()).as_str()
    )
}

/// What is read beside a console takes the time that keys leave.
fn step_back() {
    // Elsewhere this would be said of the whole process.
    #[cfg(target_os = "linux")]
    rustix::process::nice(10).ok();
}

/// Bytes of the stack that are zeroed behind a reading: more than its calls take.
const STACK: usize = 256 << 10;

/// Zeroes what calls left behind on the stack of this thread: pieces of lines, blocks of hashes. The memory is kept for
/// the thread that comes next.
#[inline(never)]
#[expect(clippy::large_stack_arrays, reason = "the stack is what is zeroed")]
fn wipe_stack() {
    let mut stack = [0_u8; STACK];
    stack.zeroize();
    std::hint::black_box(&stack);
}

/// Does work on a thread of its own.
async fn on_thread<T: Send + 'static>(
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, ProviderError> {
    let (sender, receiver) = oneshot::channel();
    std::thread::spawn(move || {
        step_back();
        let done = work();
        wipe_stack();
        // Whoever asked may have gone.
        sender.send(done).ok();
    });
    receiver
        .await
        .map_err(|_| malformed_error("the reading broke off"))
}
