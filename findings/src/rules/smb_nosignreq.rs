//! A site system does not require SMB signing.

use std::collections::BTreeMap;
use std::net::IpAddr;

use crate::coverage::Coverage;
use crate::evidence::Seen;
use crate::finding::{Confidence, Finding};
use crate::ledger::Ledger;
use crate::rule::{Metadata, Rule, Verdicts, rule};

rule! {
    /// ## What it detects
    /// A site system whose answer to the SMB negotiation does not require signing.
    ///
    /// ## Why it matters
    /// An NTLM logon that was relayed to it works. To a site server, a site database or a distribution point that is
    /// the shortest way from a coerced computer account to the whole site.
    ///
    /// ## Evidence
    /// SecurityMode of the negotiate response.
    ///
    /// ## False positives
    /// None for the server's setting itself. A session may be signed all the same because the client requires it.
    ///
    /// ## Remedy
    /// Set "Microsoft network server: Digitally sign communications (always)" on all site systems.
    ///
    /// ## References
    /// - [MS-SMB2] 2.2.4; [MS-CIFS] 2.2.4.52.2
    /// - Misconfiguration Manager, PREVENT-12
    SmbNosignreq {
        id: "smb-nosignreq",
        title: "site system does not require SMB signing",
        severity: Medium,
        confidence: Certain,
        tags: ["CWE-345", "ATT&CK T1557.001"],
    }
}

impl Rule for SmbNosignreq {
    fn metadata(&self) -> &'static Metadata {
        Self::META
    }

    fn judge(&self, ledger: &Ledger, _: &Coverage, verdicts: &mut Verdicts) {
        let mut found: BTreeMap<(IpAddr, u16), (IpAddr, Seen, Confidence)> = BTreeMap::new();
        for connection in ledger.smb.connections() {
            let role = ledger.site_system(connection.server).filter(|sure| *sure >= Confidence::Likely);
            let (Some(sure), Some(false)) = (role, connection.signing_required) else { continue };
            let key = (connection.server, connection.port);
            let entry = found.entry(key).or_insert_with(|| (connection.client, Seen::default(), sure));
            // The client named is the first that the answer went to, whatever the order of tables.
            if !entry.1.is_some() || connection.negotiated.first < entry.1.first {
                entry.0 = connection.client;
            }
            entry.1.merge(&connection.negotiated);
        }
        for ((server, port), (client, seen, sure)) in found {
            verdicts.report(
                Finding::new(Self::META, client, server, &seen)
                    .tcp_port(port)
                    .filter("(smb || smb2)")
                    .site(ledger.site_code_of(&[server]))
                    .confidence(sure)
                    .message(format!("The site system {server} does not require SMB signing.")),
            );
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::testing_smb::{CLIENT, DP, OTHER_CLIENT, STRANGER, Scene};

    #[test]
    fn a_site_system_that_does_not_require_signing_is_told_once() {
        let mut scene = Scene::new();
        for client in [CLIENT, OTHER_CLIENT] {
            let talk = scene.open(client, DP, 445);
            scene.negotiated(talk, false).share(talk, "dp", "SCCMContentLib$");
        }
        let found = scene.findings("smb-nosignreq");
        assert_eq!(
            found.iter().map(|finding| (finding.source, finding.destination)).collect::<Vec<_>>(),
            [(CLIENT, DP)]
        );
    }

    #[test]
    fn one_that_does_and_any_other_server_are_not() {
        let mut scene = Scene::new();
        let strict = scene.open(CLIENT, DP, 445);
        scene.negotiated(strict, true).share(strict, "dp", "SCCMContentLib$");
        let other = scene.open(CLIENT, STRANGER, 445);
        scene.negotiated(other, false).share(other, "files", "Data");
        assert!(scene.findings("smb-nosignreq").is_empty());
    }
}
