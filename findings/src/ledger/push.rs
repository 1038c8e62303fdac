//! Client push: what shows that one host installs the ConfigMgr client on another, when, and what failed.

use std::net::IpAddr;

use capture::Moment;

use super::smb::{Connection, Logon, NtlmLogon};
use super::upload::{Fate, Upload};
use super::{Ledger, Table, naming};
use crate::evidence::Seen;
use crate::finding::Confidence;
use crate::limits::Limits;

/// Silence after which another push to the same computer is another attempt, in nanoseconds.
pub(crate) const EPISODE_GAP: i64 = 10 * 60 * 1_000_000_000;

/// From when to when something went on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Episode {
    /// First message.
    pub(crate) first: Moment,
    /// Last message.
    pub(crate) last: Moment,
}

/// What shows a push, and when.
#[derive(Clone, Debug, Default)]
pub(crate) struct Signs {
    /// The lock file `SMSClientInstall.<site>` in the root of `admin$`, or a search for it.
    pub(crate) lock_file: Seen,
    /// `MobileClient.tcf` opened for writing in `ccmsetup`.
    pub(crate) settings_file: Upload,
    /// `MobileClient.tcf` written so that its contents could be read.
    pub(crate) settings_read: Seen,
    /// What could be read of it, as `key=value`, keys left out.
    pub(crate) settings: Vec<String>,
    /// `ccmsetup.exe` opened for writing in `ccmsetup`.
    pub(crate) program: Upload,
    /// Service `ccmsetup` asked to be created. What came of it is not read.
    pub(crate) service_created: Seen,
    /// Service `ccmsetup` asked to be opened: likewise.
    pub(crate) service_opened: Seen,
    /// Signs of other remote administration tools.
    pub(crate) against: Seen,
    /// Site code of the lock file.
    pub(crate) site_code: Option<String>,
    /// When it happened.
    pub(crate) episodes: Vec<Episode>,
}

impl Signs {
    /// How sure it is that this is a client push; nothing where only weak signs were seen.
    pub(crate) fn sure(&self) -> Option<Confidence> {
        if self.lock_file.is_some() || self.settings_file.seen.is_some() {
            return Some(Confidence::Certain);
        }
        let installed = self.program.seen.is_some() && self.service_opened.is_some();
        let likely = self.service_created.is_some() || installed;
        (likely && !self.against.is_some()).then_some(Confidence::Likely)
    }

    /// Whether nothing but `ccmsetup.exe` was seen: an administrator may have put it there by hand.
    pub(crate) fn is_program_alone(&self) -> bool {
        self.sure().is_none() && self.program.seen.is_some() && !self.against.is_some()
    }

    /// All that shows it.
    pub(crate) fn seen(&self) -> Seen {
        let mut all = Seen::default();
        let signs = [
            &self.lock_file,
            &self.settings_file.seen,
            &self.program.seen,
            &self.service_created,
            &self.service_opened,
        ];
        for sign in signs {
            all.merge(sign);
        }
        all
    }

    /// What was seen, in words.
    pub(crate) fn words(&self) -> Vec<String> {
        let sign = |seen: &Seen, words: &str| seen.is_some().then(|| words.to_owned());
        let signs = [
            sign(&self.lock_file, "the lock file SMSClientInstall"),
            self.settings_file.words("MobileClient.tcf"),
            self.program.words("ccmsetup.exe"),
            sign(&self.service_created, "the service ccmsetup asked to be created"),
            sign(&self.service_opened, "the service ccmsetup asked for"),
        ];
        signs.into_iter().flatten().collect()
    }

    /// Whether the computer let none of the client's files be written.
    pub(crate) fn is_refused(&self) -> bool {
        let fates = [self.settings_file.fate, self.program.fate];
        fates.contains(&Fate::Refused) && !fates.contains(&Fate::Granted)
    }
}

/// Attempts that came to nothing.
#[derive(Clone, Debug, Default)]
pub(crate) struct Failures {
    /// Where it shows.
    pub(crate) seen: Seen,
    /// When.
    pub(crate) episodes: Vec<Episode>,
}

/// Notes a moment: in the last episode, or in a new one. The oldest are forgotten.
pub(crate) fn note_episode(episodes: &mut Vec<Episode>, at: Moment, bound: usize) {
    match episodes.last_mut() {
        Some(last) if at.time.nanos_since(last.last.time) < EPISODE_GAP => last.last = last.last.max(at),
        _ => {
            if episodes.len() >= bound.max(1) {
                episodes.remove(0);
            }
            episodes.push(Episode { first: at, last: at });
        }
    }
}

/// What is remembered of client push.
#[derive(Debug)]
pub(crate) struct PushLedger {
    /// Signs of a push by source and target.
    pub(crate) signs: Table<(IpAddr, IpAddr), Signs>,
    /// Failed logons and unanswered connections on the SMB ports by source and target.
    pub(crate) failures: Table<(IpAddr, IpAddr), Failures>,
}

impl PushLedger {
    pub(crate) const fn new(limits: &Limits) -> Self {
        Self { signs: Table::new(limits.table), failures: Table::new(limits.failures) }
    }

    pub(crate) const fn full(&self) -> u64 {
        self.signs.refused() + self.failures.refused()
    }
}

/// A client push: its signs, and all connections that belong to it.
#[derive(Clone, Debug)]
pub(crate) struct Push<'a> {
    /// Who pushes.
    pub(crate) source: IpAddr,
    /// The computer pushed to.
    pub(crate) target: IpAddr,
    /// How sure it is.
    pub(crate) sure: Confidence,
    /// What shows it.
    pub(crate) signs: &'a Signs,
    /// SMB and DCE/RPC connections between the two at the time.
    pub(crate) connections: Vec<&'a Connection>,
}

impl Push<'_> {
    /// The site code, from the lock file or from what else is known of the two.
    pub(crate) fn site<'l>(&'l self, ledger: &'l Ledger) -> Option<&'l str> {
        self.signs.site_code.as_deref().or_else(|| ledger.site_code_of(&[self.source, self.target]))
    }

    /// Logons, each with its connection; without those of others who use the same connection.
    pub(crate) fn logons(&self) -> impl Iterator<Item = (&Connection, &Logon)> {
        let all = self.connections.iter().flat_map(|connection| {
            let connection: &Connection = connection;
            connection.logons.iter().map(move |logon| (connection, logon))
        });
        all.filter(|(_, logon)| !logon.is_other())
    }

    /// Logons by which an account was proven with NTLM, each with its connection.
    pub(crate) fn ntlm_logons(&self) -> impl Iterator<Item = NtlmUse<'_>> {
        self.logons().filter_map(|(connection, logon)| {
            let ntlm = logon.ntlm_proof()?;
            Some(NtlmUse { connection, logon, ntlm })
        })
    }

    /// The port of the connection that shows the push.
    pub(crate) fn port(&self) -> u16 {
        let shown = self.connections.iter().find(|connection| connection.push_signs);
        shown.map_or(445, |connection| connection.port)
    }

    /// The accounts used, in the order of the alphabet.
    pub(crate) fn accounts(&self) -> std::collections::BTreeSet<String> {
        self.logons().filter_map(|(_, logon)| logon.account()).collect()
    }
}

/// An NTLM logon in a push.
#[derive(Clone, Copy, Debug)]
pub(crate) struct NtlmUse<'a> {
    /// Its connection.
    pub(crate) connection: &'a Connection,
    /// The logon.
    pub(crate) logon: &'a Logon,
    /// Its NTLM part.
    pub(crate) ntlm: &'a NtlmLogon,
}

/// All pushes that are at least likely, by source and target.
pub(crate) fn pushes(ledger: &Ledger) -> impl Iterator<Item = Push<'_>> {
    ledger.push.signs.iter().filter_map(|((source, target), signs)| {
        let sure = signs.sure()?;
        let connections = ledger.smb.between(*source, *target).filter(|c| belongs(c, signs)).collect();
        Some(Push { source: *source, target: *target, sure, signs, connections })
    })
}

/// Whether a connection belongs to one of the episodes of a push.
fn belongs(connection: &Connection, signs: &Signs) -> bool {
    let near = |episode: &Episode| {
        connection.first.time.nanos_since(episode.last.time) < EPISODE_GAP
            && episode.first.time.nanos_since(connection.last.time) < EPISODE_GAP
    };
    connection.push_signs || (!connection.is_other() && signs.episodes.iter().any(near))
}

/// Whether a connection is part of a push that is at least likely.
pub(crate) fn is_push(ledger: &Ledger, connection: &Connection) -> bool {
    let signs = ledger.push.signs.get(&(connection.client, connection.server));
    signs.is_some_and(|signs| signs.sure().is_some() && belongs(connection, signs))
}

/// Whether a logon of a connection is part of a push that is at least likely.
pub(crate) fn is_push_logon(ledger: &Ledger, connection: &Connection, logon: &Logon) -> bool {
    !logon.is_other() && is_push(ledger, connection)
}

/// Whether an account's name says that it is for ConfigMgr. A hint, never evidence.
pub(crate) fn suggests_push(account: &str) -> bool {
    const PARTS: [&str; 11] = [
        "push",
        "sccm",
        "mecm",
        "memcm",
        "configmgr",
        "cmsvc",
        "svc-cm",
        "svc_cm",
        "ccm",
        "clientinst",
        "cminst",
    ];
    let account = account.to_lowercase();
    PARTS.iter().any(|part| account.contains(part))
}

/// Whether a computer's name says that it is a site system. A hint, never evidence.
pub(crate) fn suggests_site_server(ledger: &Ledger, name: &str) -> bool {
    let name = name.trim_end_matches('$');
    naming::suggests_site_system(name, ledger) || is_called_site_server(name, ledger)
}

/// Whether the first label of a name is one that primary sites and central ones are called by: `site01`, `x-ss2`,
/// `sitesrv`, or with a site code before it, `ps1site`.
fn is_called_site_server(name: &str, ledger: &Ledger) -> bool {
    const SERVERS: [&str; 3] = ["siteserver", "sitesrv", "sitesvr"];
    const SHORT: [&str; 5] = ["site", "ss", "pss", "cas", "pri"];
    let label = name.split('.').next().unwrap_or_default().to_ascii_lowercase();
    label.split(['-', '_']).any(|word| {
        let bare = word.trim_end_matches(|c: char| c.is_ascii_digit());
        let numbered = bare.len() < word.len();
        let coded = SHORT.iter().filter_map(|short| bare.strip_suffix(short));
        let mut coded =
            coded.filter(|code| code.len() == 3 && ledger.is_site_code(&code.to_ascii_uppercase()));
        SERVERS.iter().any(|server| bare.ends_with(server))
            || (numbered && SHORT.contains(&bare))
            || coded.next().is_some()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_site_servers_and_push_accounts_are_guessed() {
        let ledger = Ledger::new(Limits::default());
        for name in ["site01", "corp-ss2.contoso.com", "SITESRV$", "ps1cm01", "sccm"] {
            assert!(suggests_site_server(&ledger, name), "{name}");
        }
        for name in ["website1", "class1", "ws-0101", "sites", "pc-press2"] {
            assert!(!suggests_site_server(&ledger, name), "{name}");
        }
        assert!(suggests_push("CONTOSO\\svc-ccminstall") && !suggests_push("jdoe"));
    }
}
