//! Certificates made by `testdata/make.py`, and what is none.

use super::super::{Certificate, sent};
use crate::Limits;
use crate::events::Events;

fn read_certificate(der: &[u8]) -> std::sync::Arc<Certificate> {
    let (certificate, trouble) = sent::read(der, &mut Events::new(Limits::default()));
    assert_eq!(trouble, None);
    certificate
}

#[test]
fn server_certificate_is_read_in_full() {
    let certificate = read_certificate(include_bytes!("../testdata/server.der"));
    assert_eq!(certificate.subject, ["C=DE", "O=Example", "OU=Site P01", "CN=mp01.example.test"]);
    assert_eq!(certificate.issuer, ["DC=test", "DC=example", "CN=SMS Issuing"]);
    assert_eq!(certificate.serial, "1");
    assert_eq!((certificate.key_algorithm.as_str(), certificate.key_bits), ("RSA", Some(2_048)));
    assert_eq!(certificate.signature_algorithm, "1.2.840.10045.4.3.2");
    assert_eq!(certificate.dns_names, ["mp01.example.test", "mp01"]);
    assert_eq!(certificate.ip_addresses, [std::net::Ipv4Addr::new(192, 0, 2, 10)]);
    assert_eq!(certificate.extended_key_usage, ["1.3.6.1.5.5.7.3.1", "1.3.6.1.5.5.7.3.2"]);
    assert_eq!((certificate.version, certificate.key_usage), (3, None));
    assert!(certificate.policies.is_empty() && !certificate.logged);
    assert_eq!(*certificate.der, *include_bytes!("../testdata/server.der"));
    assert_eq!(certificate.crl_urls, ["http://crl.example.test/p01.crl"]);
    assert_eq!(certificate.aia_urls, ["http://ca.example.test/p01.cer", "http://ocsp.example.test"]);
    assert!(!certificate.ca && !certificate.self_issued && !certificate.unreadable);
    let days = (certificate.not_after_secs - certificate.not_before_secs) / 86_400;
    assert_eq!(days, 36_500);
    assert_eq!(certificate.not_after.as_secs(), certificate.not_after_secs);
    assert_eq!((certificate.sha256.len(), certificate.key_sha256.len()), (64, 64));
}

#[test]
fn issuing_and_client_certificates_show_authority_and_key_purposes() {
    let issuing = read_certificate(include_bytes!("../testdata/issuing.der"));
    assert!(issuing.ca && issuing.self_issued);
    assert_eq!(issuing.serial, "c0ffee");
    assert_eq!((issuing.key_algorithm.as_str(), issuing.key_bits), ("EC", Some(256)));
    let client = read_certificate(include_bytes!("../testdata/client.der"));
    assert_eq!(client.serial, "0");
    assert_eq!(
        client.extended_key_usage,
        ["1.3.6.1.5.5.7.3.2", "1.3.6.1.4.1.311.101.2", "1.3.6.1.4.1.311.101"],
        "in encoded order"
    );
}

#[test]
fn key_usage_policies_and_timestamps_of_logs_are_read() {
    let certificate = read_certificate(include_bytes!("../testdata/public.der"));
    assert_eq!(certificate.key_usage, Some(0b1_0001), "digitalSignature and keyAgreement");
    assert_eq!(certificate.policies, ["2.23.140.1.2.1", "1.3.6.1.4.1.44947.1.1.1"]);
    assert_eq!(certificate.ip_addresses, ["2001:db8::1".parse::<std::net::IpAddr>().unwrap()]);
    assert!(certificate.logged);
}

#[test]
fn a_certificate_by_itself_is_read_as_in_a_handshake() {
    let der = include_bytes!("../testdata/server.der");
    assert_eq!(Certificate::read(der), Ok((*read_certificate(der)).clone()));
    assert!(Certificate::read(b"not a certificate").is_err());
}

#[test]
fn names_keep_order_short_names_and_bmp_strings() {
    let certificate = read_certificate(include_bytes!("../testdata/names.der"));
    let expected = [
        "CN=Büro",
        "SN=Muster",
        "serialNumber=7",
        "C=DE",
        "L=Köln",
        "ST=NRW",
        "street=Weg 1",
        "O=Example",
        "OU=IT",
        "GN=Erika",
        "emailAddress=it@example.test",
        "DC=test",
        "UID=u1",
        "2.5.4.12=Dr",
    ];
    assert_eq!(certificate.subject, expected);
    assert!(certificate.not_after_secs > certificate.not_after.as_secs(), "nanoseconds end in 2262");
}

#[test]
fn garbage_in_place_of_a_certificate_keeps_its_bytes_and_hash_alone() {
    let bytes = b"not a certificate";
    let (certificate, trouble) = sent::read(bytes, &mut Events::new(Limits::default()));
    let expected = Certificate {
        unreadable: true,
        der: bytes.as_slice().into(),
        sha256: "47209c9b7af839de69e9a9cd625e9182c1ad63dae79ed88a2dd680fe34218620".to_owned(),
        ..Certificate::default()
    };
    assert_eq!(*certificate, expected);
    assert_eq!(trouble.unwrap().to_string(), "tls: certificate at byte 0: expected an x.509 certificate");
}

#[test]
fn every_prefix_of_a_certificate_is_unreadable() {
    let der = include_bytes!("../testdata/server.der");
    for end in 0..der.len() {
        let (certificate, trouble) = sent::read(&der[..end], &mut Events::new(Limits::default()));
        assert!(certificate.unreadable && trouble.is_some(), "{end} bytes");
    }
}

#[test]
fn a_certificate_seen_again_is_the_one_already_read() {
    let der = include_bytes!("../testdata/server.der");
    let mut out = Events::new(Limits { known_certificates: 1, ..Limits::default() });
    let (first, _) = sent::read(der, &mut out);
    let (again, _) = sent::read(der, &mut out);
    assert!(std::sync::Arc::ptr_eq(&first, &again));
}
