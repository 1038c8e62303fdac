//! SMB sessions whose use does not show, because they were encrypted or refused, or shows too little, and what speaks
//! for a client push in them. A hint is never evidence.

use std::collections::BTreeSet;

use super::push::{EPISODE_GAP, Signs, is_push, suggests_push, suggests_site_server};
use super::smb::{Connection, Logon, Outcome};
use super::{Ledger, Role, account, ntstatus};
use crate::evidence::Seen;
use crate::finding::Confidence;

/// A logon whose use does not show.
#[derive(Debug)]
pub(crate) struct Hidden {
    /// The logon.
    pub(crate) seen: Seen,
    /// In words, what was seen.
    pub(crate) how: String,
    /// What speaks for a client push.
    pub(crate) hint: Hint,
}

/// What speaks for a client push where nothing shows it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Hint {
    /// `ccmsetup.exe` was written where a push puts it, and no more was seen.
    Program,
    /// The source is a site server.
    SiteServer,
    /// The name of the source or of the account.
    Name,
    /// Several accounts were tried, a computer account among them.
    Accounts,
    /// WMI was used on the same computer at the same time.
    Wmi,
}

impl Hint {
    /// In words, for the user.
    pub(crate) const fn words(self) -> &'static str {
        match self {
            Self::Program => "client push does so, and so does an administrator by hand",
            Self::SiteServer => "the source is a site server, so it may be a client push",
            Self::Name => "by the names in use it may be a client push",
            Self::Accounts => {
                "it tried several accounts, a computer account among them, as client push does: it may be one"
            }
            Self::Wmi => "it used DCOM on the same computer too, as client push does: it may be one",
        }
    }
}

/// A logon whose use does not show, from what may be a site server.
pub(crate) fn hidden(ledger: &Ledger, connection: &Connection) -> Option<Hidden> {
    let to_site = ledger.site_system(connection.server).is_some_and(|sure| sure >= Confidence::Likely);
    let to_controller = ledger.role(connection.server, Role::DomainController).is_some();
    if to_site || to_controller || !connection.smb || connection.is_other() || is_push(ledger, connection) {
        return None;
    }
    let mut hinted =
        connection.logons.iter().filter_map(|logon| Some((logon, hint(ledger, connection, logon)?)));
    let (logon, hint) = hinted.next()?;
    let account = logon.account().map(|account| format!(" as {account}")).unwrap_or_default();
    let ntlm = logon.ntlm_proof();
    let mechanism = ntlm.map_or("Kerberos", |ntlm| ntlm.response.name());
    let end = match logon.outcome {
        Outcome::Refused(status) => format!("and was refused ({})", ntstatus::words(status)),
        _ if hint == Hint::Program => "and wrote ccmsetup\\ccmsetup.exe to ADMIN$".to_owned(),
        _ if logon.admin_share_refused => "and was refused ADMIN$".to_owned(),
        _ if logon.encrypted => "and encrypted everything after that".to_owned(),
        _ => "and nothing after that could be read".to_owned(),
    };
    let seen = ntlm.map(|ntlm| ntlm.seen.clone());
    let seen = seen.or_else(|| logon.kerberos.as_ref().map(|kerberos| kerberos.seen.clone()))?;
    Some(Hidden { seen, how: format!("with {mechanism}{account} {end}"), hint })
}

fn hint(ledger: &Ledger, connection: &Connection, logon: &Logon) -> Option<Hint> {
    let authenticates = logon.ntlm_proof().is_some() || logon.kerberos.is_some();
    let signs = ledger.push.signs.get(&(connection.client, connection.server));
    if authenticates && logon.push_signs && signs.is_some_and(Signs::is_program_alone) {
        return Some(Hint::Program);
    }
    let refused = matches!(logon.outcome, Outcome::Refused(_));
    if !authenticates || !(logon.encrypted || refused || logon.admin_share_refused) {
        return None;
    }
    let account = || logon.account().is_some_and(|account| suggests_push(&account));
    let named = || {
        let host = ledger.host(connection.client);
        host.is_some_and(|host| host.names.keys().any(|name| suggests_site_server(ledger, name)))
    };
    let beside = ledger.smb.around(connection).filter(|other| connection.apart(other) < EPISODE_GAP);
    let beside: Vec<_> = beside.collect();
    if ledger.role(connection.client, Role::SiteServer).is_some() {
        Some(Hint::SiteServer)
    } else if account() || named() {
        Some(Hint::Name)
    } else if several_accounts(&beside) {
        Some(Hint::Accounts)
    } else {
        (logon.encrypted && beside.iter().any(|other| other.wmi)).then_some(Hint::Wmi)
    }
}

/// Whether several accounts were tried, a computer account among them, and not all with success: client push tries all
/// of its own, and the site server's at the end. Computer and user side by side are any computer in a domain.
fn several_accounts(connections: &[&Connection]) -> bool {
    let logons = || connections.iter().flat_map(|connection| &connection.logons);
    let names: BTreeSet<String> =
        logons().filter_map(Logon::account).map(|name| account::split(&name, "").0).collect();
    let refused = logons().any(|logon| matches!(logon.outcome, Outcome::Refused(_)));
    refused && names.len() > 1 && names.iter().any(|name| name.ends_with('$'))
}
