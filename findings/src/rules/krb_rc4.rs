//! Kerberos tickets of site hosts encrypted with RC4.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

use crate::coverage::Coverage;
use crate::finding::{Confidence, Finding};
use crate::ledger::push::pushes;
use crate::ledger::{Host, Ledger};
use crate::rule::{Metadata, Rule, Verdicts, rule};

rule! {
    /// ## What it detects
    /// A service ticket (`cifs`, `host`, `HTTP`, `RPCSS`) of a site system, or of a computer that a client is pushed
    /// to, that is encrypted with RC4 (etype 23).
    ///
    /// ## Why it matters
    /// The key of such a ticket is the unsalted hash of the service account's password: anybody in the domain can
    /// ask for one and guess offline. RC4 is being turned off in Windows domains.
    ///
    /// ## Evidence
    /// The encryption type of the ticket in the KDC's reply or in the token shown to the service.
    ///
    /// ## False positives
    /// Computer accounts have long random passwords, which nobody guesses; old domain controllers know nothing else.
    ///
    /// ## Remedy
    /// Let the accounts support AES (`msDS-SupportedEncryptionTypes`), change their passwords once, and turn RC4
    /// off.
    ///
    /// ## References
    /// - RFC 4757, RFC 8429; [MS-KILE] 3.1.5.2
    KrbRc4 {
        id: "krb-rc4",
        title: "Kerberos ticket of a site host encrypted with RC4",
        severity: Low,
        confidence: Certain,
        tags: ["CWE-327", "ATT&CK T1558.003"],
    }
}

impl Rule for KrbRc4 {
    fn metadata(&self) -> &'static Metadata {
        Self::META
    }

    fn judge(&self, ledger: &Ledger, _: &Coverage, verdicts: &mut Verdicts) {
        let pushed: BTreeSet<IpAddr> = pushes(ledger).map(|push| push.target).collect();
        let matters = |host: &Host| {
            pushed.contains(&host.addr) || host.site_system().is_some_and(|sure| sure >= Confidence::Likely)
        };
        let mut names: BTreeMap<String, IpAddr> = BTreeMap::new();
        for host in ledger.hosts().filter(|host| matters(host)) {
            names.extend(host.names.keys().map(|name| (name.to_lowercase(), host.addr)));
        }
        for ((client, sname), ticket) in
            ledger.kerberos.tickets.iter().filter(|(_, ticket)| ticket.rc4.is_some())
        {
            let Some((_, host)) = sname.split_once('/').filter(|(class, _)| *class != "ldap") else {
                continue;
            };
            let Some(peer) = ticket.peer else { continue };
            let shown_to =
                ledger.host(peer).filter(|host| ticket.shown && matters(host)).map(|host| host.addr);
            let Some(service) = shown_to.or_else(|| names.get(plain(host)).copied()) else { continue };
            verdicts.report(
                Finding::new(Self::META, *client, peer, &ticket.rc4)
                    .tcp_port(ticket.port)
                    .filter("kerberos")
                    .site(ledger.site_code_of(&[service, *client]))
                    .subject(sname)
                    .message(format!(
                        "{client} has a ticket for {sname} ({service}) that is encrypted with RC4."
                    )),
            );
        }
    }
}

/// The host's name in a service name, without port, domain, or further parts.
fn plain(host: &str) -> &str {
    host.split(['/', ':', '@']).next().unwrap_or(host)
}

#[cfg(test)]
mod tests {
    use crate::testing_smb::{CLIENT, DP, OTHER_CLIENT, SITE, STRANGER, Scene};

    #[test]
    fn rc4_tickets_of_site_systems_and_of_push_targets_are_told() {
        let mut scene = Scene::new();
        let dp = scene.open(CLIENT, DP, 445);
        scene.share(dp, "dp.contoso.com", "SMSPKGD$").kdc_gives(CLIENT, "cifs/dp.contoso.com", 23);
        let push = scene.open(SITE, OTHER_CLIENT, 445);
        scene.ap_req(push, "cifs/pc2.contoso.com", 23).push_files(push);
        let found = scene.findings("krb-rc4");
        assert_eq!(
            found.iter().map(|finding| finding.subject.as_str()).collect::<Vec<_>>(),
            ["cifs/pc2.contoso.com", "cifs/dp.contoso.com"]
        );
    }

    #[test]
    fn other_hosts_and_better_encryption_are_not() {
        let mut scene = Scene::new();
        let dp = scene.open(CLIENT, DP, 445);
        scene.share(dp, "dp.contoso.com", "SMSPKGD$").kdc_gives(CLIENT, "cifs/dp.contoso.com", 18);
        let files = scene.open(CLIENT, STRANGER, 445);
        scene.share(files, "files.contoso.com", "Data").kdc_gives(CLIENT, "cifs/files.contoso.com", 23);
        assert!(scene.findings("krb-rc4").is_empty());
    }
}
