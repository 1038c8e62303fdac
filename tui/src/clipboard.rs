//! The clipboard of the person's own terminal, by the escape sequence OSC 52 of xterm's control sequences: it works
//! over ssh and in a sandbox, for the terminal does the work. No program is started.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

/// Terminals take at most about 100 000 characters in the sequence; base64 makes four of three bytes.
pub(crate) const MAX_BYTES: usize = 70_000;

/// The sequence that puts `text` on the clipboard, cut at [`MAX_BYTES`].
pub(crate) fn osc52(text: &str) -> String {
    let mut end = text.len().min(MAX_BYTES);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    let bytes = text.as_bytes().get(..end).unwrap_or_default();
    format!("\u{1b}]52;c;{}\u{7}", STANDARD.encode(bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_wrapped_in_the_sequence() {
        assert_eq!(osc52("smb2"), "\u{1b}]52;c;c21iMg==\u{7}");
    }

    #[test]
    fn a_long_text_is_cut_between_characters() {
        let long = "é".repeat(MAX_BYTES);
        let sequence = osc52(&long);
        let payload = sequence.strip_prefix("\u{1b}]52;c;").unwrap().strip_suffix('\u{7}').unwrap();
        let text = String::from_utf8(STANDARD.decode(payload).unwrap()).unwrap();
        assert_eq!(text.len(), MAX_BYTES);
        assert!(text.chars().all(|character| character == 'é'));
    }
}
