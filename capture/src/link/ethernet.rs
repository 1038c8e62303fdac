//! Ethernet II, 802.3 with LLC and SNAP, tags of VLANs and of switches, and MPLS.

use etherparse::EtherType;

use super::tags::{MACSEC, NSH};
use super::{Descent, Macs};
use crate::wire::{Stop, Wire};

/// Type fields below this are 802.3 lengths (IEEE 802.3 3.2.6).
const FIRST_ETHERTYPE: u16 = 0x0600;
/// MPLS (RFC 3032).
pub(super) const MPLS: EtherType = EtherType(0x8847);
/// MPLS with an upstream-assigned label (RFC 5332).
const MPLS_UPSTREAM: EtherType = EtherType(0x8848);
/// PPPoE session stage (RFC 2516).
const PPPOE_SESSION: EtherType = EtherType(0x8864);
/// An 802.11 frame behind an Ethernet header, as drivers for Intel's Centrino give it.
const CENTRINO: EtherType = EtherType(0x2452);
/// Tags in front of another Ethernet frame: 802.1ah's I-TAG, and Cisco's FabricPath.
const SERVICE_TAG: EtherType = EtherType(0x88e7);
const FABRICPATH: EtherType = EtherType(0x8903);
/// Tags in front of another type: VN-Tag (802.1BR's forerunner), and Cisco MetaData with a TrustSec group.
const VN_TAG: EtherType = EtherType(0x8926);
const METADATA: EtherType = EtherType(0x8909);
/// Transparent Ethernet bridging (RFC 1701).
pub(crate) const BRIDGING: EtherType = EtherType(0x6558);
/// The LLC access point of SNAP (IEEE 802), and that of IP (RFC 1042, old form).
const LLC_SNAP: u8 = 0xaa;
const LLC_IP: u8 = 0x06;

impl Descent {
    /// An Ethernet frame, from its destination address on.
    #[inline]
    pub(crate) fn ethernet<'a>(&mut self, wire: Wire<'a>) -> Result<Wire<'a>, Stop> {
        self.deeper()?;
        let (header, rest) = wire.take::<14>("ethernet header: shorter than 14 bytes")?;
        let [d0, d1, d2, d3, d4, d5, s0, s1, s2, s3, s4, s5, t0, t1] = *header;
        self.macs =
            Macs { source: Some([s0, s1, s2, s3, s4, s5]), destination: Some([d0, d1, d2, d3, d4, d5]) };
        match EtherType(u16::from_be_bytes([t0, t1])) {
            EtherType::IPV4 | EtherType::IPV6 => Ok(rest),
            other => self.ethertype(other, rest),
        }
    }

    /// What an EtherType announces.
    pub(crate) fn ethertype<'a>(&mut self, ethertype: EtherType, wire: Wire<'a>) -> Result<Wire<'a>, Stop> {
        let (mut ethertype, mut wire) = (ethertype, wire);
        loop {
            match ethertype {
                EtherType::IPV4 | EtherType::IPV6 => return Ok(wire),
                EtherType::VLAN_TAGGED_FRAME
                | EtherType::PROVIDER_BRIDGING
                | EtherType::VLAN_DOUBLE_TAGGED_FRAME => {
                    self.deeper()?;
                    let ([_, _, t0, t1], rest) = wire.take("vlan tag: shorter than 4 bytes")?;
                    (ethertype, wire) = (EtherType(u16::from_be_bytes([*t0, *t1])), rest);
                }
                VN_TAG | METADATA => {
                    self.deeper()?;
                    let ([.., t0, t1], rest) = wire.take::<6>("switch's tag: shorter than 6 bytes")?;
                    (ethertype, wire) = (EtherType(u16::from_be_bytes([*t0, *t1])), rest);
                }
                SERVICE_TAG => {
                    return self.ethernet(wire.skip(4, "service instance tag: shorter than 4 bytes")?);
                }
                FABRICPATH => return self.ethernet(wire.skip(2, "fabricpath tag: shorter than 2 bytes")?),
                MACSEC => (ethertype, wire) = self.macsec(wire)?,
                NSH => (ethertype, wire) = self.service_chain(wire)?,
                MPLS | MPLS_UPSTREAM => return self.mpls(wire),
                PPPOE_SESSION => return self.pppoe(wire),
                CENTRINO => return self.wifi(wire),
                BRIDGING => return self.ethernet(wire),
                EtherType(..FIRST_ETHERTYPE) => return self.llc(wire),
                _ => return Err(Stop::NotIp),
            }
        }
    }

    /// An LLC header with IP behind it, directly or through SNAP (RFC 1042).
    pub(super) fn llc<'a>(&mut self, wire: Wire<'a>) -> Result<Wire<'a>, Stop> {
        self.deeper()?;
        let ([to, from, _], rest) = wire.take("llc header: shorter than 3 bytes")?;
        match (*to, *from) {
            (LLC_IP, LLC_IP) => Ok(rest),
            (LLC_SNAP, LLC_SNAP) => {
                let (snap, rest) = rest.take("snap header: shorter than 5 bytes")?;
                match *snap {
                    // Encapsulated Ethernet, as RFC 1042 and as 802.1H bridges write it.
                    [0, 0, 0 | 0xf8, t0, t1] => self.ethertype(EtherType(u16::from_be_bytes([t0, t1])), rest),
                    _ => Err(Stop::NotIp),
                }
            }
            _ => Err(Stop::NotIp),
        }
    }

    /// A stack of MPLS labels. Nothing in it says what follows: IP shows in the first nibble (RFC 4928),
    /// and an Ethernet pseudowire in an EtherType at its place, with a control word before it or without.
    pub(super) fn mpls<'a>(&mut self, wire: Wire<'a>) -> Result<Wire<'a>, Stop> {
        let mut wire = wire;
        loop {
            self.deeper()?;
            let ([_, _, bottom, _], rest) = wire.take("mpls label: shorter than 4 bytes")?;
            wire = rest;
            if bottom & 1 == 1 {
                break;
            }
        }
        let after_control_word = || Wire { captured: wire.captured.get(4..).unwrap_or_default(), ..wire };
        match wire.first() {
            None => Err(wire.lack(1, "mpls payload: empty")),
            Some(first) if first >> 4 == 0 && carries_ip(after_control_word().captured) => {
                self.ethernet(wire.skip(4, "pseudowire control word: shorter than 4 bytes")?)
            }
            Some(0x45..=0x4f | 0x60..=0x6f) if fills(wire) || !carries_ip(wire.captured) => Ok(wire),
            Some(_) if carries_ip(wire.captured) => self.ethernet(wire),
            Some(_) => Err(Stop::NotIp),
        }
    }
}

/// Whether these bytes read as an IP packet that is as long as it says, but for padding.
fn fills(wire: Wire<'_>) -> bool {
    /// What is left of the least Ethernet frame behind its header.
    const PADDED: usize = 46;
    let claimed = match wire.captured {
        [0x45..=0x4f, _, l0, l1, ..] => usize::from(u16::from_be_bytes([*l0, *l1])),
        [0x60..=0x6f, _, _, _, l0, l1, ..] => 40 + usize::from(u16::from_be_bytes([*l0, *l1])),
        _ => return false,
    };
    claimed == wire.len || claimed < wire.len && wire.len <= PADDED
}

/// Whether these bytes read as an Ethernet frame with IP inside it, behind tags or not.
fn carries_ip(bytes: &[u8]) -> bool {
    let mut after_addresses = bytes.get(12..).unwrap_or_default();
    for _ in 0..4 {
        match after_addresses {
            [0x08, 0x00, 0x45..=0x4f, ..] | [0x86, 0xdd, 0x60..=0x6f, ..] => return true,
            [0x81, 0x00, _, _, rest @ ..] | [0x88, 0xa8, _, _, rest @ ..] => after_addresses = rest,
            _ => return false,
        }
    }
    false
}
