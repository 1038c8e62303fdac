//! `<ClientRegistrationRequest>`: a client brings its certificates, and signs that it does.
//!
//! The signature covers the element `<Data>` exactly as it stands in the body, as UTF-16LE without byte order mark or
//! NUL. The key is that of the signing certificate inside it, so a valid one proves possession, not identity.

use std::ops::Range;

use sha2::{Digest, Sha256};
use x509_parser::prelude::{FromDer, X509Certificate};

use super::event::Registration;
use super::public_key::{Key, from_hex};
use super::signature::{Claim, utf16};
use super::xml::{Element, Visit};
use crate::events::Events;
use crate::text::hex;
use crate::tls::revocation_urls;

/// There is nothing that the signature could cover.
const NO_DATA: &str = "no data element";
/// The document stops before a signature could come.
const NOT_ENDED: &str = "document not read to its end";

/// Reads a registration request.
#[derive(Default)]
pub(super) struct RegistrationRequest {
    registration: Registration,
    signing: Option<Vec<u8>>,
    encryption: Option<Vec<u8>>,
    hash_algorithm: Option<String>,
    signature: Option<String>,
    /// Where `<Data>` stands in the text.
    data: Option<Range<usize>>,
    /// The root has ended, so that what was not seen is not there.
    ended: bool,
}

impl RegistrationRequest {
    /// What was read, with the verdict on its signature.
    pub(super) fn into_registration(mut self, text: &str, out: &Events) -> Registration {
        let certificate = self.signing.as_deref().and_then(|der| X509Certificate::from_der(der).ok());
        let certificate = certificate.map(|(_, certificate)| certificate);
        let key = certificate.as_ref().and_then(|certificate| Key::from_info(certificate.public_key()));
        let claim = Claim {
            value: self.signature.as_deref(),
            key: key.as_ref(),
            hash_algorithm: self.hash_algorithm.as_deref(),
        };
        let signed = self.data.clone().and_then(|data| text.get(data)).map(utf16);
        let registration = &mut self.registration;
        registration.signature = match signed {
            Some(signed) if self.ended || self.signature.is_some() => claim.verify(&[&signed]),
            _ if self.ended => claim.not_verifiable(NO_DATA),
            _ => claim.unseen(NOT_ENDED),
        };
        if let Some(certificate) = &certificate {
            registration.key_id = Some(hex(&Sha256::digest(certificate.public_key().raw)));
            registration.certificate_subject = Some(out.text(&certificate.subject().to_string()));
            (registration.crl_urls, registration.aia_urls) = revocation_urls(certificate, out);
        }
        registration.certificate_sha256 = self.signing.as_deref().map(|der| hex(&Sha256::digest(der)));
        registration.same_certificate = self.signing.is_some() && self.signing == self.encryption;
        self.registration
    }

    fn property(&mut self, element: &Element<'_>) {
        let field = match element.raw_attribute("Name").unwrap_or_default() {
            name if name.eq_ignore_ascii_case("Netbios Name") => &mut self.registration.netbios_name,
            name if name.eq_ignore_ascii_case("FQ Name") => &mut self.registration.fqdn,
            _ => return,
        };
        *field = element.value().map(|value| element.cut(value));
    }
}

impl Visit for RegistrationRequest {
    fn open(&mut self, element: &Element<'_>) {
        let registration = &mut self.registration;
        if element.is("Data") && element.depth() == 2 {
            registration.request_type = element.attribute("RequestType");
            registration.smsid = element.attribute("SMSID");
            self.hash_algorithm = element.attribute("HashAlgorithm");
        } else if element.is("AgentInformation") {
            registration.agent_identity = element.attribute("AgentIdentity");
            registration.agent_version = element.attribute("AgentVersion");
            registration.agent_type = element.attribute("AgentType");
        } else if element.is("RegistrationHint") {
            registration.hint = true;
        }
    }

    fn close(&mut self, element: &Element<'_>) {
        match element.name().to_ascii_lowercase().as_str() {
            "data" if element.depth() == 2 && self.data.is_none() => self.data = Some(element.span()),
            "signing" if element.is_in("Certificates") => {
                self.registration.key_type = element.attribute("KeyType");
                self.signing = from_hex(element.raw_text()).filter(|der| !der.is_empty());
            }
            "encryption" if element.is_in("Certificates") => {
                self.encryption = from_hex(element.raw_text()).filter(|der| !der.is_empty());
            }
            "property" => self.property(element),
            "signaturevalue" => self.signature = Some(element.raw_text().to_owned()),
            "clientregistrationrequest" if element.depth() == 1 => self.ended = true,
            _ => {}
        }
    }
}
