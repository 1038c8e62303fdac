//! `ccmscope`: which channels between Configuration Manager clients and their site are insecure.

mod judge;
mod pipeline;

use std::path::PathBuf;

fn main() -> anyhow::Result<()> {
    let paths: Vec<PathBuf> = std::env::args()
        .skip(1)
        .filter(|a| !a.starts_with("--") && a != "json" && a != "check")
        .map(PathBuf::from)
        .collect();
    let report = judge::files(&paths, 1)?;
    serde_json::to_writer_pretty(std::io::stdout(), &report)?;
    Ok(())
}
