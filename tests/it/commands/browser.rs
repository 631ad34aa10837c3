//! The report in a browser: opened from the file with no network, light, dark, narrow and printed. Skipped, with a word,
//! where there is no browser.

use super::*;

const BROWSERS: [&str; 4] = [
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
];

fn browser() -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    let places: Vec<PathBuf> = std::env::split_paths(&path).collect();
    let mut all = BROWSERS
        .iter()
        .flat_map(|name| places.iter().map(move |place| place.join(name)));
    all.find(|file| file.is_file())
}

/// Runs the browser on the report; what it says goes with the result.
async fn open(rig: &CommandFixture, browser: &Path, report: &Path, options: &[&str]) -> String {
    let profile = rig.path("profile");
    let output = Command::new(browser)
        .args([
            "--headless=new",
            "--no-sandbox",
            "--disable-gpu",
            "--hide-scrollbars",
        ])
        .args([
            "--disable-dev-shm-usage",
            "--no-first-run",
            "--enable-logging=stderr",
        ])
        // Nothing outside of the file can be reached, whatever it asks for.
        .args([
            "--host-resolver-rules=MAP * ~NOTFOUND",
            "--disable-background-networking",
        ])
        .arg(format!("--user-data-dir={}", profile.display()))
        .args(options)
        .arg(format!("file://{}", report.display()))
        .stdin(Stdio::null())
        .kill_on_drop(true)
        .output()
        .await
        .unwrap();
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success(), "{said}");
    said
}

#[tokio::test]
#[expect(clippy::print_stdout, reason = "that nothing was run must be seen")]
async fn a_report_opens_in_a_browser_in_every_light_narrow_and_printed() {
    let Some(browser) = browser() else {
        println!("skipped: there is no Chromium in PATH");
        return;
    };
    let rig = CommandFixture::with_leaks(300).await;
    rig.run(&["watch", "--once", "--quiet"])
        .await
        .assert_exit(0);
    rig.post_control("/leaks", json!({ "projectdiscovery": { "insert": 12 } }))
        .await;
    rig.run(&["watch", "--once", "--quiet"])
        .await
        .assert_exit(10);
    let day = jiff::Timestamp::now()
        .to_zoned(jiff::tz::TimeZone::UTC)
        .date()
        .to_string();
    let file = rig.path("report.html");
    let path = file.to_str().unwrap();
    let words = [
        "report", "--from", &day, "--to", &day, "--format", "html", "--output", path,
    ];
    rig.run(&[&words[..], &["--quiet"]].concat())
        .await
        .assert_exit(0);
    let mut pictures = Vec::new();
    for (name, options) in [
        ("light", &["--window-size=1000,1400"][..]),
        (
            "dark",
            &[
                "--window-size=1000,1400",
                "--blink-settings=preferredColorScheme=0",
            ][..],
        ),
        ("narrow", &["--window-size=360,1400"][..]),
    ] {
        let picture = rig.path(&format!("{name}.png"));
        let shot = format!("--screenshot={}", picture.display());
        let said = open(&rig, &browser, &file, &[options, &[&shot]].concat()).await;
        assert!(!said.contains("CONSOLE"), "{name}: {said}");
        pictures.push(std::fs::read(&picture).unwrap());
    }
    assert!(
        pictures
            .iter()
            .all(|picture| picture.starts_with(b"\x89PNG"))
    );
    assert_ne!(pictures[0], pictures[1], "dark looks otherwise than light");
    let paper = rig.path("report.pdf");
    let print = format!("--print-to-pdf={}", paper.display());
    let said = open(&rig, &browser, &file, &[&print]).await;
    assert!(!said.contains("CONSOLE"), "{said}");
    assert!(std::fs::read(&paper).unwrap().starts_with(b"%PDF"));
}
