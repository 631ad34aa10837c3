//! The program as a child on a pseudo-terminal, and the terminal that shows what it writes. Every wait is for something
//! on the screen or for the end of the program, with a deadline.

use portable_pty::{CommandBuilder, ExitStatus, MasterPty, PtySize, native_pty_system};
use std::{
    ffi::OsString,
    fs::OpenOptions,
    io::{Read, Write},
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
    sync::{
        Arc, Condvar, Mutex,
        atomic::{AtomicBool, Ordering},
        mpsc,
    },
    thread::JoinHandle,
    time::{Duration, Instant},
};
use tempfile::TempDir;

/// The program.
pub(crate) const PROGRAM: &str = env!("CARGO_BIN_EXE_stanch");

/// Longer than anything takes on a busy machine.
pub(crate) const TEST_TIMEOUT: Duration = Duration::from_secs(120);

/// How much longer than alone something may take beside other tests and at a low priority.
pub(crate) const PARALLEL_FACTOR: u32 = 5;

/// How a console is started.
#[derive(Clone, Debug)]
pub(crate) struct ConsoleOptions {
    arguments: Vec<OsString>,
    environment: Vec<(&'static str, OsString)>,
    size: (u16, u16),
    umask: Option<u32>,
    shell: Option<&'static str>,
}

impl ConsoleOptions {
    /// With these arguments, at 160 columns and 48 rows.
    pub(crate) fn with_arguments<A: Into<OsString>>(
        arguments: impl IntoIterator<Item = A>,
    ) -> Self {
        Self {
            arguments: arguments.into_iter().map(Into::into).collect(),
            environment: Vec::new(),
            size: (160, 48),
            umask: None,
            shell: None,
        }
    }

    /// On a configuration.
    pub(crate) fn with_config(config: &Path) -> Self {
        Self::with_arguments([OsString::from("--config"), config.into()])
    }

    pub(crate) fn argument(mut self, argument: impl Into<OsString>) -> Self {
        self.arguments.push(argument.into());
        self
    }

    pub(crate) fn environment(mut self, name: &'static str, value: impl Into<OsString>) -> Self {
        self.environment.push((name, value.into()));
        self
    }

    /// Columns and rows.
    pub(crate) fn size(mut self, columns: u16, rows: u16) -> Self {
        self.size = (columns, rows);
        self
    }

    pub(crate) fn umask(mut self, umask: u32) -> Self {
        self.umask = Some(umask);
        self
    }

    /// Below a shell that runs this; the program with its arguments is `"$@"`.
    pub(crate) fn in_shell(mut self, script: &'static str) -> Self {
        self.shell = Some(script);
        self
    }

    pub(crate) fn open(self) -> Console {
        Console::open(&self)
    }
}

/// What the terminal was asked for beside text.
#[derive(Clone, Debug, Default)]
pub(crate) struct TerminalCallbacks {
    /// Texts that were put into the clipboard, as they came.
    pub(crate) clipboard: Vec<Vec<u8>>,
    /// Everything that no console needs: titles, bells, questions, sequences that the terminal does not know.
    pub(crate) unknown_sequences: Vec<String>,
}

impl vt100::Callbacks for TerminalCallbacks {
    fn audible_bell(&mut self, _: &mut vt100::Screen) {
        self.unknown_sequences.push("bell".into());
    }
    fn visual_bell(&mut self, _: &mut vt100::Screen) {
        self.unknown_sequences.push("visual bell".into());
    }
    fn resize(&mut self, _: &mut vt100::Screen, _: (u16, u16)) {
        self.unknown_sequences.push("resize".into());
    }
    fn set_window_icon_name(&mut self, _: &mut vt100::Screen, _: &[u8]) {
        self.unknown_sequences.push("icon name".into());
    }
    fn set_window_title(&mut self, _: &mut vt100::Screen, _: &[u8]) {
        self.unknown_sequences.push("title".into());
    }
    fn copy_to_clipboard(&mut self, _: &mut vt100::Screen, _: &[u8], data: &[u8]) {
        self.clipboard.push(data.to_vec());
    }
    fn paste_from_clipboard(&mut self, _: &mut vt100::Screen, _: &[u8]) {
        self.unknown_sequences.push("clipboard read".into());
    }
    fn unhandled_char(&mut self, _: &mut vt100::Screen, c: char) {
        // The replacement character is a letter like others, where a value has it.
        if c != '\u{fffd}' {
            self.unknown_sequences.push(format!("character {c:?}"));
        }
    }
    fn unhandled_control(&mut self, _: &mut vt100::Screen, byte: u8) {
        self.unknown_sequences.push(format!("control {byte:#04x}"));
    }
    fn unhandled_escape(&mut self, _: &mut vt100::Screen, _: Option<u8>, _: Option<u8>, byte: u8) {
        self.unknown_sequences.push(format!("escape {byte:#04x}"));
    }
    fn unhandled_csi(
        &mut self,
        _: &mut vt100::Screen,
        first: Option<u8>,
        _: Option<u8>,
        parameters: &[&[u16]],
        end: char,
    ) {
        // Ours, and unknown to this terminal: focus events, synchronized updates, the underline's own colour reset.
        let ours = match (first, end) {
            (Some(b'?'), 'h' | 'l') => matches!(parameters, [[1004 | 2026]]),
            (None, 'm') => matches!(parameters, [[59]]),
            _ => false,
        };
        if !ours {
            self.unknown_sequences
                .push(format!("csi {parameters:?} {end}"));
        }
    }
    fn unhandled_osc(&mut self, _: &mut vt100::Screen, _: &[&[u8]]) {
        self.unknown_sequences.push("osc".into());
    }
}

struct TerminalState {
    parser: vt100::Parser<TerminalCallbacks>,
    raw: Vec<u8>,
    ended: bool,
}

struct Shared {
    state: Mutex<TerminalState>,
    changed: Condvar,
    stop: AtomicBool,
    /// The terminal takes nothing, as one at the end of a slow line.
    paused: Mutex<bool>,
    resumed: Condvar,
}

/// A running console.
pub(crate) struct Console {
    home: TempDir,
    pid: u32,
    master: Option<Box<dyn MasterPty + Send>>,
    keyboard: Option<Box<dyn Write + Send>>,
    shared: Arc<Shared>,
    reader: Option<JoinHandle<()>>,
    status: mpsc::Receiver<ExitStatus>,
    exit_status: Option<ExitStatus>,
    /// The terminal's line discipline before the program came.
    terminal_settings: String,
}

/// A child that another thread starts while a pseudo-terminal is made could inherit it, and hold it open.
static CONSOLE_LOCK: Mutex<()> = Mutex::new(());

impl Console {
    fn open(start: &ConsoleOptions) -> Self {
        let home = tempfile::tempdir().unwrap();
        let (columns, rows) = start.size;
        let alone = CONSOLE_LOCK
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner);
        let pair = native_pty_system().openpty(size(columns, rows)).unwrap();
        let mut command = match start.shell {
            Some(script) => {
                let mut command = CommandBuilder::new("/bin/sh");
                command.args(["-c", script, "sh", PROGRAM]);
                command
            }
            None => CommandBuilder::new(PROGRAM),
        };
        command.args(&start.arguments);
        command.env_clear();
        command.env("PATH", std::env::var_os("PATH").unwrap_or_default());
        command.env("TERM", "xterm-256color");
        command.env("LANG", "C.UTF-8");
        command.env("HOME", home.path());
        command.env("STANCH_STATE_DIR", home.path().join("state"));
        for (name, value) in &start.environment {
            command.env(name, value);
        }
        command.cwd(home.path());
        command.umask(start.umask);
        let before = line_settings(pair.master.as_ref());
        let mut child = pair.slave.spawn_command(command).unwrap();
        drop(pair.slave);
        drop(alone);
        let pid = child.process_id().unwrap();
        let (sender, status) = mpsc::channel();
        std::thread::spawn(move || sender.send(child.wait().unwrap()).ok());
        let shared = Arc::new(Shared {
            state: Mutex::new(TerminalState {
                parser: vt100::Parser::new_with_callbacks(
                    rows.try_into().unwrap(),
                    columns.try_into().unwrap(),
                    0,
                    TerminalCallbacks::default(),
                ),
                raw: Vec::new(),
                ended: false,
            }),
            changed: Condvar::new(),
            stop: AtomicBool::new(false),
            paused: Mutex::new(false),
            resumed: Condvar::new(),
        });
        let reader = read(pair.master.try_clone_reader().unwrap(), Arc::clone(&shared));
        Self {
            home,
            pid,
            keyboard: Some(pair.master.take_writer().unwrap()),
            master: Some(pair.master),
            shared,
            reader: Some(reader),
            status,
            exit_status: None,
            terminal_settings: before,
        }
    }

    /// The directory that `HOME` is.
    pub(crate) fn home(&self) -> &Path {
        self.home.path()
    }

    /// Keeps the directory for longer than the console.
    pub(crate) fn state(&self) -> PathBuf {
        self.home.path().join("state")
    }

    /// The process: the shell, where there is one.
    pub(crate) fn pid(&self) -> u32 {
        self.pid
    }

    /// Types.
    pub(crate) fn keys(&mut self, keys: &str) {
        let keyboard = self.keyboard.as_mut().expect("the terminal is open");
        keyboard.write_all(keys.as_bytes()).unwrap();
        keyboard.flush().unwrap();
    }

    /// Waits for a text on the screen.
    pub(crate) fn wait_for(&self, text: &str) {
        self.wait_until(text, |screen| screen.contents().contains(text));
    }

    /// Waits until a text is gone from the screen.
    pub(crate) fn wait_without(&self, text: &str) {
        self.wait_until(text, |screen| !screen.contents().contains(text));
    }

    /// Waits for a state of the screen; what for is said when it does not come.
    pub(crate) fn wait_until(&self, what: &str, done: impl Fn(&vt100::Screen) -> bool) {
        let deadline = Instant::now() + TEST_TIMEOUT;
        let mut seen = self.shared.state.lock().unwrap();
        while !done(seen.parser.screen()) {
            let left = deadline.saturating_duration_since(Instant::now());
            if left.is_zero() || seen.ended {
                let screen = seen.parser.screen().contents();
                drop(seen);
                panic!("waited for {what}, and there is:\n{screen}");
            }
            seen = self.shared.changed.wait_timeout(seen, left).unwrap().0;
        }
    }

    /// Waits until nothing was written for so long, and answers how many bytes there are in all.
    pub(crate) fn wait_until_quiet(&self, quiet: Duration) -> usize {
        let deadline = Instant::now() + TEST_TIMEOUT;
        let mut seen = self.shared.state.lock().unwrap();
        loop {
            let before = seen.raw.len();
            let (now, timeout) = self.shared.changed.wait_timeout(seen, quiet).unwrap();
            seen = now;
            if timeout.timed_out() && seen.raw.len() == before {
                return before;
            }
            assert!(Instant::now() < deadline, "it never rests");
        }
    }

    /// How many bytes come within a time.
    pub(crate) fn bytes_within(&self, time: Duration) -> usize {
        let deadline = Instant::now() + time;
        let mut seen = self.shared.state.lock().unwrap();
        let before = seen.raw.len();
        loop {
            let left = deadline.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return seen.raw.len() - before;
            }
            seen = self.shared.changed.wait_timeout(seen, left).unwrap().0;
        }
    }

    /// What is on the screen.
    pub(crate) fn contents(&self) -> String {
        self.screen(vt100::Screen::contents)
    }

    /// Looks at the screen.
    pub(crate) fn screen<T>(&self, look: impl FnOnce(&vt100::Screen) -> T) -> T {
        look(self.shared.state.lock().unwrap().parser.screen())
    }

    /// What the terminal was asked for beside text.
    pub(crate) fn callbacks(&self) -> TerminalCallbacks {
        self.shared.state.lock().unwrap().parser.callbacks().clone()
    }

    /// Every byte that was written so far.
    pub(crate) fn raw(&self) -> Vec<u8> {
        self.shared.state.lock().unwrap().raw.clone()
    }

    /// From now on the terminal takes nothing; what is being read is the last.
    pub(crate) fn pause_reading(&self) {
        *self.shared.paused.lock().unwrap() = true;
    }

    /// It takes everything again.
    pub(crate) fn resume_reading(&self) {
        *self.shared.paused.lock().unwrap() = false;
        self.shared.resumed.notify_all();
    }

    /// Another size, on both sides.
    pub(crate) fn resize(&self, columns: u16, rows: u16) {
        let mut seen = self.shared.state.lock().unwrap();
        seen.parser
            .set_size(rows.try_into().unwrap(), columns.try_into().unwrap());
        let master = self.master.as_ref().expect("the terminal is open");
        master.resize(size(columns, rows)).unwrap();
    }

    /// Sends a signal to the process.
    pub(crate) fn signal(&self, signal: rustix::process::Signal) {
        let pid = rustix::process::Pid::from_raw(self.pid.try_into().unwrap()).unwrap();
        rustix::process::kill_process(pid, signal).unwrap();
    }

    /// Takes the terminal away. The keyboard's last bytes are a line end and an end of file.
    pub(crate) fn hang_up(&mut self) {
        let master = self.master.take().expect("the terminal is open");
        // The reader sits in a read that only a byte ends.
        self.shared.stop.store(true, Ordering::SeqCst);
        let no_controlling = rustix::fs::OFlags::NOCTTY.bits().try_into().unwrap();
        let mut other_side = OpenOptions::new()
            .write(true)
            .custom_flags(no_controlling)
            .open(master.tty_name().unwrap())
            .unwrap();
        other_side.write_all(b"\0").unwrap();
        drop(other_side);
        self.reader.take().unwrap().join().unwrap();
        self.keyboard.take();
    }

    /// Waits for the end of the program, and answers how it was; all output is read then.
    pub(crate) fn end(&mut self, within: Duration) -> ExitStatus {
        let status = self.status.recv_timeout(within).unwrap_or_else(|_| {
            panic!("still there after {within:?}:\n{}", self.contents());
        });
        self.exit_status = Some(status.clone());
        if let Some(reader) = self.reader.take() {
            reader.join().unwrap();
        }
        status
    }

    /// The exit code at the end; a death by signal is none.
    pub(crate) fn exit(&mut self, within: Duration) -> u32 {
        let status = self.end(within);
        assert_eq!(status.signal(), None);
        status.exit_code()
    }

    /// The terminal is as it was before the program came.
    pub(crate) fn assert_restored(&self) {
        self.screen(|screen| {
            assert!(!screen.alternate_screen(), "the alternate screen is left");
            assert!(!screen.hide_cursor(), "the cursor is shown");
            assert!(!screen.bracketed_paste(), "bracketed paste is off");
            assert_eq!(screen.mouse_protocol_mode(), vt100::MouseProtocolMode::None);
        });
        let raw = String::from_utf8_lossy(&self.raw()).into_owned();
        assert!(raw.contains("\x1b[?1049h"), "it had the alternate screen");
        assert!(
            raw.rfind("\x1b[?1004l") > raw.rfind("\x1b[?1004h"),
            "focus events are off"
        );
        assert!(
            raw.rfind("\x1b[?2026l") >= raw.rfind("\x1b[?2026h"),
            "no update is left open"
        );
        if let Some(master) = &self.master {
            assert_eq!(
                line_settings(master.as_ref()),
                self.terminal_settings,
                "cooked again"
            );
        }
    }
}

impl Drop for Console {
    fn drop(&mut self) {
        if self.exit_status.is_none() && self.status.try_recv().is_err() {
            let pid = rustix::process::Pid::from_raw(self.pid.try_into().unwrap_or_default());
            if let Some(pid) = pid {
                // The whole session, where a shell leads it.
                rustix::process::kill_process_group(pid, rustix::process::Signal::KILL).ok();
            }
        }
    }
}

fn size(columns: u16, rows: u16) -> PtySize {
    PtySize {
        rows,
        cols: columns,
        pixel_width: 0,
        pixel_height: 0,
    }
}

fn line_settings(master: &(dyn MasterPty + Send)) -> String {
    let settings = master.get_termios().expect("a terminal has settings");
    format!(
        "{:?} {:?} {:?}",
        settings.input_flags, settings.output_flags, settings.local_flags
    )
}

fn read(mut from: Box<dyn Read + Send>, shared: Arc<Shared>) -> JoinHandle<()> {
    std::thread::spawn(move || {
        let mut buffer = vec![0; 1 << 16];
        loop {
            let held = shared.paused.lock().unwrap();
            drop(shared.resumed.wait_while(held, |held| *held).unwrap());
            let count = from.read(&mut buffer).unwrap_or(0);
            let mut seen = shared.state.lock().unwrap();
            if count == 0 || shared.stop.load(Ordering::SeqCst) {
                seen.ended = true;
                shared.changed.notify_all();
                return;
            }
            seen.raw.extend_from_slice(&buffer[..count]);
            seen.parser.process(&buffer[..count]);
            shared.changed.notify_all();
        }
    })
}

/// Processor time that a process has used, in hundredths of a second.
pub(crate) fn cpu_ticks(pid: u32) -> u64 {
    let text = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap();
    let rest = text.rsplit_once(") ").unwrap().1;
    let fields: Vec<&str> = rest.split(' ').collect();
    let number = |at: usize| fields[at].parse::<u64>().unwrap();
    number(11) + number(12)
}
