//! `multipart/mixed` bodies, split on raw bytes (RFC 2046 5.1).
//!
//! One part may be UTF-16 and another compressed, so nothing is decoded before the body is split. Any boundary is
//! taken: senders differ.

use memchr::memmem;

use crate::error::{DecodeError, ErrorKind};

/// Bytes of a part's head; structural: a few short header lines.
const PART_HEAD: usize = 4 << 10;
/// Characters of a boundary: RFC 2046 allows 70, some senders go beyond.
const BOUNDARY: usize = 256;

/// One part of a body.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Part<'a> {
    /// What follows the part's header and its empty line, without the line break that belongs to the next delimiter.
    pub(super) bytes: &'a [u8],
    /// Whether the delimiter that ends it was there.
    pub(super) whole: bool,
}

/// Splits a body. Parts are returned as far as they are there; the error says why it ended early.
pub(super) fn split<'a>(
    body: &'a [u8],
    content_type: Option<&str>,
    most: usize,
) -> (Vec<Part<'a>>, Result<(), DecodeError>) {
    let mut parts = Vec::new();
    let Some(boundary) = boundary(body, content_type) else {
        return (parts, Err(error("boundary", 0, ErrorKind::Unexpected("multipart boundary"))));
    };
    let mut delimiter = b"--".to_vec();
    delimiter.extend_from_slice(&boundary);
    let finder = memmem::Finder::new(&delimiter);
    let Some(first) = delimiter_from(body, 0, &finder) else {
        return (parts, Err(error("delimiter", 0, ErrorKind::Unexpected("multipart delimiter"))));
    };
    let mut at = first + delimiter.len();
    loop {
        let rest = body.get(at..).unwrap_or_default();
        if rest.starts_with(b"--") {
            return (parts, Ok(()));
        }
        if parts.len() >= most {
            return (parts, Err(error("part", at, ErrorKind::Limit("multipart_parts"))));
        }
        let end = delimiter_from(body, at, &finder);
        match part(body, at, end) {
            Ok(part) => parts.push(part),
            Err(error) => return (parts, Err(error)),
        }
        let Some(end) = end else {
            let kind = ErrorKind::Unexpected("closing delimiter");
            return (parts, Err(error("part", body.len(), kind)));
        };
        at = end + delimiter.len();
    }
}

/// The part that begins after a delimiter and ends before the next.
fn part(body: &[u8], start: usize, end: Option<usize>) -> Result<Part<'_>, DecodeError> {
    let stop = end.map_or(body.len(), |end| before_line_break(body, end).max(start));
    let content = body.get(start..stop).unwrap_or_default();
    let Some(line) = memmem::find(content.get(..BOUNDARY.min(content.len())).unwrap_or_default(), b"\n")
    else {
        return Err(error("delimiter", start, ErrorKind::Unexpected("line break after the delimiter")));
    };
    // From the line break on, so that an empty header ends as any other does.
    let content = content.get(line..).unwrap_or_default();
    let within = content.get(..PART_HEAD.min(content.len())).unwrap_or_default();
    let Some(head) = header_end(within) else {
        return Err(error("part header", start, ErrorKind::Unexpected("empty line after the part header")));
    };
    Ok(Part { bytes: content.get(head..).unwrap_or_default(), whole: end.is_some() })
}

/// Where the first empty line ends. Line breaks may lack the CR, as in the head around the body (RFC 9112 2.2).
fn header_end(bytes: &[u8]) -> Option<usize> {
    memchr::memchr_iter(b'\n', bytes).find_map(|at| match bytes.get(at + 1..)? {
        [b'\n', ..] => Some(at + 2),
        [b'\r', b'\n', ..] => Some(at + 3),
        _ => None,
    })
}

/// The next delimiter that begins a line.
fn delimiter_from(body: &[u8], from: usize, finder: &memmem::Finder<'_>) -> Option<usize> {
    let searched = body.get(from..)?;
    finder
        .find_iter(searched)
        .map(|found| from + found)
        .find(|at| *at == 0 || at.checked_sub(1).and_then(|before| body.get(before)) == Some(&b'\n'))
}

/// Where the line break before a delimiter begins.
fn before_line_break(body: &[u8], delimiter: usize) -> usize {
    let before = body.get(..delimiter).unwrap_or_default();
    let ends = before.strip_suffix(b"\r\n").or_else(|| before.strip_suffix(b"\n"));
    ends.map_or(delimiter, <[u8]>::len)
}

/// The boundary that the header names, or else the one that the body begins with.
fn boundary(body: &[u8], content_type: Option<&str>) -> Option<Vec<u8>> {
    let named = content_type.and_then(parameter).map(String::into_bytes);
    let present = |named: &Vec<u8>| memmem::find(body, named).is_some();
    named.filter(present).or_else(|| first_line(body))
}

/// Parameter `boundary` of a content type, quoted or not.
fn parameter(content_type: &str) -> Option<String> {
    let value = content_type.split(';').find_map(|piece| {
        let (name, value) = piece.split_once('=')?;
        name.trim().eq_ignore_ascii_case("boundary").then(|| value.trim())
    })?;
    let value = value.trim_matches('"');
    (!value.is_empty() && value.len() <= BOUNDARY).then(|| value.to_owned())
}

fn first_line(body: &[u8]) -> Option<Vec<u8>> {
    let line = body.strip_prefix(b"--")?;
    let line = line.get(..BOUNDARY.min(line.len()))?.split(|byte| *byte == b'\n').next()?;
    let line = line.strip_suffix(b"\r").unwrap_or(line);
    let printable = line.iter().all(|byte| (0x20..0x7F).contains(byte));
    (!line.is_empty() && printable).then(|| line.to_vec())
}

const fn error(field: &'static str, at: usize, kind: ErrorKind) -> DecodeError {
    DecodeError::new("ccm", field, at, kind)
}
