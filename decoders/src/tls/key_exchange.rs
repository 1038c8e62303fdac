//! What a server's handshake messages say of keys and sessions beside its hello: the group of its key exchange, and the
//! tickets that it gives out. Neither keys nor tickets are kept: of a ticket its hash, which names the session.

use sha2::{Digest, Sha256};

use crate::error::DecodeError;
use crate::reader::Reader;

use super::event::{KeyExchange, SessionTicket};

/// ECCurveType named_curve (RFC 8422 5.4).
const NAMED_CURVE: u8 = 3;
/// Fewest bytes of a Diffie-Hellman prime that is taken for one, and most.
const PRIME: std::ops::RangeInclusive<usize> = 32..=2_048;

/// Reads a ServerKeyExchange, up to TLS 1.2 (RFC 8422 5.4, RFC 5246 7.4.3). Its form depends on the cipher suite; what has
/// neither that of a named curve nor that of a prime says nothing.
pub(super) fn server_key_exchange(body: &[u8]) -> Option<KeyExchange> {
    named_curve(body).or_else(|| prime(body))
}

/// A curve's number and a point of fitting length, then a signature.
fn named_curve(body: &[u8]) -> Option<KeyExchange> {
    let mut reader = Reader::new("tls", body);
    let named = reader.u8("curve_type").ok()? == NAMED_CURVE;
    let group = reader.u16_be("namedcurve").ok()?;
    let length = reader.u8("point").ok()?;
    let point = reader.take("point", length.into()).ok()?;
    // X25519 and X448, or the two forms of a point (RFC 8422 5.4.1).
    let fits = matches!(point.len(), 32 | 56) || matches!(point.first(), Some(2..=4));
    (named && fits).then_some(KeyExchange { group: Some(group), prime_bits: None })
}

/// A prime, a generator and a public value, then perhaps a signature.
fn prime(body: &[u8]) -> Option<KeyExchange> {
    let mut reader = Reader::new("tls", body);
    let mut value = |field| {
        let length = reader.u16_be(field).ok()?;
        reader.take(field, length.into()).ok()
    };
    let (prime, generator, public) = (value("dh_p")?, value("dh_g")?, value("dh_Ys")?);
    let prime = prime.get(prime.iter().position(|byte| *byte != 0)?..)?;
    let fits = PRIME.contains(&prime.len()) && !generator.is_empty() && !public.is_empty();
    let bits = u32::try_from(prime.len() * 8).ok()?.checked_sub(prime.first()?.leading_zeros())?;
    fits.then_some(KeyExchange { group: None, prime_bits: Some(bits) })
}

/// Reads a NewSessionTicket: the form of RFC 5077 3.3, or that of TLS 1.3 (RFC 8446 4.6.1). An empty ticket, by which a
/// server changes its mind, is none.
pub(super) fn new_session_ticket(body: &[u8], tls13: bool) -> Result<Option<SessionTicket>, DecodeError> {
    let mut reader = Reader::new("tls", body);
    let lifetime_secs = reader.u32_be("ticket_lifetime")?;
    if tls13 {
        reader.skip("ticket_age_add", 4)?;
        let length = reader.u8("ticket_nonce")?;
        reader.skip("ticket_nonce", length.into())?;
    }
    let length = reader.u16_be("ticket")?;
    let ticket = reader.take("ticket", length.into())?;
    Ok((!ticket.is_empty()).then(|| SessionTicket { lifetime_secs, sha256: session_name(ticket) }))
}

/// What names a session by its ticket or PSK identity: the SHA-256 of it.
pub(super) fn session_name(ticket: &[u8]) -> [u8; 32] {
    Sha256::digest(ticket).into()
}
