//! What a command took: time, processor, memory.
//!
//! The system tells this of all children together, so each command runs as the only child of another copy of this
//! program.

use std::ffi::{OsStr, OsString};
use std::io::{Error, Result};
use std::process::{Command, Stdio};
use std::time::Instant;

use nix::sys::resource::{UsageWho, getrusage};

/// What the copy is called with.
pub(crate) const WORD: &str = "--measure";

/// What one run took.
pub(crate) struct Taken {
    pub(crate) seconds: f64,
    /// User and system, in seconds.
    pub(crate) cpu: f64,
    /// Peak resident memory in megabytes.
    pub(crate) peak: f64,
    pub(crate) ok: bool,
}

/// Whether a program can be run: a path that is there, or a name in `PATH`.
pub(crate) fn is_there(program: &OsStr) -> bool {
    let paths = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&paths).any(|folder| folder.join(program).is_file())
}

/// Runs a command through a copy of this program.
pub(crate) fn run(command: &[OsString]) -> Result<Taken> {
    let output =
        Command::new(std::env::current_exe()?).arg(WORD).args(command).stderr(Stdio::inherit()).output()?;
    let text = String::from_utf8_lossy(&output.stdout);
    let mut numbers = text.split_whitespace().filter_map(|word| word.parse().ok());
    let mut next = || numbers.next().ok_or_else(|| Error::other(format!("not measured: {command:?}")));
    Ok(Taken { seconds: next()?, cpu: next()?, peak: next()?, ok: next()? == 0.0 })
}

/// The copy: runs the command with nothing on its output, and prints what it took.
pub(crate) fn child(program: OsString, rest: impl Iterator<Item = OsString>) -> Result<()> {
    let begin = Instant::now();
    let status = Command::new(program).args(rest).stdout(Stdio::null()).stderr(Stdio::null()).status()?;
    let seconds = begin.elapsed().as_secs_f64();
    let usage = getrusage(UsageWho::RUSAGE_CHILDREN)?;
    let time = |value: nix::sys::time::TimeVal| value.tv_sec() as f64 + value.tv_usec() as f64 / 1e6;
    // Bytes on macOS, units of 1024 bytes elsewhere.
    let unit = if cfg!(target_os = "macos") { 1.0 } else { 1_024.0 };
    let cpu = time(usage.user_time()) + time(usage.system_time());
    println!("{seconds} {cpu} {} {}", usage.max_rss() as f64 * unit / 1e6, status.code().unwrap_or(1));
    Ok(())
}
