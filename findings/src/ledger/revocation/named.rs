//! Which places of revocation matter to the site: those that certificates of its site systems, of the authorities above
//! them and of its clients name. Worked out when asked for, because a certificate may be seen last.

use std::collections::{BTreeMap, BTreeSet};
use std::net::{IpAddr, Ipv4Addr};

use decoders::tls::Certificate;

use super::{Place, Scheme};
use crate::finding::Confidence;
use crate::ledger::naming::suggests_site_system;
use crate::ledger::{Ledger, Role};

/// Endings of what an authority information access names when it is no responder: the authority's certificate.
const CERTIFICATES: [&str; 6] = [".crt", ".cer", ".p7c", ".p7b", ".der", ".pem"];

/// What hosts are called that publish lists and nothing else.
const PUBLISHERS: [&str; 5] = ["crl", "cdp", "ocsp", "pki", "certenroll"];

/// Who names a place.
#[derive(Clone, Debug)]
pub(crate) struct Naming {
    /// How sure it is that this is the site's concern; nothing where only strangers' certificates name it.
    pub(crate) sure: Option<Confidence>,
    /// Who names it, in words.
    pub(crate) by: String,
    /// Whether it is a responder and not a list.
    pub(crate) responder: bool,
    /// Other places that the same certificates name.
    pub(crate) others: BTreeSet<Place>,
}

/// What one certificate names.
struct Read {
    /// The places, and which of them are responders.
    places: Vec<(Place, bool)>,
    /// How sure it was before that they are the site's concern.
    before: Option<Confidence>,
}

/// All places that certificates name.
#[derive(Debug, Default)]
pub(crate) struct Named(BTreeMap<Place, Naming>);

impl Named {
    /// Goes through the certificates of the ledger.
    pub(crate) fn of<'a>(ledger: &'a Ledger) -> Self {
        let mut named = Self::default();
        // Many peers show the same certificates.
        let mut read: BTreeMap<&str, Read> = BTreeMap::new();
        for (key @ (_, server, _), peer) in ledger.tls.peers.iter() {
            let system = ledger.site_system(*server);
            let mut enter = |certificate: &'a Certificate, sure, by: &dyn Fn() -> String| {
                let mut first = false;
                let Read { places, before } = read.entry(&certificate.sha256).or_insert_with(|| {
                    first = true;
                    Read { places: places(certificate), before: sure }
                });
                // Somebody else who is no surer adds nothing.
                if first || *before < sure {
                    named.enter(places, sure, by);
                    *before = sure;
                }
            };
            for leaf in peer.leaves.values() {
                let sure = ledger.tls_site_system(key).map(|(sure, _)| *sure);
                let by = || format!("the certificate of {server} ({})", leaf.subject());
                enter(&leaf.certificate, sure, &by);
                let by = || format!("the certificate of an authority above that of {server}");
                leaf.chain.iter().for_each(|above| enter(above, system, &by));
            }
            for client in peer.clients.values() {
                let by = || format!("a client's certificate that was shown to {server}");
                enter(&client.leaf.certificate, system, &by);
                let by =
                    || format!("the certificate of an authority above a client's that was shown to {server}");
                client.leaf.chain.iter().for_each(|above| enter(above, system, &by));
            }
        }
        for ((server, _), places) in ledger.revocation.registered.iter() {
            let by = || format!("a client's certificate that was registered with {server}");
            named.enter(places, ledger.site_system(*server), by);
        }
        named
    }

    fn enter(&mut self, places: &[(Place, bool)], sure: Option<Confidence>, by: impl Fn() -> String) {
        for (place, responder) in places {
            let known = self.0.entry(place.clone()).or_insert_with(|| Naming {
                sure: None,
                by: String::new(),
                responder: *responder,
                others: BTreeSet::new(),
            });
            if known.by.is_empty() || known.sure < sure {
                known.sure = sure;
                known.by = by();
            }
            if sure.is_some() {
                let others = places.iter().map(|(other, _)| other).filter(|other| *other != place);
                known.others.extend(others.cloned());
            }
        }
    }

    /// Who names a place: itself, what led to it, or the list that it adds to.
    pub(crate) fn naming(&self, ledger: &Ledger, place: &Place) -> Option<&Naming> {
        let place = ledger.revocation.origin(place);
        self.0.get(place).or_else(|| self.0.get(&place.base()?))
    }

    /// Whether any certificate names a place of this host.
    pub(crate) fn knows(&self, host: &str) -> bool {
        self.at(host).next().is_some()
    }

    /// The places of a host that matter to the site.
    pub(crate) fn of_the_site(&self, host: &str) -> impl Iterator<Item = (&Place, &Naming, Confidence)> {
        self.at(host).filter_map(|(place, naming)| naming.sure.map(|sure| (place, naming, sure)))
    }

    fn at(&self, host: &str) -> impl Iterator<Item = (&Place, &Naming)> {
        let first = |scheme| Place { scheme, host: host.to_owned(), port: 0, path: String::new() };
        let from = |scheme| {
            let first = first(scheme);
            let host = first.host.clone();
            self.0.range(first..).take_while(move |(place, _)| place.scheme == scheme && place.host == host)
        };
        from(Scheme::Http).chain(from(Scheme::Ldap))
    }
}

/// The places that a certificate names, and which of them are responders.
fn places(certificate: &Certificate) -> Vec<(Place, bool)> {
    places_of(&certificate.crl_urls, &certificate.aia_urls)
}

/// The same of distribution points and of what authority information access names.
pub(crate) fn places_of(lists: &[String], access: &[String]) -> Vec<(Place, bool)> {
    let lists = lists.iter().filter_map(|url| Place::parse(url)).map(|place| (place, false));
    let is_responder = |place: &Place| {
        place.scheme == Scheme::Http && !CERTIFICATES.iter().any(|end| place.path.ends_with(end))
    };
    let responders = access.iter().filter_map(|url| Place::parse(url)).filter(is_responder);
    lists.chain(responders.map(|place| (place, true))).collect()
}

/// What belongs to the site as far as addresses and names tell: for lists that no certificate was seen to name.
#[derive(Debug)]
pub(crate) struct Surroundings<'a> {
    ledger: &'a Ledger,
    /// Clients and systems of the site, and the two ends of TLS with what may be one.
    hosts: BTreeSet<IpAddr>,
    /// Domains of their names.
    domains: BTreeSet<String>,
}

impl<'a> Surroundings<'a> {
    /// Goes through the hosts and TLS peers of the ledger.
    pub(crate) fn of(ledger: &'a Ledger) -> Self {
        let known = ledger.hosts().filter(|host| {
            host.role(Role::Client).is_some()
                || host.site_system().is_some_and(|sure| sure >= Confidence::Likely)
        });
        let mut hosts: BTreeSet<IpAddr> = known.map(|host| host.addr).collect();
        for (key @ (client, server, _), _) in ledger.tls.peers.iter() {
            if ledger.tls_site_system(key).is_some() {
                hosts.extend([*client, *server]);
            }
        }
        let names = hosts.iter().filter_map(|addr| ledger.host(*addr)).flat_map(|host| host.names.keys());
        let domains = names.filter_map(|name| domain(&name.to_ascii_lowercase())).collect();
        Self { ledger, hosts, domains }
    }

    /// Whether a host that asks for a list, and who it asks, seem to belong to the site or to the organisation around it.
    /// Others publish for everybody.
    pub(crate) fn hold(&self, client: IpAddr, server: IpAddr, place: &Place) -> bool {
        let suggestive = suggests_site_system(&place.host, self.ledger);
        let knows = self.hosts.contains(&client) || suggestive;
        let near = is_private(server)
            || suggestive
            || self.ledger.site_system(server).is_some()
            || !place.host.contains('.')
            || domain(&place.host).is_some_and(|domain| self.domains.contains(&domain));
        knows && near
    }

    /// Whether a host seems to publish lists for the site, by its name alone, which must be one of that kind.
    pub(crate) fn hold_name(&self, client: IpAddr, name: &str) -> bool {
        let place = Place { scheme: Scheme::Http, host: name.to_owned(), port: 80, path: String::new() };
        self.hold(client, Ipv4Addr::UNSPECIFIED.into(), &place)
    }
}

/// Whether a name, in lower case, is what hosts are called that publish lists and nothing else.
pub(crate) fn suggests_lists(name: &str) -> bool {
    let label = name.split('.').next().unwrap_or_default();
    PUBLISHERS.contains(&label.trim_end_matches(|c: char| c.is_ascii_digit() || c == '-'))
}

/// The part of a host's name that an organisation registers: two labels, or three where the last two are short as in
/// `example.co.uk`. An address has none.
fn domain(name: &str) -> Option<String> {
    const SHORT: usize = 3;
    let name = name.trim_end_matches('.');
    if name.parse::<IpAddr>().is_ok() {
        return None;
    }
    let labels: Vec<&str> = name.split('.').collect();
    let wanted = match labels.as_slice() {
        [.., second, first] if first.len() == 2 && second.len() <= SHORT => 3,
        [_, .., _] => 2,
        _ => return None,
    };
    labels.get(labels.len().checked_sub(wanted)?..).map(|labels| labels.join("."))
}

fn is_private(addr: IpAddr) -> bool {
    match addr.to_canonical() {
        IpAddr::V4(addr) => addr.is_private() || addr.is_link_local() || addr.is_loopback(),
        IpAddr::V6(addr) => addr.is_unique_local() || addr.is_unicast_link_local() || addr.is_loopback(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn domains_are_what_an_organisation_registers() {
        for (name, registered) in [
            ("pki.corp.example.test", Some("example.test")),
            ("pki.example.co.uk", Some("example.co.uk")),
            ("example.test", Some("example.test")),
            ("co.uk", None),
            ("pki", None),
            ("192.0.2.1", None),
        ] {
            assert_eq!(domain(name).as_deref(), registered, "{name}");
        }
    }

    #[test]
    fn the_authoritys_certificate_is_no_responder() {
        let urls = |urls: &[&str]| urls.iter().map(|url| (*url).to_owned()).collect::<Vec<_>>();
        let access =
            urls(&["http://pki.example.test/ca.crt", "http://pki.example.test/ocsp", "ldap:///CN=x"]);
        let places = places_of(&urls(&["http://pki.example.test/a.crl", "https://x/y.crl"]), &access);
        let shown: Vec<_> = places.iter().map(|(place, responder)| (place.to_string(), *responder)).collect();
        let list = ("http://pki.example.test/a.crl".to_owned(), false);
        assert_eq!(shown, [list, ("http://pki.example.test/ocsp".to_owned(), true)]);
    }
}
