//! Client identifiers (SMSID), which senders write in several ways.

/// A client identifier as [`super::message::MessageLedger::identities`] holds it: in upper case, with `GUID:` and without braces, which
/// senders disagree about.
pub(crate) fn smsid(text: &str) -> String {
    let text = text.trim().to_ascii_uppercase();
    let bare = text.strip_prefix("GUID:").unwrap_or(&text).trim_matches(['{', '}']);
    let is_guid = bare.len() == 36 && bare.bytes().all(|byte| byte.is_ascii_hexdigit() || byte == b'-');
    if is_guid { format!("GUID:{bare}") } else { text }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_identifier_is_the_same_however_it_is_written() {
        let written = "GUID:0A1B2C3D-0000-4000-8000-00000000BEEF";
        for other in [
            written,
            "0a1b2c3d-0000-4000-8000-00000000beef",
            "{0A1B2C3D-0000-4000-8000-00000000BEEF}",
            "guid:{0A1B2C3D-0000-4000-8000-00000000beef} ",
        ] {
            assert_eq!(smsid(other), written, "{other}");
        }
        assert_eq!(smsid("guid:1"), "GUID:1", "what is no GUID stays as it is");
    }
}
