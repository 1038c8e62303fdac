//! The static Huffman code of strings (RFC 7541 5.2, appendix B).
//!
//! The code is canonical: among codes of one length, and from one length to the next, it counts upwards in the order of
//! the symbols. So the lengths alone say what the code is.

use crate::error::{DecodeError, ErrorKind};

/// Bits of the longest code.
const LONGEST: usize = 30;
/// The symbol that may not stand in a string.
const END_OF_STRING: u16 = 256;
/// Bits of each symbol's code: the 256 octets, then the end of the string.
#[rustfmt::skip]
const BITS: [u8; 257] = [
    13, 23, 28, 28, 28, 28, 28, 28, 28, 24, 30, 28, 28, 30, 28, 28,
    28, 28, 28, 28, 28, 28, 30, 28, 28, 28, 28, 28, 28, 28, 28, 28,
    6, 10, 10, 12, 13, 6, 8, 11, 10, 10, 8, 11, 8, 6, 6, 6,
    5, 5, 5, 6, 6, 6, 6, 6, 6, 6, 7, 8, 15, 6, 12, 10,
    13, 6, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7,
    7, 7, 7, 7, 7, 7, 7, 7, 8, 7, 8, 13, 19, 13, 14, 6,
    15, 5, 6, 5, 6, 5, 6, 6, 6, 5, 7, 7, 6, 6, 6, 5,
    6, 7, 6, 5, 5, 6, 7, 7, 7, 7, 7, 15, 11, 14, 13, 28,
    20, 22, 20, 20, 22, 22, 22, 23, 22, 23, 23, 23, 23, 23, 24, 23,
    24, 24, 22, 23, 24, 23, 23, 23, 23, 21, 22, 23, 22, 23, 23, 24,
    22, 21, 20, 22, 22, 23, 23, 21, 23, 22, 22, 24, 21, 22, 23, 23,
    21, 21, 22, 21, 23, 22, 23, 23, 20, 22, 22, 22, 23, 22, 22, 23,
    26, 26, 20, 19, 22, 23, 22, 25, 26, 26, 26, 27, 27, 26, 24, 25,
    19, 21, 26, 27, 27, 26, 27, 24, 21, 21, 26, 26, 28, 27, 27, 27,
    20, 24, 20, 21, 22, 21, 21, 23, 22, 22, 25, 25, 24, 24, 26, 23,
    26, 27, 26, 26, 27, 27, 27, 27, 27, 28, 27, 27, 27, 27, 27, 26,
    30,
];

/// The codes of one length.
#[derive(Clone, Copy)]
struct Level {
    /// The first of them.
    code: u32,
    /// How many there are.
    count: u32,
    /// The place of the first one's symbol in [`Code::symbols`].
    symbol: u32,
}

struct Code {
    levels: [Level; LONGEST + 1],
    /// Symbols in the order of their codes.
    symbols: [u16; BITS.len()],
}

const CODE: Code = code();

const fn code() -> Code {
    let mut levels = [Level { code: 0, count: 0, symbol: 0 }; LONGEST + 1];
    let mut symbols = [0; BITS.len()];
    let (mut bits, mut next, mut place) = (1, 0, 0);
    while bits <= LONGEST {
        next <<= 1;
        levels[bits] = Level { code: next, count: 0, symbol: place };
        let mut symbol: u16 = 0;
        while (symbol as usize) < BITS.len() {
            if BITS[symbol as usize] as usize == bits {
                symbols[place as usize] = symbol;
                levels[bits].count += 1;
                (next, place) = (next + 1, place + 1);
            }
            symbol += 1;
        }
        bits += 1;
    }
    Code { levels, symbols }
}

/// The string that these octets stand for: at most 8/5 as long. A string ends with less than an octet of one bits.
pub(super) fn decode(coded: &[u8]) -> Result<Vec<u8>, DecodeError> {
    let mut decoded = Vec::with_capacity(coded.len() * 8 / 5);
    let (mut code, mut bits) = (0_u32, 0_usize);
    for (at, octet) in coded.iter().enumerate() {
        for shift in (0..8).rev() {
            code = code << 1 | u32::from(octet >> shift & 1);
            bits += 1;
            let Some(level) = CODE.levels.get(bits) else { return Err(wrong(at, "a code")) };
            let Some(place) = code.checked_sub(level.code).filter(|place| *place < level.count) else {
                continue;
            };
            let symbol = CODE.symbols.get((level.symbol + place) as usize).copied().unwrap_or(END_OF_STRING);
            match u8::try_from(symbol) {
                Ok(octet) => decoded.push(octet),
                Err(_) => return Err(wrong(at, "no end inside the string")),
            }
            (code, bits) = (0, 0);
        }
    }
    if bits > 7 || code != (1 << bits) - 1 {
        return Err(wrong(coded.len(), "padding of less than eight one bits"));
    }
    Ok(decoded)
}

fn wrong(at: usize, what: &'static str) -> DecodeError {
    DecodeError::new("hpack", "huffman code", at, ErrorKind::Unexpected(what))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn code_is_complete() {
        let last = CODE.levels[LONGEST];
        assert_eq!(last.code + last.count, 1 << LONGEST);
        assert_eq!(CODE.symbols[256], END_OF_STRING);
    }

    #[test]
    fn codes_of_the_appendix_are_reproduced() {
        // Symbol, code and bits as appendix B states them.
        for (symbol, code, bits) in [
            (0_u16, 0x1FF8, 13),
            (u16::from(b' '), 0x14, 6),
            (u16::from(b'0'), 0x0, 5),
            (u16::from(b'a'), 0x3, 5),
            (u16::from(b'Z'), 0xFD, 8),
            (u16::from(b'~'), 0x1FFD, 13),
            (249, 0x0FFF_FFFE, 28),
            (255, 0x3FF_FFEE, 26),
            (END_OF_STRING, 0x3FFF_FFFF, 30),
        ] {
            let level = CODE.levels[bits];
            assert_eq!(CODE.symbols[(level.symbol + code - level.code) as usize], symbol);
        }
    }

    #[test]
    fn padding_is_at_most_seven_one_bits() {
        assert_eq!(decode(&[0x1F]).unwrap(), b"a");
        assert!(decode(&[0x18]).is_err(), "zero bits");
        assert!(decode(&[0x1F, 0xFF]).is_err(), "more than seven");
        assert_eq!(decode(&[]).unwrap(), b"");
    }

    #[test]
    fn end_of_string_may_not_stand_inside() {
        assert!(decode(&[0xFF, 0xFF, 0xFF, 0xFF]).is_err());
    }
}
