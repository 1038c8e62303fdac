//! Channels over plain HTTP: graded by what is sent and by how messages are protected.

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::net::IpAddr;

use capture::Transport;
use decoders::ccm::Application;

use super::{Channel, Grade, Purpose, Reason};
use crate::coverage::Coverage;
use crate::evidence::Seen;
use crate::finding::Confidence;
use crate::ledger::Ledger;
use crate::ledger::http::{Exchanges, enhanced};
use crate::ledger::message::{Kind, MessageKey, Signing};

/// What is gathered for one channel.
#[derive(Default)]
struct Draft {
    seen: Seen,
    reasons: Vec<Reason>,
}

/// Drafts by client, server, port and purpose.
type Drafts = BTreeMap<(IpAddr, IpAddr, u16, Purpose), Draft>;

/// Channels over plain HTTP.
pub(super) fn channels(ledger: &Ledger, _: &Coverage) -> Vec<Channel> {
    let mut drafts = Drafts::new();
    for (key, messages) in ledger.messages.messages.iter().filter(|(key, _)| !key.sealed) {
        let draft = drafts.entry((key.client, key.server, key.port, purpose_of(key.kind))).or_default();
        draft.seen.merge(&messages.seen);
        draft.reasons.push(protection(key));
    }
    for ((client, server, port), uses) in ledger.readable_by_channel() {
        for (application, exchanges) in uses {
            // What was told by messages need not be told again by the requests that carried them: only by those of
            // which no message was read.
            let told =
                ledger.messages.on_channel((client, server, port)).any(|key| tells(application, key.kind));
            if told {
                logged_on(&mut drafts, (client, server, port), &logons(exchanges));
            }
            let left = if told { &exchanges.unread } else { &exchanges.seen };
            let ours = exchanges.telling >= Confidence::Likely && left.is_some();
            let Some(purpose) = purpose(application).filter(|_| ours) else { continue };
            let draft = drafts.entry((client, server, port, purpose)).or_default();
            draft.seen.merge(left);
            draft.reasons.push(exposure(ledger, server, application, exchanges));
            if !told {
                draft.reasons.extend(logons(exchanges));
            }
        }
    }
    let channels = drafts.into_iter().map(|((client, server, port, purpose), draft)| {
        Channel {
            sealed: None,
            client,
            server,
            port,
            transport: Transport::Tcp,
            protocol: "HTTP".to_owned(),
            purpose,
            grade: Grade::NotObservable,
            reasons: draft.reasons,
            trust: None,
            site_code: ledger.site_code_of(&[server, client]).map(str::to_owned),
            seen: draft.seen,
        }
        .graded()
    });
    channels.collect()
}

/// Whether messages of a kind say what the requests for an application were for, and how they were protected.
const fn tells(application: Application, kind: Kind) -> bool {
    match application {
        Application::Messaging => !matches!(kind, Kind::FallbackStatus | Kind::Notification),
        Application::FallbackStatus => matches!(kind, Kind::FallbackStatus),
        _ => false,
    }
}

/// What the logons of requests mean over plain HTTP.
fn logons(exchanges: &Exchanges) -> Vec<Reason> {
    let ntlm = exchanges.ntlm.is_some().then_some("NTLM over plain HTTP can be relayed");
    let basic =
        exchanges.shows_password().then_some("HTTP Basic over plain HTTP: others can read the password");
    ntlm.into_iter().chain(basic).map(|text| Reason::new(Grade::Insecure, text)).collect()
}

/// Enters logons with the messages of a channel: with those that clients log on for, or where none of them was read,
/// with any.
fn logged_on(drafts: &mut Drafts, (client, server, port): (IpAddr, IpAddr, u16), logons: &[Reason]) {
    let all = (client, server, port, Purpose::Policy)..=(client, server, port, Purpose::Unknown);
    let by_logon = |purpose| matches!(purpose, Purpose::Registration | Purpose::Location);
    let some = drafts.range(all.clone()).any(|((.., purpose), _)| by_logon(*purpose));
    for ((.., purpose), draft) in drafts.range_mut(all) {
        let concerned = if some { by_logon(*purpose) } else { *purpose != Purpose::Content };
        if concerned {
            draft.reasons.extend_from_slice(logons);
        }
    }
}

/// How a message over plain HTTP is protected.
fn protection(key: &MessageKey) -> Reason {
    let by_design = matches!(key.kind, Kind::Registration | Kind::Location);
    let private = matches!(key.kind, Kind::Policy | Kind::Inventory | Kind::State);
    let what = key.kind.name();
    match (key.signing, key.encrypted) {
        (Signing::Invalid, _) => Reason::new(Grade::Insecure, format!("signature of {what} does not verify")),
        (Signing::ForAnother, _) => {
            Reason::new(Grade::Insecure, format!("{what} not signed for the sender that they name"))
        }
        (Signing::Absent, _) if by_design => {
            Reason::new(Grade::Weak, format!("plain HTTP; {what} carry no message signature, by design"))
        }
        (Signing::Absent, _) => Reason::new(Grade::Insecure, format!("plain HTTP; {what} not signed")),
        (Signing::Token, _) => {
            let text = format!("plain HTTP; {what} not signed, but sent with a token that others can copy");
            Reason::new(Grade::Insecure, text)
        }
        (Signing::Valid, true) => {
            Reason::new(Grade::Weak, format!("plain HTTP; {what} signed and encrypted"))
        }
        (Signing::NotVerifiable, true) => {
            let text = format!("plain HTTP; {what} encrypted, so that their signature could not be verified");
            Reason::new(Grade::Weak, text)
        }
        (Signing::NotVerifiable, _) if private && key.complete => {
            let text =
                format!("plain HTTP; {what} readable by others, and their signature could not be verified");
            Reason::new(Grade::Insecure, text)
        }
        (Signing::NotVerifiable, _) => {
            Reason::new(Grade::Weak, format!("plain HTTP; signature of {what} could not be verified"))
        }
        (Signing::Valid, _) if private => {
            Reason::new(Grade::Insecure, format!("plain HTTP; {what} signed but readable by others"))
        }
        (Signing::Valid, _) => {
            Reason::new(Grade::Weak, format!("plain HTTP; {what} signed but readable by others"))
        }
    }
}

/// What plain HTTP means for an application.
fn exposure(ledger: &Ledger, server: IpAddr, application: Application, exchanges: &Exchanges) -> Reason {
    match application {
        Application::Content | Application::ContentSignature | Application::PeerContent => {
            Reason::new(Grade::Weak, "plain HTTP; content is checked by its hash, not kept secret")
        }
        Application::UpdateFiles if !exchanges.self_update => {
            Reason::new(Grade::Weak, "plain HTTP; update files are signed")
        }
        Application::SiteData if enhanced(ledger, server).is_some() => {
            Reason::new(Grade::Weak, "plain HTTP, as enhanced HTTP leaves it for site data")
        }
        _ => Reason::new(Grade::Insecure, "plain HTTP: others can read it and answer in the server's place"),
    }
}

/// What messages of a kind are for.
pub(super) const fn purpose_of(kind: Kind) -> Purpose {
    match kind {
        Kind::Policy | Kind::Application => Purpose::Policy,
        Kind::Registration => Purpose::Registration,
        Kind::Location => Purpose::Location,
        Kind::Status | Kind::FallbackStatus => Purpose::Status,
        Kind::State => Purpose::State,
        Kind::Inventory => Purpose::Inventory,
        Kind::Notification => Purpose::Notification,
        Kind::Other => Purpose::Unknown,
    }
}

/// What an application is for; nothing where it is no channel of ConfigMgr's.
pub(super) const fn purpose(application: Application) -> Option<Purpose> {
    Some(match application {
        Application::SiteData => Purpose::Location,
        Application::PolicyBody | Application::ConfigurationItem | Application::UserService => {
            Purpose::Policy
        }
        Application::Upload => Purpose::Inventory,
        Application::ClientFiles
        | Application::Content
        | Application::ContentSignature
        | Application::PeerContent
        | Application::CloudContent => Purpose::Content,
        Application::TokenService | Application::Enrolment => Purpose::Enrolment,
        Application::Notification => Purpose::Notification,
        Application::FallbackStatus => Purpose::Status,
        Application::UpdateService | Application::UpdateFiles | Application::UpdateAdministration => {
            Purpose::SoftwareUpdate
        }
        Application::Messaging
        | Application::ManagementPointOther
        | Application::StateMigration
        | Application::AdminService
        | Application::Gateway => Purpose::Unknown,
        Application::RevocationList => return None,
    })
}
