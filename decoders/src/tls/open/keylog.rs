//! Lines of a key log, as `SSLKEYLOGFILE` has them ("The SSLKEYLOGFILE Format for TLS", after that of NSS). It knows no
//! connection.

use super::secret::Secret;

/// Length of a client random, which names a connection.
pub(super) const RANDOM: usize = 32;
/// Length of a master secret (RFC 5246 8.1) and of a premaster secret that RSA carries (7.4.7.1).
pub(super) const MASTER: usize = 48;
/// Bytes of an encrypted premaster secret by which an `RSA` line names it.
pub(super) const PREMASTER_NAME: usize = 8;

/// What a secret is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Label {
    /// The master secret of TLS 1.2 and older.
    Master,
    /// What the client sends before the server has answered (0-RTT).
    ClientEarly,
    /// The rest of the handshake.
    ClientHandshake,
    ServerHandshake,
    /// All that follows.
    ClientTraffic,
    ServerTraffic,
}

impl Label {
    /// How many there are.
    pub(super) const COUNT: usize = 6;

    fn read(word: &[u8]) -> Option<Self> {
        Some(match word {
            b"CLIENT_RANDOM" => Self::Master,
            b"CLIENT_EARLY_TRAFFIC_SECRET" => Self::ClientEarly,
            b"CLIENT_HANDSHAKE_TRAFFIC_SECRET" => Self::ClientHandshake,
            b"SERVER_HANDSHAKE_TRAFFIC_SECRET" => Self::ServerHandshake,
            b"CLIENT_TRAFFIC_SECRET_0" => Self::ClientTraffic,
            b"SERVER_TRAFFIC_SECRET_0" => Self::ServerTraffic,
            _ => return None,
        })
    }

    /// Whether a secret of this use can have that length: a master secret has one; others are as long as the hash of
    /// the suite, SHA-256 or SHA-384.
    const fn fits(self, length: usize) -> bool {
        matches!((self, length), (_, MASTER)) || !matches!(self, Self::Master) && length == 32
    }
}

/// One line of a key log.
#[derive(Debug)]
pub(super) enum Line {
    /// A secret of the connection that the client random names.
    Secret(Label, [u8; RANDOM], Secret),
    /// The premaster secret whose encrypted form begins with these bytes.
    Premaster([u8; PREMASTER_NAME], Secret),
    /// Nothing, a comment, or a secret that opens no record.
    Other,
    /// No line of a key log, or one that is cut short.
    Malformed,
}

/// Reads one line, its end left out.
pub(super) fn line(text: &[u8]) -> Line {
    let text = text.trim_ascii();
    if text.is_empty() || text.starts_with(b"#") {
        return Line::Other;
    }
    let mut words = text.split(u8::is_ascii_whitespace).filter(|word| !word.is_empty());
    let (Some(label), Some(name), Some(secret), None) =
        (words.next(), words.next(), words.next(), words.next())
    else {
        return Line::Malformed;
    };
    let (Some(name), Some(secret)) = (hex(name), hex(secret).map(Secret::new)) else {
        return Line::Malformed;
    };
    if label == b"RSA" {
        return match <[u8; PREMASTER_NAME]>::try_from(name.as_slice()) {
            Ok(name) if secret.bytes().len() == MASTER => Line::Premaster(name, secret),
            _ => Line::Malformed,
        };
    }
    let Some(label) = Label::read(label) else { return Line::Other };
    match <[u8; RANDOM]>::try_from(name.as_slice()) {
        Ok(random) if label.fits(secret.bytes().len()) => Line::Secret(label, random, secret),
        _ => Line::Malformed,
    }
}

fn hex(digits: &[u8]) -> Option<Vec<u8>> {
    let digit = |byte: u8| char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
    let (pairs, []) = digits.as_chunks::<2>() else { return None };
    pairs.iter().map(|[high, low]| Some(digit(*high)? << 4 | digit(*low)?)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const RANDOM_HEX: &str = "000102030405060708090a0b0c0d0e0f101112131415161718191A1B1C1D1E1F";

    fn read(label: &str, name: &str, digits: usize) -> Line {
        line(format!("{label} {name} {}\r", "5a".repeat(digits)).as_bytes())
    }

    #[test]
    fn lines_that_open_records_are_read() {
        let Line::Secret(Label::Master, random, secret) = read("CLIENT_RANDOM", RANDOM_HEX, 48) else {
            panic!("no master secret")
        };
        assert_eq!((random[31], secret.bytes()), (0x1F, [0x5A; 48].as_slice()));
        for length in [32, 48] {
            let line = read("SERVER_TRAFFIC_SECRET_0", RANDOM_HEX, length);
            assert!(matches!(line, Line::Secret(Label::ServerTraffic, ..)));
        }
        assert!(matches!(read("RSA", "0011223344556677", 48), Line::Premaster([0, 0x11, ..], _)));
    }

    #[test]
    fn other_lines_are_passed_over() {
        for text in ["", "  ", "# SSL/TLS secrets log file"] {
            assert!(matches!(line(text.as_bytes()), Line::Other));
        }
        for label in ["EXPORTER_SECRET", "CLIENT_TRAFFIC_SECRET_1", "ECH_SECRET"] {
            assert!(matches!(read(label, RANDOM_HEX, 32), Line::Other));
        }
    }

    #[test]
    fn cut_and_mangled_lines_are_told_from_others() {
        for (name, length) in [(RANDOM_HEX, 47), (RANDOM_HEX, 32), ("00", 48), ("zz", 48), ("0", 48)] {
            assert!(matches!(read("CLIENT_RANDOM", name, length), Line::Malformed), "{name} {length}");
        }
        for text in ["CLIENT_RANDOM", "CLIENT_RANDOM 00", "a b c d", "\u{1}\u{2}\u{3}"] {
            assert!(matches!(line(text.as_bytes()), Line::Malformed), "{text}");
        }
        let odd = format!("CLIENT_RANDOM {RANDOM_HEX} {}", "5".repeat(95));
        assert!(matches!(line(odd.as_bytes()), Line::Malformed));
    }
}
