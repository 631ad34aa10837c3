//! Takes the records of a reading in: gives each its id, drops its password, keeps its place, and counts what is none.

mod leak;
mod places;
mod report;

pub(super) use leak::{Watched, tie};
pub(super) use places::{Place, Places, SPAN};
pub(super) use report::{File, Machine};

use super::{
    archive::Count,
    ids::{self, Ids},
    record::{At, Record},
    text::Encoding,
    watch::Seen,
};
use crate::entity::{
    breach::Breach,
    files::{FieldSource, FileProgress, FileReport, ImportReport, Origin},
    fingerprint::FingerprintKey,
    leak::LeakBatch,
    raw_text::RawText,
    secret::Secret,
};
use std::collections::{HashMap, HashSet};
use std::hash::{BuildHasherDefault, Hasher};

/// Rows of the first page: they are shown at once.
const FIRST: usize = 512;

/// Rows of the others.
pub(super) const PAGE: usize = 10_000;

/// Places of rejects that are kept.
pub(super) const REJECTS: usize = 10_000;

/// What came of a reading so far.
#[derive(Default)]
pub(super) struct Page {
    pub(super) leaks: LeakBatch,
    pub(super) breaches: Vec<Breach>,
}

/// Who takes pages and hears how far the reading is. False from either ends the reading.
pub(super) trait Output {
    /// Whether rows are wanted at all.
    fn wants_rows(&self) -> bool;
    /// Takes a page.
    fn page(&mut self, page: Page) -> bool;
    /// Hears how far it is.
    fn progress(&mut self, progress: FileProgress) -> bool;
}

/// What a reading goes by.
pub(super) struct Settings {
    pub(super) watched: Watched,
    pub(super) fingerprint: FingerprintKey,
    /// Rejects that are listed.
    pub(super) rejects: usize,
    /// Records that are described field by field; the reading ends behind them.
    pub(super) described: Option<usize>,
}

/// One leak that is looked for.
pub(super) struct Wanted {
    key: u128,
    pub(super) found: Option<Found>,
}

/// It was found.
pub(super) struct Found {
    pub(super) page: Page,
    pub(super) secret: Option<Secret>,
    pub(super) origin: Origin,
    pub(super) machine: Option<u32>,
}

impl Wanted {
    pub(super) fn new(ids: &mut Ids, id: &[u8]) -> Self {
        // An id of our own that another system gave out is that system's.
        let key = ids::read(id).unwrap_or_else(|| ids.of_foreign(id));
        Self { key, found: None }
    }
}

/// Ids are hashes: their own bits will do.
#[derive(Default)]
struct IdHasher(u64);

impl Hasher for IdHasher {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = self.0.rotate_left(8) ^ u64::from(*byte);
        }
    }

    fn write_u128(&mut self, id: u128) {
        self.0 = id as u64;
    }
}

type ById<T> = HashMap<u128, T, BuildHasherDefault<IdHasher>>;

/// Where records go.
pub(super) struct Sink<'o> {
    pub(super) settings: &'o Settings,
    ids: Ids,
    pub(super) files: Vec<File>,
    pub(super) places: Places,
    pub(super) machines: Vec<Machine>,
    pub(super) report: ImportReport,
    pub(super) described: Vec<Vec<FieldSource>>,
    /// What records with an id of another system say, to find those that contradict each other.
    contents: ById<u128>,
    page: Page,
    pages: usize,
    output: &'o mut dyn Output,
    pub(super) wanted: Option<Wanted>,
    pub(super) stopped: bool,
    pub(super) progress: FileProgress,
    current: FileReport,
    encoding: Encoding,
    since_told: u32,
    /// Problems, those included that are not listed.
    pub(super) problems: u64,
    /// The places and the words of those that are listed.
    told: HashSet<(RawText, Option<RawText>, &'static str)>,
    /// The columns or labels that the members of the current file's records come from.
    pub(super) columns: Vec<(&'static str, RawText)>,
    /// A column that the mapping names and a table has not.
    pub(super) misfit: Option<String>,
    /// Bytes of the sources that were read.
    pub(super) count: Count,
    /// The files that were met, for who looks whether they change.
    pub(super) seen: Seen,
}

/// Records between two words of progress.
const TOLD: u32 = 4_096;

impl<'o> Sink<'o> {
    pub(super) fn new(settings: &'o Settings, ids: Ids, output: &'o mut dyn Output) -> Self {
        Self {
            settings,
            ids,
            files: Vec::new(),
            places: Places::default(),
            machines: Vec::new(),
            report: ImportReport::default(),
            described: Vec::new(),
            contents: ById::default(),
            page: Page::default(),
            pages: 0,
            output,
            wanted: None,
            stopped: false,
            progress: FileProgress::default(),
            current: report::no_file(),
            encoding: Encoding::Utf8,
            since_told: 0,
            problems: 0,
            told: HashSet::new(),
            columns: Vec::new(),
            misfit: None,
            count: Count::default(),
            seen: Seen::default(),
        }
    }

    /// Looks for one leak, and for nothing else.
    pub(super) fn looking_for(mut self, id: &[u8]) -> Self {
        self.wanted = Some(Wanted::new(&mut self.ids, id));
        self
    }

    /// Takes a record in.
    pub(super) fn accept(&mut self, record: &mut Record<'_>, at: At) {
        self.tick();
        let file = self.files.len().saturating_sub(1) as u32;
        let machine = self.files.last().and_then(|file| file.machine);
        let device = machine.and_then(|at| self.machines.get(at as usize));
        let tied = match device {
            Some(machine) => machine.tie.clone(),
            None => leak::tie_of(record),
        };
        let login = record.login.as_deref();
        let password = record.password.as_deref();
        let own = self
            .ids
            .of([record.url.as_deref(), login, password, tied.as_deref()]);
        let key = match record.id.as_deref() {
            Some(id) => ids::read(id).unwrap_or_else(|| self.ids.of_foreign(id)),
            None => own,
        };
        if let Some(wanted) = &self.wanted {
            if wanted.key == key {
                self.found(record, at, machine, own);
            }
            return;
        }
        self.current.records += 1;
        let place = Place {
            file,
            line: at.line as u32,
            offset: at.offset.unwrap_or(u64::MAX),
        };
        let is_new = self.places.add(key, place);
        if record.id.is_some() {
            let content = leak::content(record, own, &mut self.ids);
            let first = *self.contents.entry(key).or_insert(content);
            if first != content {
                self.reject(at.line, "id_conflict");
            }
        }
        if !is_new {
            self.current.duplicates += 1;
            return;
        }
        self.describe(record);
        self.progress.leaks += 1;
        self.report.totals.leaks += 1;
        if let Some(machine) = machine.and_then(|at| self.machines.get_mut(at as usize)) {
            machine.leaks += 1;
        }
        if self.output.wants_rows() {
            self.push(record, machine, own);
            let full = if self.pages == 0 { FIRST } else { PAGE };
            if self.page.leaks.len() >= full {
                self.flush();
            }
        }
    }

    fn push(&mut self, record: &mut Record<'_>, machine: Option<u32>, own: u128) {
        let device = machine.and_then(|at| self.machines.get(at as usize));
        if self.page.leaks.is_empty() {
            self.page.leaks = LeakBatch::with_capacity(if self.pages == 0 { FIRST } else { PAGE });
        }
        leak::push(
            record,
            device,
            own,
            self.settings,
            self.encoding,
            &mut self.page,
        );
    }

    fn found(&mut self, record: &mut Record<'_>, at: At, machine: Option<u32>, own: u128) {
        self.push(record, machine, own);
        let page = std::mem::take(&mut self.page);
        let secret = record
            .password
            .as_ref()
            .filter(|password| !leak::is_mask(password) && !password.is_empty());
        let shown = |password: &[u8]| self.encoding.shown(&password.into()).into_owned();
        let secret = secret.map(|password| Secret::new(shown(password)));
        let by_item = self.files.last().is_some_and(|file| file.by_item);
        let application = record
            .application
            .as_ref()
            .map(|text| RawText::from(&*self.encoding.shown(text)));
        let origin = Origin {
            path: self.current.path.clone(),
            member: self.current.member.clone(),
            line: (!by_item).then_some(at.line),
            format: self.current.format,
            family: self.current.family,
            application,
        };
        if let Some(wanted) = &mut self.wanted {
            wanted.found = Some(Found {
                page,
                secret,
                origin,
                machine,
            });
        }
        self.stopped = true;
    }

    /// Keeps what a record was made of. Ends the reading where enough are described.
    fn describe(&mut self, record: &Record<'_>) {
        let Some(wanted) = self.settings.described else {
            return;
        };
        if self.described.len() < wanted {
            let described = leak::describe(record, self.encoding, &self.columns);
            self.described.push(described);
        }
        self.stopped |= self.described.len() >= wanted;
    }

    /// Gives the page away that is under way.
    pub(super) fn flush(&mut self) {
        let page = std::mem::take(&mut self.page);
        self.pages += 1;
        self.stopped |= !self.output.page(page);
    }

    /// What the current file is in.
    pub(super) fn encoding(&self) -> Encoding {
        self.encoding
    }

    /// Whether there is a page under way.
    pub(super) fn has_rows(&self) -> bool {
        !self.page.leaks.is_empty()
    }

    fn tick(&mut self) {
        self.since_told += 1;
        if self.since_told >= TOLD {
            self.tell();
        }
    }

    /// Says how far the reading is.
    pub(super) fn tell(&mut self) {
        self.since_told = 0;
        self.progress.bytes = self.count.get();
        self.stopped |= !self.output.progress(self.progress);
    }
}
