//! What follows for each TLS peer from all that is remembered: worked out once, for however many rules ask.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::sync::OnceLock;

use super::{Ledger, gateway, tls};
use crate::finding::Confidence;

/// A TLS peer: client, server, and the server's port.
pub(crate) type PeerKey = (IpAddr, IpAddr, u16);

/// How sure something is, and why.
pub(crate) type Conclusion = (Confidence, String);

/// Kept until the next record comes.
#[derive(Debug, Default)]
pub(crate) struct Conclusions {
    site_systems: OnceLock<BTreeMap<PeerKey, Conclusion>>,
    gateways: OnceLock<BTreeMap<PeerKey, Conclusion>>,
}

impl Conclusions {
    /// Nothing follows any more: there is something new to be weighed.
    pub(super) fn forget(&mut self) {
        self.site_systems.take();
        self.gateways.take();
    }
}

impl Ledger {
    /// How sure it is that the server of a TLS peer is a site system, and why; nothing where nothing says so.
    pub(crate) fn tls_site_system(&self, key: &PeerKey) -> Option<&Conclusion> {
        self.conclusions.site_systems.get_or_init(|| self.conclude(tls::role::role)).get(key)
    }

    /// The same, where it is likely at least.
    pub(crate) fn likely_site_system(&self, key: &PeerKey) -> Option<&Conclusion> {
        likely(self.tls_site_system(key))
    }

    /// TLS peers whose server is a cloud management gateway, as far as something says so: how sure that is, and why.
    pub(crate) fn gateways(&self) -> &BTreeMap<PeerKey, Conclusion> {
        self.conclusions.gateways.get_or_init(|| self.conclude(gateway::gateway))
    }

    /// The same for one TLS peer, where it is likely at least.
    pub(crate) fn likely_gateway(&self, key: &PeerKey) -> Option<&Conclusion> {
        likely(self.gateways().get(key))
    }

    fn conclude(
        &self,
        of: impl Fn(&Self, &PeerKey, &tls::TlsPeer) -> Option<Conclusion>,
    ) -> BTreeMap<PeerKey, Conclusion> {
        self.tls.peers.iter().filter_map(|(key, peer)| Some((*key, of(self, key, peer)?))).collect()
    }
}

fn likely(conclusion: Option<&Conclusion>) -> Option<&Conclusion> {
    conclusion.filter(|(sure, _)| *sure >= Confidence::Likely)
}
