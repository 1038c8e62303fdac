//! What is told of LDAP: who binds how, what is searched for, and whether it answered.
//!
//! Passwords and what search results hold are not in here.

/// Something seen of an LDAP or CLDAP flow.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LdapEvent {
    /// A bind request (RFC 4511 4.2).
    Bind {
        /// How the client authenticates.
        auth: Auth,
        /// The name it binds as: a DN, an account, or empty.
        name: String,
        /// SASL mechanism; empty for the other ways.
        mechanism: String,
    },
    /// A bind response with its resultCode: 0 success, 14 goes on.
    BindDone {
        /// resultCode.
        code: u32,
    },
    /// A search request.
    Search {
        /// baseObject.
        base: String,
        /// scope: 0 base object, 1 one level, 2 whole subtree.
        scope: u32,
        /// The filter as text (RFC 4515), passwords left out; empty where it could not be read to its end.
        filter: String,
        /// Attribute descriptions in the filter, each once, in order.
        filter_attributes: Vec<String>,
        /// What the filter compares objectClass and objectCategory with, each once, in order.
        classes: Vec<String>,
        /// Attributes asked for, in order.
        attributes: Vec<String>,
    },
    /// searchResultDone with its resultCode, and whether entries came before it.
    SearchDone {
        /// resultCode: 0 success.
        code: u32,
        /// searchResultEntry messages before it.
        entries: u64,
    },
    /// The first message under a SASL security layer (RFC 4513 5.2.1, RFC 4752). Said once a flow.
    Protected {
        /// Whether it is encrypted, and not only signed.
        sealed: bool,
    },
    /// The server agreed to speak TLS from here on (RFC 4511 4.14).
    StartTls,
}

/// How a bind authenticates.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Auth {
    /// Simple without a password: anonymous, whatever the name.
    Anonymous,
    /// Simple with a password, in the clear.
    Simple,
    /// SASL.
    Sasl,
    /// Microsoft's NTLM binds of before SASL ([MS-ADTS] 5.1.1.1.3).
    Sicily,
    /// Another choice, by its tag.
    Other(u8),
}
