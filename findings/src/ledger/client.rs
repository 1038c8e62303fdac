//! Client certificates that site systems took, and whose they are: of the authority that the site's other clients have
//! theirs from, of a public one, or of another.
//!
//! Taken is a certificate where the client proved that it has the key (TLS 1.2 and older, or opened) and the server then
//! went on with its Finished or data. A server may still refuse inside the encryption, which nobody sees.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

use decoders::tls::Certificate;

use super::certificate::{clock, is_public};
use super::tls::{ClientLeaf, Leaf, is_from_site};
use super::{Conclusion, Ledger, PeerKey};
use crate::finding::Confidence;
use crate::trust::{Fault, Usage};

/// Certificates of one issuer that make it a usual one.
const USUAL: usize = 3;

/// A client certificate that a site system was shown.
#[derive(Debug)]
pub(crate) struct Presented<'a> {
    pub(crate) client: IpAddr,
    pub(crate) server: IpAddr,
    pub(crate) port: u16,
    /// The certificate, and where it was taken.
    pub(crate) shown: &'a ClientLeaf,
    /// How sure it is that the server is a site system or a gateway.
    pub(crate) sure: Confidence,
    /// Why.
    pub(crate) why: &'a str,
}

/// All client certificates that likely site systems and likely cloud management gateways were shown.
pub(crate) fn presented(ledger: &Ledger) -> impl Iterator<Item = Presented<'_>> {
    let peers = ledger.tls.peers.iter().filter(|(_, peer)| !peer.clients.is_empty());
    peers.flat_map(|(key @ (client, server, port), peer)| {
        of_site(ledger, key).into_iter().flat_map(move |(sure, why)| {
            let presented = move |shown| Presented {
                client: *client,
                server: *server,
                port: *port,
                shown,
                sure: *sure,
                why,
            };
            peer.clients.values().map(presented)
        })
    })
}

/// Those that were taken.
pub(crate) fn taken(ledger: &Ledger) -> impl Iterator<Item = Presented<'_>> {
    presented(ledger).filter(|presented| presented.shown.accepted.is_some())
}

fn of_site<'a>(ledger: &'a Ledger, key: &PeerKey) -> Option<&'a Conclusion> {
    ledger.likely_gateway(key).or_else(|| ledger.likely_site_system(key))
}

/// Why a client certificate is not one of those that a site expects.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stranger {
    /// A public authority issued it.
    Public,
    /// No authority given vouches for it.
    NotGiven,
    /// The other clients, so many certificates, have theirs from others.
    Unlike(usize),
}

/// Whom the clients of a site have their certificates from.
#[derive(Debug)]
pub(crate) struct Issuers<'a> {
    /// Different certificates by issuer.
    clients: BTreeMap<&'a [String], BTreeSet<&'a str>>,
    /// Names above the certificates of site systems.
    servers: BTreeSet<&'a [String]>,
}

impl<'a> Issuers<'a> {
    /// Looks at all client certificates taken, and at those of site systems.
    pub(crate) fn of(ledger: &'a Ledger) -> Self {
        let mut clients: BTreeMap<&[String], BTreeSet<&str>> = BTreeMap::new();
        for taken in taken(ledger) {
            let certificate = &taken.shown.leaf.certificate;
            clients.entry(&certificate.issuer).or_default().insert(&certificate.sha256);
        }
        let peers = ledger
            .tls
            .peers
            .iter()
            .filter(|(key, peer)| !peer.leaves.is_empty() && of_site(ledger, key).is_some());
        let leaves = peers.flat_map(|(_, peer)| peer.leaves.values());
        let known =
            leaves.filter(|leaf| names_an_authority(&leaf.certificate) && !is_public(&leaf.certificate));
        Self { clients, servers: known.flat_map(above).collect() }
    }

    /// What is strange about a certificate, if anything is.
    pub(crate) fn stranger(&self, ledger: &Ledger, leaf: &Leaf) -> Option<Stranger> {
        let certificate = &leaf.certificate;
        // Who signs for himself names no authority that could be the wrong one.
        if !names_an_authority(certificate) {
            return None;
        }
        if is_public(certificate) {
            return Some(Stranger::Public);
        }
        if ledger.trust.is_given() {
            let verdict =
                ledger.trust.judge(certificate, &leaf.chain, Usage::Client, clock(leaf.seen.last.time));
            let foreign = |fault: &Fault| matches!(fault, Fault::UnknownIssuer(_) | Fault::BadSignature);
            return verdict.faults.iter().any(foreign).then_some(Stranger::NotGiven);
        }
        let own = |issuer: &[String]| above(leaf).any(|name| name == issuer);
        let count = |issuer: &[String]| self.clients.get(issuer).map_or(0, BTreeSet::len);
        if self.servers.iter().any(|issuer| own(issuer)) || above(leaf).any(|name| count(name) >= USUAL) {
            return None;
        }
        let others = self.clients.values().map(BTreeSet::len).filter(|count| *count >= USUAL);
        others.max().map(Stranger::Unlike)
    }
}

/// Whether a certificate names an authority other than itself and the site.
fn names_an_authority(certificate: &Certificate) -> bool {
    !certificate.self_issued && !is_from_site(certificate)
}

/// The names of those who vouch for a leaf, as far as they were sent.
fn above(leaf: &Leaf) -> impl Iterator<Item = &[String]> {
    let chain = leaf.chain.iter().filter(|one| !one.unreadable);
    std::iter::once(&leaf.certificate).chain(chain).map(|one| one.issuer.as_slice())
}
