//! Live interfaces through libpcap.
//!
//! Each interface has a ring in the kernel, and is read without blocking in turn with the others: what is
//! there is copied into the batch, and nothing waits on an interface that is silent. libpcap's read timeout
//! is no help there, since with Linux's TPACKET_V3 it does not fire without traffic; instead a call that
//! finds nothing sleeps for some milliseconds, far less than a ring lasts, looks again and says
//! [`Fill::Idle`].
//!
//! This module reads no clock either: times are the kernel's.

mod interfaces;
#[cfg(test)]
mod tests;

use std::path::PathBuf;
use std::thread;
use std::time::Duration;

use pcap::{Active, Capture, Precision};

pub use interfaces::{Interface, interfaces};

use super::{CaptureInfo, Fill, Format, InterfaceInfo, Source, SourceError, SourceProblem};
use crate::batch::{Batch, FrameHead};
use crate::frame::{CaptureId, FrameId, LinkType, Timestamp};

/// Frames taken from one interface before the next has its turn.
const FRAMES_A_TURN: usize = 4_096;
/// Bytes of frames in one batch.
const BATCH_BYTES: usize = 4 << 20;
/// Time after which the kernel hands over a block of its ring that is not full, in milliseconds.
const BLOCK_TIMEOUT_MS: i32 = 10;
/// Shortest and longest sleep where nothing came, in milliseconds.
const SLEEP_MS: (u64, u64) = (1, 20);
/// Calls of `fill` between two looks at the drop counters, each of which asks the kernel several times.
const CALLS_BETWEEN_STATISTICS: u32 = 64;

/// What to capture.
#[derive(Clone, Debug)]
pub struct LiveOptions {
    /// Names of interfaces, or their numbers in [`interfaces`], from 1.
    pub interfaces: Vec<String>,
    /// A filter in the syntax of pcap-filter(7), run by the kernel.
    pub filter: Option<String>,
    /// Bytes captured of each frame.
    pub snaplen: u32,
    /// Bytes of each interface's ring in the kernel.
    pub buffer_bytes: u32,
    /// Whether to ask for frames that are not addressed to the interface.
    pub promiscuous: bool,
    /// The program to name in advice on permissions.
    pub program: PathBuf,
}

impl Default for LiveOptions {
    fn default() -> Self {
        Self {
            interfaces: Vec::new(),
            filter: None,
            snaplen: 262_144,
            buffer_bytes: 64 << 20,
            promiscuous: true,
            program: PathBuf::from("ccmscope"),
        }
    }
}

/// Frames of live interfaces, in order of arrival.
pub struct LiveSource {
    open: Vec<Open>,
    info: CaptureInfo,
    sleep: u64,
    calls: u32,
}

/// An interface that is open.
struct Open {
    /// Its place among the interfaces given.
    index: usize,
    handle: Capture<Active>,
    link: LinkType,
    /// Nanoseconds in a unit of libpcap's fraction.
    unit: i64,
    /// The kernel's counters when last asked; they are 32 bits wide and wrap.
    dropped: u32,
    dropped_by_interface: u32,
}

impl LiveSource {
    /// Opens interfaces.
    ///
    /// # Errors
    ///
    /// [`SourceError::Permission`], [`SourceError::UnknownInterface`], [`SourceError::Filter`], and
    /// [`SourceError::Interface`] for what else libpcap says.
    pub fn open(options: &LiveOptions) -> Result<Self, SourceError> {
        if options.interfaces.is_empty() {
            return Err(SourceError::NothingGiven);
        }
        let mut info = CaptureInfo {
            name: options.interfaces.join(", "),
            format: Format::Live,
            sections: 1,
            ..CaptureInfo::default()
        };
        let mut open = Vec::new();
        for (index, given) in options.interfaces.iter().enumerate() {
            let name = interfaces::resolve(given);
            let one = Open::new(&name, index, options)?;
            info.interfaces.push(InterfaceInfo {
                name: Some(name),
                link: one.link,
                snaplen: options.snaplen,
                dropped: 0,
                dropped_by_interface: 0,
            });
            open.push(one);
        }
        Ok(Self { open, info, sleep: SLEEP_MS.0, calls: 0 })
    }

    /// Asks the kernel how many frames were lost. [`Source::fill`] does so now and then; a caller that stops
    /// asks once more.
    pub fn refresh_drops(&mut self) {
        for open in &mut self.open {
            let (Ok(statistics), Some(info)) =
                (open.handle.stats(), self.info.interfaces.get_mut(open.index))
            else {
                continue;
            };
            info.dropped += u64::from(statistics.dropped.wrapping_sub(open.dropped));
            info.dropped_by_interface +=
                u64::from(statistics.if_dropped.wrapping_sub(open.dropped_by_interface));
            open.dropped = statistics.dropped;
            open.dropped_by_interface = statistics.if_dropped;
        }
    }

    /// Reads what every interface has. One that fails is closed; the others go on.
    fn poll(&mut self, batch: &mut Batch) {
        let before = batch.heads.len();
        let info = &mut self.info;
        self.open.retain_mut(|open| {
            let Err(error) = open.read(batch) else { return true };
            let name = info.interfaces.get(open.index).and_then(|interface| interface.name.clone());
            info.problem.get_or_insert(SourceProblem::InterfaceFailed {
                interface: name.unwrap_or_default(),
                frames: info.frames,
                reason: text(&error),
            });
            false
        });
        if self.info.interfaces.len() > 1 {
            by_arrival(batch.heads.get_mut(before..).unwrap_or_default(), self.info.interfaces.len());
        }
        for head in batch.heads.iter_mut().skip(before) {
            self.info.frames += 1;
            head.id = FrameId { order: self.info.frames, number: self.info.frames, capture: CaptureId(0) };
        }
    }
}

/// Puts frames of several interfaces, read in turn, in order of time, those of each in the order they came.
fn by_arrival(heads: &mut [FrameHead], interfaces: usize) {
    let mut clocks = vec![Timestamp::from_nanos(i64::MIN); interfaces];
    heads.sort_by_cached_key(|head| {
        let Some(clock) = clocks.get_mut(head.interface as usize) else { return head.time };
        *clock = head.time.max(*clock);
        *clock
    });
}

impl Open {
    fn new(name: &str, index: usize, options: &LiveOptions) -> Result<Self, SourceError> {
        let explain = |error: pcap::Error| interfaces::explain(name, &text(&error), options);
        let size = |bytes: u32| i32::try_from(bytes).unwrap_or(i32::MAX);
        let nanos = gives_nanos(name);
        // libpcap answers a promiscuous `any` with a warning, which the crate takes for an error.
        let promiscuous = options.promiscuous && name != "any";
        let mut inactive = Capture::from_device(name)
            .map_err(explain)?
            .snaplen(size(options.snaplen))
            .buffer_size(size(options.buffer_bytes))
            .promisc(promiscuous)
            .immediate_mode(false)
            .timeout(BLOCK_TIMEOUT_MS);
        if nanos {
            inactive = inactive.precision(Precision::Nano);
        }
        let mut handle = inactive.open().map_err(explain)?;
        if let Some(filter) = &options.filter {
            handle
                .filter(filter, true)
                .map_err(|error| SourceError::Filter { expression: filter.clone(), reason: text(&error) })?;
        }
        let handle = handle.setnonblock().map_err(explain)?;
        let link = interfaces::link_type(handle.get_datalink().0);
        let unit = if nanos { 1 } else { 1_000 };
        Ok(Self { index, handle, link, unit, dropped: 0, dropped_by_interface: 0 })
    }

    /// Copies out what the ring has, up to a turn's worth.
    fn read(&mut self, batch: &mut Batch) -> Result<(), pcap::Error> {
        let (link, unit) = (self.link, self.unit);
        let interface = u32::try_from(self.index).unwrap_or(u32::MAX);
        let (data, heads) = (&mut batch.data, &mut batch.heads);
        self.handle.dispatch(Some(FRAMES_A_TURN), |packet| {
            let start = data.len();
            data.extend_from_slice(packet.data);
            // Narrower on other systems than here.
            #[allow(clippy::useless_conversion, clippy::unnecessary_fallible_conversions)]
            let (seconds, fraction) =
                (i64::from(packet.header.ts.tv_sec), i64::from(packet.header.ts.tv_usec));
            let len = u32::try_from(packet.data.len()).unwrap_or(u32::MAX);
            heads.push(FrameHead {
                id: FrameId::default(),
                time: Timestamp::from_nanos(
                    seconds.saturating_mul(1_000_000_000).saturating_add(fraction.saturating_mul(unit)),
                ),
                link,
                interface,
                start,
                len,
                wire_len: packet.header.len.max(len),
            });
        })?;
        Ok(())
    }
}

/// Whether libpcap gives nanoseconds for this interface. The crate cannot be asked what was granted, so they
/// are asked for only where libpcap is known to grant them: network interfaces of Linux.
fn gives_nanos(name: &str) -> bool {
    const OTHERS: [&str; 7] = ["usbmon", "bluetooth", "nflog", "nfqueue", "dbus-", "netmap:", "dag"];
    cfg!(target_os = "linux") && !OTHERS.iter().any(|other| name.starts_with(other))
}

/// libpcap's text without what the `pcap` crate puts before it.
fn text(error: &pcap::Error) -> String {
    match error {
        pcap::Error::PcapError(text) => text.trim_end_matches('.').to_owned(),
        other => other.to_string(),
    }
}

impl Source for LiveSource {
    fn fill(&mut self, batch: &mut Batch) -> Result<Fill, SourceError> {
        batch.clear();
        self.calls = self.calls.wrapping_add(1);
        if self.calls.is_multiple_of(CALLS_BETWEEN_STATISTICS) {
            self.refresh_drops();
        }
        self.poll(batch);
        if batch.is_empty() && !self.open.is_empty() {
            thread::sleep(Duration::from_millis(self.sleep));
            self.sleep = (self.sleep * 2).min(SLEEP_MS.1);
            self.poll(batch);
        }
        if batch.is_empty() {
            return Ok(if self.open.is_empty() { Fill::End } else { Fill::Idle });
        }
        self.sleep = SLEEP_MS.0;
        // A busy link fills more than a turn: fewer, larger batches cost less above.
        let mut last = 0;
        while batch.data.len() < BATCH_BYTES && batch.len() - last >= FRAMES_A_TURN {
            last = batch.len();
            self.poll(batch);
        }
        Ok(Fill::Frames)
    }

    fn captures(&self) -> &[CaptureInfo] {
        std::slice::from_ref(&self.info)
    }

    fn progress(&self) -> Option<(u64, u64)> {
        None
    }
}
