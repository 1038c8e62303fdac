//! What a host's name suggests: a weak heuristic, of use only where a server shows nothing but its name.
//!
//! Site systems are often called after their role: `ps1mp01`, `sccm-dp2`, `mecm`. So are other things, so a name alone
//! never makes anything more than possible. Only the first label counts, and only these forms:
//!
//! - a product's name anywhere in it (`sccm`, `mecm`, `memcm`, `configmgr`);
//! - a role's short name as a word of its own, with a number (`mp01`, `x-dp2`) or beside another word (`mp-north`);
//! - a site code of three characters, a role's short name, and a number (`ps1mp01`); a known site code needs no number;
//! - another short word before it, if the number has two digits or more (`nwmp01`, `corpdp02`).

use super::Ledger;

/// Names of the product.
const PRODUCTS: [&str; 4] = ["sccm", "mecm", "memcm", "configmgr"];
/// Short names of roles; `cm` is what a site server is often called.
const ROLES: [&str; 7] = ["mp", "dp", "sup", "fsp", "smp", "cm", "cmg"];
/// Longest number behind a name.
const DIGITS: usize = 3;
/// Characters that a word before a role may have where it is no site code.
const PREFIX: std::ops::RangeInclusive<usize> = 2..=4;
/// Words and names of protocols and products that end like a role behind two to four letters.
const WORDS: [&str; 59] = [
    "blimp", "bump", "camp", "champ", "chimp", "chomp", "chump", "clamp", "clump", "comp", "cramp", "crimp",
    "cucm", "damp", "dicom", "dump", "frump", "gimp", "grump", "hump", "icmp", "igmp", "jump", "lamp",
    "limp", "lldp", "lump", "mamp", "oidp", "plump", "primp", "pump", "ramp", "romp", "rtcmp", "rtmp",
    "scamp", "scrimp", "shrimp", "skimp", "slump", "snmp", "sump", "stamp", "stomp", "stump", "swamp",
    "tamp", "telcm", "temp", "thump", "tramp", "tromp", "trump", "vamp", "wamp", "whomp", "wimp", "xamp",
];

/// Whether a host name suggests that the host is a site system.
pub(super) fn suggests_site_system(name: &str, ledger: &Ledger) -> bool {
    let end = name.bytes().position(|byte| byte == b'.').unwrap_or(name.len());
    let label = name.get(..end).unwrap_or(name);
    may_suggest(label) && suggests(&label.to_ascii_lowercase(), |code| ledger.is_site_code(code))
}

/// Whether a label has one of the pairs of letters that every form needs. Most have none, and are asked often.
fn may_suggest(label: &str) -> bool {
    let mut before = 0;
    label.bytes().any(|byte| {
        // Capitals become small letters, and nothing else becomes one of these.
        let letter = byte | 0x20;
        let last = std::mem::replace(&mut before, letter);
        match letter {
            b'p' => matches!(last, b'm' | b'd' | b'u' | b's'),
            b'm' => last == b'c',
            b'g' => last == b'm',
            _ => false,
        }
    })
}

fn suggests(label: &str, is_site_code: impl Fn(&str) -> bool) -> bool {
    if PRODUCTS.iter().any(|product| label.contains(product)) {
        return true;
    }
    let words = || label.split(['-', '_']).filter(|word| !word.is_empty());
    let beside = words().nth(1).is_some();
    words().any(|word| {
        let bare = word.trim_end_matches(|c: char| c.is_ascii_digit());
        let digits = word.len() - bare.len();
        let numbered = (1..=DIGITS).contains(&digits);
        if ROLES.contains(&bare) {
            // `cm` and `sup` beside another word mean too much else.
            return numbered || (beside && digits == 0 && matches!(bare, "mp" | "dp" | "cmg"));
        }
        let codes = ROLES.iter().filter_map(|role| bare.strip_suffix(role));
        let mut codes = codes.filter(|code| code.bytes().all(|byte| byte.is_ascii_alphanumeric()));
        !WORDS.contains(&bare)
            && codes.any(|code| match code.len() {
                3 => numbered || (digits == 0 && is_site_code(&code.to_ascii_uppercase())),
                length => numbered && digits >= 2 && PREFIX.contains(&length),
            })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_after_a_role_are_recognised() {
        for name in
            ["ps1mp01", "mp01", "x-dp2", "mp-north", "corp-sccm", "mecm", "configmgr1", "ps1cm01", "ps1sup1"]
                .into_iter()
                .chain(["nwmp01", "corpdp02", "nwcm01", "ps1cmg01", "x-cmg", "nwcmg01"])
        {
            assert!(suggests(name, |_| false), "{name}");
        }
        assert!(suggests("ps1mp", |code| code == "PS1"));
    }

    #[test]
    fn ordinary_words_are_not() {
        for name in [
            "computer",
            "complete",
            "imp",
            "camp",
            "dpkg",
            "www",
            "comp01",
            "temp1",
            "stamp01",
            "camp2",
            "rdp01",
            "udp1",
            "mp",
            "cm",
            "cms",
            "cm-web",
            "sup",
            "setup01",
            "backup1",
            "ps1mp",
            "mp2024",
            "mpeg1",
            "support",
            "idp-1",
            "snmp1",
            "bootcamp3",
            "bootcamp03",
            "nwmp1",
            "nwmp",
            "temp01",
            "rtmp02",
            "cucm01",
            "contosomp01",
            "",
            "-",
        ] {
            assert!(!suggests(name, |_| false), "{name}");
        }
    }
}
