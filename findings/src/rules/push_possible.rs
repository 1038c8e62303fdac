//! Something that may be a client push, but does not show.

use std::collections::BTreeMap;
use std::net::IpAddr;

use crate::coverage::Coverage;
use crate::evidence::Seen;
use crate::finding::{Confidence, Finding, Severity};
use crate::ledger::push::{is_push, suggests_push, suggests_site_server};
use crate::ledger::smb::{Connection, Logon, Outcome};
use crate::ledger::{Ledger, Role};
use crate::rule::{Metadata, Rule, Verdicts, rule};

rule! {
    /// ## What it detects
    /// An SMB session whose file names could not be read, because it was encrypted or the logon was refused, from a
    /// host that is a site server, or whose computer or account name suggests one.
    ///
    /// ## Why it matters
    /// It may be a client push. That it could not be read is no fault; but what was used to authenticate shows, and
    /// a refused push has sent its credentials all the same. Where that was NTLM the finding is of medium severity,
    /// where it was Kerberos for information only.
    ///
    /// ## Evidence
    /// The session setup: account, mechanism, and how it ended.
    ///
    /// ## False positives
    /// Site servers talk SMB to many hosts: distribution points, management points, file servers. Backup and
    /// inventory programs run on them too. Names prove nothing.
    ///
    /// ## Remedy
    /// Find out whether it was a client push. If it was, turn off "Allow connection fallback to NTLM" in the client
    /// push installation properties, and see `push-ntlm`.
    ///
    /// ## References
    /// - Configuration Manager, "How to deploy clients to Windows computers": client push
    PushPossible {
        id: "push-possible",
        title: "possible client push whose files are not visible",
        severity: Medium,
        confidence: Possible,
        tags: [],
    }
}

impl Rule for PushPossible {
    fn metadata(&self) -> &'static Metadata {
        Self::META
    }

    fn judge(&self, ledger: &Ledger, _: &Coverage, verdicts: &mut Verdicts) {
        let mut found: BTreeMap<(IpAddr, IpAddr, u16), (Seen, String, Severity)> = BTreeMap::new();
        for connection in ledger.smb.connections() {
            let Some((seen, how)) = hidden(ledger, connection) else { continue };
            let key = (connection.client, connection.server, connection.port);
            let ntlm = connection.logons.iter().any(|logon| logon.ntlm_proof().is_some());
            let severity = if ntlm { Severity::Medium } else { Severity::Info };
            let entry = found.entry(key).or_insert_with(|| (Seen::default(), how, severity));
            entry.0.merge(&seen);
            entry.2 = entry.2.max(severity);
        }
        for ((source, target, port), (seen, how, severity)) in found {
            verdicts.report(
                Finding::new(Self::META, source, target, &seen)
                    .tcp_port(port)
                    .filter("(smb || smb2)")
                    .site(ledger.site_code_of(&[source, target]))
                    .severity(severity)
                    .message(format!("{source} logged on to {target} {how}; it may be a client push.")),
            );
        }
    }
}

/// A logon from what may be a site server whose use does not show, and in words what was seen.
pub(crate) fn hidden(ledger: &Ledger, connection: &Connection) -> Option<(Seen, String)> {
    let to_site = ledger.site_system(connection.server).is_some_and(|sure| sure >= Confidence::Likely);
    let to_controller = ledger.role(connection.server, Role::DomainController).is_some();
    if to_site || to_controller || !connection.smb || connection.is_other() || is_push(ledger, connection) {
        return None;
    }
    let logon = connection.logons.iter().find(|logon| may_push(ledger, connection, logon))?;
    let account = logon.account().map(|account| format!(" as {account}")).unwrap_or_default();
    let ntlm = logon.ntlm_proof();
    let mechanism = ntlm.map_or("Kerberos", |ntlm| ntlm.response.name());
    let end = match logon.outcome {
        Outcome::Refused(status) => format!("and was refused (status {status:#010x})"),
        _ if logon.encrypted => "and encrypted everything after that".to_owned(),
        _ => "and nothing after that could be read".to_owned(),
    };
    let seen = ntlm.map(|ntlm| ntlm.seen.clone());
    let seen = seen.or_else(|| logon.kerberos.as_ref().map(|kerberos| kerberos.seen.clone()));
    Some((seen?, format!("with {mechanism}{account} {end}")))
}

fn may_push(ledger: &Ledger, connection: &Connection, logon: &Logon) -> bool {
    let authenticates = logon.ntlm_proof().is_some() || logon.kerberos.is_some();
    let refused = matches!(logon.outcome, Outcome::Refused(_));
    let hidden = logon.encrypted || refused || logon.admin_share_refused;
    let known = || ledger.role(connection.client, Role::SiteServer).is_some();
    let account = || logon.account().is_some_and(|account| suggests_push(&account));
    let named = || {
        let host = ledger.host(connection.client);
        host.is_some_and(|host| host.names.keys().any(|name| suggests_site_server(ledger, name)))
    };
    authenticates && hidden && (known() || account() || named())
}

#[cfg(test)]
mod tests {
    use decoders::ntlmssp::Response;

    use crate::finding::Severity;
    use crate::ledger::smb::OID_KERBEROS;
    use crate::testing_smb::{CLIENT, OTHER_CLIENT, SITE, STRANGER, Scene};

    #[test]
    fn an_encrypted_or_refused_session_of_what_is_called_like_a_push_account_may_be_one() {
        let mut scene = Scene::new();
        let sealed = scene.open(SITE, CLIENT, 445);
        scene.ntlm_logon(sealed, "svc-cmpush").encrypted(sealed);
        let refused = scene.open(SITE, OTHER_CLIENT, 445);
        scene.ntlm_logon_with(refused, "svc-cmpush", Response::NtlmV2, 0xC000_006D);
        let found = scene.findings("push-possible");
        assert_eq!(found.len(), 2);
        assert!(found.iter().all(|finding| finding.severity == Severity::Medium));
    }

    #[test]
    fn with_kerberos_it_is_for_information_only() {
        let mut scene = Scene::new();
        let talk = scene.open(SITE, CLIENT, 445);
        scene.kdc_logs_on(SITE, "svc-cmpush").kerberos_logon(talk, &[OID_KERBEROS[0]]).encrypted(talk);
        assert_eq!(scene.findings("push-possible")[0].severity, Severity::Info);
    }

    #[test]
    fn an_administrator_whose_files_show_is_not_one_and_neither_is_an_account_of_any_name() {
        let mut scene = Scene::new();
        let admin = scene.open(SITE, CLIENT, 445);
        scene.ntlm_logon(admin, "svc-cmpush").share(admin, "pc1", "ADMIN$").file(
            admin,
            "ADMIN$",
            "Temp\\x.log",
            true,
        );
        let sealed = scene.open(STRANGER, CLIENT, 445);
        scene.ntlm_logon(sealed, "jdoe").encrypted(sealed);
        assert!(scene.findings("push-possible").is_empty());
    }
}
