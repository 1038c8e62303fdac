//! A host answers names that are not its own, as poisoning tools do.

use std::collections::BTreeSet;
use std::net::IpAddr;

use capture::Moment;

use crate::coverage::Coverage;
use crate::evidence::Seen;
use crate::finding::{Confidence, Finding};
use crate::ledger::smb::Logon;
use crate::ledger::{Host, Ledger, NameSource, NameSources};
use crate::rule::{Metadata, Rule, Verdicts, rule};

rule! {
    /// ## What it detects
    /// A host that answers broadcast or multicast name queries for a ConfigMgr name, or for a name of a known site
    /// system, the way poisoning tools do: the packet is one that such a tool sends (an end node's answer with a
    /// lifetime of 300,000 seconds and no node flags), or the host answers with its own
    /// address for several unrelated names of hosts, or for a name that another host registered or that a name server
    /// gives to another.
    ///
    /// ## Why it matters
    /// The next thing a poisoned client does is to talk to the attacker, and to authenticate.
    ///
    /// ## Evidence
    /// The answers, and the names the host answered for. NTLM towards the host afterwards makes it certain.
    ///
    /// ## False positives
    /// A file server with many NetBIOS aliases answers for several names; it does not answer for `MP_<site code>`.
    /// Names of groups, such as a workgroup's, are not counted. A host's answers over IPv4 and IPv6 are told by its
    /// hardware address.
    ///
    /// ## Remedy
    /// Find the host. Turn off LLMNR and NetBIOS over TCP/IP on clients, and install them with
    /// `SMSDIRECTORYLOOKUP=NoWINS`.
    ///
    /// ## References
    /// - ATT&CK T1557.001; RFC 4795 5; RFC 1002 5.1.1
    LocPoison {
        id: "loc-poison",
        title: "name queries for site systems are answered as a poisoning tool does",
        severity: High,
        confidence: Certain,
        tags: ["CWE-350", "ATT&CK T1557.001"],
    }
}

/// Names answered for by one host from which on it is no coincidence.
const UNRELATED_NAMES: usize = 3;

impl Rule for LocPoison {
    fn metadata(&self) -> &'static Metadata {
        Self::META
    }

    fn judge(&self, ledger: &Ledger, _: &Coverage, verdicts: &mut Verdicts) {
        for ((name, client, responder), answer) in ledger.names.answers.iter() {
            let meaning = ledger.names.meanings.get(name);
            let rightful = match meaning {
                Some(_) => owner(ledger, name, *responder),
                None => site_system_named(ledger, name, *responder),
            };
            if meaning.is_none() && rightful.is_none() {
                continue;
            }
            let many = ledger.names.responders.get(responder).map_or(0, BTreeSet::len);
            let own_address = answer.addresses.contains(responder);
            let why = if answer.tool_like {
                "with the very packet that a poisoning tool sends".to_owned()
            } else if own_address && many >= UNRELATED_NAMES {
                format!("with its own address, as it does for {many} unrelated names")
            } else if let Some(real) = rightful.filter(|_| own_address) {
                format!("with its own address, while that name belongs to {real}")
            } else {
                continue;
            };
            let logon = authenticated(ledger, *client, *responder, answer.seen.first);
            let certain = answer.tool_like || logon.is_some();
            let sure = if certain { Confidence::Certain } else { Confidence::Likely };
            let (port, filter) = if answer.netbios { (137, "nbns") } else { (5355, "llmnr") };
            verdicts.report(
                Finding::new(Self::META, *client, *responder, &answer.seen)
                    .also(&logon)
                    .udp_port(port)
                    .filter(filter)
                    .site(meaning.and_then(|meaning| meaning.site_code()))
                    .subject(name)
                    .confidence(sure)
                    .message(format!("{responder} answered {client}'s query for {name} {why}.")),
            );
        }
    }
}

/// The address that somebody else registered for a ConfigMgr name and was not refused, or that a name server gives for
/// it; nothing where the responder is among them.
fn owner(ledger: &Ledger, name: &str, responder: IpAddr) -> Option<IpAddr> {
    let valid = ledger.names.registered(name).filter(|(.., registration)| !registration.taken);
    let registered = valid.flat_map(|(.., registration)| &registration.addresses);
    let recorded = ledger.names.recorded(name).flat_map(|record| &record.addresses);
    let owners: BTreeSet<IpAddr> = registered.chain(recorded).copied().collect();
    if owners.contains(&responder) { None } else { owners.first().copied() }
}

/// The address of the site system that a name belongs to, if the responder is another host.
fn site_system_named(ledger: &Ledger, name: &str, responder: IpAddr) -> Option<IpAddr> {
    let same = |known: &str| known.split('.').next().is_some_and(|short| short.eq_ignore_ascii_case(name));
    let own = ledger.host(responder);
    let by_dns = |(known, from): (&String, &NameSources)| same(known) && from.contains(NameSource::Dns);
    if own.is_some_and(|host| host.names.iter().any(by_dns)) {
        return None;
    }
    ledger
        .hosts()
        .filter(|host| host.addr != responder && host.site_system().is_some())
        .filter(|host| !may_be_same(host, responder, own))
        .find(|host| host.names.keys().any(|known| same(known)))
        .map(|host| host.addr)
}

/// Whether an address can be a host's other one: a host answers by LLMNR over IPv4 and over IPv6, from an address of
/// each. Their hardware address tells, where the link has one.
fn may_be_same(host: &Host, responder: IpAddr, known: Option<&Host>) -> bool {
    let told_apart = known.is_some_and(|known| {
        !known.macs.is_empty()
            && !host.macs.is_empty()
            && !known.macs.iter().any(|mac| host.macs.contains(mac))
    });
    host.addr.is_ipv4() != responder.is_ipv4() && !told_apart
}

/// Where the client authenticated to the responder with NTLM after the answer, if it was seen to.
fn authenticated(ledger: &Ledger, client: IpAddr, responder: IpAddr, answered: Moment) -> Seen {
    let mut seen = Seen::default();
    let logons = ledger.smb.between(client, responder).flat_map(|connection| &connection.logons);
    for ntlm in
        logons.filter_map(Logon::ntlm_proof).filter(|ntlm| ntlm.times().any(|when| when.at >= answered))
    {
        seen.merge(&ntlm.seen);
    }
    seen
}
