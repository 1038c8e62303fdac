//! What people see, at three sizes of terminal.

use std::sync::Arc;

use proptest::prelude::*;
use ratatui::Terminal;
use ratatui::backend::TestBackend;
use ratatui::buffer::Buffer;
use ratatui::style::{Color, Modifier};

use crate::keymap::KEYMAP;
use crate::model::{Model, Msg, Screen};
use crate::{Effect, Options, Status, ViewState, canned, update, view};

/// A low and narrow terminal, the usual one, and a large one.
const SIZES: [(u16, u16); 3] = [(60, 14), (80, 24), (140, 45)];

fn model(msgs: impl IntoIterator<Item = Msg>) -> Model {
    let mut model = Model::new(&Options { explain: Some(canned::explain), ..Options::default() });
    let done = Status { done: true, ..canned::status() };
    let first = [Msg::Status(done), Msg::Report(Arc::new(canned::report()))];
    for msg in first.into_iter().chain(msgs) {
        update(&mut model, msg);
    }
    model
}

fn draw(model: &Model, (width, height): (u16, u16), color: bool) -> Buffer {
    let mut terminal = Terminal::new(TestBackend::new(width, height)).unwrap();
    let mut state = ViewState::new(color);
    terminal.draw(|frame| view(model, &mut state, frame)).unwrap();
    terminal.backend().buffer().clone()
}

/// The screen as text, without the spaces at the ends of its lines.
fn text(buffer: &Buffer) -> String {
    let rows = buffer.content.chunks(usize::from(buffer.area.width));
    let lines = rows.map(|cells| {
        let mut line = String::new();
        let mut hidden = 0;
        for cell in cells {
            if hidden == 0 {
                line.push_str(cell.symbol());
                hidden = unicode_width::UnicodeWidthStr::width(cell.symbol());
            }
            hidden = hidden.saturating_sub(1);
        }
        line.trim_end().to_owned()
    });
    lines.collect::<Vec<_>>().join("\n")
}

/// Compares a screen at every size with what it was.
fn assert_looks(name: &str, msgs: impl Fn() -> Vec<Msg>) {
    for size in SIZES {
        let model = model(msgs());
        insta::with_settings!({ snapshot_path => "snapshots", prepend_module_to_snapshot => false }, {
            insta::assert_snapshot!(format!("{name}@{}x{}", size.0, size.1), text(&draw(&model, size, true)));
        });
    }
}

fn type_in(text: &str) -> Vec<Msg> {
    std::iter::once(Msg::EditFilter).chain(text.chars().map(Msg::Type)).collect()
}

#[test]
fn channels_look_so() {
    assert_looks("channels", || vec![Msg::Lines(1)]);
}

#[test]
fn findings_look_so() {
    assert_looks("findings", || vec![Msg::Go(Screen::Findings)]);
}

#[test]
fn hosts_look_so() {
    assert_looks("hosts", || vec![Msg::Go(Screen::Hosts)]);
}

#[test]
fn coverage_looks_so() {
    assert_looks("coverage", || vec![Msg::Go(Screen::Coverage)]);
}

#[test]
fn a_channel_looks_so() {
    assert_looks("channel", || vec![Msg::Open]);
}

#[test]
fn a_sealed_channel_looks_so() {
    assert_looks("sealed-channel", || vec![Msg::Lines(5), Msg::Open]);
}

#[test]
fn a_finding_looks_so() {
    assert_looks("finding", || vec![Msg::Go(Screen::Findings), Msg::Open]);
}

#[test]
fn a_host_looks_so() {
    assert_looks("host", || vec![Msg::Go(Screen::Hosts), Msg::Lines(1), Msg::Open]);
}

#[test]
fn the_help_looks_so() {
    assert_looks("help", || vec![Msg::Help]);
}

#[test]
fn a_filter_looks_so() {
    assert_looks("filter", || [vec![Msg::InsecureOnly], type_in("!push grad:weak http")].concat());
}

#[test]
fn a_screen_that_waits_looks_so() {
    assert_looks("empty", || {
        let live = Status { live: true, source: vec!["eth1".to_owned()], ..Status::default() };
        vec![Msg::Report(Arc::default()), Msg::Status(live)]
    });
}

#[test]
fn nothing_recognised_does_not_look_like_nothing_wrong() {
    let model = model([Msg::Report(Arc::default())]);
    let screen = text(&draw(&model, (80, 24), true));
    assert!(screen.contains("Nothing of Configuration Manager was recognised"), "{screen}");
    assert!(screen.contains("coverage, key 4"), "{screen}");
}

#[test]
fn a_link_on_which_nothing_arrives_is_told() {
    let live = Status { live: true, source: vec!["eth1".to_owned()], ..Status::default() };
    let mut model = model([Msg::Report(Arc::default()), Msg::Status(live.clone())]);
    assert!(text(&draw(&model, (80, 24), true)).contains("No frame has arrived on eth1."));
    update(&mut model, Msg::Status(Status { frames: 7, ..live.clone() }));
    assert!(text(&draw(&model, (80, 24), true)).contains("Screens fill while traffic is read."));
    update(&mut model, Msg::Status(Status { frames: 7, done: true, ..live }));
    let first = text(&draw(&model, (80, 24), true)).lines().next().unwrap().to_owned();
    assert!(first.ends_with("ended"), "a live capture does not just get done: {first}");
}

#[test]
fn an_empty_capture_is_not_called_read_as_a_whole() {
    let mut model = model([Msg::Report(Arc::default()), Msg::Go(Screen::Coverage)]);
    update(&mut model, Msg::Status(Status { done: true, frames: 0, ..canned::status() }));
    let screen = text(&draw(&model, (80, 24), true));
    assert!(screen.contains("Not a single frame") && !screen.contains("Everything was read"), "{screen}");
}

#[test]
fn ends_of_wide_lists_keep_their_addresses_whole() {
    let mut report = canned::report();
    let channel = &mut report.channels[0];
    channel.client.name = Some("workstation-0017.accounts.example.test".to_owned());
    channel.server.name = Some("pc.remote-office-far-away.example.test".to_owned());
    (channel.client.ip, channel.server.ip) = ("10.200.200.17".to_owned(), "192.168.100.200".to_owned());
    let wide = |size| text(&draw(&model([Msg::Report(Arc::new(report.clone()))]), size, true));
    let screen = wide((140, 45));
    assert!(screen.contains(" 10.200.200.17 ") && screen.contains(" 192.168.100.200:445 "), "{screen}");
    assert!(wide((320, 45)).contains(" workstation-0017.accounts 10.200.200.17 "));
}

#[test]
fn an_error_and_drops_are_told_at_the_top() {
    let mut model = model([Msg::Help]);
    let broken = Status { error: Some("eth1 went away".to_owned()), ..canned::status() };
    update(&mut model, Msg::Status(broken));
    let screen = text(&draw(&model, (80, 24), true));
    let first = screen.lines().next().unwrap();
    assert!(
        first.contains("✗ eth1 went away") && first.contains("! 3 dropped") && first.contains("63%"),
        "{first}"
    );
}

#[test]
fn no_terminal_is_too_small_or_too_large() {
    let screens: [Vec<Msg>; 6] = [
        vec![],
        vec![Msg::Go(Screen::Findings)],
        vec![Msg::Go(Screen::Hosts), Msg::Open],
        vec![Msg::Go(Screen::Coverage)],
        [vec![Msg::Sort], type_in("grade:insecure sev:loud")].concat(),
        vec![Msg::Help],
    ];
    for msgs in screens {
        let model = model(msgs);
        for size in [(1, 1), (2, 9), (9, 2), (20, 5), (21, 6), (300, 3), (3, 200), (400, 120)] {
            draw(&model, size, true);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn no_walk_through_the_screens_ends_badly(
        steps in prop::collection::vec((0..KEYMAP.len() + 12, any::<char>()), 0..60),
        size in (1u16..150, 1u16..50),
    ) {
        let mut model = model([]);
        let mut state = ViewState::new(true);
        let mut terminal = Terminal::new(TestBackend::new(size.0, size.1)).unwrap();
        let mut grown = canned::report();
        for (number, (step, character)) in (0u64..).zip(steps) {
            let msg = match KEYMAP.get(step) {
                Some(binding) => binding.msg.clone(),
                None if step % 4 == 0 => Msg::Report(Arc::default()),
                None if step % 4 == 1 => {
                    canned::grow(&mut grown, number);
                    Msg::Report(Arc::new(grown.clone()))
                }
                None => Msg::Type(character),
            };
            for effect in update(&mut model, msg) {
                if let Effect::Scroll(scroll) = effect {
                    state.scroll(scroll);
                }
            }
            terminal.draw(|frame| view(&model, &mut state, frame)).unwrap();
            update(&mut model, Msg::RowsInSight(state.rows_in_sight()));
            for list in [&model.channels, &model.findings, &model.hosts] {
                prop_assert!(list.cursor() < list.rows().len().max(1));
            }
        }
        let control = |cell: &ratatui::buffer::Cell| cell.symbol().chars().any(char::is_control);
        prop_assert!(!terminal.backend().buffer().content.iter().any(control));
    }
}

#[test]
fn red_means_bad_and_glyphs_say_the_same() {
    let buffer = draw(&model([Msg::Bottom]), (80, 24), true);
    let (mut red, mut glyphs) = (0, 0);
    for row in 4..12 {
        let cell = &buffer[(0, row)];
        red += usize::from(cell.fg == Color::Red);
        glyphs += usize::from(cell.symbol() == "✗");
        assert_eq!(cell.fg == Color::Red, cell.symbol() == "✗", "row {row}");
    }
    assert_eq!((red, glyphs), (3, 3));
}

#[test]
fn an_invalid_term_is_red_and_said_to_be_invalid() {
    let buffer = draw(&model(type_in("pc grade:purple")), (80, 24), true);
    let row = 22;
    assert_eq!(buffer[(1, row)].fg, Color::Reset);
    assert_eq!(buffer[(4, row)].fg, Color::Red);
    assert!(text(&buffer).contains("not understood keys: grade sev "));
    let narrow = draw(&model(type_in("pc grade:purple")), (60, 14), true);
    assert!(text(&narrow).contains("/pc grade:purple"), "advice never pushes away what is typed");
}

#[test]
fn the_end_of_a_long_filter_is_in_sight() {
    let typed = format!("{} tail", "word ".repeat(40));
    let screen = text(&draw(&model(type_in(&typed)), (60, 14), true));
    assert!(screen.lines().nth(12).unwrap().contains("word tail"), "{screen}");
}

#[test]
fn the_row_under_the_cursor_is_reversed() {
    let buffer = draw(&model([Msg::Lines(2)]), (80, 24), false);
    let reversed = |row: u16| buffer[(12, row)].modifier.contains(Modifier::REVERSED);
    assert_eq!([4, 5, 6, 7].map(reversed), [false, false, true, false]);
}

#[test]
fn without_colours_no_cell_has_one() {
    for msgs in [vec![], vec![Msg::Go(Screen::Findings), Msg::Open], vec![Msg::Help], type_in("grade:x")] {
        let buffer = draw(&model(msgs), (80, 24), false);
        assert!(buffer.content.iter().all(|cell| cell.fg == Color::Reset && cell.bg == Color::Reset));
    }
}

#[test]
fn escape_sequences_in_a_report_do_not_reach_the_terminal() {
    let mut report = canned::report();
    let evil = "\u{1b}]2;owned\u{7}\u{9b}2J";
    report.channels[0].reasons[0] = evil.to_owned();
    report.channels[0].client.name = Some(evil.to_owned());
    report.findings[0].message = evil.to_owned();
    report.findings[0].rule = evil.to_owned();
    report.hosts[0].name = Some(evil.to_owned());
    report.coverage.notes.push(evil.to_owned());
    let report = Arc::new(report);
    for screen in Screen::ALL {
        for open in [None, Some(Msg::Open)] {
            let msgs = [Msg::Report(Arc::clone(&report)), Msg::Go(screen)].into_iter().chain(open);
            let buffer = draw(&model(msgs), (140, 45), true);
            let control = |cell: &ratatui::buffer::Cell| cell.symbol().chars().any(char::is_control);
            assert!(!buffer.content.iter().any(control), "{screen:?}");
        }
    }
}
