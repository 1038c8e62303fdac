use super::*;
use crate::canned;
use crate::index::Index;

/// The clients of the channels that pass, in the report's order.
fn channels(filter: &str) -> Vec<String> {
    let (report, filter) = (canned::report(), Filter::parse(filter));
    let index = Index::new(&report);
    let pass =
        report.channels.iter().filter(|it| filter.lets_through(&Facts::of_channel(&report, &index, it)));
    pass.map(|channel| format!("{} {}", channel.client.name.as_deref().unwrap_or("-"), channel.purpose))
        .collect()
}

/// The rules of the findings that pass.
fn findings(filter: &str) -> Vec<String> {
    let (report, filter) = (canned::report(), Filter::parse(filter));
    let index = Index::new(&report);
    let pass =
        report.findings.iter().filter(|it| filter.lets_through(&Facts::of_finding(&report, &index, it)));
    pass.map(|finding| finding.rule.clone()).collect()
}

/// The addresses of the hosts that pass.
fn hosts(filter: &str) -> Vec<String> {
    let (report, filter) = (canned::report(), Filter::parse(filter));
    let index = Index::new(&report);
    let pass = report.hosts.iter().filter(|it| filter.lets_through(&Facts::of_host(&report, &index, it)));
    pass.map(|host| host.ip.clone()).collect()
}

/// Terms that are not understood.
fn invalid(filter: &str) -> Vec<String> {
    Filter::parse(filter)
        .terms()
        .iter()
        .filter(|term| !term.is_valid())
        .map(|term| term.text.clone())
        .collect()
}

#[test]
fn all_words_must_occur_anywhere_in_any_case() {
    assert_eq!(channels("PC0043 state"), ["PC0043 state"]);
    assert_eq!(channels("pc0043 MP01"), ["PC0043 state"]);
    assert!(channels("pc0043 nowhere").is_empty());
    assert_eq!(channels("").len(), canned::report().channels.len());
}

#[test]
fn grades_are_asked_by_the_beginning_of_their_word() {
    assert_eq!(channels("grade:insecure"), ["SITE01 client push", "PC0042 policy", "PC0043 name service"]);
    assert_eq!(channels("grade:in"), channels("grade:insecure"));
    assert_eq!(channels("grade:not"), ["PC0044 notification"]);
    assert_eq!(channels("grade:not-observable"), ["PC0044 notification"]);
    assert_eq!(channels("grade:secure").len(), 2, "secure is not a part of insecure");
}

#[test]
fn severities_are_compared() {
    assert_eq!(findings("sev:high"), ["http-client"]);
    assert_eq!(findings("sev>=high"), ["push-ntlm-fallback", "http-client"]);
    assert_eq!(findings("sev>high"), ["push-ntlm-fallback"]);
    assert_eq!(findings("sev<low"), ["client-version"]);
    assert_eq!(findings("sev<=low"), ["loc-wins-query", "client-version"]);
    assert_eq!(findings("severity:crit"), ["push-ntlm-fallback"]);
}

#[test]
fn a_term_means_the_same_on_every_screen() {
    assert_eq!(channels("sev>=critical"), ["SITE01 client push"]);
    assert_eq!(channels("rule:push"), ["SITE01 client push"]);
    assert_eq!(findings("grade:insecure purpose:push"), ["push-ntlm-fallback"]);
    assert_eq!(hosts("rule:push"), ["10.0.0.4", "10.0.1.42"]);
    assert_eq!(hosts("grade:weak"), ["10.0.0.5", "10.0.0.6", "10.0.1.43"]);
    assert_eq!(channels("role:wins"), ["PC0043 name service"]);
    assert_eq!(findings("role:wins"), ["loc-wins-query"]);
    assert_eq!(hosts("role:distribution"), ["10.0.0.5", "10.0.0.6"]);
}

#[test]
fn hosts_are_found_by_address_name_and_port() {
    assert_eq!(channels("host:dp01"), ["PC0043 content"]);
    assert_eq!(channels("host:2001:db8"), ["PC0046 registration"]);
    assert_eq!(channels("10.0.0.5:10123"), ["PC0044 notification"]);
    assert_eq!(channels("2001:db8::46"), ["PC0046 registration"]);
    assert_eq!(channels("site:p01").len(), 8);
    assert!(channels("site:p0").is_empty(), "a site code is whole");
}

#[test]
fn a_whole_address_is_not_the_beginning_of_another() {
    assert_eq!(hosts("host:10.0.1.4").len(), 0);
    assert_eq!(hosts("host:10.0.1.42"), ["10.0.1.42"]);
    assert_eq!(hosts("host:10.0.1."), hosts("host:10.0.1"));
    assert!(hosts("host:10.0.1").len() > 1);
    assert_eq!(channels("host:10.0.0.5"), channels("host:mp01"), "the port does not keep an address apart");
}

#[test]
fn the_path_of_the_only_capture_lets_nothing_through() {
    let mut report = canned::report();
    let path = report.findings[0].capture.clone();
    let passing = |report: &findings::report::Report| {
        let (filter, index) = (Filter::parse(&path), Index::new(report));
        let pass = |it: &&_| filter.lets_through(&Facts::of_finding(report, &index, it));
        report.findings.iter().filter(pass).count()
    };
    report.coverage.captures.truncate(1);
    assert_eq!(passing(&report), 0);
    report.coverage.captures.push(report.coverage.captures[0].clone());
    assert!(passing(&report) > 0);
}

#[test]
fn a_bang_denies() {
    assert_eq!(channels("grade:insecure !pc0042 !purpose:name"), Vec::<String>::new());
    assert_eq!(channels("grade:insecure !purpose:push !http"), ["PC0043 name service"]);
}

#[test]
fn what_is_not_understood_is_told_and_asks_nothing() {
    assert_eq!(
        invalid("grade:purple sev>=loud sev: grade: rule: grad:insecure ! x>3 pc !grade:x"),
        ["grade:purple", "sev>=loud", "sev:", "grade:", "rule:", "grad:insecure", "!", "x>3", "!grade:x"]
    );
    assert_eq!(invalid("ip.addr == 10.0.0.5 && sev:high || !="), ["==", "&&", "||", "!="]);
    assert_eq!(channels("grade:purple pc0044"), ["PC0044 notification"]);
    assert!(!Filter::parse("grade:purple").asks());
}

#[test]
fn addresses_and_urls_are_words() {
    assert!(invalid("fe80::1 10.0.0.1:80 http://mp01/ dead:beef::1 00:15:5d:00:00:05").is_empty());
}

#[test]
fn the_terms_in_the_help_are_understood() {
    for (terms, _) in TERMS.iter().filter(|(terms, _)| *terms != "!term") {
        assert!(invalid(terms).is_empty(), "{terms}");
    }
}
