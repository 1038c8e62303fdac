//! A site system gives guest SMB sessions.

use std::collections::BTreeMap;
use std::net::IpAddr;

use crate::coverage::Coverage;
use crate::evidence::Seen;
use crate::finding::{Confidence, Finding};
use crate::ledger::Ledger;
use crate::ledger::smb::Logon;
use crate::rule::{Metadata, Rule, Verdicts, rule};

rule! {
    /// ## What it detects
    /// An SMB session that a site system opened as guest, whatever account was asked for.
    ///
    /// ## Why it matters
    /// Whoever knows no password gets in, the session cannot be signed, and content may be read that should not be.
    ///
    /// ## Evidence
    /// The guest flag of the session setup response.
    ///
    /// ## False positives
    /// None known: the server says so itself.
    ///
    /// ## Remedy
    /// Turn the guest account off, and insecure guest logons on clients.
    ///
    /// ## References
    /// - [MS-SMB2] 2.2.6, 3.2.5.3.1
    SmbGuest {
        id: "smb-guest",
        title: "site system gives a guest SMB session",
        severity: Medium,
        confidence: Certain,
        tags: ["CWE-306"],
    }
}

impl Rule for SmbGuest {
    fn metadata(&self) -> &'static Metadata {
        Self::META
    }

    fn judge(&self, ledger: &Ledger, _: &Coverage, verdicts: &mut Verdicts) {
        report(ledger, verdicts, Self::META, "a guest", |logon| &logon.guest);
    }
}

/// Reports sessions of some kind that site systems gave: where a logon shows that, and what it is called.
pub(super) fn report(
    ledger: &Ledger,
    verdicts: &mut Verdicts,
    rule: &'static Metadata,
    what: &str,
    kind: impl Fn(&Logon) -> &Seen,
) {
    let mut found: BTreeMap<(IpAddr, IpAddr, u16), (Seen, Confidence)> = BTreeMap::new();
    for connection in ledger.smb.connections() {
        let known = ledger.site_system(connection.server).filter(|sure| *sure >= Confidence::Likely);
        let Some(sure) = known else { continue };
        for seen in connection.logons.iter().map(&kind).filter(|seen| seen.is_some()) {
            let key = (connection.client, connection.server, connection.port);
            let (all, _) = found.entry(key).or_insert_with(|| (Seen::default(), sure));
            all.merge(seen);
        }
    }
    for ((client, server, port), (seen, sure)) in found {
        verdicts.report(
            Finding::new(rule, client, server, &seen)
                .tcp_port(port)
                .filter("(smb || smb2)")
                .site(ledger.site_code_of(&[server]))
                .confidence(sure)
                .message(format!("The site system {server} gave {client} {what} SMB session.")),
        );
    }
}

#[cfg(test)]
mod tests {
    use crate::testing_smb::{CLIENT, DP, STRANGER, Scene};
    use decoders::smb::SessionSetupResponse;

    #[test]
    fn such_a_session_is_told_on_a_site_system_only() {
        let mut scene = Scene::new();
        for (server, share) in [(DP, "SMS_DP$"), (STRANGER, "Data")] {
            let talk = scene.open(CLIENT, server, 445);
            let response = SessionSetupResponse { guest: true, ..SessionSetupResponse::default() };
            scene.set_up(talk).decided_as(talk, response).share(talk, "server", share);
        }
        let found = scene.findings("smb-guest");
        assert_eq!(found.iter().map(|finding| finding.destination).collect::<Vec<_>>(), [DP]);
    }

    #[test]
    fn an_ordinary_session_is_silent() {
        let mut scene = Scene::new();
        let talk = scene.open(CLIENT, DP, 445);
        scene.ntlm_logon(talk, "jdoe").share(talk, "dp", "SMS_DP$");
        assert!(scene.findings("smb-guest").is_empty());
    }
}
