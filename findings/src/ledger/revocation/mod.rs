//! Where certificates say that their revocation is told, who asked there, and how that went. The lists that came are
//! among what is trusted ([`crate::trust`]).
//!
//! A certificate may be seen after the list it names was asked for, so what could be such a request is kept whoever
//! asked: [`Named`] says afterwards which of it matters. Whether anything is revoked is not known here.

mod named;
mod place;

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::net::IpAddr;

use capture::{FlowId, Moment};

use super::{Hashed, Recent, Table};
use crate::evidence::Seen;
use crate::limits::Limits;

pub(crate) use named::{Named, Surroundings, places_of, suggests_lists};
pub(crate) use place::{Place, Scheme};

/// Ports where a connection that fails may have been for a list: HTTP, proxies, LDAP, global catalog.
pub(crate) const ASKED_PORTS: [u16; 4] = [80, 8080, 389, 3268];

/// One client's requests for one list, or to one responder, at one server.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct FetchKey {
    /// Who asks.
    pub(crate) client: IpAddr,
    /// Who is asked: the server, or the proxy in front of it.
    pub(crate) server: IpAddr,
    /// Its port.
    pub(crate) port: u16,
    /// What is asked for.
    pub(crate) place: Place,
    /// Whether it is a responder (OCSP) and not a list.
    pub(crate) responder: bool,
}

/// How requests went.
#[derive(Clone, Debug, Default)]
pub(crate) struct Fetches {
    /// Answers with what was asked for.
    pub(crate) good: Seen,
    /// Requests that came to nothing.
    pub(crate) bad: Seen,
    /// How the last of those went, in words that go on "… was asked for": `answered with status 404`.
    pub(crate) why: String,
    /// Lists that were out of date when they came.
    pub(crate) outdated: Seen,
    /// When the last of these should have been followed by another, in seconds since 1970.
    pub(crate) ended: i64,
}

impl Fetches {
    /// Whether the last request came to nothing.
    pub(crate) fn failed(&self) -> bool {
        self.bad.is_some() && (!self.good.is_some() || self.good.last < self.bad.last)
    }
}

/// What is remembered of a flow while it lasts.
#[derive(Clone, Debug, Default)]
pub(crate) struct FetchFlow {
    /// Requests that wait for their response: number, what for, and since when.
    pub(crate) waiting: VecDeque<(u64, FetchKey, Moment)>,
    /// The request answered last, if the body of the answer will tell what it is.
    pub(crate) answered: Option<(u64, FetchKey)>,
    /// The list that the last LDAP search is for.
    pub(crate) search: Option<FetchKey>,
}

/// Attempts of a client to connect to a port of a server that came to nothing.
#[derive(Clone, Debug, Default)]
pub(crate) struct Unreached {
    /// The attempts.
    pub(crate) seen: Seen,
    /// How the last of them went: `refused`.
    pub(crate) why: &'static str,
}

/// Answers of name servers to a client that asked for the address of a name.
#[derive(Clone, Debug)]
pub(crate) struct Lookups {
    /// Those that said there is none.
    pub(crate) denied: Seen,
    /// The name server that said so last.
    pub(crate) server: IpAddr,
    /// Its RCODE.
    pub(crate) rcode: u8,
    /// Whether another answer had an address.
    pub(crate) resolved: bool,
}

/// What is remembered of revocation.
#[derive(Debug)]
pub(crate) struct RevocationLedger {
    /// Requests and how they went.
    pub(crate) fetches: Table<FetchKey, Fetches>,
    /// Flows that carry any, while they last.
    pub(crate) flows: Hashed<FlowId, FetchFlow>,
    /// Servers that were not reached on ports where lists are asked for, by client, server and port.
    pub(crate) unreached: Recent<(IpAddr, IpAddr, u16), Unreached>,
    /// Network cards of clients that asked for lists, or tried to.
    pub(crate) cards: Recent<IpAddr, [u8; 6]>,
    /// Names of which a name server said that they have no address, by client and name in lower case.
    pub(crate) lookups: Recent<(IpAddr, String), Lookups>,
    /// Where a server sent clients on to, and what they had asked for.
    pub(crate) moved: Table<Place, Place>,
    /// What certificates name that clients registered with, by the server that got them and their fingerprint; and
    /// which of it are responders.
    pub(crate) registered: Hashed<(IpAddr, String), Vec<(Place, bool)>>,
}

impl RevocationLedger {
    pub(crate) fn new(limits: &Limits) -> Self {
        Self {
            fetches: Table::new(limits.failures),
            flows: Hashed::new(limits.table),
            unreached: Recent::new(limits.failures),
            cards: Recent::new(limits.failures),
            lookups: Recent::new(limits.failures),
            moved: Table::new(limits.peers),
            registered: Hashed::new(limits.peers),
        }
    }

    pub(crate) const fn full(&self) -> u64 {
        self.fetches.refused() + self.flows.refused() + self.moved.refused() + self.registered.refused()
    }

    /// What a place was before servers sent the client on, a few steps back at most.
    pub(crate) fn origin<'a>(&'a self, place: &'a Place) -> &'a Place {
        const STEPS: usize = 4;
        let mut place = place;
        for _ in 0..STEPS {
            let Some(before) = self.moved.get(place) else { break };
            place = before;
        }
        place
    }

    /// Whether a client got what it asked for at a place, at any time, from whatever server but one.
    pub(crate) fn got(&self, client: IpAddr, place: &Place, but: Option<IpAddr>) -> bool {
        let got = |key: &FetchKey, fetches: &Fetches| {
            fetches.good.is_some() && but != Some(key.server) && self.origin(&key.place) == self.origin(place)
        };
        self.of(client).any(|(key, fetches)| got(key, fetches))
    }

    /// Whether a client got from then on what may well stand in for a place whose alternatives are not known: a list of
    /// the same file name, or, instead of an entry in the directory, any list by HTTP.
    pub(crate) fn got_instead(&self, client: IpAddr, failed: &FetchKey, since: Moment) -> bool {
        let place = &failed.place;
        let fits = |other: &Place| match place.scheme {
            Scheme::Http => other.file() == place.file(),
            Scheme::Ldap => other.scheme == Scheme::Http,
        };
        self.of(client).any(|(key, fetches)| {
            let got = fetches.good.is_some() && fetches.good.last >= since;
            got && key != failed && !key.responder && fits(&key.place)
        })
    }

    /// Whether a client got anything from a host of this name.
    pub(crate) fn got_from(&self, client: IpAddr, host: &str) -> bool {
        self.of(client).any(|(key, fetches)| fetches.good.is_some() && key.place.host == host)
    }

    /// The requests of a client.
    fn of(&self, client: IpAddr) -> impl Iterator<Item = (&FetchKey, &Fetches)> {
        let place = Place { scheme: Scheme::Http, host: String::new(), port: 0, path: String::new() };
        let server = std::net::Ipv4Addr::UNSPECIFIED.into();
        let first = FetchKey { client, server, port: 0, place, responder: false };
        self.fetches.range(first..).take_while(move |(key, _)| key.client == client)
    }

    /// Addresses by network card; those of which the link layer showed none, together.
    pub(crate) fn by_card(&self) -> BTreeMap<Option<[u8; 6]>, BTreeSet<IpAddr>> {
        let mut cards: BTreeMap<_, BTreeSet<IpAddr>> = BTreeMap::new();
        for addr in self.fetches.iter().map(|(key, _)| key.client) {
            cards.entry(self.cards.get(&addr).copied()).or_default().insert(addr);
        }
        cards
    }
}
