//! The channel matrix: who talks to which site system for what, and how safe that is, worst first.

use std::io;

use super::layout::{Page, Tone, cut, pad, width, wrap};
use super::notes::{grouped, many};
use super::text::end;
use super::{ChannelEntry, End, Report};

/// Channels shown.
const SHOWN: usize = 60;
/// Columns that an end may take; two of them, the other columns and a reason worth reading fit 100.
const END: usize = 32;
/// Columns that a reason needs beside the others; where fewer are left, it stands on lines of its own below.
const REASON: usize = 36;
/// Blanks between two columns.
const APART: usize = 2;
/// Titles of the columns.
const TITLES: [&str; 6] = ["grade", "client", "site system", "purpose", "protocol", "why"];

/// Writes the matrix; nothing where there is no channel.
pub(super) fn write(report: &Report, page: &mut Page<'_>) -> io::Result<()> {
    if report.channels.is_empty() {
        return Ok(());
    }
    let mut channels: Vec<&ChannelEntry> = report.channels.iter().collect();
    channels.sort_by_key(|channel| rank(&channel.grade));
    let shown = channels.get(..SHOWN).unwrap_or(&channels);
    let table = Table::of(shown, page.style.width);
    page.line("")?;
    let heading = format!("CHANNELS ({})", grouped(channels.len() as u64));
    page.block("", &heading, Some(Tone::Strong))?;
    for titles in table.row(&TITLES.map(str::to_owned)) {
        let titles = page.paint(Tone::Faint, &titles);
        page.line(&titles)?;
    }
    for channel in shown {
        for line in table.row(&row(channel, table.end)) {
            let line = page.paint(tone(&channel.grade), &line);
            page.line(&line)?;
        }
        if let Some(trust) = &channel.trust {
            for line in table.below(&format!("trust: {}", trust.summary())) {
                let line = page.paint(Tone::Faint, &line);
                page.line(&line)?;
            }
        }
    }
    if let Some(rest) = channels.len().checked_sub(SHOWN).filter(|rest| *rest > 0) {
        page.block("  ", &format!("and {} more (use --format json)", many(rest as u64, "channel")), None)?;
    }
    Ok(())
}

/// The cells of a channel, its ends in so many columns.
fn row(channel: &ChannelEntry, columns: usize) -> [String; 6] {
    let port = channel.server.port.map_or_else(String::new, |port| format!(":{port}/{}", channel.transport));
    [
        format!("{} {}", glyph(&channel.grade), channel.grade),
        cut(&end(&short(&channel.client), ""), columns),
        cut(&end(&short(&channel.server), &port), columns),
        channel.purpose.clone(),
        cut(&channel.protocol, END),
        channel.reasons.first().cloned().unwrap_or_default(),
    ]
}

/// An end with its name cut to the host part: a table has no room for domains.
fn short(end: &End) -> End {
    let host = |name: &String| name.split('.').next().unwrap_or(name).to_owned();
    End { name: end.name.as_ref().map(host), ..end.clone() }
}

/// How wide things are.
struct Table {
    widths: [usize; 5],
    /// Columns that an end may take.
    end: usize,
    /// Columns of a line.
    columns: usize,
    /// Whether there is room for the ends alone: purpose and protocol then stand before the reason, below them.
    narrow: bool,
}

impl Table {
    /// Laid out for channels, in so many columns.
    fn of(channels: &[&ChannelEntry], columns: usize) -> Self {
        let grade = channels.iter().map(|channel| width(&channel.grade) + 2).max().unwrap_or_default();
        let end = END.min(columns.saturating_sub(grade + 2 * APART) / 2);
        let rows: Vec<[String; 6]> = channels.iter().map(|channel| row(channel, end)).collect();
        let widths: [usize; 5] = std::array::from_fn(|column| {
            let cells = rows.iter().filter_map(|row| row.get(column));
            let titles = TITLES.get(column).into_iter().map(|title| width(title));
            cells.map(|cell| width(cell)).chain(titles).max().unwrap_or_default()
        });
        let all = widths.iter().sum::<usize>() + (widths.len() - 1) * APART;
        Self { widths, end, columns, narrow: all > columns }
    }

    /// The lines of a row: one, or more where there is no room for the reason beside the rest.
    fn row(&self, cells: &[String; 6]) -> Vec<String> {
        let [ends @ .., purpose, protocol, reason] = cells;
        if self.narrow {
            let what = format!("{purpose}, {protocol}");
            let below = if reason.is_empty() { what } else { format!("{what}: {reason}") };
            return std::iter::once(self.line(ends)).chain(self.below(&below)).collect();
        }
        let [beginning @ .., _] = cells;
        let line = self.line(beginning);
        let before = self.widths.iter().map(|width| width + APART).sum::<usize>();
        let left = self.columns.saturating_sub(before);
        if left >= REASON && width(reason) <= left {
            return vec![format!("{}{reason}", pad(&line, before)).trim_end().to_owned()];
        }
        std::iter::once(line).chain(self.below(reason)).collect()
    }

    /// Cells side by side.
    fn line(&self, cells: &[String]) -> String {
        let padded = cells.iter().zip(self.widths).map(|(cell, width)| pad(cell, width + APART));
        padded.collect::<String>().trim_end().to_owned()
    }

    /// Lines under a row, indented to its second column.
    fn below(&self, text: &str) -> Vec<String> {
        let indent = self.widths.first().map_or(0, |grade| grade + APART);
        let lines = wrap(text, self.columns.saturating_sub(indent));
        lines.iter().map(|line| format!("{}{line}", " ".repeat(indent))).collect()
    }
}

/// Glyph of a grade.
pub(super) fn glyph(grade: &str) -> char {
    match grade {
        "insecure" => '✗',
        "weak" => '!',
        "secure" => '✓',
        _ => '?',
    }
}

fn rank(grade: &str) -> u8 {
    match grade {
        "insecure" => 0,
        "weak" => 1,
        "secure" => 3,
        _ => 2,
    }
}

fn tone(grade: &str) -> Tone {
    match grade {
        "insecure" => Tone::Bad,
        "weak" => Tone::Doubt,
        "secure" => Tone::Good,
        _ => Tone::Calm,
    }
}
