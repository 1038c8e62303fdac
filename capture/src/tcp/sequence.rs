//! Sequence numbers: modulo 2^32 on the wire (RFC 9293 3.4), compared by their distance.

/// The largest distance at which two sequence numbers can belong to the same moment of a connection: the
/// largest window that scaling allows, 2^30 bytes (RFC 7323 2.3). Farther off is stray or forged.
pub(crate) const WINDOW: i64 = 1 << 30;

/// Bytes from `from` to `to`, negative where `to` comes first; nothing where they are more than [`WINDOW`] apart.
pub(crate) fn distance(from: u32, to: u32) -> Option<i64> {
    let distance = i64::from(to.wrapping_sub(from).cast_signed());
    (distance.abs() <= WINDOW).then_some(distance)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn distance_crosses_the_wrap() {
        assert_eq!(distance(u32::MAX, 4), Some(5));
        assert_eq!(distance(4, u32::MAX), Some(-5));
        assert_eq!(distance(7, 7), Some(0));
    }

    #[test]
    fn numbers_farther_apart_than_any_window_have_no_distance() {
        assert_eq!(distance(0, 1 << 30), Some(WINDOW));
        assert_eq!(distance(0, (1 << 30) + 1), None);
        assert_eq!(distance(0, 1 << 31), None);
    }
}
