//! The settings file that a client push copies to its target (`MobileClient.tcf`): INI text, in one-byte characters
//! or UTF-16.
//!
//! Names of sites and servers are evidence; keys, certificates and passwords are not, and only their length is kept.

use crate::events::Events;
use crate::reader::utf16_le;
use crate::text::lossy;

/// Parts of a key name whose value is not kept.
const WITHHELD: [&str; 9] =
    ["key", "cert", "password", "passwd", "pwd", "secret", "token", "credential", "signature"];

/// Whether a file is one whose settings are read: `MobileClient.tcf` and `MobileClientUnicode.tcf`.
pub(super) fn is_settings_file(filename: &str) -> bool {
    let name = filename.rsplit(['\\', '/']).next().unwrap_or(filename).to_ascii_lowercase();
    name.strip_suffix(".tcf").is_some_and(|stem| stem.starts_with("mobileclient"))
}

/// The settings in a file's bytes, in order.
pub(super) fn settings(bytes: &[u8], out: &Events) -> Vec<(String, String)> {
    let text = text(bytes);
    let lines = text.lines().filter_map(|line| line.trim().split_once('='));
    let settings = lines.map(|(key, value)| (key.trim(), value.trim())).filter(|(key, _)| !key.is_empty());
    settings
        .take(out.limits.list_items)
        .map(|(key, value)| {
            let lower = key.to_ascii_lowercase();
            let withheld = WITHHELD.iter().any(|part| lower.contains(part));
            let value = if withheld { format!("<{} bytes>", value.len()) } else { out.text(value) };
            (out.text(key), value)
        })
        .collect()
}

/// UTF-16 by its mark or by the zero in its second byte, else one-byte text.
fn text(bytes: &[u8]) -> String {
    match bytes {
        [0xFF, 0xFE, rest @ ..] => utf16_le(rest),
        [_, 0, ..] => utf16_le(bytes),
        [0xEF, 0xBB, 0xBF, rest @ ..] => lossy(rest).into_owned(),
        _ => lossy(bytes).into_owned(),
    }
}
