//! Where results go: standard output, or a file that is in place only when it is complete.

use std::fs::{self, File};
use std::io::{self, BufWriter, IsTerminal, Write};
use std::path::{Path, PathBuf};
use std::{env, process};

use anyhow::{Context, Result};
use findings::report::Style;

use crate::cli::When;

/// Bytes held back before they are written.
const BUFFER_BYTES: usize = 256 << 10;
/// Columns of text where there is no terminal to ask.
const WIDTH: usize = 100;

/// A place for results.
#[derive(Debug)]
pub(crate) struct Output {
    out: Out,
    /// Whether the reader of a pipe has had enough.
    closed: bool,
}

#[derive(Debug)]
enum Out {
    Stdout(BufWriter<io::Stdout>),
    /// Written beside its place, and moved there at the end.
    File {
        out: BufWriter<File>,
        path: PathBuf,
        temporary: Temporary,
    },
    /// A device or a pipe by name: written in place.
    Device {
        out: BufWriter<File>,
        path: PathBuf,
    },
}

impl Output {
    /// Opens a file; None or `-` is standard output.
    pub(crate) fn open(path: Option<&Path>) -> Result<Self> {
        let out = match path {
            None => Out::Stdout(BufWriter::with_capacity(BUFFER_BYTES, io::stdout())),
            Some(path) if path == Path::new("-") => return Self::open(None),
            Some(path) => file(path).with_context(|| format!("{}: cannot be written", path.display()))?,
        };
        Ok(Self { out, closed: false })
    }

    /// How to lay out text for people here.
    pub(crate) fn style(&self, color: When) -> Style {
        let terminal = matches!(self.out, Out::Stdout(_)) && io::stdout().is_terminal();
        let color = color == When::Always || (terminal && wants_color(color));
        let columns = terminal.then(terminal_size::terminal_size).flatten();
        let wished = || matches!(self.out, Out::Stdout(_)).then(columns_wished).flatten().unwrap_or(WIDTH);
        Style { color, width: columns.map_or_else(wished, |(width, _)| usize::from(width.0)) }
    }

    /// Whether the reader of a pipe has had enough, so that there is nobody to write for.
    pub(crate) const fn is_closed(&self) -> bool {
        self.closed
    }

    /// Puts a file in its place.
    pub(crate) fn finish(mut self) -> Result<()> {
        self.flush().with_context(|| format!("{}: cannot be written", self.name()))?;
        if let Out::File { out, path, temporary } = self.out {
            let file = out.into_inner().map_err(io::IntoInnerError::into_error)?;
            let moved = file.sync_all().and_then(|()| fs::rename(&temporary.0, &path));
            moved.with_context(|| format!("{}: cannot be written", path.display()))?;
        }
        Ok(())
    }

    fn name(&self) -> String {
        match &self.out {
            Out::Stdout(_) => "standard output".to_owned(),
            Out::File { path, .. } | Out::Device { path, .. } => path.display().to_string(),
        }
    }

    fn writer(&mut self) -> &mut dyn Write {
        match &mut self.out {
            Out::Stdout(out) => out,
            Out::File { out, .. } | Out::Device { out, .. } => out,
        }
    }

    /// A closed pipe (`| head`) is no error: what was wanted was read.
    fn forgive<T>(&mut self, result: io::Result<T>, instead: T) -> io::Result<T> {
        match result {
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => {
                self.closed = true;
                Ok(instead)
            }
            other => other,
        }
    }
}

impl Write for Output {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.closed {
            return Ok(bytes.len());
        }
        let result = self.writer().write(bytes);
        self.forgive(result, bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        if self.closed {
            return Ok(());
        }
        let result = self.writer().flush();
        self.forgive(result, ())
    }
}

/// Whether a terminal is to be coloured.
pub(crate) fn wants_color(color: When) -> bool {
    let no_color = env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
    match color {
        When::Always => true,
        When::Never => false,
        When::Auto => !no_color && !is_dumb(),
    }
}

/// Whether standard output is a terminal that a screen can be drawn on.
pub(crate) fn has_screen() -> bool {
    io::stdout().is_terminal() && !is_dumb()
}

/// Columns that whoever reads a pipe (`| less`) says there are, by the environment as other programs have it.
fn columns_wished() -> Option<usize> {
    env::var("COLUMNS").ok()?.parse().ok().filter(|columns| *columns > 0)
}

fn is_dumb() -> bool {
    env::var_os("TERM").is_some_and(|term| term == "dumb")
}

/// A file that is removed unless it was moved away.
#[derive(Debug)]
struct Temporary(PathBuf);

impl Drop for Temporary {
    fn drop(&mut self) {
        // After the move there is nothing left to remove.
        let _ = fs::remove_file(&self.0);
    }
}

fn file(path: &Path) -> io::Result<Out> {
    if fs::metadata(path).is_ok_and(|metadata| !metadata.is_file() && !metadata.is_dir()) {
        let out = BufWriter::with_capacity(BUFFER_BYTES, File::options().write(true).open(path)?);
        return Ok(Out::Device { out, path: path.to_owned() });
    }
    // What a link points to is replaced, and the link stays.
    let path = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    if path.is_dir() {
        return Err(io::Error::from(io::ErrorKind::IsADirectory));
    }
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let temporary = path.with_file_name(format!(".{name}.{}", process::id()));
    let file = File::options().write(true).create_new(true).open(&temporary)?;
    let temporary = Temporary(temporary);
    Ok(Out::File { out: BufWriter::with_capacity(BUFFER_BYTES, file), path, temporary })
}
