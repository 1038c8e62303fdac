//! Draws the model. Reads it only: what drawing must remember is in [`ViewState`].
//!
//! ```text
//! header      what is read, counts, screens
//! body        the screen, or what lies open on it; on a high terminal the row under the cursor below its list
//! footer      filter, hints
//! ```

use ratatui::Frame;
use ratatui::buffer::Buffer;
use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::style::Style;

use crate::effect::Scroll;
use crate::model::{Detail, Model, Screen};
use crate::screen::{channel, channels, coverage, finding, findings, footer, header, help, host, hosts};
use crate::widget::page::{Page, Scroller};
use crate::widget::table::{Window, put};
use crate::widget::text::{fit, line, span};
use crate::widget::theme::Theme;

/// From this height of the body on, the last column of the row under the cursor is told in a line below its list.
const LINE_FROM: u16 = 8;

/// From this height on, in three lines under a rule.
const BRIEF_FROM: u16 = 15;
const BRIEF: u16 = 4;

/// From this height on, the row is shown as if it were open.
const PREVIEW_FROM: u16 = 26;

/// What drawing remembers: scroll positions.
#[derive(Clone, Debug, Default)]
pub struct ViewState {
    theme: Theme,
    channels: Window,
    findings: Window,
    hosts: Window,
    text: Scroller,
    help: Scroller,
    help_open: bool,
    body: usize,
}

impl ViewState {
    /// At the top of everything.
    #[must_use]
    pub fn new(color: bool) -> Self {
        Self { theme: Theme::new(color), ..Self::default() }
    }

    /// Rows of a list that fit on the screen, under its headings.
    #[must_use]
    pub const fn rows_in_sight(&self) -> usize {
        self.body.saturating_sub(1)
    }

    /// Scrolls the text in sight.
    pub fn scroll(&mut self, scroll: Scroll) {
        if self.help_open {
            self.help.scroll(scroll);
        } else {
            self.text.scroll(scroll);
        }
    }
}

/// Draws the model.
pub fn view(model: &Model, state: &mut ViewState, frame: &mut Frame<'_>) {
    let foot = footer::height(model);
    let [head, body, foot] =
        Layout::vertical([Constraint::Length(header::HEIGHT), Constraint::Min(0), Constraint::Length(foot)])
            .areas(frame.area());
    let buffer = frame.buffer_mut();
    state.help_open = model.help;
    let position = draw_body(model, state, body, buffer);
    header::draw(model, state.theme, head, buffer, position);
    footer::draw(model, state.theme, foot, buffer);
}

/// Draws what lies on top, and says what of it is in sight.
fn draw_body(
    model: &Model,
    state: &mut ViewState,
    area: Rect,
    buffer: &mut Buffer,
) -> Option<(usize, usize, usize)> {
    let theme = state.theme;
    if model.help {
        let mut page = Page::new(theme, area.width);
        help::write(&mut page);
        page.draw(area, buffer, &mut state.help);
        return state.help.position();
    }
    if let Some(detail) = model.details.last() {
        let mut page = Page::new(theme, area.width);
        write(&mut page, model, detail);
        page.draw(area, buffer, &mut state.text);
        return state.text.position();
    }
    let (area, preview) = split(model, area);
    state.body = usize::from(area.height);
    if let (Some(preview), Some(subject)) = (preview, model.subject()) {
        draw_preview(model, &subject, theme, preview, buffer);
    }
    match model.screen {
        Screen::Channels => channels::draw(model, theme, area, buffer, &mut state.channels),
        Screen::Findings => findings::draw(model, theme, area, buffer, &mut state.findings),
        Screen::Hosts => hosts::draw(model, theme, area, buffer, &mut state.hosts),
        Screen::Coverage => {
            let mut page = Page::new(theme, area.width);
            coverage::write(&mut page, model);
            page.draw(area, buffer, &mut state.text);
            return state.text.position();
        }
    }
    let window = match model.screen {
        Screen::Channels => &state.channels,
        Screen::Findings => &state.findings,
        _ => &state.hosts,
    };
    let shown = model.list(model.screen).is_some_and(|list| !list.rows().is_empty());
    window.position().filter(|_| shown)
}

/// The room of the list and, on a high terminal, that of the row under its cursor.
fn split(model: &Model, area: Rect) -> (Rect, Option<Rect>) {
    if area.height < LINE_FROM || model.subject().is_none() {
        return (area, None);
    }
    let below = match area.height {
        ..BRIEF_FROM => 1,
        BRIEF_FROM..PREVIEW_FROM => BRIEF,
        height => height * 2 / 5,
    };
    let [list, preview] = Layout::vertical([Constraint::Min(0), Constraint::Length(below)]).areas(area);
    (list, Some(preview))
}

fn draw_preview(model: &Model, subject: &Detail, theme: Theme, area: Rect, buffer: &mut Buffer) {
    if area.height == 1 {
        let text = fit(&brief(model, subject), usize::from(area.width), theme.dim());
        return put(buffer, area, 0, &line([text]), None);
    }
    put(buffer, area, 0, &line([span(&"─".repeat(usize::from(area.width)), theme.dim())]), None);
    let below = Rect { y: area.y + 1, height: area.height - 1, ..area };
    let mut page = Page::new(theme, area.width);
    if area.height > BRIEF {
        write(&mut page, model, subject);
    } else {
        page.paragraph(0, &brief(model, subject), Style::new());
    }
    page.draw(below, buffer, &mut Scroller::default());
}

/// What the row under the cursor says in its last column, in full.
fn brief(model: &Model, subject: &Detail) -> String {
    let text = match subject {
        Detail::Channel(identity) => model.channel(identity).map(|channel| channel.reasons.join("; ")),
        Detail::Finding(identity) => model.finding(identity).map(|finding| finding.message.clone()),
        Detail::Host(ip) => model.host(ip).map(|host| {
            let roles: Vec<String> =
                host.roles.iter().map(|role| format!("{}: {}", role.role, role.why)).collect();
            roles.join("; ")
        }),
    };
    text.unwrap_or_default()
}

fn write(page: &mut Page, model: &Model, detail: &Detail) {
    let written = match detail {
        Detail::Channel(identity) => model.channel(identity).map(|it| channel::write(page, model, it)),
        Detail::Finding(identity) => model.finding(identity).map(|it| finding::write(page, model, it)),
        Detail::Host(ip) => model.host(ip).map(|it| host::write(page, model, it)),
    };
    if written.is_none() {
        page.heading("This is no longer in the report: it gave way to newer entries at a limit.");
    }
}
