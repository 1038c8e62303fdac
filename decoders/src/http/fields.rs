//! Header fields (RFC 9112 5), and the challenges and credentials in them (RFC 9110 11).
//!
//! Well-formed fields are read by `httparse`. What it refuses is read line by line, since a broken line must not hide
//! the others from an observer.

use base64::Engine;
use base64::alphabet::STANDARD;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use memchr::memchr;

use crate::error::{DecodeError, ErrorKind};
use crate::text::lossy;

/// Heads with more fields than this are read line by line.
const USUAL: usize = 48;

/// What was wrong with a field section.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Faults {
    /// The first line that is no field.
    pub(crate) malformed: Option<DecodeError>,
    /// More than [`crate::Limits::http_headers`] fields: the rest was not read.
    pub(crate) too_many: bool,
}

/// Gives each field of a section, its value without the spaces around it. The section begins behind the start line
/// and may lack its end.
pub(crate) fn each<'a>(section: &'a [u8], limit: usize, mut field: impl FnMut(&'a [u8], &'a [u8])) -> Faults {
    let mut usual = [httparse::EMPTY_HEADER; USUAL];
    if let Ok(httparse::Status::Complete((_, fields))) = httparse::parse_headers(section, &mut usual)
        && fields.len() <= limit
    {
        for read in fields {
            field(read.name.as_bytes(), read.value);
        }
        return Faults::default();
    }
    each_line(section, limit, field)
}

/// The same, whatever the lines are like. A last line without its end is not a field: its value may be cut.
fn each_line<'a>(section: &'a [u8], limit: usize, mut field: impl FnMut(&'a [u8], &'a [u8])) -> Faults {
    let mut faults = Faults::default();
    let (mut offset, mut count) = (0, 0);
    while let Some(rest) = section.get(offset..)
        && let Some(end) = memchr(b'\n', rest)
        && let Some(line) = rest.get(..end)
    {
        let fault = match (line.first(), memchr(b':', line)) {
            (None, _) | (Some(b'\r'), None) => break,
            (Some(b' ' | b'\t'), _) => Some("folded line"),
            (_, Some(colon)) if colon > 0 => {
                count += 1;
                if count > limit {
                    faults.too_many = true;
                    break;
                }
                let (name, value) = line.split_at(colon);
                field(name.trim_ascii(), value.get(1..).unwrap_or_default().trim_ascii());
                None
            }
            _ => Some("line without a name"),
        };
        if let Some(what) = fault {
            let error = DecodeError::new("http", "header field", offset, ErrorKind::Unexpected(what));
            faults.malformed.get_or_insert(error);
        }
        offset += end + 1;
    }
    faults
}

/// The first word of a credentials field, in lower case.
pub(crate) fn scheme(value: &[u8]) -> Option<String> {
    let word = value.split(u8::is_ascii_whitespace).next().filter(|word| !word.is_empty())?;
    Some(lossy(word).to_ascii_lowercase())
}

/// Gives each scheme offered in a challenge field, as sent. One field may hold several, separated by commas, and
/// each its own parameters, separated by commas as well (RFC 9110 11.6.1).
pub(crate) fn challenges(value: &[u8], mut offered: impl FnMut(&[u8])) {
    let mut rest = value;
    while !rest.is_empty() {
        let (element, after) = element(rest);
        rest = after;
        let element = element.trim_ascii();
        let word = element.iter().take_while(|byte| !matches!(byte, b' ' | b'\t' | b'=')).count();
        let (word, behind) = element.split_at(word);
        if !word.is_empty() && behind.trim_ascii_start().first() != Some(&b'=') {
            offered(word);
        }
    }
}

/// What stands before the next comma outside quotes, and what stands behind it.
fn element(list: &[u8]) -> (&[u8], &[u8]) {
    let (mut quoted, mut escaped) = (false, false);
    for (at, byte) in list.iter().enumerate() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if quoted => escaped = true,
            b'"' => quoted = !quoted,
            b',' if !quoted => {
                return (list.get(..at).unwrap_or_default(), list.get(at + 1..).unwrap_or_default());
            }
            _ => {}
        }
    }
    (list, &[])
}

/// The token of a scheme that carries one: NTLM, Negotiate ([MS-NTHT], RFC 4559), and Kerberos as WinRM writes it.
/// A head bounds its length.
pub(crate) fn token(value: &[u8]) -> Option<Vec<u8>> {
    const BASE64: GeneralPurpose = GeneralPurpose::new(
        &STANDARD,
        GeneralPurposeConfig::new()
            .with_decode_allow_trailing_bits(true)
            .with_decode_padding_mode(DecodePaddingMode::Indifferent),
    );
    let blank = value.iter().position(|byte| *byte == b' ')?;
    let (scheme, token) = value.split_at(blank);
    let known = [b"ntlm".as_slice(), b"negotiate", b"kerberos"];
    if !known.iter().any(|known| scheme.eq_ignore_ascii_case(known)) {
        return None;
    }
    let token = token.trim_ascii();
    let token = token.split(|byte| *byte == b',').next().unwrap_or_default();
    BASE64.decode(token).ok().filter(|token| !token.is_empty())
}
