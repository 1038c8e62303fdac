//! From paths and folders to the list of files, in sorted order. What is in a file is not looked at here.

use std::fs;
use std::path::{Path, PathBuf};

/// A file to try.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Found {
    pub(super) path: PathBuf,
    /// Index of the given path it was found under, where that is a folder: then it need not be a capture.
    pub(super) folder: Option<usize>,
}

/// Endings of names that nothing but a capture has.
const CAPTURE_ENDINGS: [&str; 4] = ["pcap", "pcapng", "cap", "ntar"];
/// Endings that compression puts behind them.
const PACKED_ENDINGS: [&str; 3] = ["gz", "zst", "zstd"];

/// Whether a file calls itself a capture. Of a folder such a file is not passed over where it is none: an empty or
/// overwritten one is missing from what should have been read.
pub(super) fn is_named_as_capture(path: &Path) -> bool {
    let ends = |path: &Path, endings: &[&str]| {
        let ending = path.extension().map(|ending| ending.to_string_lossy().to_ascii_lowercase());
        ending.is_some_and(|ending| endings.contains(&ending.as_str()))
    };
    let packed = ends(path, &PACKED_ENDINGS);
    ends(path, &CAPTURE_ENDINGS) || packed && ends(&path.with_extension(""), &CAPTURE_ENDINGS)
}

/// The files given, and those in the folders given, down to `depth` folders. Links to folders are not followed,
/// so that a walk ends; nor is anything but regular files opened, so that no pipe is waited for.
pub(super) fn files(paths: &[PathBuf], depth: usize) -> Vec<Found> {
    let mut found = Vec::new();
    for (index, path) in paths.iter().enumerate() {
        if path.is_dir() {
            folder(path, index, depth, &mut found);
        } else {
            found.push(Found { path: path.clone(), folder: None });
        }
    }
    found
}

fn folder(path: &Path, index: usize, depth: usize, found: &mut Vec<Found>) {
    // An unreadable folder inside a folder is passed over, as `find` does after its complaint.
    let Ok(entries) = fs::read_dir(path) else { return };
    let mut inside: Vec<_> = entries.filter_map(Result::ok).collect();
    inside.sort_by_key(fs::DirEntry::file_name);
    for entry in inside {
        let path = entry.path();
        if entry.file_type().is_ok_and(|kind| kind.is_dir()) {
            if depth > 0 {
                folder(&path, index, depth - 1, found);
            }
        } else if fs::metadata(&path).is_ok_and(|metadata| metadata.is_file()) {
            found.push(Found { path, folder: Some(index) });
        }
    }
}
