//! The question on a terminal.

use super::*;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_terminal_is_asked_and_above_the_policy_for_the_number() {
    let rig = CommandFixture::with_leaks(60).await;
    let ids = rig.ids("open", 4).await;
    let asked = |ids: &[String], answer: &'static str| {
        let mut words = vec!["leaks".to_owned(), "fix".to_owned()];
        words.extend_from_slice(ids);
        let terminal = Terminal::new(&rig);
        tokio::task::spawn_blocking(move || terminal.run(&words, answer))
    };
    let (exit, screen) = asked(&ids[..1], "n\r").await.unwrap();
    assert_eq!(exit, 4, "{screen}");
    assert!(
        screen.contains("1 will change") && screen.contains("apply? [y/N] "),
        "{screen}"
    );
    assert_eq!(rig.writes().await, 0);
    let (exit, screen) = asked(&ids[..1], "y\r").await.unwrap();
    assert_eq!(exit, 0, "{screen}");
    assert!(screen.contains("1 verified"), "{screen}");
    rig.append("[policy]\nconfirm_above = 2\n");
    let (exit, screen) = asked(&ids[1..], "y\r").await.unwrap();
    assert_eq!(exit, 4, "{screen}");
    let (exit, screen) = asked(&ids[1..], "3\r").await.unwrap();
    assert_eq!(exit, 0, "{screen}");
    assert!(screen.contains("type 3 to apply: "), "{screen}");
    assert_eq!(rig.writes().await, 2);
}

/// The binary on a pseudo-terminal.
struct Terminal {
    config: PathBuf,
    state: PathBuf,
}

impl Terminal {
    fn new(rig: &CommandFixture) -> Self {
        Self {
            config: rig.path("config.toml"),
            state: rig.path("state"),
        }
    }

    /// Answers the first question; the exit code and everything on the screen.
    fn run(&self, words: &[String], answer: &str) -> (u32, String) {
        use std::io::{Read as _, Write as _};
        let pair = portable_pty::native_pty_system()
            .openpty(portable_pty::PtySize::default())
            .unwrap();
        let mut command = portable_pty::CommandBuilder::new(env!("CARGO_BIN_EXE_stanch"));
        command.env_clear();
        // Not the home of whoever runs this: there may be none.
        command.cwd(std::env::temp_dir());
        command.env("STANCH_CONFIG", &self.config);
        command.env("STANCH_STATE_DIR", &self.state);
        command.args(words);
        let mut child = pair.slave.spawn_command(command).unwrap();
        drop(pair.slave);
        let mut reader = pair.master.try_clone_reader().unwrap();
        let mut writer = pair.master.take_writer().unwrap();
        let (mut screen, mut answered) = (Vec::new(), false);
        let mut bytes = [0; 4096];
        // A terminal whose program has gone reads as an error.
        while let Ok(count @ 1..) = reader.read(&mut bytes) {
            screen.extend_from_slice(&bytes[..count]);
            let text = String::from_utf8_lossy(&screen);
            if !answered && (text.contains("[y/N] ") || text.contains("to apply: ")) {
                answered = true;
                writer.write_all(answer.as_bytes()).unwrap();
            }
        }
        let exit = child.wait().unwrap().exit_code();
        (exit, String::from_utf8_lossy(&screen).into_owned())
    }
}
