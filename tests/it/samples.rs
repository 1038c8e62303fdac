//! The captures in `samples/`: one folder a rule, with one that it must report and one that it must not.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use serde::Deserialize;

use crate::program::{check, root, run};

/// What a capture must show.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Expected {
    /// Every rule that reports more than info, and those of info that are meant.
    findings: BTreeSet<String>,
    /// What is in the capture that makes it so.
    why: String,
}

fn folders() -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir(root().join("samples")) else { return Vec::new() };
    let mut folders: Vec<_> = entries.map(|entry| entry.unwrap().path()).collect();
    folders.retain(|folder| folder.join("hit.pcap").is_file());
    folders.sort();
    folders
}

fn expected(folder: &Path) -> BTreeMap<String, Expected> {
    let path = folder.join("expect.json");
    let text = fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    serde_json::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", folder.display()))
}

/// Rules that reported on a capture: those above info, and all of them.
fn reported(capture: &Path) -> (BTreeSet<String>, BTreeSet<String>) {
    let report = check(capture).json();
    let findings = report["findings"].as_array().unwrap();
    let rules = |all: bool| {
        let wanted = findings.iter().filter(|finding| all || finding["severity"] != "info");
        wanted.map(|finding| finding["rule"].as_str().unwrap().to_owned()).collect()
    };
    (rules(false), rules(true))
}

#[test]
fn samples_show_what_they_must_and_nothing_else() {
    let mut wrong = Vec::new();
    for folder in folders() {
        for (name, expected) in expected(&folder) {
            let capture = folder.join(&name);
            assert!(expected.why.len() > 10, "{}: say why", capture.display());
            let (above_info, all) = reported(&capture);
            let missed: Vec<_> = expected.findings.difference(&all).collect();
            let surplus: Vec<_> = above_info.difference(&expected.findings).collect();
            if !missed.is_empty() || !surplus.is_empty() {
                wrong.push(format!("{}: missed {missed:?}, surplus {surplus:?}", capture.display()));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn the_exit_code_of_a_sample_is_its_highest_severity() {
    for folder in folders() {
        for name in expected(&folder).keys() {
            let capture = folder.join(name);
            let run = check(&capture);
            let severity = run.json()["summary"]["highest"].as_str().unwrap_or_default().to_owned();
            let codes: &[i32] = match severity.as_str() {
                "critical" => &[14],
                "high" => &[13],
                "medium" => &[12],
                "low" => &[11],
                _ => &[0, 3, 4],
            };
            assert!(codes.contains(&run.code.unwrap()), "{}: {severity}, {:?}", capture.display(), run.code);
        }
    }
}

#[test]
fn a_sample_of_a_rule_has_a_hit_and_a_miss() {
    for folder in folders() {
        let rule = folder.file_name().unwrap().to_string_lossy().into_owned();
        let expected = expected(&folder);
        assert!(expected["hit.pcap"].findings.contains(&rule), "{rule}: its hit does not name it");
        assert!(!expected["miss.pcap"].findings.contains(&rule), "{rule}: its miss names it");
        assert!(
            !reported(&folder.join("miss.pcap")).1.contains(&rule),
            "{rule}: reported where it must not be"
        );
        assert!(folder.join("README.md").is_file(), "{rule}: nothing says how the captures were made");
    }
}

#[test]
fn every_rule_has_a_sample() {
    let folders = folders();
    let have: BTreeSet<String> =
        folders.iter().map(|folder| folder.file_name().unwrap().to_string_lossy().into_owned()).collect();
    let rules = run(["rules", "--format", "json"]).json();
    let rules: BTreeSet<String> =
        rules.as_array().unwrap().iter().map(|rule| rule["id"].as_str().unwrap().to_owned()).collect();
    let missing: Vec<_> = rules.difference(&have).collect();
    assert!(missing.is_empty(), "rules without a sample: {missing:?}");
}
