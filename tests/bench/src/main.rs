//! Makes the captures, runs ccmscope, the floor and the peers over them in turn, and prints what it took.
//!
//! `ccmscope-bench PROGRAM FOLDER`; `BENCH_MB` is the size of each capture (default 200). See README.md.

mod generate;
mod measure;
mod opened;
mod sealed;
mod talks;

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::io::Result;
use std::path::{Path, PathBuf};
use std::time::Instant;

use measure::Taken;

const ROUNDS: usize = 3;
/// Peers that are slow get this much of each capture.
const SLICE: u64 = 20_000_000;
/// Seconds after which no further round begins.
const ENOUGH: u64 = 270;

/// A program that reads one capture.
struct Reader {
    name: &'static str,
    command: fn(&Path, &Path, &Path) -> Vec<OsString>,
    /// Reads the slice, not the whole.
    slice: bool,
}

const READERS: [Reader; 4] = [
    Reader { name: "ccmscope", command: ccmscope, slice: false },
    Reader { name: "floor", command: floor, slice: false },
    Reader { name: "suricata", command: suricata, slice: false },
    Reader { name: "tshark", command: tshark, slice: true },
];

fn words(program: impl Into<OsString>, rest: &[&str]) -> Vec<OsString> {
    std::iter::once(program.into()).chain(rest.iter().map(OsString::from)).collect()
}

fn ccmscope(program: &Path, capture: &Path, _: &Path) -> Vec<OsString> {
    let mut words = words(program, &["check", "--format", "json", "--no-exit-codes"]);
    words.push(capture.into());
    words
}

fn floor(_: &Path, capture: &Path, _: &Path) -> Vec<OsString> {
    let beside = std::env::current_exe().unwrap_or_default().with_file_name("floor");
    vec![beside.into(), capture.into()]
}

fn tshark(_: &Path, capture: &Path, _: &Path) -> Vec<OsString> {
    let mut words = words("tshark", &["-n", "-q", "-z", "io,phs", "-r"]);
    words.push(capture.into());
    words
}

fn suricata(_: &Path, capture: &Path, folder: &Path) -> Vec<OsString> {
    let mut words = words("suricata", &["-k", "none", "-S", "/dev/null", "-l"]);
    words.extend([folder.into(), "-r".into(), capture.into()]);
    words
}

/// A capture made, and its slice.
struct Made {
    kind: &'static str,
    whole: (PathBuf, u64, u64),
    slice: (PathBuf, u64, u64),
}

fn make(folder: &Path, kind: &'static str, bytes: u64) -> Result<Made> {
    let one = |name: String, bytes| -> Result<_> {
        let path = folder.join(name);
        let (bytes, packets) = generate::write(&path, kind, bytes)?;
        Ok((path, bytes, packets))
    };
    Ok(Made {
        kind,
        whole: one(format!("{kind}.pcap"), bytes)?,
        slice: one(format!("{kind}-slice.pcap"), bytes.min(SLICE))?,
    })
}

pub(crate) fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(f64::NAN)
}

fn main() -> Result<()> {
    let mut given = std::env::args_os().skip(1);
    let (Some(program), Some(folder)) = (given.next(), given.next()) else {
        eprintln!("usage: ccmscope-bench PROGRAM FOLDER");
        std::process::exit(2)
    };
    let (program, folder) = (PathBuf::from(program), PathBuf::from(folder));
    if program.as_os_str() == measure::WORD {
        return measure::child(folder.into(), given);
    }
    let megabytes = std::env::var("BENCH_MB").ok().and_then(|text| text.parse().ok()).unwrap_or(200);
    std::fs::create_dir_all(&folder)?;
    let begin = Instant::now();
    let readers: Vec<_> = READERS
        .iter()
        .filter(|reader| measure::is_there(&(reader.command)(&program, Path::new(""), &folder)[0]))
        .collect();
    let only = std::env::var("BENCH_ONLY").ok();
    let wanted = |kind: &&str| only.as_deref().is_none_or(|only| only == *kind);
    for kind in generate::KINDS.into_iter().filter(|kind| wanted(kind)) {
        let made = make(&folder, kind, megabytes * 1_000_000)?;
        let mut taken: BTreeMap<&str, Vec<Taken>> = BTreeMap::new();
        for round in 0..ROUNDS {
            if round > 0 && begin.elapsed().as_secs() > ENOUGH {
                println!("{kind}: out of time after {round} rounds");
                break;
            }
            for reader in &readers {
                let capture = if reader.slice { &made.slice.0 } else { &made.whole.0 };
                taken
                    .entry(reader.name)
                    .or_default()
                    .push(measure::run(&(reader.command)(&program, capture, &folder))?);
            }
        }
        print(&made, &readers, &taken);
        std::fs::remove_file(&made.whole.0)?;
        std::fs::remove_file(&made.slice.0)?;
    }
    opened::measure(&program, &folder, megabytes * 1_000_000, ROUNDS)?;
    println!("{ROUNDS} rounds in turn, medians; {} s in all", begin.elapsed().as_secs());
    Ok(())
}

fn print(made: &Made, readers: &[&Reader], taken: &BTreeMap<&str, Vec<Taken>>) {
    let (_, bytes, packets) = made.whole;
    println!("\n{}: {} MB, {packets} packets", made.kind, bytes / 1_000_000);
    println!(
        "  {:<10}{:>8}{:>9}{:>12}{:>8}{:>9}  ccmscope takes: time, CPU",
        "", "s", "MB/s", "packets/s", "CPU s", "peak MB"
    );
    for reader in readers {
        let (_, bytes, packets) = if reader.slice { &made.slice } else { &made.whole };
        let (Some(own), Some(ours)) = (taken.get(reader.name), taken.get("ccmscope")) else { continue };
        let of = |what: fn(&Taken) -> f64| median(own.iter().map(what).collect());
        let seconds = of(|taken| taken.seconds);
        let size = made.whole.1 as f64 / *bytes as f64;
        let ratio = |what: fn(&Taken) -> f64| {
            median(own.iter().zip(ours).map(|(own, ours)| what(ours) / (what(own) * size)).collect())
        };
        let (time, work) = (ratio(|taken| taken.seconds), ratio(|taken| taken.cpu));
        let note = match own.iter().find(|taken| !taken.ok) {
            Some(_) => "  FAILED",
            None if reader.slice => "  (of a slice)",
            None => "",
        };
        println!(
            "  {:<10}{seconds:>8.2}{:>9.0}{:>12.0}{:>8.2}{:>9.0}{time:>14.2}x{work:>8.2}x{note}",
            reader.name,
            *bytes as f64 / 1e6 / seconds,
            *packets as f64 / seconds,
            of(|taken| taken.cpu),
            of(|taken| taken.peak),
        );
    }
}
