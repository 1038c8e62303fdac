//! Presentation contexts as binds offer them and acknowledgements answer them (C706 12.6.3, 12.6.4).

use super::wire::Ordered;
use crate::error::DecodeError;

/// Transfer syntax NDR64 ([MS-RPCE] 2.2.4.12).
const NDR64: &str = "71710533-beba-4937-8319-b5dbef9ccc36";

/// One presentation context that a bind or alter context request offers.
pub(super) struct Offer {
    pub(super) id: u16,
    /// UUID of the abstract syntax, in lower case.
    pub(super) interface: String,
    /// Its major version.
    pub(super) major: u16,
    /// Whether the transfer syntax offered last is NDR64; Windows offers each in a context of its own.
    pub(super) ndr64: bool,
}

/// Reads the body of a bind or alter context request. What was read before an error has been handed to `each`.
pub(super) fn offers(body: &mut Ordered<'_>, mut each: impl FnMut(Offer)) -> Result<(), DecodeError> {
    body.skip("fragment sizes and association group", 8)?;
    let count = body.u8("context count")?;
    body.skip("reserved", 3)?;
    for _ in 0..count {
        let id = body.u16("context id")?;
        let transfers = body.u8("transfer syntax count")?;
        body.skip("reserved", 1)?;
        let interface = body.uuid("abstract syntax")?;
        // Major version below, minor version above.
        let version = body.u32("abstract syntax version")?;
        let major = u16::try_from(version & 0xFFFF).unwrap_or_default();
        let mut ndr64 = false;
        for _ in 0..transfers {
            ndr64 = body.uuid("transfer syntax")? == NDR64;
            body.skip("transfer syntax version", 4)?;
        }
        each(Offer { id, interface, major, ndr64 });
    }
    Ok(())
}

/// Reads the body of a bind or alter context response: how many contexts were accepted and how many refused.
pub(super) fn results(body: &mut Ordered<'_>) -> Result<(usize, usize), DecodeError> {
    body.skip("fragment sizes and association group", 8)?;
    let len = body.u16("secondary address length")?;
    body.skip("secondary address", usize::from(len))?;
    body.align("padding", 4)?;
    let count = body.u8("result count")?;
    body.skip("reserved", 3)?;
    let (mut accepted, mut refused) = (0, 0);
    for _ in 0..count {
        match body.u16("result")? {
            0 => accepted += 1,
            1 | 2 => refused += 1,
            // 3 answers the negotiation of features at bind time, which is no interface.
            _ => {}
        }
        body.skip("result reason and transfer syntax", 22)?;
    }
    Ok((accepted, refused))
}
