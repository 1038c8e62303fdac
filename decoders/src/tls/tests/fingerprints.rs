//! Fingerprints against examples that their authors publish.

use super::super::{ClientHello, ServerHello, fingerprint};

#[test]
fn ja3_and_ja4_are_those_their_authors_publish() {
    let old = ClientHello {
        version: 769,
        cipher_suites: vec![47, 53, 5, 10, 49161, 49162, 49171, 49172, 50, 56, 19, 4],
        extensions: vec![0, 10, 11],
        groups: vec![23, 24, 25],
        point_formats: vec![0],
        ..ClientHello::default()
    };
    assert_eq!(fingerprint::ja3(&old), "ada70206e40642a3e4461f35503241d5");
    let browser = ClientHello {
        version: 0x0303,
        supported_versions: vec![0x7A7A, 0x0304, 0x0303],
        cipher_suites: vec![
            0x3A3A, 0x1301, 0x1302, 0x1303, 0xC02B, 0xC02F, 0xC02C, 0xC030, 0xCCA9, 0xCCA8, 0xC013, 0xC014,
            0x009C, 0x009D, 0x002F, 0x0035,
        ],
        extensions: vec![
            0x1A1A, 0x001B, 0x0000, 0x0033, 0x0010, 0x4469, 0x0017, 0x002D, 0x000D, 0x0005, 0x0023, 0x0012,
            0x002B, 0xFF01, 0x000B, 0x000A, 0x0015,
        ],
        signature_algorithms: vec![0x0403, 0x0804, 0x0401, 0x0503, 0x0805, 0x0501, 0x0806, 0x0601],
        ..ClientHello::default()
    };
    assert_eq!(fingerprint::ja4(&browser, b"h2"), "t13d1516h2_8daaf6152771_e5627efa2ab1");
}

#[test]
fn ja4_of_a_bare_hello_has_zeros_and_odd_alpn_goes_to_hex() {
    let bare = ClientHello { version: 0x0301, ..ClientHello::default() };
    assert_eq!(fingerprint::ja4(&bare, b""), "t10i000000_000000000000_000000000000");
    assert!(fingerprint::ja4(&bare, &[0xAB]).starts_with("t10i0000ab_"));
    assert!(fingerprint::ja4(&bare, &[0x30, 0xAB]).starts_with("t10i00003b_"));
}

#[test]
fn ja4s_is_that_its_authors_publish() {
    let hello = ServerHello {
        version: 0x0303,
        cipher: 0xC030,
        extensions: vec![0x0005, 0x0017, 0xFF01, 0x0000],
        ..ServerHello::default()
    };
    assert_eq!(hello.ja4s(), "t120400_c030_4e8089b08790");
    let old = ServerHello {
        version: 0x0303,
        cipher: 0x002F,
        alpn: Some("h2".to_owned()),
        ..ServerHello::default()
    };
    assert_eq!(old.ja4s(), "t1200h2_002f_000000000000");
}
