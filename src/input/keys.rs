//! Keys that open TLS, from where the user has them: key logs, servers' private keys, and the secrets that captures bring
//! along. It reads files; what stands in them is for `decoders`.

use std::env;
use std::fs::{self, File};
use std::io::{self, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use capture::CaptureInfo;
use capture::source::SecretsType;
use decoders::tls::{Keys, LogRead};

use crate::cli;

/// The variable by which TLS programs are told where to write their key log.
const VARIABLE: &str = "SSLKEYLOGFILE";
/// How often a key log is looked at for more, at most.
const EVERY: Duration = Duration::from_millis(50);
/// Bytes of a key log read at once; while capturing, no more than this is read between two batches of frames.
const BLOCK: u64 = 1 << 20;
/// Bytes of a server's key read, at most.
const SERVER_KEY: u64 = 1 << 20;
/// The longest line of a key log. What is longer is none.
const LINE: usize = 4 << 10;

/// Where keys come from, and the keys.
pub(crate) struct KeyFiles {
    keys: Arc<Keys>,
    logs: Vec<Log>,
    grows: bool,
    due: Instant,
    /// Secrets taken from each capture.
    taken: Vec<usize>,
    /// What was read of them.
    brought: LogRead,
}

impl KeyFiles {
    /// Reads what is there. Where the capture is `live`, key logs may grow.
    pub(super) fn open(given: &cli::Keys, live: bool) -> Result<Self> {
        let mut logs = Vec::new();
        for path in &given.logs {
            logs.push(Log::open(path.clone(), live)?);
        }
        // Who sets it for other programs may not have it written yet.
        let from_environment = env::var_os(VARIABLE).map(PathBuf::from).filter(|path| path.is_file());
        logs.extend(from_environment.and_then(|path| Log::open(path, live).ok()));
        let grows = live && !logs.is_empty();
        let mut keys = Keys::new(&decoders::Limits::default(), grows);
        for path in &given.servers {
            let named = || format!("{}: cannot be used as a server's key", path.display());
            let mut pem = Vec::new();
            let file = File::open(path).with_context(named)?;
            file.take(SERVER_KEY).read_to_end(&mut pem).with_context(named)?;
            keys.add_server_key(&pem).with_context(named)?;
        }
        for log in &mut logs {
            while log.read(&keys).with_context(|| log.named())? {}
            if !live {
                log.end(&keys);
            }
            let asked_for = given.logs.contains(&log.path);
            if log.total.malformed > 0 && log.total.secrets == 0 && asked_for {
                bail!("{}: no line of it is one of a key log", log.path.display());
            }
        }
        let keys = Arc::new(keys);
        Ok(Self { keys, logs, grows, due: Instant::now(), taken: Vec::new(), brought: LogRead::default() })
    }

    /// The keys.
    pub(crate) const fn keys(&self) -> &Arc<Keys> {
        &self.keys
    }

    /// Takes what has come since: secrets of captures, and lines of key logs that grow.
    pub(super) fn refresh(&mut self, captures: &[CaptureInfo]) {
        self.taken.resize(captures.len().max(self.taken.len()), 0);
        for (capture, taken) in captures.iter().zip(&mut self.taken) {
            for block in capture.secrets.get(*taken..).unwrap_or_default() {
                if block.kind == SecretsType::TLS_KEY_LOG {
                    add(&mut self.brought, self.keys.add_log(&block.data));
                }
            }
            *taken = capture.secrets.len();
        }
        if self.grows && Instant::now() >= self.due {
            self.due = Instant::now() + EVERY;
            for log in &mut self.logs {
                if let Err(error) = log.follow(&self.keys) {
                    log.trouble.get_or_insert_with(|| error.to_string());
                }
            }
        }
    }

    /// What is to be said of them: lines that could not be read, logs that hold nothing.
    pub(crate) fn warnings(&self) -> Vec<String> {
        let mut warnings = Vec::new();
        for log in &self.logs {
            let name = log.path.display();
            let LogRead { secrets, malformed, first_malformed, refused, .. } = log.total;
            if let Some(trouble) = &log.trouble {
                warnings.push(format!("{name}: {trouble}"));
            }
            if let Some(first) = first_malformed {
                warnings.push(format!(
                    "{name}: lines that are none of a key log: {malformed}, the first is line {first}"
                ));
            }
            if refused > 0 {
                warnings.push(format!("{name}: secrets not kept, because there are too many: {refused}"));
            }
            if secrets + malformed == 0 {
                warnings.push(format!("{name}: no secret in it that opens TLS"));
            }
        }
        if self.brought.malformed + self.brought.refused > 0 {
            let LogRead { malformed, refused, .. } = self.brought;
            warnings.push(format!("secrets of captures: malformed lines: {malformed}, not kept: {refused}"));
        }
        warnings
    }
}

/// Adds up what was read, with lines counted on.
fn add(total: &mut LogRead, read: LogRead) {
    let before = total.lines;
    total.first_malformed = total.first_malformed.or(read.first_malformed.map(|line| before + line));
    total.lines += read.lines;
    total.secrets += read.secrets;
    total.fresh += read.fresh;
    total.malformed += read.malformed;
    total.refused += read.refused;
}

/// A key log.
struct Log {
    path: PathBuf,
    /// Nothing while it does not exist yet.
    file: Option<File>,
    /// Bytes read.
    at: u64,
    /// The beginning of a line whose end has not come.
    tail: Vec<u8>,
    total: LogRead,
    trouble: Option<String>,
}

impl Log {
    fn open(path: PathBuf, live: bool) -> Result<Self> {
        let file = match File::open(&path) {
            Ok(file) => Some(file),
            Err(error) if live && error.kind() == io::ErrorKind::NotFound => None,
            Err(error) => {
                return Err(error).with_context(|| format!("{}: the key log cannot be read", path.display()));
            }
        };
        // Nothing may wait for a pipe's writer while packets come.
        if live && file.is_some() && !is_file(&path) {
            bail!("{}: the key log of a live capture must be a file", path.display());
        }
        Ok(Self { path, file, at: 0, tail: Vec::new(), total: LogRead::default(), trouble: None })
    }

    fn named(&self) -> String {
        format!("{}: the key log cannot be read", self.path.display())
    }

    /// Reads the next block. Says whether there may be more.
    fn read(&mut self, keys: &Keys) -> io::Result<bool> {
        let Some(file) = &mut self.file else { return Ok(false) };
        let read = file.take(BLOCK).read_to_end(&mut self.tail)?;
        self.at += read as u64;
        let lines = self.tail.iter().rposition(|byte| *byte == b'\n').map_or(0, |last| last + 1);
        if lines > 0 {
            add(&mut self.total, keys.add_log(self.tail.get(..lines).unwrap_or_default()));
            self.tail.drain(..lines);
        }
        if self.tail.len() > LINE {
            self.end(keys);
        }
        Ok(read > 0)
    }

    /// Takes what is left as a line.
    fn end(&mut self, keys: &Keys) {
        add(&mut self.total, keys.add_log(&self.tail));
        self.tail.clear();
    }

    /// Reads what was added since; from the beginning where the log was begun anew.
    fn follow(&mut self, keys: &Keys) -> io::Result<()> {
        let Ok(metadata) = fs::metadata(&self.path) else { return Ok(()) };
        if !metadata.is_file() || metadata.len() == self.at {
            return Ok(());
        }
        if self.file.is_none() || metadata.len() < self.at {
            let mut file = File::open(&self.path)?;
            file.seek(SeekFrom::Start(0))?;
            (self.file, self.at) = (Some(file), 0);
            self.tail.clear();
        }
        self.read(keys).map(|_| ())
    }
}

fn is_file(path: &Path) -> bool {
    fs::metadata(path).is_ok_and(|metadata| metadata.is_file())
}
