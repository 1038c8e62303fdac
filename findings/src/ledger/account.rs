//! Accounts: where each was used from, and against whom.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

use super::{Recent, Table};
use crate::evidence::Seen;
use crate::limits::Limits;

/// An account as one host used it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Use {
    /// Logons.
    pub(crate) seen: Seen,
    /// One of them was by NTLM, which can be another host's, relayed with all that it says of itself.
    pub(crate) by_ntlm: bool,
    /// Logons whose very response had been sent to this host by another one.
    pub(crate) relayed: Seen,
    /// Whom it was used against, with the port of each.
    pub(crate) targets: BTreeMap<IpAddr, u16>,
    /// Domains or realms given with it, in lower case.
    pub(crate) domains: BTreeSet<String>,
}

/// What is remembered of accounts.
#[derive(Debug)]
pub(crate) struct AccountLedger {
    /// Uses by account name, without its domain, in lower case, and by the host that used it.
    pub(crate) uses: Table<(String, IpAddr), Use>,
    /// Whom an NT response was sent to first, by its mark. A relay sends it on at once.
    pub(crate) responses: Recent<[u8; 8], IpAddr>,
}

impl AccountLedger {
    pub(crate) const fn new(limits: &Limits) -> Self {
        Self { uses: Table::new(limits.table), responses: Recent::new(limits.peers) }
    }

    pub(crate) const fn full(&self) -> u64 {
        self.uses.refused()
    }

    /// The hosts that used an account.
    pub(crate) fn users<'a>(&'a self, name: &'a str) -> impl Iterator<Item = (IpAddr, &'a Use)> {
        let lowest = IpAddr::V4(std::net::Ipv4Addr::UNSPECIFIED);
        self.uses
            .range((name.to_owned(), lowest)..)
            .take_while(move |((account, _), _)| account == name)
            .map(|((_, host), used)| (*host, used))
    }
}

/// Name and domain of an account as a person would separate them, in lower case: of `user@REALM`, of `DOMAIN\user`,
/// or of a user and its domain.
pub(crate) fn split(user: &str, domain: &str) -> (String, String) {
    let user = user.to_lowercase();
    let domain = domain.to_lowercase();
    if let Some((domain, name)) = user.split_once('\\') {
        return (name.to_owned(), domain.to_owned());
    }
    match user.split_once('@') {
        Some((name, realm)) => (name.to_owned(), realm.to_owned()),
        None => (user, domain),
    }
}

/// Whether two domains can be the same: equal, one of them not given, or one the first part of the other, as the
/// NetBIOS name of a domain usually is of its DNS name.
pub(crate) fn same_domain(one: &str, other: &str) -> bool {
    let is_label = |short: &str, long: &str| long.split('.').any(|label| label == short);
    one.is_empty() || other.is_empty() || one == other || is_label(one, other) || is_label(other, one)
}
