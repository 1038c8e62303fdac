//! Opening against talks of a real TLS library (`testdata/make.py`) and of `rustls`, whole and harmed.

mod harm;
mod live;
mod rustls_talk;

use std::sync::Arc;

use capture::Direction;

use super::{Keys, Reading, ServerKeyError};
use crate::harness::talk;
use crate::harness::{self, Conversation};
use crate::tls::TlsEvent;
use crate::{Anomaly, Dispatch, Event, Limits, Record};

/// A talk with its key log.
struct Sample {
    name: &'static str,
    talk: &'static [u8],
    keys: &'static [u8],
}

macro_rules! samples {
    ($($name:literal)*) => {
        &[$(Sample {
            name: $name,
            talk: include_bytes!(concat!("testdata/", $name, ".talk")),
            keys: include_bytes!(concat!("testdata/", $name, ".keys")),
        }),*]
    };
}

const SAMPLES: &[Sample] = samples![
    "tls10-cbc" "tls10-cbc-etm" "tls11-cbc" "tls12-cbc" "tls12-cbc-etm" "tls12-gcm" "tls12-chacha" "tls12-rsa"
    "tls12-rsa-id" "tls13" "tls13-mutual" "tls13-retry"
];
const SERVER_KEY: &[u8] = include_bytes!("testdata/server.key");
const PLAIN: &[u8] = include_bytes!("testdata/plain.talk");

fn sample(name: &str) -> &'static Sample {
    SAMPLES.iter().find(|sample| sample.name == name).unwrap()
}

fn keys(log: &[u8]) -> Arc<Keys> {
    let keys = Keys::new(&Limits::default(), false);
    keys.add_log(log);
    Arc::new(keys)
}

fn server_keys(pem: &[u8]) -> Arc<Keys> {
    let mut keys = Keys::new(&Limits::default(), false);
    keys.add_server_key(pem).unwrap();
    Arc::new(keys)
}

fn dispatch(keys: &Arc<Keys>) -> Dispatch {
    Dispatch::new(Limits::default()).with_keys(Arc::clone(keys))
}

/// All records of conversations on port 443, one after the other.
fn records(keys: &Arc<Keys>, conversations: &[&Conversation]) -> Vec<Record> {
    let mut dispatch = dispatch(keys);
    for conversation in conversations {
        harness::converse(&mut dispatch, 443, conversation, |_| usize::MAX);
    }
    dispatch.records
}

/// What was read inside, TLS's own events aside.
fn inside(records: &[Record]) -> Vec<(Direction, Event)> {
    let inner =
        |record: &&Record| record.opened && !matches!(record.event, Event::Tls(_) | Event::Anomaly(_));
    records.iter().filter(inner).map(|record| (record.direction, record.event.clone())).collect()
}

/// What the same conversation says without TLS.
fn plain() -> Vec<(Direction, Event)> {
    let said = harness::events(80, &talk(PLAIN));
    assert!(said.len() >= 4, "a conversation that says nothing tests nothing");
    said
}

/// What became of each connection.
fn readings(records: &[Record]) -> Vec<Option<Reading>> {
    let reading = |record: &Record| match &record.event {
        Event::Flow(end) => Some(end.reading),
        _ => None,
    };
    records.iter().filter_map(reading).collect()
}

fn anomalies(records: &[Record]) -> Vec<&Anomaly> {
    let anomaly = |record| match record {
        &Record { event: Event::Anomaly(ref anomaly), .. } => Some(anomaly),
        _ => None,
    };
    records.iter().filter_map(anomaly).collect()
}

#[test]
fn every_sample_says_with_its_keys_what_its_plain_twin_says() {
    for sample in SAMPLES {
        let records = records(&keys(sample.keys), &[&talk(sample.talk)]);
        assert_eq!(inside(&records), plain(), "{}", sample.name);
        assert_eq!(readings(&records), [Some(Reading::Opened)], "{}", sample.name);
        assert!(anomalies(&records).is_empty(), "{}: {:?}", sample.name, anomalies(&records));
    }
}

#[test]
fn without_keys_nothing_is_read_and_everything_else_is_the_same() {
    for sample in SAMPLES {
        let conversation = talk(sample.talk);
        let none = records(&keys(b""), &[&conversation]);
        assert_eq!(readings(&none), [Some(Reading::NoKeys)], "{}", sample.name);
        let plain_tls = |records: &[Record]| -> Vec<Event> {
            let clear = |record: &&Record| !record.opened && !matches!(record.event, Event::Flow(_));
            records.iter().filter(clear).map(|record| record.event.clone()).collect()
        };
        let opened = records(&keys(sample.keys), &[&conversation]);
        assert!(none.iter().all(|record| !record.opened));
        assert_eq!(plain_tls(&none), plain_tls(&opened), "{}", sample.name);
    }
}

#[test]
fn splits_do_not_matter_to_what_is_opened() {
    for sample in SAMPLES {
        let (conversation, keys) = (talk(sample.talk), keys(sample.keys));
        let whole = records(&keys, &[&conversation]);
        let mut cuts = harness::Cuts::new();
        for round in 0..12 {
            let mut dispatch = dispatch(&keys);
            let size = |left| if round == 0 { 1 } else { cuts.next(left) };
            harness::converse(&mut dispatch, 443, &conversation, size);
            assert_eq!(dispatch.records, whole, "{}, round {round}", sample.name);
        }
    }
}

#[test]
fn server_key_opens_rsa_key_exchange_and_what_resumes_it() {
    let keys = server_keys(SERVER_KEY);
    for name in ["tls12-rsa", "tls12-rsa-id", "tls12-cbc-etm", "tls10-cbc-etm"] {
        assert_eq!(inside(&records(&keys, &[&talk(sample(name).talk)])), plain(), "{name}");
    }
    let resumed: [(&str, &[u8]); 2] = [
        ("tls12-rsa", include_bytes!("testdata/tls12-rsa-ticket.talk")),
        ("tls12-rsa-id", include_bytes!("testdata/tls12-rsa-id-again.talk")),
    ];
    for (name, again) in resumed {
        let (first, again) = (talk(sample(name).talk), talk(again));
        let both = [plain(), plain()].concat();
        assert_eq!(inside(&records(&keys, &[&first, &again])), both, "{name}");
        assert_eq!(readings(&records(&keys, &[&again])), [Some(Reading::NoKey)], "{name} alone");
    }
}

#[test]
fn server_key_does_not_open_other_key_exchanges_nor_other_servers() {
    for name in ["tls12-gcm", "tls12-cbc", "tls13"] {
        let records = records(&server_keys(SERVER_KEY), &[&talk(sample(name).talk)]);
        assert_eq!(readings(&records), [Some(Reading::NoKey)], "{name}");
    }
    let other = server_keys(include_bytes!("testdata/other.key"));
    let records = records(&other, &[&talk(sample("tls12-rsa").talk)]);
    assert!(inside(&records).is_empty());
    assert_eq!(readings(&records), [Some(Reading::NoKey)]);
}

#[test]
fn server_keys_are_read_in_both_forms_and_others_refused_with_the_reason() {
    let read = |pem: &[u8]| Keys::default().add_server_key(pem);
    assert_eq!(read(SERVER_KEY), Ok(()));
    assert_eq!(read(include_bytes!("testdata/pkcs1.key")), Ok(()));
    assert_eq!(read(include_bytes!("testdata/encrypted.key")), Err(ServerKeyError::Encrypted));
    assert_eq!(read(include_bytes!("testdata/ec.key")), Err(ServerKeyError::NotRsa));
    assert_eq!(read(include_bytes!("testdata/server.pem")), Err(ServerKeyError::NoKey));
    assert_eq!(read(b"\xff\xfe"), Err(ServerKeyError::NoKey));
    let cut = SERVER_KEY.windows(5).position(|window| window == b"-----").unwrap() + 200;
    let mut cut = SERVER_KEY[..cut].to_vec();
    cut.extend_from_slice(b"\n-----END PRIVATE KEY-----\n");
    assert!(matches!(read(&cut), Err(ServerKeyError::Damaged(_))));
}

#[test]
fn suite_that_cannot_be_opened_is_named() {
    let log = include_bytes!("testdata/tls12-camellia.keys");
    let records = records(&keys(log), &[&talk(include_bytes!("testdata/tls12-camellia.talk"))]);
    let [Some(Reading::Suite(number))] = readings(&records)[..] else { panic!("{:?}", readings(&records)) };
    assert!(super::suite_name(number).contains("CAMELLIA"));
    assert!(anomalies(&records).is_empty());
}

#[test]
fn keys_show_client_authentication_in_tls_1_3() {
    let sample = sample("tls13-mutual");
    let records = records(&keys(sample.keys), &[&talk(sample.talk)]);
    let told = |wanted: fn(&TlsEvent) -> bool| {
        records
            .iter()
            .any(|record| record.opened && matches!(&record.event, Event::Tls(event) if wanted(event)))
    };
    assert!(told(|event| matches!(event, TlsEvent::CertificateRequest)));
    assert!(told(|event| matches!(event, TlsEvent::ClientAuth { certificates: 1 })));
    assert!(told(|event| matches!(event, TlsEvent::ClientVerify)));
    assert!(told(|event| matches!(event, TlsEvent::Certificate(sent) if !sent.client)));
}

#[test]
fn keys_are_never_printed() {
    let log = sample("tls13").keys;
    let secret = std::str::from_utf8(log.split(|byte| *byte == b' ').nth(2).unwrap()).unwrap().trim();
    let secret = secret.lines().next().unwrap();
    let mut keys = Keys::new(&Limits::default(), false);
    keys.add_log(log);
    keys.add_server_key(SERVER_KEY).unwrap();
    let keys = Arc::new(keys);
    let shown = format!("{keys:?} {:?}", dispatch(&keys));
    assert!(shown.contains("redacted") && !shown.contains(secret), "{shown}");
}

#[test]
fn log_is_read_with_a_count_of_what_is_wrong_in_it() {
    let limits = Limits { tls_keys: 1, ..Limits::default() };
    let keys = Keys::new(&limits, false);
    let mut log = b"# a comment\nnonsense\n".to_vec();
    log.extend_from_slice(sample("tls12-gcm").keys);
    log.extend_from_slice(sample("tls12-chacha").keys);
    let read = keys.add_log(&log);
    assert_eq!((read.lines, read.secrets, read.fresh, read.malformed), (4, 2, 1, 1));
    assert_eq!((read.first_malformed, read.refused), (Some(2), 1));
    assert_eq!(keys.horizon(), 1);
    assert_eq!(keys.add_log(&log).fresh, 0, "known already");
    assert_eq!(keys.horizon(), 1);
}
