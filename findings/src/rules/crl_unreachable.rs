//! A revocation list, or a responder, that could not be reached.

use std::cell::OnceCell;
use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

use capture::Moment;

use crate::coverage::Coverage;
use crate::finding::{Confidence, Finding};
use crate::ledger::Ledger;
use crate::ledger::revocation::{
    FetchKey, Fetches, Lookups, Named, Place, Scheme, Surroundings, Unreached, suggests_lists,
};
use crate::rule::{Metadata, Rule, Verdicts, rule};

rule! {
    /// ## What it detects
    /// A host that asks whether a certificate of the site was revoked, and does not learn it: the name of the place that the
    /// certificate names has no address, the place cannot be connected to, it answers with an error or a web page, the
    /// directory has no such entry, or the list that came was out of date. Responders (OCSP) count as lists do. What is
    /// asked for in vain where no certificate that names it was seen is reported as possible, if who asks knows the site
    /// and who was asked seems to belong to the same organisation.
    ///
    /// ## Why it matters
    /// Clients and site systems that check revocation refuse certificates they cannot check, and fall back to plain HTTP or
    /// fail. Where the check is turned off to make things work again, a stolen key stays good.
    ///
    /// ## Evidence
    /// The URLs in the certificates of site systems, of the authorities above them and of clients (TLS 1.2 and older, and
    /// registrations; TLS 1.3 hides certificates), and HTTP and LDAP requests, DNS answers and attempts to connect.
    ///
    /// ## False positives
    /// Another host answered the same client later, outside the capture. What succeeds in the end is not reported: a later
    /// request, another address of the same name, another place that the same certificate names. The reverse is more
    /// common: a list that is still cached is not asked for, so silence proves nothing. What a responder answers is not
    /// read, only whether it does.
    ///
    /// ## Remedy
    /// Publish the list where clients and site systems reach it, by HTTP and without logon, before the old one ends; allow
    /// `+` in file names of delta lists where IIS publishes them (double escaping).
    ///
    /// ## References
    /// - RFC 5280, 4.2.1.13 and 4.2.2.1; Configuration Manager, "Plan for PKI certificate revocation"
    CrlUnreachable {
        id: "crl-unreachable",
        title: "revocation list could not be fetched",
        severity: Medium,
        confidence: Certain,
        tags: ["CWE-299"],
    }
}

impl Rule for CrlUnreachable {
    fn metadata(&self) -> &'static Metadata {
        Self::META
    }

    fn judge(&self, ledger: &Ledger, _: &Coverage, verdicts: &mut Verdicts) {
        let asked = &ledger.revocation;
        let nothing = [asked.fetches.is_empty(), asked.unreached.is_empty(), asked.lookups.is_empty()];
        if nothing == [true; 3] {
            return;
        }
        let scene =
            Scene { ledger, named: Named::of(ledger), around: OnceCell::new(), cards: asked.by_card() };
        let fetches = asked.fetches.iter().filter_map(|(key, fetches)| scene.fetch(key, fetches));
        fetches.for_each(|finding| verdicts.report(finding));
        for ((client, server, port), unreached) in asked.unreached.iter() {
            let mut found = scene.connect(*client, *server, *port, unreached).peekable();
            let guess = if found.peek().is_none() {
                scene.connect_guess(*client, *server, *port, unreached)
            } else {
                None
            };
            found.chain(guess).for_each(|finding| verdicts.report(finding));
        }
        for ((client, name), lookups) in asked.lookups.iter().filter(|(_, lookups)| !lookups.resolved) {
            let mut found = scene.lookup(*client, name, lookups).peekable();
            let guess =
                if found.peek().is_none() { scene.lookup_guess(*client, name, lookups) } else { None };
            found.chain(guess).for_each(|finding| verdicts.report(finding));
        }
    }
}

/// What one judgement needs again and again.
struct Scene<'a> {
    ledger: &'a Ledger,
    named: Named,
    /// Worked out when first asked for: mostly nobody does.
    around: OnceCell<Surroundings<'a>>,
    /// Addresses that asked for lists, by network card.
    cards: BTreeMap<Option<[u8; 6]>, BTreeSet<IpAddr>>,
}

impl<'a> Scene<'a> {
    fn around(&self) -> &Surroundings<'a> {
        self.around.get_or_init(|| Surroundings::of(self.ledger))
    }

    /// A request that came to nothing, or to a list out of date.
    fn fetch(&self, key: &FetchKey, fetches: &Fetches) -> Option<Finding> {
        let (how, seen) = if fetches.failed() {
            (format!("was {}", fetches.why), &fetches.bad)
        } else if fetches.outdated.is_some() {
            let days = fetches.outdated.last.time.as_secs().saturating_sub(fetches.ended) / 86_400;
            (format!("got a list that was out of date for {days} days"), &fetches.outdated)
        } else {
            return None;
        };
        let ledger = self.ledger;
        let (sure, named) = match self.named.naming(ledger, &key.place) {
            Some(naming) => {
                let sure = naming.sure?;
                if self.got(key.client, &naming.others) || self.got_elsewhere(key) {
                    return None;
                }
                (sure, format!("It is named by {}.", naming.by))
            }
            None if self.got_elsewhere(key) || self.got_instead(key, seen.first) => return None,
            None if self.around().hold(key.client, key.server, &key.place) => {
                let text = "No certificate was seen that names it, but the host has to do with the site.";
                (Confidence::Possible, text.to_owned())
            }
            None => return None,
        };
        let what = what(key.responder);
        let text =
            format!("{} asked {} for the {what} {} and {how}. {named}", key.client, key.server, key.place);
        let finding = Finding::new(CrlUnreachable::META, key.client, key.server, seen).tcp_port(key.port);
        Some(self.about(finding, &key.place, sure).message(text))
    }

    /// Attempts to connect to a place that came to nothing.
    fn connect<'s>(
        &'s self,
        client: IpAddr,
        server: IpAddr,
        port: u16,
        unreached: &'s Unreached,
    ) -> impl Iterator<Item = Finding> + 's {
        // The directory without a server is any server of it, on its usual port.
        let names = self.names(server).into_iter().chain([server.to_string(), String::new()]);
        let places = names.flat_map(|name| self.named.of_the_site(&name).collect::<Vec<_>>());
        let places = places.filter(move |(place, naming, _)| {
            if place.port != port {
                return false;
            }
            let others = naming.others.iter().chain([*place]).cloned().collect();
            !self.got(client, &others) && !self.reached(client, place, unreached)
        });
        places.map(move |(place, naming, sure)| {
            let (sure, doubt) = if place.host.is_empty() {
                (Confidence::Possible, "; any server of the directory would do")
            } else {
                (sure.min(Confidence::Likely), "")
            };
            let text = format!(
                "{client} tried to reach {server}, where the {} {place} is{doubt}; the connection was {}. It is named by {}.",
                what(naming.responder),
                unreached.why,
                naming.by
            );
            let finding = Finding::new(CrlUnreachable::META, client, server, &unreached.seen).tcp_port(port);
            self.about(finding, place, sure).message(text)
        })
    }

    /// A name for which there was no address.
    fn lookup<'s>(
        &'s self,
        client: IpAddr,
        name: &'s str,
        lookups: &'s Lookups,
    ) -> impl Iterator<Item = Finding> + 's {
        let places = self.named.of_the_site(name).filter(move |(place, naming, _)| {
            let others = naming.others.iter().chain([*place]).cloned().collect();
            !self.got(client, &others)
        });
        places.map(move |(place, naming, sure)| {
            let text = format!(
                "{} told {client} that {name} has no address (response code {}), where the {} {place} is. It is named by {}.",
                lookups.server,
                lookups.rcode,
                what(naming.responder),
                naming.by
            );
            let finding = Finding::new(CrlUnreachable::META, client, lookups.server, &lookups.denied).udp_port(53);
            self.about(finding, place, sure).message(text)
        })
    }

    /// An attempt to connect to what is called as hosts of lists are, where no certificate was seen that names it.
    fn connect_guess(
        &self,
        client: IpAddr,
        server: IpAddr,
        port: u16,
        unreached: &Unreached,
    ) -> Option<Finding> {
        let mut names = self.names(server).into_iter();
        let name = names.find(|name| port == 80 && self.is_guess(client, name))?;
        let place = Place { scheme: Scheme::Http, host: name, port, path: String::new() };
        if self.reached(client, &place, unreached) {
            return None;
        }
        let text = format!(
            "{client} tried to reach {} at {server}, which seems to publish revocation lists; the connection was {}.",
            place.host, unreached.why
        );
        let finding = Finding::new(CrlUnreachable::META, client, server, &unreached.seen).tcp_port(port);
        Some(self.about(finding, &place, Confidence::Possible).message(text))
    }

    /// The same of a name without an address.
    fn lookup_guess(&self, client: IpAddr, name: &str, lookups: &Lookups) -> Option<Finding> {
        if !self.is_guess(client, name) {
            return None;
        }
        let place = Place { scheme: Scheme::Http, host: name.to_owned(), port: 80, path: String::new() };
        let text = format!(
            "{} told {client} that {name}, which seems to publish revocation lists, has no address (response code {}).",
            lookups.server, lookups.rcode
        );
        let finding =
            Finding::new(CrlUnreachable::META, client, lookups.server, &lookups.denied).udp_port(53);
        Some(self.about(finding, &place, Confidence::Possible).message(text))
    }

    /// Whether a name is what hosts of lists are called, and a client got no list from there all the same.
    fn is_guess(&self, client: IpAddr, name: &str) -> bool {
        let revocation = &self.ledger.revocation;
        suggests_lists(name)
            && !self.named.knows(name)
            && self.around().hold_name(client, name)
            && !self.addresses(client).any(|client| revocation.got_from(client, name))
    }

    fn about(&self, finding: Finding, place: &Place, sure: Confidence) -> Finding {
        let site = self.ledger.site_code_of(&[finding.destination, finding.source]);
        finding.site(site).subject(place.to_string()).confidence(sure)
    }

    /// Whether a client, under any of its addresses, got what it wanted from one of these places.
    fn got(&self, client: IpAddr, places: &BTreeSet<Place>) -> bool {
        let revocation = &self.ledger.revocation;
        self.addresses(client).any(|client| places.iter().any(|place| revocation.got(client, place, None)))
    }

    /// Whether a client, under any of its addresses, got the same from another address of the same name.
    fn got_elsewhere(&self, key: &FetchKey) -> bool {
        let revocation = &self.ledger.revocation;
        self.addresses(key.client).any(|client| revocation.got(client, &key.place, Some(key.server)))
    }

    /// The same of what may stand in for a place that no certificate was seen to name.
    fn got_instead(&self, key: &FetchKey, since: Moment) -> bool {
        let revocation = &self.ledger.revocation;
        self.addresses(key.client).any(|client| revocation.got_instead(client, key, since))
    }

    /// Whether a client, under any of its addresses, spoke HTTP with the host of a place after it had failed to reach it:
    /// under another of the host's addresses, most likely.
    fn reached(&self, client: IpAddr, place: &Place, unreached: &Unreached) -> bool {
        if place.scheme != Scheme::Http {
            return false;
        }
        let later = |server: IpAddr, port: u16, last: Moment| {
            port == place.port && last >= unreached.seen.last && self.is_called(server, &place.host)
        };
        self.addresses(client).any(|client| {
            let mut exchanges = self.ledger.readable_of(client);
            exchanges.any(|(key, exchanges)| later(key.server, key.port, exchanges.seen.last))
        })
    }

    /// The addresses of a client: its own, and of the other family those that the capture shows on the same network card.
    fn addresses(&self, client: IpAddr) -> impl Iterator<Item = IpAddr> + '_ {
        // Without cards, who asked by the other family may have been the same.
        let card = self.ledger.revocation.cards.get(&client).copied();
        let others = self.cards.get(&card).into_iter().flatten().copied();
        [client].into_iter().chain(others.filter(move |addr| addr.is_ipv4() != client.is_ipv4()))
    }

    /// The names of a host, in lower case, each once.
    fn names(&self, addr: IpAddr) -> BTreeSet<String> {
        let names = self.ledger.host(addr).into_iter().flat_map(|host| host.names.keys());
        names.map(|name| name.to_ascii_lowercase()).collect()
    }

    fn is_called(&self, addr: IpAddr, name: &str) -> bool {
        let names = self.ledger.host(addr).into_iter().flat_map(|host| host.names.keys());
        name.parse() == Ok(addr) || names.into_iter().any(|known| known.eq_ignore_ascii_case(name))
    }
}

fn what(responder: bool) -> &'static str {
    if responder { "responder" } else { "revocation list" }
}
