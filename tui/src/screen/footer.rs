//! The last lines: the filter, where one is, and hints of keys or a notice.
//!
//! ```text
//! /grade:insecure sev>=hihg_                      sorted by worst first, insecure only
//! Enter open  o its findings  i insecure only  / filter  ? help  q quit
//! ```

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::{Modifier, Style};
use ratatui::text::Span;

use crate::filter::KEYS;
use crate::keymap::hints;
use crate::model::{Detail, Mode, Model, Screen};
use crate::order::Order;
use crate::widget::table::put;
use crate::widget::text::{line, plain, span};
use crate::widget::theme::Theme;

/// Lines that it takes.
pub(crate) fn height(model: &Model) -> u16 {
    if narrowing(model).is_empty() { 1 } else { 2 }
}

/// Draws it.
pub(crate) fn draw(model: &Model, theme: Theme, area: Rect, buffer: &mut Buffer) {
    let narrowing = narrowing(model);
    let mut row = 0;
    if !narrowing.is_empty() {
        let mut spans = filter(model, theme);
        if narrowing.len() > 1 || model.filter.text.is_empty() && !model.filter.editing {
            let words: Vec<&str> =
                narrowing.iter().skip(usize::from(!spans.is_empty())).map(String::as_str).collect();
            spans.push(span(&format!(" [{}]", words.join(", ")), theme.warning()));
        }
        let advice = span(&format!(" keys: {KEYS}"), theme.dim());
        let room = usize::from(area.width);
        let wrong = model.filter.filter.terms().iter().any(|term| !term.is_valid());
        if wrong && spans.iter().chain([&advice]).map(Span::width).sum::<usize>() <= room {
            spans.push(advice);
        }
        let mut narrowed = line(spans);
        if narrowed.width() > room {
            // The end is where one types.
            narrowed = narrowed.right_aligned();
        }
        put(buffer, area, row, &narrowed, None);
        row = 1;
    }
    let last = match &model.notice {
        Some(notice) => line([span(&format!(" {notice}"), theme.heading())]),
        None => line(keys(model, theme, usize::from(area.width))),
    };
    put(buffer, area, row, &last, None);
}

/// What narrows or arranges the list otherwise than usual, the filter first.
fn narrowing(model: &Model) -> Vec<String> {
    let mut words = Vec::new();
    if model.filter.editing || !model.filter.text.is_empty() {
        words.push("filter".to_owned());
    }
    if model.insecure_only {
        words.push("insecure only".to_owned());
    }
    if model.scope.is_some() && model.screen == Screen::Findings {
        let host = matches!(model.scope, Some(Detail::Host(_)));
        words.push(if host { "of one host" } else { "of one channel" }.to_owned());
    }
    if let Some(list) = model.list(model.screen) {
        let usual = matches!(list.order(), Order::Worst)
            || model.screen == Screen::Hosts && list.order() == Order::Source;
        if !usual || list.reversed() {
            let reversed = if list.reversed() { ", reversed" } else { "" };
            words.push(format!("by {}{reversed}", list.order().word()));
        }
    }
    words
}

/// The filter line, terms that were not understood in red and underlined.
fn filter(model: &Model, theme: Theme) -> Vec<Span<'static>> {
    let line = &model.filter;
    if !line.editing && line.text.is_empty() {
        return Vec::new();
    }
    let mut spans = vec![span("/", theme.heading())];
    let mut wrong = false;
    for (at, term) in line.filter.terms().iter().enumerate() {
        if at > 0 {
            spans.push(plain(" "));
        }
        wrong |= !term.is_valid();
        spans.push(span(&term.text, if term.is_valid() { Style::new() } else { theme.wrong() }));
    }
    if line.editing {
        if line.text.ends_with(char::is_whitespace) {
            spans.push(plain(" "));
        }
        spans.push(span(" ", Style::new().add_modifier(Modifier::REVERSED)));
    }
    if wrong {
        spans.push(span(" ? not understood", theme.wrong()));
    }
    spans
}

/// As many hints as fit; the last three, filter, help and quit, always.
fn keys(model: &Model, theme: Theme, room: usize) -> Vec<Span<'static>> {
    let mode = model.mode();
    let known: Vec<(String, &str)> = hints(mode).filter(|(key, _)| fits_here(model, mode, key)).collect();
    let width = |(key, word): &(String, &str)| key.chars().count() + word.len() + 3;
    let kept_last = if matches!(mode, Mode::List | Mode::Text) { 3 } else { 0 };
    let last: usize = known.iter().rev().take(kept_last).map(width).sum();
    let mut left = room.saturating_sub(last);
    let mut spans = Vec::new();
    let split = known.len().saturating_sub(kept_last);
    for (at, hint) in known.iter().enumerate() {
        if at < split {
            let Some(rest) = left.checked_sub(width(hint)) else { continue };
            left = rest;
        }
        spans.extend([plain(" "), span(&hint.0, theme.key()), span(&format!(" {} ", hint.1), theme.dim())]);
    }
    spans
}

/// Hints of keys that do nothing on this screen are left out.
fn fits_here(model: &Model, mode: Mode, key: &str) -> bool {
    let subject = model.subject();
    match key {
        "Enter" => mode != Mode::List || subject.is_some(),
        "o" => matches!(subject, Some(Detail::Channel(_) | Detail::Host(_))),
        "n" | "y" => subject.is_some(),
        "Space" => !model.status.done,
        "Esc" => mode != Mode::Text || !model.details.is_empty(),
        _ => true,
    }
}
