//! A host: an address, everything it has been called, and the roles it was seen to play.

use std::net::IpAddr;

use decoders::Record;

use super::few::{FewMap, FewSet};
use super::name_source::{NameSource, NameSources};

use crate::evidence::Seen;
use crate::finding::Confidence;

/// A role in a ConfigMgr site or in the network around it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Role {
    /// The site server: pushes clients, owns the site's shares.
    SiteServer,
    /// A management point.
    ManagementPoint,
    /// A distribution point.
    DistributionPoint,
    /// A software update point (WSUS).
    SoftwareUpdatePoint,
    /// A fallback status point.
    FallbackStatusPoint,
    /// A state migration point.
    StateMigrationPoint,
    /// A cloud management gateway.
    CloudManagementGateway,
    /// A client of the site.
    Client,
    /// A WINS server.
    WinsServer,
    /// A domain controller (KDC, LDAP).
    DomainController,
    /// A DNS server.
    DnsServer,
}

impl Role {
    /// In words.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::SiteServer => "site server",
            Self::ManagementPoint => "management point",
            Self::DistributionPoint => "distribution point",
            Self::SoftwareUpdatePoint => "software update point",
            Self::FallbackStatusPoint => "fallback status point",
            Self::StateMigrationPoint => "state migration point",
            Self::CloudManagementGateway => "cloud management gateway",
            Self::Client => "client",
            Self::WinsServer => "WINS server",
            Self::DomainController => "domain controller",
            Self::DnsServer => "DNS server",
        }
    }

    /// Whether it is a site system role.
    #[must_use]
    pub const fn is_site_system(self) -> bool {
        !matches!(self, Self::Client | Self::WinsServer | Self::DomainController | Self::DnsServer)
    }
}

/// Why a host is said to have a role.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RoleClaim {
    /// How sure the surest evidence is.
    pub confidence: Confidence,
    /// Where it shows.
    pub seen: Seen,
}

/// What became of a name that a host was given.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Naming {
    /// It is kept now.
    New,
    /// It was kept before.
    Known,
    /// It is no name, or there was no room for it.
    Refused,
}

/// What is known of one address.
#[derive(Clone, Debug)]
pub struct Host {
    /// The address.
    pub addr: IpAddr,
    /// MAC addresses.
    pub macs: FewSet<[u8; 6]>,
    /// Names with where each was learned. Not yet scrubbed.
    pub names: FewMap<String, NameSources>,
    /// ConfigMgr client identifiers (`GUID:...`) it used, in upper case.
    pub smsids: FewSet<String>,
    /// Site codes, each with how often it was seen.
    pub site_codes: FewMap<String, u64>,
    /// Roles and why.
    pub roles: FewMap<Role, RoleClaim>,
}

impl Host {
    pub(crate) const fn new(addr: IpAddr) -> Self {
        Self {
            addr,
            macs: FewSet::new(),
            names: FewMap::new(),
            smsids: FewSet::new(),
            site_codes: FewMap::new(),
            roles: FewMap::new(),
        }
    }

    pub(crate) fn claim(&mut self, role: Role, confidence: Confidence, record: &Record, what: &str) {
        let claim = self.roles.slot(role);
        claim.confidence = claim.confidence.max(confidence);
        claim.seen.note(record, || what.to_owned());
    }

    /// A name without what does not belong to it: the root's dot, padding.
    pub(crate) fn bare_name(name: &str) -> &str {
        name.trim_end_matches(['.', '\0', ' '])
    }

    /// Adds a name and where it was learned.
    pub(crate) fn add_name(&mut self, name: &str, source: NameSource, bound: usize) -> Naming {
        let name = Self::bare_name(name);
        // No address looks otherwise: most names need not be tried as one.
        let like_address = name.ends_with(|c: char| c.is_ascii_digit()) || name.contains(':');
        let no_name = name.is_empty() || name.len() > 255 || like_address && name.parse::<IpAddr>().is_ok();
        if no_name {
            return Naming::Refused;
        }
        if let Some(sources) = self.names.get_mut(name) {
            sources.insert(source);
            return Naming::Known;
        }
        if self.names.len() >= bound {
            return Naming::Refused;
        }
        self.names.slot(name.to_owned()).insert(source);
        Naming::New
    }

    /// Adds a site code, if that is what it is; says whether it was kept.
    pub(crate) fn add_site_code(&mut self, site_code: &str, bound: usize) -> bool {
        let fits = site_code.len() == 3 && site_code.chars().all(|c| c.is_ascii_alphanumeric());
        let site_code = site_code.to_ascii_uppercase();
        let kept = fits && (self.site_codes.len() < bound || self.site_codes.contains_key(&site_code));
        if kept {
            *self.site_codes.slot(site_code) += 1;
        }
        kept
    }

    /// How sure it is that it has a role.
    #[must_use]
    pub fn role(&self, role: Role) -> Option<Confidence> {
        self.roles.get(&role).map(|claim| claim.confidence)
    }

    /// How sure it is that it is a site system of any kind.
    #[must_use]
    pub fn site_system(&self) -> Option<Confidence> {
        let systems = self.roles.iter().filter(|(role, _)| role.is_site_system());
        systems.map(|(_, claim)| claim.confidence).max()
    }

    /// The site code seen most often.
    #[must_use]
    pub fn site_code(&self) -> Option<&str> {
        let most = self.site_codes.iter().max_by(|a, b| a.1.cmp(b.1).then(b.0.cmp(a.0)));
        most.map(|(code, _)| code.as_str())
    }

    /// The name to show: the one most places agree on, a full one before a short one. Not yet scrubbed.
    #[must_use]
    pub fn name(&self) -> Option<&str> {
        let best =
            self.names.iter().max_by_key(|(name, sources)| (sources.count(), name.contains('.'), name.len()));
        best.map(|(name, _)| name.as_str())
    }
}
