//! Rules about plain HTTP.

use decoders::ccm::{Content, PolicyRequest, ReportBody};
use decoders::http::{HttpEvent, HttpRequest};
use decoders::ntlmssp::{Authenticate, Carrier, NtlmMessage, Response};
use decoders::tls::TlsEvent;

use crate::channel::{Grade, Purpose};
use crate::finding::{Confidence, Severity};
use crate::testing::{CLIENT, OTHER, SERVER, Scene, addr, message, signed};

fn policy() -> decoders::ccm::CcmMessage {
    message("MP_PolicyManager", Content::Policy(PolicyRequest::default()))
}

#[test]
fn policy_over_plain_http_is_high_and_told_once_for_all_requests() {
    let mut scene = Scene::new();
    for _ in 0..3 {
        scene.message(policy());
    }
    let finding = scene.one("http-client");
    assert_eq!((finding.severity, finding.confidence), (Severity::High, Confidence::Certain));
    assert_eq!((finding.source, finding.destination, finding.port), (addr(CLIENT), addr(SERVER), Some(80)));
    assert_eq!(finding.seen.count, 3);
    assert_eq!(finding.evidence()[0].what, "CCM_POST /ccm_system/request");
}

#[test]
fn signed_policy_of_an_enhanced_site_is_medium() {
    let mut scene = Scene::new();
    scene.message(signed(policy(), "key", "GUID:1"));
    assert_eq!(scene.one("http-client").severity, Severity::High);
    scene.flow(CLIENT, SERVER, 443).hellos("", 0x0303, 0x0303, 0xC030).certificate("mp", "SMS Issuing");
    let finding = scene.one("http-client");
    assert_eq!(finding.severity, Severity::Medium);
    assert!(finding.message.contains("enhanced HTTP"), "{}", finding.message);
    let inventory = message("MP_HinvEndpoint", Content::Inventory(ReportBody::default()));
    scene.flow(CLIENT, SERVER, 80).message(signed(inventory, "key", "GUID:1"));
    assert_eq!(scene.one("http-client").severity, Severity::High, "enhanced HTTP hides no inventory");
}

#[test]
fn content_and_bootstrap_queries_alone_are_low() {
    for uri in [
        "/SMS_DP_SMSPKG$/PS100001",
        "/SMS_MP/.sms_aut?MPLIST",
        "http://mp.example.test/sms_mp/.sms_aut?MPCERT",
    ] {
        let mut scene = Scene::new();
        scene.exchange("GET", uri, 200);
        assert_eq!(scene.one("http-client").severity, Severity::Low, "{uri}");
    }
}

#[test]
fn ordinary_servers_are_no_site_systems() {
    let mut scene = Scene::new();
    scene.exchange("GET", "/", 200).exchange("CCM_POST", "/", 405).exchange("POST", "/upload", 200);
    scene.exchange("GET", "/pki/root.crl", 200).exchange("GET", "/content/style.css", 200);
    scene.flow(CLIENT, SERVER, 8530).exchange("GET", "/", 200);
    scene.exchange("GET", "/ccm_system/manual.html", 200).exchange("GET", "/sms_mp/", 403);
    scene.exchange("GET", "/CCM_Incoming/", 200);
    assert!(scene.findings().is_empty(), "{:#?}", scene.findings());
    assert!(scene.channels().is_empty());
}

#[test]
fn a_probe_that_the_server_knows_nothing_of_is_not_reported() {
    let mut scene = Scene::new();
    scene.exchange("GET", "/SMS_MP/.sms_aut?MPLIST", 404).exchange("CCM_POST", "/ccm_system/request", 405);
    assert!(scene.findings().is_empty(), "{:#?}", scene.findings());
    assert_eq!(scene.ledger.site_system(addr(SERVER)), Some(Confidence::Possible));
    scene.exchange("GET", "/SMS_MP/.sms_aut?MPCERT", 403);
    scene.one("http-client");
}

#[test]
fn what_is_read_inside_tls_is_not_plain() {
    let mut scene = Scene::new();
    scene.flow(CLIENT, SERVER, 443).hellos("mp.example.test", 0x0303, 0x0303, 0xC030).message(policy());
    assert!(scene.found("http-client").is_empty());
    assert_eq!(scene.one("msg-unsigned").severity, Severity::Info);
    scene.up(TlsEvent::ClientVerify);
    assert!(scene.found("msg-unsigned").is_empty(), "a client certificate is as good as a signature");
}

#[test]
fn enhanced_http_is_told_once_for_a_server() {
    let mut scene = Scene::new();
    for client in [CLIENT, OTHER] {
        scene.flow(client, SERVER, 443).hellos("", 0x0303, 0x0303, 0xC030).certificate("mp", "SMS Issuing");
    }
    assert_eq!(scene.one("http-ehttp").confidence, Confidence::Certain);
    let mut scene = Scene::new();
    scene.exchange("POST", "/CCM_STS", 200);
    assert_eq!(scene.one("http-ehttp").confidence, Confidence::Likely);
    let mut scene = Scene::new();
    scene.exchange("POST", "/CCM_STS", 404).exchange("GET", "/CCMTOKENAUTH_SMS_DP_SMSPKG$/PS100001", 401);
    assert!(scene.found("http-ehttp").is_empty(), "whoever asks cannot make a site look better than it is");
}

#[test]
fn a_token_that_was_refused_beside_content_without_one_is_no_enhanced_http() {
    let mut scene = Scene::new();
    scene.exchange("PROPFIND", "/CCMTOKENAUTH_SMS_DP_SMSPKG$/PS100001", 401);
    scene.exchange("PROPFIND", "/SMS_DP_SMSPKG$/PS100001", 207);
    assert!(scene.found("http-ehttp").is_empty());
    scene.exchange("PROPFIND", "/CCMTOKENAUTH_SMS_DP_SMSPKG$/PS100001", 207);
    scene.one("http-ehttp");
}

fn logon(user: &str, response: Response) -> NtlmMessage {
    NtlmMessage::Authenticate(Box::new(Authenticate {
        carrier: Carrier::Http,
        domain: "EXAMPLE".to_owned(),
        user: user.to_owned(),
        response,
        ..Authenticate::default()
    }))
}

#[test]
fn an_ntlm_logon_belongs_to_the_request_it_came_with() {
    let mut scene = Scene::new();
    scene.exchange("GET", "/SMS_DP_SMSPKG$/PS100001", 401);
    scene.request("GET", "/SMS_DP_SMSPKG$/PS100001").up(logon("PC1$", Response::NtlmV2)).answer(200);
    let finding = scene.one("http-ntlm");
    assert!(finding.message.contains(r"EXAMPLE\PC1$"), "{}", finding.message);
}

#[test]
fn anonymous_logons_and_logons_elsewhere_are_not_reported() {
    let mut scene = Scene::new();
    scene.request("GET", "/SMS_DP_SMSPKG$/PS100001").up(logon("", Response::Anonymous)).answer(200);
    scene.exchange("GET", "/intranet", 401).request("GET", "/intranet").up(logon("anna", Response::NtlmV2));
    scene.flow(CLIENT, OTHER, 80).request("GET", "/intranet").up(logon("anna", Response::NtlmV2));
    assert!(scene.found("http-ntlm").is_empty());
}

#[test]
fn ntlm_to_any_web_server_and_to_a_proxy_on_the_way_is_no_logon_to_a_site_system() {
    let mut scene = Scene::new();
    for uri in ["/pki/issuing.crl", "/AdminService/users", "/bgb/news"] {
        scene.request("GET", uri).up(logon("anna", Response::NtlmV2)).answer(200);
    }
    assert!(scene.found("http-ntlm").is_empty());
    let mut scene = Scene::new();
    let request = HttpRequest {
        method: "GET".to_owned(),
        uri: "http://mp.example.test/SMS_MP/.sms_aut?MPLIST".to_owned(),
        proxy_auth_scheme: Some("ntlm".to_owned()),
        ..HttpRequest::default()
    };
    scene.flow(CLIENT, OTHER, 3128).up(HttpEvent::Request(Box::new(request)));
    scene.up(logon("anna", Response::NtlmV2));
    assert!(scene.found("http-ntlm").is_empty());
    assert_eq!(scene.found("http-client").len(), 1);
}

#[test]
fn content_that_a_known_distribution_point_lacks_was_asked_for_all_the_same() {
    let mut scene = Scene::new();
    scene.exchange("HEAD", "/SMS_DP_SMSPKG$/PS100001", 404);
    assert!(scene.found("http-client").is_empty(), "any web server says so");
    scene.flow(OTHER, SERVER, 80).exchange("HEAD", "/SMS_DP_SMSPKG$/PS100002", 200);
    let found = scene.found("http-client");
    assert_eq!(found.iter().map(|finding| finding.source).collect::<Vec<_>>(), [addr(CLIENT), addr(OTHER)]);
}

#[test]
fn a_server_that_closes_in_answer_to_the_hello_has_refused_tls() {
    for (bytes, expected) in [(0, 1), (1_500, 0)] {
        let mut scene = Scene::new();
        scene.flow(CLIENT, SERVER, 443).up(TlsEvent::ClientHello(Box::default()));
        scene.ends(|end| end.to_client = capture::Traffic { packets: 3, bytes });
        scene.wait(20).flow(CLIENT, SERVER, 80).message(policy());
        assert_eq!(scene.found("http-fallback").len(), expected, "{bytes}");
    }
}

#[test]
fn plain_http_soon_after_failed_tls_is_a_fallback() {
    for (seconds, expected) in [(20, 1), (1_000, 0)] {
        let mut scene = Scene::new();
        scene.flow(CLIENT, SERVER, 443).up(TlsEvent::Alert { level: 2, description: 48 }).end(false);
        scene.wait(seconds).flow(CLIENT, SERVER, 80).message(policy());
        assert_eq!(scene.found("http-fallback").len(), expected, "{seconds} s");
    }
}

#[test]
fn a_failed_attempt_counts_from_its_beginning_though_its_end_is_seen_late() {
    let mut scene = Scene::new();
    let began = scene.flow(CLIENT, SERVER, 443).moment();
    scene.wait(30).flow(CLIENT, SERVER, 80).exchange("GET", "/SMS_MP/.sms_aut?MPLIST", 200);
    assert!(scene.found("http-fallback").is_empty());
    scene.wait(900).flow(CLIENT, SERVER, 443).end_of(began, true);
    assert!(scene.one("http-fallback").evidence().iter().any(|evidence| evidence.at == began));
}

#[test]
fn where_the_clock_stands_still_the_frames_tell_what_came_first() {
    let mut scene = Scene::new();
    scene.flow(CLIENT, SERVER, 80).exchange("GET", "/SMS_MP/.sms_aut?MPLIST", 200);
    scene.flow(CLIENT, SERVER, 443).end(true);
    assert!(scene.found("http-fallback").is_empty());
    scene.flow(CLIENT, SERVER, 80).exchange("GET", "/SMS_MP/.sms_aut?MPLIST", 200);
    assert_eq!(scene.found("http-fallback").len(), 1);
}

#[test]
fn failed_tls_with_a_stranger_is_no_fallback() {
    let mut scene = Scene::new();
    scene.flow(CLIENT, OTHER, 443).end(true).wait(5).flow(CLIENT, SERVER, 80).message(policy());
    assert!(scene.found("http-fallback").is_empty());
}

#[test]
fn notification_over_http_is_told_as_a_fact() {
    let mut scene = Scene::new();
    scene.exchange("CCM_POST", "/bgb/handler.ashx?RequestType=LogIn", 200);
    assert_eq!(scene.one("bgb-fallback").confidence, Confidence::Likely);
    assert!(scene.found("http-client").is_empty());
    let mut scene = Scene::new();
    scene.flow(CLIENT, SERVER, 10123).end(true).wait(5).flow(CLIENT, SERVER, 80);
    scene.exchange("CCM_POST", "/bgb/handler.ashx?RequestType=LogIn", 200);
    let finding = scene.one("bgb-fallback");
    assert_eq!((finding.severity, finding.confidence), (Severity::Info, Confidence::Certain));
    assert!(finding.evidence().iter().any(|evidence| evidence.what.contains("refused")));
}

#[test]
fn update_metadata_is_reported_and_update_files_are_not() {
    let mut scene = Scene::new();
    let file = "/Content/AB/0123456789ABCDEF0123456789ABCDEF01234567.cab";
    scene.flow(CLIENT, SERVER, 8530).exchange("GET", file, 200);
    assert!(scene.findings().is_empty(), "{:#?}", scene.findings());
    scene.flow(CLIENT, OTHER, 80).request("GET", "/SelfUpdate/wuident.cab");
    assert_eq!(scene.found("sup-http").len(), 1, "the agent's own update");
    let mut scene = Scene::new();
    scene.flow(CLIENT, SERVER, 8530).exchange("POST", "/ClientWebService/client.asmx", 200);
    assert_eq!(scene.one("sup-http").severity, Severity::Medium);
    assert!(scene.found("http-client").is_empty());
}

#[test]
fn the_vendors_own_update_service_is_nobodys_software_update_point() {
    let ask = |host: &str| {
        let mut scene = Scene::new();
        let request = HttpRequest {
            method: "POST".to_owned(),
            uri: "/ClientWebService/client.asmx".to_owned(),
            host: Some(host.to_owned()),
            ..HttpRequest::default()
        };
        scene.up(HttpEvent::Request(Box::new(request)));
        scene.found("sup-http").len()
    };
    assert_eq!(ask("fe2.update.microsoft.com"), 0);
    assert_eq!(ask("www.update.microsoft.com:80"), 0);
    assert_eq!(ask("microsoft.com.example.test"), 1);
}

#[test]
fn channels_are_split_by_purpose_and_graded_by_protection() {
    let mut scene = Scene::new();
    let mut sealed = signed(message("MP_HinvEndpoint", Content::Unread), "key", "GUID:1");
    sealed.encrypted = true;
    scene.message(sealed).message(policy()).exchange("GET", "/SMS_DP_SMSPKG$/PS100001", 200);
    let grades: Vec<_> = scene.channels().iter().map(|channel| (channel.purpose, channel.grade)).collect();
    let expected = [
        (Purpose::Policy, Grade::Insecure),
        (Purpose::Inventory, Grade::Weak),
        (Purpose::Content, Grade::Weak),
    ];
    assert_eq!(grades, expected);
}

#[test]
fn an_ntlm_logon_makes_the_channel_of_the_messages_it_was_for_insecure() {
    let mut scene = Scene::new();
    scene.request("CCM_POST", "/ccm_system_windowsauth/request").up(logon("PC1$", Response::NtlmV2));
    scene.message(message("MP_LocationManager", Content::Unread)).answer(200);
    let [channel] = &scene.channels()[..] else { panic!("one channel") };
    assert_eq!((channel.purpose, channel.grade), (Purpose::Location, Grade::Insecure));
}

#[test]
fn inventory_that_is_only_signed_is_insecure() {
    let mut scene = Scene::new();
    let body = Content::Inventory(ReportBody::default());
    scene.message(signed(message("MP_HinvEndpoint", body), "key", "GUID:1"));
    assert_eq!(scene.channels()[0].grade, Grade::Insecure);
}
