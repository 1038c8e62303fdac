//! What clients and servers say to one another, built by hand from the protocols' documents.
//!
//! TLS handshakes are those of the decoder's own tests, which a script made with certificates of its own.

use std::rc::Rc;

/// A conversation: which way (0 to the server) and what, in order.
#[derive(Clone)]
pub(crate) struct Talk {
    pub(crate) port: u16,
    pub(crate) tcp: bool,
    pub(crate) messages: Vec<(usize, Rc<[u8]>)>,
}

/// Stands where each flow has a number of its own.
const NUMBER: &[u8; 8] = b"@@@@@@@@";
const TLS: [&[u8]; 3] = [
    include_bytes!("../../../decoders/src/tls/testdata/tls12.talk"),
    include_bytes!("../../../decoders/src/tls/testdata/tls12-mutual.talk"),
    include_bytes!("../../../decoders/src/tls/testdata/tls13.talk"),
];

impl Talk {
    pub(crate) fn tcp(port: u16) -> Self {
        Self { port, tcp: true, messages: Vec::new() }
    }

    pub(crate) fn say(mut self, way: usize, bytes: impl Into<Vec<u8>>) -> Self {
        self.messages.push((way, bytes.into().into()));
        self
    }

    /// The same with a number of its own.
    pub(crate) fn varied(&self, number: usize) -> Self {
        let mut talk = self.clone();
        for (_, bytes) in &mut talk.messages {
            let places: Vec<_> = bytes.windows(8).enumerate().filter(|(_, part)| part == NUMBER).collect();
            if let Some((place, _)) = places.first() {
                let mut own = bytes.to_vec();
                own[*place..place + 8].copy_from_slice(format!("{:08}", number % 100_000_000).as_bytes());
                *bytes = own.into();
            }
        }
        talk
    }
}

/// Downloads, policy and messages over HTTP.
pub(crate) fn web() -> Vec<Talk> {
    let content = http("GET /SMS_DP_SMSPKG$/ABC@@@@@@@@/setup.exe HTTP/1.1", b"", &filler(120_000));
    let policy = http("GET /SMS_MP/.sms_pol?ScopeId_@@@@@@@@.01_00 HTTP/1.1", b"", &filler(3_000));
    let status = http("CCM_POST /ccm_system/request HTTP/1.1", &ccm_message(), b"");
    vec![content, policy, status]
}

/// The conversations of a client network; those that are more frequent stand there more than once.
pub(crate) fn mix() -> Vec<Talk> {
    let content = http("GET /SMS_DP_SMSPKG$/ABC@@@@@@@@/setup.exe HTTP/1.1", b"", &filler(12_000));
    let policy = http("GET /SMS_MP/.sms_pol?ScopeId_@@@@@@@@.01_00 HTTP/1.1", b"", &filler(3_000));
    let list = http("GET /SMS_MP/.sms_aut?MPLIST HTTP/1.1", b"", b"<MPList></MPList>");
    let status = http("CCM_POST /ccm_system/request HTTP/1.1", &ccm_message(), b"");
    let mut mix = vec![
        content,
        policy,
        list,
        status.clone(),
        status,
        smb(),
        kerberos(),
        kerberos(),
        nbns(),
        dns(),
        dns(),
    ];
    mix.extend(TLS.map(recorded));
    mix
}

/// A long response.
pub(crate) fn download(bytes: usize) -> Talk {
    http("GET /SMS_DP_SMSPKG$/ABC00001/image.wim HTTP/1.1", b"", &filler(bytes))
}

/// A recorded talk: direction, length in four bytes, bytes.
fn recorded(mut bytes: &[u8]) -> Talk {
    let mut talk = Talk::tcp(443);
    while let Some((head, rest)) = bytes.split_first_chunk::<5>() {
        let len = u32::from_be_bytes([head[1], head[2], head[3], head[4]]) as usize;
        talk = talk.say(usize::from(head[0]), &rest[..len]);
        bytes = &rest[len..];
    }
    talk
}

/// Bytes that look like nothing.
fn filler(len: usize) -> Vec<u8> {
    let mut dice = crate::generate::Dice(len as u64);
    (0..len).map(|_| dice.next(256) as u8).collect()
}

fn wide(text: &str) -> Vec<u8> {
    text.encode_utf16().flat_map(u16::to_le_bytes).collect()
}

// -- HTTP

fn http(line: &str, asked: &[u8], answered: &[u8]) -> Talk {
    let kind = "multipart/mixed; boundary=\"aAbBcCdDv1234567890VxXyYzZ\"";
    let mut request =
        format!("{line}\r\nHost: mp.example.test\r\nUser-Agent: ConfigMgr Messaging HTTP Sender\r\n");
    if !asked.is_empty() {
        request += &format!("Content-Type: {kind}\r\nContent-Length: {}\r\n", asked.len());
    }
    let request = [request.as_bytes(), b"\r\n", asked].concat();
    let head = format!(
        "HTTP/1.1 200 OK\r\nServer: Microsoft-IIS/10.0\r\nContent-Length: {}\r\n\r\n",
        answered.len()
    );
    Talk::tcp(80).say(0, request).say(1, [head.as_bytes(), answered].concat())
}

fn ccm_message() -> Vec<u8> {
    let header = "<Msg SchemaVersion=\"1.1\"><Body Type=\"ByteRange\" Length=\"600\" Offset=\"0\" /><Hooks />\
        <ID>{3F2504E0-4F89-41D3-9A0C-0305E82C3301}</ID><Payload Type=\"inline\" /><ReplyMode>Sync</ReplyMode>\
        <SourceHost>WKS-0042</SourceHost><SourceID>GUID:0A1B2C3D-0000-4000-8000-00000000BEEF</SourceID>\
        <TargetAddress>mp:MP_StatusManager</TargetAddress><TargetEndpoint>MP_StatusManager</TargetEndpoint></Msg>";
    let payload = "<Status SchemaVersion=\"1.00\"><Properties><Property Name=\"Severity\">1</Property>\
        <Property Name=\"MachineName\">WKS-0042</Property></Properties><Type>CCM_Example</Type></Status>";
    let part =
        |kind: &str| format!("--aAbBcCdDv1234567890VxXyYzZ\r\ncontent-type: {kind}\r\n\r\n").into_bytes();
    [
        part("text/plain; charset=UTF-16"),
        b"\xFF\xFE".to_vec(),
        wide(header),
        b"\r\n".to_vec(),
        part("application/octet-stream"),
        wide(payload),
        b"\0\0\r\n--aAbBcCdDv1234567890VxXyYzZ--".to_vec(),
    ]
    .concat()
}

// -- SMB2 ([MS-SMB2] 2.2)

fn smb2(command: u16, message: u64, response: bool, body: &[u8]) -> Vec<u8> {
    let status: u32 = if response && command == 1 && message == 1 { 0xC000_0016 } else { 0 };
    let session: u64 = if command == 0 { 0 } else { 0x0400_0000_0001 };
    let len = (64 + body.len()) as u32;
    [
        &len.to_be_bytes()[..],
        b"\xFESMB",
        &64_u16.to_le_bytes(),
        &1_u16.to_le_bytes(),
        &status.to_le_bytes(),
        &command.to_le_bytes(),
        &1_u16.to_le_bytes(),
        &u32::from(response).to_le_bytes(),
        &0_u32.to_le_bytes(),
        &message.to_le_bytes(),
        &0xFEFF_u32.to_le_bytes(),
        &u32::from(command > 2).to_le_bytes(),
        &session.to_le_bytes(),
        &[0; 16],
        body,
    ]
    .concat()
}

/// Fields of a body: numbers by their width.
fn body(fields: &[(u64, usize)], tail: &[u8]) -> Vec<u8> {
    let fixed = fields.iter().flat_map(|(value, width)| value.to_le_bytes().into_iter().take(*width));
    fixed.chain(tail.iter().copied()).collect()
}

fn session_setup(blob: &[u8]) -> Vec<u8> {
    body(&[(25, 2), (0, 1), (1, 1), (1, 4), (0, 4), (88, 2), (blob.len() as u64, 2), (0, 8)], blob)
}

fn session_response(blob: &[u8]) -> Vec<u8> {
    body(&[(9, 2), (0, 2), (72, 2), (blob.len() as u64, 2)], blob)
}

fn ntlm(kind: u32, fields: &[&[u8]], tail: &[u8]) -> Vec<u8> {
    let fixed = 12 + fields.len() * 8 + tail.len();
    let mut message = [b"NTLMSSP\0".as_slice(), &kind.to_le_bytes()].concat();
    let mut offset = fixed;
    for field in fields {
        message.extend(body(&[(field.len() as u64, 2), (field.len() as u64, 2), (offset as u64, 4)], &[]));
        offset += field.len();
    }
    [&message, tail, &fields.concat()].concat()
}

fn smb() -> Talk {
    let flags = 0xE288_8215_u32.to_le_bytes();
    let version = [10, 0, 0x61, 0x4A, 0, 0, 0, 15];
    let negotiate = [b"NTLMSSP\0\x01\0\0\0".as_slice(), &flags, &[0; 16], &version].concat();
    let info = [&body(&[(2, 2), (12, 2)], &wide("DOMAIN"))[..], &[0; 4]].concat();
    // TargetName's descriptor stands before flags and challenge, TargetInfo's behind them.
    let name = wide("DOMAIN");
    let mut challenge =
        [b"NTLMSSP\0\x02\0\0\0".as_slice(), &body(&[(12, 2), (12, 2), (56, 4)], &flags), &[0x5A; 8], &[0; 8]]
            .concat();
    challenge.extend(body(&[(info.len() as u64, 2), (info.len() as u64, 2), (68, 4)], &version));
    challenge.extend([&name[..], &info].concat());
    let answer = [&[0x77; 16][..], &[1, 1, 0, 0, 0, 0, 0, 0], &[0; 20], &info, &[0; 4]].concat();
    let (user, host) = (wide("wks-0042$"), wide("WKS-0042"));
    let tail = [&flags[..], &version, &[0x33; 16]].concat();
    let authenticate = ntlm(3, &[&[0; 24], &answer, &name, &user, &host, &[0xC5; 16]], &tail);
    let (share, file) = (wide(r"\\dp.example.test\SMSPKGD$"), wide(r"ABC00001\setup.exe"));
    let ask = |command, message, body: Vec<u8>| smb2(command, message, false, &body);
    let reply = |command, message, body: Vec<u8>| smb2(command, message, true, &body);
    let dialects = body(&[(0x0202, 2), (0x0210, 2), (0x0300, 2), (0x0302, 2)], &[]);
    let id = [(0x21, 8), (0x21, 8)];
    let read = body(
        &[(49, 2), (80, 1), (0, 1), (8_192, 4), (0, 8), id[0], id[1], (0, 4), (0, 4), (0, 4), (0, 4)],
        &[0],
    );
    let data = body(&[(17, 2), (80, 1), (0, 1), (8_192, 4), (0, 8)], &filler(8_192));
    let create = body(
        &[
            (57, 2),
            (0, 2),
            (2, 4),
            (0, 16),
            (0x0012_0089, 4),
            (0, 4),
            (7, 4),
            (1, 4),
            (0x40, 4),
            (120, 2),
            (file.len() as u64, 2),
            (0, 8),
        ],
        &file,
    );
    let created = body(
        &[
            (89, 2),
            (0, 2),
            (1, 4),
            (0, 8),
            (0, 8),
            (0, 8),
            (0, 8),
            (8_192, 8),
            (8_192, 8),
            (0x20, 4),
            (0, 4),
            id[0],
            id[1],
            (0, 8),
        ],
        &[],
    );
    Talk::tcp(445)
        .say(
            0,
            ask(0, 0, body(&[(36, 2), (4, 2), (1, 2), (0, 2), (0x7F, 4), (1, 8), (2, 8), (0, 8)], &dialects)),
        )
        .say(
            1,
            reply(
                0,
                0,
                body(
                    &[
                        (65, 2),
                        (1, 2),
                        (0x0302, 2),
                        (0, 2),
                        (1, 8),
                        (2, 8),
                        (0x2F, 4),
                        (1 << 20, 4),
                        (1 << 20, 4),
                        (1 << 20, 4),
                        (0, 8),
                        (0, 8),
                        (128, 2),
                        (0, 2),
                        (0, 4),
                    ],
                    &[],
                ),
            ),
        )
        .say(0, ask(1, 1, session_setup(&negotiate)))
        .say(1, reply(1, 1, session_response(&challenge)))
        .say(0, ask(1, 2, session_setup(&authenticate)))
        .say(1, reply(1, 2, session_response(&[])))
        .say(0, ask(3, 3, body(&[(9, 2), (0, 2), (72, 2), (share.len() as u64, 2)], &share)))
        .say(1, reply(3, 3, body(&[(16, 2), (1, 1), (0, 1), (0, 4), (0, 4), (0x1F, 4)], &[])))
        .say(0, ask(5, 4, create))
        .say(1, reply(5, 4, created))
        .say(0, ask(8, 5, read))
        .say(1, reply(8, 5, data))
        .say(0, ask(6, 6, body(&[(24, 2), (0, 2), (0, 4), id[0], id[1]], &[])))
        .say(1, reply(6, 6, body(&[(60, 2), (0, 2), (0, 4)], &[0; 52])))
}

// -- Kerberos (RFC 4120)

fn der(tag: u8, parts: &[Vec<u8>]) -> Vec<u8> {
    let inside = parts.concat();
    let len = inside.len();
    let mut out = match len {
        0..128 => vec![tag, len as u8],
        _ => vec![tag, 0x82, (len >> 8) as u8, len as u8],
    };
    out.extend(inside);
    out
}

fn number(value: u8) -> Vec<u8> {
    vec![2, 1, value]
}

fn text(value: &str) -> Vec<u8> {
    der(0x1B, &[value.into()])
}

fn sequence(fields: &[(u8, Vec<u8>)]) -> Vec<u8> {
    let parts: Vec<_> =
        fields.iter().map(|(place, field)| der(0xA0 | place, std::slice::from_ref(field))).collect();
    der(0x30, &parts)
}

fn principal(kind: u8, names: &[&str]) -> Vec<u8> {
    let names: Vec<_> = names.iter().map(|name| text(name)).collect();
    sequence(&[(0, number(kind)), (1, der(0x30, &names))])
}

fn encrypted(len: usize) -> Vec<u8> {
    sequence(&[(0, number(18)), (2, der(4, &[filler(len)]))])
}

fn kerberos() -> Talk {
    let (realm, client) = (text("EXAMPLE.TEST"), principal(1, &["WKS-0042$"]));
    let time = der(0x18, &[b"20370913024805Z".to_vec()]);
    let types = der(0x30, &[number(18), number(17), number(23)]);
    let request = |kind: u8, service: &[&str], with_client: bool| {
        let mut fields = vec![(0, der(3, &[vec![0, 0x40, 0x81, 0, 0x10]]))];
        fields.extend(with_client.then(|| (1, client.clone())));
        fields.extend([
            (2, realm.clone()),
            (3, principal(2, service)),
            (5, time.clone()),
            (7, number(77)),
            (8, types.clone()),
        ]);
        let body = sequence(&fields);
        der(0x60 | kind, &[sequence(&[(1, number(5)), (2, number(kind)), (4, body)])])
    };
    let reply = |kind: u8, service: &[&str]| {
        let ticket = sequence(&[
            (0, number(5)),
            (1, realm.clone()),
            (2, principal(2, service)),
            (3, encrypted(1_000)),
        ]);
        let ticket = der(0x61, &[ticket]);
        let fields = [
            (0, number(5)),
            (1, number(kind)),
            (3, realm.clone()),
            (4, client.clone()),
            (5, ticket),
            (6, encrypted(250)),
        ];
        der(0x60 | kind, &[sequence(&fields)])
    };
    let framed = |message: Vec<u8>| [&(message.len() as u32).to_be_bytes()[..], &message].concat();
    Talk::tcp(88)
        .say(0, framed(request(10, &["krbtgt", "EXAMPLE.TEST"], true)))
        .say(1, framed(reply(11, &["krbtgt", "EXAMPLE.TEST"])))
        .say(0, framed(request(12, &["HTTP", "mp.example.test"], false)))
        .say(1, framed(reply(13, &["HTTP", "mp.example.test"])))
}

// -- Names (RFC 1002, RFC 1035)

fn nbns() -> Talk {
    let name: Vec<u8> =
        b"MP_ABC         \x1A".iter().flat_map(|byte| [b'A' + (byte >> 4), b'A' + (byte & 15)]).collect();
    let name = [&[32][..], &name, &[0]].concat();
    let question = [&[0, 9, 1, 0x10, 0, 1, 0, 0, 0, 0, 0, 0][..], &name, &[0, 32, 0, 1]].concat();
    let tail = [0, 32, 0, 1, 0, 0, 1, 0, 0, 6, 0, 0, 10, 0, 0, 1];
    let answer = [&[0, 9, 0x85, 0x80, 0, 0, 0, 1, 0, 0, 0, 0][..], &name, &tail].concat();
    Talk { port: 137, tcp: false, messages: Vec::new() }.say(0, question).say(1, answer)
}

pub(crate) fn dns() -> Talk {
    let name = b"\x0Cwks-@@@@@@@@\x07example\x04test\0\0\x01\0\x01";
    let question = [&[0, 9, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0][..], name].concat();
    let answer = [0xC0, 12, 0, 1, 0, 1, 0, 0, 1, 0, 0, 4, 10, 0, 0, 1];
    let answer = [&[0, 9, 0x81, 0x80, 0, 1, 0, 1, 0, 0, 0, 0][..], name, &answer].concat();
    Talk { port: 53, tcp: false, messages: Vec::new() }.say(0, question).say(1, answer)
}
