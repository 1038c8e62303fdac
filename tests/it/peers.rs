//! The captures in `samples/opened`: TLS between real peers, with keys. What the program reads inside is what tshark
//! shows with the same keys (`expect.json` of each); the bytes themselves are compared in `decoders`.

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};

use serde::Deserialize;
use serde_json::{Value, json};

use crate::program::{root, run};

/// What tshark shows of a capture.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Expected {
    why: String,
    client: String,
    server: String,
    capture: String,
    connections: Vec<Connection>,
    requests: Vec<String>,
    responses: Vec<u64>,
    /// What it showed before the capture or its keys were harmed.
    whole: Option<Http>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Connection {
    client_port: u16,
    version: Option<String>,
    suite: Option<String>,
    resumed: bool,
    to_server: Side,
    to_client: Side,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Side {
    bytes: u64,
    #[expect(dead_code, reason = "compared where the bytes are at hand")]
    sha256: String,
}

/// Requests as `METHOD URI` and statuses of responses, in their order.
#[derive(Debug, Default, Deserialize, PartialEq, Eq)]
#[serde(deny_unknown_fields)]
struct Http {
    requests: Vec<String>,
    responses: Vec<u64>,
}

impl Expected {
    fn http(&self) -> Http {
        Http { requests: self.requests.clone(), responses: self.responses.clone() }
    }
}

/// A capture with one way to give its keys.
struct Case {
    name: String,
    capture: PathBuf,
    keys: Vec<OsString>,
    expected: Expected,
}

impl Case {
    fn events(&self) -> Vec<Value> {
        let mut args = vec![OsString::from("events"), self.capture.clone().into()];
        args.extend(self.keys.iter().cloned());
        run(args).lines()
    }

    fn report(&self) -> Value {
        let mut args: Vec<OsString> = ["check", "--format", "json"].map(OsString::from).into();
        args.push(self.capture.clone().into());
        args.extend(self.keys.iter().cloned());
        run(args).json()
    }

    fn without_keys(&self) -> Vec<Value> {
        run(["events".as_ref(), self.capture.as_os_str()]).lines()
    }

    /// Whether tshark opens anything of it.
    fn opens(&self) -> bool {
        let sides = self.expected.connections.iter().flat_map(|one| [&one.to_server, &one.to_client]);
        sides.map(|side| side.bytes).sum::<u64>() > 0
    }
}

fn ways(folder: &Path) -> Vec<Vec<OsString>> {
    let files = [("--keylog", "keys.log"), ("--server-key", "server.key")];
    let given = files.map(|(flag, file)| (flag, folder.join(file)));
    let mut ways: Vec<Vec<OsString>> = given
        .into_iter()
        .filter(|(_, file)| file.is_file())
        .map(|(flag, file)| vec![flag.into(), file.into()])
        .collect();
    if ways.is_empty() {
        ways.push(Vec::new());
    }
    ways
}

fn cases() -> Vec<Case> {
    let entries = fs::read_dir(root().join("samples/opened")).unwrap();
    let mut folders: Vec<_> = entries.map(|entry| entry.unwrap().path()).collect();
    folders.retain(|folder| folder.join("expect.json").is_file());
    folders.sort();
    let mut cases = Vec::new();
    for folder in folders {
        for keys in ways(&folder) {
            let text = fs::read_to_string(folder.join("expect.json")).unwrap();
            let expected: Expected =
                serde_json::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
            let name = folder.file_name().unwrap().to_string_lossy().into_owned();
            cases.push(Case { name, capture: folder.join(&expected.capture), keys, expected });
        }
    }
    assert!(cases.len() > 90, "samples are missing");
    cases
}

fn named(name: &str) -> Case {
    cases().into_iter().find(|case| case.name == name).unwrap_or_else(|| panic!("no sample {name}"))
}

fn http(events: &[Value]) -> Http {
    let of = |kinds: [&'static str; 2]| {
        events.iter().filter(move |event| event["event"].as_str().is_some_and(|event| kinds.contains(&event)))
    };
    let text = |event: &Value, field: &str| event[field].as_str().unwrap_or_default().to_owned();
    Http {
        requests: of(["http_request", "http2_request"])
            .map(|event| format!("{} {}", text(event, "method"), text(event, "uri")))
            .collect(),
        responses: of(["http_response", "http2_response"])
            .map(|event| event["status_code"].as_u64().unwrap_or_default())
            .collect(),
    }
}

fn is_decrypted(event: &Value) -> bool {
    event["decrypted"] == true
}

/// Whether all of `few` stand in `many`, in the same order.
fn is_among<T: PartialEq>(few: &[T], many: &[T]) -> bool {
    let mut many = many.iter();
    few.iter().all(|one| many.any(|other| other == one))
}

#[test]
fn what_is_read_inside_tls_is_what_tshark_shows() {
    let mut wrong = Vec::new();
    for case in cases().iter().filter(|case| case.expected.whole.is_none()) {
        let read = http(&case.events());
        if read != case.expected.http() {
            wrong.push(format!("{} {:?}: {read:?}, not {:?}", case.name, case.keys, case.expected.http()));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn searches_in_a_directory_are_read_inside_tls() {
    for version in ["1.2", "1.3"] {
        let events = named(&format!("ldaps-{version}")).events();
        let one =
            |kind: &str| events.iter().rfind(|event| event["event"] == kind).cloned().unwrap_or_default();
        let (search, result) = (one("ldap_search"), one("ldap_result"));
        assert!(is_decrypted(&search) && is_decrypted(&result), "{version}: {events:?}");
        assert_eq!(search["classes"], json!(["mSSMSManagementPoint"]), "{version}");
        assert_eq!((&result["code"], &result["entries"]), (&json!(0), &json!(1)), "{version}");
    }
}

#[test]
fn all_that_is_read_inside_tls_is_marked_as_decrypted() {
    for case in cases().iter().filter(|case| !case.expected.connections.is_empty()) {
        let events = case.events();
        let inside = |event: &&Value| {
            event["event"].as_str().is_some_and(|kind| kind.starts_with("http") || kind.starts_with("ccm"))
        };
        let unmarked: Vec<_> = events.iter().filter(inside).filter(|event| !is_decrypted(event)).collect();
        assert!(unmarked.is_empty(), "{}: {unmarked:?}", case.name);
    }
}

#[test]
fn harmed_captures_show_no_less_than_in_tshark_and_nothing_that_was_not_there() {
    let mut harmed = 0;
    for case in cases() {
        let Some(whole) = &case.expected.whole else { continue };
        harmed += 1;
        let (read, least) = (http(&case.events()), case.expected.http());
        let (requests, responses) = (&read.requests, &read.responses);
        assert!(
            is_among(&least.requests, requests) && is_among(requests, &whole.requests),
            "{}: {read:?}",
            case.name
        );
        assert!(
            is_among(&least.responses, responses) && is_among(responses, &whole.responses),
            "{}: {read:?}",
            case.name
        );
        // A lost or a damaged record is never passed over in silence.
        assert!(read != *whole || !case.name.starts_with("mangle"), "{}: {read:?}", case.name);
    }
    assert!(harmed > 8, "samples are missing");
}

#[test]
fn a_lost_segment_costs_only_the_messages_that_it_held() {
    for version in ["1.2", "1.3"] {
        let client = http(&named(&format!("drop-client-{version}")).events());
        assert_eq!((client.requests.len(), client.responses.len()), (3, 4), "{version}");
        let server = http(&named(&format!("drop-server-{version}")).events());
        assert_eq!((server.requests.len(), server.responses.len()), (4, 3), "{version}");
    }
}

#[test]
fn a_mangled_record_gives_an_anomaly_and_never_a_plaintext() {
    for case in cases().iter().filter(|case| case.name.starts_with("mangle")) {
        let events = case.events();
        let anomaly = |event: &&Value| event["event"] == "anomaly" || event["event"] == "malformed";
        assert!(events.iter().any(|event| anomaly(&event)), "{}: {events:?}", case.name);
    }
}

#[test]
fn keys_of_one_side_open_that_side() {
    let case = named("keylog-one-way");
    let read = http(&case.events());
    assert_eq!(read.requests, case.expected.whole.as_ref().unwrap().requests);
    assert!(read.responses.is_empty());
}

#[test]
fn wrong_keys_open_nothing() {
    let sealed: Vec<_> =
        cases().into_iter().filter(|case| !case.opens() && case.expected.whole.is_none()).collect();
    let names: Vec<_> = sealed.iter().map(|case| case.name.as_str()).collect();
    assert_eq!(names, ["keylog-other", "keylog-wrong", "plain", "server-key-other", "server-key-useless"]);
    for case in sealed {
        assert_eq!(case.events().iter().filter(|event| is_decrypted(event)).count(), 0, "{}", case.name);
    }
    assert_eq!(
        named("joined").events().iter().filter(|event| is_decrypted(event)).count(),
        0,
        "no handshake seen"
    );
}

#[test]
fn nothing_is_opened_without_keys() {
    for case in cases().iter().filter(|case| !case.keys.is_empty()) {
        let events = case.without_keys();
        assert!(!events.iter().any(is_decrypted), "{}", case.name);
        assert_eq!(http(&events), Http::default(), "{}", case.name);
    }
}

#[test]
fn version_and_suite_are_those_that_tshark_shows() {
    for case in cases() {
        let events = case.events();
        for connection in &case.expected.connections {
            let hello = events.iter().find(|event| {
                event["event"] == "tls_server_hello"
                    && event["orig_p"] == connection.client_port
                    && event["hello_retry"] != true
            });
            let version = hello.map(|hello| match hello["version"].as_str() {
                Some("0x0301") => "TLS 1.0",
                Some("0x0302") => "TLS 1.1",
                Some("0x0303") => "TLS 1.2",
                Some("0x0304") => "TLS 1.3",
                other => panic!("{}: {other:?}", case.name),
            });
            assert_eq!(version, connection.version.as_deref(), "{}", case.name);
            let suite = hello.and_then(|hello| hello["cipher"].as_str());
            assert_eq!(suite, connection.suite.as_deref(), "{}", case.name);
            let resumed = hello.is_some_and(|hello| hello["resumed"] == true);
            // TLS 1.3 does not say so in the clear in a way that the event shows.
            assert!(resumed == connection.resumed || version == Some("TLS 1.3"), "{}", case.name);
        }
    }
}

/// What a conversation came to, apart from where and when it was.
fn gist(events: &[Value]) -> Vec<Value> {
    let kept =
        ["event", "method", "uri", "status_code", "content_type", "query", "site_code", "path", "answers"];
    let inside = events.iter().filter(|event| {
        let kind = event["event"].as_str().unwrap_or_default();
        !kind.starts_with("tls") && !["flow", "capture", "tcp"].contains(&kind)
    });
    inside
        .map(|event| {
            let mut gist: serde_json::Map<_, _> =
                kept.iter().map(|field| ((*field).to_owned(), event[*field].clone())).collect();
            let kind = event["event"].as_str().unwrap_or_default().replace("http2_", "http_");
            gist.insert("event".to_owned(), kind.into());
            gist.insert("endpoint".to_owned(), event["header"]["target_endpoint"].clone());
            gist.insert("signed".to_owned(), event["signature"].clone());
            Value::Object(gist)
        })
        .collect()
}

#[test]
fn an_opened_conversation_reads_like_its_twin_in_plain_http() {
    let twin = gist(&named("plain").events());
    assert!(twin.iter().any(|event| event["endpoint"] == "StatusReceiver"), "{twin:?}");
    for name in [
        "python-1.0",
        "python-1.2",
        "python-1.3",
        "nginx-curl-1.2",
        "nginx-curl-1.3",
        "cbc-mte-1.2",
        "h2-1.2",
        "h2-1.3",
    ] {
        assert_eq!(gist(&named(name).events()), twin, "{name}");
    }
}

fn purposes(report: &Value) -> Vec<Value> {
    report["channels"].as_array().unwrap().iter().map(|channel| channel["purpose"].clone()).collect()
}

#[test]
fn an_opened_conversation_has_the_channels_of_its_twin() {
    let twin = purposes(&named("plain").report());
    assert_eq!(twin, ["location", "status"]);
    for name in ["python-1.0", "nginx-curl-1.2", "nginx-curl-1.3", "resumed-psk-1.3", "h2-1.3"] {
        assert_eq!(purposes(&named(name).report()), twin, "{name}");
    }
}

#[test]
fn a_client_certificate_is_seen_wherever_the_server_asks_for_it() {
    let finds = |name: &str| {
        let report = named(name).report();
        let findings = report["findings"].as_array().unwrap();
        findings.iter().any(|finding| finding["rule"] == "tls-noclientauth")
    };
    for name in ["mutual-1.2", "mutual-1.3", "later-certificate", "renegotiated-whole"] {
        assert!(!finds(name), "{name}: the client proved its certificate");
    }
    for name in ["nginx-curl-1.2", "nginx-curl-1.3", "h2-1.3"] {
        assert!(finds(name), "{name}: nobody asked for one");
    }
}

#[test]
fn what_was_opened_is_part_of_the_coverage() {
    let notes = |name: &str| named(name).report()["coverage"].to_string();
    assert!(notes("nginx-curl-1.3").contains("opened"), "{}", notes("nginx-curl-1.3"));
    assert!(notes("keylog-other").contains("not opened"), "{}", notes("keylog-other"));
}

#[test]
fn every_peer_speaks_every_version_that_it_knows() {
    let cases = cases();
    let spoken = |peer: &str, version: &str| {
        cases.iter().any(|case| {
            let Expected { why, client, server, connections, .. } = &case.expected;
            assert!(why.len() > 10, "{}: say why", case.name);
            let speaks = connections.iter().any(|one| one.version.as_deref() == Some(version));
            speaks && case.opens() && (client.contains(peer) || server.contains(peer))
        })
    };
    for peer in ["OpenSSL", "nginx", "curl", "Python", "rustls"] {
        for version in ["TLS 1.0", "TLS 1.1", "TLS 1.2", "TLS 1.3"] {
            // rustls begins with TLS 1.2.
            let known = peer != "rustls" || version > "TLS 1.1";
            assert_eq!(spoken(peer, version), known, "{peer}, {version}");
        }
    }
}

#[test]
fn every_suite_that_rustls_has_is_opened() {
    let suites: Vec<_> = cases()
        .into_iter()
        .filter(Case::opens)
        .flat_map(|case| case.expected.connections)
        .filter_map(|connection| connection.suite)
        .collect();
    for suite in [
        "0x1301", "0x1302", "0x1303", "0xc02b", "0xc02c", "0xcca9", "0xc02f", "0xc030", "0xcca8", "0x009c",
        "0x009d",
    ] {
        assert!(suites.iter().any(|have| have == suite), "{suite}");
    }
}
