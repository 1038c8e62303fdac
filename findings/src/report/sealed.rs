//! What shows of sealed channels from outside, in its outward form and in words. What they are likely for is said with
//! its confidence, and counts for no grade.

use std::io;

use serde::Serialize;

use super::layout::{Page, Tone};
use super::notes::{grouped, many};
use super::text::end;
use super::{ChannelEntry, Report};
use crate::channel::{Likely, Sealed};

/// Channels shown.
const SHOWN: usize = 60;

/// What one direction carried.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct AmountEntry {
    /// Frames.
    pub packets: u64,
    /// Payload bytes, TLS records and all.
    pub bytes: u64,
}

/// What shows of a channel's sealed connections, those that have ended.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct SealedEntry {
    /// How many.
    pub connections: u64,
    /// Everything to the server.
    pub to_server: AmountEntry,
    /// Everything to the client.
    pub to_client: AmountEntry,
    /// When the first began, RFC 3339 UTC.
    pub first_seen: String,
    /// When payload came last.
    pub last_seen: String,
    /// Seconds that the longest lasted, until its last payload.
    pub longest_seconds: u64,
    /// Seconds between the beginnings of connections, the median; absent where there was but one.
    pub median_interval_seconds: Option<u64>,
    /// What the channel is likely for; absent where sizes and times do not tell.
    pub likely: Option<LikelyEntry>,
}

/// What a sealed channel is likely for.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct LikelyEntry {
    /// `notification`, `content` or `policy`.
    pub purpose: String,
    /// `possible` or `likely`.
    pub confidence: String,
    /// What was seen, in words.
    pub why: String,
}

impl From<&Sealed> for SealedEntry {
    fn from(sealed: &Sealed) -> Self {
        let amount =
            |traffic: capture::Traffic| AmountEntry { packets: traffic.packets, bytes: traffic.bytes };
        let likely = |likely: &Likely| LikelyEntry {
            purpose: likely.purpose.name().to_owned(),
            confidence: likely.confidence.name().to_owned(),
            why: likely.why.clone(),
        };
        Self {
            connections: sealed.connections,
            to_server: amount(sealed.to_server),
            to_client: amount(sealed.to_client),
            first_seen: sealed.first.to_string(),
            last_seen: sealed.last.to_string(),
            longest_seconds: sealed.longest,
            median_interval_seconds: sealed.median_interval,
            likely: sealed.likely.as_ref().map(likely),
        }
    }
}

impl SealedEntry {
    /// Counts, sizes and times in words.
    #[must_use]
    pub fn shape(&self) -> String {
        let amount = |way: &str, amount: AmountEntry| {
            format!("{} in {} {way}", size(amount.bytes), many(amount.packets, "frame"))
        };
        let interval = self.median_interval_seconds.map(|interval| match interval {
            0 => ", several a second".to_owned(),
            interval => format!(", one every {}", span(interval)),
        });
        let longest = match (self.connections, self.longest_seconds) {
            (1, seconds) => format!("lasting {}", span(seconds)),
            (_, 0) => "none as long as a second".to_owned(),
            (_, seconds) => format!("the longest of {}", span(seconds)),
        };
        format!(
            "{}, {}, {}{}, {longest}",
            many(self.connections, "connection"),
            amount("to the server", self.to_server),
            amount("to the client", self.to_client),
            interval.unwrap_or_default(),
        )
    }

    /// What it is likely for, and why, in words; nothing where sizes and times do not tell.
    #[must_use]
    pub fn guess(&self) -> Option<String> {
        let likely = self.likely.as_ref()?;
        Some(format!("{} {}, by sizes and times alone: {}", likely.confidence, likely.purpose, likely.why))
    }
}

/// Writes the sealed channels; nothing where there is none.
pub(super) fn write(report: &Report, page: &mut Page<'_>) -> io::Result<()> {
    let mut sealed = channels(report).peekable();
    if sealed.peek().is_none() {
        return Ok(());
    }
    page.line("")?;
    let count = channels(report).count();
    page.block("", &format!("SEALED ({})", grouped(count as u64)), Some(Tone::Strong))?;
    for (channel, sealed) in sealed.take(SHOWN) {
        let port = channel.server.port.map_or_else(String::new, |port| format!(":{port}"));
        page.block("  ", &format!("{} → {}", end(&channel.client, ""), end(&channel.server, &port)), None)?;
        page.block("    ", &sealed.shape(), Some(Tone::Faint))?;
        if let Some(guess) = sealed.guess() {
            page.block("    ", &guess, Some(Tone::Faint))?;
        }
    }
    if count > SHOWN {
        page.block("  ", &format!("and {} more (use --format json)", count - SHOWN), None)?;
    }
    Ok(())
}

/// Channels of which something sealed shows.
pub(super) fn channels(report: &Report) -> impl Iterator<Item = (&ChannelEntry, &SealedEntry)> {
    report.channels.iter().filter_map(|channel| channel.sealed.as_ref().map(|sealed| (channel, sealed)))
}

/// Bytes in words, no smaller than they are.
fn size(bytes: u64) -> String {
    match bytes {
        0..10_240 => many(bytes, "byte"),
        10_240..10_485_760 => format!("{} KiB", grouped(bytes.div_ceil(1 << 10))),
        _ => format!("{} MiB", grouped(bytes.div_ceil(1 << 20))),
    }
}

/// Seconds in words, to the nearest unit of which there are two.
fn span(seconds: u64) -> String {
    match seconds {
        0 => "less than a second".to_owned(),
        1..120 => many(seconds, "second"),
        120..7_200 => many((seconds + 30) / 60, "minute"),
        _ => many((seconds + 1_800) / 3_600, "hour"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_short_is_said_without_a_zero() {
        let short =
            SealedEntry { connections: 4, median_interval_seconds: Some(0), ..SealedEntry::default() };
        assert!(short.shape().ends_with(", several a second, none as long as a second"), "{}", short.shape());
        let single = SealedEntry { connections: 1, longest_seconds: 1, ..SealedEntry::default() };
        assert!(single.shape().ends_with(" to the client, lasting 1 second"), "{}", single.shape());
        let several = SealedEntry { connections: 2, longest_seconds: 90, ..SealedEntry::default() };
        assert!(several.shape().ends_with(", the longest of 90 seconds"), "{}", several.shape());
    }

    #[test]
    fn sizes_and_spans_are_said_in_fitting_units() {
        let sizes: Vec<String> = [1, 9_000, 10_240, 11_000, 20 << 20].map(size).to_vec();
        assert_eq!(sizes, ["1 byte", "9,000 bytes", "10 KiB", "11 KiB", "20 MiB"]);
        let spans: Vec<String> = [0, 1, 119, 120, 3_580, 7_300].map(span).to_vec();
        assert_eq!(
            spans,
            ["less than a second", "1 second", "119 seconds", "2 minutes", "60 minutes", "2 hours"]
        );
    }
}
