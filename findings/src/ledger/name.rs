//! Name service: who asked for a site system by name, who answered, who registered it.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

use capture::FlowId;

use super::located::{Located, Protection};
use super::{Ledger, Role, Table};
use crate::evidence::Seen;
use crate::finding::Confidence;
use crate::limits::Limits;

/// The suffix under which ConfigMgr registers its names and clients ask for them.
const SERVICE: u8 = 0x1A;
/// The suffixes under which a name is asked for as that of a host: workstation and server service.
const HOST: [u8; 2] = [0x00, 0x20];
/// The lowest address: where the entries of a name begin.
const LOWEST: IpAddr = IpAddr::V4(std::net::Ipv4Addr::UNSPECIFIED);

/// A NetBIOS name that ConfigMgr gives a meaning.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct SiteName {
    /// What it names.
    pub(crate) what: Named,
    /// Whether it has ConfigMgr's own suffix. Otherwise the same name is used as a host's: by somebody who types it,
    /// or by a host that is called so. That is no client's lookup.
    pub(crate) as_service: bool,
}

/// What a name stands for.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Named {
    /// `MP_<site>`: the default management point.
    ManagementPoint(String),
    /// `SMS_SLP`: a server locator point.
    ServerLocatorPoint,
    /// `NLB_<site>` or `SMS_NLB_<site>`: management points behind a load balancer.
    LoadBalanced(String),
}

impl SiteName {
    /// Recognises a decoded NetBIOS name. NetBIOS compares case; administrators type either, so this does not.
    pub(crate) fn parse(name: &str, suffix: u8) -> Option<Self> {
        let as_service = suffix == SERVICE;
        if !as_service && !HOST.contains(&suffix) {
            return None;
        }
        let name = name.to_ascii_uppercase();
        let site_code = |code: &str| {
            let fits = code.len() == 3 && code.bytes().all(|byte| byte.is_ascii_alphanumeric());
            fits.then(|| code.to_owned())
        };
        let balanced = name.strip_prefix("SMS_NLB_").or_else(|| name.strip_prefix("NLB_"));
        let what = match (name.as_str(), name.strip_prefix("MP_"), balanced) {
            ("SMS_SLP", _, _) => Some(Named::ServerLocatorPoint),
            (_, Some(code), _) => site_code(code).map(Named::ManagementPoint),
            (_, _, Some(code)) => site_code(code).map(Named::LoadBalanced),
            (_, None, None) => None,
        };
        what.map(|what| Self { what, as_service })
    }

    /// The site code in it.
    pub(crate) fn site_code(&self) -> Option<&str> {
        match &self.what {
            Named::ManagementPoint(code) | Named::LoadBalanced(code) => Some(code),
            Named::ServerLocatorPoint => None,
        }
    }

    /// What a client looks for with it.
    pub(crate) fn meaning(&self) -> &'static str {
        match self.what {
            Named::ManagementPoint(_) => "the default management point",
            Named::ServerLocatorPoint => "a server locator point",
            Named::LoadBalanced(_) => "load-balanced management points",
        }
    }
}

/// How a name was asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum NameService {
    /// NetBIOS, sent to one server: WINS.
    Wins,
    /// NetBIOS, sent to everybody.
    NetbiosBroadcast,
    /// LLMNR.
    Llmnr,
}

/// Queries of one client for one name at one place.
#[derive(Clone, Debug, Default)]
pub(crate) struct Lookup {
    /// The queries.
    pub(crate) asked: Seen,
    /// Whether none of them desired recursion: so a name server asks an owner, too.
    pub(crate) plain: bool,
    /// Negative answers of the server asked.
    pub(crate) denied: Seen,
    /// Its positive answers.
    pub(crate) given: Seen,
}

/// What one host answered about a name to one client.
#[derive(Clone, Debug, Default)]
pub(crate) struct Answer {
    /// The answers.
    pub(crate) seen: Seen,
    /// Addresses given.
    pub(crate) addresses: BTreeSet<IpAddr>,
    /// TTL given last, in seconds.
    pub(crate) ttl: Option<u32>,
    /// The packet is the kind that poisoning tools send: an end node's answer with a TTL of 300,000 seconds and no
    /// node flags.
    pub(crate) tool_like: bool,
    /// It came by NetBIOS name service; otherwise by LLMNR.
    pub(crate) netbios: bool,
}

/// What a name server says of a name.
#[derive(Clone, Debug, Default)]
pub(crate) struct NameRecord {
    /// The answers that gave these addresses.
    pub(crate) seen: Seen,
    /// Addresses given.
    pub(crate) addresses: BTreeSet<IpAddr>,
    /// The first answer that gave none of these: whom, which addresses, and where it shows.
    pub(crate) changed: Option<(IpAddr, BTreeSet<IpAddr>, Seen)>,
}

/// Who registered a name, with whom.
#[derive(Clone, Debug, Default)]
pub(crate) struct Registration {
    /// Registrations and refreshes.
    pub(crate) seen: Seen,
    /// NAME_TRN_ID of the last of them.
    pub(crate) trn_id: u16,
    /// Addresses registered.
    pub(crate) addresses: BTreeSet<IpAddr>,
    /// Refusals by the server or by the owner of the name, and what the owner says when the server asks it.
    pub(crate) refused: Seen,
    /// The name was said to be another's.
    pub(crate) taken: bool,
    /// Whose, where that shows.
    pub(crate) defender: Option<IpAddr>,
    /// Releases.
    pub(crate) released: Seen,
    /// All of them as of a host with several addresses, each of which is registered by itself ([MS-NBTE] 3.1.4.1).
    pub(crate) multi_homed: bool,
}

/// What is remembered of name services.
#[derive(Debug)]
pub(crate) struct NameLedger {
    /// Queries by client, place asked, service and name as shown (`MP_PS1<1a>`).
    pub(crate) lookups: Table<(IpAddr, IpAddr, NameService, String), Lookup>,
    /// Positive answers by name, client answered, and responder.
    pub(crate) answers: Table<(String, IpAddr, IpAddr), Answer>,
    /// Registrations by name, registrant and place.
    pub(crate) registrations: Table<(String, IpAddr, IpAddr), Registration>,
    /// Who registered a name last, by name and place.
    pub(crate) registrants: Table<(String, IpAddr), IpAddr>,
    /// What name servers say of a name, by name and server.
    pub(crate) records: Table<(String, IpAddr), NameRecord>,
    /// Names of hosts that a host answered for by broadcast or LLMNR, without suffix.
    pub(crate) responders: Table<IpAddr, BTreeSet<String>>,
    /// What the names mean.
    pub(crate) meanings: BTreeMap<String, SiteName>,
    /// Clients that found their site another way.
    pub(crate) located: Table<IpAddr, Vec<Located>>,
    /// Flows whose last LDAP search was for ConfigMgr objects.
    pub(crate) searching: Table<FlowId, ()>,
    /// LDAP flows under way with a security layer, or on which a password went.
    pub(crate) protections: Table<FlowId, Protection>,
}

impl NameLedger {
    pub(crate) const fn new(limits: &Limits) -> Self {
        Self {
            lookups: Table::new(limits.table),
            answers: Table::new(limits.table),
            registrations: Table::new(limits.table),
            registrants: Table::new(limits.table),
            records: Table::new(limits.table),
            responders: Table::new(limits.table),
            meanings: BTreeMap::new(),
            located: Table::new(limits.table),
            searching: Table::new(limits.table),
            protections: Table::new(limits.table),
        }
    }

    /// The registrations of a name, with registrant and place.
    pub(crate) fn registered<'a>(
        &'a self,
        name: &'a str,
    ) -> impl Iterator<Item = (IpAddr, IpAddr, &'a Registration)> {
        let all = self.registrations.range((name.to_owned(), LOWEST, LOWEST)..);
        let all = all.take_while(move |((known, _, _), _)| known == name);
        all.map(|((_, registrant, place), entry)| (*registrant, *place, entry))
    }

    /// The first registration of a name by a host, wherever it was.
    pub(crate) fn first_registration(&mut self, name: &str, registrant: IpAddr) -> Option<&mut Registration> {
        let all = self.registrations.range((name.to_owned(), registrant, LOWEST)..);
        let (key, _) = all.take_while(|((known, by, _), _)| known == name && *by == registrant).next()?;
        let key = key.clone();
        self.registrations.get_mut(&key)
    }

    /// Who registered a name with a host last.
    pub(crate) fn last_registrant(&self, name: &str, place: IpAddr) -> Option<IpAddr> {
        self.registrants.get(&(name.to_owned(), place)).copied()
    }

    /// What name servers say of a name.
    pub(crate) fn recorded<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a NameRecord> {
        let all = self.records.range((name.to_owned(), LOWEST)..);
        all.take_while(move |((known, _), _)| known == name).map(|(_, record)| record)
    }

    /// How many hosts answered a client that asked for a name.
    pub(crate) fn answered(&self, name: &str, client: IpAddr) -> usize {
        let all = self.answers.range((name.to_owned(), client, LOWEST)..);
        all.take_while(|((known, to, _), _)| known == name && *to == client).count()
    }

    /// Whether a client was seen to ask for a name by NetBIOS, wherever.
    fn was_asked(&self, client: IpAddr, name: &str) -> bool {
        let all = self.lookups.range((client, LOWEST, NameService::Wins, String::new())..);
        let mut all = all.take_while(|((who, ..), _)| *who == client);
        all.any(|((_, _, service, asked), lookup)| {
            *service != NameService::Llmnr && asked == name && lookup.asked.is_some()
        })
    }

    pub(crate) const fn full(&self) -> u64 {
        self.lookups.refused()
            + self.answers.refused()
            + self.registrations.refused()
            + self.registrants.refused()
            + self.records.refused()
            + self.responders.refused()
            + self.located.refused()
            + self.protections.refused()
            + self.searching.refused()
    }
}

impl Ledger {
    /// Where it shows that a client asked a server for a name, and how sure that is: by the query, else by a name
    /// server's answer where no query for the name was captured. A name server may have answered a broadcast as well.
    pub(crate) fn lookup_shown<'l>(
        &self,
        (client, server, name): (IpAddr, IpAddr, &str),
        lookup: &'l Lookup,
    ) -> Option<(&'l Seen, Confidence)> {
        let answers = [&lookup.given, &lookup.denied].into_iter().find(|seen| seen.is_some());
        if lookup.plain && answers.is_none() {
            let challenge = self.role(client, Role::WinsServer).is_some();
            return (!challenge).then_some((&lookup.asked, Confidence::Possible));
        }
        if lookup.asked.is_some() {
            return Some((&lookup.asked, Confidence::Certain));
        }
        let answers = answers?;
        let of_server = self.role(server, Role::WinsServer).is_some() && !self.names.was_asked(client, name);
        of_server.then_some((answers, Confidence::Likely))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_configmgr_names_with_their_suffix_are_recognised() {
        let code = |name: &str, suffix| {
            SiteName::parse(name, suffix).map(|name| name.site_code().map(str::to_owned))
        };
        assert_eq!(code("MP_PS1", 0x1A), Some(Some("PS1".to_owned())));
        assert_eq!(code("mp_ps1", 0x1A), Some(Some("PS1".to_owned())));
        assert_eq!(code("SMS_SLP", 0x1A), Some(None));
        assert_eq!(code("SMS_NLB_PS1", 0x1A), Some(Some("PS1".to_owned())));
        assert!(SiteName::parse("MP_PS1", 0x20).is_some_and(|name| !name.as_service), "a host's name");
        for (name, suffix) in [
            ("MP_PS1", 0x03),
            ("MP_ROOM", 0x20),
            ("MP_PS12", 0x1A),
            ("MP_P-1", 0x1A),
            ("PS1", 0x1A),
            ("MP_", 0x1A),
        ] {
            assert_eq!(code(name, suffix), None, "{name}<{suffix:02x}>");
        }
    }
}
