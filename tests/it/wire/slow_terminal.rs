//! A line that is slower than the keys.

use crate::support::console_fixture::ConsoleFixture;
use stanch::{
    app::{message::Message, overlay::Overlay, prompt::PromptKind},
    runtime::terminal_output::OutputQueue,
};
use std::{
    sync::{Arc, Mutex, mpsc},
    time::Duration,
};

const TEST_TIMEOUT: Duration = Duration::from_secs(120);

#[test]
fn what_is_sent_while_a_write_is_under_way_follows_it() {
    let (go, gate) = mpsc::channel::<()>();
    let written: Arc<Mutex<Vec<Vec<u8>>>> = Arc::default();
    let writes = Arc::clone(&written);
    let line = OutputQueue::open(None, move |bytes| {
        gate.recv().ok();
        writes.lock().unwrap().push(bytes.to_vec());
        Ok(())
    })
    .unwrap();
    line.send_frame(b"one".to_vec()).unwrap();
    assert!(!line.is_drained().unwrap());
    assert!(!line.drain(Duration::ZERO));
    // The first is being written, or about to be.
    go.send(()).unwrap();
    assert!(line.drain(TEST_TIMEOUT));
    line.send_frame(b"two".to_vec()).unwrap();
    line.send_out_of_frame(b"copy").unwrap();
    go.send(()).unwrap();
    go.send(()).unwrap();
    assert!(line.drain(TEST_TIMEOUT) && line.is_drained().unwrap());
    assert_eq!(written.lock().unwrap().concat(), b"onetwocopy");
    let traffic = line.traffic();
    assert_eq!(
        (traffic.frames, traffic.bytes, traffic.out_of_frame_bytes),
        (2, 10, 4)
    );
}

#[test]
fn what_the_terminal_takes_at_once_needs_no_thread() {
    let written: Arc<Mutex<Vec<u8>>> = Arc::default();
    let (at_once, later) = (Arc::clone(&written), Arc::clone(&written));
    let (go, gate) = mpsc::channel::<()>();
    // It takes four bytes, and no more until the thread has waited.
    let mut room = 4;
    let direct = move |bytes: &[u8]| {
        let taken = bytes.len().min(room);
        room -= taken;
        at_once.lock().unwrap().extend(&bytes[..taken]);
        taken
    };
    let line = OutputQueue::open(Some(Box::new(direct)), move |bytes| {
        gate.recv().ok();
        later.lock().unwrap().extend(bytes);
        Ok(())
    })
    .unwrap();
    line.send_frame(b"one".to_vec()).unwrap();
    assert!(line.is_drained().unwrap());
    assert_eq!(*written.lock().unwrap(), b"one");
    line.send_frame(b"two".to_vec()).unwrap();
    assert!(!line.is_drained().unwrap());
    line.send_out_of_frame(b"copy").unwrap();
    go.send(()).unwrap();
    go.send(()).unwrap();
    assert!(line.drain(TEST_TIMEOUT) && line.is_drained().unwrap());
    assert_eq!(*written.lock().unwrap(), b"onetwocopy");
    let traffic = line.traffic();
    assert_eq!(
        (traffic.frames, traffic.bytes, traffic.out_of_frame_bytes),
        (2, 10, 4)
    );
}

#[test]
fn a_line_that_breaks_says_so_and_holds_nobody_up() {
    let line = OutputQueue::open(None, |_| Err(std::io::ErrorKind::BrokenPipe.into())).unwrap();
    line.send_frame(b"one".to_vec()).unwrap();
    assert!(!line.drain(TEST_TIMEOUT));
    assert!(line.is_drained().is_err());
    assert!(line.send_frame(b"two".to_vec()).is_err());
    assert!(line.send_out_of_frame(b"three").is_err());
}

#[tokio::test]
async fn on_a_busy_line_keys_live_and_frames_are_left_out() {
    let mut driver = ConsoleFixture::with_leaks(200).open().await;
    driver.press("j").await;
    let (drawn, first) = (driver.drawn_cells(), driver.cursor());
    driver.recorder.block();
    for _ in 0..5 {
        driver.keys("jj").handle_pending().await;
    }
    assert_eq!(driver.drawn_cells(), drawn, "no frame is drawn");
    assert_ne!(driver.cursor(), first, "the cursor moved all the same");
    assert_eq!(driver.model().traffic.dropped_frames, 5);
    driver.recorder.unblock();
    driver.run_until_settled().await;
    assert!(driver.drawn_cells() > drawn);
    let shown = driver.screen();
    driver.press("<C-l>").await;
    assert_eq!(driver.screen(), shown);
}

#[tokio::test]
async fn a_key_that_nobody_has_read_yet_comes_before_the_message_that_waits() {
    let mut driver = ConsoleFixture::with_leaks(200).open().await;
    let first = driver.cursor();
    let (columns, rows) = (80, 24);
    driver.recorder.set_input(true);
    driver.queue_message(Message::TerminalResized { columns, rows });
    driver.handle_pending().await;
    assert_eq!(driver.model().size, (160, 48), "the message waits");
    driver.keys("j").handle_pending().await;
    assert_ne!(driver.cursor(), first, "the key does not");
    assert_eq!(driver.model().size, (160, 48));
    // What the terminal holds and no reader gets to holds nothing up for long.
    driver.run_until_settled().await;
    assert_eq!(driver.model().size, (80, 24));
}

#[tokio::test]
async fn what_is_typed_behind_a_prompt_waits_for_its_frame() {
    let mut driver = ConsoleFixture::with_leaks(200).open().await;
    driver.recorder.block();
    driver.keys(":jj").handle_pending().await;
    let typed = |driver: &crate::support::driver::Driver| {
        let prompt = driver.model().prompt.as_ref().unwrap();
        assert!(matches!(prompt.kind, PromptKind::Palette { .. }));
        prompt.input.value().to_owned()
    };
    assert_eq!(typed(&driver), "");
    driver.recorder.unblock();
    driver.run_until_settled().await;
    assert_eq!(typed(&driver), "jj");
}

#[tokio::test]
async fn a_plan_is_read_from_when_its_frame_was_taken() {
    let mut driver = ConsoleFixture::with_leaks(200).open().await;
    driver.press("<space>").await;
    driver.recorder.block();
    driver.keys("f").handle_pending().await;
    let drawn = |driver: &crate::support::driver::Driver| match driver.model().overlay() {
        Some(Overlay::Plan(plan)) => plan.drawn_at,
        other => panic!("{other:?}"),
    };
    driver.clock.advance(Duration::from_secs(5));
    driver.keys("y").handle_pending().await;
    assert_eq!(drawn(&driver), None);
    driver.recorder.unblock();
    driver.run_until_settled().await;
    // The answer was read before the frame: it is none.
    assert!(drawn(&driver).is_some());
    assert!(driver.writes().await.is_empty());
}
