//! The report as lines, each a JSON object with its `type`: `summary` first, then `finding`, `channel`, `host`, and
//! `coverage` last.

use std::io;

use serde::Serialize;

use super::{Report, Summary, Tool};

/// A line: what it is, and the fields of that.
#[derive(Serialize)]
struct Line<'a, T> {
    r#type: &'static str,
    #[serde(flatten)]
    entry: &'a T,
}

/// What the first line holds.
#[derive(Serialize)]
struct Head<'a> {
    schema: &'a str,
    tool: &'a Tool,
    #[serde(flatten)]
    summary: &'a Summary,
}

/// Writes the report.
pub(super) fn write(report: &Report, out: &mut dyn io::Write) -> io::Result<()> {
    let head = Head { schema: &report.schema, tool: &report.tool, summary: &report.summary };
    line("summary", &head, out)?;
    report.findings.iter().try_for_each(|finding| line("finding", finding, out))?;
    report.channels.iter().try_for_each(|channel| line("channel", channel, out))?;
    report.hosts.iter().try_for_each(|host| line("host", host, out))?;
    line("coverage", &report.coverage, out)
}

fn line<T: Serialize>(r#type: &'static str, entry: &T, out: &mut dyn io::Write) -> io::Result<()> {
    serde_json::to_writer(&mut *out, &Line { r#type, entry })?;
    out.write_all(b"\n")
}
