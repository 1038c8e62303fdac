//! What is remembered of a run: hosts with all their identities, and what happened between them.
//!
//! The ledger is bounded (every table says so), ordered (no hash order ever reaches a report), and read-only to rules.
//! It holds facts, not judgements: whether a fact is bad is for the rules to say.

pub(crate) mod account;
mod card;
pub(crate) mod certificate;
pub(crate) mod client;
pub(crate) mod client_key;
mod conclusions;
pub(crate) mod fallback;
mod few;
pub(crate) mod gateway;
mod hashed;
pub(crate) mod hidden;
mod host;
pub(crate) mod http;
pub(crate) mod kerberos;
pub(crate) mod located;
pub(crate) mod message;
pub(crate) mod name;
pub(crate) mod name_places;
mod name_source;
mod naming;
pub(crate) mod ntstatus;
pub(crate) mod push;
mod rate;
mod recent;
pub(crate) mod revocation;
mod room;
pub(crate) mod sealed;
pub(crate) mod session;
pub(crate) mod smb;
pub(crate) mod smsid;
mod table;
pub(crate) mod tls;
mod upload;
mod why;

use std::net::IpAddr;

use decoders::Record;

use crate::finding::Confidence;
use crate::limits::Limits;
use crate::trust::Trust;

pub(crate) use conclusions::{Conclusion, PeerKey};
pub use few::{FewMap, FewSet};
pub(crate) use hashed::Hashed;
use host::Naming;
pub use host::{Host, Role, RoleClaim};
pub use name_source::{NameSource, NameSources};
pub(crate) use recent::Recent;
pub(crate) use table::Table;

/// Everything remembered.
#[derive(Debug)]
pub struct Ledger {
    /// The bounds in force.
    pub limits: Limits,
    /// Hosts by address.
    pub(crate) hosts: Hashed<IpAddr, Host>,
    /// Addresses by name in lower case: what DNS said last, else what was said first.
    addresses: Hashed<String, IpAddr>,
    /// Addresses by network card.
    pub(crate) cards: card::CardLedger,
    /// Site codes that any host was seen to belong to.
    site_codes: Table<String, ()>,
    /// Name services.
    pub(crate) names: name::NameLedger,
    /// HTTP exchanges with site systems.
    pub(crate) http: http::HttpLedger,
    /// Messages of clients.
    pub(crate) messages: message::MessageLedger,
    /// TLS.
    pub(crate) tls: tls::TlsLedger,
    /// TLS sessions that may be resumed.
    pub(crate) sessions: session::SessionLedger,
    /// SMB and DCE/RPC connections.
    pub(crate) smb: smb::SmbLedger,
    /// Kerberos.
    pub(crate) kerberos: kerberos::KerberosLedger,
    /// Accounts.
    pub(crate) accounts: account::AccountLedger,
    /// Client push.
    pub(crate) push: push::PushLedger,
    /// Authorities that certificates are held against.
    pub(crate) trust: Trust,
    /// Keys of clients.
    pub(crate) client_keys: client_key::ClientKeys,
    /// Revocation lists and responders.
    pub(crate) revocation: revocation::RevocationLedger,
    conclusions: conclusions::Conclusions,
}

impl Ledger {
    /// An empty ledger.
    #[must_use]
    pub fn new(limits: Limits) -> Self {
        Self {
            limits,
            hosts: Hashed::new(limits.hosts),
            addresses: Hashed::new(limits.hosts),
            cards: card::CardLedger::new(&limits),
            site_codes: Table::new(limits.table),
            names: name::NameLedger::new(&limits),
            http: http::HttpLedger::new(&limits),
            messages: message::MessageLedger::new(&limits),
            tls: tls::TlsLedger::new(&limits),
            sessions: session::SessionLedger::new(&limits),
            smb: smb::SmbLedger::new(&limits),
            kerberos: kerberos::KerberosLedger::new(&limits),
            accounts: account::AccountLedger::new(&limits),
            push: push::PushLedger::new(&limits),
            trust: Trust::default(),
            client_keys: client_key::ClientKeys::new(&limits),
            revocation: revocation::RevocationLedger::new(&limits),
            conclusions: conclusions::Conclusions::default(),
        }
    }

    /// To be called before anything is changed: what followed may follow no more.
    pub(crate) fn touch(&mut self) {
        self.conclusions.forget();
    }

    /// Entries not kept because a table was full.
    #[must_use]
    pub fn full(&self) -> u64 {
        self.hosts.refused()
            + self.cards.full()
            + self.http.full()
            + self.messages.full()
            + self.tls.full()
            + self.sessions.full()
            + self.names.full()
            + self.smb.full()
            + self.kerberos.full()
            + self.accounts.full()
            + self.push.full()
            + self.trust.lists.refused()
            + self.client_keys.full()
            + self.revocation.full()
    }

    /// Hosts in address order.
    pub fn hosts(&self) -> impl Iterator<Item = &Host> {
        self.hosts.iter().map(|(_, host)| host)
    }

    /// What is known of an address.
    #[must_use]
    pub fn host(&self, addr: IpAddr) -> Option<&Host> {
        self.hosts.get(&addr)
    }

    /// Notes that a host plays a role, and what shows it.
    pub(crate) fn claim(
        &mut self,
        addr: IpAddr,
        role: Role,
        confidence: Confidence,
        record: &Record,
        what: &str,
    ) {
        if let Some(host) = self.host_mut(addr) {
            host.claim(role, confidence, record, what);
        }
    }

    /// Notes a name of a host, and where it was learned.
    pub(crate) fn name(&mut self, addr: IpAddr, name: &str, source: NameSource) {
        self.names_of(addr, [name], source);
    }

    /// Notes names of a host, all learned in one place.
    pub(crate) fn names_of<'a>(
        &mut self,
        addr: IpAddr,
        names: impl IntoIterator<Item = &'a str>,
        source: NameSource,
    ) {
        let bound = self.limits.identities_per_host;
        let Some(host) = host_in(&mut self.hosts, addr) else { return };
        for name in names {
            match host.add_name(name, source, bound) {
                Naming::Refused => continue,
                // DNS alone says whose a name is when several hosts have it.
                Naming::Known if source != NameSource::Dns => continue,
                Naming::Known | Naming::New => {}
            }
            // Nearly all names come in lower case and again and again: they need no key of their own.
            let known = match self.addresses.get_mut(Host::bare_name(name)) {
                Some(known) => Some(known),
                None => self.addresses.entry(name_key(name), || addr),
            };
            if let Some(known) = known.filter(|_| source == NameSource::Dns) {
                *known = addr;
            }
        }
    }

    /// Notes a site code that a host belongs to.
    pub(crate) fn site_code(&mut self, addr: IpAddr, site_code: &str) {
        let bound = self.limits.identities_per_host;
        if let Some(host) = self.host_mut(addr)
            && host.add_site_code(site_code, bound)
        {
            self.site_codes.entry(site_code.to_ascii_uppercase(), || ());
        }
    }

    /// Whether any host was seen to belong to a site of this code, in upper case.
    pub(crate) fn is_site_code(&self, code: &str) -> bool {
        self.site_codes.get(code).is_some()
    }

    /// The entry of a host, made if there is room. Addresses that are no host (multicast, broadcast, unspecified)
    /// have none.
    pub(crate) fn host_mut(&mut self, addr: IpAddr) -> Option<&mut Host> {
        host_in(&mut self.hosts, addr)
    }

    /// The other addresses of the host that has an address, as far as its network card shows them.
    pub(crate) fn other_addresses(&self, addr: IpAddr) -> impl Iterator<Item = IpAddr> {
        let cards = self.host(addr).into_iter().flat_map(|host| host.macs.iter());
        let behind = cards.filter_map(|mac| self.cards.own(*mac)).flat_map(|own| own.iter().copied());
        behind.filter(move |other| *other != addr)
    }

    /// How sure it is that a host has a role.
    #[must_use]
    pub fn role(&self, addr: IpAddr, role: Role) -> Option<Confidence> {
        self.host(addr).and_then(|host| host.role(role))
    }

    /// How sure it is that a host is a site system of any kind.
    #[must_use]
    pub fn site_system(&self, addr: IpAddr) -> Option<Confidence> {
        self.host(addr).and_then(Host::site_system)
    }

    /// The address that a name is known for, if one is.
    pub(crate) fn addr_of(&self, name: &str) -> Option<IpAddr> {
        self.addresses.get(&name_key(name)).copied()
    }

    /// The site code of the first of these hosts that has one.
    #[must_use]
    pub fn site_code_of(&self, addrs: &[IpAddr]) -> Option<&str> {
        addrs.iter().find_map(|addr| self.host(*addr).and_then(Host::site_code))
    }
}

/// See [`Ledger::host_mut`].
fn host_in(hosts: &mut Hashed<IpAddr, Host>, addr: IpAddr) -> Option<&mut Host> {
    let nobody = match addr {
        IpAddr::V4(addr) => addr.is_broadcast() || addr.is_multicast() || addr.is_unspecified(),
        IpAddr::V6(addr) => addr.is_multicast() || addr.is_unspecified(),
    };
    if nobody { None } else { hosts.entry(addr, || Host::new(addr)) }
}

/// A name as [`Ledger::addr_of`] looks it up.
fn name_key(name: &str) -> String {
    Host::bare_name(name).to_ascii_lowercase()
}
