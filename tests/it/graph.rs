//! The crates know each other in one direction only, and the system library stands behind one feature.

use std::collections::{BTreeMap, BTreeSet};

use cargo_metadata::{DependencyKind, Metadata, MetadataCommand, Package};

use crate::program::root;

fn metadata() -> Metadata {
    MetadataCommand::new().manifest_path(root().join("Cargo.toml")).no_deps().exec().unwrap()
}

/// What a package is built from, tests apart.
fn needs(package: &Package) -> BTreeSet<&str> {
    let normal =
        package.dependencies.iter().filter(|dependency| dependency.kind != DependencyKind::Development);
    normal.map(|dependency| dependency.name.as_str()).collect()
}

#[test]
fn crates_know_each_other_in_one_direction_only() {
    let metadata = metadata();
    let expected = BTreeMap::from([
        ("ccmscope-capture", BTreeSet::new()),
        ("ccmscope-decoders", BTreeSet::from(["ccmscope-capture"])),
        ("ccmscope-findings", BTreeSet::from(["ccmscope-capture", "ccmscope-decoders"])),
        ("ccmscope-tui", BTreeSet::from(["ccmscope-findings"])),
        (
            "ccmscope",
            BTreeSet::from(["ccmscope-capture", "ccmscope-decoders", "ccmscope-findings", "ccmscope-tui"]),
        ),
    ]);
    let found: BTreeMap<&str, BTreeSet<&str>> = metadata
        .packages
        .iter()
        .map(|package| {
            let ours = needs(package).into_iter().filter(|name| name.starts_with("ccmscope"));
            (package.name.as_str(), ours.collect())
        })
        .collect();
    assert_eq!(found, expected);
}

#[test]
fn each_system_is_known_in_one_place_only() {
    let metadata = metadata();
    for (library, owner) in [
        ("pcap", "ccmscope-capture"),
        ("ratatui", "ccmscope-tui"),
        ("crossterm", "ccmscope-tui"),
        ("clap", "ccmscope"),
    ] {
        let users = metadata.packages.iter().filter(|package| needs(package).contains(library));
        let users: Vec<&str> = users.map(|package| package.name.as_str()).collect();
        assert_eq!(users, [owner], "{library}");
    }
}

#[test]
fn only_live_capture_needs_libpcap() {
    let metadata = metadata();
    let capture = metadata.packages.iter().find(|package| package.name == "ccmscope-capture").unwrap();
    let pcap = capture.dependencies.iter().find(|dependency| dependency.name == "pcap").unwrap();
    assert!(pcap.optional, "capture must build without libpcap");
    assert!(!capture.features.contains_key("default"), "nothing is on unless asked for");
    assert_eq!(capture.features["live"], ["dep:pcap"]);
    for package in &metadata.packages {
        let asks = package.dependencies.iter().filter(|dependency| dependency.name == "ccmscope-capture");
        for dependency in asks {
            assert!(
                dependency.features.is_empty(),
                "{} turns features of capture on by itself",
                package.name
            );
        }
    }
    let program = metadata.packages.iter().find(|package| package.name == "ccmscope").unwrap();
    assert_eq!(program.features["live"], ["capture/live"]);
}
