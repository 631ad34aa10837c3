//! TLS, plain http, and connections that never come about.

use super::{
    super::support::fault_server::{
        ConnectionEnd, FaultServer, ServerResponse, connect, fast_limits, rows, settings,
        try_connect,
    },
    Proof, Run, ids, list,
    truncation::black_hole,
};
use stanch::{
    entity::{error::ProviderError, status::Status},
    http::Limits,
};
use std::time::{Duration, Instant};

pub(super) fn run(name: &str) -> Option<Run> {
    Some(match name {
        "connect_blackhole" => Box::pin(no_connection(true)),
        "tls_stall" => Box::pin(no_connection(false)),
        "redirect_http_to_https_leaked_checker" | "plain_http_public" => Box::pin(plain_http()),
        "plain_http_loopback" => Box::pin(loopback()),
        "tls_expired" => Box::pin(certificate("expired", "expired")),
        "tls_wrong_host" => Box::pin(certificate("other", "another name")),
        "tls_untrusted_ca" => Box::pin(certificate("unknown", "not trusted")),
        "tls_clock_jump" => Box::pin(certificate("future", "clock")),
        _ => return None,
    })
}

async fn no_connection(at_once: bool) {
    let (url, _held) = if at_once {
        black_hole().await
    } else {
        let server = FaultServer::cut_after(1, ConnectionEnd::Hang).await;
        (server.url().replace("http:", "https:"), Vec::new())
    };
    let limits = Limits {
        connect_timeout: Duration::from_millis(300),
        max_tries: 1,
        ..fast_limits()
    };
    let provider = connect(settings(&url), limits);
    let start = Instant::now();
    let error = list(&provider).await.unwrap_err();
    assert!(
        matches!(error, ProviderError::Unreachable { not_sent: true, .. }),
        "{error:?}"
    );
    assert!(start.elapsed() < Duration::from_secs(15));
    assert!(matches!(
        provider
            .statuses()
            .unwrap()
            .set_statuses(&ids(2), Status::Fixed)
            .await,
        Proof::NotSent(_)
    ));
}

async fn plain_http() {
    let url = "http://91.222.173.119:7000/";
    for (setting, flag) in [(false, false), (true, false), (false, true)] {
        let mut profile = settings(url);
        (profile.allow_insecure_http, profile.insecure_http_flag) = (setting, flag);
        let refused = try_connect(profile, fast_limits()).err().unwrap();
        assert!(matches!(refused, ProviderError::Policy { .. }));
        assert!(!refused.to_string().contains("91.222"));
    }
    let mut profile = settings(url);
    (profile.allow_insecure_http, profile.insecure_http_flag) = (true, true);
    let provider = connect(profile, fast_limits());
    // Neither of these may send a byte: no such address is asked in a test.
    let proof = provider
        .statuses()
        .unwrap()
        .set_statuses(&ids(2), Status::Fixed)
        .await;
    assert!(matches!(
        proof,
        Proof::NotSent(ProviderError::Policy { .. })
    ));
    assert!(provider.secrets().is_none());
}

async fn loopback() {
    let server = FaultServer::with_response(ServerResponse::json(200, rows(0..1, 1))).await;
    for host in ["127.0.0.1", "localhost", "2130706433", "[::ffff:127.0.0.1]"] {
        let url = format!("http://{host}:{}/", server.address.port());
        let page = list(&connect(settings(&url), fast_limits())).await.unwrap();
        assert_eq!(page.leaks.len(), 1, "{host}");
    }
    for host in ["127.0.0.1.evil.example", "localhost.evil.example"] {
        let refused = try_connect(settings(&format!("http://{host}/")), fast_limits()).err();
        assert!(
            matches!(refused, Some(ProviderError::Policy { .. })),
            "{host}"
        );
    }
}

async fn certificate(name: &str, word: &str) {
    let good = FaultServer::with_tls("good", ServerResponse::json(200, rows(0..1, 1))).await;
    assert!(
        list(&good.connect(fast_limits())).await.is_ok(),
        "ca_file is believed"
    );
    let server = FaultServer::with_tls(name, ServerResponse::json(200, rows(0..1, 1))).await;
    let provider = server.connect(fast_limits());
    let error = list(&provider).await.unwrap_err();
    let ProviderError::Unreachable {
        why,
        not_sent: true,
    } = &error
    else {
        panic!("{error:?}");
    };
    assert!(why.contains(word), "{why}");
    assert!(matches!(
        provider
            .statuses()
            .unwrap()
            .set_statuses(&ids(2), Status::Fixed)
            .await,
        Proof::NotSent(_)
    ));
    assert_eq!(server.count(), 0, "no request was made");
}
