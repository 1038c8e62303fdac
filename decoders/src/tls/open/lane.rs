//! One direction of a connection: which key it uses, which record comes next, and how it finds its place again where
//! some were lost.

use super::keylog::Label;
use super::keys::Ring;
use super::record_key::RecordKey;
use super::schedule::{self, Randoms};
use super::secret::Secret;
use super::{Reading, suite};
use crate::tls::handshake::Parameters;
use crate::tls::record::{ContentType, HEADER, PLAIN};

/// Records that are passed over, or places that turn out to be none, before a direction is given up.
const PATIENCE: u32 = 32;

/// Which secret a direction is under.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Phase {
    /// None yet. A ciphered record here follows a lost one that would have changed it.
    #[default]
    Clear,
    /// TLS 1.3: before the server has answered.
    Early,
    /// TLS 1.3: up to Finished.
    Handshake,
    /// What follows; up to TLS 1.2 all that is ciphered.
    Traffic,
}

/// What came of a record.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Opened {
    /// It is open; `after_gap` where records before it were lost.
    Plain { content: ContentType, after_gap: bool },
    /// It belongs before what the key is for.
    NotYet,
    /// It is no record of this place.
    Astray,
    /// It is sealed otherwise. The direction is closed.
    Failed,
    /// The place was not found again. The direction is closed.
    Lost,
}

/// One direction.
#[derive(Debug, Default)]
pub(super) struct Lane {
    pub(super) phase: Phase,
    key: Option<RecordKey>,
    /// TLS 1.3: what the key was made of.
    secret: Option<Secret>,
    /// The number of the next record, counted anew with each key.
    number: u64,
    /// Records may have been lost since the last one opened.
    pub(super) missed: bool,
    /// Records of an earlier phase may still come.
    seeking: bool,
    /// Records passed over for that.
    passed: u32,
    /// It is given up.
    pub(super) closed: bool,
    /// What was known when a key was last looked for in vain.
    asked: Option<(u64, Reading)>,
}

impl Lane {
    /// Turns to another phase, whose key is made when it is needed.
    pub(super) fn turn(&mut self, phase: Phase) {
        *self = Self { phase, closed: self.closed, ..Self::default() };
    }

    /// Turns to a phase of which the first record is not known.
    pub(super) fn seek(&mut self, phase: Phase) {
        self.turn(phase);
        self.seeking = true;
    }

    /// Goes on to the next generation of keys.
    pub(super) fn update(&mut self) {
        // A secret without a key is one that was used up: `provide` makes the next of it.
        self.key = None;
        self.number = 0;
    }

    /// Sees to it that there is a key for the next record.
    pub(super) fn provide(
        &mut self,
        parameters: &Parameters,
        client: bool,
        ring: &Ring,
        master: Option<&Secret>,
    ) -> Result<(), Reading> {
        if self.key.is_some() {
            return Ok(());
        }
        if self.closed {
            return Err(self.asked.map_or(Reading::NoKey, |(_, reading)| reading));
        }
        match self.asked {
            Some((horizon, reading)) if horizon == ring.horizon => return Err(reading),
            _ => {}
        }
        let made = if parameters.is_tls13() || self.phase == Phase::Early {
            self.make_tls13(parameters, client, ring)
        } else {
            self.make_older(parameters, client, ring, master)
        };
        if let Err(reading) = made {
            self.asked = Some((ring.horizon, reading));
        }
        made
    }

    fn make_tls13(&mut self, parameters: &Parameters, client: bool, ring: &Ring) -> Result<(), Reading> {
        let random = parameters.client_random.ok_or(Reading::Unfollowed)?;
        if self.phase == Phase::Early {
            return self.make_early(parameters, &random, ring);
        }
        let suite = suite::tls13(parameters.suite).ok_or(Reading::Suite(parameters.suite))?;
        let (_, hash) = suite;
        let label = |phase| match (phase, client) {
            (Phase::Traffic, true) => Label::ClientTraffic,
            (Phase::Traffic, false) => Label::ServerTraffic,
            (_, true) => Label::ClientHandshake,
            (_, false) => Label::ServerHandshake,
        };
        let usable = |secret: &Secret| secret.bytes().len() == hash.length();
        let next = self.secret.take().and_then(|secret| schedule::next_generation(hash, &secret));
        let logged = || ring.secret(label(self.phase), &random).filter(usable);
        let secret = match next.or_else(logged) {
            Some(secret) => secret,
            None if self.phase == Phase::Traffic || ring.grows() => return Err(Reading::NoKey),
            None => {
                // A log without the handshake's secrets still opens what follows the handshake.
                let secret = ring.secret(label(Phase::Traffic), &random).filter(usable);
                self.phase = Phase::Traffic;
                self.seeking = true;
                secret.ok_or(Reading::NoKey)?
            }
        };
        self.key = Some(schedule::tls13(suite, &secret).ok_or(Reading::NoKey)?);
        self.secret = Some(secret);
        Ok(())
    }

    /// The key of early data. Its suite is that of the session resumed, which only the offer tells before the server
    /// speaks; the first record shows which one it is.
    fn make_early(&mut self, parameters: &Parameters, random: &[u8; 32], ring: &Ring) -> Result<(), Reading> {
        let secret = ring.secret(Label::ClientEarly, random).ok_or(Reading::NoKey)?;
        let offered = parameters.offered.iter().filter_map(|number| suite::tls13(*number));
        let mut fitting = offered.filter(|(_, hash)| hash.length() == secret.bytes().len());
        let suite = fitting.next().ok_or(Reading::NoKey)?;
        self.key = Some(schedule::tls13(suite, &secret).ok_or(Reading::NoKey)?);
        self.secret = Some(secret);
        Ok(())
    }

    fn make_older(
        &mut self,
        parameters: &Parameters,
        client: bool,
        ring: &Ring,
        master: Option<&Secret>,
    ) -> Result<(), Reading> {
        let randoms = randoms(parameters)?;
        let version = parameters.version.ok_or(Reading::Unfollowed)?;
        let suite = suite::older(version, parameters.suite).ok_or(Reading::Suite(parameters.suite))?;
        let side = (client, parameters.encrypt_then_mac);
        let logged = ring.secret(Label::Master, &randoms.client);
        let master = logged.as_ref().or(master).ok_or(Reading::NoKey)?;
        self.missed |= self.phase == Phase::Clear;
        self.phase = Phase::Traffic;
        self.key = Some(schedule::older((version, suite), master, randoms, side).ok_or(Reading::NoKey)?);
        Ok(())
    }

    /// Opens a record into `plain`.
    pub(super) fn open(
        &mut self,
        parameters: &Parameters,
        client: bool,
        ring: &Ring,
        record: ([u8; HEADER], &[u8]),
        plain: &mut Vec<u8>,
        limit: u64,
    ) -> Opened {
        let opened = self.try_open(parameters, client, ring, record, plain, limit);
        if let Some(key) = &mut self.key {
            key.follow(record.1);
        }
        opened
    }

    fn try_open(
        &mut self,
        parameters: &Parameters,
        client: bool,
        ring: &Ring,
        (header, body): ([u8; HEADER], &[u8]),
        plain: &mut Vec<u8>,
        limit: u64,
    ) -> Opened {
        let next = self.key.as_ref().and_then(|key| key.open(self.number, header, body, plain));
        let first_early = self.phase == Phase::Early && self.number == 0;
        if next.is_some() || first_early && self.other_early_suite(parameters, (header, body), plain) {
            return self.opened(header, 0, plain);
        }
        if self.seeking {
            self.passed += 1;
            return if self.passed > PATIENCE { self.give_up(Opened::Failed) } else { Opened::NotYet };
        }
        if !self.missed {
            return self.give_up(Opened::Failed);
        }
        for skipped in 1..=limit {
            let Some(key) = &self.key else { break };
            let Some(number) = self.number.checked_add(skipped) else { break };
            if key.open(number, header, body, plain).is_some() {
                return self.opened(header, skipped, plain);
            }
        }
        if self.phase == Phase::Handshake && parameters.is_tls13() {
            let mut traffic = Self { phase: Phase::Traffic, missed: true, ..Self::default() };
            if traffic.provide(parameters, client, ring, None).is_ok()
                && let Opened::Plain { content, .. } =
                    traffic.open(parameters, client, ring, (header, body), plain, limit)
            {
                *self = traffic;
                return Opened::Plain { content, after_gap: true };
            }
        }
        self.passed += 1;
        if self.passed > PATIENCE { self.give_up(Opened::Lost) } else { Opened::Astray }
    }

    /// Tries the other suites that the client offered on its first early record.
    fn other_early_suite(
        &mut self,
        parameters: &Parameters,
        (header, body): ([u8; HEADER], &[u8]),
        plain: &mut Vec<u8>,
    ) -> bool {
        let Some(secret) = &self.secret else { return false };
        let offered = parameters.offered.iter().filter_map(|number| suite::tls13(*number));
        for suite in offered.filter(|(_, hash)| hash.length() == secret.bytes().len()) {
            let Some(key) = schedule::tls13(suite, secret) else { continue };
            if key.open(0, header, body, plain).is_some() {
                self.key = Some(key);
                return true;
            }
        }
        false
    }

    /// Counts a record that opened, and says what it carries.
    fn opened(&mut self, header: [u8; HEADER], skipped: u64, plain: &mut Vec<u8>) -> Opened {
        let after_gap = std::mem::take(&mut self.missed);
        self.number += skipped + 1;
        (self.seeking, self.passed) = (false, 0);
        let [content, ..] = header;
        if !self.key.as_ref().is_some_and(RecordKey::is_tls13) {
            return Opened::Plain { content: ContentType(content), after_gap };
        }
        // The type is the last byte that is not padding (RFC 8446 5.4).
        let length = plain.iter().rposition(|byte| *byte != 0);
        let content = length.and_then(|at| plain.get(at).copied());
        plain.truncate(length.unwrap_or(0));
        match content {
            Some(content) if plain.len() <= PLAIN => {
                Opened::Plain { content: ContentType(content), after_gap }
            }
            _ => self.give_up(Opened::Failed),
        }
    }

    fn give_up(&mut self, why: Opened) -> Opened {
        let reading = if why == Opened::Lost { Reading::Lost } else { Reading::Failed };
        let asked = Some((0, reading));
        *self = Self { phase: self.phase, closed: true, asked, ..Self::default() };
        why
    }
}

fn randoms(parameters: &Parameters) -> Result<Randoms, Reading> {
    let (client, server) = (parameters.client_random, parameters.server_random);
    let (client, server) = client.zip(server).ok_or(Reading::Unfollowed)?;
    Ok(Randoms { client, server })
}

/// The master secret from a ClientKeyExchange of RSA: a length and the encrypted premaster secret (RFC 5246 7.4.7.1);
/// SSL 3.0 left the length out.
pub(super) fn master_of_rsa(
    parameters: &Parameters,
    body: &[u8],
    transcript: Option<&[u8]>,
    ring: &Ring,
) -> Option<Secret> {
    let (&[high, low], encrypted) = body.split_first_chunk()?;
    if usize::from(u16::from_be_bytes([high, low])) != encrypted.len() {
        return None;
    }
    let suite = suite::older(parameters.version?, parameters.suite)?;
    let premaster = ring.premaster(encrypted)?;
    let session_hash = match (parameters.extended_master, transcript) {
        (false, _) => None,
        (true, transcript) => Some(suite.hash.digest(transcript?)),
    };
    Some(schedule::master(suite.hash, &premaster, randoms(parameters).ok()?, session_hash.as_deref()))
}
