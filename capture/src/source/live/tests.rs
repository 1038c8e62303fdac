use std::net::UdpSocket;
use std::time::{Duration, Instant};

use super::*;

fn head(interface: u32, second: i64) -> FrameHead {
    FrameHead {
        id: FrameId::default(),
        time: Timestamp::new(second, 0),
        link: LinkType::ETHERNET,
        interface,
        start: 0,
        len: 0,
        wire_len: 0,
    }
}

#[test]
fn frames_of_two_interfaces_are_put_in_order_of_time_and_those_of_one_are_not() {
    let mut heads = [head(0, 1), head(0, 5), head(0, 4), head(1, 2), head(1, 6)];
    by_arrival(&mut heads, 2);
    let order: Vec<_> = heads.iter().map(|head| (head.interface, head.time.as_secs())).collect();
    assert_eq!(order, [(0, 1), (1, 2), (0, 5), (0, 4), (1, 6)]);
}

#[test]
fn no_interface_is_an_error() {
    assert!(matches!(LiveSource::open(&LiveOptions::default()), Err(SourceError::NothingGiven)));
}

/// Needs the right to capture: without it, what is tested is that the error says how to get it.
#[test]
fn the_loopback_gives_its_frames_and_is_idle_without_them() {
    let receiver = UdpSocket::bind("127.0.0.1:0").unwrap();
    let port = receiver.local_addr().unwrap().port();
    let name = interfaces().unwrap().into_iter().find(|it| it.loopback).map_or("lo".to_owned(), |it| it.name);
    let options = LiveOptions {
        interfaces: vec![name],
        filter: Some(format!("udp dst port {port}")),
        ..LiveOptions::default()
    };
    let mut source = match LiveSource::open(&options) {
        Ok(source) => source,
        Err(error) => return assert!(error.to_string().contains("setcap cap_net_raw"), "{error}"),
    };
    let mut batch = Batch::default();
    let began = Instant::now();
    assert_eq!(source.fill(&mut batch).unwrap(), Fill::Idle);
    assert!(began.elapsed() < Duration::from_secs(1), "an idle link blocked");
    let sender = UdpSocket::bind("127.0.0.1:0").unwrap();
    for _ in 0..50 {
        sender.send_to(b"twelve bytes", ("127.0.0.1", port)).unwrap();
    }
    let mut numbers = Vec::new();
    while numbers.len() < 50 && began.elapsed() < Duration::from_secs(10) {
        if source.fill(&mut batch).unwrap() == Fill::Frames {
            assert!(batch.frames().all(|frame| frame.bytes.ends_with(b"twelve bytes")));
            numbers.extend(batch.heads.iter().map(|head| head.id.number));
        }
    }
    assert_eq!(numbers, (1..=50).collect::<Vec<_>>());
    source.refresh_drops();
    assert_eq!(source.captures()[0].interfaces[0].dropped, 0);
}
