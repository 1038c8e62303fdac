//! What a hello says of the software that sent it: JA3 (MD5) and JA4 (SHA-256, cut to 12 digits) of a ClientHello, JA4S of
//! a ServerHello, after their authors' descriptions. None names a program by itself; many share one TLS stack.
//!
//! JA3 and JA4 are free to use. JA4S is one of the methods that its authors call JA4+ and license for use other than for
//! money (FoxIO License 1.1); no code of theirs is here.

use std::fmt::Write as _;

use md5::Md5;
use sha2::{Digest, Sha256};

use super::event::{ClientHello, ServerHello};
use super::hello::extension;
use crate::text::hex;

/// Whether a number was sent only to keep servers tolerant (RFC 8701).
pub(super) const fn is_grease(number: u16) -> bool {
    number & 0x0F0F == 0x0A0A && number >> 8 == number & 0xFF
}

/// JA3: version, ciphers, extensions, groups and point formats as decimals, GREASE left out.
pub(super) fn ja3(hello: &ClientHello) -> String {
    let decimals = |numbers: &[u16]| {
        let numbers: Vec<_> =
            numbers.iter().filter(|number| !is_grease(**number)).map(u16::to_string).collect();
        numbers.join("-")
    };
    let formats: Vec<_> = hello.point_formats.iter().map(u8::to_string).collect();
    let text = format!(
        "{},{},{},{},{}",
        hello.version,
        decimals(&hello.cipher_suites),
        decimals(&hello.extensions),
        decimals(&hello.groups),
        formats.join("-")
    );
    hex(&Md5::digest(text))
}

/// JA4 of a hello over TCP. `alpn` is the first protocol offered, as sent; empty if none was.
pub(super) fn ja4(hello: &ClientHello, alpn: &[u8]) -> String {
    let ciphers = sorted(&hello.cipher_suites, |_| false);
    let count = |numbers: &[u16]| numbers.iter().filter(|number| !is_grease(**number)).count().min(99);
    let sni = if hello.extensions.contains(&extension::SERVER_NAME) { 'd' } else { 'i' };
    let [first, last] = alpn_letters(alpn);
    let mut extensions =
        sorted(&hello.extensions, |kind| matches!(kind, extension::SERVER_NAME | extension::ALPN));
    if !extensions.is_empty() && !hello.signature_algorithms.is_empty() {
        extensions.push('_');
        extensions.push_str(&listed(hello.signature_algorithms.iter().copied()));
    }
    format!(
        "t{}{sni}{:02}{:02}{first}{last}_{}_{}",
        version(hello),
        count(&hello.cipher_suites),
        count(&hello.extensions),
        short_hash(&ciphers),
        short_hash(&extensions)
    )
}

/// JA4S of a hello over TCP: version, number of extensions, protocol, cipher suite, and the extensions in their order.
pub(super) fn ja4s(hello: &ServerHello) -> String {
    let [first, last] = alpn_letters(hello.alpn.as_deref().unwrap_or_default().as_bytes());
    format!(
        "t{}{:02}{first}{last}_{:04x}_{}",
        version_letters(hello.version),
        hello.extensions.len().min(99),
        hello.cipher,
        short_hash(&listed(hello.extensions.iter().copied()))
    )
}

/// The highest version offered, in two characters.
fn version(hello: &ClientHello) -> &'static str {
    let offered = hello.supported_versions.iter().copied().filter(|version| !is_grease(*version)).max();
    version_letters(offered.unwrap_or(hello.version))
}

fn version_letters(version: u16) -> &'static str {
    match version {
        0x0304 => "13",
        0x0303 => "12",
        0x0302 => "11",
        0x0301 => "10",
        0x0300 => "s3",
        0x0002 => "s2",
        _ => "00",
    }
}

/// First and last character of the first protocol; of its hex form, where either is no letter or digit.
fn alpn_letters(alpn: &[u8]) -> [char; 2] {
    let (Some(&first), Some(&last)) = (alpn.first(), alpn.last()) else { return ['0', '0'] };
    if first.is_ascii_alphanumeric() && last.is_ascii_alphanumeric() {
        return [first.into(), last.into()];
    }
    let digit = |nibble: u8| char::from_digit(nibble.into(), 16).unwrap_or('0');
    [digit(first >> 4), digit(last & 0x0F)]
}

fn sorted(numbers: &[u16], left_out: impl Fn(u16) -> bool) -> String {
    let mut numbers: Vec<_> = numbers.iter().copied().filter(|number| !left_out(*number)).collect();
    numbers.sort_unstable();
    listed(numbers.into_iter())
}

/// Numbers in hex, four digits each, with commas, GREASE left out.
fn listed(numbers: impl Iterator<Item = u16>) -> String {
    let mut text = String::new();
    for number in numbers.filter(|number| !is_grease(*number)) {
        let comma = if text.is_empty() { "" } else { "," };
        // Writing to a string cannot fail.
        let _ = write!(text, "{comma}{number:04x}");
    }
    text
}

fn short_hash(text: &str) -> String {
    if text.is_empty() {
        return "0".repeat(12);
    }
    let mut hash = hex(&Sha256::digest(text));
    hash.truncate(12);
    hash
}
