//! The `<Msg>` header of a message or a reply, read as an unordered set.
//!
//! Signatures, keys and tokens stay in [`Proof`], which lives only until the verdict is made.

use memchr::memmem;

use super::event::MsgHeader;
use super::payload;
use super::public_key::{Key, from_hex};
use super::signature::utf16;
use super::xml::{self, Element, Visit};
use crate::error::{DecodeError, ErrorKind};
use crate::events::Events;

/// What the hooks prove with. Not for events.
#[derive(Default)]
pub(super) struct Proof {
    /// `PublicKey`.
    pub(super) key: Option<Key>,
    /// `PayloadSignature`, in hex.
    pub(super) payload: Option<String>,
    /// `ClientIDSignature`, in hex.
    pub(super) id: Option<String>,
    /// `HashAlgorithm`, cut as events are.
    pub(super) hash_algorithm: Option<String>,
    /// A reply's `Signature` of the management point is there.
    pub(super) of_site: bool,
    /// A hook holds more than its name.
    pub(super) properties: bool,
}

/// What the first part of a body says.
#[derive(Default)]
pub(super) struct Header {
    /// The fields; absent where the part is another document.
    pub(super) msg: Option<MsgHeader>,
    /// Root element.
    pub(super) root: Option<String>,
    /// What it proves.
    pub(super) proof: Proof,
    /// Why it could not be read to its end.
    pub(super) error: Option<DecodeError>,
}

impl Header {
    /// Reads the first part of a body.
    pub(super) fn read(bytes: &[u8], out: &Events) -> Self {
        let mut fields = Fields::default();
        let read = payload::text(bytes).and_then(|text| xml::read(&text, out, &mut fields));
        let msg = fields.root.as_deref().is_some_and(|root| root.eq_ignore_ascii_case("Msg"));
        let msg = msg.then_some(fields.msg);
        Self { msg, root: fields.root, proof: fields.proof, error: read.err() }
    }

    /// The hooks' names.
    pub(super) fn hooks(&self) -> &[String] {
        self.msg.as_ref().map_or(&[], |msg| &msg.hooks)
    }

    /// Bytes of the part that show what it is: the list of hooks where it holds nothing else (so the absence of a
    /// signature can be seen), otherwise the endpoint. Never a signature or token.
    pub(super) fn excerpt<'a>(&self, bytes: &'a [u8]) -> &'a [u8] {
        let from = |tag: &str| {
            let wide = memmem::find(bytes, &utf16(tag));
            wide.or_else(|| memmem::find(bytes, tag.as_bytes())).and_then(|at| bytes.get(at..))
        };
        let hooks = if self.proof.properties { None } else { from("<Hooks") };
        let (shown, closes) = match hooks {
            Some(hooks) => (hooks, "Hooks>"),
            None => (from("<TargetEndpoint").unwrap_or_default(), "TargetEndpoint>"),
        };
        let end = [utf16(&format!("</{closes}")), format!("</{closes}").into_bytes()];
        let end = end.iter().find_map(|end| memmem::find(shown, end).map(|at| at + end.len()));
        end.and_then(|end| shown.get(..end)).unwrap_or_default()
    }
}

#[derive(Default)]
struct Fields {
    msg: MsgHeader,
    root: Option<String>,
    proof: Proof,
}

impl Visit for Fields {
    fn open(&mut self, element: &Element<'_>) {
        if element.depth() == 1 {
            self.root = Some(element.cut(element.name()));
        } else if element.depth() == 3 && element.is_in("Hooks") && element.has_room(self.msg.hooks.len()) {
            self.msg.hooks.push(element.attribute("Name").unwrap_or_default());
        }
    }

    fn close(&mut self, element: &Element<'_>) {
        let hook = element.is_in("Hooks");
        self.proof.properties |= element.depth() > 3 || hook && element.holds_more_than_name();
        match element.depth() {
            2 => self.field(element),
            4 if element.is("Property") && element.is_two_below("Hooks") => self.hook_property(element),
            _ => {}
        }
    }
}

impl Fields {
    fn field(&mut self, element: &Element<'_>) {
        let msg = &mut self.msg;
        let field = match element.name().to_ascii_lowercase().as_str() {
            "id" => &mut msg.id,
            "targetendpoint" => &mut msg.target_endpoint,
            "targethost" => &mut msg.target_host,
            "targetaddress" => &mut msg.target_address,
            "sourceid" => &mut msg.source_id,
            "sourcehost" => &mut msg.source_host,
            "replyto" => &mut msg.reply_to,
            "replymode" => &mut msg.reply_mode,
            "senttime" => &mut msg.sent_time,
            "body" => {
                msg.body_length =
                    element.raw_attribute("Length").and_then(|length| length.trim().parse().ok());
                return;
            }
            "property" => {
                let name = element.raw_attribute("Name").unwrap_or_default();
                if name.eq_ignore_ascii_case("FileType") {
                    msg.file_type = element.value().map(|value| element.cut(value));
                }
                return;
            }
            _ => return,
        };
        *field = element.text();
    }

    fn hook_property(&mut self, element: &Element<'_>) {
        let Some(value) = element.value() else { return };
        let proof = &mut self.proof;
        match element.raw_attribute("Name").unwrap_or_default().to_ascii_lowercase().as_str() {
            "publickey" => {
                proof.key = from_hex(value).and_then(|blob| Key::from_blob(&blob));
            }
            "payloadsignature" => proof.payload = Some(value.to_owned()),
            "clientidsignature" => proof.id = Some(value.to_owned()),
            "hashalgorithm" => proof.hash_algorithm = Some(element.cut(value)),
            "authsendermachine" => self.msg.auth_sender_machine = Some(element.cut(value)),
            "clientcapabilities" => self.msg.client_capabilities = Some(element.cut(value)),
            "token" => self.msg.token |= !value.trim().is_empty(),
            "signature" => proof.of_site |= !value.trim().is_empty(),
            _ => {}
        }
    }
}

/// An error for a header that is no document of ours.
pub(super) const fn unexpected(what: &'static str) -> DecodeError {
    DecodeError::new("ccm", "msg header", 0, ErrorKind::Unexpected(what))
}
