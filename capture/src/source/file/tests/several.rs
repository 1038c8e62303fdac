use std::fs;
use std::path::{Path, PathBuf};

use proptest::prelude::*;

use super::build::*;
use super::{Got, drain};
use crate::source::{FileOptions, FileSource, Source};

fn write(folder: &Path, name: &str, packets: &[Packet]) -> PathBuf {
    let path = folder.join(name);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(&path, pcap(Order::Little, true, packets)).unwrap();
    path
}

fn merged(paths: &[PathBuf]) -> Vec<Got> {
    drain(&mut FileSource::open(paths, FileOptions::default()).unwrap())
}

fn texts(got: &[Got]) -> Vec<String> {
    got.iter().map(|frame| String::from_utf8(frame.bytes.clone()).unwrap()).collect()
}

#[test]
fn overlapping_captures_are_merged_in_order_of_time() {
    let folder = tempfile::tempdir().unwrap();
    let a = write(folder.path(), "a", &[packet(1, b"a1"), packet(4, b"a4"), packet(5, b"a5")]);
    let b = write(folder.path(), "b", &[packet(2, b"b2"), packet(4, b"b4"), packet(9, b"b9")]);
    let c = write(folder.path(), "c", &[packet(3, b"c3")]);
    let got = merged(&[c, b, a]);
    // Of equal times, that of the capture given first comes first.
    assert_eq!(texts(&got), ["a1", "b2", "c3", "b4", "a4", "a5", "b9"]);
    let orders: Vec<u64> = got.iter().map(|frame| frame.id.order).collect();
    assert_eq!(orders, [1, 2, 3, 4, 5, 6, 7]);
    let last = got.last().unwrap();
    assert_eq!((last.id.number, last.id.capture.0), (3, 1));
}

#[test]
fn captures_of_a_ring_are_read_in_order_of_time_whatever_their_names() {
    let folder = tempfile::tempdir().unwrap();
    let z = write(folder.path(), "z", &[packet(1, b"1"), packet(2, b"2")]);
    let y = write(folder.path(), "y", &[packet(3, b"3"), packet(4, b"4")]);
    assert_eq!(texts(&merged(&[y, z])), ["1", "2", "3", "4"]);
}

#[test]
fn a_capture_whose_clock_goes_back_is_not_reordered() {
    let folder = tempfile::tempdir().unwrap();
    let a = write(folder.path(), "a", &[packet(5, b"a5"), packet(1, b"a1"), packet(7, b"a7")]);
    assert_eq!(texts(&merged(std::slice::from_ref(&a))), ["a5", "a1", "a7"]);
    let b = write(folder.path(), "b", &[packet(4, b"b4"), packet(6, b"b6")]);
    assert_eq!(texts(&merged(&[a, b])), ["b4", "a5", "a1", "b6", "a7"]);
}

#[test]
fn folders_are_walked_and_what_is_no_capture_is_passed_over() {
    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), "sub/deeper/2.cap", &[packet(2, b"two")]);
    write(folder.path(), "1.anything", &[packet(1, b"one")]);
    fs::write(folder.path().join("truth.json"), "{}").unwrap();
    fs::write(folder.path().join("empty"), "").unwrap();
    fs::write(folder.path().join("3.gz"), gzip(&pcapng(Order::Big, &[packet(3, b"three")]))).unwrap();
    let mut source = FileSource::open(&[folder.path().to_owned()], FileOptions::default()).unwrap();
    assert_eq!(texts(&drain(&mut source)), ["one", "two", "three"]);
    assert_eq!(source.passed_over(), 2);
    assert_eq!(source.captures().len(), 3);
    let (done, total) = source.progress().unwrap();
    assert_eq!(done, total);
}

#[test]
fn a_file_of_a_folder_that_is_only_named_as_a_capture_is_not_passed_over() {
    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), "1.pcap", &[packet(1, b"one")]);
    fs::write(folder.path().join("2.pcap"), "").unwrap();
    fs::write(folder.path().join("3.PCAPNG.gz"), "overwritten").unwrap();
    fs::write(folder.path().join("notes.gz"), "not packed at all").unwrap();
    let source = FileSource::open(&[folder.path().to_owned()], FileOptions::default()).unwrap();
    let problems = |info: &&crate::CaptureInfo| info.problem.is_some();
    let names: Vec<&str> = source.captures().iter().filter(problems).map(|info| info.name.as_str()).collect();
    assert!(matches!(names[..], [two, three] if two.ends_with("2.pcap") && three.ends_with("3.PCAPNG.gz")));
    assert_eq!(source.passed_over(), 1);
}

#[test]
fn a_file_given_twice_is_read_once() {
    let folder = tempfile::tempdir().unwrap();
    let path = write(folder.path(), "a.pcap", &[packet(1, b"one")]);
    let given = [path.clone(), folder.path().join(".").join("a.pcap"), folder.path().into()];
    let mut source = FileSource::open(&given, FileOptions::default()).unwrap();
    assert_eq!(texts(&drain(&mut source)), ["one"]);
    assert_eq!(source.captures().len(), 1);
}

#[test]
fn more_captures_than_may_be_open_still_give_every_frame() {
    let folder = tempfile::tempdir().unwrap();
    let paths: Vec<PathBuf> = (0..9_u32)
        .map(|n| write(folder.path(), &n.to_string(), &[packet(n, b"x"), packet(100 - n, b"y")]))
        .collect();
    let options = FileOptions { open_captures: 3, ..FileOptions::default() };
    let mut source = FileSource::open(&paths, options).unwrap();
    assert_eq!(drain(&mut source).len(), 18);
    assert!(source.captures().iter().all(|info| info.frames == 2 && info.is_complete()));
    let late: Vec<usize> = (0..9).filter(|index| source.captures()[*index].late).collect();
    assert_eq!(late, [3, 4, 5, 6, 7, 8]);
}

#[test]
fn folders_deeper_than_the_limit_are_not_looked_at() {
    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), "1/2/3/deep", &[packet(1, b"deep")]);
    write(folder.path(), "1/2/near", &[packet(1, b"near")]);
    let options = FileOptions { folder_depth: 2, ..FileOptions::default() };
    let mut source = FileSource::open(&[folder.path().to_owned()], options).unwrap();
    assert_eq!(texts(&drain(&mut source)), ["near"]);
}

#[cfg(feature = "live")]
#[test]
fn a_filter_keeps_the_numbers_of_the_frames_that_pass() {
    let folder = tempfile::tempdir().unwrap();
    let path = write(folder.path(), "a", &[packet(1, &[0; 60]), packet(2, &[0; 90]), packet(3, &[0; 60])]);
    let options = FileOptions { filter: Some("len > 80".to_owned()), ..FileOptions::default() };
    let mut source = FileSource::open(&[path], options).unwrap();
    let got = drain(&mut source);
    assert_eq!((got.len(), got[0].id.number, got[0].id.order), (1, 2, 1));
    assert_eq!((source.captures()[0].frames, source.captures()[0].filtered), (3, 2));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn merging_is_a_stable_sort_by_time(times in prop::collection::vec(prop::collection::vec(0..50_u32, 0..30), 1..6)) {
        let folder = tempfile::tempdir().unwrap();
        let mut expected = Vec::new();
        let mut paths = Vec::new();
        for (capture, mut seconds) in times.into_iter().enumerate() {
            seconds.sort_unstable();
            let packets: Vec<Packet> = seconds.iter().map(|second| packet(*second, &[0; 200])).collect();
            expected.extend(seconds.iter().enumerate().map(|(place, second)| (*second, capture, place + 1)));
            paths.push(write(folder.path(), &capture.to_string(), &packets));
        }
        expected.sort_unstable();
        let options = FileOptions { merge_block_bytes: 1_000, block_bytes: 500, ..FileOptions::default() };
        let got = drain(&mut FileSource::open(&paths, options).unwrap());
        let got: Vec<_> = got
            .iter()
            .map(|it| {
                let second = u32::try_from(it.time.as_secs()).unwrap();
                (second, usize::from(it.id.capture.0), usize::try_from(it.id.number).unwrap())
            })
            .collect();
        prop_assert_eq!(got, expected);
    }
}
