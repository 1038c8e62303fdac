//! Headers that a capturing device or host puts before a frame that has a link layer of its own: PPI, PKTAP, Prism and
//! AVS for 802.11, Endace's ERF, netANALYZER, Juniper's routers, and the firewall and IPsec taps of the BSDs.
//!
//! What they tell of time, signal and interface is not read.

use super::{Descent, ppp, wifi};
use crate::frame::LinkType;
use crate::wire::{Stop, Wire};

const ENC: LinkType = LinkType(109);
const PFLOG: LinkType = LinkType(117);
const PRISM: LinkType = LinkType(119);
const AVS: LinkType = LinkType(163);
const JUNIPER_ETHERNET: LinkType = LinkType(178);
const PPI: LinkType = LinkType(192);
const ERF: LinkType = LinkType(197);
const NETANALYZER: LinkType = LinkType(240);
const NETANALYZER_TRANSPARENT: LinkType = LinkType(241);
const PKTAP: LinkType = LinkType(258);

/// An AVS header where a Prism header is announced begins with this.
const AVS_MAGIC: [u8; 3] = [0x80, 0x21, 0x10];
/// What begins a frame of Juniper's, and bits of the byte behind it: there is no link layer, and extensions follow.
const JUNIPER_MAGIC: [u8; 3] = *b"MGC";
const JUNIPER_NO_LINK: u8 = 0x02;
const JUNIPER_EXTENSIONS: u8 = 0x80;
/// ERF record types (Endace ERF types reference): HDLC, Ethernet in several colours, IPv4 and IPv6.
const ERF_HDLC: u8 = 1;
const ERF_ETHERNET: [u8; 4] = [2, 11, 16, 20];
const ERF_IP: [u8; 2] = [22, 23];
/// Set in an ERF type where an extension header follows.
const ERF_MORE: u8 = 0x80;
/// ERF extension headers read. Structural: a handful are defined.
const MAX_ERF_EXTENSIONS: usize = 16;

impl Descent {
    /// A frame in an envelope of this link type.
    pub(super) fn envelope<'a>(&mut self, link: LinkType, wire: Wire<'a>) -> Result<Wire<'a>, Stop> {
        self.deeper()?;
        match link {
            ENC => wire.skip(12, "encapsulation header: shorter than 12 bytes"),
            PFLOG => pflog(wire),
            PRISM | AVS => self.prism(wire),
            PPI => {
                let ([_, _, l0, l1, d0, d1, 0, 0], _) = wire.take("ppi header: shorter than 8 bytes")? else {
                    return Err(Stop::UnknownLink);
                };
                let len = u16::from_le_bytes([*l0, *l1]);
                let frame = wire.skip(len.into(), "ppi length: beyond the frame")?;
                self.link(LinkType(u16::from_le_bytes([*d0, *d1])), frame)
            }
            JUNIPER_ETHERNET => self.juniper_ethernet(wire),
            ERF => self.erf(wire),
            NETANALYZER => self.ethernet(wire.skip(4, "netanalyzer header: shorter than 4 bytes")?),
            // The frame's preamble and start delimiter are there too.
            NETANALYZER_TRANSPARENT => {
                self.ethernet(wire.skip(12, "netanalyzer header and preamble: shorter than 12 bytes")?)
            }
            PKTAP => {
                let (header, _) = wire.take::<12>("pktap header: shorter than 12 bytes")?;
                let [l0, l1, l2, l3, _, _, _, _, d0, d1, d2, d3] = *header;
                let len = u32::from_le_bytes([l0, l1, l2, l3]);
                let frame = wire.skip(len as usize, "pktap length: beyond the frame")?;
                let inner = u16::try_from(u32::from_le_bytes([d0, d1, d2, d3]));
                self.link(LinkType(inner.map_err(|_| Stop::UnknownLink)?), frame)
            }
            _ => self.wide_area(link, wire),
        }
    }

    /// A Prism header in the byte order of the capturing host, or an AVS header in network byte order; the second field
    /// of both is the header's length.
    fn prism<'a>(&mut self, wire: Wire<'a>) -> Result<Wire<'a>, Stop> {
        let [m0, m1, m2, _, l0, l1, l2, l3] = *wire.peek("prism header: shorter than 8 bytes")?;
        let big = [m0, m1, m2] == AVS_MAGIC || l0 == 0;
        let len = if big { u32::from_be_bytes } else { u32::from_le_bytes }([l0, l1, l2, l3]);
        self.link(wifi::IEEE802_11, wire.skip(len as usize, "prism header length: beyond the frame")?)
    }

    /// An Ethernet frame as a router of Juniper's gives it.
    fn juniper_ethernet<'a>(&mut self, wire: Wire<'a>) -> Result<Wire<'a>, Stop> {
        let ([m0, m1, m2, flags], mut rest) = wire.take("juniper header: shorter than 4 bytes")?;
        if [*m0, *m1, *m2] != JUNIPER_MAGIC || flags & JUNIPER_NO_LINK != 0 {
            return Err(Stop::NotIp);
        }
        if flags & JUNIPER_EXTENSIONS != 0 {
            let (length, after) = rest.take("juniper extensions length: missing")?;
            let length = usize::from(u16::from_be_bytes(*length));
            rest = after.skip(length, "juniper extensions: beyond the frame")?;
        }
        self.ethernet(rest)
    }

    /// An ERF record.
    fn erf<'a>(&mut self, wire: Wire<'a>) -> Result<Wire<'a>, Stop> {
        let (header, mut rest) = wire.take::<16>("erf header: shorter than 16 bytes")?;
        let [.., kind, _, _, _, _, _, w0, w1] = *header;
        let mut more = kind & ERF_MORE != 0;
        for _ in 0..MAX_ERF_EXTENSIONS {
            if !more {
                break;
            }
            let ([first, ..], after) = rest.take::<8>("erf extension header: shorter than 8 bytes")?;
            (more, rest) = (first & ERF_MORE != 0, after);
        }
        let len = usize::from(u16::from_be_bytes([w0, w1]));
        match kind & !ERF_MORE {
            ERF_HDLC => self.link(ppp::PPP_HDLC, rest.clamp(len)),
            // Two bytes say where the destination address begins.
            kind if ERF_ETHERNET.contains(&kind) => {
                self.ethernet(rest.skip(2, "erf ethernet pad: shorter than 2 bytes")?.clamp(len))
            }
            kind if ERF_IP.contains(&kind) => Ok(rest.clamp(len)),
            _ => Err(Stop::NotIp),
        }
    }
}

/// A packet that OpenBSD's packet filter logged: length, address family, and more, padded to a multiple of four.
fn pflog(wire: Wire<'_>) -> Result<Wire<'_>, Stop> {
    let [len, family] = *wire.peek("pflog header: shorter than 2 bytes")?;
    let packet = wire.skip(usize::from(len).next_multiple_of(4), "pflog length: beyond the frame")?;
    if matches!(family, 2 | 10 | 24 | 28 | 30) { Ok(packet) } else { Err(Stop::NotIp) }
}
