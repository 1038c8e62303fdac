//! The channel matrix: who talks to which site system for what, and how safe that is, worst first.

use std::io;

use super::layout::{Page, Tone, cut, pad, width};
use super::notes::{grouped, many};
use super::text::end;
use super::{ChannelEntry, End, Report};

/// Channels shown.
const SHOWN: usize = 60;
/// Columns that an end may take; two of them, the other columns and a reason worth reading fit 100.
const END: usize = 32;
/// Columns that a reason needs beside the others; where fewer are left, it stands on a line of its own below.
const REASON: usize = 36;
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
    let rows: Vec<[String; 6]> = shown.iter().map(|channel| row(channel)).collect();
    let widths: [usize; 5] = std::array::from_fn(|column| {
        let cells = rows.iter().filter_map(|row| row.get(column));
        let titles = TITLES.get(column).into_iter().map(|title| width(title));
        cells.map(|cell| width(cell)).chain(titles).max().unwrap_or_default()
    });
    page.line("")?;
    let heading = format!("CHANNELS ({})", grouped(channels.len() as u64));
    page.block("", &heading, Some(Tone::Strong))?;
    let table = Table { widths, columns: page.style.width };
    for titles in table.row(&TITLES.map(str::to_owned)) {
        let titles = page.paint(Tone::Faint, &titles);
        page.line(&titles)?;
    }
    for (channel, cells) in shown.iter().zip(&rows) {
        for line in table.row(cells) {
            let line = page.paint(tone(&channel.grade), &line);
            page.line(&line)?;
        }
        if let Some(trust) = &channel.trust {
            let line = page.paint(Tone::Faint, &table.below(&format!("trust: {}", trust.summary())));
            page.line(&line)?;
        }
    }
    if let Some(rest) = channels.len().checked_sub(SHOWN).filter(|rest| *rest > 0) {
        page.block("  ", &format!("and {} more (use --format json)", many(rest as u64, "channel")), None)?;
    }
    Ok(())
}

fn row(channel: &ChannelEntry) -> [String; 6] {
    let port = channel.server.port.map_or_else(String::new, |port| format!(":{port}/{}", channel.transport));
    [
        format!("{} {}", glyph(&channel.grade), channel.grade),
        cut(&end(&short(&channel.client), ""), END),
        cut(&end(&short(&channel.server), &port), END),
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
    columns: usize,
}

impl Table {
    /// The lines of a row: one, or two where there is no room for the reason beside the rest.
    fn row(&self, cells: &[String; 6]) -> Vec<String> {
        let [beginning @ .., reason] = cells;
        let mut line = String::new();
        for (cell, width) in beginning.iter().zip(self.widths) {
            line.push_str(&pad(cell, width + 2));
        }
        let left = self.columns.saturating_sub(width(&line));
        if left >= REASON {
            line.push_str(&cut(reason, left));
        }
        line.truncate(line.trim_end().len());
        if left >= REASON || reason.is_empty() {
            return vec![line];
        }
        vec![line, self.below(reason)]
    }

    /// A line under a row, indented to its second column.
    fn below(&self, text: &str) -> String {
        let indent = self.widths.first().map_or(0, |grade| grade + 2);
        format!("{}{}", " ".repeat(indent), cut(text, self.columns.saturating_sub(indent)))
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
