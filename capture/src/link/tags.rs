//! Tags that protect or steer what is behind them: MACsec without confidentiality (IEEE 802.1AE), and the header of a
//! network service chain (RFC 8300).
//!
//! Not read: what MACsec encrypts, the value that proves it whole, and metadata of chains.

use etherparse::EtherType;

use super::Descent;
use super::ethernet::{BRIDGING, MPLS};
use crate::wire::{Stop, Wire};

/// MACsec, and NSH where Ethernet carries it.
pub(super) const MACSEC: EtherType = EtherType(0x88e5);
pub(crate) const NSH: EtherType = EtherType(0x894f);

/// Bits of MACsec's control information (IEEE 802.1AE 9.5): a version that is none yet, a channel identifier that is
/// there, and user data that is encrypted or otherwise changed.
const MACSEC_VERSION: u8 = 0x80;
const MACSEC_CHANNEL: u8 = 0x20;
const MACSEC_SEALED: u8 = 0x08 | 0x04;

/// Bits of NSH (RFC 8300 2.2): the version, and a packet of those who run the chain. The length is in words of 4 bytes.
const NSH_VERSION: u8 = 0xc0;
const NSH_OPERATION: u8 = 0x20;
const NSH_LENGTH: u8 = 0x3f;

impl Descent {
    /// A MACsec tag: the type of the user data, and the data with the integrity check value behind it.
    pub(super) fn macsec<'a>(&mut self, wire: Wire<'a>) -> Result<(EtherType, Wire<'a>), Stop> {
        self.deeper()?;
        let ([control, ..], mut rest) = wire.take::<6>("macsec tag: shorter than 6 bytes")?;
        if control & (MACSEC_VERSION | MACSEC_SEALED) != 0 {
            return Err(Stop::NotIp);
        }
        if control & MACSEC_CHANNEL != 0 {
            rest = rest.skip(8, "macsec channel identifier: shorter than 8 bytes")?;
        }
        let (ethertype, rest) = rest.take("macsec user data: shorter than a type")?;
        Ok((EtherType(u16::from_be_bytes(*ethertype)), rest))
    }

    /// The header of a service chain: the type of what is inside, and its bytes.
    pub(super) fn service_chain<'a>(&mut self, wire: Wire<'a>) -> Result<(EtherType, Wire<'a>), Stop> {
        self.deeper()?;
        let [flags, length, _, next] = *wire.peek("nsh header: shorter than 4 bytes")?;
        if flags & (NSH_VERSION | NSH_OPERATION) != 0 {
            return Err(Stop::NotIp);
        }
        // The service path, of a word, is always there too.
        let length = usize::from(length & NSH_LENGTH).max(2) * 4;
        let ethertype = match next {
            1 => EtherType::IPV4,
            2 => EtherType::IPV6,
            3 => BRIDGING,
            4 => NSH,
            5 => MPLS,
            _ => return Err(Stop::NotIp),
        };
        Ok((ethertype, wire.skip(length, "nsh length: beyond the frame")?))
    }
}

#[cfg(test)]
mod tests {
    use crate::link::frames::{carries_request, ethernet, join, request, request6, text};

    #[test]
    fn macsec_is_read_unless_it_encrypts() {
        let user = join(&[&[0x08, 0x00], &request(), &[0xcc; 16]]);
        let tagged =
            |control, channel: &[u8]| ethernet(0x88e5, &join(&[&[control, 0, 0, 0, 0, 1], channel, &user]));
        carries_request(1, &tagged(0x00, &[]));
        carries_request(1, &tagged(0x23, &[7; 8]));
        for sealed in [0x2c, 0x08, 0x04, 0x80] {
            assert_eq!(text(1, &tagged(sealed, &[])), "NotIp", "{sealed:#x}");
        }
    }

    #[test]
    fn service_chains_carry_ip_and_ethernet() {
        let chain = |second: u8, next: u8, context: &[u8], inner: &[u8]| {
            ethernet(0x894f, &join(&[&[0x0f, second, 1, next, 0, 0, 9, 255], context, inner]))
        };
        carries_request(1, &chain(0xc2, 1, &[], &request()));
        carries_request(1, &chain(0xc6, 2, &[0; 16], &request6()));
        carries_request(1, &chain(0xc2, 3, &[], &ethernet(0x0800, &request())));
        carries_request(1, &chain(0xc0, 1, &[], &request()));
        assert_eq!(text(1, &chain(0xc2, 6, &[], &request())), "NotIp", "an experiment");
        let endless = ethernet(0x894f, &[0x0f, 0xc2, 1, 4, 0, 0, 9, 255].repeat(40));
        assert!(text(1, &endless).starts_with("Malformed(\"link headers"));
    }
}
