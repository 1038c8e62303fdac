//! How a message is signed, all its signatures taken together.

use decoders::ccm::{CcmMessage, Content, Hash, Verdict};

use crate::ledger::message::Signing;

/// What became of a message's signatures. A registration is signed inside its body; a header's identifier has a
/// signature of its own, without which the one over the payload says nothing of who sent it.
pub(super) fn signing(message: &CcmMessage) -> Signing {
    if message.incomplete && message.signature.verdict == Verdict::Invalid {
        return Signing::NotVerifiable;
    }
    let header = message.header.as_ref();
    let complete = !message.incomplete && header.is_some();
    let names_itself = header.and_then(|header| header.source_id.as_ref()).is_some_and(|id| !id.is_empty());
    match &message.signature.verdict {
        Verdict::Invalid => Signing::Invalid,
        Verdict::Valid { .. } | Verdict::NotVerifiable(_)
            if names_itself && message.id_signature.verdict == Verdict::Invalid =>
        {
            if complete {
                Signing::ForAnother
            } else {
                Signing::NotVerifiable
            }
        }
        Verdict::Valid { .. } => Signing::Valid,
        Verdict::Absent if complete && registered_wrongly(message) => Signing::Invalid,
        Verdict::Absent if complete && header.is_some_and(|header| header.token) => Signing::Token,
        Verdict::Absent if complete => Signing::Absent,
        Verdict::Absent | Verdict::NotVerifiable(_) => Signing::NotVerifiable,
    }
}

/// The hash of the signature: of the message's own, or else of the registration in it where that is an old one.
pub(super) fn hash(message: &CcmMessage) -> Option<Hash> {
    let inside = match &message.content {
        Content::Registration(registration) => registration.signature.hash,
        _ => None,
    };
    message.signature.hash.or_else(|| inside.filter(|hash| matches!(hash, Hash::Md5 | Hash::Sha1)))
}

fn registered_wrongly(message: &CcmMessage) -> bool {
    matches!(&message.content, Content::Registration(body) if body.signature.verdict == Verdict::Invalid)
}
