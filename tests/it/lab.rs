//! Captures that are not part of this repository, where an environment variable names a folder of them.

use std::env;
use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

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

/// `CCMSCOPE_LAB`: a folder with the script `check.py`, which holds reports against what was really done, and in `dev`
/// the traffic that was recorded meanwhile.
#[test]
fn the_lab_finds_what_was_really_done() {
    let Some(folder) = folder("CCMSCOPE_LAB") else { return };
    let script = folder.join("check.py");
    let mut check = Command::new("python3");
    check.arg(&script).args(["--program", env!("CARGO_BIN_EXE_ccmscope")]).arg(folder.join("dev"));
    let output = check.output().unwrap();
    let told = String::from_utf8_lossy(&output.stdout);
    assert!(
        output.status.success(),
        "{}:\n{told}\n{}",
        script.display(),
        String::from_utf8_lossy(&output.stderr)
    );
}
