//! SMB1 messages, built by hand.

use capture::Direction::{ToClient, ToServer};

use crate::Event;
use crate::dcerpc::DcerpcEvent;
use crate::harness::{self, Conversation};
use crate::ntlmssp::Response;
use crate::smb::smb2::tests::svcctl_bind;
use crate::smb::tests::{anomalies, framed, said, wide};
use crate::smb::*;

/// A header with Unicode strings and NTSTATUS, of user 6 on tree 8.
pub(in crate::smb) fn header(command: u8, response: bool, status: u32) -> Vec<u8> {
    let mut bytes = b"\xFFSMB".to_vec();
    bytes.push(command);
    bytes.extend(status.to_le_bytes());
    bytes.push(if response { 0x98 } else { 0x18 });
    bytes.extend(0xC801_u16.to_le_bytes());
    bytes.extend([0; 12]);
    bytes.extend([8, 0, 0x11, 0x22, 6, 0, 0x33, 0x44]);
    bytes
}

/// A message of one block.
fn message(command: u8, response: bool, words: &[u8], data: &[u8]) -> Vec<u8> {
    [header(command, response, 0), block(words, data)].concat()
}

fn block(words: &[u8], data: &[u8]) -> Vec<u8> {
    let mut bytes = vec![u8::try_from(words.len() / 2).unwrap()];
    bytes.extend(words);
    bytes.extend(u16::try_from(data.len()).unwrap().to_le_bytes());
    bytes.extend(data);
    bytes
}

/// Data with texts in UTF-16, each aligned, that begin `start` bytes from the header.
fn texts(start: usize, before: &[u8], texts: &[&str]) -> Vec<u8> {
    let mut data = before.to_vec();
    for text in texts {
        if (start + data.len()) % 2 == 1 {
            data.push(0);
        }
        data.extend(wide(text));
        data.extend([0, 0]);
    }
    data
}

fn conversation(messages: &[Vec<u8>]) -> Conversation {
    let direction = |message: &[u8]| if message[9] & 0x80 == 0 { ToServer } else { ToClient };
    messages.iter().map(|message| (direction(message), framed(message))).collect()
}

fn negotiate(dialects: &[&str]) -> Vec<u8> {
    let data: Vec<u8> = dialects.iter().flat_map(|name| format!("\x02{name}\0").into_bytes()).collect();
    message(0x72, false, &[], &data)
}

fn nt_create(name: &str) -> Vec<u8> {
    let mut words = vec![0; 48];
    words[0] = 0xFF;
    words[5] = u8::try_from(name.len() * 2).unwrap();
    words[15..19].copy_from_slice(&0x0002_0089_u32.to_le_bytes());
    words[35] = 3;
    words[39] = 0x40;
    message(0xA2, false, &words, &texts(32 + 1 + 48 + 2, &[], &[name]))
}

fn nt_created(file: u8) -> Vec<u8> {
    let mut words = vec![0; 68];
    words[0] = 0xFF;
    words[5] = file;
    message(0xA2, true, &words, &[])
}

fn write_andx(file: u8, data: &[u8]) -> Vec<u8> {
    let mut words = vec![0; 28];
    words[0] = 0xFF;
    words[4] = file;
    words[20..22].copy_from_slice(&u16::try_from(data.len()).unwrap().to_le_bytes());
    words[22] = 32 + 1 + 28 + 2;
    message(0x2F, false, &words, data)
}

fn tree_connect_block(start: usize, path: &str) -> Vec<u8> {
    let words = [0xFF, 0, 0, 0, 0, 0, 1, 0];
    let mut data = texts(start + 1 + 8 + 2, &[0], &[path]);
    data.extend(b"?????\0");
    block(&words, &data)
}

fn tree_connected() -> Vec<u8> {
    message(0x75, true, &[0xFF, 0, 0, 0, 1, 0], b"A:\0\0")
}

#[test]
fn negotiate_gives_dialects_and_the_one_chosen() {
    let mut words = vec![1, 0, 0x0F];
    words.extend([0; 16]);
    words.extend(0x8000_0000_u32.to_le_bytes());
    words.extend([0; 11]);
    let chosen = message(0x72, true, &words, &[7; 16]);
    let conversation = conversation(&[negotiate(&["LANMAN1.0", "NT LM 0.12"]), chosen]);
    let request = NegotiateRequest {
        smb: 1,
        dialects: vec!["LANMAN1.0".into(), "NT LM 0.12".into()],
        ..NegotiateRequest::default()
    };
    let response = NegotiateResponse {
        smb: 1,
        dialect: Some("NT LM 0.12".into()),
        signing_enabled: true,
        signing_required: true,
        extended_security: true,
        ..NegotiateResponse::default()
    };
    let expected =
        [SmbEvent::NegotiateRequest(Box::new(request)), SmbEvent::NegotiateResponse(Box::new(response))];
    assert_eq!(said(&conversation), expected);
    harness::splits_do_not_matter(445, &conversation);
    harness::damage_does_no_harm(445, &conversation);
}

#[test]
fn errors_are_those_of_dos_unless_the_flag_says_nt() {
    for dos in [true, false] {
        let mut refused = message(0x73, true, &[], &[]);
        refused[5..9].copy_from_slice(&[2, 0, 5, 0]);
        let flags2 = u16::from_le_bytes([refused[10], refused[11]]) & !0x4000;
        let flags2 = if dos { flags2 } else { flags2 | 0x4000 };
        refused[10..12].copy_from_slice(&flags2.to_le_bytes());
        let events = said(&conversation(&[message(0x73, false, &[0; 26], &[]), refused]));
        let Some(SmbEvent::SessionSetupResponse(response)) = events.last() else { panic!("{events:?}") };
        assert_eq!((response.status, response.dos), (0x0005_0002, dos));
    }
}

#[test]
fn responses_of_a_session_setup_leave_only_their_lengths() {
    let mut words = vec![0x75, 0, 0, 0];
    words.extend([0; 10]);
    words.extend([24, 0, 24, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
    let responses = [[0xAA; 24], [0xBB; 24]].concat();
    let data = texts(32 + 1 + 26 + 2, &responses, &["push", "DOMAIN", "Unix", "Samba"]);
    let mut setup = message(0x73, false, &words, &data);
    let next = setup.len();
    setup[35..37].copy_from_slice(&u16::try_from(next).unwrap().to_le_bytes());
    setup.extend(tree_connect_block(next, r"\\target\ADMIN$"));
    let conversation = conversation(&[setup]);
    let request = SessionSetupRequest {
        smb: 1,
        session: 6,
        native_os: Some("Unix".into()),
        account: Some("push".into()),
        domain: Some("DOMAIN".into()),
        lm_response_len: Some(24),
        nt_response_len: Some(24),
        raw_response: Some(Response::LmAndNtlmV1),
        ..SessionSetupRequest::default()
    };
    let tree = TreeConnect { smb: 1, session: 6, path: r"\\target\ADMIN$".into() };
    let expected = [SmbEvent::SessionSetupRequest(Box::new(request)), SmbEvent::TreeConnect(Box::new(tree))];
    assert_eq!(said(&conversation), expected);
    harness::damage_does_no_harm(445, &conversation);
}

#[test]
fn answer_to_a_session_setup_gives_guest_and_system() {
    let data = texts(32 + 1 + 6 + 2, &[], &["Windows 5.1", "LAN"]);
    let answer = message(0x73, true, &[0xFF, 0, 0, 0, 1, 0], &data);
    let events = said(&conversation(&[negotiate(&[]), answer]));
    let response = SessionSetupResponse {
        smb: 1,
        session: 6,
        guest: true,
        native_os: Some("Windows 5.1".into()),
        ..SessionSetupResponse::default()
    };
    assert_eq!(events[1..], [SmbEvent::SessionSetupResponse(Box::new(response))]);
}

#[test]
fn file_written_is_told_with_its_tree() {
    let connect = [header(0x75, false, 0), tree_connect_block(32, r"\\target\ADMIN$")].concat();
    let conversation = conversation(&[
        connect,
        tree_connected(),
        nt_create(r"\ccmsetup\MobileClient.tcf"),
        nt_created(7),
        write_andx(7, b"SMSSITECODE=PS1\r\n"),
        message(0x04, false, &[7, 0, 0, 0, 0, 0], &[]),
    ]);
    let events = said(&conversation);
    let SmbEvent::Create(create) = &events[2] else { panic!("{events:?}") };
    assert_eq!((create.access, create.disposition, create.options), (0x0002_0089, 3, 0x40));
    let SmbEvent::FileWritten(file) = &events[4] else { panic!("{events:?}") };
    assert_eq!(file.filename, r"\ccmsetup\MobileClient.tcf");
    assert_eq!(file.tree_path.as_deref(), Some(r"\\target\ADMIN$"));
    assert_eq!(file.settings, [("SMSSITECODE".to_owned(), "PS1".to_owned())]);
    harness::splits_do_not_matter(445, &conversation);
    harness::damage_does_no_harm(445, &conversation);
}

#[test]
fn open_andx_is_told_in_the_words_of_create() {
    let mut words = vec![0xFF, 0, 0, 0, 0, 0, 0x42, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x12, 0];
    words.extend([0; 12]);
    let open = message(0x2D, false, &words, &texts(32 + 1 + 30 + 2, &[], &[r"\report.txt"]));
    let events = said(&conversation(&[open]));
    let create = Create {
        smb: 1,
        session: 6,
        filename: r"\report.txt".into(),
        access: 0xC000_0000,
        disposition: 5,
        ..Create::default()
    };
    assert_eq!(events, [SmbEvent::Create(Box::new(create))]);
}

#[test]
fn search_and_deletion_are_told() {
    let pattern = texts(0, &[0; 12], &[r"\SMSClientInstall.*"]);
    let mut words = vec![0; 18];
    words.extend([u8::try_from(pattern.len()).unwrap(), 0, 66, 0, 0, 0, 0, 0, 1, 0, 1, 0]);
    let find = message(0x32, false, &words, &[&[0][..], &pattern].concat());
    let delete = message(0x06, false, &[0, 0], &texts(32 + 1 + 2 + 2, &[4], &[r"\SMSClientInstall.PS1"]));
    let events = said(&conversation(&[find, delete]));
    let SmbEvent::QueryDirectory(query) = &events[0] else { panic!("{events:?}") };
    assert_eq!(query.pattern, r"\SMSClientInstall.*");
    let SmbEvent::Delete(delete) = &events[1] else { panic!("{events:?}") };
    assert_eq!(delete.filename, r"\SMSClientInstall.PS1");
}

#[test]
fn signature_counts_only_after_the_session_setup() {
    let signed = |command| {
        let mut echo = message(command, false, &[0; 24], &[]);
        echo[10] |= 4;
        echo[14..22].fill(0x5A);
        echo
    };
    assert_eq!(said(&conversation(&[signed(0x2B)])), [SmbEvent::Signed { smb: 1, session: 6 }]);
    let setup = said(&conversation(&[signed(0x73)]));
    assert!(!setup.iter().any(|event| matches!(event, SmbEvent::Signed { .. })), "{setup:?}");
}

#[test]
fn chain_that_goes_back_is_malformed() {
    let words = [0x75, 0, 32, 0, 0, 0, 0, 0];
    let found = anomalies(&conversation(&[message(0x75, false, &words, &[])]));
    let [Anomaly::Malformed(error)] = &found[..] else { panic!("{found:?}") };
    assert_eq!(error.to_string(), "smb: andx offset at byte 35: value 0x20 is not allowed");
}

#[test]
fn rpc_by_write_and_by_transaction_is_read_with_the_pipe_s_name() {
    let bind = svcctl_bind();
    let connect = [header(0x75, false, 0), tree_connect_block(32, r"\\server\IPC$")].concat();
    let connected = message(0x75, true, &[0xFF, 0, 0, 0, 1, 0], b"IPC\0\0");
    let opened = [connect, connected, nt_create(r"\svcctl"), nt_created(7)];
    // Setup: TransactNmPipe on the file; data right behind the name.
    let name = texts(32 + 1 + 32 + 2, &[], &[r"\PIPE\"]);
    let offset = u8::try_from(32 + 1 + 32 + 2 + name.len()).unwrap();
    let mut words = vec![0; 22];
    words.extend([u8::try_from(bind.len()).unwrap(), 0, offset, 0, 2, 0, 0x26, 0, 7, 0]);
    let transaction = message(0x25, false, &words, &[name, bind.clone()].concat());
    for last in [write_andx(7, &bind), transaction] {
        let conversation = conversation(&[opened.to_vec(), vec![last]].concat());
        let events = harness::events(445, &conversation);
        let bind = events.iter().find_map(|(_, event)| match event {
            Event::Dcerpc(DcerpcEvent::Bind(bind)) => Some((bind.pipe.as_deref(), bind.interfaces.len())),
            _ => None,
        });
        assert_eq!(bind, Some((Some("svcctl"), 1)), "{events:?}");
        harness::splits_do_not_matter(445, &conversation);
        harness::damage_does_no_harm(445, &conversation);
    }
}
