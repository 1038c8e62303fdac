//! Service names in the calls of the service control manager ([MS-SCMR]), as far as they go unencrypted.
//!
//! Reads the one argument that names a service, no other argument and no other interface.

use super::wire::Ordered;
use crate::error::DecodeError;
use crate::utf16_le;

/// svcctl ([MS-SCMR] 1.9).
const INTERFACE: &str = "367abb81-9844-35f1-ad32-98f038001003";
/// RCreateServiceW ([MS-SCMR] 3.1.4.12).
const CREATE_SERVICE_W: u16 = 12;
/// ROpenServiceW ([MS-SCMR] 3.1.4.16).
const OPEN_SERVICE_W: u16 = 16;
/// Longest service name in UTF-16 units, with its terminating zero ([MS-SCMR] 3.1.1).
const LONGEST_NAME: u64 = 257;
/// Bytes of stub data and security trailer that are waited for.
pub(super) const LONGEST_REQUEST: usize = 4_096;
/// Bytes of a context handle.
const HANDLE: usize = 20;

/// Whether an interface is svcctl.
pub(super) fn is(interface: &str) -> bool {
    interface == INTERFACE
}

/// Whether a call names a service.
pub(super) const fn names_service(opnum: u16) -> bool {
    matches!(opnum, CREATE_SERVICE_W | OPEN_SERVICE_W)
}

/// lpServiceName, which in both calls stands right behind the handle of the service manager.
pub(super) fn service_name(opnum: u16, stub: &[u8], little: bool, ndr64: bool) -> Option<String> {
    if !names_service(opnum) {
        return None;
    }
    read(stub, little, ndr64).ok().flatten()
}

/// A conformant and varying string: most, first, count, units.
fn read(stub: &[u8], little: bool, ndr64: bool) -> Result<Option<String>, DecodeError> {
    let mut stub = Ordered::new(stub, little);
    stub.skip("service manager handle", HANDLE)?;
    stub.align("padding", if ndr64 { 8 } else { 4 })?;
    let most = stub.size("service name size", ndr64)?;
    let first = stub.size("service name offset", ndr64)?;
    let count = stub.size("service name length", ndr64)?;
    let Some(units) =
        usize::try_from(count).ok().filter(|_| first == 0 && count <= most && count <= LONGEST_NAME)
    else {
        return Ok(None);
    };
    let bytes = stub.take("service name", units * 2)?;
    let name = if little {
        utf16_le(bytes)
    } else {
        utf16_le(&bytes.chunks_exact(2).flat_map(|unit| [unit[1], unit[0]]).collect::<Vec<_>>())
    };
    let name = name.trim_end_matches('\0');
    let sane = !name.is_empty() && !name.chars().any(|c| c.is_control() || c == char::REPLACEMENT_CHARACTER);
    Ok(sane.then(|| name.to_owned()))
}
