//! Bytes as people read them: offset, hexadecimal, characters.

use std::fmt::Write as _;

/// Columns that a line of sixteen takes.
const FULL: usize = 6 + 16 * 3 + 1 + 16 + 2;

/// The lines of a dump of bytes given in hexadecimal, sixteen in a line, or eight where columns are few. What is no
/// hexadecimal is shown as it is: it is nothing this program wrote.
pub(crate) fn lines(hex: &str, columns: usize) -> Vec<String> {
    let Some(bytes) = decode(hex) else { return vec![hex.to_owned()] };
    let per_line = if columns >= FULL { 16 } else { 8 };
    bytes.chunks(per_line).enumerate().map(|(at, chunk)| dump(at * per_line, chunk, per_line)).collect()
}

fn dump(offset: usize, bytes: &[u8], per_line: usize) -> String {
    let mut line = format!("{offset:04x}  ");
    for at in 0..per_line {
        if at == 8 {
            line.push(' ');
        }
        match bytes.get(at) {
            // Writing to a String cannot fail.
            Some(byte) => drop(write!(line, "{byte:02x} ")),
            None => line.push_str("   "),
        }
    }
    line.push(' ');
    line.extend(bytes.iter().map(|&byte| if matches!(byte, 0x20..=0x7e) { char::from(byte) } else { '.' }));
    line
}

/// Bytes of hexadecimal digits; spaces and colons between them do not matter.
fn decode(hex: &str) -> Option<Vec<u8>> {
    let digits: Option<Vec<u8>> = hex
        .chars()
        .filter(|character| !matches!(character, ' ' | ':'))
        .map(|character| character.to_digit(16).and_then(|digit| u8::try_from(digit).ok()))
        .collect();
    let digits = digits?;
    if digits.len() % 2 != 0 {
        return None;
    }
    Some(digits.chunks_exact(2).map(|pair| pair.iter().fold(0, |byte, digit| byte << 4 | digit)).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sixteen_bytes_a_line_where_they_fit() {
        let dump = lines("4e544c4d53535000030000001800180041", 80);
        assert_eq!(
            dump,
            [
                "0000  4e 54 4c 4d 53 53 50 00  03 00 00 00 18 00 18 00  NTLMSSP.........",
                "0010  41                                                A",
            ]
        );
    }

    #[test]
    fn eight_bytes_a_line_on_a_narrow_screen() {
        assert_eq!(
            lines("4e544c4d53535000 03", 60),
            ["0000  4e 54 4c 4d 53 53 50 00  NTLMSSP.", "0008  03                       ."]
        );
    }

    #[test]
    fn what_is_no_hexadecimal_is_shown_as_it_is() {
        assert_eq!(lines("4e5", 80), ["4e5"]);
        assert_eq!(lines("zz", 80), ["zz"]);
        assert!(lines("", 80).is_empty());
    }
}
