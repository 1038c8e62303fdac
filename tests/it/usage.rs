//! The command line: help, mistakes, and the verbs that read no packet.

use crate::capture::{Folder, broadcast_query};
use crate::program::{command, run};

#[track_caller]
fn mistaken(args: &[&str], message: &str) {
    let run = run(args);
    assert_eq!(run.code, Some(2), "{run:?}");
    assert_eq!(run.stdout, "");
    assert!(run.stderr.contains(message), "{message:?} is not in {run:?}");
}

#[test]
fn mistakes_are_answered_with_what_was_meant() {
    mistaken(&["explain", "loc-wins-bcat"], "'loc-wins-bcast'");
    mistaken(&["explain", "xyz"], "tip: `ccmscope rules` lists them all");
    mistaken(&["check", "a.pcap", "--ignore", "loc-wins-bcat"], "'loc-wins-bcast'");
    mistaken(&["check", "a.pcap", "--formt", "json"], "'--format'");
    mistaken(&["check", "a.pcap", "--format", "jsno"], "'json'");
    mistaken(&["check", "a.pcap", "-a", "duration:x"], "whole number above zero");
    mistaken(&["check", "a.pcap", "-c", "0"], "0 is not in");
    mistaken(&["check", "a.pcap", "-b", "files:3"], "--write");
    mistaken(&["check", "a.pcap", "-w", "b.pcap", "-b", "files:3"], "a ring needs filesize:KB or duration:S");
    mistaken(&["check", "a.pcap", "-a", "files:3"], "needs -b and -w");
    mistaken(&["check", "a.pcap", "-a", "filesize:3"], "needs -w");
    mistaken(&["-i", "eth0", "check", "a.pcap"], "--interface stands before `check`");
}

#[test]
fn nothing_to_read_is_wrong_usage() {
    for args in [&[][..], &["-i", "lo", "a.pcap"]] {
        mistaken(args, "Usage: ccmscope [OPTIONS]");
    }
    for verb in ["check", "events", "live"] {
        mistaken(&[verb], &format!("Usage: ccmscope {verb} [OPTIONS]"));
    }
}

#[test]
fn a_mistyped_verb_is_no_capture_to_pass_over() {
    let folder = Folder::new();
    let path = folder.capture("a.pcap", &broadcast_query());
    let run = run(["chekc", path.to_str().unwrap()]);
    assert_eq!((run.code, run.stdout.as_str()), (Some(1), ""), "{run:?}");
    assert!(run.stderr.contains("chekc: no such file or folder, and no verb"), "{run:?}");
}

#[test]
fn rules_are_known_in_any_case_and_an_unknown_one_is_not_answered_with_all() {
    assert_eq!(run(["explain", "PUSH-NTLM"]).stdout, run(["explain", "push-ntlm"]).stdout);
    let run = run(["explain", "push-ntml"]);
    assert!(run.stderr.lines().count() < 9 && !run.stderr.contains("http-client"), "{run:?}");
}

#[test]
fn flags_stand_under_the_heading_of_what_they_are_about() {
    let help = run(["check", "-h"]).stdout;
    let (before, after) = help.split_once("\nMessages and colour:\n").unwrap();
    assert!(after.contains("--color") && after.contains("--quiet"), "{help}");
    assert!(before.split_once("\nTrust:\n").is_some_and(|(_, trust)| trust.contains("--crl")), "{help}");
}

#[test]
fn help_and_version_go_to_standard_output() {
    for (args, text) in [
        (&["--help"][..], "Exit codes:"),
        (&["-h"], "Usage: ccmscope"),
        (&["check", "--help"], "--fail-on"),
        (&["live", "--help"], "--interface"),
        (&["--version"], concat!("ccmscope ", env!("CARGO_PKG_VERSION"))),
    ] {
        let run = run(args);
        assert_eq!((run.code, run.stderr.as_str()), (Some(0), ""), "{args:?}");
        assert!(run.stdout.contains(text), "{text:?} is not in {run:?}");
    }
}

#[test]
fn every_listed_rule_is_explained() {
    let list = run(["rules", "--format", "json"]).json();
    let table = run(["rules"]).stdout;
    assert!(list.as_array().unwrap().len() >= 8);
    for rule in list.as_array().unwrap() {
        let id = rule["id"].as_str().unwrap();
        assert!(table.lines().any(|line| line.starts_with(id)), "{id} is not in the table");
        let explained = run(["explain", id]);
        assert_eq!(explained.code, Some(0));
        assert!(explained.stdout.starts_with(&format!("# {id}: ")), "{explained:?}");
        for heading in
            ["What it detects", "Why it matters", "Evidence", "False positives", "Remedy", "References"]
        {
            assert!(explained.stdout.contains(&format!("\n## {heading}\n")), "{id}: no {heading}");
        }
        assert!(!explained.stdout.contains('\u{1b}'), "no colour where there is no terminal");
    }
}

#[test]
fn completions_are_made_for_every_shell() {
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let run = run(["completions", shell]);
        assert_eq!(run.code, Some(0));
        assert!(run.stdout.contains("ccmscope") && run.stdout.contains("fail-on"), "{shell}: {}", run.stdout);
    }
}

#[test]
fn the_manual_has_every_verb_and_the_exit_codes() {
    let page = run(["man"]);
    assert_eq!(page.code, Some(0));
    assert!(page.stdout.contains(".TH ccmscope 1"), "{}", page.stdout);
    for text in ["check", "events", "live", "explain", "EXIT STATUS"] {
        assert!(page.stdout.contains(text), "{text} is not in the manual");
    }
    let folder = Folder::new();
    assert_eq!(run(["man", "--dir", folder.path().to_str().unwrap()]).code, Some(0));
    for name in ["ccmscope.1", "ccmscope-check.1", "ccmscope-live.1"] {
        assert!(folder.path().join(name).is_file(), "{name} was not written");
    }
}

#[test]
fn without_a_terminal_a_capture_alone_gives_a_text_report() {
    let folder = Folder::new();
    let path = folder.capture("a.pcap", &broadcast_query());
    let plain = run([path.to_str().unwrap()]);
    assert_eq!(plain.code, Some(13), "{plain:?}");
    assert!(plain.stdout.contains("loc-wins-bcast"));
    assert_eq!(run(["check", path.to_str().unwrap()]).stdout, plain.stdout);
    assert_eq!(run(["-r", path.to_str().unwrap(), "-n"]).stdout, plain.stdout);
}

#[test]
fn a_pipe_is_as_wide_as_the_environment_says() {
    let folder = Folder::new();
    let path = folder.capture("a.pcap", &broadcast_query());
    let widest = |columns: &str| {
        let mut program = command();
        let output = program.arg("check").arg(&path).env("COLUMNS", columns).output().unwrap();
        let text = String::from_utf8(output.stdout).unwrap();
        text.lines().filter(|line| !line.contains("filter ")).map(|line| line.chars().count()).max().unwrap()
    };
    assert!(widest("80") <= 80 && widest("132") > 100 && widest("132") <= 132);
    assert!(widest("").abs_diff(100) < 10 && widest("no number") == widest(""));
}

#[test]
fn there_is_colour_only_where_it_is_wanted() {
    let folder = Folder::new();
    let path = folder.capture("a.pcap", &broadcast_query());
    let colour =
        |flags: &[&str]| run(["check", path.to_str().unwrap()].iter().chain(flags)).stdout.contains('\u{1b}');
    assert!(!colour(&[]));
    assert!(!colour(&["--color", "never"]));
    assert!(colour(&["--color", "always"]));
    assert!(!colour(&["--color", "always", "--format", "json"]));
}
