//! A client push authenticated with NTLM.

use std::collections::{BTreeMap, BTreeSet};

use crate::coverage::Coverage;
use crate::evidence::Seen;
use crate::finding::Finding;
use crate::ledger::Ledger;
use crate::ledger::fallback::why_ntlm;
use crate::ledger::push::{Push, pushes};
use crate::rule::{Metadata, Rule, Verdicts, rule};

rule! {
    /// ## What it detects
    /// An NTLM response sent in a client push: on the SMB session to `admin$` or `IPC$`, or on the DCE/RPC
    /// connection for WMI between the same two hosts at the same time.
    ///
    /// ## Why it matters
    /// With NTLM nothing proves that the computer is the one that is meant. Whoever answers under its name gets a
    /// response of an account that is administrator on every client: it can be relayed to other computers at once,
    /// or the password can be guessed from it.
    ///
    /// ## Evidence
    /// The NTLM AUTHENTICATE message with account, workstation and kind of response, and what shows the push. Why
    /// Kerberos was not used is told from the traffic with the domain controller in the minute before.
    ///
    /// ## False positives
    /// Local accounts (`%MACHINENAME%\account`) and computers in a workgroup cannot use Kerberos; the risk is the
    /// same.
    ///
    /// ## Remedy
    /// Turn off "Allow connection fallback to NTLM" in the client push installation properties (version 2207, or
    /// the hotfix, or later). Address computers by name, mend missing SPNs and DNS. Better: do without client push.
    ///
    /// ## References
    /// - Configuration Manager, "Security and privacy for clients": Kerberos mutual authentication for client push
    /// - [MS-NLMP] 2.2.1.3; KB15599094
    PushNtlm {
        id: "push-ntlm",
        title: "client push authenticates with NTLM",
        severity: High,
        confidence: Certain,
        tags: ["CWE-522", "CWE-294", "ATT&CK T1557.001"],
    }
}

impl Rule for PushNtlm {
    fn metadata(&self) -> &'static Metadata {
        Self::META
    }

    fn judge(&self, ledger: &Ledger, _: &Coverage, verdicts: &mut Verdicts) {
        for push in pushes(ledger) {
            for (port, on_port) in by_port(ledger, &push) {
                verdicts.report(
                    Finding::new(Self::META, push.source, push.target, &on_port.seen)
                        .also(&push.signs.seen())
                        .tcp_port(port)
                        .filter("ntlmssp")
                        .site(push.site(ledger))
                        .confidence(push.sure)
                        .message(format!(
                            "{} pushed the client to {} and authenticated with {} as {}: {}.",
                            push.source,
                            push.target,
                            join(&on_port.kinds),
                            join(&on_port.accounts),
                            join(&on_port.reasons),
                        )),
                );
            }
        }
    }
}

/// NTLM logons of a push on one port.
#[derive(Debug, Default)]
struct OnPort {
    kinds: BTreeSet<String>,
    accounts: BTreeSet<String>,
    reasons: BTreeSet<String>,
    seen: Seen,
}

fn by_port(ledger: &Ledger, push: &Push<'_>) -> BTreeMap<u16, OnPort> {
    let mut ports: BTreeMap<u16, OnPort> = BTreeMap::new();
    for used in push.ntlm_logons() {
        let on_port = ports.entry(used.connection.port).or_default();
        on_port.kinds.insert(used.ntlm.response.name().to_owned());
        on_port.accounts.insert(used.ntlm.account());
        let (why, _) = why_ntlm(ledger, used.connection, used.logon, used.ntlm);
        on_port.reasons.insert(why.words());
        on_port.seen.merge(&used.ntlm.seen);
    }
    ports
}

fn join(words: &BTreeSet<String>) -> String {
    words.iter().map(String::as_str).collect::<Vec<_>>().join(", ")
}
