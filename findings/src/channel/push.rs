//! Client pushes as channels.
//!
//! NTLM makes a push insecure whatever protects the session: the response goes to whoever answers under the
//! computer's name, and can be relayed elsewhere. Kerberos with signing or encryption is secure; Kerberos without
//! both is weak. Where authentication was not captured, the channel is not observable.

use std::collections::BTreeMap;
use std::net::IpAddr;

use capture::Transport;

use super::{Channel, Grade, Purpose, Reason};
use crate::coverage::Coverage;
use crate::evidence::Seen;
use crate::ledger::Ledger;
use crate::ledger::fallback::why_ntlm;
use crate::ledger::push::pushes;
use crate::ledger::smb::{Connection, Logon, Outcome};
use crate::rules::push_possible;
use crate::rules::push_unsigned::is_open;

/// Channels of client push: one for each source, target and port.
pub(super) fn channels(ledger: &Ledger, _: &Coverage) -> Vec<Channel> {
    let mut channels = Vec::new();
    for push in pushes(ledger) {
        let mut ports: BTreeMap<u16, Vec<&Connection>> = BTreeMap::new();
        for connection in &push.connections {
            ports.entry(connection.port).or_default().push(connection);
        }
        for (port, connections) in ports {
            let mut seen = push.signs.seen();
            let mut reasons = Vec::new();
            for connection in &connections {
                reasons.extend(judged(ledger, connection, &mut seen));
            }
            if !connections.iter().any(|connection| authenticates(connection)) {
                reasons
                    .push(Reason::new(Grade::NotObservable, "how the push authenticated was not captured"));
            }
            let site = push.site(ledger).map(str::to_owned);
            channels.push(channel((push.source, push.target, port), &connections, site, reasons, seen));
        }
    }
    channels.extend(possible(ledger));
    channels
}

/// Sessions that may be a push but do not show it.
fn possible(ledger: &Ledger) -> Vec<Channel> {
    let mut found: BTreeMap<(IpAddr, IpAddr, u16), (Vec<&Connection>, Vec<Reason>, Seen)> = BTreeMap::new();
    for connection in ledger.smb.connections() {
        let Some((seen, how)) = push_possible::hidden(ledger, connection) else { continue };
        let entry = found.entry((connection.client, connection.server, connection.port)).or_default();
        entry.0.push(connection);
        entry.1.push(Reason::new(
            Grade::NotObservable,
            format!("logged on {how}: whether it is a client push does not show"),
        ));
        if connection.logons.iter().any(|logon| logon.ntlm_proof().is_some()) {
            entry.1.push(Reason::new(Grade::Weak, "NTLM was used"));
        }
        entry.2.merge(&seen);
    }
    let make = |(ends, (connections, reasons, seen)): (
        (IpAddr, IpAddr, u16),
        (Vec<&Connection>, Vec<Reason>, Seen),
    )| {
        let site = ledger.site_code_of(&[ends.0, ends.1]).map(str::to_owned);
        channel(ends, &connections, site, reasons, seen)
    };
    found.into_iter().map(make).collect()
}

fn channel(
    (client, server, port): (IpAddr, IpAddr, u16),
    connections: &[&Connection],
    site_code: Option<String>,
    reasons: Vec<Reason>,
    seen: Seen,
) -> Channel {
    let protocol = connections.first().map_or_else(|| "SMB".to_owned(), |connection| connection.protocol());
    let channel = Channel {
        client,
        server,
        port,
        transport: Transport::Tcp,
        protocol,
        purpose: Purpose::ClientPush,
        grade: Grade::NotObservable,
        reasons,
        site_code,
        seen,
    };
    channel.graded()
}

fn authenticates(connection: &Connection) -> bool {
    connection.logons.iter().any(|logon| logon.ntlm_proof().is_some() || logon.kerberos.is_some())
}

/// What the logons of a connection amount to.
fn judged(ledger: &Ledger, connection: &Connection, seen: &mut Seen) -> Vec<Reason> {
    let mut reasons = Vec::new();
    if connection.smb1.is_some() {
        reasons.push(Reason::new(Grade::Insecure, "SMB1 was used"));
    }
    for logon in &connection.logons {
        if let Some(ntlm) = logon.ntlm_proof() {
            let (why, _) = why_ntlm(ledger, connection, logon, ntlm);
            let text = format!("{}; {} was used as {}", why.words(), ntlm.response.name(), ntlm.account());
            reasons.push(Reason::new(Grade::Insecure, text));
            seen.merge(&ntlm.seen);
        } else if let Some(kerberos) = &logon.kerberos {
            seen.merge(&kerberos.seen);
            if !matches!(logon.outcome, Outcome::Refused(_)) {
                reasons.push(protected(logon, &kerberos.sname));
            }
        }
        if is_open(logon) && logon.kerberos.is_none() {
            reasons.push(Reason::new(Grade::Weak, "the session was neither signed nor encrypted"));
        }
    }
    reasons
}

/// A Kerberos logon, by what protects its session.
fn protected(logon: &Logon, sname: &str) -> Reason {
    let (grade, how) = if logon.encrypted {
        (Grade::Secure, "the session was encrypted")
    } else if logon.signed {
        (Grade::Secure, "the session was signed")
    } else if is_open(logon) {
        (Grade::Weak, "the session was neither signed nor encrypted")
    } else {
        (Grade::NotObservable, "whether the session was signed was not seen")
    };
    Reason::new(grade, format!("Kerberos with a ticket for {sname}; {how}"))
}
