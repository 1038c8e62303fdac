//! The operations that are read: binds, searches, and the change to TLS (RFC 4511 4.2, 4.5, 4.14).

use capture::Direction;

use super::filter::Filter;
use super::wire::{Head, op};
use super::{Auth, LdapEvent};
use crate::events::Events;
use crate::ntlmssp::{self, Carrier};
use crate::spnego;
use crate::spnego::der::{Der, ENUMERATED, Element, OCTET_STRING, SEQUENCE, Trouble};

/// Name of the StartTLS operation (RFC 4511 4.14.1).
const START_TLS: &[u8] = b"1.3.6.1.4.1.1466.20037";

/// What a message means for the flow.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Meaning {
    /// Nothing.
    None,
    /// A search ended with this code.
    SearchDone(u32),
    /// The client asks for TLS.
    TlsAsked,
    /// An extended operation ended with this code.
    ExtendedDone(u32),
}

/// Reads one message, of which the end may be missing, and says what it holds but for search results' ends, of which
/// the flow knows more.
pub(super) fn read(head: &Head, bytes: &[u8], cut: bool, direction: Direction, out: &mut Events) -> Meaning {
    let trouble = Trouble::default();
    let limits = out.limits;
    let mut message = Der::new("ldap", bytes, &limits, &trouble);
    let mut fields = match message.next("message") {
        Some(element) => message.inside(&element),
        None => return Meaning::None,
    };
    fields.next("message id");
    let Some(operation) = fields.next("operation") else { return Meaning::None };
    let mut fields = fields.inside(&operation);
    let meaning = match head.op {
        op::BIND_REQUEST => bind(&mut fields, bytes, direction, out),
        op::BIND_RESPONSE => bind_response(&mut fields, bytes, direction, out),
        op::SEARCH_REQUEST => search(&mut fields, bytes, direction, out),
        op::SEARCH_DONE => result_code(&mut fields).map(Meaning::SearchDone),
        op::EXTENDED_REQUEST => fields
            .next("request name")
            .filter(|name| name.tag == 0x80 && name.content == START_TLS)
            .map(|_| Meaning::TlsAsked),
        op::EXTENDED_RESPONSE => result_code(&mut fields).map(Meaning::ExtendedDone),
        _ => None,
    };
    if let Some(error) = trouble.get().filter(|error| !(cut && error.is_short())) {
        out.malformed(direction, error);
    }
    meaning.unwrap_or(Meaning::None)
}

fn result_code(fields: &mut Der<'_, '_>) -> Option<u32> {
    fields.expect("result code", ENUMERATED)?.integer().and_then(|code| u32::try_from(code).ok())
}

/// What stands before an element.
fn before<'a>(bytes: &'a [u8], element: &Element<'_>) -> &'a [u8] {
    bytes.get(..element.start).unwrap_or_default()
}

/// BindRequest. The password of a simple bind is looked at for its length alone.
fn bind(fields: &mut Der<'_, '_>, bytes: &[u8], direction: Direction, out: &mut Events) -> Option<Meaning> {
    fields.next("version")?;
    let name = fields.expect("name", OCTET_STRING)?;
    let choice = fields.next("authentication")?;
    let (mut mechanism, mut token) = (String::new(), &[][..]);
    let auth = match choice.tag {
        0x80 if choice.content.is_empty() && !choice.cut => Auth::Anonymous,
        0x80 => Auth::Simple,
        0xA3 => {
            let mut sasl = fields.inside(&choice);
            let named = sasl.expect("mechanism", OCTET_STRING)?;
            mechanism = out.text(&named.text());
            let carries_blob = named.content.starts_with(b"GSS") || named.content == b"NTLM";
            token = sasl.next("credentials").filter(|_| carries_blob).map_or(&[][..], |blob| blob.content);
            Auth::Sasl
        }
        0x89..=0x8B => {
            token = choice.content;
            Auth::Sicily
        }
        other => Auth::Other(other),
    };
    // A NTLM bind may carry the password's kin in its name or elsewhere: only NTLMSSP itself is handed on.
    if auth == Auth::Sicily && !token.starts_with(ntlmssp::SIGNATURE) {
        token = &[];
    }
    let name = out.text(&name.text());
    out.push_with(direction, LdapEvent::Bind { auth, name, mechanism }, before(bytes, &choice));
    if !token.is_empty() {
        spnego::observe(token, direction, Carrier::Ldap, out);
    }
    Some(Meaning::None)
}

/// BindResponse. A Sicily challenge comes in the place of the matched name.
fn bind_response(
    fields: &mut Der<'_, '_>,
    bytes: &[u8],
    direction: Direction,
    out: &mut Events,
) -> Option<Meaning> {
    let code = result_code(fields)?;
    let matched = fields.expect("matched dn", OCTET_STRING);
    let excerpt = matched.as_ref().map_or(bytes, |matched| before(bytes, matched));
    out.push_with(direction, LdapEvent::BindDone { code }, excerpt);
    let matched = matched?;
    if matched.content.starts_with(ntlmssp::SIGNATURE) {
        spnego::observe(matched.content, direction, Carrier::Ldap, out);
    }
    while let Some(field) = fields.next("bind response field") {
        // Only these begin blobs; SCRAM and DIGEST-MD5 answer in text.
        if field.tag == 0x87 && matches!(field.content, [0x60 | 0xA0 | 0xA1 | b'N', ..]) {
            spnego::observe(field.content, direction, Carrier::Ldap, out);
        }
    }
    Some(Meaning::None)
}

/// SearchRequest.
fn search(fields: &mut Der<'_, '_>, bytes: &[u8], direction: Direction, out: &mut Events) -> Option<Meaning> {
    let base = fields.expect("base object", OCTET_STRING)?;
    let scope = fields.expect("scope", ENUMERATED)?.integer().and_then(|scope| u32::try_from(scope).ok());
    for passed_over in ["deref aliases", "size limit", "time limit", "types only"] {
        fields.next(passed_over)?;
    }
    let asked = fields.next("filter").map(|filter| (Filter::read(out, fields, &filter), filter));
    let mut excerpt = bytes;
    let (mut filter, mut filter_attributes, mut classes) = <(String, Vec<_>, Vec<_>)>::default();
    if let Some((mut asked, element)) = asked {
        if asked.secret {
            excerpt = before(bytes, &element);
        }
        filter_attributes = std::mem::take(&mut asked.attributes);
        classes = std::mem::take(&mut asked.classes);
        filter = asked.into_text();
    }
    let mut attributes = Vec::new();
    if let Some(list) = fields.next("attributes").filter(|list| list.tag == SEQUENCE) {
        let mut list = fields.inside(&list);
        while let Some(name) = list.next("attribute").filter(|_| attributes.len() < out.limits.list_items) {
            attributes.push(out.text(&name.text()));
        }
    }
    let (base, scope) = (out.text(&base.text()), scope.unwrap_or(u32::MAX));
    let event = LdapEvent::Search { base, scope, filter, filter_attributes, classes, attributes };
    out.push_with(direction, event, excerpt);
    Some(Meaning::None)
}
