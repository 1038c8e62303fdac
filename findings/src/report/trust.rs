//! Who a channel's two sides show to be, in its outward form and in a line.

use serde::Serialize;

use crate::channel::Kind;

/// Who the two sides of a channel show to be.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct TrustEntry {
    /// What the server's certificate rests on: `pki`, `enhanced-http`, `self-signed`, `public-ca`, `not-observable`.
    pub kind: String,
    /// Whether it was verified: `yes`, `no`, `not-checked`.
    pub verified: String,
    /// What is wrong, in words that go on from "the certificate".
    pub problems: Vec<String>,
    /// What is unusual, or was not looked at.
    pub notes: Vec<String>,
    /// What the client did to prove who it is: `proved`, `refused`, `sent`, `empty`, `asked`, `not-asked`,
    /// `not-observable`.
    pub client_certificate: String,
}

impl TrustEntry {
    /// In a line: `pki, not checked; client certificate proved`.
    #[must_use]
    pub fn summary(&self) -> String {
        let client = self.client_certificate.replace('-', " ");
        if self.kind == Kind::NotObservable.name() {
            return format!("no certificate seen; client certificate {client}");
        }
        let verified = match self.verified.as_str() {
            "yes" => "verified",
            "no" => "not trusted",
            _ => "not checked",
        };
        let problem = self.problems.first().map(|problem| format!(" ({problem})")).unwrap_or_default();
        format!("{}, {verified}{problem}; client certificate {client}", self.kind)
    }
}
