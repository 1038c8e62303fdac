//! What was read and what could not be: part of every result. A conclusion from absence is void where it is poor.

use capture::Counters;
use decoders::tls::{Reading, suite_name};

/// How much of the traffic was really looked at.
#[derive(Clone, Debug, Default)]
pub struct Coverage {
    /// What the capture counted.
    pub capture: Counters,
    /// Captures read, by name, with what is to be said of each.
    pub captures: Vec<CaptureNote>,
    /// Frames dropped by the kernel or the interface before we saw them (live capture).
    pub dropped: u64,
    /// Frames that this program could not keep up with (live capture).
    pub dropped_here: u64,
    /// Events that decoders raised.
    pub events: u64,
    /// Messages that contradicted their own format.
    pub malformed_messages: u64,
    /// Limits hit while decoding, by name.
    pub limits_hit: std::collections::BTreeMap<String, u64>,
    /// Ledger entries not kept because a table was full.
    pub ledger_full: u64,
    /// TLS connections whose content was not readable.
    pub tls_sealed: u64,
    /// Why not, where keys were given: connections by reason.
    pub tls_sealed_because: std::collections::BTreeMap<String, u64>,
    /// TLS connections read inside with the keys given.
    pub tls_opened: u64,
    /// SMB connections whose content was encrypted.
    pub smb_sealed: u64,
    /// Connections of SMB over QUIC, which is not decoded.
    pub smb_over_quic: u64,
    /// First and last frame time.
    pub span: Option<(capture::Timestamp, capture::Timestamp)>,
}

/// What is to be said of one capture.
#[derive(Clone, Debug, Default)]
pub struct CaptureNote {
    /// Its name as given.
    pub name: String,
    /// Frames read of it.
    pub frames: u64,
    /// What went wrong with it; empty where nothing did.
    pub problems: Vec<String>,
}

impl Coverage {
    /// Whether some of what should have been read was not: then the result is partial.
    #[must_use]
    pub fn is_partial(&self) -> bool {
        self.dropped + self.dropped_here > 0
            || !self.capture.unknown_link.is_empty()
            || self.captures.iter().any(|capture| !capture.problems.is_empty())
    }

    /// Whether no byte is known to be missing between those that were captured.
    #[must_use]
    pub fn is_gapless(&self) -> bool {
        !self.is_partial() && self.capture.frames_cut == 0 && self.capture.gaps == 0
    }

    /// Whether conclusions from absence may be drawn: nothing was dropped, cut, missed or evicted.
    #[must_use]
    pub fn is_complete(&self) -> bool {
        self.is_gapless()
            && self.capture.flows_evicted == 0
            && self.capture.one_sided_flows == 0
            && self.capture.midstream_flows == 0
            && self.ledger_full == 0
    }
}

/// Why a TLS connection could not be read although there were keys; nothing where there were none.
pub(crate) fn not_opened(reading: Reading) -> Option<String> {
    Some(match reading {
        Reading::Opened | Reading::NoKeys => return None,
        Reading::NoKey => "none of the keys given is for it".to_owned(),
        Reading::Suite(number) => format!("cipher suite {} cannot be opened here", suite_name(number)),
        Reading::Unfollowed => "its hellos were not captured, so that its keys cannot be told".to_owned(),
        Reading::Failed => "a record did not open: it was changed, or the key is wrong".to_owned(),
        Reading::Lost => "too much of it was lost, or waited for its keys".to_owned(),
    })
}
