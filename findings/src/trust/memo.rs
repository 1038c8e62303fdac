//! What was judged already. A screen asks several times a second, and a server shows one chain to every client.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use decoders::tls::Certificate;

use super::{Usage, Verdict};

/// Judgements remembered; more, and it begins anew.
const KEPT: usize = 4_096;

/// What a judgement depends on. Of the time, only before and after which ends of validity it lies: one bit each.
pub(super) type Key = (Vec<String>, Usage, Vec<bool>, Epoch);

/// The number of the revocation lists' change, and the numbers of the authorities' and the lists' ends passed.
pub(super) type Epoch = (u64, usize, usize);

/// Judgements by what they depend on.
#[derive(Debug, Default)]
pub(super) struct Memo(Mutex<BTreeMap<Key, Arc<Verdict>>>);

impl Memo {
    pub(super) fn recall(&self, key: Key, judge: impl FnOnce() -> Verdict) -> Arc<Verdict> {
        // Whoever panicked while holding it left whole entries behind.
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(verdict) = known.get(&key) {
            return Arc::clone(verdict);
        }
        if known.len() >= KEPT {
            known.clear();
        }
        let verdict = Arc::new(judge());
        known.insert(key, Arc::clone(&verdict));
        verdict
    }
}

/// What the judgement of a chain depends on.
pub(super) fn key(
    leaf: &Certificate,
    sent: &[Arc<Certificate>],
    usage: Usage,
    at: Option<i64>,
    epoch: Epoch,
) -> Key {
    let all = || std::iter::once(leaf).chain(sent.iter().map(AsRef::as_ref));
    let sides = |at: i64| all().flat_map(move |one| [at < one.not_before_secs, at > one.not_after_secs]);
    let sides = at.into_iter().flat_map(sides).collect();
    (all().map(|one| one.sha256.clone()).collect(), usage, sides, epoch)
}
