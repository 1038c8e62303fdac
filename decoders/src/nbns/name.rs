//! NetBIOS names: 16 bytes, the last of which says what the name is for (RFC 1001 14.1, [MS-NBTE] 1.8).

use std::fmt::Write as _;

/// Bytes of a name.
pub(crate) const LEN: usize = 16;

/// Undoes the first-level encoding: each byte as two letters, `A` plus a nibble.
pub(crate) fn decode(encoded: &[u8]) -> Option<[u8; LEN]> {
    let nibble = |letter: u8| letter.checked_sub(b'A').filter(|nibble| *nibble < 16);
    if encoded.len() != LEN * 2 {
        return None;
    }
    let mut name = [0; LEN];
    for (byte, pair) in name.iter_mut().zip(encoded.chunks_exact(2)) {
        let [high, low] = pair else { return None };
        *byte = nibble(*high)? << 4 | nibble(*low)?;
    }
    Some(name)
}

/// The first 15 bytes as text without padding, unprintable ones as `<00>`; and the 16th byte.
pub(crate) fn display(name: &[u8; LEN]) -> (String, u8) {
    let [text @ .., suffix] = name;
    let mut shown = String::with_capacity(LEN);
    for byte in text {
        if (0x20..0x7F).contains(byte) {
            shown.push(char::from(*byte));
        } else {
            // Writing to a String cannot fail.
            let _ = write!(shown, "<{byte:02x}>");
        }
    }
    shown.truncate(shown.trim_end_matches(' ').len());
    (shown, *suffix)
}
