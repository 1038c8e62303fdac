//! Cipher suites of TLS that are weak, by number (IANA, TLS Cipher Suites). Suites that are not listed are not weak,
//! or not known.

/// Why a cipher suite is weak, the worst reason of each.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Weakness {
    /// The key exchange has no forward secrecy (RSA, static Diffie-Hellman, a shared key): who gets the server's key
    /// later reads what was recorded.
    StaticKey,
    /// Blocks of 64 bits: 3DES, IDEA.
    SmallBlocks,
    /// RC4.
    Rc4,
    /// A key of 56 bits: DES.
    Des,
    /// A key that export rules once made short on purpose.
    Export,
    /// Nobody proves who it is.
    Anonymous,
    /// Nothing is encrypted.
    Null,
}

impl Weakness {
    /// In words.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::StaticKey => "a key exchange without forward secrecy",
            Self::SmallBlocks => "a cipher with blocks of 64 bits (3DES, IDEA)",
            Self::Rc4 => "RC4",
            Self::Des => "DES",
            Self::Export => "an export cipher",
            Self::Anonymous => "no authentication of the server",
            Self::Null => "no encryption",
        }
    }
}

const NULL: &[u16] = &[
    0x0000, 0x0001, 0x0002, 0x002C, 0x002D, 0x002E, 0x003B, 0x00B0, 0x00B1, 0x00B4, 0x00B5, 0x00B8, 0x00B9,
    0xC001, 0xC006, 0xC00B, 0xC010, 0xC015, 0xC039, 0xC03A, 0xC03B, 0xC0B4, 0xC0B5,
];
const ANONYMOUS: &[u16] = &[
    0x0018, 0x001A, 0x001B, 0x0034, 0x003A, 0x0046, 0x006C, 0x006D, 0x0089, 0x009B, 0x00A6, 0x00A7, 0x00BF,
    0x00C5, 0xC016, 0xC017, 0xC018, 0xC019,
];
const EXPORT: &[u16] = &[
    0x0003, 0x0006, 0x0008, 0x000B, 0x000E, 0x0011, 0x0014, 0x0017, 0x0019, 0x0026, 0x0027, 0x0028, 0x0029,
    0x002A, 0x002B, 0x0060, 0x0061, 0x0062, 0x0063, 0x0064, 0x0065,
];
const DES: &[u16] = &[0x0009, 0x000C, 0x000F, 0x0012, 0x0015, 0x001E, 0x0022];
const RC4: &[u16] =
    &[0x0004, 0x0005, 0x0020, 0x0024, 0x0066, 0x008A, 0x008E, 0x0092, 0xC002, 0xC007, 0xC00C, 0xC011, 0xC033];
const SMALL_BLOCKS: &[u16] = &[
    0x0007, 0x000A, 0x000D, 0x0010, 0x0013, 0x0016, 0x001F, 0x0021, 0x0023, 0x0025, 0x008B, 0x008F, 0x0093,
    0xC003, 0xC008, 0xC00D, 0xC012, 0xC01A, 0xC01B, 0xC01C, 0xC034,
];
const STATIC_KEY: &[u16] = &[
    0x002F, 0x0035, 0x003C, 0x003D, 0x0041, 0x0084, 0x0096, 0x009C, 0x009D, 0x00BA, 0x00C0, 0xC03C, 0xC03D,
    0xC050, 0xC051, 0xC07A, 0xC07B, 0xC09C, 0xC09D, 0xC0A0, 0xC0A1,
    // DH and ECDH with the key of the certificate.
    0x0030, 0x0031, 0x0036, 0x0037, 0x003E, 0x003F, 0x0068, 0x0069, 0x00A0, 0x00A1, 0x00A4, 0x00A5, 0xC004,
    0xC005, 0xC00E, 0xC00F, 0xC025, 0xC026, 0xC029, 0xC02A, 0xC02D, 0xC02E, 0xC031, 0xC032,
    // A key that both ends share, alone or sent under RSA.
    0x008C, 0x008D, 0x0094, 0x0095, 0x00A8, 0x00A9, 0x00AC, 0x00AD, 0x00AE, 0x00AF, 0x00B6, 0x00B7,
];

/// Why a suite is weak, if it is.
pub(crate) fn weakness(suite: u16) -> Option<Weakness> {
    let lists = [
        (NULL, Weakness::Null),
        (ANONYMOUS, Weakness::Anonymous),
        (EXPORT, Weakness::Export),
        (DES, Weakness::Des),
        (RC4, Weakness::Rc4),
        (SMALL_BLOCKS, Weakness::SmallBlocks),
        (STATIC_KEY, Weakness::StaticKey),
    ];
    lists.into_iter().find(|(suites, _)| suites.contains(&suite)).map(|(_, weakness)| weakness)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn well_known_suites_are_judged_as_everybody_does() {
        assert_eq!(weakness(0x0005), Some(Weakness::Rc4), "RSA_WITH_RC4_128_SHA");
        assert_eq!(weakness(0x000A), Some(Weakness::SmallBlocks), "RSA_WITH_3DES_EDE_CBC_SHA");
        assert_eq!(weakness(0x0003), Some(Weakness::Export), "RSA_EXPORT_WITH_RC4_40_MD5");
        assert_eq!(weakness(0x002F), Some(Weakness::StaticKey), "RSA_WITH_AES_128_CBC_SHA");
        assert_eq!(weakness(0xC025), Some(Weakness::StaticKey), "ECDH_ECDSA_WITH_AES_128_CBC_SHA256");
        assert_eq!(weakness(0xC0B4), Some(Weakness::Null), "TLS_SHA256_SHA256");
        assert_eq!(weakness(0x0018), Some(Weakness::Anonymous), "DH_anon_WITH_RC4_128_MD5");
        for good in [0xC02F, 0xC030, 0x1301, 0x1302, 0xCCA8, 0x009E] {
            assert_eq!(weakness(good), None, "{good:#06x}");
        }
    }

    #[test]
    fn no_suite_is_listed_twice() {
        let mut all = [NULL, ANONYMOUS, EXPORT, DES, RC4, SMALL_BLOCKS, STATIC_KEY].concat();
        let listed = all.len();
        all.sort_unstable();
        all.dedup();
        assert_eq!(all.len(), listed);
    }
}
