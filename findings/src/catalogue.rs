//! The list of rules. To add one, write its file in `rules/` and add its line here.

use crate::rule::Rule;

/// Declares the modules in `rules/` and the list of rules from one list.
macro_rules! rules {
    ($($module:ident => $rule:ident,)*) => {
        /// Every rule, in the order of the catalogue.
        pub static RULES: &[&dyn Rule] = &[$(&crate::rules::$module::$rule,)*];

        /// The file names of the rules, to hold against their ids.
        #[cfg(test)]
        pub(crate) static FILES: &[&str] = &[$(stringify!($module),)*];
    };
}

rules! {
    http_client => HttpClient,
    http_ehttp => HttpEhttp,
    http_fallback => HttpFallback,
    http_ntlm => HttpNtlm,
    bgb_fallback => BgbFallback,
    sup_http => SupHttp,
    tls_old => TlsOld,
    tls_oldclient => TlsOldclient,
    tls_weakcipher => TlsWeakcipher,
    msg_unsigned => MsgUnsigned,
    msg_badsig => MsgBadsig,
    msg_sha1 => MsgSha1,
    msg_noenc => MsgNoenc,
    status_clear => StatusClear,
    status_unsigned => StatusUnsigned,
    status_unauth => StatusUnauth,
    status_flood => StatusFlood,
    status_forged => StatusForged,
    state_clear => StateClear,
    loc_wins_query => LocWinsQuery,
    loc_wins_bcast => LocWinsBcast,
    loc_wins_reg => LocWinsReg,
    loc_wins_fallback => LocWinsFallback,
    loc_wins_conflict => LocWinsConflict,
    loc_multianswer => LocMultianswer,
    loc_poison => LocPoison,
}

/// The rule of an id.
#[must_use]
pub fn find(id: &str) -> Option<&'static dyn Rule> {
    RULES.iter().copied().find(|rule| rule.metadata().id == id)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rules_file_is_named_after_its_id() {
        for (file, rule) in FILES.iter().zip(RULES) {
            assert_eq!(file.replace('_', "-"), rule.metadata().id);
        }
    }

    #[test]
    fn every_rule_documents_itself_under_the_fixed_headings() {
        const HEADINGS: [&str; 6] =
            ["What it detects", "Why it matters", "Evidence", "False positives", "Remedy", "References"];
        for rule in RULES {
            let Some(mut rest) = Some(rule.metadata().explain) else { continue };
            for heading in HEADINGS {
                let marker = format!("## {heading}\n");
                let found = rest.find(&marker);
                assert!(found.is_some(), "{}: no heading {heading:?}, or out of order", rule.metadata().id);
                rest = &rest[found.unwrap() + marker.len()..];
                assert!(rest.trim_start().len() > 20, "{}: nothing under {heading:?}", rule.metadata().id);
            }
        }
    }
}
