use std::path::{Path, PathBuf};

use super::*;
use crate::batch::Batch;
use crate::frame::{FrameId, LinkType};
use crate::source::{FileOptions, FileSource, Fill, Format, Source};

fn frame(order: u64, time: Timestamp, link: LinkType, bytes: &[u8]) -> Frame<'_> {
    let id = FrameId { order, number: order, capture: CaptureId(0) };
    Frame { id, time, link, interface: u32::from(link.0), bytes, wire_len: 100 }
}

fn batch(frames: &[Frame<'_>]) -> Batch {
    let mut batch = Batch::default();
    for frame in frames {
        batch.push(frame);
    }
    batch
}

/// Seconds, bytes and link type of each frame of a file, and its format.
fn read(path: &Path) -> (Vec<(i64, Vec<u8>, LinkType)>, Format) {
    let mut source = FileSource::open(&[path.to_owned()], FileOptions::default()).unwrap();
    let (mut batch, mut all) = (Batch::default(), Vec::new());
    while source.fill(&mut batch).unwrap() == Fill::Frames {
        for frame in batch.frames() {
            assert_eq!(frame.wire_len, 100);
            all.push((frame.time.as_nanos(), frame.bytes.to_vec(), frame.link));
        }
    }
    assert!(source.captures()[0].is_complete());
    (all, source.captures()[0].format)
}

fn write(path: &Path, format: WriteFormat, frames: &[Frame<'_>]) -> Result<Progress, SourceError> {
    let mut writer = CaptureWriter::create(path, format, None)?;
    writer.write(&batch(frames), &[])?;
    writer.finish()
}

#[test]
fn what_is_written_is_read_again_to_the_nanosecond() {
    let folder = tempfile::tempdir().unwrap();
    let times = [1_600_000_000_123_456_789, 0, 4_294_967_295_999_999_999];
    let frames = times.map(|time| frame(1, Timestamp::from_nanos(time), LinkType::ETHERNET, b"12345"));
    for (name, format) in [("a.pcap", Format::Pcap), ("a.pcapng", Format::PcapNg)] {
        let path = folder.path().join(name);
        let progress = write(&path, WriteFormat::Auto, &frames).unwrap();
        let (got, found) = read(&path);
        assert_eq!(found, format);
        assert_eq!(got.iter().map(|it| it.0).collect::<Vec<_>>(), times);
        assert!(got.iter().all(|it| it.1 == b"12345"));
        assert_eq!(progress.bytes, std::fs::metadata(&path).unwrap().len());
        assert_eq!((progress.packets, progress.files), (3, 1));
    }
}

#[test]
fn several_link_types_make_it_pcapng() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("mixed.pcap");
    let time = Timestamp::new(1, 0);
    let frames = [frame(1, time, LinkType::ETHERNET, b"e"), frame(2, time, LinkType::RAW, b"r")];
    write(&path, WriteFormat::Auto, &frames).unwrap();
    let (got, format) = read(&path);
    assert_eq!(format, Format::PcapNg);
    assert_eq!((got[0].2, got[1].2), (LinkType::ETHERNET, LinkType::RAW));
    let error = write(&path, WriteFormat::Pcap, &frames).unwrap_err();
    assert!(error.to_string().contains("link types 1 and 101"), "{error}");
}

#[test]
fn a_capture_without_frames_is_a_file_that_opens() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("none.pcap");
    write(&path, WriteFormat::Auto, &[]).unwrap();
    assert_eq!(read(&path), (Vec::new(), Format::Pcap));
}

#[test]
fn a_ring_begins_files_by_size_and_time_and_keeps_the_last() {
    let folder = tempfile::tempdir().unwrap();
    let ring = RingOptions { seconds: Some(10), files: Some(2), ..RingOptions::default() };
    let path = folder.path().join("ring.pcap");
    let mut writer = CaptureWriter::create(&path, WriteFormat::Auto, Some(ring)).unwrap();
    let begin = 1_769_903_999; // 2026-01-31T23:59:59Z
    for second in [0, 9, 10, 25, 26] {
        let frame = frame(1, Timestamp::new(begin + second, 0), LinkType::ETHERNET, b"x");
        writer.write(&batch(&[frame]), &[]).unwrap();
    }
    assert_eq!(writer.finish().unwrap().files, 3);
    let mut names: Vec<PathBuf> =
        std::fs::read_dir(folder.path()).unwrap().map(|it| it.unwrap().path()).collect();
    names.sort();
    let shown: Vec<_> = names.iter().map(|path| path.file_name().unwrap().to_str().unwrap()).collect();
    assert_eq!(shown, ["ring_00002_20260201000009.pcap", "ring_00003_20260201000024.pcap"]);
    assert_eq!(read(&names[1]).0.len(), 2);

    let ring = RingOptions { file_bytes: Some(100), stop_after_files: Some(2), ..RingOptions::default() };
    let mut writer = CaptureWriter::create(&path, WriteFormat::Auto, Some(ring)).unwrap();
    let frames = [frame(1, Timestamp::new(0, 0), LinkType::ETHERNET, &[0; 80]); 5];
    writer.write(&batch(&frames), &[]).unwrap();
    assert_eq!(writer.finish().unwrap(), Progress { packets: 2, bytes: 240, files: 2, seconds: 0 });
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_is_an_error() {
    let frame = frame(1, Timestamp::new(0, 0), LinkType::ETHERNET, b"x");
    let error = write(Path::new("/dev/full"), WriteFormat::Auto, &[frame]).unwrap_err();
    assert!(error.to_string().starts_with("/dev/full: cannot be written"), "{error}");
}

#[test]
fn a_path_that_cannot_be_written_is_known_at_once() {
    let ring = RingOptions { seconds: Some(1), ..RingOptions::default() };
    for ring in [None, Some(ring)] {
        let error = CaptureWriter::create(Path::new("no-such-folder/x.pcap"), WriteFormat::Auto, ring);
        assert!(matches!(error, Err(SourceError::Write { .. })));
    }
}

#[test]
fn stop_conditions_and_rings_are_read_as_dumpcap_reads_them() {
    assert_eq!("duration:10".parse::<StopCondition>().unwrap(), StopCondition::Duration(10));
    assert_eq!("filesize:5".parse::<StopCondition>().unwrap(), StopCondition::FileBytes(5_000));
    assert_eq!("files:3".parse::<StopCondition>().unwrap(), StopCondition::Files(3));
    assert_eq!("packets:7".parse::<StopCondition>().unwrap(), StopCondition::Packets(7));
    for wrong in ["", "duration", "duration:", "duration:0", "duration:x", "weight:5", "packets:-1"] {
        assert!(wrong.parse::<StopCondition>().is_err(), "{wrong}");
    }
    assert_eq!(RingOptions::parse([]).unwrap(), None);
    let ring = RingOptions::parse(["filesize:2", "files:4"]).unwrap().unwrap();
    assert_eq!((ring.file_bytes, ring.files, ring.seconds), (Some(2_000), Some(4), None));
    assert!(RingOptions::parse(["files:4"]).is_err());
    assert!(StopCondition::Packets(2).is_met(&Progress { packets: 2, ..Progress::default() }));
    assert!(!StopCondition::Duration(2).is_met(&Progress { seconds: 1, ..Progress::default() }));
}
