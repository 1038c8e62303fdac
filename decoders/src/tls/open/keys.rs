//! All keys of a run: what key logs and capture files gave, by client random, and servers' private keys. One store for
//! all shards; each looks up only what was known when its batch was read, so that any number of workers finds the same.

use std::collections::HashMap;
use std::fmt;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, PoisonError, RwLock};

use super::keylog::{self, Label, Line, PREMASTER_NAME, RANDOM};
use super::secret::Secret;
use super::server_key::{ServerKey, ServerKeyError};

/// What was read of a piece of a key log.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LogRead {
    /// Lines in it.
    pub lines: u64,
    /// Secrets in it that can open records.
    pub secrets: u64,
    /// How many of them were not known before.
    pub fresh: u64,
    /// Lines that belong in no key log, or are cut short.
    pub malformed: u64,
    /// The first of them, counted from 1.
    pub first_malformed: Option<u64>,
    /// Secrets not kept because [`crate::Limits::tls_keys`] was reached.
    pub refused: u64,
}

/// A secret and since when it is known.
#[derive(Clone, Debug)]
struct Dated {
    secret: Secret,
    since: u64,
}

/// The secrets of one connection, by label.
type Secrets = [Option<Dated>; Label::COUNT];

#[derive(Default)]
struct Known {
    connections: HashMap<[u8; RANDOM], Box<Secrets>>,
    premasters: HashMap<[u8; PREMASTER_NAME], Dated>,
}

/// The keys of a run.
#[derive(Default)]
pub struct Keys {
    known: RwLock<Known>,
    /// Counts the pieces that brought something new.
    horizon: AtomicU64,
    servers: Vec<ServerKey>,
    grows: bool,
    most: usize,
    /// Bytes of records that wait for their keys, in all connections.
    pub(super) waiting: Arc<AtomicUsize>,
}

impl fmt::Debug for Keys {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let known = self.known.read().unwrap_or_else(PoisonError::into_inner);
        write!(out, "Keys({} connections, {} servers, redacted)", known.connections.len(), self.servers.len())
    }
}

impl Keys {
    /// No keys yet. Where the log `grows` while its traffic is captured, records that come before their keys are kept
    /// for a while.
    #[must_use]
    pub fn new(limits: &crate::Limits, grows: bool) -> Self {
        Self { grows, most: limits.tls_keys, ..Self::default() }
    }

    /// Adds a server's RSA private key, PEM in PKCS #8 or PKCS #1 form, not encrypted.
    ///
    /// # Errors
    ///
    /// Why it cannot be used.
    pub fn add_server_key(&mut self, pem: &[u8]) -> Result<(), ServerKeyError> {
        self.servers.push(ServerKey::read(pem)?);
        Ok(())
    }

    /// Adds the lines of a key log. Of two secrets for one use the first is kept.
    pub fn add_log(&self, text: &[u8]) -> LogRead {
        let mut read = LogRead::default();
        let mut known = self.known.write().unwrap_or_else(PoisonError::into_inner);
        let since = self.horizon.load(Ordering::Acquire) + 1;
        for line in text.split(|byte| *byte == b'\n') {
            read.lines += 1;
            match keylog::line(line) {
                Line::Secret(label, random, secret) => {
                    read.secrets += 1;
                    known.secret(label, random, Dated { secret, since }, self.most, &mut read);
                }
                Line::Premaster(name, secret) => {
                    read.secrets += 1;
                    known.premaster(name, Dated { secret, since }, self.most, &mut read);
                }
                Line::Other => {}
                Line::Malformed => {
                    read.malformed += 1;
                    read.first_malformed.get_or_insert(read.lines);
                }
            }
        }
        // What follows the last line feed is a line only where something is there.
        read.lines -= u64::from(text.is_empty() || text.ends_with(b"\n"));
        if read.fresh > 0 {
            self.horizon.store(since, Ordering::Release);
        }
        read
    }

    /// How much is known by now: what a shard may look up for frames that were read until now.
    #[must_use]
    pub fn horizon(&self) -> u64 {
        self.horizon.load(Ordering::Acquire)
    }

    /// How many secrets are known, servers' keys included.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        let known = self.known.read().unwrap_or_else(PoisonError::into_inner);
        known.connections.is_empty() && known.premasters.is_empty() && self.servers.is_empty()
    }
}

impl Known {
    fn secret(&mut self, label: Label, random: [u8; RANDOM], dated: Dated, most: usize, read: &mut LogRead) {
        if self.connections.len() >= most && !self.connections.contains_key(&random) {
            read.refused += 1;
            return;
        }
        let secrets = self.connections.entry(random).or_default();
        if let Some(slot) = secrets.get_mut(label as usize).filter(|slot| slot.is_none()) {
            *slot = Some(dated);
            read.fresh += 1;
        }
    }

    fn premaster(&mut self, name: [u8; PREMASTER_NAME], dated: Dated, most: usize, read: &mut LogRead) {
        if self.premasters.len() >= most {
            read.refused += 1;
        } else if let std::collections::hash_map::Entry::Vacant(entry) = self.premasters.entry(name) {
            entry.insert(dated);
            read.fresh += 1;
        }
    }
}

/// The keys as one shard sees them.
#[derive(Clone, Debug)]
pub(crate) struct Ring {
    keys: Arc<Keys>,
    /// What was added later is not seen.
    pub(crate) horizon: u64,
}

impl Ring {
    pub(crate) fn new(keys: Arc<Keys>) -> Self {
        let horizon = keys.horizon();
        Self { keys, horizon }
    }

    /// Whether there are keys, or may be.
    pub(crate) fn is_useful(&self) -> bool {
        self.horizon > 0 || self.keys.grows || !self.keys.servers.is_empty()
    }

    /// Whether keys may still come for traffic that is here already.
    pub(super) fn grows(&self) -> bool {
        self.keys.grows
    }

    /// Whether a ClientKeyExchange may be opened: by a server's key, or by a logged premaster secret.
    pub(in crate::tls) fn opens_key_exchange(&self) -> bool {
        let known = || self.keys.known.read().unwrap_or_else(PoisonError::into_inner);
        !self.keys.servers.is_empty() || !known().premasters.is_empty()
    }

    pub(super) fn waiting(&self) -> Arc<AtomicUsize> {
        Arc::clone(&self.keys.waiting)
    }

    /// A secret of a connection.
    pub(super) fn secret(&self, label: Label, random: &[u8; RANDOM]) -> Option<Secret> {
        let known = self.keys.known.read().unwrap_or_else(PoisonError::into_inner);
        let dated = known.connections.get(random)?.get(label as usize)?.as_ref()?;
        (dated.since <= self.horizon).then(|| dated.secret.clone())
    }

    /// The premaster secret of an RSA key exchange: as logged, or opened with a server's key.
    pub(super) fn premaster(&self, encrypted: &[u8]) -> Option<Secret> {
        let logged = encrypted.first_chunk().and_then(|name| {
            let known = self.keys.known.read().unwrap_or_else(PoisonError::into_inner);
            let dated = known.premasters.get(name)?;
            (dated.since <= self.horizon).then(|| dated.secret.clone())
        });
        logged.or_else(|| self.keys.servers.iter().find_map(|server| server.premaster(encrypted)))
    }
}
