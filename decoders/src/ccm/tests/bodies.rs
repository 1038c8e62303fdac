use capture::Direction;

use super::sample::*;
use crate::ccm::*;
use crate::{Event, Limits};

#[test]
fn a_status_message_says_who_and_what_and_keeps_no_command_line() {
    let events =
        said(&request(), &body(&header("StatusReceiver", ZLIB_HOOK), &zlib(&payload(STATUS))), false);
    let (message, _) = message_of(&events);
    assert_eq!((message.exchange, message.path.as_str()), (7, "/ccm_system/request"));
    let Content::Status(status) = &message.content else { panic!("{message:?}") };
    assert_eq!(status.class.as_deref(), Some("CCM_ServiceHost_LowMemoryMode_Enter"));
    assert_eq!(status.client_id.as_deref(), Some(SOURCE_ID));
    assert_eq!(status.machine_name.as_deref(), Some("WKS-0042"));
    assert_eq!(status.site_code.as_deref(), Some("ABC"));
    assert_eq!(status.severity.as_deref(), Some("1"));
    assert!(!format!("{events:?}").contains("hunter2"));

    let header = message.header.unwrap();
    assert_eq!(header.hooks, ["zlib-compress"]);
    assert_eq!(header.source_id.as_deref(), Some(SOURCE_ID));
    assert_eq!(header.file_type.as_deref(), Some("SMX"));
    assert_eq!(header.body_length, Some(670));
    assert_eq!(header.reply_mode.as_deref(), Some("Async"));
    assert_eq!(header.sent_time.as_deref(), Some("2025-01-02T03:04:05Z"));
}

#[test]
fn the_excerpt_shows_the_hooks_of_an_unsigned_message_and_the_endpoint_of_a_signed_one() {
    let bytes = zlib(&payload(STATUS));
    let excerpt = |hooks: &str| {
        let events = said(&request(), &body(&header("StatusReceiver", hooks), &bytes), false);
        let excerpt = events.said.first().unwrap().excerpt.clone();
        assert!(excerpt.len() <= Limits::default().excerpt);
        crate::utf16_le(&excerpt)
    };
    assert_eq!(excerpt(ZLIB_HOOK), "<Hooks><Hook3 Name=\"zlib-compress\" /></Hooks>");
    let signed = ClientAuth::over(&bytes).hook();
    assert_eq!(excerpt(&signed), "<TargetEndpoint>StatusReceiver</TargetEndpoint>");
    let token = "<Hook2 Name=\"clientauth\"><Property Name=\"Token\"><![CDATA[ClientToken:secret]]></Property></Hook2>";
    assert_eq!(excerpt(token), "<TargetEndpoint>StatusReceiver</TargetEndpoint>");
    assert_eq!(excerpt("<Hook Name=\"x\">secret</Hook>"), "<TargetEndpoint>StatusReceiver</TargetEndpoint>");
    assert_eq!(
        excerpt("<Hook Name=\"x\" y=\"secret\" />"),
        "<TargetEndpoint>StatusReceiver</TargetEndpoint>"
    );
}

#[test]
fn signatures_keys_and_tokens_stay_out_of_events() {
    let bytes = zlib(&payload(STATUS));
    let auth = ClientAuth::over(&bytes);
    let token = "<Hook2 Name=\"clientauth\"><Property Name=\"Token\"><![CDATA[ClientToken:GUID:1;now\r\n\
                 ClientTokenSignature:CAFE]]></Property></Hook2>";
    let events = said(&request(), &body(&header("StatusReceiver", &auth.hook()), &bytes), false);
    let shown = format!("{events:?}");
    assert!(!shown.contains(&auth.payload) && !shown.contains(&auth.id) && !shown.contains(&auth.public_key));
    let events = said(&request(), &body(&header("MP_PolicyManager", token), &bytes), false);
    assert!(!format!("{events:?}").contains("CAFE"));
    let (message, _) = message_of(&events);
    assert!(message.header.unwrap().token);
    assert_eq!(message.signature.verdict, Verdict::Absent, "a token does not cover the payload");
}

#[test]
fn any_boundary_and_order_is_read() {
    let plain = body(&header("StatusReceiver", ""), &payload(STATUS));
    let other = String::from_utf8_lossy(BOUNDARY.as_bytes()).into_owned();
    let cases = [
        Some(format!("multipart/mixed; boundary={other}")),
        Some(format!("multipart/mixed;charset=x; BOUNDARY=\"{other}\" ; more=1")),
        Some("multipart/mixed; boundary=wrong".to_owned()),
        Some("text/plain".to_owned()),
        None,
    ];
    for content_type in cases {
        let request = HttpRequest { content_type, ..request() };
        let (message, anomalies) = message_of(&said(&request, &plain, false));
        assert_eq!(anomalies, []);
        assert!(matches!(message.content, Content::Status(_)), "{request:?}");
    }
}

#[test]
fn state_messages_are_counted_by_topic() {
    let state = "<?xml version=\"1.0\" encoding=\"utf-16\"?><Report><ReportHeader><Identification><Machine>\
        <ClientInstalled>1</ClientInstalled><ClientID>GUID:1</ClientID><NetBIOSName>WKS-0042</NetBIOSName>\
        </Machine></Identification><ReportDetails><ReportContent>State Message Data</ReportContent>\
        <ReportType>Full</ReportType></ReportDetails></ReportHeader><ReportBody>\
        <StateMessage><Topic ID=\"a\" Type=\"500\" IDType=\"3\" /></StateMessage>\
        <StateMessage><Topic ID=\"b\" Type=\"500\" IDType=\"3\" /></StateMessage>\
        <StateMessage><Topic ID=\"c\" Type=\"7200\" IDType=\"0\" /></StateMessage></ReportBody></Report>";
    let sent = message(&body(&header("MP_RelayEndpoint", ""), &payload(state)));
    let Content::State(report) = sent.content else { panic!() };
    assert_eq!((report.state_messages, report.topic_types), (3, vec!["500".to_owned(), "7200".to_owned()]));
    assert_eq!(report.client_id.as_deref(), Some("GUID:1"));
    assert_eq!(report.client_installed.as_deref(), Some("1"));

    // The same report to a fallback status point: 8-bit, neither multipart nor NUL.
    let request = HttpRequest { method: "POST".to_owned(), uri: "/SMS_FSP/.sms_fsp".to_owned(), ..request() };
    let events = said(&request, state.as_bytes(), false);
    let [(_, Event::Ccm(CcmEvent::Fsp(fsp)))] = events.said()[..] else { panic!("{events:?}") };
    assert_eq!(fsp.report.state_messages, 3);
    assert_eq!(fsp.report.netbios_name.as_deref(), Some("WKS-0042"));
}

#[test]
fn an_attachment_behind_the_text_is_left_alone() {
    let mut bytes = payload(
        "<Report><ReportHeader><ReportDetails><ReportContent>Inventory Data</ReportContent>\
        </ReportDetails></ReportHeader></Report>",
    );
    bytes.truncate(bytes.len() - 2);
    bytes.extend_from_slice(&[0xFF, 0xFE]);
    bytes.extend_from_slice(&signature::utf16("<Report><ReportBody>much</ReportBody></Report>"));
    bytes.extend_from_slice(b"\r\n");
    let sent = message(&body(&header("MP_HinvEndpoint", ZLIB_HOOK), &zlib(&bytes)));
    let Content::Inventory(report) = sent.content else { panic!() };
    assert_eq!(report.content.as_deref(), Some("Inventory Data"));
}

#[test]
fn policy_and_location_requests_name_site_and_client() {
    let policy = "<RequestAssignments SchemaVersion=\"1.00\" RequestType=\"Always\"><Identification><Machine>\
        <ClientID>GUID:1</ClientID><FQDN>wks-0042.example.test</FQDN><NetBIOSName>WKS-0042</NetBIOSName>\
        </Machine><User /></Identification><PolicySource>SMS:ABC</PolicySource>\
        <Resource ResourceType=\"Machine\" /><ServerCookie /></RequestAssignments>";
    let sent = message(&body(&header("MP_PolicyManager", ""), &payload(policy)));
    let Content::Policy(request) = sent.content else { panic!() };
    assert_eq!(request.policy_source.as_deref(), Some("SMS:ABC"));
    assert_eq!(request.fqdn.as_deref(), Some("wks-0042.example.test"));
    assert_eq!(request.resource_type.as_deref(), Some("Machine"));

    let location = "<ContentLocationRequest><Package ID=\"ABC00001\" /><AssignedSite SiteCode=\"ABC\" />\
        </ContentLocationRequest>";
    let sent = message(&body(&header("MP_LocationManager", ""), &payload(location)));
    let expected =
        Content::Location { root: "ContentLocationRequest".to_owned(), site_code: Some("ABC".to_owned()) };
    assert_eq!(sent.content, expected);
}

#[test]
fn a_message_without_msg_is_its_own_content() {
    let mut bytes = format!("--{BOUNDARY}\r\ncontent-type: text/plain; charset=UTF-16\r\n\r\n").into_bytes();
    bytes.extend_from_slice(&[0xFF, 0xFE]);
    bytes.extend_from_slice(&signature::utf16("<UploadRequest NetworkType=\"Intranet\"></UploadRequest>"));
    bytes.extend_from_slice(format!("\r\n--{BOUNDARY}--").as_bytes());
    let sent = message(&bytes);
    assert_eq!((sent.header, sent.content), (None, Content::Other("UploadRequest".to_owned())));
}

fn reply(request: &HttpRequest, response: &HttpResponse, bytes: &[u8]) -> Events {
    let mut out = Events::new(Limits::default());
    let asked = Asked { endpoint: Some("MP_PolicyManager".to_owned()) };
    let body = Body { bytes, incomplete: false };
    read_response(request, &asked, response, body, Direction::ToClient, &mut out);
    out
}

fn reply_to_message(text: &str) -> CcmReply {
    let header = "<Msg><ReplyMode>NoReply</ReplyMode></Msg>";
    let bytes = body(header, &zlib(&payload(text)));
    let events = reply(&request(), &response(), &bytes);
    let [(Direction::ToClient, Event::Ccm(CcmEvent::Reply(reply)))] = events.said()[..] else {
        panic!("{events:?}")
    };
    reply.as_ref().clone()
}

#[test]
fn replies_say_what_the_site_decided() {
    let registered = reply_to_message(
        "<ClientRegistrationResponse ResponseType=\"Registration\" Status=\"0\" SMSID=\"GUID:1\" ApprovalStatus=\"1\"/>",
    );
    assert_eq!(registered.smsid.as_deref(), Some("GUID:1"));
    assert_eq!(registered.registration_status.as_deref(), Some("0"));
    assert_eq!(registered.approval_status.as_deref(), Some("1"));
    assert_eq!(registered.reply_mode.as_deref(), Some("NoReply"));

    let policy = reply_to_message(
        "<ReplyAssignments><PolicySource>SMS:ABC</PolicySource>\
         <PolicyAssignment><Policy PolicyFlags=\"6\"><PolicyLocation><![CDATA[http://<mp>/SMS_MP/.sms_pol?x]]>\
         </PolicyLocation></Policy></PolicyAssignment>\
         <PolicyAssignment><Policy PolicyFlags=\"16\" /></PolicyAssignment></ReplyAssignments>",
    );
    assert_eq!((policy.policy_assignments, policy.secret_policies), (2, 1));
    assert_eq!(policy.site_code.as_deref(), Some("ABC"));
    assert!(policy.urls.is_empty());
    assert_eq!(policy.answers.as_deref(), Some("MP_PolicyManager"));

    let content = reply_to_message(
        "<ContentLocationReply><Sites><Site><MPSite SiteCode=\"ABC\" /><LocationRecords>\
         <LocationRecord><URL Name=\"http://dp1.example.test/SMS_DP_SMSPKG$/ABC00001?sig=secret\" /></LocationRecord>\
         <LocationRecord><URL Name=\"HTTPS://dp2.example.test/SMS_DP_SMSPKG$/ABC00001\" /></LocationRecord>\
         </LocationRecords></Site></Sites></ContentLocationReply>",
    );
    let urls = [
        "http://dp1.example.test/SMS_DP_SMSPKG$/ABC00001",
        "HTTPS://dp2.example.test/SMS_DP_SMSPKG$/ABC00001",
    ];
    assert_eq!(content.urls, urls);
}

#[test]
fn an_empty_success_is_a_refusal_and_an_error_is_no_reply() {
    let events = reply(&request(), &response(), b"");
    let [(_, Event::Ccm(CcmEvent::Reply(empty)))] = events.said()[..] else { panic!() };
    assert!(empty.empty);
    let refused = HttpResponse { status_code: 401, ..response() };
    assert!(reply(&request(), &refused, b"<html>").said().is_empty());
}

#[test]
fn site_data_names_management_points_and_keys() {
    let ask = |query: &str, answer: &str| {
        let request =
            HttpRequest { method: "GET".to_owned(), uri: format!("/SMS_MP/.sms_aut?{query}"), ..request() };
        assert_eq!(interest(&request), Interest { request_body: false, response_body: true });
        let events = reply(&request, &response(), answer.as_bytes());
        let [(_, Event::Ccm(CcmEvent::SiteData(data)))] = events.said()[..] else { panic!("{events:?}") };
        data.as_ref().clone()
    };
    let list = ask(
        "mplist&ABC",
        "<MPList><MP Name=\"MP1\" FQDN=\"mp1.example.test\"><Version>9128</Version><Capabilities>\
         <Property Name=\"SSLState\" Value=\"63\"/></Capabilities></MP><MP Name=\"MP2\"><FQDN>mp2.example.test</FQDN>\
         </MP><MP Name=\"MP3\" /></MPList>",
    );
    assert_eq!((list.query.as_str(), list.site_code.as_deref()), ("MPLIST", Some("ABC")));
    let points = [("mp1.example.test", Some(63)), ("mp2.example.test", None), ("MP3", None)];
    assert_eq!(list.management_points, points.map(|(name, state)| (name.to_owned(), state)));

    let key = ask(
        "MPKEYINFORMATION",
        "<MPKEYINFORMATION><MACHINENAME>MP1</MACHINENAME><FQDN>mp1.example.test</FQDN><SITECODE>ABC</SITECODE>\
         <TRUSTEDROOTKEY>616263</TRUSTEDROOTKEY></MPKEYINFORMATION>",
    );
    // SHA-256 of "abc" (FIPS 180-2, appendix B.1).
    let abc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
    assert_eq!(key.root_key_sha256.as_deref(), Some(abc));
    assert_eq!(key.site_code.as_deref(), Some("ABC"));
    assert_eq!(key.management_points, [("mp1.example.test".to_owned(), None)]);
    let certificate = ask("SITESIGNCERT", "<X509Certificate>616263</X509Certificate>");
    assert_eq!(certificate.signing_certificate_sha256.as_deref(), Some(abc));
}

#[test]
fn notification_over_http_shows_that_it_is_signed() {
    let header = "<Message><SourceType>SCCM</SourceType><SourceID>GUID:1</SourceID><Hooks><Hook Name=\"Authentication\">\
        <Property Name=\"PayloadSignature\" Value=\"c2lnbmF0dXJl\" /></Hook></Hooks></Message>";
    let sign_in = "<BgbSignInMessage TimeStamp=\"x\"><ClientID>GUID:1</ClientID></BgbSignInMessage>";
    let mut bytes = 900_u32.to_le_bytes().to_vec();
    bytes.extend_from_slice(&4_u32.to_le_bytes());
    bytes.extend_from_slice(b"1234");
    bytes.extend_from_slice(&u32::try_from(header.len() + sign_in.len()).unwrap().to_le_bytes());
    bytes.extend_from_slice(&[1, 0, 1, 0]);
    bytes.extend_from_slice(&u32::try_from(header.len()).unwrap().to_le_bytes());
    bytes.extend_from_slice(&[0, 0]);
    bytes.extend_from_slice(header.as_bytes());
    bytes.extend_from_slice(sign_in.as_bytes());
    let request = HttpRequest { uri: "/bgb/handler.ashx?RequestType=Continue".to_owned(), ..request() };
    let (message, anomalies) = message_of(&said(&request, &bytes, false));
    assert_eq!(anomalies, []);
    assert_eq!(message.content, Content::Other("BgbSignInMessage".to_owned()));
    assert_eq!(message.signature.verdict, Verdict::NotVerifiable("no public key"));
    assert_eq!(message.header.unwrap().source_id.as_deref(), Some("GUID:1"));
    assert_eq!(message.payload_len, sign_in.len() as u64);
}

#[test]
fn a_message_of_which_nothing_was_captured_was_sent_all_the_same() {
    let (lost, anomalies) = message_of(&said(&request(), b"", true));
    assert!(lost.incomplete && lost.header.is_none() && anomalies.is_empty());
    assert_eq!(
        (lost.exchange, lost.path.as_str(), lost.content),
        (7, "/ccm_system/request", Content::Unread)
    );
    assert!(matches!(lost.signature.verdict, Verdict::NotVerifiable(_)));
    assert!(said(&request(), b"", false).said().is_empty(), "authentication takes several rounds");
}
