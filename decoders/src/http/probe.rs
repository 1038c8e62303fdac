//! Whether bytes begin like an HTTP/1.x message: strong enough to be asked on any port.
//!
//! SIP, RTSP and SSDP share HTTP's shape; what tells them apart is the protocol's name in the version. Its number says
//! nothing: recipients answer `HTTP/2.0` and believe `HTTP/1.10`, and who wants to get past a reader sends them.

use memchr::memchr;

use crate::decoder::Probe;

/// Methods that may stand before a path with no version behind it (HTTP/0.9, broken clients), and that are
/// believed before their line is complete.
const KNOWN: &[&[u8]] = &[
    b"GET",
    b"POST",
    b"HEAD",
    b"PUT",
    b"OPTIONS",
    b"CCM_POST",
    b"BITS_POST",
    b"PROPFIND",
    b"DELETE",
    b"CONNECT",
    b"TRACE",
    b"PATCH",
];

/// What the targets of nearly all requests begin with.
const WEB: &[&[u8]] = &[b"/", b"http://", b"https://"];

/// The longest method looked for.
const METHOD: usize = 32;

/// The longest version looked for behind `HTTP/`.
const VERSION: usize = 8;

/// The longest line waited for, where its beginning alone does not decide.
const LINE: usize = 16 << 10;

/// Does this begin with a request line (RFC 9112 3)?
pub(super) fn request(bytes: &[u8]) -> Probe {
    let bytes = after_line_ends(bytes);
    let window = bytes.get(..=METHOD).unwrap_or(bytes);
    let method = window.split(|byte| *byte == b' ').next().unwrap_or_default();
    if !method.iter().all(|byte| matches!(byte, b'A'..=b'Z' | b'_' | b'-')) || method.len() > METHOD {
        return Probe::No;
    }
    let Some(rest) = bytes.get(method.len() + 1..) else { return Probe::Maybe };
    if method.is_empty() {
        return Probe::No;
    }
    let known = KNOWN.contains(&method);
    let Some(end) = memchr(b'\n', rest) else { return unfinished_line(rest, known) };
    // As of a line without its end: what is read must not depend on where a segment ends.
    if end > LINE || rest.iter().find(|byte| **byte != b' ').is_some_and(|first| !first.is_ascii_graphic()) {
        return Probe::No;
    }
    let line = rest.get(..end).unwrap_or_default().trim_ascii();
    let last = line.rsplit(|byte| *byte == b' ').next().unwrap_or_default();
    let only_path = line.starts_with(b"/") && last.len() == line.len();
    // Of HTTP/2's preface only `PRI` has no business here.
    let version = last.strip_prefix(b"HTTP/").and_then(|version| version.first());
    let http = version.is_some_and(|major| known || *major == b'1');
    if http || (known && only_path) { Probe::Yes } else { Probe::No }
}

/// Does this begin as a request of a known method does? For places where a body may stand as well. Its first bytes
/// decide, whatever follows: what is read must not depend on where a segment ends.
pub(super) fn known_request(bytes: &[u8]) -> Probe {
    let mut probe = Probe::No;
    for (method, target) in KNOWN.iter().flat_map(|method| WEB.iter().map(move |target| (*method, *target))) {
        let start = method.iter().chain(b" ").chain(target);
        if bytes.iter().zip(start).all(|(byte, expected)| byte == expected) {
            if bytes.len() > method.len() + target.len() {
                return Probe::Yes;
            }
            probe = Probe::Maybe;
        }
    }
    probe
}

/// What a line without its end tells, from behind the method.
fn unfinished_line(rest: &[u8], known: bool) -> Probe {
    let Some(first) = rest.iter().find(|byte| **byte != b' ') else { return Probe::Maybe };
    if !first.is_ascii_graphic() || rest.len() > LINE {
        return Probe::No;
    }
    let web = WEB.iter().any(|start| rest.starts_with(start));
    if known && web { Probe::Yes } else { Probe::Maybe }
}

/// Does this begin with a status line (RFC 9112 4)?
pub(super) fn response(bytes: &[u8]) -> Probe {
    const START: &[u8] = b"HTTP/";
    let bytes = after_line_ends(bytes);
    let Some(rest) = bytes.strip_prefix(START) else {
        return if START.starts_with(bytes) { Probe::Maybe } else { Probe::No };
    };
    let end = rest.iter().position(|byte| byte.is_ascii_control() || *byte == b' ').unwrap_or(rest.len());
    let (version, rest) = rest.split_at_checked(end).unwrap_or_default();
    match rest {
        _ if end > VERSION => Probe::No,
        [] => Probe::Maybe,
        // HTTP/2 has no status lines, only what tools print for it.
        [b' ', ..] if version.contains(&b'.') => {
            let blanks = rest.iter().take_while(|byte| matches!(byte, b' ' | b'\t')).count();
            // As many blanks are passed over before the code as are waited through for it.
            match rest.get(blanks) {
                Some(b'0'..=b'9') if blanks <= METHOD => Probe::Yes,
                None if blanks <= METHOD => Probe::Maybe,
                _ => Probe::No,
            }
        }
        _ => Probe::No,
    }
}

/// Does this begin with a TLS record of a handshake (RFC 8446 5.1)?
pub(super) fn tls(bytes: &[u8]) -> Probe {
    match bytes {
        [] | [0x16] | [0x16, 3] => Probe::Maybe,
        [0x16, 3, 0..=4, ..] => Probe::Yes,
        _ => Probe::No,
    }
}

/// Line ends before a start line are to be passed over (RFC 9112 2.2).
pub(super) fn after_line_ends(bytes: &[u8]) -> &[u8] {
    let line_ends = bytes.iter().take_while(|byte| matches!(byte, b'\r' | b'\n')).count();
    bytes.get(line_ends..).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn target_of_no_text_is_no_request_line_whether_its_end_is_there_or_not() {
        let line = b"POST \xFF\xFF/x HTTP/1.1\r\n";
        let by_length: Vec<_> = (6..=line.len()).map(|len| request(&line[..len])).collect();
        assert_eq!(by_length, vec![Probe::No; line.len() - 5]);
    }

    #[test]
    fn where_a_body_may_stand_the_first_bytes_of_a_request_decide() {
        for (line, from) in [(&b"GET / HTTP/0.1\r\n"[..], 5), (b"PUT http://host/ x", 11)] {
            for len in 0..line.len() {
                let expected = if len < from { Probe::Maybe } else { Probe::Yes };
                assert_eq!(known_request(&line[..len]), expected, "{len}");
            }
        }
        for body in [&b"GETTING /"[..], b"GET x", b"get /", b"--GET /", b"\0"] {
            assert_eq!(known_request(body), Probe::No);
        }
    }

    #[test]
    fn line_longer_than_any_is_no_request_line_whether_its_end_is_there_or_not() {
        let line = [b"GET /", vec![b'x'; LINE + 1].as_slice()].concat();
        assert_eq!(request(&line), Probe::No);
        assert_eq!(request(&[line, b" HTTP/1.1\r\n".to_vec()].concat()), Probe::No);
    }

    #[test]
    fn status_code_behind_many_blanks_is_no_status_line_whether_it_is_there_or_not() {
        let line = [b"HTTP/1.1 ".as_slice(), &[b'\t'; METHOD], b"200 OK\r\n"].concat();
        let by_length: Vec<_> = (9 + METHOD..=line.len()).map(|len| response(&line[..len])).collect();
        assert_eq!(by_length, vec![Probe::No; 9]);
        assert_eq!(response(b"HTTP/1.1   200 OK\r\n"), Probe::Yes);
    }

    #[test]
    fn number_of_the_version_says_nothing() {
        for version in ["HTTP/2.0", "HTTP/0.9", "HTTP/1.01", "HTTP/1.10", "HTTP/1.\u{f1}"] {
            let status = format!("{version} 200 OK\r\n");
            let split = status.find(" 2").unwrap() + 2;
            for len in 0..=status.len() {
                let expected = if len < split { Probe::Maybe } else { Probe::Yes };
                assert_eq!(response(&status.as_bytes()[..len]), expected, "{version} {len}");
            }
            assert_eq!(request(format!("GET /a {version}\r\n").as_bytes()), Probe::Yes, "{version}");
        }
        assert_eq!(request(b"PRI * HTTP/2.0\r\n"), Probe::No);
        for line in ["RTSP/1.0 200 OK\r\n", "HTTP/ 200", "HTTP/123456789", "HTTP/1.1\t200"] {
            assert_eq!(response(line.as_bytes()), Probe::No, "{line}");
        }
    }

    #[test]
    fn line_that_ends_before_its_status_code_is_no_status_line() {
        assert_eq!(response(b"HTTP/1.1 \n"), Probe::No);
        assert_eq!(response(b"HTTP/1.1 \n\r\nx"), Probe::No);
    }
}
