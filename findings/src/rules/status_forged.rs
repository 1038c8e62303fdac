//! Status messages in another client's name.

use std::net::IpAddr;

use crate::coverage::Coverage;
use crate::finding::{Confidence, Finding};
use crate::ledger::Ledger;
use crate::ledger::message::Claimed;
use crate::rule::{Metadata, Rule, Verdicts, rule};

rule! {
    /// ## What it detects
    /// A status message whose body names a client identity (SMSID) other than its sender's: one that was registered, or
    /// signed with, by another host; or one that differs from the identity in the signed header of the same message.
    ///
    /// ## Why it matters
    /// The site files the report under the client that the body names. Whoever can send such messages decides what
    /// administrators see of other computers.
    ///
    /// ## Evidence
    /// The message, and where the identity was seen to belong to another host.
    ///
    /// ## False positives
    /// Proxies and NAT devices: a host with more than two identities of its own is taken for one and left out. A client
    /// whose address changed within the capture looks like two hosts: then the finding is only possible if the new
    /// address has no identity yet.
    ///
    /// ## Remedy
    /// Find the sender. HTTPS only with client certificates keeps strangers from sending anything.
    ///
    /// ## References
    /// - Configuration Manager, "Security and privacy for clients": status messages are not authenticated
    StatusForged {
        id: "status-forged",
        title: "status message in another client's name",
        severity: Medium,
        confidence: Likely,
        tags: ["CWE-290", "CWE-345"],
    }
}

/// Identities of one address from which on it is taken for a proxy.
const PROXY: usize = 3;

impl Rule for StatusForged {
    fn metadata(&self) -> &'static Metadata {
        Self::META
    }

    fn judge(&self, ledger: &Ledger, _: &Coverage, verdicts: &mut Verdicts) {
        for ((client, server, port, id), claimed) in ledger.messages.claimed.iter() {
            let Some((sure, why)) = contradiction(ledger, *client, id, claimed) else { continue };
            verdicts.report(
                Finding::new(Self::META, *client, *server, &claimed.seen)
                    .tcp_port(*port)
                    .filter("http")
                    .site(ledger.site_code_of(&[*server, *client]))
                    .subject(id)
                    .confidence(sure)
                    .message(format!(
                        "{client} sent status messages to {server} in the name of {id}, {why}: likely forged."
                    )),
            );
        }
    }
}

/// What contradicts the identity that a host claims, and how much that says.
fn contradiction(
    ledger: &Ledger,
    client: IpAddr,
    id: &str,
    claimed: &Claimed,
) -> Option<(Confidence, String)> {
    let own = ledger.messages.identities_of(client);
    if own >= PROXY {
        return None;
    }
    if let Some(header) = &claimed.header {
        return Some((Confidence::Likely, format!("while the header of the message is signed as {header}")));
    }
    let identity = ledger.messages.identities.get(&id.to_owned())?;
    let other = identity.hosts.iter().find(|_| !identity.hosts.contains(&client))?;
    let sure = if own > 0 { Confidence::Likely } else { Confidence::Possible };
    Some((sure, format!("which {other} was seen to be")))
}
