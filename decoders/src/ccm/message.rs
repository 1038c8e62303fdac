//! One message of a client (`CCM_POST`), and the management point's reply to it.

use capture::Direction;

use super::event::{CcmEvent, CcmMessage, CcmReply, Compression, Content, Signature, Verdict};
use super::header::{self, Header};
use super::multipart::{self, Part};
use super::reply::ReplyBody;
use super::signature::{Claim, ENCRYPTED, INCOMPLETE, NO_HEADER, NO_PAYLOAD, identifier_candidates};
use super::{Body, content, payload, tell, xml};
use crate::events::Events;
use crate::http::{HttpRequest, HttpResponse};

/// The parts of a body, and what was wrong with them.
struct Envelope<'a> {
    header_bytes: &'a [u8],
    header: Header,
    header_whole: bool,
    payload: Option<Part<'a>>,
}

impl<'a> Envelope<'a> {
    /// Opens a body. Errors that a missing piece explains are not the sender's.
    fn open(body: &Body<'a>, content_type: Option<&str>, direction: Direction, out: &mut Events) -> Self {
        let (parts, split) = multipart::split(body.bytes, content_type, out.limits.multipart_parts);
        tell(split, body.incomplete, direction, out);
        let Some(first) = parts.first() else {
            let header = Header { error: Some(header::unexpected("a part")), ..Header::default() };
            return Self { header_bytes: &[], header, header_whole: false, payload: None };
        };
        let header = Header::read(first.bytes, out);
        tell(header.error.map_or(Ok(()), Err), body.incomplete, direction, out);
        Self {
            header_bytes: first.bytes,
            // A header that ends as XML does is whole, even where the delimiter behind it is missing.
            header_whole: header.error.is_none(),
            header,
            payload: parts.get(1).copied(),
        }
    }

    /// The first bytes of the header part, or what of it shows what the message is.
    fn excerpt(&self) -> &'a [u8] {
        self.header.excerpt(self.header_bytes)
    }
}

/// Reads a message; says it, and gives its endpoint.
pub(super) fn read(
    request: &HttpRequest,
    body: &Body<'_>,
    direction: Direction,
    out: &mut Events,
) -> Option<String> {
    let envelope = Envelope::open(body, request.content_type.as_deref(), direction, out);
    let mut message = CcmMessage {
        exchange: request.exchange,
        path: out.text(super::path_of(&request.uri)),
        incomplete: body.incomplete,
        ..CcmMessage::default()
    };
    if let Some(part) = envelope.payload {
        message.payload_len = part.bytes.len() as u64;
        message.compression = payload::compression(part.bytes, envelope.header.hooks());
        message.encrypted = payload::is_enveloped(part.bytes);
    }
    // A hook is only a claim, as that of compression is.
    let readable = |part: &Part<'_>| payload::is_readable(part.bytes, message.compression);
    let claims = envelope.header.hooks().iter().any(|hook| hook.eq_ignore_ascii_case("encrypt"));
    message.encrypted |= claims && !envelope.payload.as_ref().is_some_and(readable);
    (message.signature, message.id_signature) = signatures(&envelope, &message);
    message.content = message_content(&envelope, &message, direction, out);
    message.header.clone_from(&envelope.header.msg);
    let endpoint = message.header.as_ref().and_then(|header| header.target_endpoint.clone());
    out.push_with(direction, CcmEvent::Message(Box::new(message)), envelope.excerpt());
    endpoint
}

/// The verdicts on a message's two signatures.
fn signatures(envelope: &Envelope<'_>, message: &CcmMessage) -> (Signature, Signature) {
    let proof = &envelope.header.proof;
    let hash_algorithm = proof.hash_algorithm.as_deref();
    let payload_claim = Claim { value: proof.payload.as_deref(), key: proof.key.as_ref(), hash_algorithm };
    let id_claim = Claim { value: proof.id.as_deref(), key: proof.key.as_ref(), hash_algorithm };
    if !envelope.header_whole {
        let why = if message.incomplete { INCOMPLETE } else { NO_HEADER };
        return (payload_claim.unseen(why), id_claim.unseen(why));
    }
    let verify = |claim: &Claim<'_>, candidates: &[&[u8]]| {
        let signature = claim.verify(candidates);
        let excused = message.incomplete && signature.verdict == Verdict::Invalid;
        if excused { claim.not_verifiable(INCOMPLETE) } else { signature }
    };
    let signature = match envelope.payload {
        _ if message.encrypted => payload_claim.not_verifiable(ENCRYPTED),
        Some(part) => verify(&payload_claim, &[part.bytes]),
        None if message.incomplete => payload_claim.not_verifiable(INCOMPLETE),
        None => payload_claim.not_verifiable(NO_PAYLOAD),
    };
    let source_id = envelope.header.msg.as_ref().and_then(|msg| msg.source_id.as_deref());
    let candidates = identifier_candidates(source_id.unwrap_or_default());
    let candidates: Vec<&[u8]> = candidates.iter().map(Vec::as_slice).collect();
    (signature, verify(&id_claim, &candidates))
}

fn message_content(
    envelope: &Envelope<'_>,
    message: &CcmMessage,
    direction: Direction,
    out: &mut Events,
) -> Content {
    if envelope.header.msg.is_none() {
        // A message that is a header only: the document itself says what it is.
        return envelope.header.root.clone().map_or(Content::Unread, Content::Other);
    }
    let Some(part) = envelope.payload.filter(|_| !message.encrypted) else { return Content::Unread };
    let text = text(&part, message.compression, message.incomplete, direction, out);
    let Some((text, cut)) = text else { return Content::Unread };
    let (content, error) = content::read(&text, out);
    tell(error.map_or(Ok(()), Err), cut, direction, out);
    content
}

/// The text of a payload as far as it can be read, and whether it is known to be cut: what is then wrong with it is
/// explained already.
fn text(
    part: &Part<'_>,
    compression: Compression,
    cut: bool,
    direction: Direction,
    out: &mut Events,
) -> Option<(String, bool)> {
    let inflated = match compression {
        Compression::None => None,
        Compression::Zlib => Some(payload::inflate(part.bytes, out.limits.inflated)),
        Compression::Other => return None,
    };
    let mut cut = cut;
    if let Some(error) = inflated.as_ref().and_then(|inflated| inflated.error) {
        tell(Err(error), cut, direction, out);
        cut = true;
    }
    let bytes = inflated.as_ref().map_or(part.bytes, |inflated| &inflated.bytes);
    match payload::text(bytes) {
        Ok(text) => Some((text, cut)),
        Err(error) => {
            tell(Err(error), cut, direction, out);
            None
        }
    }
}

/// Whether the first part of a body is the `<Msg>` header of a message or a reply. Says nothing of a body that is not.
pub(super) fn is_message(body: &Body<'_>, content_type: Option<&str>, out: &Events) -> bool {
    let (parts, _) = multipart::split(body.bytes, content_type, out.limits.multipart_parts);
    parts.first().is_some_and(|part| Header::read(part.bytes, out).msg.is_some())
}

/// Reads a reply; says it.
pub(super) fn read_reply(
    answers: Option<&String>,
    response: &HttpResponse,
    body: &Body<'_>,
    direction: Direction,
    out: &mut Events,
) {
    let mut reply = CcmReply {
        exchange: response.exchange,
        answers: answers.cloned(),
        incomplete: body.incomplete,
        ..CcmReply::default()
    };
    if body.bytes.is_empty() {
        reply.empty = response.status_code == 200 && !body.incomplete;
        out.push(direction, CcmEvent::Reply(Box::new(reply)));
        return;
    }
    let envelope = Envelope::open(body, response.content_type.as_deref(), direction, out);
    reply.reply_mode = envelope.header.msg.as_ref().and_then(|msg| msg.reply_mode.clone());
    reply.signed = envelope.header.proof.of_site || envelope.header.proof.payload.is_some();
    if envelope.header.msg.is_none() {
        reply.root.clone_from(&envelope.header.root);
    }
    if let Some(part) =
        envelope.payload.filter(|part| !part.bytes.is_empty() && !payload::is_enveloped(part.bytes))
    {
        let compression = payload::compression(part.bytes, envelope.header.hooks());
        if let Some((text, cut)) = text(&part, compression, body.incomplete, direction, out) {
            let read = xml::read(&text, out, &mut ReplyBody(&mut reply));
            tell(read, cut, direction, out);
        }
    }
    // The endpoint's element, or the empty list of hooks: a reply's header has no secret there.
    let excerpt = envelope.excerpt();
    out.push_with(direction, CcmEvent::Reply(Box::new(reply)), excerpt);
}
