//! A host answers names that are not its own, as poisoning tools do.

use std::collections::BTreeSet;
use std::net::IpAddr;

use capture::Moment;

use crate::coverage::Coverage;
use crate::evidence::Seen;
use crate::finding::{Confidence, Finding};
use crate::ledger::Ledger;
use crate::ledger::smb::Logon;
use crate::rule::{Metadata, Rule, Verdicts, rule};

rule! {
    /// ## What it detects
    /// A host that answers broadcast or multicast name queries for a ConfigMgr name, or for a name of a known site
    /// system, the way poisoning tools do: the packet is one that such a tool sends (an end node's answer with a
    /// lifetime of 300,000 seconds and no node flags), or the host answers for several unrelated names with its own
    /// address.
    ///
    /// ## Why it matters
    /// The next thing a poisoned client does is to talk to the attacker, and to authenticate.
    ///
    /// ## Evidence
    /// The answers, and the names the host answered for. NTLM towards the host afterwards makes it certain.
    ///
    /// ## False positives
    /// A file server with many NetBIOS aliases answers for several names; it does not answer for `MP_<site code>`.
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
            let elsewhere = meaning.is_none().then(|| site_system_named(ledger, name, *responder)).flatten();
            if meaning.is_none() && elsewhere.is_none() {
                continue;
            }
            let many = ledger.names.responders.get(responder).map_or(0, unrelated);
            let own_address = answer.addresses.contains(responder);
            let why = if answer.tool_like {
                "with the very packet that a poisoning tool sends".to_owned()
            } else if own_address && many >= UNRELATED_NAMES {
                format!("with its own address, as it does for {many} unrelated names")
            } else if let Some(real) = elsewhere.filter(|_| own_address) {
                format!("with its own address, while that name belongs to {real}")
            } else {
                continue;
            };
            let logon = authenticated(ledger, *client, *responder, answer.seen.first);
            let certain = answer.tool_like || logon.is_some();
            let sure = if certain { Confidence::Certain } else { Confidence::Likely };
            let port = if meaning.is_some() { 137 } else { 5355 };
            verdicts.report(
                Finding::new(Self::META, *client, *responder, &answer.seen)
                    .also(&logon)
                    .udp_port(port)
                    .filter(if meaning.is_some() { "nbns" } else { "llmnr" })
                    .site(meaning.and_then(|meaning| meaning.site_code()))
                    .subject(name)
                    .confidence(sure)
                    .message(format!("{responder} answered {client}'s query for {name} {why}.")),
            );
        }
    }
}

/// The address of the site system that a name belongs to, if the responder is another host.
fn site_system_named(ledger: &Ledger, name: &str, responder: IpAddr) -> Option<IpAddr> {
    let same = |known: &str| known.split('.').next().is_some_and(|short| short.eq_ignore_ascii_case(name));
    ledger
        .hosts()
        .filter(|host| host.addr != responder && host.site_system().is_some())
        .find(|host| host.names.keys().any(|known| same(known)))
        .map(|host| host.addr)
}

/// How many different names there are, suffixes aside.
fn unrelated(names: &BTreeSet<String>) -> usize {
    names.iter().map(|name| name.split(['<', '.']).next().unwrap_or(name)).collect::<BTreeSet<_>>().len()
}

/// Where the client authenticated to the responder with NTLM after the answer, if it was seen to.
fn authenticated(ledger: &Ledger, client: IpAddr, responder: IpAddr, answered: Moment) -> Seen {
    let mut seen = Seen::default();
    let logons = ledger.smb.between(client, responder).flat_map(|connection| &connection.logons);
    for ntlm in logons.filter_map(Logon::ntlm_proof).filter(|ntlm| ntlm.at >= answered) {
        seen.merge(&ntlm.seen);
    }
    seen
}
