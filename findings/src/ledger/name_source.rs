//! Where a host's names were learned.

/// Where a name was learned.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum NameSource {
    /// A DNS answer.
    Dns,
    /// A NetBIOS name, from NBNS or a NetBIOS session.
    Netbios,
    /// An NTLM message.
    Ntlm,
    /// A Kerberos message.
    Kerberos,
    /// A ConfigMgr message: the sender's own claim.
    Message,
    /// An HTTP `Host` header.
    HttpHost,
    /// TLS server name or certificate.
    Tls,
    /// A share path or SMB2 net name.
    Smb,
    /// DHCP.
    Dhcp,
}

/// All places where one name was learned.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct NameSources(u16);

impl NameSources {
    pub(crate) const fn insert(&mut self, source: NameSource) {
        self.0 |= 1 << source as u16;
    }

    /// Whether it was learned there, perhaps elsewhere too.
    #[must_use]
    pub const fn contains(self, source: NameSource) -> bool {
        self.0 & 1 << source as u16 != 0
    }

    /// Whether it was learned there and nowhere else.
    #[must_use]
    pub const fn is_only(self, source: NameSource) -> bool {
        self.0 == 1 << source as u16
    }

    /// How many there are.
    #[must_use]
    pub const fn count(self) -> u32 {
        self.0.count_ones()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sources_are_counted_once() {
        let mut sources = NameSources::default();
        assert_eq!(sources.count(), 0);
        sources.insert(NameSource::Ntlm);
        sources.insert(NameSource::Ntlm);
        assert!(sources.is_only(NameSource::Ntlm) && sources.contains(NameSource::Ntlm));
        sources.insert(NameSource::Dhcp);
        assert!(!sources.is_only(NameSource::Ntlm) && sources.contains(NameSource::Dhcp));
        assert!(!sources.contains(NameSource::Dns));
        assert_eq!(sources.count(), 2);
    }
}
