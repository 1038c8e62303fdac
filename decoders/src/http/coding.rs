//! Content codings (RFC 9110 8.4.1): what was compressed on its way is inflated before it is read.
//!
//! Only bodies that are wanted come here. `gzip` and `deflate` are known; any other coding leaves the body unread.

use std::borrow::Cow;
use std::io::Read;

use capture::Direction;
use flate2::read::{DeflateDecoder, GzDecoder, ZlibDecoder};

use crate::ccm::Body;
use crate::error::{DecodeError, ErrorKind};
use crate::events::{Anomaly, Events};

/// Takes the coding off a body, at most [`crate::Limits::inflated`] octets of it, and says whether something is missing
/// now. What is not coded as said stays as it is: some server and some proxy always forgets to take the field away.
pub(super) fn decode<'a>(
    coding: Option<&str>,
    body: Body<'a>,
    direction: Direction,
    out: &mut Events,
) -> (Cow<'a, [u8]>, bool) {
    let plain = (Cow::Borrowed(body.bytes), body.incomplete);
    let (most, mut inflated) = (out.limits.inflated, Vec::new());
    let mut read = |decoder: &mut dyn Read| {
        inflated.clear();
        let bound = u64::try_from(most).unwrap_or(u64::MAX).saturating_add(1);
        decoder.take(bound).read_to_end(&mut inflated).is_ok()
    };
    let coding = coding.map(|coding| coding.trim().to_ascii_lowercase()).unwrap_or_default();
    let well = match coding.as_str() {
        "gzip" | "x-gzip" if body.bytes.starts_with(&[0x1F, 0x8B]) => read(&mut GzDecoder::new(body.bytes)),
        // RFC 9110 8.4.1.2: some senders leave the zlib wrapper out.
        "deflate" if is_zlib(body.bytes) => read(&mut ZlibDecoder::new(body.bytes)),
        "deflate" if read(&mut DeflateDecoder::new(body.bytes)) => true,
        "" | "identity" | "gzip" | "x-gzip" | "deflate" => return plain,
        _ => return (plain.0, true),
    };
    if inflated.len() > most {
        inflated.truncate(most);
        out.anomaly(direction, Anomaly::LimitReached { protocol: "http", limit: "inflated" });
        return (Cow::Owned(inflated), true);
    }
    if !well && !body.incomplete {
        let kind = ErrorKind::Unexpected("content of the coding stated");
        out.malformed(direction, DecodeError::new("http", "content-encoding", inflated.len(), kind));
    }
    (Cow::Owned(inflated), body.incomplete || !well)
}

/// Whether bytes begin as a zlib stream does (RFC 1950 2.2).
fn is_zlib(bytes: &[u8]) -> bool {
    matches!(*bytes, [method, flags, ..] if method & 0x0F == 8 && u16::from_be_bytes([method, flags]).is_multiple_of(31))
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use flate2::Compression;
    use flate2::write::{DeflateEncoder, GzEncoder, ZlibEncoder};

    use super::*;
    use crate::Limits;

    const TEXT: &[u8] = b"<MPList><MP Name=\"MP1\"/></MPList>";

    fn gzip(bytes: &[u8]) -> Vec<u8> {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    }

    fn decoded(coding: &str, bytes: &[u8], limits: Limits) -> (Vec<u8>, bool, usize) {
        let mut out = Events::new(limits);
        let body = Body { bytes, incomplete: false };
        let (bytes, incomplete) = decode(Some(coding), body, Direction::ToClient, &mut out);
        (bytes.into_owned(), incomplete, out.said().len())
    }

    #[test]
    fn every_known_coding_is_taken_off() {
        let mut zlib = ZlibEncoder::new(Vec::new(), Compression::default());
        zlib.write_all(TEXT).unwrap();
        let mut raw = DeflateEncoder::new(Vec::new(), Compression::default());
        raw.write_all(TEXT).unwrap();
        for (coding, bytes) in [
            ("gzip", gzip(TEXT)),
            (" X-GZIP ", gzip(TEXT)),
            ("deflate", zlib.finish().unwrap()),
            ("deflate", raw.finish().unwrap()),
            ("identity", TEXT.to_vec()),
            ("gzip", TEXT.to_vec()),
            ("deflate", TEXT.to_vec()),
        ] {
            assert_eq!(decoded(coding, &bytes, Limits::default()), (TEXT.to_vec(), false, 0), "{coding}");
        }
    }

    #[test]
    fn a_coding_that_is_not_known_leaves_the_body_unread() {
        assert_eq!(decoded("br", TEXT, Limits::default()), (TEXT.to_vec(), true, 0));
    }

    #[test]
    fn a_bomb_stops_at_the_limit_and_is_reported() {
        let limits = Limits { inflated: 1000, ..Limits::default() };
        let (bytes, incomplete, said) = decoded("gzip", &gzip(&vec![b' '; 1 << 20]), limits);
        assert_eq!((bytes.len(), incomplete, said), (1000, true, 1));
        assert!(!decoded("gzip", &gzip(&[b' '; 1000]), limits).1, "exactly the limit is no bomb");
    }

    #[test]
    fn a_broken_stream_is_read_as_far_as_it_goes_and_said() {
        let whole = gzip(TEXT);
        let (bytes, incomplete, said) = decoded("gzip", &whole[..whole.len() - 6], Limits::default());
        assert_eq!((bytes.as_slice(), incomplete, said), (TEXT, true, 1));
    }
}
