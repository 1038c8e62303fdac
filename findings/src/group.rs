//! Groups in which TLS agrees on keys: names and strength (IANA "TLS Supported Groups"; RFC 8422, RFC 7919, RFC 8446).

use std::borrow::Cow;

/// Fewest bits of a Diffie-Hellman prime that is not too short (RFC 9325 4.5).
pub(crate) const PRIME_BITS: u32 = 2048;

/// Names that people know them by.
const NAMES: [(u16, &str); 25] = [
    (1, "sect163k1"),
    (3, "sect163r2"),
    (6, "sect233k1"),
    (7, "sect233r1"),
    (9, "sect283k1"),
    (10, "sect283r1"),
    (13, "sect571k1"),
    (14, "sect571r1"),
    (16, "secp160r1"),
    (19, "secp192r1"),
    (21, "secp224r1"),
    (22, "secp256k1"),
    (23, "secp256r1"),
    (24, "secp384r1"),
    (25, "secp521r1"),
    (26, "brainpoolP256r1"),
    (27, "brainpoolP384r1"),
    (28, "brainpoolP512r1"),
    (29, "x25519"),
    (30, "x448"),
    (256, "ffdhe2048"),
    (257, "ffdhe3072"),
    (258, "ffdhe4096"),
    (0x11EC, "X25519MLKEM768"),
    (0x11EB, "SecP256r1MLKEM768"),
];

/// A group's name, or its number.
pub(crate) fn name(group: u16) -> Cow<'static, str> {
    let known = NAMES.iter().find(|(number, _)| *number == group);
    known.map_or_else(|| Cow::Owned(format!("group {group:#06x}")), |(_, name)| Cow::Borrowed(*name))
}

/// Whether a group is a curve over less than 224 bits, which gives less than 112 bits of strength (RFC 9325 4.5).
pub(crate) const fn is_weak(group: u16) -> bool {
    matches!(group, 1..=5 | 15..=19)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn short_curves_are_weak_and_the_others_are_not() {
        assert!(is_weak(1) && is_weak(19), "163 and 192 bits");
        assert!(!is_weak(6) && !is_weak(20) && !is_weak(23) && !is_weak(29) && !is_weak(256));
        assert_eq!((name(29).as_ref(), name(0x4444).as_ref()), ("x25519", "group 0x4444"));
    }
}
