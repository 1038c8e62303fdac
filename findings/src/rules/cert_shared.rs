//! One client's key on several hosts.

use crate::coverage::Coverage;
use crate::finding::{Confidence, Finding};
use crate::ledger::Ledger;
use crate::ledger::client_key::{ClientKey, Holder, Proof, holders, routers};
use crate::rule::{Metadata, Rule, Verdicts, rule};

rule! {
    /// ## What it detects
    /// The same client certificate, or the same key under another one, used by several hosts: registered, proved in a TLS
    /// handshake with a site system, or used to sign messages. Addresses with one name are one host; so are those with one
    /// network card or one client identity, if no names tell them apart.
    ///
    /// ## Why it matters
    /// The key is what tells clients apart. Who holds a copy gets the other's policy, with the secrets in it, and reports in
    /// its name. Copies come from images that were taken of a computer with its certificates, or from theft.
    ///
    /// ## Evidence
    /// Registrations, signatures that verify, and certificates that clients proved (TLS 1.2 and older; TLS 1.3 hides them),
    /// with names, MAC addresses and client identities of who used them.
    ///
    /// ## False positives
    /// A computer that was renamed and given another address and network card; the certificate of boot media and of PXE,
    /// which is shared by design; pooled virtual desktops made from one image. Behind a router or address translation
    /// hosts look like one, so that a copy may be missed.
    ///
    /// ## Remedy
    /// Remove the client's certificates before a computer is captured as an image, and give new ones to all hosts that
    /// share it; block the client if the key may have been stolen.
    ///
    /// ## References
    /// - Configuration Manager, "Security guidance for clients: remove certificates before imaging clients"
    CertShared {
        id: "cert-shared",
        title: "several hosts use one client certificate",
        severity: High,
        confidence: Certain,
        tags: ["CWE-322", "ATT&CK T1649"],
    }
}

impl Rule for CertShared {
    fn metadata(&self) -> &'static Metadata {
        Self::META
    }

    fn judge(&self, ledger: &Ledger, _: &Coverage, verdicts: &mut Verdicts) {
        let shared = ledger.client_keys.keys.iter().filter(|(_, key)| key.uses.len() > 1);
        let mut shared = shared.peekable();
        if shared.peek().is_none() {
            return;
        }
        let routers = routers(ledger);
        for (id, key) in shared {
            let uses = key.uses.iter().map(|((client, server, port), used)| (*client, *server, *port, used));
            // Handshakes with strangers prove a key that is nothing to the site.
            let ours = uses.filter(|(_, server, _, used)| {
                let message = used.proofs.iter().any(|proof| *proof != Proof::Handshake);
                message || ledger.site_system(*server).is_some_and(|sure| sure >= Confidence::Likely)
            });
            let holders = holders(ledger, &routers, ours);
            let Some((first, others)) = holders.split_first() else { continue };
            for other in others {
                if let Some(finding) = finding(ledger, id, key, first, other) {
                    verdicts.report(finding);
                }
            }
        }
    }
}

fn finding(
    ledger: &Ledger,
    id: &str,
    key: &ClientKey,
    first: &Holder<'_>,
    other: &Holder<'_>,
) -> Option<Finding> {
    let (before, _, _, earlier) = first.uses.first()?;
    let (client, server, port, used) = other.uses.first()?;
    let claimed = |holder: &Holder<'_>| {
        holder.uses.iter().any(|(_, _, _, used)| used.proofs.iter().all(|proof| *proof == Proof::Claimed))
    };
    let limit = if claimed(first) || claimed(other) { Confidence::Likely } else { Confidence::Certain };
    let subject = key.subject.as_deref().map(|subject| format!(" ({subject})")).unwrap_or_default();
    let called = |addr: &std::net::IpAddr, holder: &Holder<'_>| {
        let name = holder.uses.iter().find_map(|(_, _, _, used)| used.names.first());
        name.map_or_else(|| addr.to_string(), |name| format!("{name} ({addr})"))
    };
    Some(
        Finding::new(CertShared::META, *client, *server, &used.seen)
            .also(&earlier.seen)
            .tcp_port(*port)
            .site(ledger.site_code_of(&[*server, *client]))
            .confidence(other.sure.min(limit))
            .subject(id)
            .message(format!(
                "{} uses the key of a client certificate{subject} that {} uses too.",
                called(client, other),
                called(before, first)
            )),
    )
}
