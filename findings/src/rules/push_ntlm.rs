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
                        .filter(if on_port.smb1 { "(ntlmssp || smb)" } else { "ntlmssp" })
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
    /// SMB1 carries responses without NTLMSSP around them too.
    smb1: bool,
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
        on_port.smb1 |= used.connection.smb1.is_some();
        on_port.seen.merge(&used.ntlm.seen);
    }
    ports
}

fn join(words: &BTreeSet<String>) -> String {
    words.iter().map(String::as_str).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use decoders::ntlmssp::{Carrier, Response};
    use decoders::spnego::MechToken;

    use crate::Limits;
    use crate::ledger::smb::{OID_KERBEROS, OID_NTLMSSP};
    use crate::testing_smb::{CLIENT, OTHER_CLIENT, SITE, Scene, host};

    #[test]
    fn ntlm_on_any_port_of_a_push_is_told_by_port() {
        let mut scene = Scene::new();
        scene.ntlm_push(SITE, CLIENT, "svc-push");
        let wmi = scene.open(SITE, CLIENT, 135);
        scene.authenticate(wmi, Carrier::Dcerpc, "svc-push", Response::NtlmV2);
        let ports: Vec<_> = scene.findings("push-ntlm").iter().map(|finding| finding.port).collect();
        assert_eq!(ports, [Some(135), Some(445)]);
    }

    #[test]
    fn a_push_by_kerberos_or_with_only_the_challenge_captured_is_silent() {
        let mut scene = Scene::new();
        let kerberos = scene.open(SITE, CLIENT, 445);
        scene.kerberos_logon(kerberos, &[OID_KERBEROS[0]]).push_files(kerberos);
        let half = scene.open(SITE, OTHER_CLIENT, 445);
        scene.offer(half, &[OID_NTLMSSP], MechToken::Ntlmssp(1)).push_files(half);
        assert!(scene.findings("push-ntlm").is_empty());
        assert_eq!(scene.findings("push-seen").len(), 2);
    }

    #[test]
    fn an_administrators_session_hours_later_is_not_part_of_the_push() {
        let mut scene = Scene::new();
        let kerberos = scene.open(SITE, CLIENT, 445);
        scene.kerberos_logon(kerberos, &[OID_KERBEROS[0]]).push_files(kerberos).wait(7_200);
        let admin = scene.open(SITE, CLIENT, 445);
        scene.ntlm_logon(admin, "jdoe").share(admin, "pc1", "C$");
        assert!(scene.findings("push-ntlm").is_empty());
    }

    #[test]
    fn an_administrators_session_on_the_same_connection_is_not_part_of_the_push() {
        let mut scene = Scene::new();
        let push = scene.open(SITE, CLIENT, 445);
        scene.kerberos_logon(push, &[OID_KERBEROS[0]]).push_files(push);
        let admin = push.beside();
        scene.ntlm_logon(admin, "jdoe").share(admin, "pc1", "C$").file(admin, "C$", "Temp\\x.log", false);
        assert!(scene.findings("push-ntlm").is_empty());
        let idle = push.beside().beside();
        scene.ntlm_logon(idle, "jdoe").share(idle, "pc1", "D$");
        assert!(scene.findings("push-ntlm").is_empty());
    }

    #[test]
    fn a_push_on_the_connection_that_an_administrator_opened_is_told() {
        let mut scene = Scene::new();
        let admin = scene.open(SITE, CLIENT, 445);
        scene.kerberos_logon(admin, &[OID_KERBEROS[0]]).share(admin, "pc1", "C$");
        scene.file(admin, "C$", "Temp\\x.log", false);
        let pipes = admin.beside();
        scene.ntlm_logon(pipes, "svc-push").share(pipes, "pc1", "IPC$");
        let files = scene.open(SITE, CLIENT, 445);
        scene.kerberos_logon(files, &[OID_KERBEROS[0]]).push_files(files);
        assert!(scene.message("push-ntlm").contains("svc-push"));
    }

    #[test]
    fn the_connection_to_ipc_beside_the_one_to_admin_is_part_of_the_push() {
        let mut scene = Scene::new();
        let files = scene.open(SITE, CLIENT, 445);
        scene.kerberos_logon(files, &[OID_KERBEROS[0]]).push_files(files).end(files, |_| ());
        let pipes = scene.open(SITE, CLIENT, 445);
        scene.ntlm_logon(pipes, "svc-push").share(pipes, "10.0.0.101", "IPC$").end(pipes, |_| ());
        assert!(scene.message("push-ntlm").contains("addressed as 10.0.0.101"));
    }

    #[test]
    fn the_pipes_of_another_tool_are_not_part_of_the_push() {
        let mut scene = Scene::new();
        let files = scene.open(SITE, CLIENT, 445);
        scene.kerberos_logon(files, &[OID_KERBEROS[0]]).push_files(files).end(files, |_| ());
        let pipes = scene.open(SITE, CLIENT, 445);
        scene.ntlm_logon(pipes, "jdoe").share(pipes, "pc1", "IPC$");
        scene.file(pipes, "IPC$", "RemCom_stdin", true).end(pipes, |_| ());
        assert!(scene.findings("push-ntlm").is_empty());
        let service = scene.open(SITE, CLIENT, 445);
        scene.ntlm_logon(service, "svc-push").share(service, "pc1", "IPC$");
        scene.file(service, "IPC$", "svcctl", true).end(service, |_| ());
        assert!(scene.message("push-ntlm").contains("svc-push"));
    }

    #[test]
    fn tables_without_room_lose_entries_and_say_so() {
        let mut scene = Scene::new();
        for last in 100..110 {
            scene.ntlm_push(SITE, host(last), "svc-push");
        }
        let engine = scene.engine_within(Limits { table: 3, ..Limits::default() });
        assert!(engine.ledger().full() > 0);
        assert_eq!(crate::ledger::push::pushes(engine.ledger()).count(), 3);
    }
}
