//! Certificate messages (RFC 5246 7.4.2, RFC 8446 4.4.2): a side's certificate and its chain, each read once however often
//! it is sent.

use std::borrow::Borrow;
use std::collections::HashSet;
use std::hash::{Hash, Hasher};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use capture::Direction;
use foldhash::fast::RandomState;
use sha2::{Digest, Sha256};

use crate::error::DecodeError;
use crate::events::{Anomaly, Events};
use crate::reader::Reader;

use super::certificate;
use super::event::{Certificate, SentCertificate, TlsEvent};
use crate::text::hex;

/// Certificates read lately, by their DER. Clones are the same memory: the shards of one thread share it, as their flows
/// mostly are with the same servers.
#[derive(Clone, Debug, Default)]
pub struct KnownCertificates(Arc<Mutex<HashSet<ByDer, RandomState>>>);

/// A certificate that is looked up by its DER. Servers send the same one again and again: to hash it for a table costs
/// a tenth of what its fingerprint does.
#[derive(Debug)]
struct ByDer(Arc<Certificate>);

impl Borrow<[u8]> for ByDer {
    fn borrow(&self) -> &[u8] {
        &self.0.der
    }
}

impl PartialEq for ByDer {
    fn eq(&self, other: &Self) -> bool {
        self.0.der == other.0.der
    }
}

impl Eq for ByDer {}

impl Hash for ByDer {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.0.der.hash(state);
    }
}

impl KnownCertificates {
    fn get(&self, der: &[u8]) -> Option<Arc<Certificate>> {
        self.known().get(der).map(|ByDer(known)| Arc::clone(known))
    }

    /// Keeps one more; where there is no room, the others are forgotten.
    fn keep(&self, certificate: &Arc<Certificate>, bound: usize) {
        let mut known = self.known();
        if known.len() >= bound {
            known.clear();
        }
        known.insert(ByDer(Arc::clone(certificate)));
    }

    fn known(&self) -> MutexGuard<'_, HashSet<ByDer, RandomState>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Reads one certificate, or finds it among those known. What cannot be read comes back with a reason.
pub(super) fn read(der: &[u8], out: &mut Events) -> (Arc<Certificate>, Option<DecodeError>) {
    if let Some(known) = out.certificates.get(der) {
        return (known, None);
    }
    let (certificate, trouble) = certificate::parse(der, hex(&Sha256::digest(der)), out);
    let certificate = Arc::new(certificate);
    if trouble.is_none() {
        out.certificates.keep(&certificate, out.limits.known_certificates);
    }
    (certificate, trouble)
}

/// Reads a Certificate message (RFC 5246 7.4.2, RFC 8446 4.4.2). How many a client sent is said even where the list
/// breaks off.
pub(super) fn read_all(
    direction: Direction,
    (client, tls13): (bool, bool),
    body: &[u8],
    out: &mut Events,
) -> Result<(), DecodeError> {
    let mut count = 0;
    let mut walk = || -> Result<(), DecodeError> {
        let mut reader = Reader::new("tls", body);
        if tls13 {
            let length = reader.u8("certificate_request_context")?;
            reader.skip("certificate_request_context", length.into())?;
        }
        let length = u24(&mut reader, "certificate_list")?;
        let mut list = reader.sub("certificate_list", length)?;
        while !list.is_empty() {
            let length = u24(&mut list, "certificate")?;
            let der = list.take("certificate", length)?;
            if tls13 {
                let length = list.u16_be("certificate extensions")?;
                list.skip("certificate extensions", length.into())?;
            }
            if count < out.limits.tls_certificates {
                let (certificate, trouble) = read(der, out);
                let sent = SentCertificate { client, index: count, certificate };
                out.push_with(direction, TlsEvent::Certificate(sent), der);
                if let Some(error) = trouble {
                    out.malformed(direction, error);
                }
            }
            count += 1;
        }
        Ok(())
    };
    let result = walk();
    if count > out.limits.tls_certificates {
        out.anomaly(direction, Anomaly::LimitReached { protocol: "tls", limit: "tls_certificates" });
    }
    if client {
        out.push(direction, TlsEvent::ClientAuth { certificates: count });
    }
    result
}

/// A 24-bit length.
fn u24(reader: &mut Reader<'_>, field: &'static str) -> Result<usize, DecodeError> {
    let [high, middle, low] = reader.array(field)?;
    Ok(u32::from_be_bytes([0, high, middle, low]) as usize)
}
