//! A client asks by NetBIOS name although it had found its site already.

use crate::coverage::Coverage;
use crate::finding::Finding;
use crate::ledger::Ledger;
use crate::ledger::name::NameService;
use crate::rule::{Metadata, Rule, Verdicts, rule};

rule! {
    /// ## What it detects
    /// A NetBIOS query for a ConfigMgr name by a client to which DNS (`_mssms_mp_<site>._tcp`) or Active Directory had
    /// given an answer about the site earlier in the same capture.
    ///
    /// ## Why it matters
    /// The weakest way of looking up a management point is used although a better one works: nothing would be lost by
    /// turning it off.
    ///
    /// ## Evidence
    /// The earlier DNS or LDAP answer, and the later NetBIOS query.
    ///
    /// ## False positives
    /// A client with several network interfaces of which only one reaches DNS. Directory searches that are sealed
    /// cannot be seen, so their absence means nothing.
    ///
    /// ## Remedy
    /// Install clients with `SMSDIRECTORYLOOKUP=NoWINS`.
    ///
    /// ## References
    /// - Configuration Manager, "Understand how clients find site resources and services"
    LocWinsFallback {
        id: "loc-wins-fallback",
        title: "client asks WINS although a better service had answered",
        severity: Medium,
        confidence: Likely,
        tags: ["CWE-350"],
    }
}

impl Rule for LocWinsFallback {
    fn metadata(&self) -> &'static Metadata {
        Self::META
    }

    fn judge(&self, ledger: &Ledger, _: &Coverage, verdicts: &mut Verdicts) {
        for ((client, place, service, name), lookup) in ledger.names.lookups.iter() {
            let meaning = ledger.names.meanings.get(name).filter(|meaning| meaning.as_service);
            let Some(meaning) = meaning else { continue };
            let earlier = ledger
                .names
                .located
                .get(client)
                .and_then(|located| located.iter().find(|located| located.at < lookup.asked.last));
            let asked = *service != NameService::Llmnr && lookup.asked.is_some();
            let Some(earlier) = earlier.filter(|_| asked) else { continue };
            verdicts.report(
                Finding::new(Self::META, *client, *place, &lookup.asked)
                    .also(&earlier.seen)
                    .udp_port(137)
                    .filter("nbns")
                    .site(meaning.site_code())
                    .subject(name)
                    .message(format!(
                        "{client} asked for {name} by NetBIOS name although {} had answered it before: the weaker \
                         lookup is likely not needed.",
                        earlier.by,
                    )),
            );
        }
    }
}
