//! The one place where bytes of a packet become text for a person.

use std::borrow::Cow;
use std::fmt::Write as _;

/// Text that no terminal, log viewer or page takes for anything but text: control characters (escape sequences with
/// them), bidirectional overrides and invisible format characters are written as `\u{1b}`.
#[must_use]
pub fn scrub(text: &str) -> Cow<'_, str> {
    if !text.chars().any(is_unsafe) {
        return Cow::Borrowed(text);
    }
    let mut clean = String::with_capacity(text.len() + 16);
    for character in text.chars() {
        if is_unsafe(character) {
            // Writing to a String cannot fail.
            let _ = write!(clean, "\\u{{{:x}}}", u32::from(character));
        } else {
            clean.push(character);
        }
    }
    Cow::Owned(clean)
}

/// Characters that act instead of showing: C0 and C1 controls, bidirectional controls, zero-width and format
/// characters, line and paragraph separators, tags, and the byte order mark.
const fn is_unsafe(character: char) -> bool {
    matches!(
        character,
        '\0'..='\u{1f}'
            | '\u{7f}'..='\u{9f}'
            | '\u{ad}'
            | '\u{61c}'
            | '\u{180e}'
            | '\u{200b}'..='\u{200f}'
            | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}'
            | '\u{feff}'
            | '\u{fff9}'..='\u{fffb}'
            | '\u{e0000}'..='\u{e007f}'
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escape_sequences_become_visible() {
        assert_eq!(scrub("ab\u{1b}]2;owned\u{7}cd"), "ab\\u{1b}]2;owned\\u{7}cd");
        assert_eq!(scrub("a\u{202e}b\u{9b}c"), "a\\u{202e}b\\u{9b}c");
    }

    #[test]
    fn ordinary_text_of_any_script_stays_as_it_is() {
        assert_eq!(scrub("müller-pc Ω 日本 <00>"), "müller-pc Ω 日本 <00>");
    }
}
