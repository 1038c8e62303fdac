//! Compressed datagrams (IPComp, RFC 3173), as far as they are deflated (RFC 2394).
//!
//! Which algorithm a negotiated number stands for was said where nobody sees it (IKE). What inflates to its very end is
//! taken for deflated; by chance that does not happen.

#[cfg(test)]
mod tests;

use etherparse::IpNumber;
use miniz_oxide::inflate::TINFLStatus;
use miniz_oxide::inflate::core::{DecompressorOxide, decompress, inflate_flags};

use super::{Carrier, Upper};
use crate::defrag::Whole;
use crate::limits::Limits;
use crate::wire::{Stop, Wire};

/// The protocol number of a compressed datagram.
pub(super) const IPCOMP: IpNumber = IpNumber(108);
/// The well-known number of DEFLATE; the others below [`NEGOTIATED`] are other algorithms or none (RFC 3173 3.3).
const DEFLATE: u16 = 2;
const NEGOTIATED: u16 = 256;

/// A datagram whose payload is compressed.
#[derive(Clone, Copy, Debug)]
pub struct Compressed<'a> {
    /// Around the compressed bytes, with the protocol that is inside.
    upper: Upper<'a>,
    carrier: Carrier,
}

/// Reads the header of a compressed datagram.
pub(super) fn dissect<'a>(
    upper: &Upper<'a>,
    carrier: Carrier,
    limits: &Limits,
) -> Result<Compressed<'a>, Stop> {
    let (&[next, _, high, low], wire) = upper.wire.take("ipcomp header: shorter than 4 bytes")?;
    let index = u16::from_be_bytes([high, low]);
    if index != DEFLATE && index < NEGOTIATED {
        return Err(Stop::OtherTransport);
    }
    // What is missing at the end makes the whole unreadable.
    if wire.is_cut() || wire.truncated {
        return Err(Stop::Cut);
    }
    if carrier.depth >= limits.tunnel_depth {
        return Err(Stop::Malformed("ipcomp headers: nested deeper than the limit"));
    }
    let carrier = Carrier { depth: carrier.depth + 1, ..carrier };
    Ok(Compressed { upper: Upper { protocol: IpNumber(next), wire, ..*upper }, carrier })
}

impl Compressed<'_> {
    /// The datagram as it was before it was compressed.
    pub(crate) fn inflate(&self, limits: &Limits) -> Result<Whole, Stop> {
        let packed = self.upper.wire.captured;
        let mut bytes = vec![0; limits.inflated_datagram];
        let flags = inflate_flags::TINFL_FLAG_USING_NON_WRAPPING_OUTPUT_BUF;
        let mut inflater = Box::<DecompressorOxide>::default();
        let (status, read, made) = decompress(&mut inflater, packed, &mut bytes, 0, flags);
        match status {
            TINFLStatus::Done if read == packed.len() => {
                bytes.truncate(made);
                let wire = Wire::new(&bytes, made);
                Ok(Whole::of(&Upper { wire, ..self.upper }, self.carrier))
            }
            TINFLStatus::HasMoreOutput => Err(Stop::Malformed("ipcomp payload: inflates beyond the limit")),
            _ => Err(Stop::OtherTransport),
        }
    }
}
