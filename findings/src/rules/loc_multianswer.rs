//! Several hosts answer for one management point name.

use std::net::IpAddr;

use crate::coverage::Coverage;
use crate::finding::{Confidence, Finding, Severity};
use crate::ledger::name::Answer;
use crate::ledger::{Ledger, Role};
use crate::rule::{Metadata, Rule, Verdicts, rule};

rule! {
    /// ## What it detects
    /// Answers of two or more hosts to one client's NetBIOS query for a ConfigMgr name, giving different addresses.
    /// Each responder whose address is neither registered nor given by a name server is reported; where that tells
    /// nobody apart, every responder is.
    ///
    /// ## Why it matters
    /// A client believes the first answer. When hosts disagree about who the management point is, at least one of
    /// them is wrong, or lies.
    ///
    /// ## Evidence
    /// The answers, with the addresses and lifetimes they give.
    ///
    /// ## False positives
    /// A record changed between two answers. Several addresses in one answer (a multi-homed server) do not count,
    /// and neither does a part of them in the host's own answer. The same names asked for as those of a host (16th byte
    /// 0x00 or 0x20) are reported with severity info.
    ///
    /// ## Remedy
    /// Find the host that answers without right. Then take NetBIOS name resolution away from clients:
    /// `SMSDIRECTORYLOOKUP=NoWINS`, and NetBIOS over TCP/IP off where nothing needs it.
    ///
    /// ## References
    /// - RFC 1002 4.2.13, 5.1.1
    LocMultianswer {
        id: "loc-multianswer",
        title: "several hosts answer for one management point name",
        severity: High,
        confidence: Certain,
        tags: ["CWE-350", "ATT&CK T1557.001"],
    }
}

/// An answer with its name, the client answered, and the responder.
type Entry<'l> = (&'l (String, IpAddr, IpAddr), &'l Answer);

impl Rule for LocMultianswer {
    fn metadata(&self) -> &'static Metadata {
        Self::META
    }

    fn judge(&self, ledger: &Ledger, _: &Coverage, verdicts: &mut Verdicts) {
        let all: Vec<_> = ledger.names.answers.iter().collect();
        for group in all.chunk_by(|a, b| a.0.0 == b.0.0 && a.0.1 == b.0.1) {
            let Some(((name, client, _), _)) = group.first() else { continue };
            let Some(meaning) = ledger.names.meanings.get(name) else { continue };
            let differ = group.iter().any(|one| group.iter().any(|other| disagree(ledger, *one, *other)));
            if !differ {
                continue;
            }
            let (severity, sure) = if meaning.as_service {
                (Self::META.severity, Self::META.confidence)
            } else {
                (Severity::Info, Confidence::Possible)
            };
            let suspects: Vec<_> =
                group.iter().filter(|(key, answer)| !is_backed(ledger, name, key.2, answer)).collect();
            let suspects = if suspects.is_empty() { group.iter().collect() } else { suspects };
            for ((_, _, responder), answer) in suspects {
                let addresses =
                    answer.addresses.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
                let mut finding = Finding::new(Self::META, *client, *responder, &answer.seen);
                for ((_, _, other), others) in group {
                    if other != responder {
                        finding = finding.also(&others.seen);
                    }
                }
                let finding = finding.severity(severity).confidence(sure);
                verdicts.report(
                    finding.udp_port(137).filter("nbns").site(meaning.site_code()).subject(name).message(format!(
                        "{responder} told {client} that {name} is at {addresses}; {} hosts answered that query and \
                         they disagree. The first answer wins, whoever sent it.",
                        group.len(),
                    )),
                );
            }
        }
    }
}

/// Whether two answers contradict each other. A name server gives all addresses of a host that has several; the host
/// itself gives those of the network it was asked on.
fn disagree(ledger: &Ledger, one: Entry<'_>, other: Entry<'_>) -> bool {
    let serves = |entry: Entry<'_>| ledger.role(entry.0.2, Role::WinsServer).is_some();
    let part = |all: Entry<'_>, some: Entry<'_>| serves(all) && some.1.addresses.is_subset(&all.1.addresses);
    one.1.addresses != other.1.addresses && !part(one, other) && !part(other, one)
}

/// Whether something besides the answer itself speaks for it: a registration seen, or the responder's own address.
fn is_backed(ledger: &Ledger, name: &str, responder: IpAddr, answer: &Answer) -> bool {
    let registered =
        |addr: &IpAddr| ledger.names.registered(name).any(|(.., entry)| entry.addresses.contains(addr));
    let recorded = |addr: &IpAddr| ledger.names.recorded(name).any(|entry| entry.addresses.contains(addr));
    let by_name_server = ledger.role(responder, Role::WinsServer).is_some();
    !answer.tool_like
        && (by_name_server || answer.addresses.iter().any(|addr| registered(addr) || recorded(addr)))
}
