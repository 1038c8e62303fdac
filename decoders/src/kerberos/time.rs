//! KerberosTime (RFC 4120 5.2.3).

/// `YYYYMMDDHHMMSSZ` as seconds since 1970.
pub(super) fn seconds(time: &[u8]) -> Option<i64> {
    let text = std::str::from_utf8(time).ok()?.strip_suffix('Z').filter(|text| text.len() == 14)?;
    let part = |from: usize, to: usize| text.get(from..to).and_then(|digits| digits.parse::<u32>().ok());
    let (year, month, day) = (part(0, 4)?, part(4, 6)?, part(6, 8)?);
    let (hour, minute, second) = (part(8, 10)?, part(10, 12)?, part(12, 14)?);
    if !(1..=12).contains(&month) || !(1..=31).contains(&day) || hour > 23 || minute > 59 || second > 60 {
        return None;
    }
    // Days since 1970-01-01 in the Gregorian calendar, with years that begin in March.
    let (year, month) = (i64::from(year) - i64::from(month < 3), i64::from((month + 9) % 12));
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let day_of_year = (153 * month + 2) / 5 + i64::from(day) - 1;
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    let days = era * 146_097 + day_of_era - 719_468;
    Some(days * 86_400 + i64::from(hour) * 3600 + i64::from(minute) * 60 + i64::from(second))
}

#[cfg(test)]
mod tests {
    use super::seconds;

    #[test]
    fn times_become_seconds_since_1970() {
        assert_eq!(seconds(b"19700101000000Z"), Some(0));
        assert_eq!(seconds(b"19691231235959Z"), Some(-1));
        assert_eq!(seconds(b"20240229120000Z"), Some(1_709_208_000));
        assert_eq!(seconds(b"20370913024805Z"), Some(2_136_422_885));
    }

    #[test]
    fn other_text_is_no_time() {
        for text in
            [&b"20240229120000"[..], b"20241301000000Z", b"20240229250000Z", b"2024022912000aZ", b"Z", b""]
        {
            assert_eq!(seconds(text), None, "{text:?}");
        }
    }
}
