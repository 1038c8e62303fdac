//! The floor under any program that reads streams from a capture: read the file, take the headers off, find the flow,
//! copy the payload that comes in order into a buffer for each direction. It decodes nothing and checks nothing.
//!
//! Ethernet pcap in the byte order of this machine, as the generator writes it.

use std::fs::File;
use std::io::{Read, Result};
use std::net::IpAddr;

use etherparse::{NetSlice, SlicedPacket, TransportSlice};

/// Bytes read at once.
const BLOCK: usize = 1 << 20;
/// Bytes kept of one direction before they count as consumed.
const STREAM: usize = 64 << 10;

type Ends = (IpAddr, u16, IpAddr, u16, bool);
type Flows = std::collections::HashMap<Ends, Flow, foldhash::fast::FixedState>;

#[derive(Default)]
struct Flow {
    next: [Option<u32>; 2],
    streams: [Vec<u8>; 2],
    bytes: u64,
}

fn main() -> Result<()> {
    let path = std::env::args_os().nth(1).expect("usage: floor FILE");
    let mut file = File::open(path)?;
    file.read_exact(&mut [0; 24])?;
    let (mut flows, mut packets) = (Flows::default(), 0u64);
    let (mut block, mut have) = (vec![0; BLOCK], 0);
    loop {
        let count = file.read(&mut block[have..])?;
        have += count;
        let mut at = 0;
        while let Some(head) = block[at..have].first_chunk::<16>() {
            let len = u32::from_ne_bytes([head[8], head[9], head[10], head[11]]) as usize;
            let Some(frame) = block[at + 16..have].get(..len) else { break };
            packets += 1;
            take(frame, &mut flows);
            at += 16 + len;
        }
        block.copy_within(at..have, 0);
        have -= at;
        if count == 0 {
            break;
        }
    }
    let bytes: u64 = flows.values().map(|flow| flow.bytes).sum();
    println!("{packets} packets, {} flows, {bytes} bytes in order", flows.len());
    Ok(())
}

fn take(frame: &[u8], flows: &mut Flows) -> Option<()> {
    let packet = SlicedPacket::from_ethernet(frame).ok()?;
    let (source, destination): (IpAddr, IpAddr) = match packet.net? {
        NetSlice::Ipv4(ip) => (ip.header().source_addr().into(), ip.header().destination_addr().into()),
        NetSlice::Ipv6(ip) => (ip.header().source_addr().into(), ip.header().destination_addr().into()),
        NetSlice::Arp(_) => return None,
    };
    let (from, to, segment) = match packet.transport? {
        TransportSlice::Tcp(tcp) => (tcp.source_port(), tcp.destination_port(), Some(tcp)),
        TransportSlice::Udp(udp) => (udp.source_port(), udp.destination_port(), None),
        _ => return None,
    };
    let way = usize::from((source, from) > (destination, to));
    let ends = if way == 0 { (source, from, destination, to) } else { (destination, to, source, from) };
    let flow = flows.entry((ends.0, ends.1, ends.2, ends.3, segment.is_some())).or_default();
    let tcp = segment?;
    let payload = tcp.payload();
    let sequence = tcp.sequence_number().wrapping_add(u32::from(tcp.syn()));
    let next = flow.next[way].get_or_insert(sequence);
    if *next == sequence {
        *next = sequence.wrapping_add(payload.len() as u32);
        let stream = &mut flow.streams[way];
        if stream.len() + payload.len() > STREAM {
            stream.clear();
        }
        stream.extend_from_slice(payload);
        flow.bytes += payload.len() as u64;
    }
    if tcp.fin() || tcp.rst() {
        flow.streams = Default::default();
    }
    Some(())
}
