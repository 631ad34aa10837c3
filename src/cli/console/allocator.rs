//! How a console of several profiles takes its memory from the system.

use crate::cli::context::Environment;

/// Large blocks go back to the system when they are freed. The C library would keep them: with every block that is freed it
/// takes larger ones from its own heap, which has holes of 40 MiB after a million leaks of three profiles. It is told so
/// before a program starts, so the program starts anew; where that cannot be, it takes more memory.
#[cfg(all(target_os = "linux", target_env = "gnu"))]
pub(super) fn tune_allocator(environment: &Environment) {
    use std::{os::unix::process::CommandExt as _, process::Command};
    const VARIABLE: &str = "GLIBC_TUNABLES";
    // Large is what is larger than the pieces that an answer comes in, 408 KiB at most: those come and go thousands of
    // times, and to take each anew from the system costs more than it saves. So does trimming the heap of small blocks.
    const SETTINGS: &str = "glibc.malloc.mmap_threshold=425984:glibc.malloc.trim_threshold=67108864:glibc.malloc.arena_max=1";
    // Whoever has set anything knows better, be it this program before it started anew.
    let is_set = environment.get(VARIABLE).is_some_and(|set| !set.is_empty());
    if is_set || !environment.is_process_environment() {
        return;
    }
    let mut arguments = std::env::args_os();
    let (Ok(program), Some(name)) = (std::env::current_exe(), arguments.next()) else {
        return;
    };
    let mut again = Command::new(program);
    again.arg0(name).args(arguments).env(VARIABLE, SETTINGS);
    // It comes back only where it failed.
    drop(again.exec());
}

#[cfg(not(all(target_os = "linux", target_env = "gnu")))]
pub(super) fn tune_allocator(_: &Environment) {}
