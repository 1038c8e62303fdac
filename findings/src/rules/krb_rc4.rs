//! Kerberos tickets of site hosts encrypted with RC4.

use std::collections::BTreeSet;
use std::net::IpAddr;

use crate::coverage::Coverage;
use crate::finding::{Confidence, Finding};
use crate::ledger::Ledger;
use crate::ledger::push::pushes;
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
        let pushed: BTreeSet<(IpAddr, IpAddr)> =
            pushes(ledger).map(|push| (push.source, push.target)).collect();
        for ((client, sname), ticket) in
            ledger.kerberos.tickets.iter().filter(|(_, ticket)| ticket.rc4.is_some())
        {
            if sname.starts_with("ldap/") {
                continue;
            }
            let Some(peer) = ticket.peer else { continue };
            let named = sname.split_once('/').and_then(|(_, host)| host_named(ledger, host));
            let service = if ticket.shown { Some(peer) } else { named };
            let Some(service) = service else { continue };
            let site = ledger.site_system(service).is_some_and(|sure| sure >= Confidence::Likely);
            if !site && !pushed.contains(&(*client, service)) {
                continue;
            }
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

/// The address of a host by the name in a service name, with or without port, domain, or further parts.
fn host_named(ledger: &Ledger, host: &str) -> Option<IpAddr> {
    let host = host.split(['/', ':', '@']).next().unwrap_or(host);
    ledger.addr_of(host)
}
