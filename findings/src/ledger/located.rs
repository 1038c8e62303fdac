//! That a client found its site by DNS or in the directory, and what protected the answer.

use capture::Moment;

use crate::evidence::Seen;

/// Where a client found its site before it asked by NetBIOS name.
#[derive(Clone, Debug)]
pub(crate) struct Located {
    /// `DNS` or `Active Directory`.
    pub(crate) by: &'static str,
    /// When the answer came.
    pub(crate) at: Moment,
    /// What protected it.
    pub(crate) protection: Protection,
    /// Where it shows.
    pub(crate) seen: Seen,
}

/// What protects a readable answer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Protection {
    /// Nothing.
    #[default]
    None,
    /// Nothing, and the password of a simple bind crossed the wire before it.
    NoneForPassword,
    /// A signature (RFC 4513 5.2.1).
    Signed,
    /// TLS, that was opened with keys given.
    Tls,
}
