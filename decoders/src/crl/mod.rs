//! Certificate revocation lists as HTTP carries them (RFC 5280 5, RFC 2585 4): who issued one, from when to when it
//! holds, how much it revokes, and its bytes.
//!
//! Plain functions over heads and bodies, as for `ccm`: the `http` decoder keeps the bodies that [`is_asked`](crate::crl::is_asked)
//! and [`is_announced`](crate::crl::is_announced) speak of. A list is *not* verified here, nor is a serial number looked up in it. Lists read from a
//! directory are not seen, and neither are the answers of OCSP responders.

mod event;
#[cfg(test)]
mod tests;

pub use event::*;

use capture::Direction;
use sha2::{Digest, Sha256};
use x509_parser::extensions::ParsedExtension;
use x509_parser::prelude::FromDer;
use x509_parser::revocation_list::CertificateRevocationList;

use crate::ccm::{Application, Body, place};
use crate::error::{DecodeError, ErrorKind};
use crate::events::{Anomaly, Events};
use crate::http::{HttpRequest, HttpResponse};
use crate::limits::Limits;
use crate::text::hex;
use crate::tls::distinguished_name;

/// Media types of lists: that of RFC 2585 and the older one that Windows servers still send.
const MEDIA_TYPES: [&str; 3] = ["application/pkix-crl", "application/x-pkcs7-crl", "application/x-x509-crl"];

/// Extension delta CRL indicator, 2.5.29.27 (RFC 5280 5.2.4), encoded.
const DELTA_INDICATOR: &[u8] = &[0x55, 0x1D, 0x1B];

/// Whether a request asks for a revocation list, by its path.
#[must_use]
pub fn is_asked(request: &HttpRequest) -> bool {
    let place = || place(&request.uri).map(|place| place.application);
    request.method == "GET" && place() == Some(Application::RevocationList)
}

/// Whether a response says that it is a revocation list, by its media type.
#[must_use]
pub fn is_announced(response: &HttpResponse) -> bool {
    let kind = response.content_type.as_deref().unwrap_or_default();
    let kind = kind.split(';').next().unwrap_or_default().trim();
    response.status_code == 200 && MEDIA_TYPES.iter().any(|known| kind.eq_ignore_ascii_case(known))
}

/// Reads the body of an answer that is or should be a list. Answers without content, and parts of a list, say nothing.
pub fn read(response: &HttpResponse, body: Body<'_>, direction: Direction, out: &mut Events) {
    if response.status_code != 200 || (body.bytes.is_empty() && !body.incomplete) {
        return;
    }
    let mut event =
        CrlEvent { exchange: response.exchange, incomplete: body.incomplete, ..CrlEvent::default() };
    if body.incomplete {
        // A list is signed as a whole: without its end it tells nothing.
    } else if body.bytes.len() > out.limits.crl {
        out.anomaly(direction, Anomaly::LimitReached { protocol: "crl", limit: "crl" });
    } else {
        event.sha256 = hex(&Sha256::digest(body.bytes));
        if is_page(body.bytes) {
            event.form = Form::Page;
        } else if !may_be_list(body.bytes) {
            event.form = Form::Other;
        } else if let Err(error) = event.fill(body.bytes, out) {
            out.malformed(direction, error);
        }
    }
    out.service("crl");
    out.push_with(direction, Box::new(event), body.bytes);
}

impl CrlEvent {
    /// Reads a list in DER that stands by itself, outside any answer. An error where the bytes are anything else, or
    /// anything follows.
    pub fn read(der: &[u8]) -> Result<Self, DecodeError> {
        let mut event = Self { sha256: hex(&Sha256::digest(der)), ..Self::default() };
        event.fill(der, &Events::new(Limits::default())).map(|()| event)
    }

    fn fill(&mut self, der: &[u8], out: &Events) -> Result<(), DecodeError> {
        let Ok(([], list)) = CertificateRevocationList::from_der(der) else {
            let kind = ErrorKind::Unexpected("a certificate revocation list");
            return Err(DecodeError::new("crl", "list", 0, kind));
        };
        self.form = Form::List;
        self.issuer = distinguished_name(list.issuer(), out);
        self.this_update_secs = list.last_update().timestamp();
        self.next_update_secs = list.next_update().map(|time| time.timestamp());
        self.revoked = list.iter_revoked_certificates().count() as u64;
        for extension in list.extensions() {
            match extension.parsed_extension() {
                ParsedExtension::AuthorityKeyIdentifier(key) => {
                    self.authority_key = key.key_identifier.as_ref().map(|key| hex(key.0));
                }
                ParsedExtension::CRLNumber(number) => self.number = Some(format!("{number:x}")),
                _ => self.delta |= extension.oid.as_bytes() == DELTA_INDICATOR,
            }
        }
        self.der = der.into();
        Ok(())
    }
}

/// Whether bytes may be a list for all that their beginning tells: a SEQUENCE of that length in DER, the same in Base64,
/// or something compressed (gzip, zlib).
fn may_be_list(bytes: &[u8]) -> bool {
    let coded = bytes.starts_with(b"-----BEGIN") || bytes.starts_with(b"MI");
    let compressed =
        bytes.starts_with(&[0x1F, 0x8B]) || matches!(bytes, [0x78, 0x01 | 0x5E | 0x9C | 0xDA, ..]);
    coded || compressed || is_sequence(bytes)
}

/// Whether bytes are a SEQUENCE and nothing else (X.690 8.1.3, definite lengths).
fn is_sequence(bytes: &[u8]) -> bool {
    let [0x30, length, rest @ ..] = bytes else { return false };
    let (length, content) = match length {
        0..=0x7F => (usize::from(*length), rest),
        0x81..=0x84 => {
            let (digits, content) = rest.split_at(rest.len().min(usize::from(length & 0x7F)));
            (digits.iter().fold(0, |sum, digit| sum << 8 | usize::from(*digit)), content)
        }
        _ => return false,
    };
    length == content.len()
}

/// Whether bytes are HTML: markup behind white space and, perhaps, a byte order mark.
fn is_page(bytes: &[u8]) -> bool {
    let bytes = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes);
    let text = bytes.trim_ascii_start();
    let begins = |tag: &[u8]| text.get(..tag.len()).is_some_and(|start| start.eq_ignore_ascii_case(tag));
    begins(b"<!doctype") || begins(b"<html") || begins(b"<?xml") || begins(b"<head") || begins(b"<!--")
}
