//! What curl and nginx really sent.

use super::*;
use crate::harness::talk;

macro_rules! sample {
    ($name:literal) => {
        talk(include_bytes!(concat!("../testdata/", $name, ".talk")))
    };
}

#[test]
fn real_connections_are_read_however_they_are_cut() {
    for (talk, expected) in [
        (sample!("plain"), "0>GET /SMS_MP/.sms_aut?MPLIST 0<200 Ccm(SiteData(SiteData { exchange: Some(0),"),
        (sample!("body"), "0>GET /package.bin 0<200"),
        (sample!("post"), "0>POST /ccm_system/request !boundary Ccm(Message(CcmMessage { exchange: 0,"),
    ] {
        let story = story(&talk);
        assert!(story.starts_with(expected), "{story}");
        splits_do_not_matter(PORT, &talk);
    }
    let answered = story(&sample!("post"));
    assert!(answered.contains(" 0<200 !boundary Ccm(Reply(CcmReply { exchange: Some(0),"), "{answered}");
    damage_does_no_harm(PORT, &sample!("plain"));
}

#[test]
fn real_logon_is_read() {
    let events = harness::events(PORT, &sample!("refused"));
    let [(_, Event::Http(HttpEvent::Request(ask))), (ToServer, Event::Ntlmssp(_)), (_, Event::Http(answer))] =
        events.as_slice()
    else {
        panic!("{events:?}")
    };
    assert_eq!(ask.user_agent.as_deref(), Some("ConfigMgr Messaging HTTP Sender"));
    assert_eq!(
        (ask.host.as_deref(), ask.auth_scheme.as_deref()),
        (Some("127.0.0.1:8082"), Some("negotiate"))
    );
    let HttpEvent::Response(answer) = answer else { panic!("{answer:?}") };
    assert_eq!((answer.status_code, answer.server.as_deref()), (401, Some("nginx/1.22.1")));
    assert_eq!(answer.auth_offered, ["negotiate"]);
}
