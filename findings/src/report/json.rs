//! The report as one JSON document: the report's own structs, field by field (`schema/report-1.json`).

use std::io;

use super::Report;

/// Writes the report, indented, with a line feed at the end.
pub(super) fn write(report: &Report, out: &mut dyn io::Write) -> io::Result<()> {
    serde_json::to_writer_pretty(&mut *out, report)?;
    out.write_all(b"\n")
}
