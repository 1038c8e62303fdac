//! What is opened of the captures in `samples/opened`, byte for byte, against what tshark shows of them with the same
//! keys: `expect.json` of each has the length and the SHA-256 of both directions.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use capture::source::{FileOptions, FileSource, Fill, SecretsType, Source};
use capture::{Batch, Direction, Moment, Tracker};
use serde::Deserialize;
use sha2::{Digest, Sha256};

use super::Keys;
use crate::{Dispatch, Limits};

thread_local! {
    /// Application data of each connection by the port of its client: to the server, to the client.
    static OPENED: RefCell<BTreeMap<u16, [Vec<u8>; 2]>> = const { RefCell::new(BTreeMap::new()) };
}

/// Takes note of application data that was opened between these ports, the server's first.
pub(super) fn note([_, client]: [u16; 2], direction: Direction, plain: &[u8]) {
    OPENED.with_borrow_mut(|opened| {
        let [to_server, to_client] = opened.entry(client).or_default();
        let side = if direction == Direction::ToServer { to_server } else { to_client };
        side.extend_from_slice(plain);
    });
}

#[derive(Deserialize)]
struct Expected {
    capture: String,
    connections: Vec<Connection>,
    /// Given where the capture or the keys were harmed.
    whole: Option<serde_json::Value>,
}

#[derive(Deserialize)]
struct Connection {
    client_port: u16,
    to_server: Side,
    to_client: Side,
}

#[derive(Debug, Deserialize, PartialEq, Eq)]
struct Side {
    bytes: usize,
    sha256: String,
}

impl Side {
    fn of(data: &[u8]) -> Self {
        let sha256 = Sha256::digest(data).iter().fold(String::new(), |mut text, byte| {
            let _ = write!(text, "{byte:02x}");
            text
        });
        Self { bytes: data.len(), sha256 }
    }
}

fn folders() -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../samples/opened");
    let mut folders: Vec<_> = fs::read_dir(root).unwrap().map(|entry| entry.unwrap().path()).collect();
    folders.retain(|folder| folder.join("expect.json").is_file());
    folders.sort();
    assert!(folders.len() > 80, "samples are missing");
    folders
}

fn expected(folder: &Path) -> Expected {
    serde_json::from_slice(&fs::read(folder.join("expect.json")).unwrap()).unwrap()
}

/// Each way to have the keys of a capture: the log, the server's key, or what it brings along.
fn ways(folder: &Path) -> Vec<Keys> {
    let mut ways = Vec::new();
    if let Ok(log) = fs::read(folder.join("keys.log")) {
        let keys = Keys::new(&Limits::default(), false);
        keys.add_log(&log);
        ways.push(keys);
    }
    if let Ok(pem) = fs::read(folder.join("server.key")) {
        let mut keys = Keys::new(&Limits::default(), false);
        keys.add_server_key(&pem).unwrap();
        ways.push(keys);
    }
    if ways.is_empty() {
        ways.push(Keys::new(&Limits::default(), false));
    }
    ways
}

/// Reads a capture, and gives what was opened of it.
fn opened(capture: &Path, keys: Keys) -> BTreeMap<u16, [Vec<u8>; 2]> {
    OPENED.take();
    let keys = Arc::new(keys);
    let mut source = FileSource::open(&[capture.to_owned()], FileOptions::default()).unwrap();
    let mut dispatch = Dispatch::new(Limits::default()).with_keys(Arc::clone(&keys));
    let mut tracker = Tracker::new(capture::Limits::default());
    let (mut batch, mut taken) = (Batch::default(), 0);
    while source.fill(&mut batch).unwrap() != Fill::End {
        let secrets = &source.captures().first().unwrap().secrets;
        for block in secrets[taken..].iter().filter(|block| block.kind == SecretsType::TLS_KEY_LOG) {
            keys.add_log(&block.data);
        }
        taken = secrets.len();
        dispatch.see_keys(keys.horizon());
        for frame in batch.frames() {
            tracker.push(&frame, &mut dispatch);
        }
    }
    tracker.finish(Moment::default(), &mut dispatch);
    OPENED.take()
}

#[test]
fn what_is_opened_is_what_tshark_shows() {
    let (mut compared, mut wrong) = (0, Vec::new());
    for folder in folders() {
        let expected = expected(&folder);
        if expected.whole.is_some() {
            continue;
        }
        for keys in ways(&folder) {
            let mut opened = opened(&folder.join(&expected.capture), keys);
            for connection in &expected.connections {
                let [to_server, to_client] = opened.remove(&connection.client_port).unwrap_or_default();
                for (shown, data) in [(&connection.to_server, to_server), (&connection.to_client, to_client)]
                {
                    compared += usize::from(shown.bytes > 0);
                    if *shown != Side::of(&data) {
                        wrong.push(format!(
                            "{}: {} bytes, not {}",
                            folder.display(),
                            data.len(),
                            shown.bytes
                        ));
                    }
                }
            }
            assert!(opened.is_empty(), "{}: connections of which nothing is known", folder.display());
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(compared > 150, "only {compared} directions compared");
}

#[test]
fn damage_takes_nothing_that_tshark_shows() {
    let mut harmed = 0;
    for folder in folders() {
        let expected = expected(&folder);
        if expected.whole.is_none() {
            continue;
        }
        harmed += 1;
        for keys in ways(&folder) {
            let opened = opened(&folder.join(&expected.capture), keys);
            for connection in &expected.connections {
                let [to_server, to_client] = opened.get(&connection.client_port).cloned().unwrap_or_default();
                for (shown, data) in [(&connection.to_server, to_server), (&connection.to_client, to_client)]
                {
                    let same = data.get(..shown.bytes).map(Side::of);
                    assert_eq!(same.as_ref(), Some(shown), "{}", folder.display());
                }
            }
        }
    }
    assert!(harmed > 8, "samples are missing");
}

#[test]
fn nothing_is_opened_without_keys() {
    for folder in folders() {
        let expected = expected(&folder);
        if folder.join("keys.log").exists() || folder.join("server.key").exists() {
            let opened = opened(&folder.join(&expected.capture), Keys::new(&Limits::default(), false));
            assert!(opened.is_empty(), "{}", folder.display());
        }
    }
}
