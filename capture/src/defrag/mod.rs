//! IP datagrams put together from their fragments (RFC 791 3.2, RFC 8200 4.5).
//!
//! What happens to fragments that overlap:
//!
//! - IPv4: the byte seen first stays, whoever sent it. Where a later one differs, the overlap is counted as
//!   conflicting. A fragment that contradicts the known end of its datagram is left out and counted alike.
//! - IPv6: overlapping fragments doom the whole datagram (RFC 5722), with those of its fragments still
//!   to come. A fragment repeated as it was is no overlap (RFC 8200 4.5).
//!
//! A second copy of each fragment, as a SPAN port sends it, is counted as a duplicate and changes nothing,
//! even shortly after the datagram is complete. A fragment cut by the snapshot length counts as received;
//! the datagram ends in front of its first missing byte and says that it was cut.
//!
//! Not this module's: the headers in front of the fragments, which `ip` reads, and what is
//! inside the whole, which goes the way of a datagram that came in one piece.

mod datagram;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::net::IpAddr;

use etherparse::IpNumber;
use hashbrown::HashMap;

use self::datagram::{Datagram, Taken};
use crate::counters::Counters;
use crate::frame::{LinkType, Timestamp};
use crate::ip::{self, Addresses, Carrier, Upper};
use crate::limits::Limits;
use crate::link::Dissected;
use crate::wire::Wire;

/// What the fragments of one datagram have in common.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct DatagramKey {
    pub(crate) source: IpAddr,
    pub(crate) destination: IpAddr,
    /// 16 bits in IPv4, 32 in IPv6.
    pub(crate) identification: u32,
    /// IPv4's protocol; 0 in IPv6, which tells datagrams apart without it.
    pub(crate) protocol: u8,
    pub(crate) tunnel: u32,
}

/// A piece of a datagram: never empty, ending at byte 65535 or before, and as long as a multiple of 8
/// bytes where more follow.
#[derive(Clone, Copy, Debug)]
pub struct Fragment<'a> {
    pub(crate) key: DatagramKey,
    /// What the datagram holds, as this fragment's header says.
    pub(crate) protocol: IpNumber,
    /// Where it begins in the datagram, in bytes.
    pub(crate) offset: u16,
    /// Whether it is not the last.
    pub(crate) more: bool,
    pub(crate) wire: Wire<'a>,
    pub(crate) carrier: Carrier,
}

/// Sender and receiver of a whole datagram, as they stand in an IP header.
#[derive(Debug)]
enum WholeAddresses {
    V4([u8; 8]),
    V6([u8; 32]),
}

impl WholeAddresses {
    /// Of the datagram with this key.
    fn of(key: &DatagramKey) -> Self {
        let octets = |addr: IpAddr| match addr {
            IpAddr::V4(v4) => v4.to_ipv6_mapped().octets(),
            IpAddr::V6(v6) => v6.octets(),
        };
        let (source, destination) = (octets(key.source), octets(key.destination));
        if key.source.is_ipv6() {
            let mut both = [0; 32];
            both.iter_mut().zip(source.into_iter().chain(destination)).for_each(|(to, from)| *to = from);
            return Self::V6(both);
        }
        let [.., s0, s1, s2, s3] = source;
        let [.., d0, d1, d2, d3] = destination;
        Self::V4([s0, s1, s2, s3, d0, d1, d2, d3])
    }
}

/// A datagram whose fragments have all been seen.
#[derive(Debug)]
pub struct Whole {
    addresses: WholeAddresses,
    protocol: IpNumber,
    /// The bytes captured, up to the first that is missing.
    bytes: Vec<u8>,
    /// Length on the wire in bytes.
    len: usize,
    carrier: Carrier,
}

impl Whole {
    /// A datagram that was made whole otherwise: put together of what was around it and what is inside.
    pub(crate) fn of(upper: &Upper<'_>, carrier: Carrier) -> Self {
        let addresses = match upper.addresses {
            Addresses::V4(both) => WholeAddresses::V4(*both),
            Addresses::V6(both) => WholeAddresses::V6(*both),
        };
        let Wire { captured, len, .. } = upper.wire;
        Self { addresses, protocol: upper.protocol, bytes: captured.to_vec(), len, carrier }
    }

    /// What is inside. That can be a fragment again, of a datagram inside a tunnel; such nesting ends at
    /// [`Limits::tunnel_depth`].
    #[must_use]
    pub fn dissect(&self, limits: &Limits) -> Dissected<'_> {
        let addresses = match &self.addresses {
            WholeAddresses::V4(both) => Addresses::V4(both),
            WholeAddresses::V6(both) => Addresses::V6(both),
        };
        let upper = Upper {
            addresses,
            protocol: self.protocol,
            wire: Wire::new(&self.bytes, self.len),
            identification: 0,
        };
        // The link type is for frames that nobody can read, which a fragment no longer can be.
        ip::dissect_whole(upper, self.carrier, limits)
            .unwrap_or_else(|stop| Dissected::stopped(stop, LinkType::RAW))
    }
}

/// Puts fragments together. Owns bounded memory; knows the time from frames alone.
#[derive(Debug)]
pub struct Defragmenter {
    limits: Limits,
    datagrams: HashMap<DatagramKey, Datagram>,
    /// Unfinished and doomed datagrams, oldest first.
    unfinished: BTreeMap<u64, DatagramKey>,
    /// Complete ones, kept for a moment so that copies of their fragments are known as such; oldest first.
    complete: BTreeMap<u64, DatagramKey>,
    /// Number of the next datagram.
    next: u64,
    /// Bytes held in all.
    held: usize,
}

impl Defragmenter {
    /// With nothing in it.
    #[must_use]
    pub fn new(limits: &Limits) -> Self {
        Self {
            limits: *limits,
            datagrams: HashMap::new(),
            unfinished: BTreeMap::new(),
            complete: BTreeMap::new(),
            next: 0,
            held: 0,
        }
    }

    /// Takes a fragment seen at `time`; gives the datagram that it completes.
    pub fn push(
        &mut self,
        fragment: &Fragment<'_>,
        time: Timestamp,
        counters: &mut Counters,
    ) -> Option<Whole> {
        counters.fragments += 1;
        self.expire(time, counters);
        if let Some(known) = self.datagrams.get(&fragment.key) {
            if known.is_copy_of_complete(fragment) {
                counters.duplicates += 1;
                return None;
            }
            if known.is_complete() || self.is_stale(known, time) {
                self.remove(fragment.key, counters);
            }
        }
        if !self.datagrams.contains_key(&fragment.key) {
            self.begin(fragment, time, counters);
        }
        let datagram = self.datagrams.get_mut(&fragment.key)?;
        let before = datagram.held();
        let taken = datagram.take(fragment, self.limits.fragments_per_datagram);
        self.held = self.held - before + datagram.held();
        match taken {
            Taken::Copy => counters.duplicates += 1,
            Taken::New { conflict } => counters.conflicting_overlaps += u64::from(conflict),
            Taken::Doomed { conflict } => {
                counters.conflicting_overlaps += u64::from(conflict);
                counters.fragments_abandoned += 1;
            }
            Taken::Ignored => {}
        }
        let whole = datagram.finish(fragment.key, time);
        if whole.is_some() {
            let number = datagram.number;
            self.unfinished.remove(&number);
            self.complete.insert(number, fragment.key);
        }
        while self.held > self.limits.fragment_bytes_total && self.remove_oldest(counters) {}
        whole
    }

    /// Gives up whatever is still unfinished, at the end of the capture.
    pub fn finish(&mut self, counters: &mut Counters) {
        while self.remove_oldest(counters) {}
    }

    /// Bytes of fragments held.
    #[must_use]
    pub fn held(&self) -> usize {
        self.held
    }

    /// Makes a place for a new datagram.
    fn begin(&mut self, fragment: &Fragment<'_>, time: Timestamp, counters: &mut Counters) {
        while self.datagrams.len() >= self.limits.fragmented_datagrams.max(1) && self.remove_oldest(counters)
        {
        }
        self.unfinished.insert(self.next, fragment.key);
        self.datagrams.insert(fragment.key, Datagram::new(self.next, time, fragment));
        self.next += 1;
    }

    /// Lets go of what is too old. The queues are in order of arrival, which is order of time but where a clock
    /// was set; there, what waits behind a younger one is let go with it.
    fn expire(&mut self, time: Timestamp, counters: &mut Counters) {
        loop {
            let oldest = [&self.complete, &self.unfinished].map(|queue| queue.first_key_value());
            let stale =
                oldest.into_iter().flatten().map(|(_, key)| *key).find(|key| {
                    self.datagrams.get(key).is_some_and(|datagram| self.is_stale(datagram, time))
                });
            match stale {
                Some(key) => self.remove(key, counters),
                None => return,
            }
        }
    }

    /// Whether a datagram is from another time. A clock that went back by so much counts like one that went on.
    fn is_stale(&self, datagram: &Datagram, time: Timestamp) -> bool {
        let allowed =
            if datagram.is_complete() { self.limits.duplicate_window } else { self.limits.fragment_timeout };
        time.nanos_since(datagram.since).saturating_abs() > allowed
    }

    /// Lets go of the oldest, of complete ones first; false where there is none.
    fn remove_oldest(&mut self, counters: &mut Counters) -> bool {
        let oldest = self.complete.first_key_value().or_else(|| self.unfinished.first_key_value());
        let Some((_, key)) = oldest else { return false };
        self.remove(*key, counters);
        true
    }

    /// Lets go of a datagram, and counts it if it was still hoped for.
    fn remove(&mut self, key: DatagramKey, counters: &mut Counters) {
        if let Some(datagram) = self.datagrams.remove(&key) {
            self.held -= datagram.held();
            self.complete.remove(&datagram.number);
            self.unfinished.remove(&datagram.number);
            counters.fragments_abandoned += u64::from(datagram.is_hoped_for());
        }
    }
}
