//! What a message does to the model. Pure: no terminal, no clock, no thread; the rest is asked for as [`Effect`]s.

mod copy;
mod rows;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use findings::report::Report;

use crate::Exit;
use crate::effect::{Effect, Scroll};
use crate::filter::Filter;
use crate::index::Index;
use crate::list::Row;
use crate::model::{Detail, Mode, Model, Msg, Screen};

/// SIGINT, which Ctrl-C would be if the terminal were not in raw mode.
const INTERRUPT: i32 = 2;

/// The longest filter: beyond it nothing is typed in.
const MAX_FILTER: usize = 400;

/// Details may open details; beyond this many, the oldest is forgotten.
const MAX_DETAILS: usize = 32;

/// Applies a message.
pub fn update(model: &mut Model, msg: Msg) -> Vec<Effect> {
    if !matches!(msg, Msg::Report(_) | Msg::Status(_) | Msg::RowsInSight(_)) {
        model.notice = None;
    }
    match msg {
        Msg::Report(report) if model.paused => model.waiting = Some(report),
        Msg::Report(report) => show(model, report),
        Msg::Status(status) => model.status = status,
        Msg::RowsInSight(rows) => model.rows_in_sight = rows,
        Msg::Signal(number) => return vec![Effect::Exit(Exit::Signal(number))],
        Msg::Quit => return vec![Effect::Exit(Exit::Quit)],
        Msg::Interrupt => return vec![Effect::Exit(Exit::Signal(INTERRUPT))],
        Msg::Suspend => return vec![Effect::Suspend],
        Msg::Redraw => return vec![Effect::Redraw],
        Msg::Lines(by) => return step(model, by, Scroll::Lines(by)),
        Msg::Pages(by) => return step(model, by.saturating_mul(page(model)), Scroll::Pages(by)),
        Msg::Top => return step(model, isize::MIN, Scroll::Top),
        Msg::Bottom => return step(model, isize::MAX, Scroll::Bottom),
        Msg::Copy => return copy::row(model),
        Msg::CopyDisplayFilter => return copy::display_filter(model),
        Msg::Pause => pause(model),
        msg @ (Msg::EditFilter
        | Msg::Type(_)
        | Msg::Erase
        | Msg::EraseWord
        | Msg::EraseAll
        | Msg::AcceptFilter) => edit(model, &msg),
        msg @ (Msg::Sort | Msg::Reverse | Msg::InsecureOnly) => arrange(model, &msg),
        msg => return walk(model, &msg),
    }
    Vec::new()
}

/// Shows a report: positions are made anew, cursors stay on who they were on.
fn show(model: &mut Model, report: Arc<Report>) {
    model.index = Index::new(&report);
    model.report = report;
    rows::derive(model);
}

fn pause(model: &mut Model) {
    model.paused = !model.paused;
    if !model.paused
        && let Some(report) = model.waiting.take()
    {
        show(model, report);
    }
}

/// Moves the cursor of a list, or scrolls text.
fn step(model: &mut Model, by: isize, scroll: Scroll) -> Vec<Effect> {
    if model.mode() != Mode::List {
        return vec![Effect::Scroll(scroll)];
    }
    if let Some(list) = model.list_mut(model.screen) {
        list.step(by);
    }
    Vec::new()
}

/// Rows of a list in sight, less one to keep the thread.
fn page(model: &Model) -> isize {
    isize::try_from(model.rows_in_sight).unwrap_or(isize::MAX).saturating_sub(1).max(1)
}

/// The filter line.
fn edit(model: &mut Model, msg: &Msg) {
    if matches!(msg, Msg::EditFilter) {
        // Rows follow what is typed, so they must be in sight.
        let screen = if model.screen == Screen::Coverage { Screen::Channels } else { model.screen };
        go(model, screen);
    }
    let line = &mut model.filter;
    match msg {
        Msg::EditFilter => line.editing = true,
        Msg::AcceptFilter => line.editing = false,
        Msg::Type(character) if line.text.len() < MAX_FILTER && !character.is_control() => {
            line.text.push(*character);
        }
        Msg::Erase => {
            line.text.pop();
        }
        Msg::EraseWord => {
            let kept = line.text.trim_end().rfind(char::is_whitespace).map_or(0, |at| at + 1);
            line.text.truncate(kept);
        }
        Msg::EraseAll => line.text.clear(),
        _ => {}
    }
    line.filter = Filter::parse(&line.text);
    rows::derive(model);
}

/// What changes which rows are there, and where.
fn arrange(model: &mut Model, msg: &Msg) {
    match msg {
        Msg::InsecureOnly => model.insecure_only = !model.insecure_only,
        Msg::Sort => {
            if let Some(list) = model.list_mut(model.screen) {
                list.next_order();
            }
        }
        _ => {
            if let Some(list) = model.list_mut(model.screen) {
                list.reverse();
            }
        }
    }
    rows::derive(model);
}

/// From screen to screen, down into details and up again.
fn walk(model: &mut Model, msg: &Msg) -> Vec<Effect> {
    let before = (model.details.last().cloned(), model.help, model.screen);
    match msg {
        Msg::Help => model.help = !model.help,
        Msg::Go(screen) => go(model, *screen),
        Msg::NextScreen => go(model, neighbour(model.screen, 1)),
        Msg::PreviousScreen => go(model, neighbour(model.screen, Screen::ALL.len() - 1)),
        Msg::Open => open(model),
        Msg::Back => back(model),
        Msg::Escape => escape(model),
        Msg::OpenFindings => open_findings(model),
        Msg::NextFinding => next_finding(model, true),
        Msg::PreviousFinding => next_finding(model, false),
        _ => {}
    }
    let after = (model.details.last().cloned(), model.help, model.screen);
    if before == after { Vec::new() } else { vec![Effect::Scroll(Scroll::Top)] }
}

fn neighbour(screen: Screen, steps: usize) -> Screen {
    let at = Screen::ALL.iter().position(|&each| each == screen).unwrap_or_default();
    Screen::ALL.get((at + steps) % Screen::ALL.len()).copied().unwrap_or(Screen::Channels)
}

fn go(model: &mut Model, screen: Screen) {
    model.screen = screen;
    model.details.clear();
    model.help = false;
}

/// Enter: the row under the cursor, or from a detail what lies below it.
fn open(model: &mut Model) {
    match model.details.last() {
        None => {
            if let Some(detail) = model.subject() {
                push(model, detail);
            }
        }
        Some(Detail::Channel(_) | Detail::Host(_)) => open_findings(model),
        Some(Detail::Finding(_)) => {}
    }
}

fn push(model: &mut Model, detail: Detail) {
    if model.details.len() >= MAX_DETAILS {
        model.details.remove(0);
    }
    model.details.push(detail);
}

fn back(model: &mut Model) {
    if model.help {
        model.help = false;
    } else {
        model.details.pop();
    }
}

/// Esc: up one step; at the top, what narrows the list goes.
fn escape(model: &mut Model) {
    if model.filter.editing {
        model.filter.editing = false;
        edit(model, &Msg::EraseAll);
    } else if model.help || !model.details.is_empty() {
        back(model);
    } else if model.screen == Screen::Findings
        && let Some(scope) = model.scope.take()
    {
        rows::derive(model);
        model.screen = if matches!(scope, Detail::Host(_)) { Screen::Hosts } else { Screen::Channels };
    } else if !model.filter.text.is_empty() {
        edit(model, &Msg::EraseAll);
    } else if model.insecure_only {
        model.insecure_only = false;
        rows::derive(model);
    }
}

/// `o`: the finding of the channel or host, or the list of its findings where it has several.
fn open_findings(model: &mut Model) {
    let subject = model.subject();
    let Some((subject, findings)) =
        subject.and_then(|subject| rows::findings_of(model, &subject).map(|it| (subject, it)))
    else {
        model.notice = Some("no channel and no host is selected".to_owned());
        return;
    };
    match findings.as_slice() {
        [] => model.notice = Some("it has no finding".to_owned()),
        [one] => {
            if let Some(finding) = model.index.findings.get(*one).cloned() {
                push(model, Detail::Finding(finding));
            }
        }
        _ => {
            model.scope = Some(subject);
            rows::derive(model);
            go(model, Screen::Findings);
        }
    }
}

/// `n` and `N`: to the next row that has a finding, and where a row lies open, to what lies open of that one.
fn next_finding(model: &mut Model, forward: bool) {
    let open = model.details.last().cloned();
    let screen = match open {
        None => model.screen,
        Some(Detail::Channel(_)) => Screen::Channels,
        Some(Detail::Finding(_)) => Screen::Findings,
        Some(Detail::Host(_)) => Screen::Hosts,
    };
    if let (Some(open), Some(list)) = (&open, model.list_mut(screen)) {
        list.find(open.identity());
    }
    let has_finding = |row: &Row| match screen {
        Screen::Channels => model.report.channels.get(row.at).is_some_and(|it| !it.findings.is_empty()),
        Screen::Hosts => !model.index.of_host(&row.identity).1.is_empty(),
        Screen::Findings | Screen::Coverage => true,
    };
    let found = model.list(screen).and_then(|list| list.seek(forward, has_finding));
    let (Some(at), Some(list)) = (found, model.list_mut(screen)) else {
        model.notice = Some(if forward { "no further finding" } else { "no earlier finding" }.to_owned());
        return;
    };
    list.go(at);
    if open.is_some()
        && let Some(next) = model.under_cursor(screen)
    {
        model.details.pop();
        model.details.push(next);
    }
}
