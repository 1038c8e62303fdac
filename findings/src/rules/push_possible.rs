//! Something that may be a client push, but does not show.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::net::IpAddr;

use crate::coverage::Coverage;
use crate::finding::{Finding, Severity};
use crate::ledger::Ledger;
use crate::ledger::hidden::{Hidden, hidden};
use crate::rule::{Metadata, Rule, Verdicts, rule};

rule! {
    /// ## What it detects
    /// An SMB session whose file names could not be read, because it was encrypted or the logon was refused, and that
    /// may be a client push: the source is a site server, its name or the account's suggests a site server,
    /// it tried several accounts and a computer account among them, or it encrypted and used DCOM on the same computer
    /// at the same time. Also one that wrote `ccmsetup\ccmsetup.exe` to `admin$`, where neither the lock file, nor
    /// `MobileClient.tcf`, nor a service named `ccmsetup` was seen.
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
    /// inventory programs run on them too. Names prove nothing. Administrators copy `ccmsetup.exe` by hand.
    ///
    /// ## Remedy
    /// Find out whether it was a client push. If it was, turn off "Allow connection fallback to NTLM" in the client
    /// push installation properties, and see `push-ntlm`.
    ///
    /// ## References
    /// - Configuration Manager, "How to deploy clients to Windows computers": client push
    PushPossible {
        id: "push-possible",
        title: "possible client push that does not show",
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
        let mut found: BTreeMap<(IpAddr, IpAddr, u16), (Hidden, Severity)> = BTreeMap::new();
        for connection in ledger.smb.connections() {
            let Some(hidden) = hidden(ledger, connection) else { continue };
            let key = (connection.client, connection.server, connection.port);
            let ntlm = connection.logons.iter().any(|logon| logon.ntlm_proof().is_some());
            let severity = if ntlm { Severity::Medium } else { Severity::Info };
            match found.entry(key) {
                Entry::Vacant(entry) => {
                    entry.insert((hidden, severity));
                }
                Entry::Occupied(mut entry) => {
                    entry.get_mut().0.seen.merge(&hidden.seen);
                    entry.get_mut().1 = entry.get().1.max(severity);
                }
            }
        }
        for ((source, target, port), (hidden, severity)) in found {
            verdicts.report(
                Finding::new(Self::META, source, target, &hidden.seen)
                    .tcp_port(port)
                    .filter("(smb || smb2)")
                    .site(ledger.site_code_of(&[source, target]))
                    .severity(severity)
                    .message(format!(
                        "{source} logged on to {target} {}; {}.",
                        hidden.how,
                        hidden.hint.words()
                    )),
            );
        }
    }
}

#[cfg(test)]
mod tests {
    use decoders::dcerpc::{Bind, DcerpcEvent};
    use decoders::ntlmssp::Response;
    use decoders::smb::{SmbEvent, TreeConnected};

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
    fn a_push_account_that_is_refused_the_share_may_be_one() {
        let mut scene = Scene::new();
        let talk = scene.open(SITE, CLIENT, 445);
        let (session, path) = (1_001, Some("\\\\pc1\\ADMIN$".to_owned()));
        let denied = TreeConnected { smb: 2, session, path, status: 0xC000_0022, ..TreeConnected::default() };
        scene.ntlm_logon(talk, "svc-cmpush");
        scene.say(talk, capture::Direction::ToClient, SmbEvent::TreeConnected(Box::new(denied)));
        let message = scene.message("push-possible");
        assert!(message.contains("as CONTOSO\\svc-cmpush and was refused ADMIN$"), "{message}");
    }

    #[test]
    fn with_kerberos_it_is_for_information_only() {
        let mut scene = Scene::new();
        let talk = scene.open(SITE, CLIENT, 445);
        scene.kdc_logs_on(SITE, "svc-cmpush").kerberos_logon(talk, &[OID_KERBEROS[0]]).encrypted(talk);
        assert_eq!(scene.findings("push-possible")[0].severity, Severity::Info);
    }

    #[test]
    fn several_accounts_with_the_computers_own_or_wmi_beside_an_encrypted_session_may_be_one() {
        let mut accounts = Scene::new();
        for user in ["adm-a", "adm-b", "SRV7$"] {
            let talk = accounts.open(SITE, CLIENT, 445);
            accounts.ntlm_logon_with(talk, user, Response::NtlmV2, 0xC000_006D).end(talk, |_| ());
        }
        assert!(accounts.message("push-possible").contains("several accounts"));
        assert_eq!(accounts.findings("push-possible")[0].severity, Severity::Medium);
        let mut ordinary = Scene::new();
        for user in ["jdoe", "PC9$"] {
            let talk = ordinary.open(STRANGER, CLIENT, 445);
            ordinary.kdc_logs_on(STRANGER, user).kerberos_logon(talk, &[OID_KERBEROS[0]]).encrypted(talk);
            ordinary.wait(90);
        }
        assert!(ordinary.findings("push-possible").is_empty(), "a user and the user's computer");
        let mut wmi = Scene::new();
        let files = wmi.open(SITE, CLIENT, 445);
        wmi.ntlm_logon(files, "adm-a").encrypted(files).end(files, |_| ());
        assert!(wmi.findings("push-possible").is_empty());
        let rpc = wmi.open(SITE, CLIENT, 135);
        let interfaces = vec![("000001a0-0000-0000-c000-000000000046".to_owned(), 0)];
        let bind = DcerpcEvent::Bind(Box::new(Bind { interfaces, ..Bind::default() }));
        wmi.say(rpc, capture::Direction::ToServer, bind);
        assert!(wmi.message("push-possible").contains("used DCOM"));
    }

    #[test]
    fn the_program_alone_may_be_an_administrators_copy() {
        let mut scene = Scene::new();
        let talk = scene.open(STRANGER, CLIENT, 445);
        scene.ntlm_logon(talk, "jdoe").share(talk, "pc1", "ADMIN$");
        scene.file(talk, "ADMIN$", "ccmsetup\\ccmsetup.exe", true);
        let message = scene.message("push-possible");
        assert!(message.contains("wrote ccmsetup\\ccmsetup.exe to ADMIN$; client push does so"), "{message}");
        assert!(scene.findings("push-ntlm").is_empty());
        let pipes = scene.open(STRANGER, CLIENT, 445);
        scene.ntlm_logon(pipes, "jdoe").share(pipes, "pc1", "IPC$").service(pipes, 16, "ccmsetup");
        assert!(scene.findings("push-possible").is_empty(), "with the service it is likely");
        assert_eq!(scene.findings("push-ntlm").len(), 1);
    }

    #[test]
    fn ordinary_logons_that_are_refused_or_encrypted_again_and_again_are_not_told() {
        let mut refused = Scene::new();
        let mut sealed = Scene::new();
        for _ in 0..3 {
            let talk = refused.open(STRANGER, CLIENT, 445);
            refused.ntlm_logon_with(talk, "jdoe", Response::NtlmV2, 0xC000_0418).end(talk, |_| ());
            let talk = sealed.open(STRANGER, CLIENT, 445);
            sealed.ntlm_logon(talk, "jdoe").encrypted(talk);
        }
        assert!(refused.findings("push-possible").is_empty() && sealed.findings("push-possible").is_empty());
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
