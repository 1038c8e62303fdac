//! Which places where NetBIOS names are registered belong together: name servers that exchange what is registered with
//! them ([MS-WINSRA]), and subnets. Name servers of two organisations know nothing of each other, and the same name may
//! be in both without any conflict.

use std::collections::BTreeMap;
use std::net::IpAddr;

use super::name::{NameLedger, NameService};

/// Places that belong together, as far as it shows: each with another of its group that is lower, the lowest alone.
#[derive(Debug, Default)]
pub(crate) struct NamePlaces {
    lower: BTreeMap<IpAddr, IpAddr>,
}

impl NamePlaces {
    /// What shows of it: one host uses both, or one gives an address that was registered with the other.
    pub(crate) fn of(names: &NameLedger) -> Self {
        let mut places = Self::default();
        let registered = names.registrations.iter().map(|((_, host, place), _)| (*host, *place));
        let asked = names.lookups.iter().filter(|((_, _, service, _), _)| *service != NameService::Llmnr);
        let mut used = BTreeMap::new();
        for (host, place) in registered.chain(asked.map(|((host, place, ..), _)| (*host, *place))) {
            places.join(*used.entry(host).or_insert(place), place);
        }
        let mut known = BTreeMap::new();
        for ((name, _, place), registration) in names.registrations.iter() {
            for address in &registration.addresses {
                places.join(*known.entry((name, address)).or_insert(*place), *place);
            }
        }
        for ((name, server), record) in names.records.iter() {
            let later = record.changed.iter().flat_map(|(_, addresses, _)| addresses);
            for address in record.addresses.iter().chain(later) {
                if let Some(place) = known.get(&(name, address)) {
                    places.join(*place, *server);
                }
            }
        }
        places.shorten_all();
        places
    }

    /// What all places of a group have in common, and no other.
    pub(crate) fn group(&self, place: IpAddr) -> IpAddr {
        let mut at = place;
        while let Some(lower) = self.lower.get(&at) {
            at = *lower;
        }
        at
    }

    fn join(&mut self, one: IpAddr, other: IpAddr) {
        let (one, other) = (self.shorten(one), self.shorten(other));
        if one != other {
            self.lower.insert(one.max(other), one.min(other));
        }
    }

    /// Joins may leave a long way, and every place is asked for.
    fn shorten_all(&mut self) {
        for place in self.lower.keys().copied().collect::<Vec<_>>() {
            self.shorten(place);
        }
    }

    /// The group of a place, to which the way is shorter from now on.
    fn shorten(&mut self, place: IpAddr) -> IpAddr {
        let group = self.group(place);
        let mut at = place;
        while at != group {
            let next = self.lower.insert(at, group);
            at = next.unwrap_or(group);
        }
        group
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_joined_over_any_way() {
        let at = |last: u8| IpAddr::from([192, 0, 2, last]);
        let mut places = NamePlaces::default();
        for (one, other) in [(1, 2), (4, 3), (2, 3), (6, 5), (7, 7)] {
            places.join(at(one), at(other));
        }
        assert!((1..=4).all(|last| places.group(at(last)) == at(1)));
        assert_eq!([5, 6, 7, 8].map(|last| places.group(at(last))), [5, 5, 7, 8].map(at));
        (1..=99).rev().for_each(|last| places.join(at(last), at(last + 1)));
        places.shorten_all();
        assert!(places.lower.len() == 99 && places.lower.values().all(|lowest| *lowest == at(1)));
    }
}
