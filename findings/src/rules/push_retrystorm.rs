//! A client push that fails is tried again every hour.

use crate::coverage::Coverage;
use crate::evidence::Seen;
use crate::finding::{Confidence, Finding};
use crate::ledger::push::{Episode, suggests_push};
use crate::ledger::smb::Logon;
use crate::ledger::{Ledger, Role};
use crate::rule::{Metadata, Rule, Verdicts, rule};

rule! {
    /// ## What it detects
    /// Three or more attempts of a site server to reach the same computer over SMB, sixty minutes apart (within
    /// five): pushes that are begun again, refused logons, or connections that nobody answered.
    ///
    /// ## Why it matters
    /// A failed push is tried again every hour for a week, and every attempt sends the credentials of all push
    /// accounts to whatever has the computer's address by then.
    ///
    /// ## Evidence
    /// The attempts: refused session setups, refused tree connects, unanswered connections to port 445 or 139.
    ///
    /// ## False positives
    /// Other programs on the site server that keep an hourly rhythm: backup, monitoring.
    ///
    /// ## Remedy
    /// Give the push accounts the rights they lack, take computers that no longer exist out of discovery and
    /// boundaries, and do without site-wide automatic client push.
    ///
    /// ## References
    /// - Configuration Manager, "How to deploy clients to Windows computers": retries of client push
    /// - KB925282
    PushRetrystorm {
        id: "push-retrystorm",
        title: "failing client push is tried again every hour",
        severity: Low,
        confidence: Likely,
        tags: [],
    }
}

/// The interval of retries and how much it may be off, in nanoseconds.
const HOUR: i64 = 60 * 60 * 1_000_000_000;
const TOLERANCE: i64 = 5 * 60 * 1_000_000_000;
/// Attempts an hour apart from which on it is a rhythm.
const ENOUGH: usize = 3;

impl Rule for PushRetrystorm {
    fn metadata(&self) -> &'static Metadata {
        Self::META
    }

    fn judge(&self, ledger: &Ledger, _: &Coverage, verdicts: &mut Verdicts) {
        for ((source, target), failures) in ledger.push.failures.iter() {
            let signs = ledger.push.signs.get(&(*source, *target)).filter(|signs| signs.sure().is_some());
            let mut times: Vec<Episode> = failures.episodes.clone();
            let mut seen: Seen = failures.seen.clone();
            if let Some(signs) = signs {
                times.extend(&signs.episodes);
                seen.merge(&signs.seen());
            }
            let attempts = in_rhythm(times);
            if attempts < ENOUGH {
                continue;
            }
            let site_server =
                ledger.role(*source, Role::SiteServer).is_some_and(|sure| sure >= Confidence::Likely);
            let logons = || ledger.smb.between(*source, *target).flat_map(|connection| &connection.logons);
            let named = || logons().filter_map(Logon::account).any(|account| suggests_push(&account));
            if signs.is_none() && !site_server && !named() {
                continue;
            }
            verdicts.report(
                    Finding::new(Self::META, *source, *target, &seen)
                        .tcp_port(445)
                        .site(ledger.site_code_of(&[*source, *target]))
                        .message(format!(
                            "{source} tried {attempts} times, an hour apart, to reach {target} over SMB without success."
                        )),
                );
        }
    }
}

/// The longest run of attempts of which each follows the one before after an hour.
fn in_rhythm(mut times: Vec<Episode>) -> usize {
    times.sort_by_key(|episode| episode.first);
    let mut longest = 0;
    for (index, start) in times.iter().enumerate() {
        let mut last = start.first;
        let mut run = 1;
        for later in times.iter().skip(index + 1) {
            let apart = later.first.time.nanos_since(last.time);
            if (apart - HOUR).abs() <= TOLERANCE {
                last = later.first;
                run += 1;
            }
        }
        longest = longest.max(run);
    }
    longest
}

#[cfg(test)]
mod tests {
    use capture::{Moment, Timestamp};
    use decoders::ntlmssp::Response;

    use super::*;
    use crate::testing_smb::{CLIENT, SITE, STRANGER, Scene};

    #[test]
    fn refused_logons_of_a_push_account_every_hour_are_told_and_of_a_person_are_not() {
        let mut scene = Scene::new();
        for _ in 0..4 {
            for (source, user) in [(SITE, "svc-cmpush"), (STRANGER, "jdoe")] {
                let talk = scene.open(source, CLIENT, 445);
                scene.ntlm_logon_with(talk, user, Response::NtlmV2, 0xC000_006D).end(talk, |_| ());
            }
            scene.wait(3_600);
        }
        let found = scene.findings("push-retrystorm");
        assert_eq!(found.iter().map(|finding| finding.source).collect::<Vec<_>>(), [SITE]);
        assert!(found[0].message.contains("4 times"));
    }

    #[test]
    fn a_computer_that_never_answers_its_site_server_is_told() {
        let mut scene = Scene::new();
        scene.ntlm_push(SITE, STRANGER, "svc-cmpush");
        for _ in 0..3 {
            let talk = scene.open(SITE, CLIENT, 445);
            scene.end(talk, |end| end.unanswered = true).wait(3_600);
        }
        assert_eq!(scene.findings("push-retrystorm").len(), 1);
    }

    fn at(minutes: i64) -> Episode {
        let moment = Moment { time: Timestamp::new(minutes * 60, 0), ..Moment::default() };
        Episode { first: moment, last: moment }
    }

    #[test]
    fn only_attempts_an_hour_apart_make_a_rhythm() {
        assert_eq!(in_rhythm(vec![at(0), at(62), at(119)]), 3);
        assert_eq!(in_rhythm(vec![at(0), at(30), at(90), at(95)]), 2);
        assert_eq!(in_rhythm(vec![at(120), at(0), at(60), at(61)]), 3);
        assert_eq!(in_rhythm(Vec::new()), 0);
    }
}
