//! The line is cut: at every class of bytes of the corpus, in every way, for a write, for the list before the plan and
//! for the list that is read back. Not sent is only what no byte left of; all else is unknown until it was read, and
//! nothing goes out a second time before that.

use super::{MatrixFixture, SMALL, mode};
use crate::support::{
    cutting_proxy::{CLASSES, CuttingProxy, ReceivedRequest},
    fault_server::{ConnectionEnd, fixture},
};

const CORPUS: &str = include_str!("../../fixtures/hostile_http.json");

/// Which request is cut.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum CutRequest {
    /// The first change of statuses.
    Write,
    /// The first list of leaks.
    List,
    /// The first reading after the writes.
    ReadBack,
}

/// A bench at the end of a line.
struct DisconnectFixture {
    bench: MatrixFixture,
    cutter: CuttingProxy,
    /// The requests of a run without a cut.
    whole: Vec<ReceivedRequest>,
}

fn is_write(came: &ReceivedRequest) -> bool {
    came.method == "POST" && came.path == "/v1/leaks/status"
}

impl DisconnectFixture {
    async fn new(tls: bool) -> Self {
        let mut bench = MatrixFixture::new(mode("line cut", "")).await;
        let cutter = CuttingProxy::start(&bench.demo.base_url(), tls).await;
        let authority = tls.then(|| fixture("trusted.pem"));
        bench.set_address(&cutter.url(), authority.as_deref());
        bench.reset().await;
        cutter.reset();
        assert!(bench.fix("").await.success());
        bench.wait_for_writes().await;
        let whole = cutter.received();
        Self {
            bench,
            cutter,
            whole,
        }
    }

    /// The connection that a request came on.
    fn connection(&self, what: CutRequest) -> usize {
        let last_write = self.whole.iter().rposition(is_write).unwrap();
        let found = match what {
            CutRequest::Write => self.whole.iter().find(|came| is_write(came)),
            CutRequest::List => self
                .whole
                .iter()
                .find(|came| came.method == "GET" && came.path.starts_with("/v1/leaks")),
            CutRequest::ReadBack => self.whole[last_write..]
                .iter()
                .find(|came| came.method == "GET"),
        };
        found
            .unwrap_or_else(|| panic!("{what:?}: {:?}", self.whole))
            .connection
    }

    /// One run with one cut; then it goes on, and is judged.
    async fn cut(&mut self, what: CutRequest, class: &'static str, sent: bool, end: ConnectionEnd) {
        let at = format!("{what:?}, {class}, {end:?}");
        let connection = self.connection(what);
        self.bench.reset().await;
        self.cutter.cut(connection, class, end);
        let mut child = self.bench.start("").await;
        if class == "in TCP SYN" {
            self.assert_recovers(what).await;
        }
        let status = child.wait().await.unwrap();
        self.bench.report.record_run(status);
        assert!(matches!(status.code(), Some(0 | 3 | 5)), "{at}: {status}");
        assert!(self.cutter.was_cut(), "{at}: it was not cut");
        if what == CutRequest::Write {
            let class_of = |class: &str| {
                let sql =
                    format!("SELECT count(*) FROM chunk WHERE chunk = 1 AND class = '{class}'");
                self.bench.query_journal(&sql) == Some(1)
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
                self.assert_sent_once_before_read_back(&at);
            }
        }
        self.bench.wait_for_writes().await;
    }

    /// The line is mended once what did not come about is known.
    async fn assert_recovers(&self, what: CutRequest) {
        while !self.cutter.was_cut() {
            tokio::task::yield_now().await;
        }
        if what == CutRequest::Write {
            let sql = "SELECT count(*) FROM chunk WHERE class = 'not_sent'";
            while self.bench.query_journal(sql) != Some(1) {
                tokio::task::yield_now().await;
            }
        }
        self.cutter.restore();
    }

    /// The leaks of the write that was cut do not go out again before something was read.
    fn assert_sent_once_before_read_back(&self, at: &str) {
        let ids = &self.whole.iter().find(|came| is_write(came)).unwrap().ids;
        assert_eq!(ids.len(), SMALL.chunk);
        let came = self.cutter.received();
        let connection = self.connection(CutRequest::Write);
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
async fn every_class(what: CutRequest, ends: &[ConnectionEnd]) {
    let (mut plain, mut tls) = (
        DisconnectFixture::new(false).await,
        DisconnectFixture::new(true).await,
    );
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
    report(what, cuts);
    plain.bench.report.assert_clean(0);
    tls.bench.report.assert_clean(0);
}

#[expect(
    clippy::print_stdout,
    reason = "the numbers of the matrix are its result"
)]
fn report(what: CutRequest, cuts: usize) {
    println!("matrix: line cut: {what:?}: {cuts} cuts");
}

#[tokio::test]
async fn a_write_that_is_cut_by_the_other_side_is_read_before_it_is_sent_again() {
    every_class(CutRequest::Write, &[ConnectionEnd::Fin]).await;
}

#[tokio::test]
async fn a_write_that_is_reset_is_read_before_it_is_sent_again() {
    every_class(CutRequest::Write, &[ConnectionEnd::Reset]).await;
}

#[tokio::test]
#[ignore = "thirty cuts of a list take long"]
async fn a_list_that_is_cut_is_never_half_used() {
    every_class(
        CutRequest::List,
        &[ConnectionEnd::Fin, ConnectionEnd::Reset],
    )
    .await;
}

#[tokio::test]
#[ignore = "thirty cuts of a reading take long"]
async fn a_reading_that_is_cut_proves_nothing() {
    every_class(
        CutRequest::ReadBack,
        &[ConnectionEnd::Fin, ConnectionEnd::Reset],
    )
    .await;
}

/// What hangs is waited for as long as the program waits, so all of them hang at once.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "the program waits a minute for an answer"]
async fn what_hangs_is_unknown_and_read() {
    for what in [CutRequest::Write, CutRequest::List, CutRequest::ReadBack] {
        let hangs = CLASSES.map(|(class, sent)| async move {
            let mut line = DisconnectFixture::new(class == "in TLS handshake").await;
            line.cut(what, class, sent, ConnectionEnd::Hang).await;
            line.bench.report.assert_clean(0);
        });
        let cuts = futures_util::future::join_all(hangs).await.len();
        report(what, cuts);
    }
}
