//! Whether a chain of certificates holds: who vouches for it, for what, under which name, at the time of the handshake.
//!
//! Signatures, constraints and purposes are verified by `rustls-webpki` (RFC 5280); what it leaves out is held against
//! the certificates here: key usage, the validity of the authorities given, a common name in place of alternative
//! names. Time is always that of the frames, never the clock of the machine. Nothing is fetched.
//!
//! Without authorities nothing is verified, and that is what is said: not checked. What a certificate says of itself
//! (its end, its purposes) is held against the facts in any case. How these judgements stand to those of
//! `openssl verify` is written in `testdata/README.md`.

mod anchors;
mod chain;
mod explain;
mod fault;
mod lists;
mod memo;
pub(crate) mod name;
mod order;

use std::sync::Arc;

use decoders::crl::CrlEvent;
use decoders::tls::Certificate;

pub use anchors::{Anchors, Origin, Refused};
pub(crate) use fault::Fault;
pub(crate) use lists::Lists;

use memo::Memo;

/// What a certificate is to prove.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Usage {
    /// A server's identity.
    Server,
    /// A client's identity.
    Client,
}

/// Whether somebody who is trusted vouches for a certificate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Standing {
    /// Somebody does, and nothing speaks against it.
    Trusted {
        /// The subject of the authority given.
        anchor: String,
        /// Whether that is of the platform's store.
        platform: bool,
    },
    /// Nobody does, or something speaks against it: see the faults.
    Untrusted,
    /// Not known: no authority was given, or the verifier does not know the algorithm.
    NotChecked,
}

/// What is to be said of a chain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Verdict {
    /// Whether somebody vouches for it.
    pub(crate) standing: Standing,
    /// What is wrong.
    pub(crate) faults: Vec<Fault>,
    /// What is unusual, or was not looked at. Not yet scrubbed.
    pub(crate) remarks: Vec<String>,
}

/// Authorities that are trusted, revocation lists, and what was judged by them.
#[derive(Debug, Default)]
pub(crate) struct Trust {
    anchors: Arc<Anchors>,
    /// Revocation lists: those given, and those seen in the capture.
    pub(crate) lists: Lists,
    memo: Memo,
}

impl Trust {
    /// Trusts these authorities, and no others.
    pub(crate) fn set(&mut self, anchors: Arc<Anchors>, max_lists: usize) {
        self.lists = Lists::new(max_lists);
        for list in anchors.lists() {
            self.lists.give(list);
        }
        self.anchors = anchors;
        self.memo = Memo::default();
    }

    /// Whether any authority was given, so that trust can be told.
    pub(crate) fn is_known(&self) -> bool {
        !self.anchors.is_empty()
    }

    /// Whether any authority was given by file: those of the site, for all that can be known.
    pub(crate) fn is_given(&self) -> bool {
        self.anchors.is_given()
    }

    /// Whether an authority of this subject was given by file.
    pub(crate) fn knows(&self, subject: &[String]) -> bool {
        self.anchors.knows(subject)
    }

    /// Adds a revocation list that was seen in the capture. Returns whether it is kept: it must be new and
    /// such as can be asked; where no authority is trusted, none is of use.
    pub(crate) fn list_seen(&mut self, list: &CrlEvent) -> bool {
        self.is_known() && self.lists.see(list)
    }

    /// Judges a chain as of a time in seconds since 1970, or of no time where the capture's clock was not set.
    pub(crate) fn judge(
        &self,
        leaf: &Certificate,
        sent: &[Arc<Certificate>],
        usage: Usage,
        at: Option<i64>,
    ) -> Arc<Verdict> {
        let judge = || chain::Chain { leaf, sent, usage, at }.judge(&self.anchors, &self.lists);
        if self.is_known() {
            let passed = at.map_or((0, 0), |at| (self.anchors.epoch(at), self.lists.epoch(at)));
            let epoch = (self.lists.generation(), passed.0, passed.1);
            self.memo.recall(memo::key(leaf, sent, usage, at, epoch), judge)
        } else {
            Arc::new(judge())
        }
    }
}

#[cfg(test)]
mod tests;
