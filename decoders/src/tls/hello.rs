//! ClientHello and ServerHello (RFC 8446 4.1, RFC 5246 7.4.1, extensions RFC 6066, RFC 7301, RFC 8422).
//!
//! The fixed part must be sound, or there is no hello. A broken extension costs that extension alone: the first
//! error comes back beside what could be read.

use crate::error::{DecodeError, ErrorKind};
use crate::events::Events;
use crate::limits::Limits;
use crate::reader::Reader;
use crate::text::lossy;

use super::event::{ClientHello, ServerHello};
use super::key_exchange::session_name;

/// Extension numbers (IANA "TLS ExtensionType Values").
pub(super) mod extension {
    pub(in crate::tls) const SERVER_NAME: u16 = 0;
    pub(in crate::tls) const SUPPORTED_GROUPS: u16 = 10;
    pub(in crate::tls) const EC_POINT_FORMATS: u16 = 11;
    pub(in crate::tls) const SIGNATURE_ALGORITHMS: u16 = 13;
    pub(in crate::tls) const ALPN: u16 = 16;
    /// RFC 7366.
    pub(in crate::tls) const ENCRYPT_THEN_MAC: u16 = 22;
    /// RFC 7627.
    pub(in crate::tls) const EXTENDED_MASTER_SECRET: u16 = 23;
    /// RFC 5077.
    pub(in crate::tls) const SESSION_TICKET: u16 = 35;
    pub(in crate::tls) const PRE_SHARED_KEY: u16 = 41;
    pub(in crate::tls) const EARLY_DATA: u16 = 42;
    pub(in crate::tls) const SUPPORTED_VERSIONS: u16 = 43;
    pub(in crate::tls) const KEY_SHARE: u16 = 51;
}

/// SHA-256 of "HelloRetryRequest": the random that makes a ServerHello one (RFC 8446 4.1.3).
const HELLO_RETRY: [u8; 32] = [
    0xCF, 0x21, 0xAD, 0x74, 0xE5, 0x9A, 0x61, 0x11, 0xBE, 0x1D, 0x8C, 0x02, 0x1E, 0x65, 0xB8, 0x91, 0xC2,
    0xA2, 0x11, 0x16, 0x7A, 0xBB, 0x8C, 0x5E, 0x07, 0x9E, 0x09, 0xE2, 0xC8, 0xA8, 0x33, 0x9C,
];

/// First draft of TLS 1.3 whose ServerHello has the shape of RFC 8446.
const FIRST_DRAFT_WITH_SESSION_ID: u16 = 0x7F16;

type Found = Result<(), DecodeError>;

/// Reads a ClientHello, its handshake header left out.
pub(crate) fn client_hello(
    body: &[u8],
    out: &Events,
) -> Result<(ClientHello, Option<DecodeError>), DecodeError> {
    let mut reader = Reader::new("tls", body);
    let mut hello = ClientHello { version: reader.u16_be("legacy_version")?, ..ClientHello::default() };
    hello.random = reader.array("random")?;
    hello.session_id = session_id(&mut reader)?;
    let length = usize::from(reader.u16_be("cipher_suites")?);
    let mut list = reader.sub("cipher_suites", length)?;
    hello.cipher_suites = u16s(&mut list, "cipher_suites", out.limits.tls_ciphers, "tls_ciphers")?;
    let length = usize::from(reader.u8("compression_methods")?);
    reader.skip("compression_methods", length)?;
    let trouble = extensions(&mut reader, &out.limits, |kind, data| {
        hello.extensions.push(kind);
        client_extension(&mut hello, kind, data, out)
    });
    Ok((hello, trouble))
}

/// The ticket that a ClientHello offers, its handshake header left out; empty where there is none.
pub(super) fn ticket(body: &[u8], limits: &Limits) -> Vec<u8> {
    let mut found = Vec::new();
    let mut walk = || -> Found {
        let mut reader = Reader::new("tls", body);
        reader.skip("random", 2 + 32)?;
        session_id(&mut reader)?;
        let length = usize::from(reader.u16_be("cipher_suites")?);
        reader.skip("cipher_suites", length)?;
        let length = usize::from(reader.u8("compression_methods")?);
        reader.skip("compression_methods", length)?;
        // What is wrong with extensions was said where the hello was read.
        let _ = extensions(&mut reader, limits, |kind, mut data| {
            if kind == extension::SESSION_TICKET {
                found = data.take("session_ticket", data.left())?.to_vec();
            }
            Ok(())
        });
        Ok(())
    };
    let _ = walk();
    found
}

/// Reads a ServerHello, its handshake header left out. Whether it resumes is not said here.
pub(super) fn server_hello(
    body: &[u8],
    out: &Events,
) -> Result<(ServerHello, Option<DecodeError>), DecodeError> {
    let mut reader = Reader::new("tls", body);
    let legacy = reader.u16_be("legacy_version")?;
    let hello_retry = reader.array::<32>("random")? == HELLO_RETRY;
    let mut hello = ServerHello { version: legacy, hello_retry, ..ServerHello::default() };
    let old_draft = legacy >> 8 == 0x7F && legacy < FIRST_DRAFT_WITH_SESSION_ID;
    if !old_draft {
        hello.session_id = session_id(&mut reader)?;
    }
    hello.cipher = reader.u16_be("cipher_suite")?;
    if !old_draft {
        reader.skip("compression_method", 1)?;
    }
    let trouble = extensions(&mut reader, &out.limits, |kind, mut data| {
        hello.extensions.push(kind);
        match kind {
            extension::KEY_SHARE => hello.group = Some(data.u16_be("key_share")?),
            extension::PRE_SHARED_KEY => hello.psk = Some(data.u16_be("pre_shared_key")?),
            extension::SUPPORTED_VERSIONS => hello.version = data.u16_be("selected_version")?,
            extension::ALPN => {
                data.skip("alpn", 2)?;
                let length = usize::from(data.u8("alpn")?);
                hello.alpn = Some(out.text(&lossy(data.take("alpn", length)?)));
            }
            _ => {}
        }
        Ok(())
    });
    Ok((hello, trouble))
}

/// Whether a version is TLS 1.3 or a draft of it.
pub(super) const fn is_tls13(version: u16) -> bool {
    version == 0x0304 || matches!(version >> 8, 0x7F | 0xFB)
}

fn session_id(reader: &mut Reader<'_>) -> Result<Vec<u8>, DecodeError> {
    let length = reader.u8("session_id")?;
    if length > 32 {
        return Err(reader.error("session_id", ErrorKind::Value(length.into())));
    }
    Ok(reader.take("session_id", length.into())?.to_vec())
}

/// Walks the extensions, which may be left out altogether, and gives back the first trouble met.
fn extensions<'a>(
    reader: &mut Reader<'a>,
    limits: &Limits,
    mut each: impl FnMut(u16, Reader<'a>) -> Found,
) -> Option<DecodeError> {
    let mut trouble = None;
    let mut walk = || -> Found {
        if reader.is_empty() {
            return Ok(());
        }
        let length = usize::from(reader.u16_be("extensions")?);
        let mut list = reader.sub("extensions", length)?;
        let mut count = 0;
        while !list.is_empty() {
            count += 1;
            if count > limits.list_items {
                return Err(list.error("extensions", ErrorKind::Limit("list_items")));
            }
            let kind = list.u16_be("extension_type")?;
            let length = usize::from(list.u16_be("extension_data")?);
            let data = list.sub("extension_data", length)?;
            if let Err(error) = each(kind, data) {
                trouble.get_or_insert(error);
            }
        }
        Ok(())
    };
    let end = walk().err();
    trouble.or(end)
}

fn client_extension(hello: &mut ClientHello, kind: u16, mut data: Reader<'_>, out: &Events) -> Found {
    match kind {
        extension::SERVER_NAME => hello.server_name = server_name(data, out)?,
        extension::SUPPORTED_GROUPS => hello.groups = listed(data, "supported_groups", &out.limits)?,
        extension::SIGNATURE_ALGORITHMS => {
            hello.signature_algorithms = listed(data, "signature_algorithms", &out.limits)?;
        }
        extension::EC_POINT_FORMATS => {
            let length = usize::from(data.u8("ec_point_formats")?);
            hello.point_formats = data.take("ec_point_formats", length)?.to_vec();
        }
        extension::SUPPORTED_VERSIONS => {
            let length = usize::from(data.u8("supported_versions")?);
            let mut list = data.sub("supported_versions", length)?;
            hello.supported_versions =
                u16s(&mut list, "supported_versions", out.limits.list_items, "list_items")?;
        }
        extension::ALPN => {
            let length = usize::from(data.u16_be("alpn")?);
            let mut list = data.sub("alpn", length)?;
            while !list.is_empty() {
                if hello.alpn.len() >= out.limits.list_items {
                    return Err(list.error("alpn", ErrorKind::Limit("list_items")));
                }
                let length = usize::from(list.u8("alpn")?);
                let name = list.take("alpn", length)?;
                hello.first_alpn.get_or_insert_with(|| name.into());
                hello.alpn.push(out.text(&lossy(name)));
            }
        }
        extension::SESSION_TICKET => {
            let ticket = data.rest();
            hello.ticket = Some(ticket).filter(|ticket| !ticket.is_empty()).map(session_name);
        }
        extension::PRE_SHARED_KEY => psk_identities(hello, data, &out.limits)?,
        extension::KEY_SHARE => key_shares(hello, data, &out.limits)?,
        _ => {}
    }
    Ok(())
}

/// The identities offered (RFC 8446 4.2.11); the binders behind them prove the keys.
fn psk_identities(hello: &mut ClientHello, mut data: Reader<'_>, limits: &Limits) -> Found {
    let length = usize::from(data.u16_be("identities")?);
    let mut list = data.sub("identities", length)?;
    while !list.is_empty() {
        if hello.psk_identities.len() >= limits.list_items {
            return Err(list.error("identities", ErrorKind::Limit("list_items")));
        }
        let length = usize::from(list.u16_be("identity")?);
        hello.psk_identities.push(session_name(list.take("identity", length)?));
        list.skip("obfuscated_ticket_age", 4)?;
    }
    Ok(())
}

/// The groups of the keys brought (RFC 8446 4.2.8).
fn key_shares(hello: &mut ClientHello, mut data: Reader<'_>, limits: &Limits) -> Found {
    let length = usize::from(data.u16_be("client_shares")?);
    let mut list = data.sub("client_shares", length)?;
    while !list.is_empty() {
        if hello.key_shares.len() >= limits.list_items {
            return Err(list.error("client_shares", ErrorKind::Limit("list_items")));
        }
        hello.key_shares.push(list.u16_be("group")?);
        let length = usize::from(list.u16_be("key_exchange")?);
        list.skip("key_exchange", length)?;
    }
    Ok(())
}

/// The first host_name of a server_name list (RFC 6066 3). An empty extension names nobody.
fn server_name(mut data: Reader<'_>, out: &Events) -> Result<Option<String>, DecodeError> {
    if data.is_empty() {
        return Ok(None);
    }
    let length = usize::from(data.u16_be("server_name")?);
    let mut list = data.sub("server_name", length)?;
    while !list.is_empty() {
        let kind = list.u8("server_name")?;
        let length = usize::from(list.u16_be("server_name")?);
        let name = list.take("server_name", length)?;
        if kind == 0 {
            return Ok(Some(out.text(&lossy(name))));
        }
    }
    Ok(None)
}

/// A list of 16-bit numbers led by its length in bytes.
fn listed(mut data: Reader<'_>, field: &'static str, limits: &Limits) -> Result<Vec<u16>, DecodeError> {
    let length = usize::from(data.u16_be(field)?);
    u16s(&mut data.sub(field, length)?, field, limits.list_items, "list_items")
}

/// Numbers to the end of a list, as many as the limit of that name allows.
fn u16s(
    list: &mut Reader<'_>,
    field: &'static str,
    most: usize,
    limit: &'static str,
) -> Result<Vec<u16>, DecodeError> {
    if list.left() / 2 > most {
        return Err(list.error(field, ErrorKind::Limit(limit)));
    }
    let mut numbers = Vec::with_capacity(list.left() / 2);
    while !list.is_empty() {
        numbers.push(list.u16_be(field)?);
    }
    Ok(numbers)
}
