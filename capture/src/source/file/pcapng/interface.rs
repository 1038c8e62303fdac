//! Interface description blocks (4.2): link type, snapshot length, and how to read times.

use pcap_parser::{OptionCode, parse_interfacedescriptionblock_be, parse_interfacedescriptionblock_le};

use crate::frame::{LinkType, Timestamp};
use crate::source::InterfaceInfo;

/// Longest interface name kept, in characters.
const NAME_CHARS: usize = 256;
const NANOS: i64 = 1_000_000_000;

/// What is needed to read a packet of an interface.
pub(super) struct Interface {
    pub(super) link: LinkType,
    pub(super) snaplen: u32,
    unit: Unit,
    /// Nanoseconds to add to every time.
    offset: i64,
}

/// One unit of a time, from the option if_tsresol.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Unit {
    /// So many nanoseconds.
    Nanos(u64),
    /// So many units make a nanosecond.
    PerNano(u64),
    /// A second divided by two to this power.
    TwoTo(u32),
    /// Finer than any clock: every time is zero.
    Absurd,
}

impl Unit {
    /// Reads if_tsresol: a power of ten, or of two where the high bit is set.
    fn new(resolution: u8) -> Self {
        let power = u32::from(resolution & 0x7f);
        if resolution & 0x80 != 0 {
            return Self::TwoTo(power);
        }
        match power {
            0..=9 => Self::Nanos(10_u64.pow(9 - power)),
            10..=28 => Self::PerNano(10_u64.pow(power - 9)),
            _ => Self::Absurd,
        }
    }

    fn nanos(self, units: u64) -> i64 {
        let wide = match self {
            Self::Nanos(each) => u128::from(units) * u128::from(each),
            Self::PerNano(each) => u128::from(units / each),
            Self::TwoTo(power) => (u128::from(units) * 1_000_000_000).checked_shr(power).unwrap_or(0),
            Self::Absurd => 0,
        };
        i64::try_from(wide).unwrap_or(i64::MAX)
    }
}

impl Interface {
    /// Parses a whole block.
    pub(super) fn parse(block: &[u8], big_endian: bool) -> Result<(Self, InterfaceInfo), String> {
        let parsed = if big_endian {
            parse_interfacedescriptionblock_be(block)
        } else {
            parse_interfacedescriptionblock_le(block)
        };
        let Ok((_, parsed)) = parsed else {
            return Err(format!("interface description of {} bytes cannot be read", block.len()));
        };
        // pcap-parser reads if_tsoffset as little-endian whatever the section says, so both are read here.
        let (mut resolution, mut offset, mut name) = (6, 0, None);
        for option in &parsed.options {
            let value = option.as_bytes().unwrap_or_default();
            match (option.code, value) {
                (OptionCode::EndOfOpt, _) => break,
                (OptionCode::IfTsresol, [first, ..]) => resolution = *first,
                (OptionCode::IfTsoffset, value) => {
                    let seconds = value.first_chunk().copied().unwrap_or_default();
                    offset =
                        if big_endian { i64::from_be_bytes(seconds) } else { i64::from_le_bytes(seconds) };
                }
                (OptionCode::IfName, value) => {
                    name = Some(String::from_utf8_lossy(value).chars().take(NAME_CHARS).collect());
                }
                _ => {}
            }
        }
        let [low, high, ..] = parsed.linktype.0.to_le_bytes();
        let link = LinkType(u16::from_le_bytes([low, high]));
        let snaplen = parsed.snaplen;
        let unit = Unit::new(resolution);
        let info = InterfaceInfo { name, link, snaplen, dropped: 0, dropped_by_interface: 0 };
        Ok((Self { link, snaplen, unit, offset: offset.saturating_mul(NANOS) }, info))
    }

    /// The time that a packet block states.
    #[inline]
    pub(super) fn time(&self, units: u64) -> Timestamp {
        let nanos = match self.unit {
            // What nearly every file has, without 128-bit arithmetic.
            Unit::Nanos(each) => {
                units.checked_mul(each).and_then(|nanos| i64::try_from(nanos).ok()).unwrap_or(i64::MAX)
            }
            unit => unit.nanos(units),
        };
        Timestamp::from_nanos(nanos.saturating_add(self.offset))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn resolutions_of_ten_and_two_give_nanoseconds() {
        assert_eq!(Unit::new(6).nanos(1_500_000), 1_500_000_000);
        assert_eq!(Unit::new(9).nanos(7), 7);
        assert_eq!(Unit::new(0).nanos(3), 3_000_000_000);
        assert_eq!(Unit::new(12).nanos(5_000), 5);
        assert_eq!(Unit::new(0x8a).nanos(512), 500_000_000);
        assert_eq!(Unit::new(0xa0).nanos(1 << 33), 2_000_000_000);
    }

    #[test]
    fn absurd_resolutions_saturate() {
        assert_eq!(Unit::new(0).nanos(u64::MAX), i64::MAX);
        assert_eq!(Unit::new(127).nanos(u64::MAX), 0);
        assert_eq!(Unit::new(0xff).nanos(u64::MAX), 0);
        assert_eq!(Unit::new(28).nanos(u64::MAX), 1);
    }
}
