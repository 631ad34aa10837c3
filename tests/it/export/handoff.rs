//! A handoff is inert: whatever a leak, a note or a server says stands in code spans, and two readers of Markdown see the
//! same document as with harmless text.

use super::*;
use crate::visible::corpus;
use pulldown_cmark::{Event as Parsed, Options, Parser};
use stanch::{
    entity::{
        claim::ConsoleId,
        history::Note,
        job::ChangeOutcome,
        seen::{Account as Of, AccountState, Event, EventId, EventKind, Mark, NewEvent, UNKNOWN},
    },
    report::handoff::{Account, Balance, Changed, Handoff, Happened, Held, Todo, md},
};

fn hostile_leak(text: &[u8]) -> Leak {
    Leak {
        domain: Some(text.into()),
        url: Some(text.into()),
        class: Some(text.into()),
        ..leak(text)
    }
}

fn of() -> Of {
    Of {
        profile: profile(),
        provider: provider(),
        team: String::new(),
    }
}

fn happened(kind: EventKind, seq: u64, text: &[u8]) -> Happened {
    Happened {
        event: Event {
            seq,
            id: EventId(seq),
            account: Some(of()),
            what: NewEvent {
                mark: Mark(seq),
                kind,
                before: UNKNOWN,
                after: UNKNOWN,
                at: 1_000,
                older: false,
                confirmed: true,
                storm: false,
                count: 0,
            },
        },
        key: None,
        leak: Some(hostile_leak(text)),
    }
}

/// A handoff in which every value is this text.
fn handoff(text: &[u8]) -> Handoff {
    let words = String::from_utf8_lossy(text).into_owned();
    let seat = ConsoleId {
        user: words.clone(),
        host: words.clone(),
        console: String::new(),
    };
    let kinds = [EventKind::Regressed, EventKind::Disputed, EventKind::Again];
    let mut events: Vec<Happened> = kinds
        .iter()
        .zip(1..)
        .map(|(kind, seq)| happened(*kind, seq, text))
        .collect();
    // More than a list holds: they are gathered by class and domain as well.
    events.extend((10..70).map(|seq| happened(EventKind::New, seq, text)));
    let outcomes = [
        ChangeOutcome::Verified,
        ChangeOutcome::Local,
        ChangeOutcome::Failed,
        ChangeOutcome::Contradicted,
        ChangeOutcome::Unverifiable,
        ChangeOutcome::Drifted,
    ];
    let changes = outcomes.iter().map(|outcome| Changed {
        job: JobId(7),
        command: JobCommand::Fix,
        key: key(Kind::Leak, text),
        leak: None,
        wanted: Status::Fixed,
        outcome: *outcome,
        reason: Some(words.clone()),
    });
    let at = time("2026-03-01T12:00:00Z");
    Handoff {
        from: 0,
        to: 28_800,
        by: words.clone(),
        note: Some("one line".to_owned()),
        balance: Some(Balance {
            open_start: 3,
            flows: vec![("became known", 60, true)],
            open_end: 63,
        }),
        todo: vec![Todo {
            what: "failed",
            words: "1 change of job 7 failed".to_owned(),
            count: 1,
            command: "stanch jobs retry 7".to_owned(),
            keys: Vec::new(),
        }],
        events,
        changes: changes.collect(),
        jobs: vec![Job {
            reason: Some(words.clone()),
            ticket: Some(words.clone()),
            ..job()
        }],
        claims: vec![Held {
            by: words.clone(),
            until: at,
            keys: vec![key(Kind::Leak, text)],
        }],
        notes: vec![(
            key(Kind::Leak, text),
            Note {
                by: seat,
                at,
                text: words.clone(),
            },
        )],
        accounts: vec![Account {
            state: AccountState {
                account: of(),
                baseline_at: Some(1),
                baseline_leaks: 3,
                probe: None,
                last_scan: None,
                last_whole: Some(1),
                failures: 0,
                blind_since: None,
            },
            readings: 1,
            failed: 0,
        }],
        incomplete: Some(words),
    }
}

/// The parts of a document as pulldown-cmark sees them, without what stands in code spans; and these.
fn pulldown(text: &str) -> (Vec<String>, Vec<String>) {
    let (mut parts, mut spans) = (Vec::new(), Vec::new());
    for event in Parser::new_ext(text, Options::all()) {
        if let Parsed::Code(code) = event {
            parts.push("code".to_owned());
            spans.push(code.into_string());
        } else {
            let part = format!("{event:?}");
            for never in ["Link", "Image", "Html", "Footnote", "Math"] {
                assert!(!part.contains(never), "{part}");
            }
            parts.push(part);
        }
    }
    (parts, spans)
}

/// The same as comrak sees it, with everything switched on that a forge may switch on.
fn comrak(text: &str) -> (String, Vec<String>) {
    let mut options = comrak::Options::default();
    let extension = &mut options.extension;
    extension.autolink = true;
    extension.footnotes = true;
    extension.strikethrough = true;
    extension.table = true;
    extension.tagfilter = false;
    extension.tasklist = true;
    options.render.r#unsafe = true;
    let html = comrak::markdown_to_html(text, &options);
    let (mut rest, mut spans) = (String::new(), Vec::new());
    let mut pieces = html.split("<code>");
    rest.push_str(pieces.next().unwrap());
    for piece in pieces {
        let (code, behind) = piece.split_once("</code>").unwrap();
        assert!(!code.contains('<'), "{code}");
        spans.push(
            code.replace("&lt;", "<")
                .replace("&gt;", ">")
                .replace("&quot;", "\"")
                .replace("&amp;", "&"),
        );
        rest.push_str("<code/>");
        rest.push_str(behind);
    }
    for never in ["<a ", "<img", "<script", "<svg", "<input"] {
        assert!(!rest.contains(never), "{rest}");
    }
    (rest, spans)
}

/// What a span of a value holds.
fn expected(value: &[u8]) -> String {
    let shown = visible::escape(value);
    let text: String = if shown.has_escapes() {
        let parts = shown.parts();
        parts
            .map(|(is_escape, part)| {
                if is_escape {
                    part.to_owned()
                } else {
                    part.replace('\\', "\\\\")
                }
            })
            .collect()
    } else {
        shown.as_str().to_owned()
    };
    let length = text.chars().count();
    if length > 200 {
        let begin: String = text.chars().take(200).collect();
        return format!("{begin}…+{}", length - 200);
    }
    text
}

#[test]
fn hostile_text_is_inert_in_two_readers_of_markdown() {
    let harmless = md::handoff(&handoff(b"x"));
    let (parts, spans) = pulldown(&harmless);
    let (rest, others) = comrak(&harmless);
    assert_eq!(spans, others);
    assert!(spans.len() > 100);
    let headings = parts
        .iter()
        .filter(|part| part.starts_with("Start(Heading"));
    assert_eq!(headings.count(), 16);
    for (name, bytes, _) in corpus() {
        if bytes.is_empty() {
            continue;
        }
        let text = md::handoff(&handoff(&bytes));
        let (its_parts, its_spans) = pulldown(&text);
        assert_eq!(its_parts, parts, "{name}");
        let (its_rest, its_others) = comrak(&text);
        assert_eq!(its_rest, rest, "{name}");
        assert_eq!(its_spans, its_others, "{name}");
        assert!(its_spans.contains(&expected(&bytes)), "{name}: {text}");
    }
}

#[test]
fn a_note_of_several_lines_is_several_items() {
    let mut told = handoff(b"x");
    told.note = Some("# one\n\n> two\n".to_owned());
    let text = md::handoff(&told);
    assert!(
        text.contains("- Note: `# one`\n- Note: `> two`\n"),
        "{text}"
    );
}
