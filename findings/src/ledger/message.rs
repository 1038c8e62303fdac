//! Messages of clients: what they were for, how they were signed and encrypted, and which identity and key each host
//! was seen to use.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

use super::rate::Rate;
use super::{Hashed, Ledger, Table};
use crate::evidence::Seen;
use crate::finding::Finding;
use crate::limits::Limits;
use crate::rule::Metadata;
use crate::words::listed;

/// What a message is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Kind {
    /// Policy assignments.
    Policy,
    /// Registration.
    Registration,
    /// Looking for site systems and content.
    Location,
    /// A status message.
    Status,
    /// A report to a fallback status point.
    FallbackStatus,
    /// State messages.
    State,
    /// Inventory, discovery, metering, collected files.
    Inventory,
    /// Applications and their state.
    Application,
    /// Client notification.
    Notification,
    /// Something else.
    Other,
}

impl Kind {
    /// In words, as the subject of a sentence.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Policy => "policy requests",
            Self::Registration => "registrations",
            Self::Location => "location requests",
            Self::Status => "status messages",
            Self::FallbackStatus => "fallback status reports",
            Self::State => "state messages",
            Self::Inventory => "inventory",
            Self::Application => "application requests",
            Self::Notification => "client notification",
            Self::Other => "messages",
        }
    }
}

/// What became of the signature of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Signing {
    /// There is none.
    Absent,
    /// It verifies.
    Valid,
    /// It does not verify over the bytes sent.
    Invalid,
    /// It cannot be verified, for no fault of the sender's.
    NotVerifiable,
    /// It verifies, or cannot be verified, but the signature over the identifier that the sender gives does not.
    ForAnother,
    /// There is none; a token vouches for the sender, as boot media and task sequences have it.
    Token,
}

/// What names messages that are counted together.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct MessageKey {
    /// Who sends.
    pub(crate) client: IpAddr,
    /// Who receives.
    pub(crate) server: IpAddr,
    /// The server's port.
    pub(crate) port: u16,
    /// Whether it was read inside TLS.
    pub(crate) sealed: bool,
    /// What it is for.
    pub(crate) kind: Kind,
    /// `TargetEndpoint`, where it was read. Not yet scrubbed.
    pub(crate) endpoint: String,
    /// What became of its signature.
    pub(crate) signing: Signing,
    /// The hash of the signature, in words.
    pub(crate) hash: Option<&'static str>,
    /// Whether the payload is encrypted.
    pub(crate) encrypted: bool,
    /// Whether all of it was captured: else nothing follows from what is absent.
    pub(crate) complete: bool,
}

/// Messages that are counted together.
#[derive(Clone, Debug, Default)]
pub(crate) struct Messages {
    /// The messages.
    pub(crate) seen: Seen,
    /// Those whose payload could be read as a document.
    pub(crate) readable: Seen,
    /// Those signed by a key that no registration bound to the identity they claim, or by none.
    pub(crate) unbound: Seen,
}

/// Messages of one channel that have something in common.
#[derive(Clone, Debug, Default)]
pub(crate) struct Gathered {
    /// What they are for.
    pub(crate) kinds: BTreeSet<Kind>,
    /// The messages.
    pub(crate) seen: Seen,
}

impl Gathered {
    /// What they are for, in words: `policy requests and inventory`.
    pub(crate) fn kinds(&self) -> String {
        listed(self.kinds.iter().map(|kind| kind.name()))
    }

    /// A finding about them; what it says is the rule's.
    pub(crate) fn finding(
        &self,
        ledger: &Ledger,
        rule: &'static Metadata,
        (client, server, port): (IpAddr, IpAddr, u16),
    ) -> Finding {
        Finding::new(rule, client, server, &self.seen)
            .tcp_port(port)
            .filter("http")
            .site(ledger.site_code_of(&[server, client]))
    }
}

/// A client identifier (SMSID), and who was seen to use it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Identity {
    /// Hosts to which it was given by a registration, or that signed with it.
    pub(crate) hosts: BTreeSet<IpAddr>,
    /// Keys that registered it.
    pub(crate) keys: BTreeSet<String>,
    /// Where that shows.
    pub(crate) seen: Seen,
}

/// Status messages that claim an identity other than their sender's.
#[derive(Clone, Debug, Default)]
pub(crate) struct Claimed {
    /// The messages.
    pub(crate) seen: Seen,
    /// The identity in the signed header of the same message, where that is the contradiction.
    pub(crate) header: Option<String>,
}

/// What is remembered of messages.
#[derive(Debug)]
pub(crate) struct MessageLedger {
    /// Messages.
    pub(crate) messages: Table<MessageKey, Messages>,
    /// Identities by SMSID in upper case.
    pub(crate) identities: Hashed<String, Identity>,
    /// Identities by host.
    own: Table<IpAddr, BTreeSet<String>>,
    /// How fast status messages come, by client, server and port.
    pub(crate) status_rates: Table<(IpAddr, IpAddr, u16), Rate>,
    /// Identities that status messages claim in their body, by client, server, port and SMSID.
    pub(crate) claimed: Table<(IpAddr, IpAddr, u16, String), Claimed>,
}

impl MessageLedger {
    pub(crate) fn new(limits: &Limits) -> Self {
        Self {
            messages: Table::new(limits.table),
            identities: Hashed::new(limits.table),
            own: Table::new(limits.table),
            status_rates: Table::new(limits.table),
            claimed: Table::new(limits.table),
        }
    }

    pub(crate) const fn full(&self) -> u64 {
        self.messages.refused()
            + self.identities.refused()
            + self.own.refused()
            + self.status_rates.refused()
            + self.claimed.refused()
    }

    /// Messages that everybody on the way could see, those wanted, put together by client, server and port.
    pub(crate) fn by_channel(
        &self,
        wanted: impl Fn(&MessageKey) -> bool,
        of: impl Fn(&Messages) -> &Seen,
    ) -> BTreeMap<(IpAddr, IpAddr, u16), Gathered> {
        self.gather(|key| !key.sealed && wanted(key), of)
    }

    /// Messages that are wanted, put together by client, server and port.
    pub(crate) fn gather(
        &self,
        wanted: impl Fn(&MessageKey) -> bool,
        of: impl Fn(&Messages) -> &Seen,
    ) -> BTreeMap<(IpAddr, IpAddr, u16), Gathered> {
        let mut channels: BTreeMap<_, Gathered> = BTreeMap::new();
        for (key, messages) in self.messages.iter().filter(|(key, _)| wanted(key)) {
            let seen = of(messages);
            if seen.is_some() {
                let channel = channels.entry((key.client, key.server, key.port)).or_default();
                channel.kinds.insert(key.kind);
                channel.seen.merge(seen);
            }
        }
        channels
    }

    /// Whether messages were read inside TLS that anybody could have sent in the client's name.
    pub(crate) fn lacks_signature_inside(&self, channel: (IpAddr, IpAddr, u16)) -> bool {
        let claims = [Kind::Policy, Kind::Status, Kind::State, Kind::Inventory, Kind::Application];
        self.messages.iter().any(|(key, _)| {
            key.sealed
                && (key.client, key.server, key.port) == channel
                && key.complete
                && key.signing == Signing::Absent
                && claims.contains(&key.kind)
        })
    }

    /// Messages of one channel that everybody on the way could see.
    pub(crate) fn on_channel(&self, channel: (IpAddr, IpAddr, u16)) -> impl Iterator<Item = &MessageKey> {
        self.of(channel, false)
    }

    /// What the messages of one channel are for that were read inside TLS.
    pub(crate) fn inside(&self, channel: (IpAddr, IpAddr, u16)) -> impl Iterator<Item = Kind> {
        self.of(channel, true).map(|key| key.kind)
    }

    /// Messages of one channel, those inside TLS or the others.
    fn of(&self, channel: (IpAddr, IpAddr, u16), sealed: bool) -> impl Iterator<Item = &MessageKey> {
        let (client, server, port) = channel;
        let first = MessageKey {
            client,
            server,
            port,
            sealed,
            kind: Kind::Policy,
            endpoint: String::new(),
            signing: Signing::Absent,
            hash: None,
            encrypted: false,
            complete: false,
        };
        let keys = self.messages.range(first..).map(|(key, _)| key);
        let ends = move |key: &&MessageKey| (key.client, key.server, key.port, key.sealed);
        keys.take_while(move |key| ends(key) == (client, server, port, sealed))
    }

    /// Notes that an identity is a host's, and which key is its.
    pub(crate) fn bind(
        &mut self,
        id: &str,
        host: IpAddr,
        key: Option<&String>,
        bound: usize,
    ) -> Option<&mut Identity> {
        if let Some(own) = self.own.entry(host, BTreeSet::new).filter(|own| own.len() < bound) {
            own.insert(id.to_owned());
        }
        let identity = self.identities.entry(id.to_owned(), Identity::default)?;
        if identity.hosts.len() < bound {
            identity.hosts.insert(host);
        }
        if let Some(key) = key.filter(|_| identity.keys.len() < bound) {
            identity.keys.insert(key.clone());
        }
        Some(identity)
    }

    /// How many identities a host is known to have.
    pub(crate) fn identities_of(&self, host: IpAddr) -> usize {
        self.own.get(&host).map_or(0, BTreeSet::len)
    }
}
