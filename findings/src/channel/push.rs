//! Client pushes as channels.
//!
//! NTLM makes a push insecure whatever protects the session: the response goes to whoever answers under the
//! computer's name, and can be relayed elsewhere. Kerberos with signing or encryption is secure; Kerberos without
//! both is weak. Where authentication was not captured, the channel is not observable.

use std::collections::BTreeMap;
use std::net::IpAddr;

use capture::Transport;
use decoders::ntlmssp::Response;

use super::{Channel, Grade, Purpose, Reason};
use crate::coverage::Coverage;
use crate::evidence::Seen;
use crate::ledger::Ledger;
use crate::ledger::fallback::why_ntlm;
use crate::ledger::hidden::hidden;
use crate::ledger::push::pushes;
use crate::ledger::smb::{Connection, Logon, Outcome};
use crate::rules::push_unsigned::is_open;

/// Channels of client push: one for each source, target and port.
pub(super) fn channels(ledger: &Ledger, _: &Coverage) -> Vec<Channel> {
    let mut channels = Vec::new();
    for push in pushes(ledger) {
        let mut by_port: BTreeMap<u16, Vec<&Connection>> = BTreeMap::new();
        for connection in &push.connections {
            by_port.entry(connection.port).or_default().push(connection);
        }
        for (port, connections) in by_port {
            let mut parts = Parts { connections, reasons: Vec::new(), seen: push.signs.seen() };
            for connection in &parts.connections {
                parts.reasons.extend(judged(ledger, connection, &mut parts.seen));
            }
            let mut all = parts.connections.iter();
            let unseen = if !all.clone().any(|connection| authenticates(connection)) {
                Some("how the push authenticated was not captured")
            } else if all.any(|connection| connection.push_signs && !authenticates(connection)) {
                Some("how one of its sessions authenticated was not captured")
            } else {
                None
            };
            parts.reasons.extend(unseen.map(|text| Reason::new(Grade::NotObservable, text)));
            let site = push.site(ledger).map(str::to_owned);
            channels.push(channel((push.source, push.target, port), site, parts));
        }
    }
    channels.extend(possible(ledger));
    channels
}

/// Client, server and port.
type Ends = (IpAddr, IpAddr, u16);

/// What makes up one channel.
#[derive(Debug, Default)]
struct Parts<'l> {
    connections: Vec<&'l Connection>,
    reasons: Vec<Reason>,
    seen: Seen,
}

/// Sessions that may be a push but do not show it.
fn possible(ledger: &Ledger) -> Vec<Channel> {
    let mut found: BTreeMap<Ends, Parts<'_>> = BTreeMap::new();
    for connection in ledger.smb.connections() {
        let Some(hidden) = hidden(ledger, connection) else { continue };
        let parts = found.entry((connection.client, connection.server, connection.port)).or_default();
        parts.connections.push(connection);
        let text = format!("logged on {}: whether it is a client push does not show", hidden.how);
        parts.reasons.push(Reason::new(Grade::NotObservable, text));
        if connection.logons.iter().any(|logon| logon.ntlm_proof().is_some()) {
            parts.reasons.push(Reason::new(Grade::Weak, "NTLM was used"));
        }
        parts.seen.merge(&hidden.seen);
    }
    let make = |(ends, parts): (Ends, Parts<'_>)| {
        let site = ledger.site_code_of(&[ends.0, ends.1]).map(str::to_owned);
        channel(ends, site, parts)
    };
    found.into_iter().map(make).collect()
}

/// A channel of its parts.
fn channel((client, server, port): Ends, site_code: Option<String>, parts: Parts<'_>) -> Channel {
    let first = parts.connections.first();
    let protocol = first.map_or_else(|| "SMB".to_owned(), |connection| connection.protocol());
    let channel = Channel {
        sealed: None,
        client,
        server,
        port,
        transport: Transport::Tcp,
        protocol,
        purpose: Purpose::ClientPush,
        grade: Grade::NotObservable,
        reasons: parts.reasons,
        trust: None,
        site_code,
        seen: parts.seen,
    };
    channel.graded()
}

fn authenticates(connection: &Connection) -> bool {
    let mut own = connection.logons.iter().filter(|logon| !logon.is_other());
    own.any(|logon| logon.ntlm_proof().is_some() || logon.kerberos.is_some())
}

/// What the logons of a connection amount to.
fn judged(ledger: &Ledger, connection: &Connection, seen: &mut Seen) -> Vec<Reason> {
    let mut reasons = Vec::new();
    if connection.smb1.is_some() {
        reasons.push(Reason::new(Grade::Insecure, "SMB1 was used"));
    }
    for logon in connection.logons.iter().filter(|logon| !logon.is_other()) {
        if let Some(ntlm) = logon.ntlm_proof() {
            let (why, _) = why_ntlm(ledger, connection, logon, ntlm);
            let verb = if ntlm.response == Response::LmAndNtlmV1 { "were" } else { "was" };
            let (why, kind) = (why.words(), ntlm.response.name());
            let text = format!("{why}; {kind} {verb} used as {}", ntlm.account());
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

#[cfg(test)]
mod tests {
    use capture::Direction;
    use decoders::smb::{Create, SmbEvent};

    use super::*;
    use crate::ledger::smb::OID_KERBEROS;
    use crate::testing_smb::{CLIENT, OTHER_CLIENT, SITE, STRANGER, Scene, host};

    fn grades(scene: &Scene) -> Vec<(IpAddr, Grade)> {
        let engine = scene.engine();
        let channels = channels(engine.ledger(), &Coverage::default());
        channels.iter().map(|channel| (channel.server, channel.grade)).collect()
    }

    #[test]
    fn ntlm_is_insecure_and_kerberos_as_safe_as_its_session() {
        let mut scene = Scene::new();
        scene.ntlm_push(SITE, CLIENT, "svc-push");
        let signed = scene.open(SITE, OTHER_CLIENT, 445);
        scene.kerberos_logon(signed, &[OID_KERBEROS[0]]).signed(signed).push_files(signed);
        let open = scene.open(SITE, host(103), 445);
        scene.kerberos_logon(open, &[OID_KERBEROS[0]]).push_files(open);
        let expected = [(CLIENT, Grade::Insecure), (OTHER_CLIENT, Grade::Secure), (host(103), Grade::Weak)];
        assert_eq!(grades(&scene), expected);
    }

    #[test]
    fn without_the_logon_or_without_the_files_a_push_is_never_called_secure() {
        let mut scene = Scene::new();
        let late = scene.open(SITE, CLIENT, 445);
        scene.signed(late).push_files(late);
        let sealed = scene.open(STRANGER, OTHER_CLIENT, 445);
        scene.kdc_logs_on(STRANGER, "svc-push").kerberos_logon(sealed, &[OID_KERBEROS[0]]).encrypted(sealed);
        assert_eq!(grades(&scene), [(CLIENT, Grade::NotObservable), (OTHER_CLIENT, Grade::NotObservable)]);
    }

    #[test]
    fn a_push_is_not_secure_by_one_session_where_another_was_joined_in_the_middle() {
        let mut scene = Scene::new();
        let late = scene.open(SITE, CLIENT, 445);
        scene.search(late, "SMSClientInstall.PS1");
        let service = scene.open(SITE, CLIENT, 445);
        scene.kerberos_logon(service, &[OID_KERBEROS[0]]).share(service, "pc1", "IPC$").signed(service);
        assert_eq!(grades(&scene), [(CLIENT, Grade::NotObservable)]);
    }

    #[test]
    fn a_pipe_in_a_share_whose_answer_was_lost_is_no_other_use_of_the_session() {
        let grade_with = |pipe: &str| {
            let mut scene = Scene::new();
            let files = scene.open(SITE, CLIENT, 445);
            scene.push_files(files);
            let service = scene.open(SITE, CLIENT, 445);
            scene.ntlm_logon(service, "svc-push").share(service, "pc1", "IPC$");
            let (session, filename) = (service.session(), pipe.to_owned());
            let nameless = Create { smb: 2, session, filename, ..Create::default() };
            scene.say(service, Direction::ToServer, SmbEvent::Create(Box::new(nameless)));
            let engine = scene.engine();
            let channels = channels(engine.ledger(), &Coverage::default());
            let unseen = channels[0].reasons.iter().any(|reason| reason.text.starts_with("how the push"));
            (channels[0].grade, unseen)
        };
        assert_eq!(grade_with("svcctl"), (Grade::Insecure, false));
        assert_eq!(grade_with("notes.txt"), (Grade::Weak, true), "the logon is another user's");
    }

    #[test]
    fn the_reason_says_why_kerberos_was_not_used() {
        let mut scene = Scene::new();
        let asked = scene.ask_kdc(SITE, "cifs/pc1.contoso.com");
        scene.kdc_refuses(asked, 7).ntlm_push(SITE, CLIENT, "svc-push");
        let engine = scene.engine();
        let channels = channels(engine.ledger(), &Coverage::default());
        assert_eq!(
            channels[0].reasons[0].text,
            "Kerberos was tried; the KDC did not know cifs/pc1.contoso.com: the SPN is missing (error 7); NTLMv2 was \
             used as CONTOSO\\svc-push"
        );
    }
}
