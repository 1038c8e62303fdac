use std::fs;
use std::path::PathBuf;

use super::build::*;
use crate::source::{FileOptions, FileSource, Source, SourceError, SourceProblem};

/// The error for a file with this content.
fn error_of(name: &str, content: &[u8]) -> SourceError {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(name);
    fs::write(&path, content).unwrap();
    let Err(error) = FileSource::open(&[path], FileOptions::default()) else { panic!("{name} was opened") };
    assert!(error.to_string().contains(name), "{error}");
    error
}

#[test]
fn a_missing_file_is_named() {
    let error = FileSource::open(&[PathBuf::from("no-such.pcap")], FileOptions::default()).err().unwrap();
    assert!(matches!(error, SourceError::Missing { .. }));
    assert_eq!(error.to_string(), "no-such.pcap: no such file or folder");
}

#[test]
fn empty_and_cut_files_are_told_apart() {
    assert!(matches!(error_of("a.pcap", b""), SourceError::EmptyFile { .. }));
    let whole = pcap(Order::Little, false, &[]);
    for have in 4..24 {
        let error = error_of("a.pcap", &whole[..have]);
        assert!(matches!(error, SourceError::CutHeader { need: 24, .. }), "{error}");
    }
    assert!(matches!(
        error_of("a.pcapng", &section(Order::Big)[..27]),
        SourceError::CutHeader { need: 28, .. }
    ));
    assert!(matches!(error_of("a.gz", &gzip(b"")), SourceError::EmptyFile { .. }));
    let error = error_of("a.gz", &gzip(&whole)[..11]);
    assert!(matches!(error, SourceError::BadCompression { format: "gzip", .. }), "{error}");
}

#[test]
fn what_is_no_capture_is_described() {
    let error = error_of("notes.txt", b"Hello, this is a text file.\n");
    assert!(error.to_string().contains("a text file (first bytes: \"Hello, this is a\")"), "{error}");
    let error = error_of("x.bin", &[0, 1, 2, 3, 4]);
    assert!(error.to_string().contains("binary data (first bytes: 00 01 02 03 04)"), "{error}");
    assert!(error_of("p", b"version https://git-lfs.github.com/spec/v1\n").to_string().contains("Git LFS"));
    assert!(matches!(error_of("a.zip", b"PK\x03\x04...."), SourceError::Packed { format: "zip", .. }));
    assert!(matches!(error_of("a.gz", &gzip(&gzip(b"x"))), SourceError::Packed { .. }));
}

#[test]
fn event_traces_are_answered_with_how_to_convert_them() {
    let mut etl = vec![0; 0x60];
    etl[..4].copy_from_slice(&0x1_0000_u32.to_le_bytes());
    etl[0x48..0x4c].copy_from_slice(&[2, 0, 2, 0xc0]);
    let error = error_of("trace.bin", &etl);
    assert!(matches!(error, SourceError::Etl { .. }));
    let text = error.to_string();
    assert!(text.contains("pktmon etl2pcap") && text.contains("trace.pcapng"), "{text}");
    assert!(matches!(error_of("short.etl", b"\0\0\x01\0"), SourceError::Etl { .. }));
}

#[test]
fn other_capture_formats_are_named() {
    for (magic, name) in [(&b"snoop\0\0\0\0\0\0\x02"[..], "snoop"), (b"GMBU\0\x02", "Network Monitor")] {
        let error = error_of("other.cap", magic).to_string();
        assert!(error.contains(name) && error.contains("editcap -F pcapng"), "{error}");
    }
}

#[test]
fn unsupported_versions_are_errors() {
    let mut bytes = section(Order::Little);
    bytes[12] = 2;
    let error = error_of("v2.pcapng", &bytes);
    assert!(matches!(error, SourceError::UnsupportedVersion { major: 2, minor: 0, .. }), "{error}");
    let mut bytes = pcap(Order::Big, false, &[]);
    bytes[5] = 3;
    assert!(matches!(
        error_of("v3.pcap", &bytes),
        SourceError::UnsupportedVersion { major: 3, minor: 4, .. }
    ));
    let mut bytes = section(Order::Little);
    bytes[8] = 0;
    assert!(matches!(error_of("bom.pcapng", &bytes), SourceError::BadHeader { .. }));
}

#[test]
fn a_folder_without_captures_is_an_error() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("readme.txt"), "no capture").unwrap();
    let error = FileSource::open(&[folder.path().to_owned()], FileOptions::default()).err().unwrap();
    assert!(matches!(error, SourceError::EmptyFolder { files: 1, .. }), "{error}");
    assert!(matches!(FileSource::open(&[], FileOptions::default()), Err(SourceError::NothingGiven)));
}

#[test]
fn one_file_that_cannot_be_opened_does_not_stop_the_others() {
    let folder = tempfile::tempdir().unwrap();
    let (good, bad) = (folder.path().join("good.pcap"), folder.path().join("bad.pcap"));
    fs::write(&good, pcap(Order::Little, false, &[packet(1, b"x")])).unwrap();
    fs::write(&bad, b"not a capture at all").unwrap();
    let mut source = FileSource::open(&[bad, good], FileOptions::default()).unwrap();
    let got = super::drain(&mut source);
    assert_eq!((got.len(), got[0].id.capture.0), (1, 1));
    assert!(matches!(source.captures()[0].problem, Some(SourceProblem::NotOpened { .. })));
    assert!(source.captures()[1].problem.is_none());
}

#[cfg(not(feature = "live"))]
#[test]
fn a_filter_needs_libpcap() {
    let options = FileOptions { filter: Some("tcp".to_owned()), ..FileOptions::default() };
    let error = FileSource::open(&[PathBuf::from("x")], options).err().unwrap();
    assert!(error.to_string().contains("no libpcap"), "{error}");
}

#[cfg(feature = "live")]
#[test]
fn a_filter_that_libpcap_refuses_passes_its_text_on() {
    let options = FileOptions { filter: Some("tcp prot 80".to_owned()), ..FileOptions::default() };
    let error = FileSource::open(&[PathBuf::from("x")], options).err().unwrap();
    assert!(error.to_string().contains("syntax error"), "{error}");
}

#[test]
fn a_source_may_be_read_on_another_thread() {
    fn is_send<T: Send>() {}
    is_send::<FileSource>();
    #[cfg(feature = "live")]
    is_send::<crate::source::LiveSource>();
}

#[test]
fn a_zstd_window_beyond_the_limit_is_refused() {
    // Magic, no content size, a window of 4 MiB, an empty last block.
    let frame = [0x28, 0xb5, 0x2f, 0xfd, 0, 12 << 3, 1, 0, 0];
    let open = |zstd_window_bytes| {
        let options = FileOptions { zstd_window_bytes, ..FileOptions::default() };
        FileSource::from_reader("x", Box::new(std::io::Cursor::new(frame)), options).err().unwrap()
    };
    assert!(matches!(open(1 << 20), SourceError::BadCompression { format: "zstd", .. }));
    assert!(matches!(open(4 << 20), SourceError::EmptyFile { .. }));
}
