//! Link layers that a capturing host made up: Linux cooked captures, its firewall's log, and BSD loopback.

use etherparse::EtherType;

use super::{Descent, Macs};
use crate::frame::LinkType;
use crate::wire::{Stop, Wire};

/// `LINKTYPE_NFLOG`.
pub(super) const NFLOG: LinkType = LinkType(239);
/// Attributes read of one logged packet. Structural: the kernel knows fewer.
const MAX_ATTRIBUTES: usize = 64;
/// NFULA_PAYLOAD.
const PAYLOAD: u16 = 9;

/// `ARPHRD_*` of devices whose cooked protocol field is no EtherType: 802.11 and its monitors, netlink.
const NO_ETHERTYPE: [u16; 4] = [801, 802, 803, 824];

/// A loopback header: an address family of four bytes, in whichever byte order makes it a small number.
/// The numbers for IPv6 are those of Linux, Windows, NetBSD and OpenBSD, FreeBSD, and macOS.
pub(super) fn loopback(wire: Wire<'_>) -> Result<Wire<'_>, Stop> {
    let (family, rest) = wire.take::<4>("loopback header: shorter than 4 bytes")?;
    let family = match u32::from_le_bytes(*family) {
        little @ ..0x1_0000 => little,
        big => big.swap_bytes(),
    };
    match family {
        2 | 10 | 23 | 24 | 28 | 30 => Ok(rest),
        _ => Err(Stop::NotIp),
    }
}

/// A packet from Linux' netfilter log: family, version, resource, then attributes of which one is the packet. Their
/// lengths and types are in the byte order of the logging host, which nothing says; but all types are below 256.
pub(super) fn nflog(wire: Wire<'_>) -> Result<Wire<'_>, Stop> {
    let ([family, version, _, _], mut rest) = wire.take("nflog header: shorter than 4 bytes")?;
    if *version != 0 || !matches!(family, 2 | 10) {
        return Err(Stop::NotIp);
    }
    for _ in 0..MAX_ATTRIBUTES {
        if rest.len == 0 {
            return Err(Stop::NotIp);
        }
        let ([l0, l1, t0, t1], value) = rest.take("nflog attribute: shorter than 4 bytes")?;
        let little = u16::from_le_bytes([*t0, *t1]) < 0x100;
        let read = if little { u16::from_le_bytes } else { u16::from_be_bytes };
        let len = usize::from(read([*l0, *l1]));
        let Some(value_len) = len.checked_sub(4) else {
            return Err(Stop::Malformed("nflog attribute length: less than 4 bytes"));
        };
        if read([*t0, *t1]) == PAYLOAD {
            return Ok(value.clamp(value_len));
        }
        rest = rest.skip(len.next_multiple_of(4), "nflog attribute length: beyond the packet")?;
    }
    Err(Stop::Malformed("nflog attributes: more than 64"))
}

impl Descent {
    /// `LINKTYPE_LINUX_SLL`: 16 bytes, the protocol last.
    pub(super) fn linux_sll<'a>(&mut self, wire: Wire<'a>) -> Result<Wire<'a>, Stop> {
        let (header, rest) = wire.take::<16>("linux cooked header: shorter than 16 bytes")?;
        let [_, _, h0, h1, l0, l1, m0, m1, m2, m3, m4, m5, _, _, t0, t1] = *header;
        let mac_len = u16::from_be_bytes([l0, l1]);
        self.cooked([h0, h1], mac_len, [m0, m1, m2, m3, m4, m5], [t0, t1], rest)
    }

    /// `LINKTYPE_LINUX_SLL2`: 20 bytes, the protocol first.
    pub(super) fn linux_sll2<'a>(&mut self, wire: Wire<'a>) -> Result<Wire<'a>, Stop> {
        let (header, rest) = wire.take::<20>("linux cooked header 2: shorter than 20 bytes")?;
        let [t0, t1, _, _, _, _, _, _, h0, h1, _, mac_len, m0, m1, m2, m3, m4, m5, _, _] = *header;
        self.cooked([h0, h1], mac_len.into(), [m0, m1, m2, m3, m4, m5], [t0, t1], rest)
    }

    /// What both versions say. Only the sender's address is there.
    fn cooked<'a>(
        &mut self,
        hardware: [u8; 2],
        mac_len: u16,
        mac: [u8; 6],
        protocol: [u8; 2],
        rest: Wire<'a>,
    ) -> Result<Wire<'a>, Stop> {
        if mac_len == 6 {
            self.macs = Macs { source: Some(mac), destination: None };
        }
        if NO_ETHERTYPE.contains(&u16::from_be_bytes(hardware)) {
            return Err(Stop::NotIp);
        }
        self.ethertype(EtherType(u16::from_be_bytes(protocol)), rest)
    }
}
