//! What a revocation list says of itself.

use std::sync::Arc;

/// What came where a certificate revocation list was asked for or announced (RFC 5280 5).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CrlEvent {
    /// The HTTP `exchange` it answers; absent where the request was not captured.
    pub exchange: Option<u64>,
    /// What the bytes were.
    pub form: Form,
    /// Whether some of the answer is missing: then no list is read.
    pub incomplete: bool,
    /// SHA-256 of the bytes, in hex; empty where some are missing.
    pub sha256: String,
    /// Issuer, attributes in encoded order: `CN=Example Issuing CA`.
    pub issuer: Vec<String>,
    /// Extension authority key identifier: the issuer's key, in hex. An authority with a new key signs a list a key.
    pub authority_key: Option<String>,
    /// Extension CRL number, in hex without leading zeros.
    pub number: Option<String>,
    /// Whether it only adds to another list (extension delta CRL indicator).
    pub delta: bool,
    /// thisUpdate, in seconds since 1970.
    pub this_update_secs: i64,
    /// nextUpdate, in seconds since 1970: from then on the list is out of date.
    pub next_update_secs: Option<i64>,
    /// How many certificates it revokes.
    pub revoked: u64,
    /// The list as sent (DER), for whoever verifies its signature: nothing here does. Empty where none was read.
    pub der: Arc<[u8]>,
}

/// What the bytes were.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Form {
    /// Not read, or not to be read: some are missing, they are too many, or coded in a way that is not undone here.
    #[default]
    Unread,
    /// A list in DER.
    List,
    /// A page for people (HTML), as portals and proxies answer with in place of what was asked for.
    Page,
    /// Neither: no DER, and in no coding that lists are known to be sent in.
    Other,
}

impl Form {
    /// In lower case.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Unread => "unread",
            Self::List => "list",
            Self::Page => "page",
            Self::Other => "other",
        }
    }
}
