//! What can be wrong with a chain, in words.

use super::Usage;

/// Something wrong with a chain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    /// The bytes are no certificate.
    Unreadable,
    /// No authority given has this name. Not yet scrubbed.
    UnknownIssuer(String),
    /// It is its own issuer, and is not itself among the certificates given.
    SelfSigned,
    /// A signature is not of the key that it should be of.
    BadSignature,
    /// The leaf had ended.
    Expired,
    /// The leaf had not begun.
    NotYetValid,
    /// An authority of the chain was outside its validity. Not yet scrubbed.
    AuthorityNotValid(String),
    /// A list of its issuer has it, or one of an authority above it.
    Revoked {
        /// Whether it is an authority that is revoked.
        authority: bool,
    },
    /// It has purposes, and this is not among them, or not among those that its authorities may vouch for.
    MissingPurpose(Usage),
    /// The client asked for this name, which it is not for. Not yet scrubbed.
    WrongName(String),
    /// Its key may not be used so.
    KeyUsage(Usage),
    /// Something in the chain signed certificates without being allowed to. Not yet scrubbed.
    NotAnAuthority(String),
    /// More authorities are below one than it allows.
    PathLength,
    /// An authority may not vouch for such a name.
    NameConstraint,
    /// A part of it that must be understood is not as RFC 5280 has it, or is unknown.
    Malformed(&'static str),
    /// The verifier cannot say, and why not. Nothing speaks against the chain.
    Unverifiable(String),
}

impl Fault {
    /// Whether it leaves open what the chain is worth, and says nothing against it.
    pub(crate) const fn is_open(&self) -> bool {
        matches!(self, Self::Unverifiable(_))
    }

    /// Whether somebody other than the server that is meant may have sent the chain.
    pub(crate) const fn is_foreign(&self) -> bool {
        matches!(
            self,
            Self::UnknownIssuer(_) | Self::BadSignature | Self::Revoked { .. } | Self::NameConstraint
        )
    }

    /// In words that go on from "the certificate". Not yet scrubbed.
    pub(crate) fn text(&self) -> String {
        let fixed = match self {
            Self::Unreadable => "cannot be read",
            Self::SelfSigned => "is signed by itself and not among those given",
            Self::BadSignature => "has a signature in its chain that is not its issuer's",
            Self::Expired => "had expired",
            Self::NotYetValid => "was not valid yet",
            Self::Revoked { authority: false } => "was revoked by its issuer",
            Self::Revoked { authority: true } => "is of an authority that was revoked",
            Self::MissingPurpose(Usage::Server) => "is not meant for servers (extended key usage)",
            Self::MissingPurpose(Usage::Client) => "is not meant for clients (extended key usage)",
            Self::KeyUsage(_) => "has a key that may not be used in TLS (key usage)",
            Self::PathLength => "has more authorities above it than one of them allows",
            Self::NameConstraint => "has a name that its authority may not vouch for",
            Self::UnknownIssuer(issuer) => {
                return format!("was issued by {issuer}, for which no authority given vouches");
            }
            Self::WrongName(wanted) => return format!("is not for {wanted}"),
            Self::AuthorityNotValid(name) => {
                return format!("depends on {name}, which was outside its validity");
            }
            Self::NotAnAuthority(name) => {
                return format!("is vouched for by {name}, which is no authority");
            }
            Self::Malformed(what) => return format!("does not follow RFC 5280: {what}"),
            Self::Unverifiable(why) => return format!("could not be verified: {why}"),
        };
        fixed.to_owned()
    }
}
