//! What the status of a refused logon means ([MS-ERREF] 2.3.1), in words.

/// The status in words, with its number.
pub(crate) fn words(status: u32) -> String {
    let meaning = match status {
        0xC000_0022 => "access denied",
        0xC000_0064 => "no such account",
        0xC000_006A | 0xC000_006D => "wrong account or password",
        0xC000_006E => "the account is restricted",
        0xC000_0070 => "not from this computer",
        0xC000_0071 | 0xC000_0224 => "the password has expired",
        0xC000_0072 => "the account is disabled",
        0xC000_015B => "the account may not log on over the network",
        0xC000_0192 => "the logon service is not running",
        0xC000_0193 => "the account has expired",
        0xC000_0234 => "the account is locked out",
        0xC000_0413 => "an authentication policy forbids it",
        0xC000_0418 => "NTLM is blocked",
        _ => return format!("status {status:#010x}"),
    };
    format!("{meaning}, status {status:#010x}")
}

#[cfg(test)]
mod tests {
    #[test]
    fn known_statuses_have_words_and_others_their_number() {
        assert_eq!(super::words(0xC000_0418), "NTLM is blocked, status 0xc0000418");
        assert_eq!(super::words(0xC000_00CC), "status 0xc00000cc");
    }
}
