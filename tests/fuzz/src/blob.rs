//! Blobs inside messages: authentication tokens, and ConfigMgr messages in HTTP exchanges.

use capture::Direction;
use decoders::ntlmssp::{self, Carrier};
use decoders::{Events, Limits, spnego};

use crate::{decoder, memory};

const CARRIERS: [Carrier; 4] = [Carrier::Smb, Carrier::Http, Carrier::Dcerpc, Carrier::Ldap];

/// SPNEGO, raw NTLMSSP, or Kerberos, as session setups and headers carry them.
pub(crate) fn spnego(input: &[u8]) {
    observed(input, |blob, direction, carrier, out| {
        spnego::observe(blob, direction, carrier, out);
    });
}

/// NTLMSSP alone.
pub(crate) fn ntlmssp(input: &[u8]) {
    observed(input, |blob, direction, carrier, out| {
        ntlmssp::observe(blob, direction, carrier, out);
    });
}

/// Input: one byte (bit 0: to the client, bit 1: short lists and shallow nesting, bits 2-3: carrier), then the blob.
fn observed(input: &[u8], observe: impl Fn(&[u8], Direction, Carrier, &mut Events)) {
    let Some((&head, blob)) = input.split_first() else { return };
    let direction = if head & 1 == 0 { Direction::ToServer } else { Direction::ToClient };
    let limits = if head & 2 == 0 {
        Limits::default()
    } else {
        Limits { der_depth: 4, list_items: 2, text: 8, excerpt: 8, ..Limits::default() }
    };
    let carrier = CARRIERS[usize::from(head >> 2 & 3)];
    let before = memory::begin();
    let [mut once, mut again] = [Events::new(limits), Events::new(limits)];
    observe(blob, direction, carrier, &mut once);
    memory::check(before, input.len());
    observe(blob, direction, carrier, &mut again);
    assert!(once.said() == again.said(), "the same bytes say the same");
}

/// What ConfigMgr's applications are asked for.
const REQUESTS: [&str; 8] = [
    "CCM_POST /ccm_system/request",
    "CCM_POST /ccm_system_windowsauth/request",
    "POST /bgb/handler.ashx?RequestType=LogIn",
    "POST /sms_fsp/.sms_fsp",
    "GET /SMS_MP/.sms_aut?MPLIST",
    "GET /SMS_MP/.sms_aut?MPKEYINFORMATION",
    "GET /SMS_MP/.sms_pol?ScopeId_00000000.01_00",
    "CCM_POST /ccm_proxy_mutualauth/72057594037927941/ccm_system/request",
];

/// A ConfigMgr message and its answer in an HTTP exchange with correct lengths, so that the fuzzer's bytes reach the
/// reader of the message.
///
/// Input: one byte (bits 0-2: request, bit 3: tight limits, bit 4: multipart), two that seed the cuts, two with the
/// length of the request's body, its body, and the response's body.
pub(crate) fn ccm(input: &[u8]) {
    let Some((&[head, seed, cuts, high, low], bodies)) = input.split_first_chunk() else { return };
    let at = usize::from(u16::from_be_bytes([high, low])).min(bodies.len());
    let (asked, answered) = bodies.split_at(at);
    let kind = if head & 16 == 0 {
        "application/octet-stream"
    } else {
        "multipart/mixed; boundary=\"aAbBcCdDv1234567890VxXyYzZ\""
    };
    let request = REQUESTS[usize::from(head & 7)];
    let request = format!(
        "{request} HTTP/1.1\r\nHost: mp.example\r\nContent-Type: {kind}\r\nContent-Length: {}\r\n\r\n",
        asked.len()
    );
    let response =
        format!("HTTP/1.1 200 OK\r\nContent-Type: {kind}\r\nContent-Length: {}\r\n\r\n", answered.len());
    let mut talk = vec![head >> 3 & 1, seed, cuts];
    for (control, head, body) in [(0, request, asked), (1, response, answered)] {
        for part in [head.as_bytes(), body] {
            talk.push(control);
            talk.extend_from_slice(&(part.len().min(0xffff) as u16).to_be_bytes());
            talk.extend_from_slice(&part[..part.len().min(0xffff)]);
        }
    }
    if let Some(spec) = decoder::named("http") {
        decoder::run(spec, &talk);
    }
}
