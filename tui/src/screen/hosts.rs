//! The hosts that play a part, with their roles.
//!
//! ```text
//! Address          Name             Site  Roles
//! 10.0.0.5         mp01.corp.test   P01   management point, distribution point
//! ```

use findings::report::HostEntry;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;

use super::{draw_empty, draw_list};
use crate::mark::{Grade, Severity};
use crate::model::Model;
use crate::widget::table::{Cell, Column, Window};
use crate::widget::theme::Theme;

const COLUMNS: [Column; 6] = [
    Column { title: "Address", least: 15, share: 1, rank: 0 },
    Column { title: "Name", least: 15, share: 2, rank: 0 },
    Column { title: "Site", least: 4, share: 0, rank: 1 },
    Column { title: "Worst", least: 5, share: 0, rank: 2 },
    Column { title: "Chan", least: 4, share: 0, rank: 3 },
    Column { title: "Roles", least: 18, share: 4, rank: 0 },
];

/// Draws the screen.
pub(crate) fn draw(model: &Model, theme: Theme, area: Rect, buffer: &mut Buffer, window: &mut Window) {
    if model.hosts.rows().is_empty() {
        return draw_empty(model, model.report.hosts.len(), "hosts", theme, area, buffer);
    }
    let row = |at: usize| model.report.hosts.get(at).map(|host| cells(model, host, theme));
    draw_list(&model.hosts, &COLUMNS, |at, _| row(at), theme, area, buffer, window);
}

fn cells(model: &Model, host: &HostEntry, theme: Theme) -> Vec<Cell> {
    let roles: Vec<&str> = host.roles.iter().map(|role| role.role.as_str()).collect();
    let none = Style::new();
    let (channels, _) = model.index.of_host(&host.ip);
    vec![
        (host.ip.clone(), none),
        (host.name.clone().unwrap_or_default(), none),
        (host.site_code.clone().unwrap_or_default(), none),
        worst(model, host, theme),
        (channels.len().to_string(), none),
        (roles.join(", "), none),
    ]
}

/// The worst that this host is an end of: the letter of a finding and the glyph of a channel.
fn worst(model: &Model, host: &HostEntry, theme: Theme) -> Cell {
    let (channels, findings) = model.index.of_host(&host.ip);
    let findings = findings.iter().filter_map(|&at| model.report.findings.get(at));
    let channels = channels.iter().filter_map(|&at| model.report.channels.get(at));
    let severity = findings.map(|finding| Severity::of(&finding.severity)).max();
    let grade = channels.map(|channel| Grade::of(&channel.grade)).max();
    let style = match (severity, grade) {
        (_, Some(grade)) => theme.grade(grade),
        (Some(severity), None) => theme.severity(severity),
        (None, None) => Style::new(),
    };
    let letter = severity.map_or(" ", Severity::letter);
    (format!("{} {letter}", grade.map_or(" ", Grade::glyph)), style)
}
