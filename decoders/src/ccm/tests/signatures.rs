use rsa::Pkcs1v15Sign;
use sha1::Sha1;
use sha2::{Digest, Sha256, Sha384, Sha512};

use super::key::CERTIFICATE;
use super::sample::*;
use crate::ccm::signature::utf16;
use crate::ccm::*;
use crate::text::hex;

const VALID: Verdict = Verdict::Valid { digest_info: true };

fn signed(payload: &[u8], auth: &ClientAuth) -> CcmMessage {
    message(&body(&header("StatusReceiver", &format!("{}{ZLIB_HOOK}", auth.hook())), payload))
}

#[test]
fn a_signature_over_the_compressed_bytes_is_valid() {
    let payload = zlib(&payload(STATUS));
    let message = signed(&payload, &ClientAuth::over(&payload));
    assert_eq!(message.signature.verdict, VALID);
    assert_eq!(message.signature.hash, Some(Hash::Sha256));
    assert_eq!(message.signature.hash_algorithm.as_deref(), Some("1.2.840.113549.1.1.11"));
    assert_eq!(message.signature.key_bits, Some(1024));
    assert_eq!(message.signature.key_id, Some(key_id()));
    assert_eq!(message.id_signature.verdict, VALID);
}

#[test]
fn an_uncompressed_payload_is_signed_with_the_line_break_behind_it() {
    let payload = payload(STATUS);
    let auth = ClientAuth::over(&payload);
    let plain = message(&body(&header("StatusReceiver", &auth.hook()), &payload));
    assert_eq!(plain.signature.verdict, VALID);
    assert_eq!(plain.compression, Compression::None);

    let auth = ClientAuth::over(&payload[..payload.len() - 2]);
    let without = message(&body(&header("StatusReceiver", &auth.hook()), &payload));
    assert_eq!(without.signature.verdict, Verdict::Invalid);
}

#[test]
fn a_changed_payload_makes_the_signature_invalid() {
    let auth = ClientAuth::over(&zlib(&payload(STATUS)));
    let changed = zlib(&payload(&STATUS.replace("WKS-0042", "WKS-0666")));
    let message = signed(&changed, &auth);
    assert_eq!(message.signature.verdict, Verdict::Invalid);
    assert_eq!(message.signature.key_id, Some(key_id()));
    assert_eq!(message.id_signature.verdict, VALID, "the identifier was not touched");
}

#[test]
fn missing_and_empty_signatures_are_absent() {
    let bytes = zlib(&payload(STATUS));
    let unsigned = message(&body(&header("StatusReceiver", ZLIB_HOOK), &bytes));
    assert_eq!(unsigned.signature, Signature::default());

    let empty = ClientAuth { payload: String::new(), id: "  ".to_owned(), ..ClientAuth::over(&bytes) };
    let empty = signed(&bytes, &empty);
    assert_eq!(empty.signature, Signature::default());
    assert_eq!(empty.id_signature, Signature::default());
}

#[test]
fn what_is_no_hex_is_invalid() {
    let bytes = zlib(&payload(STATUS));
    for value in ["ABC", "not hex at all", "00", &"FF".repeat(128), &"00".repeat(128)] {
        let auth = ClientAuth { payload: value.to_owned(), ..ClientAuth::over(&bytes) };
        assert_eq!(signed(&bytes, &auth).signature.verdict, Verdict::Invalid, "{value}");
    }
}

#[test]
fn a_big_endian_modulus_is_tried_too() {
    let bytes = zlib(&payload(STATUS));
    let auth = ClientAuth { public_key: public_key_blob(true), ..ClientAuth::over(&bytes) };
    let message = signed(&bytes, &auth);
    assert_eq!(message.signature.verdict, VALID);
    assert_eq!(message.signature.key_id, Some(key_id()), "the same key has the same name");
}

#[test]
fn a_bare_hash_without_digest_info_verifies_and_says_so() {
    let bytes = zlib(&payload(STATUS));
    let bare = sign(Pkcs1v15Sign::new_unprefixed(), &Sha256::digest(&bytes));
    let message = signed(&bytes, &ClientAuth { payload: bare, ..ClientAuth::over(&bytes) });
    assert_eq!(message.signature.verdict, Verdict::Valid { digest_info: false });
}

#[test]
fn every_hash_verifies_whatever_the_algorithm_names() {
    let bytes = zlib(&payload(STATUS));
    let signatures = [
        (Hash::Sha1, sign(Pkcs1v15Sign::new::<Sha1>(), &Sha1::digest(&bytes))),
        (Hash::Sha384, sign(Pkcs1v15Sign::new::<Sha384>(), &Sha384::digest(&bytes))),
        (Hash::Sha512, sign(Pkcs1v15Sign::new::<Sha512>(), &Sha512::digest(&bytes))),
    ];
    for (hash, payload) in signatures {
        for algorithm in ["1.2.840.113549.1.1.5", "1.2.840.113549.1.1.13", "1.2.840.113549.1.1.4", ""] {
            let auth = ClientAuth { payload: payload.to_lowercase(), algorithm, ..ClientAuth::over(&bytes) };
            let signature = signed(&bytes, &auth).signature;
            assert_eq!((signature.verdict, signature.hash), (VALID, Some(hash)), "{algorithm}");
        }
    }
}

#[test]
fn md5_is_named_but_not_judged() {
    let auth = ClientAuth { algorithm: "1.2.840.113549.1.1.4", ..ClientAuth::over(b"something else") };
    let signature = signed(&zlib(&payload(STATUS)), &auth).signature;
    assert_eq!(signature.verdict, Verdict::NotVerifiable("hash algorithm md5"));
    assert_eq!(signature.hash, Some(Hash::Md5));
}

#[test]
fn an_encrypted_payload_cannot_be_verified() {
    let plain = zlib(&payload(STATUS));
    let mut cipher = vec![0x30, 0x82, 0x01, 0x00, 6, 9, 0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 1, 7, 3];
    cipher.extend_from_slice(&[0xA5; 245]);
    let hooks = format!("{}{ZLIB_HOOK}<Hook2 Name=\"encrypt\" />", ClientAuth::over(&plain).hook());
    for hooks in [hooks.as_str(), &ClientAuth::over(&plain).hook()] {
        let message = message(&body(&header("MP_HinvEndpoint", hooks), &cipher));
        assert!(message.encrypted);
        assert_eq!(message.signature.verdict, Verdict::NotVerifiable("payload encrypted"));
        assert_eq!(message.id_signature.verdict, VALID);
        assert_eq!(message.content, Content::Unread);
    }
    let unsigned = message(&body(&header("MP_HinvEndpoint", "<Hook2 Name=\"encrypt\" />"), &cipher));
    assert_eq!(unsigned.signature.verdict, Verdict::Absent, "absence shows even where the payload is sealed");
}

#[test]
fn a_payload_that_can_be_read_is_not_encrypted_whatever_a_hook_says() {
    for bytes in [zlib(&payload(STATUS)), payload(STATUS)] {
        let hooks = format!("{}<Hook2 Name=\"encrypt\" />", ClientAuth::over(&bytes).hook());
        let message = message(&body(&header("MP_HinvEndpoint", &hooks), &bytes));
        assert!(!message.encrypted);
        assert_eq!(message.signature.verdict, VALID);
        assert!(matches!(message.content, Content::Status(_)));
    }
    let sealed = [0x5A; 300];
    let message = message(&body(&header("MP_HinvEndpoint", "<Hook2 Name=\"encrypt\" />"), &sealed));
    assert!(message.encrypted, "in whatever form");
}

#[test]
fn an_incomplete_body_proves_neither_absence_nor_forgery() {
    let bytes = zlib(&payload(STATUS));
    let whole = body(&header("StatusReceiver", &ClientAuth::over(&bytes).hook()), &bytes);
    for cut in (1..whole.len()).step_by(17) {
        let (message, anomalies) = message_of(&said(&request(), &whole[..cut], true));
        assert_eq!(anomalies, [], "{cut}");
        assert!(message.incomplete);
        let verdict = &message.signature.verdict;
        assert!(matches!(verdict, Verdict::NotVerifiable("body incomplete") | &VALID), "{cut}: {verdict:?}");
        let id = &message.id_signature.verdict;
        assert!(matches!(id, Verdict::NotVerifiable("body incomplete") | &VALID), "{cut}: {id:?}");
    }
    let (message, _) = message_of(&said(&request(), &whole[..whole.len() - 40], true));
    assert_eq!(message.header.unwrap().target_endpoint.as_deref(), Some("StatusReceiver"));

    let unsigned = body(&header("StatusReceiver", ZLIB_HOOK), &bytes);
    let (message, _) = message_of(&said(&request(), &unsigned[..200], true));
    assert_eq!(message.signature.verdict, Verdict::NotVerifiable("body incomplete"));
    let (message, _) = message_of(&said(&request(), &unsigned[..unsigned.len() - 40], true));
    assert_eq!(message.signature.verdict, Verdict::Absent, "the header was read to its end");
}

#[test]
fn keys_of_absurd_sizes_are_refused() {
    let bytes = zlib(&payload(STATUS));
    for bits in [0_u32, 256, 511, 16_385, u32::MAX] {
        let mut blob = vec![6, 2, 0, 0, 0, 0xA4, 0, 0];
        blob.extend_from_slice(b"RSA1");
        blob.extend_from_slice(&bits.to_le_bytes());
        blob.extend_from_slice(&65_537_u32.to_le_bytes());
        blob.resize(blob.len() + (bits.min(20_000) as usize).div_ceil(8), 0xFF);
        let auth = ClientAuth { public_key: hex(&blob), ..ClientAuth::over(&bytes) };
        assert_eq!(
            signed(&bytes, &auth).signature.verdict,
            Verdict::NotVerifiable("no public key"),
            "{bits}"
        );
    }
}

#[test]
fn identifiers_in_braces_or_without_nul_verify() {
    let bytes = zlib(&payload(STATUS));
    let bare = SOURCE_ID.strip_prefix("GUID:").unwrap();
    for text in [SOURCE_ID.to_owned(), format!("{{{bare}}}\0"), bare.to_owned()] {
        let auth = ClientAuth { id: sign_sha256(&utf16(&text)), ..ClientAuth::over(&bytes) };
        assert_eq!(signed(&bytes, &auth).id_signature.verdict, VALID, "{text}");
    }
    let other = ClientAuth { id: sign_sha256(&utf16("GUID:someone else\0")), ..ClientAuth::over(&bytes) };
    assert_eq!(signed(&bytes, &other).id_signature.verdict, Verdict::Invalid);
}

fn registration(data: &str, signature: &str) -> Registration {
    let text = format!("<ClientRegistrationRequest>{data}{signature}</ClientRegistrationRequest>");
    let message = message(&body(&header("MP_ClientRegistration", ZLIB_HOOK), &zlib(&payload(&text))));
    let Content::Registration(registration) = message.content else { panic!("{:?}", message.content) };
    *registration
}

fn data() -> String {
    let certificate = CERTIFICATE.to_uppercase();
    format!(
        "<Data HashAlgorithm=\"1.2.840.113549.1.1.11\" SMSID=\"\" RequestType=\"Registration\" \
         TimeStamp=\"2025-01-02T03:04:05Z\"><AgentInformation AgentIdentity=\"CCMSetup.exe\" \
         AgentVersion=\"5.00.8325.0000\" AgentType=\"0\" /><Certificates>\
         <Encryption Encoding=\"HexBinary\" KeyType=\"1\">{certificate}</Encryption>\
         <Signing Encoding=\"HexBinary\" KeyType=\"1\">{certificate}</Signing></Certificates>\
         <DiscoveryProperties><Property Name=\"Netbios Name\" Value=\"WKS-0042\" />\
         <Property Name=\"FQ Name\" Value=\"wks-0042.m\u{fc}nchen.test\" /></DiscoveryProperties></Data>"
    )
}

fn signature(data: &str) -> String {
    format!("<Signature><SignatureValue>{}</SignatureValue></Signature>", sign_sha256(&utf16(data)))
}

#[test]
fn a_registration_is_verified_with_the_certificate_inside() {
    let registration = registration(&data(), &signature(&data()));
    assert_eq!(registration.signature.verdict, VALID);
    assert_eq!(registration.request_type.as_deref(), Some("Registration"));
    assert_eq!(registration.smsid.as_deref(), Some(""));
    assert_eq!(registration.netbios_name.as_deref(), Some("WKS-0042"));
    assert_eq!(registration.fqdn.as_deref(), Some("wks-0042.m\u{fc}nchen.test"));
    assert_eq!(registration.certificate_subject.as_deref(), Some("CN=SMS, CN=WKS-0042"));
    assert_eq!(registration.key_type.as_deref(), Some("1"));
    assert_eq!(registration.key_id, Some(key_id()), "comparable with the key of signed messages");
    assert!(registration.same_certificate);
    assert!(!registration.hint);
}

#[test]
fn a_registered_certificate_names_where_its_revocation_is_told() {
    let pki = hex(include_bytes!("../../tls/testdata/server.der"));
    let registration = registration(&data().replace(&CERTIFICATE.to_uppercase(), &pki), "");
    assert_eq!(registration.crl_urls, ["http://crl.example.test/p01.crl"]);
    assert_eq!(registration.aia_urls, ["http://ca.example.test/p01.cer", "http://ocsp.example.test"]);
    assert_eq!(registration.key_id.map(|id| id.len()), Some(64));
}

#[test]
fn a_registration_changed_after_signing_is_invalid() {
    let changed = data().replace("WKS-0042", "WKS-0666");
    assert_eq!(registration(&changed, &signature(&data())).signature.verdict, Verdict::Invalid);
    let spaced = data().replace("<Certificates>", "<Certificates> ");
    assert_eq!(registration(&spaced, &signature(&data())).signature.verdict, Verdict::Invalid);
    assert_eq!(registration(&data(), "").signature, Signature::default());
}

#[test]
fn an_endless_signature_is_invalid_not_absent() {
    let bytes = zlib(&payload(STATUS));
    let auth = ClientAuth { payload: "A1".repeat(100_000), ..ClientAuth::over(&bytes) };
    assert_eq!(signed(&bytes, &auth).signature.verdict, Verdict::Invalid);
}

#[test]
fn a_signed_message_without_payload_or_key_cannot_be_verified() {
    let bytes = zlib(&payload(STATUS));
    let keyless = ClientAuth { public_key: String::new(), ..ClientAuth::over(&bytes) };
    let message = signed(&bytes, &keyless);
    assert_eq!(message.signature.verdict, Verdict::NotVerifiable("no public key"));
    assert_eq!(message.signature.key_id, None);

    let whole = body(&header("StatusReceiver", &ClientAuth::over(&bytes).hook()), b"");
    let second = format!("\r\n--{BOUNDARY}\r\ncontent-type: application").into_bytes();
    let at = whole.windows(second.len()).position(|window| window == second).unwrap();
    let mut single = whole[..at].to_vec();
    single.extend_from_slice(format!("\r\n--{BOUNDARY}--\r\n").as_bytes());
    let message = super::sample::message(&single);
    assert_eq!(message.signature.verdict, Verdict::NotVerifiable("no payload"));
    assert_eq!(message.id_signature.verdict, VALID);
}
