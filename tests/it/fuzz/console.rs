//! What is typed and pasted into the console, as events made of bytes, and the screen after it.

use super::{Target, engine::kind, hostile};
use crate::{app::core_fixture::Core, properties::is_forbidden, support::console_fixture::look};
use crossterm::event::{Event, KeyCode, KeyEvent, KeyModifiers};
use ratatui::{buffer::Buffer, layout::Rect};
use stanch::{
    app::{
        effect::{Effect, Failure, Request as _},
        input,
        message::Message,
    },
    config::Config,
    ui::{self, redraw::UnchangedRows},
};
use std::time::Duration;

/// Begins a text that is pasted, up to the same byte.
const PASTE: u8 = 0x80;
/// The next two bytes are the size of the terminal.
const RESIZE: u8 = 0x81;
/// Time passes.
const WAIT: u8 = 0x82;
/// What was asked for fails, or was called off.
const FAIL: u8 = 0x83;
/// The keys of the bytes behind those.
const KEYS: [KeyCode; 13] = [
    KeyCode::Up,
    KeyCode::Down,
    KeyCode::Left,
    KeyCode::Right,
    KeyCode::Home,
    KeyCode::End,
    KeyCode::PageUp,
    KeyCode::PageDown,
    KeyCode::BackTab,
    KeyCode::Delete,
    KeyCode::Insert,
    KeyCode::F(1),
    KeyCode::Null,
];

/// The console without its runtime.
pub(super) fn terminal() -> Target {
    let seeds: [&[u8]; 12] = [
        b"/login:u1\r jjj   f",
        b"*fy",
        b" f11\ry",
        b":sort -seen\r:view save a\rzv\r",
        b"gu\rjj\x1b#j\r",
        b"C J><\r?/mark\r\x1b",
        b":check email \x80maya@acme.example\x80\r",
        b":check password\r\x80hunter2\nx\x80\x1b",
        b"+status:open\rAM1234567890",
        b"\x81\x28\x0cp\x81\xff\x50zf\x81\x01\x01",
        b"vjjjgg\x82:export csv /tmp/x\r\x83",
        b"=uE\x83\x82siyrR!\x1bzb\x1bHHL",
    ];
    let mut words = hostile();
    words.extend(super::words(&[
        "\x1b", "\r", "\t", "\x7f", "\x15", "\x17", "\x01", ":tour\r", ":help\r", "zr", "yc", "%",
        "f", "y", "gg", "G", "os", "oS", "gc", "g0", "[", "]", "q",
    ]));
    words.extend([
        vec![PASTE],
        vec![RESIZE, 200, 60],
        vec![RESIZE, 40, 12],
        vec![WAIT],
        vec![FAIL],
    ]);
    Target {
        words,
        longest: 160,
        runs: 120,
        ..Target::new(seeds, |bytes| kind(played(bytes)))
    }
}

/// The events that bytes stand for.
fn events(bytes: &[u8]) -> Vec<Given> {
    let mut events = Vec::new();
    let mut rest = bytes;
    while let [byte, behind @ ..] = rest {
        rest = behind;
        let key = |code| Given::Event(Event::Key(KeyEvent::new(code, KeyModifiers::NONE)));
        events.push(match *byte {
            PASTE => {
                let end = rest
                    .iter()
                    .position(|byte| *byte == PASTE)
                    .unwrap_or(rest.len());
                let text = String::from_utf8_lossy(&rest[..end]).into_owned();
                rest = rest.get(end + 1..).unwrap_or_default();
                Given::Event(Event::Paste(text))
            }
            RESIZE => {
                let size =
                    |at: usize, most: u8| u16::from(rest.get(at).copied().unwrap_or(9) % most);
                let size = (size(0, 201), size(1, 70));
                rest = rest.get(2..).unwrap_or_default();
                Given::Event(Event::Resize(size.0, size.1))
            }
            WAIT => Given::Time,
            FAIL => Given::Failure,
            b'\r' | b'\n' => key(KeyCode::Enter),
            b'\t' => key(KeyCode::Tab),
            0x1b => key(KeyCode::Esc),
            0x7f => key(KeyCode::Backspace),
            control @ 0..0x20 => {
                let letter = char::from(control | 0x60);
                Given::Event(Event::Key(KeyEvent::new(
                    KeyCode::Char(letter),
                    KeyModifiers::CONTROL,
                )))
            }
            other if other < 0x80 => key(KeyCode::Char(char::from(other))),
            other => match KEYS.get(usize::from(other - 0x84)) {
                Some(code) => key(*code),
                None => key(KeyCode::Char(char::from(other))),
            },
        });
    }
    events
}

enum Given {
    Event(Event),
    Time,
    Failure,
}

/// Plays bytes into a console; answers what lies above its panes, and how much of it is marked.
fn played(bytes: &[u8]) -> (usize, usize, bool, String) {
    let mut core = Core::with_leaks(30);
    let mut asked: Vec<Effect> = Vec::new();
    for (number, given) in events(bytes).into_iter().enumerate() {
        match given {
            Given::Event(event) => {
                if let Some(message) = input::translate(&core.model, event, core.now.since_start) {
                    asked.extend(core.update(message));
                }
            }
            Given::Time => core.advance_clock(Duration::from_secs(1)),
            Given::Failure => {
                let called_off = number.is_multiple_of(2);
                for message in std::mem::take(&mut asked)
                    .into_iter()
                    .filter_map(|effect| failed(effect, called_off))
                {
                    asked.extend(core.update(message));
                }
            }
        }
        if number.is_multiple_of(8) {
            draw(&core);
        }
    }
    draw(&core);
    let model = &core.model;
    (
        model.overlays.len(),
        model.workspace.marks.len(),
        model.prompt.is_some(),
        core.newest_notice().chars().take(24).collect(),
    )
}

/// What comes in the place of an answer.
fn failed(effect: Effect, called_off: bool) -> Option<Message> {
    let failure = if called_off {
        Failure::Cancelled
    } else {
        Failure::Panicked
    };
    Some(match effect {
        Effect::Data(effect) => effect.failure_reply(failure),
        Effect::Jobs(effect) => effect.failure_reply(failure),
        Effect::Claims(effect) => effect.failure_reply(failure),
        Effect::Notes(effect) => effect.failure_reply(failure),
        Effect::Access(effect) => effect.failure_reply(failure),
        Effect::Lookup(effect) => effect.failure_reply(failure),
        Effect::Reveal(effect) => effect.failure_reply(failure),
        Effect::Output(effect) => effect.failure_reply(failure),
        Effect::Evidence(effect) => effect.failure_reply(failure),
        Effect::Marks(effect) => effect.failure_reply(failure),
        Effect::Tools(effect) => effect.failure_reply(failure),
        Effect::News(effect) => effect.failure_reply(failure),
        Effect::Views(effect) => effect.failure_reply(failure),
        Effect::Session(effect) => effect.failure_reply(failure),
        // What the loop does itself is not answered.
        Effect::Loop(_) => return None,
    })
}

fn draw(core: &Core) {
    let (columns, rows) = core.model.size;
    let mut buffer = Buffer::empty(Rect::new(0, 0, columns, rows));
    let look = look(&Config::default().theme);
    ui::draw(&core.model, &look, &UnchangedRows::NONE, &mut buffer);
    for cell in &buffer.content {
        assert!(
            !cell.symbol().chars().any(is_forbidden),
            "{:?}",
            cell.symbol()
        );
    }
}
