//! The line is cut: at every class of bytes of the corpus, in every way, for a write, for the list before the plan and
//! for the list that is read back. Not sent is only what no byte left of; all else is unknown until it was read, and
//! nothing goes out a second time before that.

use super::{Bench, SMALL, mode};
use crate::support::{
    cutter::{CLASSES, Came, Cutter},
    fault_server::{End, fixture},
};

const CORPUS: &str = include_str!("../../fixtures/hostile_http.json");

/// Which request is cut.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum What {
    /// The first change of statuses.
    Write,
    /// The first list of leaks.
    List,
    /// The first reading after the writes.
    ReadBack,
}

/// A bench at the end of a line.
struct Line {
    bench: Bench,
    cutter: Cutter,
    /// The requests of a run without a cut.
    whole: Vec<Came>,
}

fn is_write(came: &Came) -> bool {
    came.method == "POST" && came.path == "/v1/leaks/status"
}

impl Line {
    async fn new(tls: bool) -> Self {
        let mut bench = Bench::of(mode("line cut", "")).await;
        let cutter = Cutter::to(&bench.demo.base_url(), tls).await;
        let authority = tls.then(|| fixture("trusted.pem"));
        bench.at(&cutter.url(), authority.as_deref());
        bench.fresh().await;
        cutter.forget();
        assert!(bench.fix("").await.success());
        bench.settle().await;
        let whole = cutter.came();
        Self {
            bench,
            cutter,
            whole,
        }
    }

    /// The connection that a request came on.
    fn connection(&self, what: What) -> usize {
        let last_write = self.whole.iter().rposition(is_write).unwrap();
        let found = match what {
            What::Write => self.whole.iter().find(|came| is_write(came)),
            What::List => self
                .whole
                .iter()
                .find(|came| came.method == "GET" && came.path.starts_with("/v1/leaks")),
            What::ReadBack => self.whole[last_write..]
                .iter()
                .find(|came| came.method == "GET"),
        };
        found
            .unwrap_or_else(|| panic!("{what:?}: {:?}", self.whole))
            .connection
    }

    /// One run with one cut; then it goes on, and is judged.
    async fn cut(&mut self, what: What, class: &'static str, sent: bool, end: End) {
        let at = format!("{what:?}, {class}, {end:?}");
        let connection = self.connection(what);
        self.bench.fresh().await;
        self.cutter.cut(connection, class, end);
        let mut child = self.bench.start("").await;
        if class == "in TCP SYN" {
            self.mends(what).await;
        }
        let status = child.wait().await.unwrap();
        self.bench.tally.ran(status);
        assert!(matches!(status.code(), Some(0 | 3 | 5)), "{at}: {status}");
        assert!(self.cutter.was_cut(), "{at}: it was not cut");
        if what == What::Write {
            let class_of = |class: &str| {
                let sql =
                    format!("SELECT count(*) FROM chunk WHERE chunk = 1 AND class = '{class}'");
                self.bench.ask(&sql) == Some(1)
            };
            // An answer that came whole is an answer.
            let whole = class == "after last byte before FIN" && class_of("accepted");
            assert_eq!(class_of("not_sent"), !sent, "{at}: the class on disk");
            assert_eq!(
                class_of("unclear"),
                sent && !whole,
                "{at}: the class on disk"
            );
            if sent {
                self.sent_once_before_a_reading(&at);
            }
        }
        self.bench.settle().await;
    }

    /// The line is mended once what did not come about is known.
    async fn mends(&self, what: What) {
        while !self.cutter.was_cut() {
            tokio::task::yield_now().await;
        }
        if what == What::Write {
            let sql = "SELECT count(*) FROM chunk WHERE class = 'not_sent'";
            while self.bench.ask(sql) != Some(1) {
                tokio::task::yield_now().await;
            }
        }
        self.cutter.mend();
    }

    /// The leaks of the write that was cut do not go out again before something was read.
    fn sent_once_before_a_reading(&self, at: &str) {
        let ids = &self.whole.iter().find(|came| is_write(came)).unwrap().ids;
        assert_eq!(ids.len(), SMALL.chunk);
        let came = self.cutter.came();
        let connection = self.connection(What::Write);
        let cut = came.iter().position(|came| came.connection == connection);
        let mut read = false;
        for later in &came[cut.unwrap() + 1..] {
            read |= later.method == "GET" || later.path == "/v1/leaks/info";
            let again = is_write(later) && later.ids.iter().any(|id| ids.contains(id));
            assert!(read || !again, "{at}: sent again, and not read: {later:?}");
        }
    }
}

#[test]
fn the_classes_are_those_of_the_corpus() {
    let corpus: serde_json::Value = serde_json::from_str(CORPUS).unwrap();
    let cases = corpus["cases"].as_array().unwrap();
    let case = cases
        .iter()
        .find(|case| case["name"] == "trunc_each_byte_class");
    let named: Vec<_> = CLASSES.iter().map(|(class, _)| *class).collect();
    assert_eq!(case.unwrap()["server"]["cut"], serde_json::json!(named));
}

/// Every class in these ways, for this request; a line with TLS for the one class that needs it.
async fn every_class(what: What, ends: &[End]) {
    let (mut plain, mut tls) = (Line::new(false).await, Line::new(true).await);
    let mut cuts = 0;
    for (class, sent) in CLASSES {
        let line = if class == "in TLS handshake" {
            &mut tls
        } else {
            &mut plain
        };
        for end in ends {
            line.cut(what, class, sent, *end).await;
            cuts += 1;
        }
    }
    told(what, cuts);
    plain.bench.tally.clean(0);
    tls.bench.tally.clean(0);
}

#[expect(
    clippy::print_stdout,
    reason = "the numbers of the matrix are its result"
)]
fn told(what: What, cuts: usize) {
    println!("matrix: line cut: {what:?}: {cuts} cuts");
}

#[tokio::test]
async fn a_write_that_is_cut_by_the_other_side_is_read_before_it_is_sent_again() {
    every_class(What::Write, &[End::Fin]).await;
}

#[tokio::test]
async fn a_write_that_is_reset_is_read_before_it_is_sent_again() {
    every_class(What::Write, &[End::Reset]).await;
}

#[tokio::test]
#[ignore = "thirty cuts of a list take long"]
async fn a_list_that_is_cut_is_never_half_used() {
    every_class(What::List, &[End::Fin, End::Reset]).await;
}

#[tokio::test]
#[ignore = "thirty cuts of a reading take long"]
async fn a_reading_that_is_cut_proves_nothing() {
    every_class(What::ReadBack, &[End::Fin, End::Reset]).await;
}

/// What hangs is waited for as long as the program waits, so all of them hang at once.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "the program waits a minute for an answer"]
async fn what_hangs_is_unknown_and_read() {
    for what in [What::Write, What::List, What::ReadBack] {
        let hangs = CLASSES.map(|(class, sent)| async move {
            let mut line = Line::new(class == "in TLS handshake").await;
            line.cut(what, class, sent, End::Hang).await;
            line.bench.tally.clean(0);
        });
        let cuts = futures_util::future::join_all(hangs).await.len();
        told(what, cuts);
    }
}
