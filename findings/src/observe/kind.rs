//! What a message is for, and how it is described.

use decoders::ccm::{Application, CcmMessage, Content, Hash};

use crate::ledger::message::{Kind, MessageKey, Signing};

/// What a message is for: by its endpoint, where that says it, else by what it holds.
pub(super) fn kind(message: &CcmMessage, application: Option<Application>) -> Kind {
    if application == Some(Application::Notification) {
        return Kind::Notification;
    }
    let header = message.header.as_ref();
    let endpoint = endpoint(message).unwrap_or_default();
    let file_type = header.and_then(|header| header.file_type.as_deref()).unwrap_or_default();
    let by_content = match &message.content {
        Content::Status(_) => Kind::Status,
        Content::State(_) => Kind::State,
        Content::Inventory(_) => Kind::Inventory,
        Content::Registration(_) => Kind::Registration,
        Content::Policy(_) => Kind::Policy,
        Content::Location { .. } => Kind::Location,
        Content::Other(_) | Content::Unread => Kind::Other,
    };
    match endpoint.to_ascii_lowercase().as_str() {
        "mp_clientregistration" => Kind::Registration,
        "mp_locationmanager" => Kind::Location,
        "mp_policymanager" => Kind::Policy,
        "mp_ddrendpoint" | "mp_hinvendpoint" | "mp_sinvendpoint" | "mp_sinvcollfileendpoint" => {
            Kind::Inventory
        }
        "statusreceiver" => Kind::Status,
        "mp_appstatemanager" => Kind::Application,
        "mp_relayendpoint" if by_content == Kind::Other && file_type.eq_ignore_ascii_case("SMX") => {
            Kind::State
        }
        "mp_relayendpoint" if by_content == Kind::Other => Kind::Inventory,
        _ => by_content,
    }
}

/// The endpoint that a message is for: `TargetEndpoint`, or the end of `TargetAddress` (`mp:[http]MP_HinvEndpoint`).
pub(super) fn endpoint(message: &CcmMessage) -> Option<&str> {
    let header = message.header.as_ref()?;
    let address = || header.target_address.as_deref()?.strip_prefix("mp:");
    let in_address = || address().map(|at| at.split_once(']').map_or(at, |(_, endpoint)| endpoint));
    header.target_endpoint.as_deref().or_else(in_address)
}

/// A hash in words.
pub(super) const fn hash_name(hash: Hash) -> &'static str {
    match hash {
        Hash::Md5 => "MD5",
        Hash::Sha1 => "SHA-1",
        Hash::Sha256 => "SHA-256",
        Hash::Sha384 => "SHA-384",
        Hash::Sha512 => "SHA-512",
    }
}

/// A message in words.
pub(super) fn describe(key: &MessageKey) -> String {
    let to = if key.endpoint.is_empty() { key.kind.name() } else { &key.endpoint };
    let signed = match key.signing {
        Signing::Absent => "not signed",
        Signing::Valid => "signed",
        Signing::Invalid => "signature does not verify",
        Signing::NotVerifiable => "signature not verifiable",
        Signing::Token => "not signed, with a token",
        Signing::ForAnother => "signed, but not for the sender it names",
    };
    // Without a signature of the message it is that of the registration inside.
    let whose = if key.signing == Signing::Absent { ", registration signed" } else { "" };
    let hash = key.hash.map(|hash| format!("{whose} with {hash}")).unwrap_or_default();
    let encrypted = if key.encrypted { ", encrypted" } else { "" };
    format!("message to {to}, {signed}{hash}{encrypted}")
}

#[cfg(test)]
mod tests {
    use decoders::ccm::{MsgHeader, ReportBody};

    use super::*;

    fn of(endpoint: &str, file_type: &str, content: Content) -> Kind {
        let header = MsgHeader {
            target_endpoint: Some(endpoint.to_owned()),
            file_type: Some(file_type.to_owned()),
            ..MsgHeader::default()
        };
        kind(&CcmMessage { header: Some(header), content, ..CcmMessage::default() }, None)
    }

    #[test]
    fn the_endpoint_says_it_whatever_its_case() {
        assert_eq!(of("mp_policymanager", "", Content::Unread), Kind::Policy);
        assert_eq!(of("StatusReceiver", "", Content::Unread), Kind::Status);
        assert_eq!(of("MP_Unheard", "", Content::Unread), Kind::Other);
    }

    #[test]
    fn the_relay_endpoint_takes_what_its_body_or_file_type_says() {
        let report = ReportBody::default;
        assert_eq!(of("MP_RelayEndpoint", "SWM", Content::State(report())), Kind::State);
        assert_eq!(of("MP_RelayEndpoint", "SMX", Content::Unread), Kind::State);
        assert_eq!(of("MP_RelayEndpoint", "SWM", Content::Unread), Kind::Inventory);
    }

    #[test]
    fn the_address_names_the_endpoint_where_nothing_else_does() {
        for address in ["mp:MP_HinvEndpoint", "mp:[http]mp_hinvendpoint"] {
            let header = MsgHeader { target_address: Some(address.to_owned()), ..MsgHeader::default() };
            let message = CcmMessage { header: Some(header), encrypted: true, ..CcmMessage::default() };
            assert_eq!(kind(&message, Some(Application::Messaging)), Kind::Inventory, "{address}");
        }
    }

    #[test]
    fn client_notification_is_known_by_its_path() {
        let message = CcmMessage::default();
        assert_eq!(kind(&message, Some(Application::Notification)), Kind::Notification);
    }
}
