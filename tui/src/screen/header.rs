//! The header: what is read and how far, the counts, and the screens.
//!
//! ```text
//! site.pcapng  12345 frames  63%  ! 3 dropped                                 PAUSED
//! ✗ 3 insecure  ! 2 weak  ? 1 not observable  ✓ 4 secure   C 0  H 2  M 1  L 0  I 3
//!  1 Channels 10  2 Findings 6  3 Hosts 8  4 Coverage !                  4-17/60
//! ```

use findings::report::grouped;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::Span;

use crate::mark::{Grade, Severity};
use crate::model::{Model, Screen};
use crate::widget::table::put;
use crate::widget::text::{line, plain, span, width};
use crate::widget::theme::Theme;

/// Lines that it takes.
pub(crate) const HEIGHT: u16 = 3;

/// Draws it; `position` is what is in sight of how much.
pub(crate) fn draw(
    model: &Model,
    theme: Theme,
    area: Rect,
    buffer: &mut Buffer,
    position: Option<(usize, usize, usize)>,
) {
    let right = state(model, theme);
    row(buffer, area, 0, source(model, theme, usize::from(area.width), &right), right);
    row(buffer, area, 1, counts(model, theme, usize::from(area.width)), Vec::new());
    let sight = position.map(|(first, last, all)| span(&format!("{first}-{last}/{all} "), theme.dim()));
    row(buffer, area, 2, tabs(model, theme), sight.into_iter().collect());
}

/// Draws spans from the left, and others at the right end where room is left for them.
fn row(buffer: &mut Buffer, area: Rect, at: usize, left: Vec<Span<'static>>, right: Vec<Span<'static>>) {
    let left = line(left);
    let right = line(right);
    let (taken, wanted) = (left.width(), right.width());
    put(buffer, area, at, &left, None);
    let room = usize::from(area.width);
    if wanted > 0 && taken + wanted < room {
        let offset = u16::try_from(room - wanted).unwrap_or_default();
        put(buffer, Rect { x: area.x + offset, width: area.width - offset, ..area }, at, &right, None);
    }
}

fn source(model: &Model, theme: Theme, room: usize, right: &[Span<'static>]) -> Vec<Span<'static>> {
    let status = &model.status;
    let mut rest = vec![plain(&format!("  {} frames", grouped(status.frames)))];
    if let Some(percent) = percent(status.progress).filter(|_| !status.done) {
        rest.push(plain(&format!("  {percent}%")));
    }
    if status.dropped > 0 {
        rest.push(span(&format!("  ! {} dropped", grouped(status.dropped)), theme.warning()));
    }
    let taken: usize = rest.iter().chain(right).map(Span::width).sum();
    let names = sources(&status.source, room.saturating_sub(taken + 2));
    let mut left = vec![span(&format!(" {names}"), theme.heading())];
    left.extend(rest);
    left
}

/// Names of what is read; where they do not fit, the first and how many more.
fn sources(names: &[String], room: usize) -> String {
    let all = names.join(", ");
    match names {
        [] => "nothing opened".to_owned(),
        [first, rest @ ..] if width(&all) > room => {
            let more = if rest.is_empty() { String::new() } else { format!(" +{}", rest.len()) };
            // The end of a path tells files apart.
            let name = first.rsplit(['/', '\\']).next().unwrap_or(first);
            let name = crate::widget::text::fit(
                name,
                width(name).min(room.saturating_sub(more.len())),
                Style::new(),
            );
            format!("{}{more}", name.content)
        }
        _ => all,
    }
}

fn state(model: &Model, theme: Theme) -> Vec<Span<'static>> {
    let status = &model.status;
    let state = if let Some(error) = &status.error {
        span(&format!("✗ {error} "), theme.wrong())
    } else if model.paused {
        let waiting = if model.waiting.is_some() { "PAUSED, more waits " } else { "PAUSED " };
        span(waiting, theme.warning())
    } else if status.live && !status.done {
        span("live ", theme.heading())
    } else if status.live && model.report.coverage.partial {
        // Nobody watches a capture that has ended by itself without wanting to know why.
        span("ENDED, see 4 ", theme.warning())
    } else if status.live {
        span("ended ", theme.warning())
    } else if status.done {
        span("done ", theme.dim())
    } else {
        span("reading ", theme.heading())
    };
    vec![state]
}

/// Counts by grade and severity; words where they fit, glyphs and letters always.
fn counts(model: &Model, theme: Theme, room: usize) -> Vec<Span<'static>> {
    let worded = counts_in(model, theme, true);
    let taken: usize = worded.iter().map(Span::width).sum();
    if taken <= room { worded } else { counts_in(model, theme, false) }
}

fn counts_in(model: &Model, theme: Theme, words: bool) -> Vec<Span<'static>> {
    let summary = &model.report.summary;
    let number = |grade: Grade| match grade {
        Grade::Insecure => summary.insecure,
        Grade::Weak => summary.weak,
        Grade::NotObservable => summary.not_observable,
        Grade::Secure => summary.secure,
    };
    let grades = Grade::ALL.into_iter().map(|grade| {
        let word = if words { format!(" {}", grade.word()) } else { String::new() };
        let seen = number(grade) > 0;
        let (glyph, rest) =
            if seen { (theme.grade(grade), theme.grade_word(grade)) } else { (theme.dim(), theme.dim()) };
        let count = format!(" {}{word} ", number(grade));
        [plain(" "), span(grade.glyph(), glyph), span(&count, rest)]
    });
    let number = |severity: Severity| match severity {
        Severity::Critical => summary.critical,
        Severity::High => summary.high,
        Severity::Medium => summary.medium,
        Severity::Low => summary.low,
        Severity::Info => summary.info,
    };
    let severities = Severity::ALL.into_iter().map(|severity| {
        let seen = number(severity) > 0;
        let (letter, rest) =
            if seen { (theme.severity(severity), Style::new()) } else { (theme.dim(), theme.dim()) };
        [plain(" "), span(severity.letter(), letter), span(&format!(" {}", number(severity)), rest)]
    });
    grades.chain(severities).flatten().collect()
}

fn tabs(model: &Model, theme: Theme) -> Vec<Span<'static>> {
    Screen::ALL
        .into_iter()
        .zip(1..)
        .map(|(screen, number)| {
            let suffix = match model.list(screen) {
                Some(list) => count(list.rows().len(), all(model, screen)),
                None if model.report.coverage.partial => " !".to_owned(),
                None => String::new(),
            };
            let style = if screen == model.screen { theme.selected() } else { Style::new() };
            span(&format!(" {number} {}{suffix} ", screen.title()), style)
        })
        .collect()
}

/// Entries of the report that a screen lists.
fn all(model: &Model, screen: Screen) -> usize {
    match screen {
        Screen::Channels => model.report.channels.len(),
        Screen::Findings => model.report.findings.len(),
        Screen::Hosts => model.report.hosts.len(),
        Screen::Coverage => 0,
    }
}

/// How many rows, and of how many where a filter keeps some back.
fn count(shown: usize, all: usize) -> String {
    if shown == all { format!(" {all}") } else { format!(" {shown}/{all}") }
}

/// Parts of a whole in percent; none where the whole is not known.
fn percent(progress: Option<(u64, u64)>) -> Option<u64> {
    let (read, all) = progress.filter(|(_, all)| *all > 0)?;
    u64::try_from(u128::from(read.min(all)) * 100 / u128::from(all)).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn progress_is_never_beyond_its_end() {
        assert_eq!(percent(Some((63, 100))), Some(63));
        assert_eq!(percent(Some((u64::MAX, 100))), Some(100));
        assert_eq!(percent(Some((u64::MAX - 1, u64::MAX))), Some(99));
        assert_eq!(percent(Some((1, 0))), None);
        assert_eq!(percent(None), None);
    }

    #[test]
    fn many_sources_are_counted_where_they_do_not_fit() {
        let names = ["a/site.pcapng".to_owned(), "b.pcap".to_owned(), "c.pcap".to_owned()];
        assert_eq!(sources(&names, 40), "a/site.pcapng, b.pcap, c.pcap");
        assert_eq!(sources(&names, 20), "site.pcapng +2");
        assert_eq!(sources(&names, 9), "site.… +2");
    }
}
