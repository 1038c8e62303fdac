//! What opening TLS costs: the same HTTP in the clear, sealed without keys, and opened.

use std::ffi::OsString;
use std::fs;
use std::io::Result;
use std::path::Path;

use crate::generate;
use crate::measure;
use crate::sealed::{Ledger, seal};
use crate::talks;

/// Bytes that a flow of the mix takes, roughly.
const FLOW: u64 = 43_000;

fn command(program: &Path, capture: &Path, keys: Option<&Path>) -> Vec<OsString> {
    let words = ["check", "--format", "json", "--no-exit-codes"].map(OsString::from);
    let keys = keys.into_iter().flat_map(|keys| ["--keylog".into(), keys.into()]);
    std::iter::once(program.into()).chain(words).chain(keys).chain([capture.into()]).collect()
}

/// Measures and prints.
pub(crate) fn measure(program: &Path, folder: &Path, bytes: u64, rounds: usize) -> Result<()> {
    let [plain, sealed, keys] = ["web.pcap", "sealed.pcap", "sealed.keys"].map(|name| folder.join(name));
    let (web, count) = (talks::web(), (bytes / FLOW).max(1) as usize);
    generate::write_flows(&plain, count, |number, dice| web[dice.next(web.len())].varied(number))?;
    let mut ledger = Ledger::default();
    let mut secrets = generate::Dice(9);
    generate::write_flows(&sealed, count, |number, dice| {
        seal(&web[dice.next(web.len())].varied(number), &mut secrets, &mut ledger)
    })?;
    fs::write(&keys, &ledger.keys)?;
    let runs =
        [("plain", &plain, None), ("sealed", &sealed, None), ("opened", &sealed, Some(keys.as_path()))];
    let mut taken = [const { Vec::new() }; 3];
    for _ in 0..rounds {
        for ((_, capture, keys), taken) in runs.iter().zip(&mut taken) {
            taken.push(measure::run(&command(program, capture, *keys))?.cpu);
        }
    }
    println!(
        "\nopened: {count} connections, {} MB inside TLS 1.3 with AES-128-GCM",
        ledger.plain / 1_000_000
    );
    let [plain_cpu, sealed_cpu, opened_cpu] = taken.map(crate::median);
    let cipher = ledger.opening.as_secs_f64();
    for (name, cpu) in
        [("plain", plain_cpu), ("sealed", sealed_cpu), ("opened", opened_cpu), ("cipher", cipher)]
    {
        println!("  {name:<10}{cpu:>8.2} CPU s{:>9.0} MB/s", ledger.plain as f64 / 1e6 / cpu);
    }
    println!("  opened takes {:.2}x plain and cipher together", opened_cpu / (plain_cpu + cipher));
    [plain, sealed, keys].iter().try_for_each(fs::remove_file)
}
