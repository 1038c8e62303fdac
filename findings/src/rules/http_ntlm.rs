//! NTLM over plain HTTP to a site system.

use std::collections::BTreeSet;

use crate::coverage::Coverage;
use crate::finding::{Confidence, Finding};
use crate::ledger::Ledger;
use crate::rule::{Metadata, Rule, Verdicts, rule};
use crate::words::listed;

rule! {
    /// ## What it detects
    /// An NTLM logon with a user name (AUTHENTICATE message) in the HTTP headers of a request to a site system, without
    /// TLS: registration by way of `_WindowsAuth`, or content of a distribution point that demands credentials.
    ///
    /// ## Why it matters
    /// Without TLS there are no channel bindings: who is on the path can relay the logon to another server, or guess
    /// the password from it at leisure.
    ///
    /// ## Evidence
    /// The request with the logon, and the account. Responses themselves are never kept.
    ///
    /// ## False positives
    /// On sites that allow HTTP, clients in the domain prove their computer account this way by design. Kerberos in the
    /// same header and anonymous logons do not match.
    ///
    /// ## Remedy
    /// HTTPS with PKI certificates; Kerberos in place of NTLM.
    ///
    /// ## References
    /// - [MS-NLMP] 2.2.1.3; [MS-NTHT]; ATT&CK T1557
    HttpNtlm {
        id: "http-ntlm",
        title: "NTLM over plain HTTP to a site system",
        severity: Medium,
        confidence: Certain,
        tags: ["CWE-319", "CWE-522", "ATT&CK T1557"],
    }
}

impl Rule for HttpNtlm {
    fn metadata(&self) -> &'static Metadata {
        Self::META
    }

    fn judge(&self, ledger: &Ledger, _: &Coverage, verdicts: &mut Verdicts) {
        for ((client, server, port), uses) in ledger.readable_by_channel() {
            let mut seen = crate::evidence::Seen::default();
            let mut accounts = BTreeSet::new();
            let mut old = BTreeSet::new();
            let mut proxied = false;
            let known = ledger.site_system(server) >= Some(Confidence::Likely);
            for (_, exchanges) in uses.iter().filter(|(_, uses)| known || uses.telling >= Confidence::Likely)
            {
                seen.merge(&exchanges.ntlm);
                accounts.extend(&exchanges.accounts);
                old.extend(exchanges.old_responses.iter().copied());
                proxied |= exchanges.ntlm.is_some() && exchanges.proxied;
            }
            if !seen.is_some() {
                continue;
            }
            let through = if proxied { "a site system through the proxy " } else { "" };
            let how = if old.is_empty() { "NTLM".to_owned() } else { listed(old) };
            let who = accounts.into_iter().map(String::as_str).collect::<Vec<_>>().join(", ");
            verdicts.report(
                Finding::new(Self::META, client, server, &seen)
                    .tcp_port(port)
                    .filter("ntlmssp")
                    .site(ledger.site_code_of(&[server, client]))
                    .message(format!(
                        "{client} logged on to {through}{server} as {who} with {how} over plain HTTP. The logon can be relayed or \
                         its password guessed by whoever is on the path."
                    )),
            );
        }
    }
}

#[cfg(test)]
mod tests {
    use decoders::ntlmssp::{Authenticate, Carrier, Challenge, NtlmMessage, Response};

    use crate::testing::{CLIENT, SERVER, Scene, addr};

    fn logs_on(uri: &str, response: Response) -> Scene {
        let mut scene = Scene::new();
        let challenge =
            Challenge { carrier: Carrier::Http, nb_computer: "MP".to_owned(), ..Challenge::default() };
        let logon = Authenticate {
            carrier: Carrier::Http,
            user: "PC1$".to_owned(),
            target_name: Some("HTTP/mp.example.test".to_owned()),
            response,
            ..Authenticate::default()
        };
        scene.request("GET", uri).down(NtlmMessage::Challenge(Box::new(challenge))).answer(401);
        scene.request("GET", uri).up(NtlmMessage::Authenticate(Box::new(logon))).answer(200);
        scene
    }

    #[test]
    fn what_is_older_than_ntlmv2_is_named() {
        for (response, how) in [(Response::NtlmV1, "with NTLMv1 over"), (Response::NtlmV2, "with NTLM over")]
        {
            let message = logs_on("/SMS_DP_SMSPKG$/PS100001", response).one("http-ntlm").message;
            assert!(message.contains(how), "{message}");
        }
    }

    #[test]
    fn a_proxy_has_not_the_name_of_the_server_behind_it() {
        let path = "/SMS_DP_SMSPKG$/PS100001";
        for (uri, proxied) in [(format!("http://mp.example.test{path}"), true), (path.to_owned(), false)] {
            let scene = logs_on(&uri, Response::NtlmV2);
            let found = scene.one("http-ntlm");
            let through = format!("{CLIENT} logged on to a site system through the proxy {SERVER} ");
            assert_eq!(found.message.starts_with(&through), proxied, "{}", found.message);
            assert_eq!(scene.ledger.addr_of("mp"), (!proxied).then(|| addr(SERVER)));
        }
    }
}
