//! Network cards: which addresses are of one host, as far as the link shows it.
//!
//! A site server asks the KDC over IPv4 and pushes over IPv6, or the other way round. Behind a router all hosts have
//! the router's card, so a card says something only where one IPv4 address was seen behind it. Names are not looked at
//! here.

use std::net::IpAddr;

use super::{FewSet, Hashed};
use crate::limits::Limits;

/// Addresses behind each network card.
#[derive(Debug)]
pub(crate) struct CardLedger {
    /// By MAC address.
    addresses: Hashed<[u8; 6], FewSet<IpAddr>>,
    /// Addresses kept of one card; one that has so many is a router's.
    bound: usize,
}

impl CardLedger {
    pub(crate) fn new(limits: &Limits) -> Self {
        Self { addresses: Hashed::new(limits.hosts), bound: limits.identities_per_host }
    }

    pub(crate) const fn full(&self) -> u64 {
        self.addresses.refused()
    }

    /// Notes that an address was seen behind a card.
    pub(crate) fn note(&mut self, mac: [u8; 6], addr: IpAddr) {
        let bound = self.bound;
        if let Some(known) = self.addresses.entry(mac, FewSet::new)
            && known.len() < bound
        {
            known.insert(addr);
        }
    }

    /// The addresses behind a card, if it is a host's own: one of IPv4, and some of IPv6.
    pub(crate) fn own(&self, mac: [u8; 6]) -> Option<&FewSet<IpAddr>> {
        let known = self.addresses.get(&mac).filter(|known| known.len() < self.bound)?;
        (known.iter().filter(|addr| addr.is_ipv4()).count() == 1).then_some(known)
    }

    /// Whether an address may be behind a card: it was seen there, or so many were that not all are kept.
    pub(crate) fn may_have(&self, mac: [u8; 6], addr: IpAddr) -> bool {
        let known = self.addresses.get(&mac);
        known.is_some_and(|known| known.len() >= self.bound || known.contains(&addr))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const CARD: [u8; 6] = [2, 0, 0, 0, 0, 1];

    fn behind_one_card(addresses: &[&str], limits: Limits) -> Option<usize> {
        let mut cards = CardLedger::new(&limits);
        for addr in addresses {
            cards.note(CARD, addr.parse().unwrap());
        }
        assert_eq!(cards.full(), 0);
        cards.own(CARD).map(FewSet::len)
    }

    #[test]
    fn addresses_of_both_kinds_behind_one_card_are_of_one_host() {
        let both = behind_one_card(&["10.0.0.1", "fe80::1", "2001:db8::1"], Limits::default());
        assert_eq!(both, Some(3));
    }

    #[test]
    fn the_card_of_a_router_says_nothing() {
        assert_eq!(behind_one_card(&["10.0.0.1", "10.0.0.2", "fe80::1"], Limits::default()), None);
    }

    #[test]
    fn the_card_of_very_many_addresses_is_a_router_s_and_may_have_any() {
        let bound = Limits { identities_per_host: 3, ..Limits::default() };
        let all = ["10.0.0.1", "fe80::1", "fe80::2", "fe80::3"];
        assert_eq!(behind_one_card(&all, bound), None);
        let mut cards = CardLedger::new(&bound);
        let [first, .., last] = all.map(|addr| addr.parse().unwrap());
        cards.note(CARD, first);
        assert!(cards.may_have(CARD, first) && !cards.may_have(CARD, last));
        for addr in all {
            cards.note(CARD, addr.parse().unwrap());
        }
        assert!(cards.may_have(CARD, last));
    }
}
