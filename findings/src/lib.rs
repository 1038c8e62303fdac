//! Events in, findings out.
//!
//! `findings` remembers what the decoders saw ([`Ledger`]), judges it by rules that only read ([`Rule`]), and writes
//! the result ([`report`]). It reads no packet, opens no file, and prints nothing: a writer is given a place to
//! write to.
//!
//! ```text
//! Record -> observe: what it means for the ledger -> Ledger -> rules -> Finding -> Policy -> Report -> text, json, ...
//! ```
//!
//! Rules are pure questions to the ledger, asked as often as somebody wants an answer: after a capture, or several
//! times a second while one is running. Nothing depends on the order of rules, and asking twice gives the same twice.
//!
//! To add a finding, write one file in `rules/` and add its line to `rules/mod.rs`.

pub mod catalogue;
mod channel;
mod cipher;
mod coverage;
mod engine;
mod evidence;
mod finding;
mod group;
mod ledger;
mod limits;
mod observe;
mod policy;
pub mod report;
mod rule;
mod rules;
mod scrub;
#[cfg(test)]
mod testing;
#[cfg(test)]
mod testing_smb;
pub mod trust;
mod words;

pub use channel::{
    Channel, ClientCertificate, Grade, Kind, Likely, Purpose, Reason, Sealed, Trust, Verified,
};
pub use coverage::{CaptureNote, Coverage};
pub use engine::Engine;
pub use evidence::{Evidence, Seen};
pub use finding::{Confidence, Finding, Severity};
pub use ledger::{FewMap, FewSet, Host, Ledger, NameSource, NameSources, Role, RoleClaim};
pub use limits::Limits;
pub use policy::Policy;
pub use rule::{Metadata, Rule, Verdicts};
pub use scrub::scrub;
