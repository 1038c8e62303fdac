//! SMB2 messages, built by hand.

use capture::Direction::{ToClient, ToServer};
use proptest::prelude::*;

use crate::harness::{self, Conversation};
use crate::smb::tests::{anomalies, framed, said, wide};
use crate::smb::*;
use crate::{Event, Limits};

const SIGNED: u32 = 8;
const RELATED: u32 = 4;
const RESPONSE: u32 = 1;

/// A header; signed where the flag says so.
pub(in crate::smb) fn header(
    command: u16,
    flags: u32,
    message: u64,
    tree: u32,
    session: u64,
    status: u32,
) -> Vec<u8> {
    let mut bytes = b"\xFESMB\x40\0\0\0".to_vec();
    bytes.extend(status.to_le_bytes());
    bytes.extend(command.to_le_bytes());
    bytes.extend([1, 0]);
    bytes.extend(flags.to_le_bytes());
    bytes.extend([0; 4]);
    bytes.extend(message.to_le_bytes());
    bytes.extend([0; 4]);
    bytes.extend(tree.to_le_bytes());
    bytes.extend(session.to_le_bytes());
    bytes.extend([if flags & SIGNED == 0 { 0 } else { 0x5A }; 16]);
    bytes
}

/// A request of session 5 on tree 9.
fn request(command: u16, message: u64, body: &[u8]) -> Vec<u8> {
    [header(command, 0, message, 9, 5, 0), body.to_vec()].concat()
}

/// Its response.
fn response(command: u16, message: u64, status: u32, body: &[u8]) -> Vec<u8> {
    [header(command, RESPONSE, message, 9, 5, status), body.to_vec()].concat()
}

/// A body with one buffer behind its fixed part; `at` is where offset and length stand in it.
fn with_buffer(mut fixed: Vec<u8>, at: usize, buffer: &[u8]) -> Vec<u8> {
    let offset = u16::try_from(64 + fixed.len()).unwrap();
    fixed[at..at + 2].copy_from_slice(&offset.to_le_bytes());
    fixed[at + 2..at + 4].copy_from_slice(&u16::try_from(buffer.len()).unwrap().to_le_bytes());
    fixed.extend(buffer);
    fixed
}

pub(in crate::smb) fn tree_connect(message: u64, session: u64, path: &str) -> Vec<u8> {
    let body = with_buffer(vec![9, 0, 0, 0, 0, 0, 0, 0], 4, &wide(path));
    [header(3, 0, message, 0, session, 0), body].concat()
}

fn tree_connected(message: u64, share_type: u8, flags: u32) -> Vec<u8> {
    let body = [&[16, 0, share_type, 0], &flags.to_le_bytes()[..], &[0; 8]].concat();
    response(3, message, 0, &body)
}

fn create(message: u64, name: &str, disposition: u32, options: u32) -> Vec<u8> {
    let mut fixed = vec![0; 56];
    fixed[0] = 57;
    fixed[24..28].copy_from_slice(&0x0012_0089_u32.to_le_bytes());
    fixed[36..40].copy_from_slice(&disposition.to_le_bytes());
    fixed[40..44].copy_from_slice(&options.to_le_bytes());
    request(5, message, &with_buffer(fixed, 44, &wide(name)))
}

fn created(message: u64, id: u8) -> Vec<u8> {
    let mut body = vec![0; 88];
    body[0] = 89;
    body[64..80].fill(id);
    response(5, message, 0, &body)
}

fn write(message: u64, id: u8, offset: u64, data: &[u8]) -> Vec<u8> {
    let mut body = vec![49, 0, 112, 0];
    body.extend(u32::try_from(data.len()).unwrap().to_le_bytes());
    body.extend(offset.to_le_bytes());
    body.extend([id; 16]);
    body.extend([0; 16]);
    body.extend(data);
    request(9, message, &body)
}

fn close(message: u64, id: u8) -> Vec<u8> {
    request(6, message, &[&[24, 0, 0, 0, 0, 0, 0, 0][..], &[id; 16]].concat())
}

fn set_disposition(message: u64, id: u8, deletes: u8) -> Vec<u8> {
    let mut body = vec![33, 0, 1, 13, 1, 0, 0, 0, 96, 0, 0, 0, 0, 0, 0, 0];
    body.extend([id; 16]);
    body.push(deletes);
    request(17, message, &body)
}

pub(in crate::smb) fn negotiate_response(mode: u8, revision: u16) -> Vec<u8> {
    let mut body = vec![65, 0, mode, 0];
    body.extend(revision.to_le_bytes());
    body.extend([2, 0]);
    body.extend([0x11; 16]);
    body.extend(0x47_u32.to_le_bytes());
    body.extend([0; 28]);
    body.extend([128, 0, 0, 0]);
    body.extend(128_u32.to_le_bytes());
    // Contexts: one cipher (AES-128-GCM), one signing algorithm (AES-GMAC).
    body.extend([2, 0, 4, 0, 0, 0, 0, 0, 1, 0, 2, 0, 0, 0, 0, 0]);
    body.extend([8, 0, 4, 0, 0, 0, 0, 0, 1, 0, 2, 0]);
    response(0, 0, 0, &body)
}

/// One chain of several messages; all but the first are related to it.
fn compound(messages: &[Vec<u8>]) -> Vec<u8> {
    let mut chain = Vec::new();
    for (index, message) in messages.iter().enumerate() {
        let mut message = message.clone();
        if index > 0 {
            message[16] |= u8::try_from(RELATED).unwrap();
        }
        if index + 1 < messages.len() {
            message.resize(message.len().next_multiple_of(8), 0);
            let next = u32::try_from(message.len()).unwrap();
            message[20..24].copy_from_slice(&next.to_le_bytes());
        }
        chain.extend(message);
    }
    chain
}

fn conversation(messages: &[Vec<u8>]) -> Conversation {
    let direction = |message: &[u8]| if message[16] & 1 == 0 { ToServer } else { ToClient };
    messages.iter().map(|message| (direction(message), framed(message))).collect()
}

/// A push: the share, the lock file, the settings, and the lock file's end.
fn push() -> Conversation {
    let settings = "[IDENT]\r\nTYPE=Target Configuration File\r\n[Install]\r\nSMSSITECODE=PS1\r\n\
                    SMSPublicRootKey=0602000000A4\r\nCertificateIssuers=CN=Root\r\nSMSMP=mp.example.test\r\n";
    let (first, second) = settings.as_bytes().split_at(70);
    conversation(&[
        tree_connect(1, 5, r"\\target\admin$"),
        tree_connected(1, 1, 0x8000),
        create(2, "SMSClientInstall.PS1", 5, 0x40),
        created(2, 0x21),
        create(3, r"ccmsetup\MobileClient.tcf", 5, 0x40),
        created(3, 0x31),
        write(4, 0x31, 0, first),
        write(5, 0x31, 70, second),
        close(6, 0x31),
        set_disposition(7, 0x21, 1),
        close(8, 0x21),
    ])
}

#[test]
fn negotiate_request_gives_dialects_and_contexts() {
    let mut body = vec![36, 0, 2, 0, 3, 0, 0, 0, 0x7F, 0, 0, 0];
    body.extend(0_u8..16);
    body.extend(104_u32.to_le_bytes());
    body.extend([2, 0, 0, 0]);
    body.extend([0x02, 0x02, 0x11, 0x03]);
    body.extend([2, 0, 6, 0, 0, 0, 0, 0, 2, 0, 2, 0, 1, 0, 0, 0]);
    let name = wide("192.0.2.7");
    body.extend([5, 0, u8::try_from(name.len()).unwrap(), 0, 0, 0, 0, 0]);
    body.extend(&name);
    let conversation = conversation(&[request(0, 0, &body)]);
    let request = NegotiateRequest {
        smb: 2,
        dialects: vec!["0x0202".into(), "0x0311".into()],
        signing_enabled: true,
        signing_required: true,
        net_name: Some("192.0.2.7".into()),
        client_guid: Some("03020100-0504-0706-0809-0a0b0c0d0e0f".into()),
        ciphers: vec![2, 1],
        signing_algorithms: vec![],
    };
    assert_eq!(said(&conversation), [SmbEvent::NegotiateRequest(Box::new(request))]);
    assert_eq!(anomalies(&conversation), []);
    harness::splits_do_not_matter(445, &conversation);
    harness::damage_does_no_harm(445, &conversation);
}

#[test]
fn negotiate_response_gives_choice_and_capabilities() {
    let conversation = conversation(&[request(0, 0, &[]), negotiate_response(1, 0x0311)]);
    let response = NegotiateResponse {
        smb: 2,
        dialect: Some("0x0311".into()),
        signing_enabled: true,
        encryption_capability: true,
        ciphers: vec![2],
        signing_algorithms: vec![2],
        server_guid: Some("11111111-1111-1111-1111-111111111111".into()),
        ..NegotiateResponse::default()
    };
    assert_eq!(said(&conversation), [SmbEvent::NegotiateResponse(Box::new(response))]);
}

#[test]
fn a_refused_negotiation_gives_its_status_alone() {
    let refused = response(0, 0, 0xC000_00CC, &[9, 0, 0, 0, 0, 0, 0, 0, 0]);
    let conversation = conversation(&[request(0, 0, &[]), refused]);
    let response = NegotiateResponse { smb: 2, status: 0xC000_00CC, ..NegotiateResponse::default() };
    assert_eq!(said(&conversation), [SmbEvent::NegotiateResponse(Box::new(response))]);
}

#[test]
fn session_setup_gives_flags_and_mechanism() {
    let blob = b"NTLMSSP\0\x01\0\0\0\x07\x82\x08\xa2\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0";
    let ask = request(
        1,
        1,
        &with_buffer(vec![25, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0], 12, blob),
    );
    let conversation = conversation(&[ask, response(1, 1, 0, &[9, 0, 6, 0, 72, 0, 0, 0])]);
    let request = SessionSetupRequest {
        smb: 2,
        session: 5,
        mechanism: Some("ntlmssp"),
        raw_ntlm: true,
        signing_required: true,
        ..SessionSetupRequest::default()
    };
    let response = SessionSetupResponse {
        smb: 2,
        session: 5,
        anonymous: true,
        encrypt: true,
        ..SessionSetupResponse::default()
    };
    let expected = [
        SmbEvent::SessionSetupRequest(Box::new(request)),
        SmbEvent::SessionSetupResponse(Box::new(response)),
    ];
    assert_eq!(said(&conversation), expected);
}

#[test]
fn failed_session_setup_gives_its_status() {
    let conversation =
        conversation(&[request(1, 1, &[]), response(1, 1, 0xC000_006D, &[9, 0, 0, 0, 0, 0, 0, 0, 0])]);
    let events = said(&conversation);
    let [SmbEvent::SessionSetupResponse(response)] = &events[..] else { panic!("{events:?}") };
    assert_eq!((response.status, response.guest), (0xC000_006D, false));
}

#[test]
fn push_is_told_with_its_tree_and_without_its_keys() {
    let events = said(&push());
    let tree_path = Some(r"\\target\admin$".to_owned());
    let kinds: Vec<_> = events.iter().map(std::mem::discriminant).collect();
    assert_eq!(kinds.len(), 8, "{events:?}");
    let SmbEvent::TreeConnected(tree) = &events[1] else { panic!("{events:?}") };
    assert_eq!((tree.tree, tree.share_type, tree.encrypt), (9, 1, true));
    let SmbEvent::Create(create) = &events[2] else { panic!("{events:?}") };
    assert_eq!(
        (create.tree_path.clone(), create.filename.as_str()),
        (tree_path.clone(), "SMSClientInstall.PS1")
    );
    assert_eq!((create.access, create.disposition, create.options), (0x0012_0089, 5, 0x40));
    let SmbEvent::FileWritten(file) = &events[6] else { panic!("{events:?}") };
    let settings: Vec<_> = file.settings.iter().map(|(key, value)| (key.as_str(), value.as_str())).collect();
    let expected = [
        ("TYPE", "Target Configuration File"),
        ("SMSSITECODE", "PS1"),
        ("SMSPublicRootKey", "<12 bytes>"),
        ("CertificateIssuers", "<7 bytes>"),
        ("SMSMP", "mp.example.test"),
    ];
    assert_eq!(settings, expected);
    let delete = Delete { smb: 2, session: 5, tree_path, filename: "SMSClientInstall.PS1".into() };
    assert_eq!(events[7], SmbEvent::Delete(Box::new(delete)));
    harness::splits_do_not_matter(445, &push());
    harness::damage_does_no_harm(445, &push());
}

#[test]
fn push_seen_from_one_side_keeps_tree_and_names() {
    let whole = push();
    let requests: Conversation = whole.into_iter().filter(|(direction, _)| *direction == ToServer).collect();
    let mut requests = requests;
    requests.insert(0, (ToServer, framed(&tree_connect(0, 5, r"\\target\IPC$"))));
    let events = said(&requests);
    let SmbEvent::Create(create) = &events[2] else { panic!("{events:?}") };
    assert_eq!(create.tree_path.as_deref(), Some(r"\\target\admin$"), "a file that is made is on no pipe");
    assert!(
        events.iter().any(|event| matches!(event, SmbEvent::FileWritten(file) if !file.settings.is_empty()))
    );
}

#[test]
fn settings_out_of_order_are_not_guessed() {
    let conversation = conversation(&[
        create(3, "MobileClient.tcf", 5, 0),
        created(3, 0x31),
        write(4, 0x31, 10, b"SMSSITECODE=PS1\r\n"),
        close(6, 0x31),
    ]);
    let events = said(&conversation);
    let Some(SmbEvent::FileWritten(file)) = events.last() else { panic!("{events:?}") };
    assert_eq!((file.len, file.settings.len()), (27, 0));
}

#[test]
fn settings_file_beyond_the_limit_is_not_kept() {
    let part = vec![b'='; Limits::default().smb_file];
    let messages = [
        create(3, "MobileClient.tcf", 5, 0),
        created(3, 0x31),
        write(4, 0x31, 0, &part),
        write(5, 0x31, part.len() as u64, &part),
        close(6, 0x31),
    ];
    let conversation = conversation(&messages);
    assert_eq!(anomalies(&conversation), [Anomaly::LimitReached { protocol: "smb", limit: "smb_file" }]);
}

#[test]
fn bulk_data_pass_by_unread() {
    let mut head = write(4, 0x31, 0, &[0; 16]);
    head[64 + 4..64 + 8].copy_from_slice(&0x10_0000_u32.to_le_bytes());
    let mut bytes = framed(&head);
    bytes[1..4].copy_from_slice(&(0x10_0000_u32 + 112).to_be_bytes()[1..]);
    let limits = Limits::default();
    let mut smb = (SPEC.make)(&limits);
    let mut out = Events::new(limits);
    let outcome = smb.feed(ToServer, Input::Data(&bytes), &mut out);
    assert_eq!(outcome, Outcome::Skip(0x10_0000 + 112 + 4));
}

#[test]
fn answer_to_an_unseen_request_has_no_path() {
    let events = said(&conversation(&[close(1, 1), tree_connected(7, 1, 0), created(8, 2)]));
    let SmbEvent::TreeConnected(tree) = &events[0] else { panic!("{events:?}") };
    assert_eq!((tree.path.as_ref(), tree.tree), (None, 9));
    let SmbEvent::Created(created) = &events[1] else { panic!("{events:?}") };
    assert_eq!(created.filename, None);
}

#[test]
fn pattern_of_a_search_is_told() {
    let body = with_buffer(vec![0; 32], 24, &wide("SMSClientInstall.*"));
    let events = said(&conversation(&[request(14, 3, &body)]));
    let query = QueryDirectory { smb: 2, session: 5, tree_path: None, pattern: "SMSClientInstall.*".into() };
    assert_eq!(events, [SmbEvent::QueryDirectory(Box::new(query))]);
}

#[test]
fn compound_deletes_the_file_it_opens() {
    let chain = compound(&[create(1, "lock", 1, 0), set_disposition(2, 0xFF, 1), close(3, 0xFF)]);
    let events = said(&conversation(&[chain]));
    let SmbEvent::Delete(delete) = &events[1] else { panic!("{events:?}") };
    assert_eq!(delete.filename, "lock");
    assert_eq!(events.len(), 2);
}

#[test]
fn delete_on_close_counts_once_the_open_succeeds() {
    let chain = compound(&[create(1, "gone", 1, 0x1000), close(2, 0xFF)]);
    let answered = response(3, 0, 0, &[16, 0, 1, 0, 0, 0, 0, 0]);
    let granted = said(&conversation(&[close(9, 9), answered.clone(), chain.clone(), created(1, 4)]));
    assert!(matches!(granted[2..], [SmbEvent::Delete(_), SmbEvent::Created(_)]), "{granted:?}");
    let denied = response(5, 1, 0xC000_0022, &[9, 0, 0, 0, 0, 0, 0, 0, 0]);
    let refused = said(&conversation(&[close(9, 9), answered, chain, denied]));
    assert!(matches!(refused[2..], [SmbEvent::Created(_)]), "{refused:?}");
}

#[test]
fn chain_that_never_ends_is_cut() {
    let links = vec![request(13, 1, &[4, 0, 0, 0]); Limits::default().smb_compound + 1];
    let found = anomalies(&conversation(&[compound(&links)]));
    assert_eq!(found, [Anomaly::LimitReached { protocol: "smb", limit: "smb_compound" }]);
}

#[test]
fn next_command_inside_its_own_header_is_malformed() {
    let mut message = request(13, 1, &[4, 0, 0, 0]);
    message[20] = 8;
    let found = anomalies(&conversation(&[message]));
    let [Anomaly::Malformed(error)] = &found[..] else { panic!("{found:?}") };
    assert_eq!(error.to_string(), "smb2: next command at byte 20: value 0x8 is not allowed");
}

#[test]
fn signing_is_told_by_what_is_not_signed_in_any_case() {
    let signed = |command, message| [header(command, SIGNED, message, 9, 5, 0), vec![0; 24]].concat();
    let always = conversation(&[signed(1, 1), signed(3, 2)]);
    assert!(!said(&always).iter().any(|event| matches!(event, SmbEvent::Signed { .. })));
    for revision in [0x0202, 0x0210, 0x0300, 0x0302, 0x0311] {
        let tree = conversation(&[negotiate_response(1, revision), signed(3, 2)]);
        let said = said(&tree);
        assert!(!said.iter().any(|event| matches!(event, SmbEvent::Signed { .. })), "{revision:#06x}");
    }
    let twice = conversation(&[signed(13, 3), signed(13, 4)]);
    assert_eq!(said(&twice), [SmbEvent::Signed { smb: 2, session: 5 }]);
    let mut hollow = signed(13, 5);
    hollow[48..64].fill(0);
    assert_eq!(said(&conversation(&[hollow])), [], "a flag without a signature");
}

#[test]
fn interim_response_keeps_the_request_waiting() {
    let mut pending = response(5, 2, 0x103, &[9, 0, 0, 0, 0, 0, 0, 0, 0]);
    pending[16] |= 2;
    let events = said(&conversation(&[create(2, "slow", 1, 0), pending, created(2, 3)]));
    let [_, SmbEvent::Created(created)] = &events[..] else { panic!("{events:?}") };
    assert_eq!(created.filename.as_deref(), Some("slow"));
}

/// A bind to SVCCTL with NDR ([MS-SCMR] 1.9).
pub(in crate::smb) fn svcctl_bind() -> Vec<u8> {
    let mut bind = vec![
        5, 0, 11, 3, 0x10, 0, 0, 0, 72, 0, 0, 0, 1, 0, 0, 0, 0xB8, 0x10, 0xB8, 0x10, 0, 0, 0, 0, 1, 0, 0, 0,
    ];
    bind.extend([
        0, 0, 1, 0, 0x81, 0xBB, 0x7A, 0x36, 0x44, 0x98, 0xF1, 0x35, 0xAD, 0x32, 0x98, 0xF0, 0x38, 0, 0x10,
        0x03, 2, 0, 0, 0,
    ]);
    bind.extend([
        0x04, 0x5D, 0x88, 0x8A, 0xEB, 0x1C, 0xC9, 0x11, 0x9F, 0xE8, 8, 0, 0x2B, 0x10, 0x48, 0x60, 2, 0, 0, 0,
    ]);
    bind
}

#[test]
fn rpc_in_a_pipe_is_read_with_the_pipe_s_name() {
    let bind = svcctl_bind();
    let mut ioctl = vec![57, 0, 0, 0, 0x17, 0xC0, 0x11, 0];
    ioctl.extend([0x41; 16]);
    ioctl.extend(120_u32.to_le_bytes());
    ioctl.extend(72_u32.to_le_bytes());
    ioctl.extend([0; 24]);
    ioctl.extend(&bind);
    let opened = [
        tree_connect(1, 5, r"\\server\IPC$"),
        tree_connected(1, 2, 0),
        create(2, "svcctl", 1, 0),
        created(2, 0x41),
    ];
    let binds = |last: Vec<u8>| {
        let mut messages = opened.to_vec();
        messages.push(last);
        let conversation = conversation(&messages);
        harness::splits_do_not_matter(445, &conversation);
        let events = harness::events(445, &conversation).into_iter();
        let binds: Vec<_> = events
            .filter_map(|(_, event)| match event {
                Event::Dcerpc(crate::dcerpc::DcerpcEvent::Bind(bind)) => Some((bind.pipe, bind.interfaces)),
                _ => None,
            })
            .collect();
        binds
    };
    let interface = ("367abb81-9844-35f1-ad32-98f038001003".to_owned(), 2);
    let expected = vec![(Some("svcctl".to_owned()), vec![interface])];
    assert_eq!(binds(write(3, 0x41, 0, &bind)), expected);
    assert_eq!(binds(request(11, 3, &ioctl)), expected);
}

#[test]
fn answers_never_given_stay_within_the_limit() {
    let limits = Limits { smb_pending: 4, smb_handles: 4, ..Limits::default() };
    let mut smb = (SPEC.make)(&limits);
    let mut out = Events::new(limits);
    for message in 0..20 {
        smb.feed(ToServer, Input::Data(&framed(&create(message, "name", 1, 0))), &mut out);
    }
    let limits: Vec<_> = out
        .said()
        .iter()
        .filter(|(_, event)| matches!(event, Event::Anomaly(_)))
        .map(|(_, event)| format!("{event:?}"))
        .collect();
    assert_eq!(limits.len(), 2, "each limit is said once: {limits:?}");
}

/// A reader of its own, which has lost bytes of the answers.
fn after_a_gap() -> (Box<dyn Decoder>, Events) {
    let limits = Limits::default();
    let (mut smb, mut out) = ((SPEC.make)(&limits), Events::new(limits));
    smb.feed(ToClient, Input::Data(&framed(&negotiate_response(1, 0x0311))), &mut out);
    assert_eq!(smb.feed(ToClient, Input::Gap(100), &mut out), Outcome::Lost);
    (smb, out)
}

#[test]
fn tree_whose_answer_was_lost_is_concluded_from_its_use() {
    let (mut smb, mut out) = after_a_gap();
    for message in [tree_connect(1, 5, r"\\server\share"), create(2, "made", 2, 0), create(3, "more", 1, 0)] {
        smb.feed(ToServer, Input::Data(&framed(&message)), &mut out);
    }
    let said = out.said();
    let paths: Vec<_> = said
        .iter()
        .filter_map(|(_, event)| match event {
            Event::Smb(SmbEvent::Create(create)) => Some(create.tree_path.as_deref()),
            _ => None,
        })
        .collect();
    assert_eq!(paths, [Some(r"\\server\share"); 2]);
}

#[test]
fn tree_that_could_be_either_of_two_is_not_guessed() {
    let (mut smb, mut out) = after_a_gap();
    for message in
        [tree_connect(1, 5, r"\\server\a"), tree_connect(2, 5, r"\\server\b"), create(3, "made", 2, 0)]
    {
        smb.feed(ToServer, Input::Data(&framed(&message)), &mut out);
    }
    let said = out.said();
    let Some((_, Event::Smb(SmbEvent::Create(create)))) = said.last() else { panic!("{said:?}") };
    assert_eq!(create.tree_path, None);
}

fn session_setup(message: u64, blob: &[u8]) -> Vec<u8> {
    let mut fixed = vec![0; 24];
    fixed[0] = 25;
    request(1, message, &with_buffer(fixed, 12, blob))
}

/// A DER element with a length of two bytes.
fn element(tag: u8, content: &[u8]) -> Vec<u8> {
    let [high, low] = u16::try_from(content.len()).unwrap().to_be_bytes();
    [&[tag, 0x82, high, low], content].concat()
}

#[test]
fn token_in_parts_is_joined_before_it_is_read() {
    let mut ntlm = b"NTLMSSP\0\x01\0\0\0\x07\x82\x08\xa2\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0".to_vec();
    ntlm.resize(3_000, 0);
    let token = element(0xA1, &element(0x30, &element(0xA2, &element(0x04, &ntlm))));
    let mechanisms = |messages: &[Vec<u8>]| {
        let events = said(&conversation(messages)).into_iter();
        let mechanisms = events.filter_map(|event| match event {
            SmbEvent::SessionSetupRequest(request) => Some(request.mechanism),
            _ => None,
        });
        mechanisms.collect::<Vec<_>>()
    };
    let (first, second) = token.split_at(1_800);
    let parts = [session_setup(1, first), response(1, 1, 0xC000_0016, &[9, 0, 0, 0, 72, 0, 0, 0])];
    assert_eq!(
        mechanisms(&[parts.to_vec(), vec![session_setup(2, second)]].concat()),
        [None, Some("ntlmssp")]
    );
    let whole = session_setup(3, &token);
    assert_eq!(mechanisms(&[parts.to_vec(), vec![whole]].concat()), [None, Some("ntlmssp")], "begun anew");
}

proptest! {
    #[test]
    fn buffer_is_what_its_offset_and_length_say_or_malformed(
        offset in 0_u16..200,
        len in 0_u16..200,
        tail in prop::collection::vec(any::<u8>(), 0..120),
    ) {
        let mut body = vec![9, 0, 0, 0];
        body.extend(offset.to_le_bytes());
        body.extend(len.to_le_bytes());
        body.extend(&tail);
        let message = [header(3, 0, 1, 0, 5, 0), body].concat();
        let end = usize::from(offset) + usize::from(len);
        let expected = match (len, message.get(offset.into()..end)) {
            (0, _) => Some(String::new()),
            (_, path) => path.map(crate::utf16_le),
        };
        let conversation = conversation(&[message]);
        match expected {
            Some(path) => {
                let tree = TreeConnect { smb: 2, session: 5, path };
                prop_assert_eq!(said(&conversation), [SmbEvent::TreeConnect(Box::new(tree))]);
            }
            None => prop_assert!(matches!(anomalies(&conversation)[..], [Anomaly::Malformed(_)])),
        }
    }
}

#[test]
fn file_opened_when_the_table_is_full_is_still_followed() {
    let limits = Limits { smb_handles: 4, ..Limits::default() };
    let mut smb = (SPEC.make)(&limits);
    let mut out = Events::new(limits);
    for id in 1..=9 {
        let messages = [create(u64::from(id), "file", 5, 0), created(u64::from(id), id)];
        for (direction, message) in conversation(&messages) {
            smb.feed(direction, Input::Data(&message), &mut out);
        }
    }
    for message in [write(20, 9, 0, b"data"), close(21, 9), write(22, 1, 0, b"data"), close(23, 1)] {
        smb.feed(ToServer, Input::Data(&framed(&message)), &mut out);
    }
    let said = out.said();
    let written = said.iter().filter(|(_, event)| matches!(event, Event::Smb(SmbEvent::FileWritten(_))));
    assert_eq!(written.count(), 1, "the newest is known, the oldest was given up");
}
