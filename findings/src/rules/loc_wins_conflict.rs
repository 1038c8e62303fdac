//! A management point's NetBIOS name changes hands.

use std::cell::OnceCell;
use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

use crate::coverage::Coverage;
use crate::finding::{Confidence, Finding, Severity};
use crate::ledger::Ledger;
use crate::ledger::name::Registration;
use crate::ledger::name_places::NamePlaces;
use crate::rule::{Metadata, Rule, Verdicts, rule};

rule! {
    /// ## What it detects
    /// Two registrants, or two sets of addresses, for one ConfigMgr name (`MP_<site code>` and its kin): the later
    /// registration is reported. So is a registration that is refused because the name is another host's, and a name
    /// server that gives other addresses for the name than it did before.
    ///
    /// ## Why it matters
    /// Whoever owns the name is taken for the management point. A second owner is a migration, a mistake, or
    /// somebody taking the site's clients over.
    ///
    /// ## Evidence
    /// Both registrations, with the addresses each claims, and a refusal where one was seen.
    ///
    /// ## False positives
    /// A management point moved to another server, or given another address, while the capture ran. One registration
    /// with several addresses (a multi-homed server) is no conflict. Windows registers each address of such a server by
    /// itself, and marks it so: where both registrations are marked, the finding is low and only possible. A name server
    /// refuses a registration too where an administrator entered the name by hand, maybe for the same server: where no
    /// owner shows, the finding is medium and only possible. So it is where the two registered with name servers, or on
    /// subnets, of which nothing shows that they exchange names: sites of two organisations may have one code, and
    /// each may have its `SMS_SLP`. The same names registered as those of hosts (16th byte 0x00 or 0x20) are reported with
    /// severity info.
    ///
    /// ## Remedy
    /// Find out who owns the second address. Then stop publishing to WINS, and let clients look up management points
    /// in Active Directory or DNS.
    ///
    /// ## References
    /// - RFC 1002 4.2.2, 5.1.2; [MS-NBTE] 3.1.4
    LocWinsConflict {
        id: "loc-wins-conflict",
        title: "management point name claimed by another address",
        severity: High,
        confidence: Likely,
        tags: ["CWE-350", "ATT&CK T1557.001"],
    }
}

impl Rule for LocWinsConflict {
    fn metadata(&self) -> &'static Metadata {
        Self::META
    }

    fn judge(&self, ledger: &Ledger, _: &Coverage, verdicts: &mut Verdicts) {
        registered(ledger, verdicts);
        recorded(ledger, verdicts);
    }
}

/// A registration, with registrant and place.
type Claim<'l> = (IpAddr, IpAddr, &'l Registration);

/// A registration of a name that somebody else had.
struct Contested<'l> {
    claim: Claim<'l>,
    /// Who had it, if that shows.
    owner: Option<Claim<'l>>,
    /// Whether what is registered at one's place is known at the other's.
    together: bool,
}

/// Names that more than one host registered, or that were another's when they were registered.
fn registered(ledger: &Ledger, verdicts: &mut Verdicts) {
    let places = OnceCell::new();
    for (name, meaning) in &ledger.names.meanings {
        let mut claims: Vec<Claim<'_>> = ledger.names.registered(name).collect();
        claims.sort_by_key(|(.., claim)| claim.seen.first);
        let one_place =
            claims.iter().all(|(_, place, _)| claims.first().is_some_and(|first| first.1 == *place));
        let group = |place: IpAddr| {
            if one_place { place } else { places.get_or_init(|| NamePlaces::of(&ledger.names)).group(place) }
        };
        for contested in contested(&claims, group) {
            let Some(text) = contested.text(name) else { continue };
            let (registrant, place, claim) = contested.claim;
            let (severity, sure) = contested.grade(meaning.as_service);
            let finding = Finding::new(LocWinsConflict::META, registrant, place, &claim.seen)
                .also(&claim.refused)
                .severity(severity)
                .confidence(sure)
                .udp_port(137)
                .filter("nbns")
                .site(meaning.site_code())
                .subject(name)
                .message(text);
            verdicts.report(match contested.owner {
                Some((.., first)) => finding.also(&first.seen),
                None => finding,
            });
        }
    }
}

/// The registrations of a name but the first, each with the first of its place: where there is none, with the first of
/// all.
fn contested<'l>(claims: &[Claim<'l>], group: impl Fn(IpAddr) -> IpAddr) -> Vec<Contested<'l>> {
    let owners = || claims.iter().filter(|(.., claim)| !claim.taken).copied();
    let mut near: BTreeMap<IpAddr, Claim<'_>> = BTreeMap::new();
    for owner @ (_, place, _) in owners() {
        near.entry(group(place)).or_insert(owner);
    }
    let of_all = owners().next();
    let is_same = |one: &Claim<'_>, other: &Claim<'_>| (one.0, one.1) == (other.0, other.1);
    let others = claims.iter().copied().filter(|claim| !of_all.is_some_and(|first| is_same(&first, claim)));
    let contested = others.map(|claim| {
        let near = near.get(&group(claim.1)).copied().filter(|near| !is_same(near, &claim));
        // Who refuses a name at one place says nothing of who has it at another.
        let owner = near.or(of_all.filter(|_| !claim.2.taken));
        Contested { claim, owner, together: near.is_some() }
    });
    contested.collect()
}

impl Contested<'_> {
    /// What happened, in words; nothing where the name was nobody else's.
    fn text(&self, name: &str) -> Option<String> {
        let (registrant, place, claim) = self.claim;
        let others = self.holder()?;
        let outcome = match self.owner {
            _ if claim.refused.is_some() => "its registration was refused".to_owned(),
            Some((_, elsewhere, _)) if !self.together => format!(
                "but that was at {elsewhere}, and this at {place}: nothing shows that the one knows what is registered \
                 with the other, and two sites may use one name"
            ),
            _ => "its registration was not seen to be refused, so clients that ask for the name may be sent to either"
                .to_owned(),
        };
        Some(format!(
            "{registrant} registered {name} for {}, which {others}; {outcome}.",
            show(&claim.addresses)
        ))
    }

    /// Whose the name was that somebody registered, in words.
    fn holder(&self) -> Option<String> {
        let (registrant, _, claim) = self.claim;
        let Some((owner, _, first)) = self.owner else {
            return Some(match claim.defender {
                Some(defender) => format!("{defender} has"),
                None => "another host has".to_owned(),
            });
        };
        let same = registrant == owner || claim.addresses == first.addresses;
        let given_up = first.released.is_some() && first.released.first < claim.seen.first;
        if same || given_up {
            return None;
        }
        let when = if claim.seen.first < first.seen.first { "registered too" } else { "had registered" };
        Some(format!("{owner} {when} for {}", show(&first.addresses)))
    }

    fn grade(&self, as_service: bool) -> (Severity, Confidence) {
        let (.., claim) = self.claim;
        let both = self.owner.is_some_and(|(.., first)| first.multi_homed && claim.multi_homed);
        match self.owner {
            // As those of hosts: computers are called alike now and then.
            _ if !as_service => (Severity::Info, Confidence::Possible),
            Some(_) if both && !claim.refused.is_some() => (Severity::Low, Confidence::Possible),
            Some(_) if !self.together => (Severity::Medium, Confidence::Possible),
            // The record may be the registrant's own, entered by hand.
            None if claim.defender.is_none() => (Severity::Medium, Confidence::Possible),
            _ => (LocWinsConflict::META.severity, LocWinsConflict::META.confidence),
        }
    }
}

/// Names for which a name server gave other addresses than before.
fn recorded(ledger: &Ledger, verdicts: &mut Verdicts) {
    for ((name, server), record) in ledger.names.records.iter() {
        let meaning = ledger.names.meanings.get(name).filter(|meaning| meaning.as_service);
        let Some((meaning, (client, addresses, seen))) = meaning.zip(record.changed.as_ref()) else {
            continue;
        };
        verdicts.report(
                Finding::new(LocWinsConflict::META, *client, *server, seen)
                    .also(&record.seen)
                    .udp_port(137)
                    .filter("nbns")
                    .site(meaning.site_code())
                    .subject(name)
                    .message(format!(
                        "The name server {server} told {client} that {name} is at {}, and before that it was at {}. \
                         Clients that ask for the name are now sent elsewhere.",
                        show(addresses),
                        show(&record.addresses),
                    )),
            );
    }
}

fn show(addresses: &BTreeSet<IpAddr>) -> String {
    addresses.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
}
