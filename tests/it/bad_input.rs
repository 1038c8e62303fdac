//! Files that are no captures, or only part of one: each is named for what it is, and what can be read is judged.

use std::path::Path;

use crate::capture::{Folder, broadcast_query, irrelevant, pcap, wins_query};
use crate::program::{Run, check, run};

/// The file alone: a message that says what is wrong, and no report.
#[track_caller]
fn refused(path: &Path, message: &str) -> Run {
    let run = check(path);
    assert_eq!(run.code, Some(1), "{run:?}");
    assert_eq!(run.stdout, "", "no report where nothing was read");
    assert!(run.stderr.starts_with("ccmscope: error: "), "{run:?}");
    assert!(run.stderr.contains(message), "{message:?} is not in {run:?}");
    assert!(!run.stderr.contains("backtrace"), "{run:?}");
    run
}

#[test]
fn an_empty_file_is_called_empty() {
    refused(&Folder::new().file("a.pcap", b""), "a.pcap: the file is empty");
    let folder = Folder::new();
    refused(&folder.file("a.pcap", b""), "a.pcap: the file is empty (0 bytes)");
}

#[test]
fn a_text_file_is_called_text() {
    let folder = Folder::new();
    refused(&folder.file("notes.txt", b"these are my notes\n"), "it looks like a text file");
}

#[test]
fn a_file_of_other_bytes_is_shown_by_its_first_bytes() {
    let folder = Folder::new();
    let mut file = pcap(&broadcast_query());
    file[..4].copy_from_slice(&[0xde, 0xad, 0xbe, 0xef]);
    refused(&folder.file("a.pcap", &file), "not a capture file");
}

#[test]
fn a_cut_file_header_states_need_and_have() {
    let folder = Folder::new();
    let path = folder.file("a.pcap", &pcap(&[])[..20]);
    refused(&path, "pcap file header cut short: need 24 bytes, have 20");
}

#[test]
fn a_missing_file_is_called_missing() {
    refused(Path::new("/nonexistent/a.pcap"), "/nonexistent/a.pcap: no such file or folder");
}

#[test]
fn a_folder_without_captures_is_called_that() {
    let folder = Folder::new();
    folder.file("notes.txt", b"these are my notes\n");
    refused(folder.path(), "a folder without captures (files looked at: 1)");
}

#[cfg(unix)]
#[test]
fn an_unreadable_file_is_called_unreadable() {
    use std::fs::{File, Permissions, set_permissions};
    use std::os::unix::fs::PermissionsExt;

    let folder = Folder::new();
    let path = folder.capture("a.pcap", &broadcast_query());
    set_permissions(&path, Permissions::from_mode(0o000)).unwrap();
    if File::open(&path).is_ok() {
        println!("SKIPPED: this user may read everything");
        return;
    }
    refused(&path, "permission denied");
}

#[test]
fn a_file_that_is_a_socket_or_device_does_not_hang() {
    refused(Path::new("/dev/null"), "/dev/null: ");
}

#[test]
fn a_cut_last_packet_leaves_the_packets_before_it() {
    let folder = Folder::new();
    let frames: Vec<_> = broadcast_query().into_iter().chain(irrelevant()).collect();
    let file = pcap(&frames);
    let run = check(&folder.file("a.pcap", &file[..file.len() - 5]));
    assert_eq!(run.code, Some(13), "{run:?}");
    assert_eq!(run.rules(), ["loc-wins-bcast"]);
    assert!(run.stderr.contains("a.pcap: last record cut short at byte"), "{run:?}");
    let report = run.json();
    assert_eq!(report["coverage"]["partial"], true);
    assert_eq!(report["coverage"]["captures"][0]["frames"], 4);
    let problem = report["coverage"]["captures"][0]["problems"][0].as_str().unwrap();
    assert!(problem.starts_with("last record cut short"), "{problem}");
}

#[test]
fn garbage_after_the_last_packet_leaves_the_packets_before_it() {
    let folder = Folder::new();
    let mut file = pcap(&wins_query());
    file.extend([0xa5; 100]);
    let run = check(&folder.file("a.pcap", &file));
    assert_eq!(run.code, Some(12), "{run:?}");
    assert!(run.stderr.contains("trailing garbage of 100 bytes"), "{run:?}");
    assert_eq!(run.json()["coverage"]["partial"], true);
}

#[test]
fn a_bad_file_among_good_ones_is_named_and_the_others_are_judged() {
    let folder = Folder::new();
    let good = folder.capture("good.pcap", &wins_query());
    let bad = folder.file("bad.pcap", b"");
    let run = run(["check", "--format", "json", bad.to_str().unwrap(), good.to_str().unwrap()]);
    assert_eq!(run.code, Some(12), "{run:?}");
    assert_eq!(run.rules(), ["loc-wins-query"]);
    assert!(run.stderr.contains("warning: ") && run.stderr.contains("bad.pcap: "), "{run:?}");
    let captures = run.json()["coverage"]["captures"].clone();
    assert_eq!(captures[0]["frames"], 0);
    assert_eq!(captures[1]["frames"], 1);
    assert_eq!(captures[1]["problems"], serde_json::json!([]));
}

#[test]
fn an_otherwise_clean_run_with_a_bad_file_is_partial() {
    let folder = Folder::new();
    let good = folder.capture("good.pcap", &irrelevant());
    let run = run(["check", good.to_str().unwrap(), "/nonexistent/b.pcap"]);
    assert_eq!(run.code, Some(4), "{run:?}");
}

#[test]
fn files_in_a_folder_that_are_no_captures_are_passed_over() {
    let folder = Folder::new();
    folder.capture("a.pcap", &wins_query());
    folder.file("readme.txt", b"these are captures\n");
    let run = check(folder.path());
    assert_eq!((run.code, run.stderr.as_str()), (Some(12), ""));
    assert_eq!(run.json()["coverage"]["partial"], false);
}

#[test]
fn escape_bytes_in_a_file_name_reach_no_terminal() {
    let folder = Folder::new();
    let path = folder.capture("a\u{1b}]2;owned\u{7}.pcap", &broadcast_query());
    for format in ["text", "markdown", "junit"] {
        let run = run(["check", "--format", format, path.to_str().unwrap()]);
        assert_eq!(run.code, Some(13));
        assert!(run.stdout.contains("owned"), "{run:?}");
        assert!(!run.stdout.contains(['\u{1b}', '\u{7}']), "{run:?}");
    }
    let run = run(["check", "/nonexistent/a\u{1b}[31m.pcap"]);
    assert!(run.stderr.contains("a\\u{1b}[31m.pcap") && !run.stderr.contains('\u{1b}'), "{run:?}");
}
