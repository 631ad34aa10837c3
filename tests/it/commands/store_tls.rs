//! The way to the store of a team: TLS with a certificate that is verified, and the password from each of its sources.

use super::*;
use crate::support::postgres::{Authority, Cluster, Own};
use std::sync::OnceLock;

/// A server of its own that speaks TLS, by the program `openssl`.
struct Secured {
    cluster: &'static Cluster,
    authority: &'static Authority,
}

const HBA: &str =
    "hostssl all ana 127.0.0.1/32 scram-sha-256\nhostssl all ben 127.0.0.1/32 cert map=team\n";

fn secured() -> Option<&'static Secured> {
    static ONE: OnceLock<Option<Secured>> = OnceLock::new();
    ONE.get_or_init(|| {
        let authority = Authority::make();
        let own = Own {
            hba: HBA,
            shows: Some((authority, "localhost")),
            ..Own::default()
        };
        let cluster = own.start()?;
        Some(Secured { cluster, authority })
    })
    .as_ref()
}

/// A stand-in and a configuration whose store is at this host.
async fn rig(secured: &Secured, host: &str, role: &str, lines: &str) -> (CommandFixture, String) {
    let database = secured.cluster.database();
    let url = format!(
        "postgres://{role}@{host}:{}/{}",
        secured.cluster.port, database.name
    );
    let rig = CommandFixture::with_leaks(4).await;
    rig.append(&format!(
        "\n[store]\nurl = \"{url}\"\npatience_seconds = 1\n{lines}"
    ));
    let secret = rig.path("secret");
    std::fs::write(&secret, "secret\n").unwrap();
    std::fs::set_permissions(&secret, std::fs::Permissions::from_mode(0o600)).unwrap();
    (rig, url)
}

fn ca(secured: &Secured) -> String {
    format!(
        "ca_file = \"{}\"\n",
        secured.authority.file("ca.pem").display()
    )
}

#[tokio::test]
async fn the_certificate_of_the_store_is_verified_against_the_teams_own_authority() {
    let Some(secured) = secured() else { return };
    let password = "password = { file = \"secret\" }\n";
    let lines = ca(secured) + password;
    let (ana, _) = rig(secured, "localhost", "ana", &lines).await;
    let status = ana.run(&["store", "status", "--format", "json"]).await;
    let status = status.assert_ok().json();
    assert_eq!(status["store"]["tls"], "TLSv1.3");
    assert_eq!(status["store"]["feed"], "listen");
    assert!(status["store"]["lag_ms"].is_u64());
    let doctor = ana
        .run(&["doctor", "--format", "json"])
        .await
        .assert_ok()
        .json();
    let checks = doctor["checks"].as_array().unwrap();
    let tls = checks
        .iter()
        .find(|check| check["name"] == "store tls")
        .unwrap();
    let said = tls["message"].as_str().unwrap();
    assert!(
        said.contains("localhost") && said.contains("19 days left"),
        "{said}"
    );
    ana.run(&["leaks", "fix", "--filter", "status:open", "--yes"])
        .await
        .assert_ok();
    // The same server by another name, and without its authority.
    for (host, lines, what) in [
        ("127.0.0.1", ca(secured) + password, "another name"),
        ("localhost", password.to_owned(), "an unknown authority"),
    ] {
        let (ana, _) = rig(secured, host, "ana", &lines).await;
        for command in [
            &["store", "status"][..],
            &["jobs", "list"],
            &["leaks", "fix", "--filter", "status:open", "--yes"],
        ] {
            let refused = ana.run(command).await.assert_exit(7);
            assert!(
                refused.stderr.contains("certificate"),
                "{what}: {refused:?}"
            );
        }
        assert_eq!(ana.writes().await, 0, "{what}");
        let doctor = ana.run(&["doctor", "--format", "json"]).await;
        assert_eq!(doctor.exit, 7, "{what}");
        assert!(!doctor.stdout.contains("secret\""), "{doctor:?}");
    }
}

#[tokio::test]
async fn a_certificate_for_another_name_or_one_that_has_ended_is_refused() {
    let Some(secured) = secured() else { return };
    for name in ["elsewhere", "ended"] {
        let own = Own {
            hba: HBA,
            shows: Some((secured.authority, name)),
            ..Own::default()
        };
        let cluster = own.start().unwrap();
        let other = Secured {
            cluster,
            authority: secured.authority,
        };
        let lines = ca(secured) + "password = { file = \"secret\" }\n";
        let (ana, _) = rig(&other, "localhost", "ana", &lines).await;
        let refused = ana.run(&["store", "status"]).await.assert_exit(7);
        assert!(
            refused.stderr.contains("certificate"),
            "{name}: {refused:?}"
        );
        cluster.kill();
    }
}

#[tokio::test]
async fn a_store_without_tls_is_refused_unless_it_is_on_this_host_and_that_is_asked_for() {
    if secured().is_none() {
        return;
    }
    let own = Own {
        hba: "hostnossl all all 127.0.0.1/32 scram-sha-256\n",
        ..Own::default()
    };
    let cluster = own.start().unwrap();
    let plain = Secured {
        cluster,
        authority: secured().unwrap().authority,
    };
    let password = "password = { file = \"secret\" }\n";
    let (ana, _) = rig(&plain, "127.0.0.1", "ana", password).await;
    ana.run(&["store", "status"]).await.assert_exit(7);
    let off = format!("tls = \"off\"\n{password}");
    let (ana, _) = rig(&plain, "127.0.0.1", "ana", &off).await;
    let status = ana.run(&["store", "status", "--format", "json"]).await;
    assert_eq!(status.assert_ok().json()["store"]["tls"], Value::Null);
    // Beyond this host it is no choice at all.
    let (ana, _) = rig(&plain, "db.example", "ana", &off).await;
    let refused = ana.run(&["store", "status"]).await.assert_exit(2);
    assert!(refused.stderr.contains("tls"), "{refused:?}");
    cluster.kill();
}

#[tokio::test]
async fn the_password_of_the_store_comes_from_any_source_of_a_key() {
    let Some(secured) = secured() else { return };
    let authority = ca(secured);
    for (source, environment) in [
        ("{ file = \"secret\" }", None),
        ("{ command = [\"cat\", \"SECRET\"] }", None),
        ("{ env = \"TEAM_PASSWORD\" }", Some("secret")),
    ] {
        let (ana, _) = rig(secured, "localhost", "ana", "").await;
        let source = source.replace("SECRET", &ana.path("secret").display().to_string());
        ana.append(&format!("{authority}password = {source}\n"));
        let mut command = ana.command(&["store", "status", "--format", "json"]);
        if let Some(value) = environment {
            command.env("TEAM_PASSWORD", value);
        }
        let ran = ana.finish(command.spawn().unwrap()).await.assert_exit(0);
        assert_eq!(ran.json()["store"]["role"], "ana", "{source}");
        assert!(!ran.stdout.contains("secret\"") && !ran.stderr.contains("secret\""));
    }
    // The key store is a feature; without it that is said.
    let (ana, _) = rig(secured, "localhost", "ana", "").await;
    ana.append(&format!("{authority}password = {{ keyring = \"team\" }}\n"));
    let ran = ana.run(&["store", "status"]).await;
    assert!(matches!(ran.exit, 2 | 7 | 12), "{ran:?}");
    assert!(ran.stderr.contains("key"), "{ran:?}");
    // A file that others can read is none, and a wrong password is told as such.
    let (ana, _) = rig(
        secured,
        "localhost",
        "ana",
        &(authority.clone() + "password = { file = \"secret\" }\n"),
    )
    .await;
    let open = std::fs::Permissions::from_mode(0o644);
    std::fs::set_permissions(ana.path("secret"), open).unwrap();
    let ran = ana.run(&["store", "status"]).await;
    assert!(ran.exit != 0 && ran.stderr.contains("password"), "{ran:?}");
    std::fs::write(ana.path("secret"), "guess\n").unwrap();
    std::fs::set_permissions(ana.path("secret"), std::fs::Permissions::from_mode(0o600)).unwrap();
    let ran = ana.run(&["store", "status"]).await.assert_exit(7);
    assert!(
        ran.stderr.contains("refused") && !ran.stderr.contains("guess"),
        "{ran:?}"
    );
}

#[tokio::test]
async fn a_client_certificate_stands_in_for_a_password() {
    let Some(secured) = secured() else { return };
    let database = secured.cluster.database();
    // The certificate is ana's; the server lets it be ben, and nobody else.
    let file = |name: &str| secured.authority.file(name).display().to_string();
    let data = secured.cluster.directory.join("data");
    std::fs::write(data.join("pg_ident.conf"), "team ana ben\n").unwrap();
    secured.cluster.sql("postgres", "SELECT pg_reload_conf()");
    let ben = CommandFixture::with_leaks(4).await;
    let key = ben.path("client.key");
    std::fs::copy(file("ana.key"), &key).unwrap();
    std::fs::set_permissions(&key, std::fs::Permissions::from_mode(0o600)).unwrap();
    ben.append(&format!(
        "\n[store]\nurl = \"postgres://ben@localhost:{}/{}\"\npatience_seconds = 1\nca_file = \"{}\"\ncert = \"{}\"\ncert_key = {{ file = \"client.key\" }}\n",
        secured.cluster.port,
        database.name,
        file("ca.pem"),
        file("ana.pem")
    ));
    let mut tries = 0;
    let status = loop {
        let ran = ben.run(&["store", "status", "--format", "json"]).await;
        tries += 1;
        // The server reads its map again when it comes to it.
        if ran.exit == 0 || tries > 50 {
            break ran.assert_exit(0).json();
        }
    };
    assert_eq!(status["store"]["role"], "ben");
}
