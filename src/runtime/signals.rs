//! Signals become messages; a hang-up ends the program by itself.

use super::{executor::Envelope, hangup, terminal};
use crate::app::message::Message;
use tokio::{
    signal::unix::{SignalKind, signal},
    sync::mpsc::Sender,
};

/// Listens until the end of the program.
pub fn watch_signals(sender: &Sender<Envelope>, writes: &hangup::PendingWrites) {
    for (kind, code) in [
        (SignalKind::terminate(), 143),
        (SignalKind::interrupt(), 130),
    ] {
        let sender = sender.clone();
        // A process that cannot listen is ended by the system's default instead.
        let Ok(mut stream) = signal(kind) else {
            continue;
        };
        tokio::spawn(async move {
            while stream.recv().await.is_some() {
                let message = Message::QuitRequested(code);
                if sender
                    .send(Envelope {
                        message,
                        completes_effect: false,
                    })
                    .await
                    .is_err()
                {
                    return;
                }
            }
        });
    }
    let going_on = SignalKind::from_raw(rustix::process::Signal::CONT.as_raw());
    if let Ok(mut stream) = signal(going_on) {
        let sender = sender.clone();
        tokio::spawn(async move {
            // Whoever had the terminal in the meantime may have left it otherwise, and of another size.
            while stream.recv().await.is_some() {
                let Some((columns, rows)) = terminal::re_enter() else {
                    continue;
                };
                let message = Message::TerminalResized { columns, rows };
                let envelope = Envelope {
                    message,
                    completes_effect: false,
                };
                if sender.send(envelope).await.is_err() {
                    return;
                }
            }
        });
    }
    if let Ok(mut stream) = signal(SignalKind::hangup()) {
        let (sender, writes) = (sender.clone(), writes.clone());
        tokio::spawn(async move {
            stream.recv().await;
            let message = Message::QuitRequested(hangup::EXIT_CODE);
            sender
                .try_send(Envelope {
                    message,
                    completes_effect: false,
                })
                .ok();
            // Its own thread: the loop may be stuck in a write to a terminal that is not there.
            std::thread::spawn(move || hangup::exit(&writes));
        });
    }
}
