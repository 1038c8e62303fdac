//! NTLM to a site system's share.

use std::collections::BTreeMap;
use std::net::IpAddr;

use crate::coverage::Coverage;
use crate::evidence::Seen;
use crate::finding::{Confidence, Finding};
use crate::ledger::Ledger;
use crate::ledger::push::is_push_logon;
use crate::ledger::smb::Logon;
use crate::rule::{Metadata, Rule, Verdicts, rule};

rule! {
    /// ## What it detects
    /// An NTLM logon over SMB to a host that is a site system, or that has the shares of one, and that is no client
    /// push.
    ///
    /// ## Why it matters
    /// NTLM does not prove to the client which server it talks to, and its response can be relayed. Kerberos does
    /// and cannot.
    ///
    /// ## Evidence
    /// The NTLM AUTHENTICATE message with the account, and what shows that the server is a site system.
    ///
    /// ## False positives
    /// Computers in a workgroup and the network access account cannot do better. Servers addressed by IP address or
    /// an alias without an SPN leave NTLM only.
    ///
    /// ## Remedy
    /// Address site systems by name, give aliases their SPNs, and use no network access account.
    ///
    /// ## References
    /// - Configuration Manager, "Security and privacy for clients": Kerberos mutual authentication
    /// - [MS-NLMP] 2.2.1.3
    SmbNtlm {
        id: "smb-ntlm",
        title: "NTLM to a site system's share",
        severity: Low,
        confidence: Certain,
        tags: ["CWE-522"],
    }
}

/// Client, server, port and account.
type Key = (IpAddr, IpAddr, u16, String);

impl Rule for SmbNtlm {
    fn metadata(&self) -> &'static Metadata {
        Self::META
    }

    fn judge(&self, ledger: &Ledger, _: &Coverage, verdicts: &mut Verdicts) {
        let mut found: BTreeMap<Key, (Seen, &'static str, Confidence)> = BTreeMap::new();
        for connection in ledger.smb.connections().filter(|connection| connection.smb) {
            let role = ledger.site_system(connection.server).filter(|sure| *sure >= Confidence::Likely);
            let Some(sure) = role else { continue };
            let logons = connection.logons.iter().filter(|logon| !is_push_logon(ledger, connection, logon));
            for ntlm in logons.filter_map(Logon::ntlm_proof) {
                let key = (connection.client, connection.server, connection.port, ntlm.account());
                let entry = found.entry(key).or_insert_with(|| (Seen::default(), ntlm.response.name(), sure));
                entry.0.merge(&ntlm.seen);
            }
        }
        for ((client, server, port, account), (seen, kind, sure)) in found {
            verdicts.report(
                Finding::new(Self::META, client, server, &seen)
                    .tcp_port(port)
                    .filter("ntlmssp")
                    .site(ledger.site_code_of(&[server]))
                    .subject(&account)
                    .confidence(sure)
                    .message(format!(
                        "{client} logged on to the site system {server} as {account} with {kind}."
                    )),
            );
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::testing_smb::{CLIENT, DP, SITE, STRANGER, Scene};
    use decoders::ntlmssp::Response;

    #[test]
    fn ntlm_to_the_shares_of_a_site_system_is_told_and_to_a_file_server_is_not() {
        let mut scene = Scene::new();
        for (server, share) in [(DP, "SMSPKGD$"), (STRANGER, "Data")] {
            let talk = scene.open(CLIENT, server, 445);
            scene.ntlm_logon(talk, "jdoe").share(talk, "server", share);
        }
        let found = scene.findings("smb-ntlm");
        assert_eq!(found.iter().map(|finding| finding.destination).collect::<Vec<_>>(), [DP]);
    }

    #[test]
    fn anonymous_sessions_and_pushes_are_other_rules_matters() {
        let mut scene = Scene::new();
        let talk = scene.open(CLIENT, DP, 445);
        scene.ntlm_logon_with(talk, "", Response::Anonymous, 0).share(talk, "dp", "SMSPKGD$");
        scene.ntlm_push(SITE, DP, "svc-push");
        assert!(scene.findings("smb-ntlm").is_empty());
    }
}
