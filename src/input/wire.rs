//! Live interfaces, and what takes their place in a build without libpcap.

use std::net::IpAddr;

use serde::Serialize;

#[cfg(not(feature = "live"))]
pub(super) use absent::{LiveSource, interfaces, open};
#[cfg(feature = "live")]
pub(super) use present::{LiveSource, interfaces, open};

/// An interface, as it is listed.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Listed {
    /// What `-i` takes instead of the name.
    pub(crate) number: usize,
    pub(crate) name: String,
    pub(crate) description: Option<String>,
    pub(crate) addresses: Vec<IpAddr>,
    pub(crate) up: bool,
    pub(crate) running: bool,
    pub(crate) loopback: bool,
}

#[cfg(feature = "live")]
mod present {
    use std::env;

    use capture::SourceError;
    use capture::source::{Interface, LiveOptions};

    use super::Listed;
    use crate::cli::{Live, Packets};

    pub(in crate::input) use capture::source::LiveSource;

    /// Opens interfaces.
    pub(in crate::input) fn open(live: &Live, packets: &Packets) -> Result<LiveSource, SourceError> {
        let defaults = LiveOptions::default();
        let most = defaults.snaplen;
        LiveSource::open(&LiveOptions {
            interfaces: live.interfaces.clone(),
            filter: packets.filter.clone(),
            snaplen: if live.snaplen == 0 { most } else { live.snaplen.min(most) },
            buffer_bytes: (live.buffer << 20).min(i32::MAX.unsigned_abs()),
            promiscuous: !live.no_promiscuous,
            program: env::current_exe().unwrap_or(defaults.program),
        })
    }

    /// The interfaces of this machine.
    pub(in crate::input) fn interfaces() -> Result<Vec<Listed>, SourceError> {
        let listed = |(index, interface): (usize, Interface)| Listed {
            number: index + 1,
            name: interface.name,
            description: interface.description,
            addresses: interface.addresses,
            up: interface.up,
            running: interface.running,
            loopback: interface.loopback,
        };
        Ok(capture::source::interfaces()?.into_iter().enumerate().map(listed).collect())
    }
}

#[cfg(not(feature = "live"))]
mod absent {
    use anyhow::{Result, bail};
    use capture::source::{Fill, Source, SourceError};
    use capture::{Batch, CaptureInfo};

    use super::Listed;
    use crate::cli::{Live, Packets};

    const REASON: &str = "this build cannot capture: it was made without libpcap (feature `live`)";

    /// A live source; never made.
    pub(in crate::input) enum LiveSource {}

    impl LiveSource {
        pub(in crate::input) fn refresh_drops(&mut self) {
            match *self {}
        }
    }

    impl Source for LiveSource {
        fn fill(&mut self, _: &mut Batch) -> Result<Fill, SourceError> {
            match *self {}
        }

        fn captures(&self) -> &[CaptureInfo] {
            match *self {}
        }

        fn progress(&self) -> Option<(u64, u64)> {
            match *self {}
        }
    }

    pub(in crate::input) fn open(_: &Live, _: &Packets) -> Result<LiveSource> {
        bail!(REASON)
    }

    pub(in crate::input) fn interfaces() -> Result<Vec<Listed>> {
        bail!(REASON)
    }
}
