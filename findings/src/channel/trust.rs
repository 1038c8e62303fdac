//! What a channel's two sides show of who they are, and who vouches for it.

use std::net::IpAddr;

use super::{Grade, Reason};
use crate::ledger::certificate::{clock, is_public, weakness};
use crate::ledger::tls::{Leaf, TLS13, TlsPeer};
use crate::ledger::{Host, Ledger, NameSource};
use crate::trust::{Fault, Standing, Usage, Verdict, name};

/// Names of a host that are shown where none of them fits.
const NAMES_SHOWN: usize = 3;

/// What a server's certificate rests on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// An authority that is not known to be public: most likely the organisation's own.
    Pki,
    /// The site itself: enhanced HTTP.
    EnhancedHttp,
    /// Nothing but itself.
    SelfSigned,
    /// A public authority: the certificate names a policy of the CA/Browser Forum, or holds timestamps of public logs.
    PublicCa,
    /// No certificate was in the clear.
    NotObservable,
}

impl Kind {
    /// As in reports.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Pki => "pki",
            Self::EnhancedHttp => "enhanced-http",
            Self::SelfSigned => "self-signed",
            Self::PublicCa => "public-ca",
            Self::NotObservable => "not-observable",
        }
    }

    fn of(leaf: &Leaf) -> Self {
        if leaf.is_from_site() {
            Self::EnhancedHttp
        } else if leaf.certificate.self_issued {
            Self::SelfSigned
        } else if is_public(&leaf.certificate) {
            Self::PublicCa
        } else {
            Self::Pki
        }
    }
}

/// Whether a server's certificate was verified.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verified {
    /// An authority given vouches for it, and nothing speaks against it.
    Yes,
    /// No authority given does, or something speaks against it.
    No,
    /// No authority was given, no certificate was seen, or the verifier does not know the algorithm.
    NotChecked,
}

impl Verified {
    /// As in reports.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Yes => "yes",
            Self::No => "no",
            Self::NotChecked => "not-checked",
        }
    }
}

/// What a client did to prove who it is. The best of all handshakes counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ClientCertificate {
    /// Sent one, proved that it has the key, and was not refused, as far as it shows.
    Proved,
    /// Sent one, proved that it has the key, and was refused: the server ended the handshake.
    Refused,
    /// Sent one; the proof was not seen.
    Sent,
    /// Was asked, and sent none.
    Empty,
    /// Was asked; the answer was not seen.
    Asked,
    /// Was not asked, as far as the handshake was read.
    NotAsked,
    /// Hidden by encryption, or not captured.
    NotObservable,
}

impl ClientCertificate {
    /// As in reports.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Proved => "proved",
            Self::Refused => "refused",
            Self::Sent => "sent",
            Self::Empty => "empty",
            Self::Asked => "asked",
            Self::NotAsked => "not-asked",
            Self::NotObservable => "not-observable",
        }
    }

    fn of(peer: &TlsPeer) -> Self {
        let tls13 = peer.chosen.keys().all(|chosen| chosen.version >= TLS13);
        // With keys, TLS 1.3 shows its certificates too.
        let hidden = tls13 && peer.certified == 0 && !peer.asked.is_some() || peer.renegotiated > 0;
        if peer.is_proved() {
            Self::Proved
        } else if peer.sent > peer.refused.count {
            Self::Sent
        } else if peer.refused.is_some() {
            Self::Refused
        } else if hidden {
            Self::NotObservable
        } else if peer.withheld > 0 {
            Self::Empty
        } else if peer.asked.is_some() {
            Self::Asked
        } else if peer.certified > 0 {
            Self::NotAsked
        } else {
            Self::NotObservable
        }
    }
}

/// Who a channel's two sides show to be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trust {
    /// What the server's certificate rests on.
    pub kind: Kind,
    /// Whether it was verified.
    pub verified: Verified,
    /// What is wrong with the server's certificate, in words that go on from "the certificate"; with the client's, in
    /// words that name it. Not yet scrubbed.
    pub problems: Vec<String>,
    /// What is unusual, or was not looked at. Not yet scrubbed.
    pub notes: Vec<String>,
    /// What the client did to prove who it is.
    pub client_certificate: ClientCertificate,
}

/// What a peer shows, and what that says of its channels.
pub(super) fn of(ledger: &Ledger, server: IpAddr, peer: &TlsPeer) -> (Trust, Vec<Reason>) {
    let mut reasons = Vec::new();
    let mut trust = Trust {
        kind: Kind::NotObservable,
        verified: Verified::NotChecked,
        problems: Vec::new(),
        notes: Vec::new(),
        client_certificate: ClientCertificate::of(peer),
    };
    if let Some(leaf) = peer.leaves.values().max_by_key(|leaf| leaf.seen.last) {
        of_server(ledger, server, peer, leaf, &mut trust, &mut reasons);
    }
    if let Some(client) = peer.clients.values().max_by_key(|client| client.leaf.seen.last) {
        of_client(ledger, &client.leaf, &mut trust, &mut reasons);
    }
    (trust, reasons)
}

fn of_server(
    ledger: &Ledger,
    server: IpAddr,
    peer: &TlsPeer,
    leaf: &Leaf,
    trust: &mut Trust,
    reasons: &mut Vec<Reason>,
) {
    trust.kind = Kind::of(leaf);
    let verdict =
        ledger.trust.judge(&leaf.certificate, &leaf.chain, Usage::Server, clock(leaf.seen.last.time));
    let Verdict { standing, mut faults, mut remarks } = (*verdict).clone();
    if trust.kind == Kind::EnhancedHttp && !ledger.trust.knows(&leaf.certificate.issuer) {
        // Whoever gives the authorities of a public key infrastructure says nothing of the site's own.
        faults.retain(|fault| !matches!(fault, Fault::UnknownIssuer(_) | Fault::SelfSigned));
        if ledger.trust.is_known() {
            remarks.push("the site's own authority is not among those given".to_owned());
        }
        trust.verified = Verified::NotChecked;
    } else {
        trust.verified = match standing {
            Standing::Trusted { .. } => Verified::Yes,
            Standing::Untrusted => Verified::No,
            Standing::NotChecked => Verified::NotChecked,
        };
    }
    match wrong_name(ledger, server, peer, leaf) {
        Ok(None) => {}
        Ok(Some(wanted)) => {
            faults.push(Fault::WrongName(wanted));
            if trust.verified == Verified::Yes {
                trust.verified = Verified::No;
            }
        }
        Err(why) => remarks.push(why.to_owned()),
    }
    if let (Verified::Yes, Standing::Trusted { anchor, .. }) = (trust.verified, &standing) {
        reasons.push(Reason::new(Grade::Secure, format!("{anchor} vouches for the server's certificate")));
    }
    reasons.extend(faults.iter().map(|fault| reason("the server's certificate", fault, fault.is_foreign())));
    trust.problems.extend(faults.iter().map(Fault::text));
    if let Some(weak) = weakness(&leaf.certificate) {
        reasons.push(Reason::new(Grade::Weak, format!("the server's certificate {weak}")));
        trust.problems.push(weak);
    }
    trust.notes.extend(remarks);
    timeless("the server's certificate", leaf, trust, reasons);
}

/// Says of a certificate whose validity nothing tells, because the clock of the capture was not set.
fn timeless(whose: &str, leaf: &Leaf, trust: &mut Trust, reasons: &mut Vec<Reason>) {
    if clock(leaf.seen.last.time).is_none() {
        let text = format!("whether {whose} was valid does not show: the clock of the capture was not set");
        reasons.push(Reason::new(Grade::NotObservable, text.clone()));
        trust.notes.push(text);
    }
}

fn of_client(ledger: &Ledger, leaf: &Leaf, trust: &mut Trust, reasons: &mut Vec<Reason>) {
    let verdict =
        ledger.trust.judge(&leaf.certificate, &leaf.chain, Usage::Client, clock(leaf.seen.last.time));
    reasons.extend(verdict.faults.iter().map(|fault| reason("the client's certificate", fault, false)));
    let weak = weakness(&leaf.certificate);
    let problems = verdict.faults.iter().map(Fault::text).chain(weak);
    trust.problems.extend(problems.map(|text| format!("the client's certificate {text}")));
    trust.notes.extend(verdict.remarks.iter().map(|text| format!("the client's certificate: {text}")));
    timeless("the client's certificate", leaf, trust, reasons);
}

fn reason(whose: &str, fault: &Fault, insecure: bool) -> Reason {
    let grade = match (fault.is_open(), insecure) {
        (true, _) => Grade::NotObservable,
        (false, true) => Grade::Insecure,
        (false, false) => Grade::Weak,
    };
    Reason::new(grade, format!("{whose} {}", fault.text()))
}

/// A name that clients asked for and that none of the server's certificates is for; where they asked for none, the
/// names that are known for its address. An error where there is nothing to ask about.
fn wrong_name(
    ledger: &Ledger,
    server: IpAddr,
    peer: &TlsPeer,
    leaf: &Leaf,
) -> Result<Option<String>, &'static str> {
    // A server may have a certificate a name.
    let covered = |wanted: &str| peer.leaves.values().any(|leaf| name::covers(&leaf.certificate, wanted));
    if !peer.server_names.is_empty() {
        return Ok(peer.server_names.iter().find(|wanted| !covered(wanted)).cloned());
    }
    let known = ledger.host(server).map(|host| resolved(host).collect::<Vec<_>>()).unwrap_or_default();
    if known.is_empty() {
        return Err("name not checked: the client asked for none, and none is known");
    }
    let short = |wanted: &str| {
        let label =
            |name: &str| name.split('.').next().is_some_and(|label| label.eq_ignore_ascii_case(wanted));
        !wanted.contains('.') && name::names(&leaf.certificate).any(label)
    };
    if name::covers(&leaf.certificate, &server.to_string())
        || known.iter().any(|one| covered(one) || short(one))
    {
        return Ok(None);
    }
    let shown: Vec<&str> = known.into_iter().take(NAMES_SHOWN).collect();
    Ok(Some(shown.join(" or ")))
}

/// Names that DNS or NetBIOS gave for an address.
fn resolved(host: &Host) -> impl Iterator<Item = &str> {
    let told = host
        .names
        .iter()
        .filter(|(_, sources)| sources.contains(NameSource::Dns) || sources.contains(NameSource::Netbios));
    told.map(|(name, _)| name.as_str())
}

#[cfg(test)]
mod tests;
