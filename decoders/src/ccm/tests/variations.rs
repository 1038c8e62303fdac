//! Messages that are written otherwise than usual, and mean the same.

use super::sample::*;
use crate::ccm::*;

#[test]
fn lines_of_a_body_may_end_without_a_carriage_return() {
    let bytes = zlib(&payload(STATUS));
    let mut lines = format!(
        "--x\ncontent-type: text/plain\n\n{}\n--x\ncontent-type: a/b\n\n",
        header("StatusReceiver", "")
    );
    lines = lines.replace(
        "<Hooks></Hooks>",
        &format!("<Hooks>{}{ZLIB_HOOK}</Hooks>", ClientAuth::over(&bytes).hook()),
    );
    let whole = [lines.as_bytes(), &bytes, b"\n--x--"].concat();
    for content_type in [None, Some("multipart/mixed; boundary=x".to_owned())] {
        let (message, anomalies) =
            message_of(&said(&HttpRequest { content_type, ..request() }, &whole, false));
        assert_eq!(anomalies, []);
        assert!(matches!(message.content, Content::Status(_)));
        assert!(matches!(message.signature.verdict, Verdict::Valid { .. }), "not one octet more is signed");
    }
}

#[test]
fn prefixes_and_namespaces_change_nothing() {
    let default =
        |text: &str, root: &str| text.replacen(&format!("<{root} "), &format!("<{root} xmlns=\"urn:x\" "), 1);
    let prefixed = |text: &str| text.replace("</", "<\0").replace('<', "<c:").replace("<c:\0", "</c:");
    let hooks = ClientAuth::over(&payload(STATUS)).hook();
    let plain = header("StatusReceiver", &hooks);
    let prefixed_status = prefixed(STATUS);
    let auth = ClientAuth::over(&payload(&prefixed_status)).hook();
    for (header, text) in [
        (default(&plain, "Msg"), STATUS.to_owned()),
        (prefixed(&header("StatusReceiver", &auth)), prefixed_status),
    ] {
        let message = message(&body(&header, &payload(&text)));
        assert!(matches!(message.signature.verdict, Verdict::Valid { .. }));
        assert_eq!(message.header.unwrap().target_endpoint.as_deref(), Some("StatusReceiver"));
        let Content::Status(status) = message.content else { panic!() };
        assert_eq!(status.class.as_deref(), Some("CCM_ServiceHost_LowMemoryMode_Enter"));
    }
}

#[test]
fn an_empty_token_is_none() {
    for property in ["<Property Name=\"Token\" Value=\"\"/>", "<Property Name=\"Token\"> </Property>"] {
        let hook = format!("<Hook2 Name=\"clientauth\">{property}</Hook2>");
        let message = message(&body(&header("MP_PolicyManager", &hook), &payload("<RequestAssignments/>")));
        assert!(!message.header.unwrap().token, "{property}");
    }
}
