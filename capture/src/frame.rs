//! A frame as it was captured: bytes, time, and where it stands in which capture.

use std::fmt;

/// Nanoseconds since 1970-01-01 00:00 UTC, as the capture states them. Never read from a clock.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp(i64);

impl Timestamp {
    /// From nanoseconds since the epoch.
    #[must_use]
    pub const fn from_nanos(nanos: i64) -> Self {
        Self(nanos)
    }

    /// From seconds and a fraction in nanoseconds; saturates instead of wrapping.
    #[must_use]
    pub const fn new(seconds: i64, nanos: u32) -> Self {
        Self(seconds.saturating_mul(1_000_000_000).saturating_add(nanos as i64))
    }

    /// Nanoseconds since the epoch.
    #[must_use]
    pub const fn as_nanos(self) -> i64 {
        self.0
    }

    /// Seconds since the epoch, with the fraction.
    #[must_use]
    #[expect(clippy::cast_precision_loss, reason = "a double carries microseconds until the year 2255")]
    pub fn as_secs_f64(self) -> f64 {
        self.0 as f64 / 1e9
    }

    /// Whole seconds since the epoch, rounded towards the past.
    #[must_use]
    pub const fn as_secs(self) -> i64 {
        self.0.div_euclid(1_000_000_000)
    }

    /// Nanoseconds from `earlier` to `self`; negative where the capture's clock went back.
    #[must_use]
    pub const fn nanos_since(self, earlier: Self) -> i64 {
        self.0.saturating_sub(earlier.0)
    }
}

impl fmt::Display for Timestamp {
    /// RFC 3339 in UTC with microseconds, `2026-01-31T23:59:59.000001Z`.
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let seconds = self.as_secs();
        let micros = self.0.rem_euclid(1_000_000_000) / 1_000;
        let (year, month, day) = civil_from_days(seconds.div_euclid(86_400));
        let of_day = seconds.rem_euclid(86_400);
        let (hour, minute, second) = (of_day / 3_600, of_day / 60 % 60, of_day % 60);
        write!(out, "{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.{micros:06}Z")
    }
}

/// Year, month and day of a day counted from 1970-01-01, in the proleptic Gregorian calendar.
fn civil_from_days(days: i64) -> (i64, i64, i64) {
    // The era of 400 years has 146,097 days; years start in March so that the leap day comes last.
    let days = days + 719_468;
    let era = days.div_euclid(146_097);
    let day_of_era = days.rem_euclid(146_097);
    let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
    let month = if month_from_march < 10 { month_from_march + 3 } else { month_from_march - 9 };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    (year, month, day)
}

/// The link-layer header type of a frame, numbered as in pcap files (`LINKTYPE_*` of tcpdump.org).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LinkType(pub u16);

impl LinkType {
    /// BSD loopback: four bytes of address family, in the byte order of the capturing host.
    pub const NULL: Self = Self(0);
    /// Ethernet II and 802.3.
    pub const ETHERNET: Self = Self(1);
    /// PPP in HDLC-like framing, or without it.
    pub const PPP: Self = Self(9);
    /// Raw IP, as some systems number it.
    pub const RAW_BSD: Self = Self(12);
    /// Raw IP, as OpenBSD numbers it.
    pub const RAW_OPENBSD: Self = Self(14);
    /// PPPoE session packets, without Ethernet.
    pub const PPP_ETHER: Self = Self(51);
    /// Raw IP, version by the first nibble.
    pub const RAW: Self = Self(101);
    /// OpenBSD loopback: address family in network byte order.
    pub const LOOP: Self = Self(108);
    /// Linux cooked capture, version 1.
    pub const LINUX_SLL: Self = Self(113);
    /// Raw IPv4.
    pub const IPV4: Self = Self(228);
    /// Raw IPv6.
    pub const IPV6: Self = Self(229);
    /// Linux cooked capture, version 2.
    pub const LINUX_SLL2: Self = Self(276);
}

/// Which capture of a run: its place in the order in which the captures were given.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CaptureId(pub u16);

/// A frame's identity: its place in the whole run, and its number inside its own capture.
///
/// Ordered by [`FrameId::order`], which is unique in a run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FrameId {
    /// Place in the run, from 1, in merged time order.
    pub order: u64,
    /// Number in its own capture, from 1: what Wireshark calls `frame.number`.
    pub number: u64,
    /// The capture it came from.
    pub capture: CaptureId,
}

/// One captured frame, borrowed from the source's buffer.
#[derive(Clone, Copy, Debug)]
pub struct Frame<'a> {
    /// Which frame this is.
    pub id: FrameId,
    /// When it was captured.
    pub time: Timestamp,
    /// How to read its first bytes.
    pub link: LinkType,
    /// Interface index inside its capture (pcapng interface, or place of `-i`).
    pub interface: u32,
    /// The captured bytes.
    pub bytes: &'a [u8],
    /// Length on the wire in bytes; more than `bytes.len()` where the snapshot length cut it.
    pub wire_len: u32,
}

impl Frame<'_> {
    /// Whether the snapshot length cut this frame. Being cut is no malformation.
    #[must_use]
    pub fn is_cut(&self) -> bool {
        self.wire_len as usize > self.bytes.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn timestamps_print_as_rfc_3339() {
        assert_eq!(Timestamp::new(0, 0).to_string(), "1970-01-01T00:00:00.000000Z");
        assert_eq!(Timestamp::new(1_582_979_696, 123_456_789).to_string(), "2020-02-29T12:34:56.123456Z");
        assert_eq!(Timestamp::new(4_294_967_295, 0).to_string(), "2106-02-07T06:28:15.000000Z");
        assert_eq!(Timestamp::from_nanos(-1).to_string(), "1969-12-31T23:59:59.999999Z");
    }

    #[test]
    fn absurd_timestamps_saturate() {
        assert_eq!(Timestamp::new(i64::MAX, 5).as_nanos(), i64::MAX);
        assert_eq!(Timestamp::from_nanos(i64::MAX).nanos_since(Timestamp::from_nanos(i64::MIN)), i64::MAX);
    }
}
