//! Captures that are not part of this repository, where an environment variable names a folder of them.

use std::env;
use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};

use crate::program::run;

fn folder(variable: &str) -> Option<PathBuf> {
    let folder = env::var_os(variable).map(PathBuf::from);
    if folder.is_none() {
        println!("SKIPPED: {variable} names no folder of captures");
    }
    folder
}

fn captures(folder: &Path, found: &mut Vec<PathBuf>) {
    let mut entries: Vec<_> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    entries.sort();
    for path in entries {
        let extension = path.extension().and_then(OsStr::to_str).unwrap_or_default();
        if path.is_dir() {
            captures(&path, found);
        } else if ["pcap", "pcapng", "cap"].contains(&extension) {
            found.push(path);
        }
    }
}

/// `CCMSCOPE_CORPUS`: captures of anything else than Configuration Manager. What is reported above info is a false
/// alarm.
#[test]
fn captures_of_other_things_raise_no_alarm() {
    let Some(folder) = folder("CCMSCOPE_CORPUS") else { return };
    let mut paths = Vec::new();
    captures(&folder, &mut paths);
    assert!(!paths.is_empty(), "{}: no captures", folder.display());
    let mut alarms = Vec::new();
    for path in paths {
        let run = run(["check", path.to_str().unwrap(), "--format", "json", "--min-severity", "low"]);
        match run.code {
            Some(0 | 1 | 3 | 4) => {}
            Some(11..=14) => alarms.push(format!("{}: {:?}", path.display(), run.rules())),
            _ => panic!("{}: {run:?}", path.display()),
        }
        assert!(!run.stderr.contains("internal fault"), "{}: {run:?}", path.display());
    }
    assert!(alarms.is_empty(), "{}", alarms.join("\n"));
}

/// `CCMSCOPE_LAB`: a folder with a capture for each case, and beside each `NAME.expect` with the ids of the rules that
/// must report, one a line.
#[test]
fn lab_captures_show_what_happened_in_the_lab() {
    let Some(folder) = folder("CCMSCOPE_LAB") else { return };
    let mut paths = Vec::new();
    captures(&folder, &mut paths);
    let mut judged = 0;
    for path in paths {
        let Ok(expected) = fs::read_to_string(path.with_extension("expect")) else { continue };
        let rules = run(["check", path.to_str().unwrap(), "--format", "json"]).rules();
        for rule in expected.split_whitespace() {
            assert!(rules.iter().any(|found| found == rule), "{}: no {rule} in {rules:?}", path.display());
        }
        judged += 1;
    }
    assert!(judged > 0, "{}: no capture with an .expect file", folder.display());
}
