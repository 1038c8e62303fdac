//! X.509 certificates (RFC 5280). Nothing is verified here: neither signature,
//! nor chain, nor time.

use std::net::IpAddr;

use asn1_rs::{Any, FromDer, Oid, Tag};
use capture::Timestamp;
use sha2::{Digest, Sha256};
use x509_parser::certificate::X509Certificate;
use x509_parser::extensions::{DistributionPointName, GeneralName, ParsedExtension, X509Extension};
use x509_parser::public_key::PublicKey;
use x509_parser::x509::{SubjectPublicKeyInfo, X509Name};

use crate::error::{DecodeError, ErrorKind};
use crate::events::Events;
use crate::limits::Limits;

use super::event::Certificate;
use crate::text::{hex, lossy, oid};

/// Short names of attribute types (RFC 4514 3, RFC 4519; `SN` is surname, as in LDAP).
const ATTRIBUTES: &[(&str, &str)] = &[
    ("2.5.4.3", "CN"),
    ("2.5.4.4", "SN"),
    ("2.5.4.5", "serialNumber"),
    ("2.5.4.6", "C"),
    ("2.5.4.7", "L"),
    ("2.5.4.8", "ST"),
    ("2.5.4.9", "street"),
    ("2.5.4.10", "O"),
    ("2.5.4.11", "OU"),
    ("2.5.4.42", "GN"),
    ("0.9.2342.19200300.100.1.1", "UID"),
    ("0.9.2342.19200300.100.1.25", "DC"),
    ("1.2.840.113549.1.9.1", "emailAddress"),
];

/// Named curves and the size of their field in bits (RFC 5480 2.1.1.1, SEC 2, RFC 5639).
const CURVES: &[(&str, u32)] = &[
    ("1.2.840.10045.3.1.1", 192),
    ("1.3.132.0.33", 224),
    ("1.2.840.10045.3.1.7", 256),
    ("1.3.132.0.10", 256),
    ("1.3.132.0.34", 384),
    ("1.3.132.0.35", 521),
    ("1.3.36.3.3.2.8.1.1.7", 256),
    ("1.3.36.3.3.2.8.1.1.11", 384),
    ("1.3.36.3.3.2.8.1.1.13", 512),
];

const RSA_ENCRYPTION: &str = "1.2.840.113549.1.1.1";
const EC_PUBLIC_KEY: &str = "1.2.840.10045.2.1";
/// 2.5.29.37, encoded.
const EXTENDED_KEY_USAGE: &[u8] = &[0x55, 0x1D, 0x25];

impl Certificate {
    /// Reads a certificate that stands by itself, outside any handshake. Extensions that cannot be read are passed
    /// over.
    pub fn read(der: &[u8]) -> Result<Self, DecodeError> {
        let sha256 = hex(&Sha256::digest(der));
        let (certificate, trouble) = parse(der, sha256, &Events::new(Limits::default()));
        trouble.filter(|_| certificate.unreadable).map_or(Ok(certificate), Err)
    }
}

/// Reads a certificate whose fingerprint is known. What cannot be read comes back with a reason.
pub(super) fn parse(der: &[u8], sha256: String, out: &Events) -> (Certificate, Option<DecodeError>) {
    let blank = Certificate { sha256, der: der.into(), ..Certificate::default() };
    if let Ok((_, parsed)) = X509Certificate::from_der(der) {
        return fill(blank, &parsed, out);
    }
    let error = DecodeError::new("tls", "certificate", 0, ErrorKind::Unexpected("an x.509 certificate"));
    (Certificate { unreadable: true, ..blank }, Some(error))
}

fn fill(
    blank: Certificate,
    parsed: &X509Certificate<'_>,
    out: &Events,
) -> (Certificate, Option<DecodeError>) {
    let (key_algorithm, key_bits) = key(parsed.public_key());
    let validity = parsed.validity();
    let mut certificate = Certificate {
        version: u8::try_from(parsed.version.0).unwrap_or(u8::MAX).saturating_add(1),
        subject: name(parsed.subject(), out),
        issuer: name(parsed.issuer(), out),
        serial: serial(parsed.raw_serial()),
        not_before: Timestamp::new(validity.not_before.timestamp(), 0),
        not_after: Timestamp::new(validity.not_after.timestamp(), 0),
        not_before_secs: validity.not_before.timestamp(),
        not_after_secs: validity.not_after.timestamp(),
        key_sha256: hex(&Sha256::digest(parsed.public_key().raw)),
        key_algorithm,
        key_bits,
        signature_algorithm: dotted(&parsed.signature_algorithm.algorithm),
        self_issued: parsed.subject().as_raw() == parsed.issuer().as_raw(),
        ..blank
    };
    let mut trouble = None;
    for extension in parsed.extensions() {
        if let Err(kind) = take_extension(&mut certificate, extension, out) {
            trouble.get_or_insert(DecodeError::new("tls", "certificate extension", 0, kind));
        }
    }
    (certificate, trouble)
}

fn take_extension(
    certificate: &mut Certificate,
    extension: &X509Extension<'_>,
    out: &Events,
) -> Result<(), ErrorKind> {
    if extension.oid.as_bytes() == EXTENDED_KEY_USAGE {
        // Read here, because the parsed form forgets the order.
        let Ok((_, usages)) = Vec::<Oid<'_>>::from_der(extension.value) else {
            return Err(ErrorKind::Unexpected("key purposes"));
        };
        certificate.extended_key_usage = usages.iter().map(dotted).collect();
        return within(&mut certificate.extended_key_usage, out);
    }
    match extension.parsed_extension() {
        ParsedExtension::BasicConstraints(constraints) => certificate.ca = constraints.ca,
        ParsedExtension::SubjectAlternativeName(names) => {
            let hosts = names.general_names.iter().filter_map(|name| match name {
                GeneralName::DNSName(host) => Some(out.text(host)),
                _ => None,
            });
            certificate.dns_names.extend(hosts);
            certificate.ip_addresses.extend(names.general_names.iter().filter_map(address));
            within(&mut certificate.ip_addresses, out)?;
            return within(&mut certificate.dns_names, out);
        }
        ParsedExtension::KeyUsage(usage) => certificate.key_usage = Some(usage.flags),
        ParsedExtension::CertificatePolicies(policies) => {
            certificate.policies.extend(policies.iter().map(|policy| dotted(&policy.policy_id)));
            return within(&mut certificate.policies, out);
        }
        ParsedExtension::SCT(_) => certificate.logged = true,
        ParsedExtension::CRLDistributionPoints(points) => {
            for point in points.points.iter().filter_map(|point| point.distribution_point.as_ref()) {
                if let DistributionPointName::FullName(names) = point {
                    certificate.crl_urls.extend(names.iter().filter_map(|name| uri(name, out)));
                }
            }
            return within(&mut certificate.crl_urls, out);
        }
        ParsedExtension::AuthorityInfoAccess(access) => {
            let urls = access.accessdescs.iter().filter_map(|access| uri(&access.access_location, out));
            certificate.aia_urls.extend(urls);
            return within(&mut certificate.aia_urls, out);
        }
        ParsedExtension::ParseError { .. } => {
            return Err(ErrorKind::Unexpected("the extension's own syntax"));
        }
        _ => {}
    }
    Ok(())
}

/// The URLs where a certificate says that its revocation is told: distribution points, and authority information access.
pub(crate) fn revocation_urls(parsed: &X509Certificate<'_>, out: &Events) -> (Vec<String>, Vec<String>) {
    let mut certificate = Certificate::default();
    for extension in parsed.extensions() {
        // What is broken names nothing.
        let _ = take_extension(&mut certificate, extension, out);
    }
    (certificate.crl_urls, certificate.aia_urls)
}

/// Cuts a list at the limit.
fn within<T>(list: &mut Vec<T>, out: &Events) -> Result<(), ErrorKind> {
    let whole = list.len() <= out.limits.list_items;
    list.truncate(out.limits.list_items);
    if whole { Ok(()) } else { Err(ErrorKind::Limit("list_items")) }
}

/// The address of an iPAddress entry. Masks, which only name constraints have, are longer.
fn address(name: &GeneralName<'_>) -> Option<IpAddr> {
    let GeneralName::IPAddress(bytes) = name else { return None };
    let v4 = <[u8; 4]>::try_from(*bytes).map(IpAddr::from);
    v4.or_else(|_| <[u8; 16]>::try_from(*bytes).map(IpAddr::from)).ok()
}

fn uri(name: &GeneralName<'_>, out: &Events) -> Option<String> {
    match name {
        GeneralName::URI(uri) => Some(out.text(uri)),
        _ => None,
    }
}

fn dotted(identifier: &Oid<'_>) -> String {
    oid(identifier.as_bytes()).unwrap_or_else(|| identifier.to_id_string())
}

/// A name's attributes in encoded order.
pub(crate) fn name(name: &X509Name<'_>, out: &Events) -> Vec<String> {
    let terms = name.iter_attributes().take(out.limits.list_items).map(|attribute| {
        let kind = dotted(attribute.attr_type());
        let short = ATTRIBUTES.iter().find(|(known, _)| *known == kind).map(|(_, short)| *short);
        out.text(&[short.unwrap_or(&kind), "=", &text(attribute.attr_value())].concat())
    });
    terms.collect()
}

/// A DirectoryString or one of the other string types as text; other types in hex behind `#` (RFC 4514 2.4).
fn text(value: &Any<'_>) -> String {
    let bytes = value.data;
    match value.tag() {
        Tag::Utf8String | Tag::PrintableString | Tag::Ia5String | Tag::VisibleString | Tag::NumericString => {
            lossy(bytes).into_owned()
        }
        // What goes by the name of T.61 is Latin-1 in practice.
        Tag::T61String => bytes.iter().copied().map(char::from).collect(),
        Tag::BmpString => {
            let units = bytes.chunks_exact(2).map(|pair| u16::from_be_bytes([pair[0], pair[1]]));
            char::decode_utf16(units).map(|unit| unit.unwrap_or(char::REPLACEMENT_CHARACTER)).collect()
        }
        Tag::UniversalString => bytes
            .chunks_exact(4)
            .map(|quad| u32::from_be_bytes([quad[0], quad[1], quad[2], quad[3]]))
            .map(|code| char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER))
            .collect(),
        _ => format!("#{}", hex(bytes)),
    }
}

/// A serial number's content bytes in hex, without leading zeros.
fn serial(bytes: &[u8]) -> String {
    let digits = hex(bytes);
    match digits.trim_start_matches('0') {
        "" => "0".to_owned(),
        significant => significant.to_owned(),
    }
}

/// A key's algorithm and its length in bits.
fn key(info: &SubjectPublicKeyInfo<'_>) -> (String, Option<u32>) {
    let algorithm = dotted(&info.algorithm.algorithm);
    match algorithm.as_str() {
        RSA_ENCRYPTION => {
            let bits = match info.parsed() {
                Ok(PublicKey::RSA(key)) => bit_length(key.modulus),
                _ => None,
            };
            ("RSA".to_owned(), bits)
        }
        EC_PUBLIC_KEY => {
            let curve = info.algorithm.parameters.as_ref().and_then(|any| Oid::try_from(any.clone()).ok());
            let curve = curve.as_ref().map(dotted);
            let known = CURVES.iter().find(|(known, _)| curve.as_deref() == Some(*known));
            ("EC".to_owned(), known.map(|(_, bits)| *bits))
        }
        _ => (algorithm, None),
    }
}

/// Length in bits of an unsigned number, most significant byte first.
fn bit_length(number: &[u8]) -> Option<u32> {
    let zeros = number.iter().take_while(|byte| **byte == 0).count();
    let first = number.get(zeros)?;
    u32::try_from((number.len() - zeros) * 8).ok().map(|bits| bits - first.leading_zeros())
}
