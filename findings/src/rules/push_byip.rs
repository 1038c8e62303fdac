//! A client push addresses the computer by its IP address.

use crate::coverage::Coverage;
use crate::evidence::Seen;
use crate::finding::Finding;
use crate::ledger::Ledger;
use crate::ledger::push::pushes;
use crate::ledger::smb::is_address;
use crate::rule::{Metadata, Rule, Verdicts, rule};

rule! {
    /// ## What it detects
    /// A client push that names the computer by an IP address: in the path of the tree connect, in the name given
    /// when SMB 3.1.1 is negotiated, or in the service name inside the NTLM response.
    ///
    /// ## Why it matters
    /// There is no Kerberos service name for an address unless somebody made one, so NTLM is all that is left.
    ///
    /// ## Evidence
    /// The path or name, literally as sent.
    ///
    /// ## False positives
    /// Windows may be set up to use Kerberos with addresses (`TryIPSPN`), and then this does no harm.
    ///
    /// ## Remedy
    /// See that the site server can resolve the computer's name: discovery records with an FQDN, working DNS.
    ///
    /// ## References
    /// - Configuration Manager, "Security and privacy for clients": Kerberos mutual authentication for client push
    /// - [MS-SMB2] 2.2.9, 2.2.3.1.4
    PushByip {
        id: "push-byip",
        title: "client push addresses the computer by its IP address",
        severity: Medium,
        confidence: Certain,
        tags: ["CWE-291"],
    }
}

impl Rule for PushByip {
    fn metadata(&self) -> &'static Metadata {
        Self::META
    }

    fn judge(&self, ledger: &Ledger, _: &Coverage, verdicts: &mut Verdicts) {
        for push in pushes(ledger) {
            let addressed = push.connections.iter().filter(|connection| connection.smb);
            let mut addressed = addressed.filter_map(|connection| {
                let name = connection.called.iter().find(|name| is_address(name))?;
                Some((connection, name))
            });
            let Some((connection, name)) = addressed.next() else { continue };
            let mut seen = Seen::default();
            for logon in &connection.logons {
                seen.merge(&logon.readable);
            }
            let seen = if seen.is_some() { seen } else { push.signs.seen() };
            verdicts.report(
                Finding::new(Self::META, push.source, push.target, &seen)
                    .tcp_port(connection.port)
                    .filter("(smb || smb2)")
                    .site(push.site(ledger))
                    .confidence(push.sure)
                    .message(format!(
                        "{} pushed the client to {} and called it {name}: without a name there is no Kerberos.",
                        push.source, push.target
                    )),
            );
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::testing_smb::{CLIENT, OTHER_CLIENT, SITE, Scene};

    #[test]
    fn an_address_in_the_tree_path_is_told_and_a_name_is_not() {
        let mut scene = Scene::new();
        let talk = scene.open(SITE, CLIENT, 445);
        scene.ntlm_logon(talk, "svc-push").share(talk, "10.0.0.101", "ADMIN$");
        scene.file(talk, "ADMIN$", "SMSClientInstall.PS1", true);
        scene.ntlm_push(SITE, OTHER_CLIENT, "svc-push");
        let found = scene.findings("push-byip");
        assert_eq!(found.iter().map(|finding| finding.destination).collect::<Vec<_>>(), [CLIENT]);
    }
}
