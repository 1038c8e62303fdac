use std::sync::Arc;

use super::*;
use crate::{Options, Status, canned};

fn open_model() -> Model {
    let mut model = Model::new(&Options::default());
    feed(&mut model, [Msg::Status(canned::status()), Msg::Report(Arc::new(canned::report()))]);
    model
}

fn feed(model: &mut Model, msgs: impl IntoIterator<Item = Msg>) -> Vec<Effect> {
    msgs.into_iter().flat_map(|msg| update(model, msg)).collect()
}

/// What the cursor is on.
fn under_cursor(model: &Model) -> String {
    match model.subject() {
        Some(Detail::Channel(identity)) => model.channel(&identity).map(|it| it.client.ip.clone()),
        Some(Detail::Finding(identity)) => model.finding(&identity).map(|it| it.rule.clone()),
        Some(Detail::Host(ip)) => Some(ip),
        None => None,
    }
    .unwrap_or_default()
}

fn type_in(text: &str) -> Vec<Msg> {
    std::iter::once(Msg::EditFilter).chain(text.chars().map(Msg::Type)).collect()
}

#[test]
fn the_worst_channels_come_first() {
    let model = open_model();
    let grades: Vec<_> =
        model.channels.rows().iter().map(|row| &model.report.channels[row.at].grade).collect();
    assert_eq!(grades[..4], ["insecure", "insecure", "insecure", "weak"]);
}

#[test]
fn the_cursor_stays_on_who_it_was_on_when_rows_come_before_it() {
    let mut model = open_model();
    feed(&mut model, [Msg::Lines(3)]);
    let (before, row) = (model.subject(), model.channels.cursor());
    let mut grown = canned::report();
    for number in 0..9 {
        canned::grow(&mut grown, number);
    }
    feed(&mut model, [Msg::Report(Arc::new(grown))]);
    assert_eq!(model.subject(), before);
    assert!(model.channels.cursor() > row);
    feed(&mut model, [Msg::Report(Arc::new(canned::report()))]);
    assert_eq!((model.subject(), model.channels.cursor()), (before, row));
}

#[test]
fn a_cursor_that_was_never_moved_rests_on_the_worst() {
    let mut report = canned::report();
    let worst = report.channels.remove(0);
    let mut model = Model::new(&Options::default());
    feed(&mut model, [Msg::Report(Arc::new(report.clone()))]);
    assert_eq!(under_cursor(&model), "10.0.1.42");
    report.channels.insert(0, worst);
    feed(&mut model, [Msg::Report(Arc::new(report))]);
    assert_eq!(under_cursor(&model), "10.0.0.4");
}

#[test]
fn where_the_one_under_the_cursor_goes_the_cursor_keeps_its_row() {
    let mut model = open_model();
    feed(&mut model, [Msg::Bottom]);
    let mut less = canned::report();
    less.channels.truncate(2);
    feed(&mut model, [Msg::Report(Arc::new(less))]);
    assert_eq!((model.channels.cursor(), model.channels.rows().len()), (1, 2));
    feed(&mut model, [Msg::Report(Arc::default())]);
    assert_eq!(model.subject(), None);
}

#[test]
fn equal_channels_and_fingerprints_stay_apart() {
    let mut report = canned::report();
    report.channels.push(report.channels[0].clone());
    report.findings.push(report.findings[0].clone());
    let mut model = Model::new(&Options::default());
    feed(&mut model, [Msg::Report(Arc::new(report)), Msg::Lines(1)]);
    let second = model.subject();
    feed(&mut model, [Msg::Lines(-1)]);
    assert_ne!(model.subject(), second);
    assert_eq!(model.findings.rows().len(), 6);
}

#[test]
fn a_paused_view_takes_the_newest_report_when_it_goes_on() {
    let mut model = open_model();
    let mut grown = canned::report();
    canned::grow(&mut grown, 1);
    let newer = Status { frames: 99_999, ..canned::status() };
    feed(
        &mut model,
        [Msg::Pause, Msg::Report(Arc::default()), Msg::Report(Arc::new(grown)), Msg::Status(newer)],
    );
    assert_eq!(model.channels.rows().len(), 8);
    assert_eq!(model.status.frames, 99_999, "reading goes on and shows that it does");
    feed(&mut model, [Msg::Pause]);
    assert_eq!(model.channels.rows().len(), 9);
}

#[test]
fn rows_follow_the_filter_while_it_is_typed() {
    let mut model = open_model();
    feed(&mut model, type_in("grade:in"));
    assert_eq!(model.channels.rows().len(), 3);
    feed(&mut model, type_in(" pc0042"));
    assert_eq!(model.channels.rows().len(), 2, "both ends count");
    feed(&mut model, [Msg::EraseWord]);
    assert_eq!((model.filter.text.as_str(), model.channels.rows().len()), ("grade:in ", 3));
    feed(&mut model, [Msg::Escape]);
    assert_eq!((model.filter.editing, model.channels.rows().len()), (false, 8));
}

#[test]
fn a_kept_filter_goes_with_escape() {
    let mut model = open_model();
    feed(&mut model, type_in("state"));
    feed(&mut model, [Msg::AcceptFilter]);
    assert_eq!((model.filter.editing, model.channels.rows().len()), (false, 1));
    feed(&mut model, [Msg::InsecureOnly, Msg::Escape]);
    assert_eq!(model.channels.rows().len(), 3, "insecure only is still on");
    feed(&mut model, [Msg::Escape]);
    assert_eq!(model.channels.rows().len(), 8);
}

#[test]
fn the_filter_line_has_an_end() {
    let mut model = open_model();
    feed(&mut model, type_in(&"x".repeat(MAX_FILTER * 2)));
    assert_eq!(model.filter.text.len(), MAX_FILTER);
}

#[test]
fn a_filter_to_begin_with_is_in_force() {
    let mut model =
        Model::new(&Options { initial_filter: Some("grade:weak".to_owned()), ..Options::default() });
    feed(&mut model, [Msg::Report(Arc::new(canned::report()))]);
    assert_eq!(model.channels.rows().len(), 2);
}

#[test]
fn o_opens_the_one_finding_of_a_channel() {
    let mut model = open_model();
    feed(&mut model, [Msg::OpenFindings]);
    assert_eq!(under_cursor(&model), "push-ntlm-fallback");
    feed(&mut model, [Msg::Escape]);
    assert_eq!(under_cursor(&model), "10.0.0.4");
}

#[test]
fn o_lists_the_findings_of_a_channel_with_several() {
    let mut model = open_model();
    feed(&mut model, [Msg::Lines(1), Msg::OpenFindings]);
    let rules: Vec<_> = model.findings.rows().iter().map(|row| &model.report.findings[row.at].rule).collect();
    assert_eq!(model.screen, Screen::Findings);
    assert_eq!(rules, ["http-client", "http-unsigned"]);
    feed(&mut model, [Msg::Escape]);
    assert_eq!((model.screen, model.findings.rows().len()), (Screen::Channels, 5));
}

#[test]
fn o_lists_the_findings_of_a_host_and_escape_goes_back_to_it() {
    let mut model = open_model();
    feed(&mut model, [Msg::Go(Screen::Hosts), Msg::Lines(1), Msg::OpenFindings]);
    assert_eq!((model.screen, model.findings.rows().len()), (Screen::Findings, 3));
    feed(&mut model, [Msg::Escape]);
    assert_eq!((model.screen, under_cursor(&model).as_str()), (Screen::Hosts, "10.0.0.5"));
}

#[test]
fn o_says_where_there_is_nothing_to_open() {
    let mut model = open_model();
    feed(&mut model, [Msg::Bottom, Msg::OpenFindings]);
    assert_eq!(model.notice.as_deref(), Some("it has no finding"));
    feed(&mut model, [Msg::Lines(-1)]);
    assert_eq!(model.notice, None);
}

#[test]
fn n_goes_to_the_next_row_with_a_finding_and_stops_at_the_last() {
    let mut model = open_model();
    feed(&mut model, [Msg::NextFinding]);
    assert_eq!(under_cursor(&model), "10.0.1.42");
    feed(&mut model, [Msg::NextFinding, Msg::NextFinding, Msg::NextFinding]);
    assert_eq!(under_cursor(&model), "10.0.1.43");
    assert_eq!(model.notice.as_deref(), Some("no further finding"));
    feed(&mut model, [Msg::PreviousFinding]);
    assert_eq!(under_cursor(&model), "10.0.1.42");
}

#[test]
fn n_in_a_finding_opens_the_next_one() {
    let mut model = open_model();
    let effects = feed(&mut model, [Msg::Go(Screen::Findings), Msg::Open, Msg::NextFinding]);
    assert_eq!(under_cursor(&model), "http-client");
    assert_eq!(effects.last(), Some(&Effect::Scroll(Scroll::Top)));
    feed(&mut model, [Msg::Escape]);
    assert_eq!(under_cursor(&model), "http-client", "the list is where the details were");
}

#[test]
fn n_in_a_channel_opens_the_next_one_with_a_finding() {
    let mut model = open_model();
    feed(&mut model, [Msg::Open, Msg::NextFinding, Msg::NextFinding]);
    assert_eq!((model.details.len(), under_cursor(&model).as_str()), (1, "10.0.1.43"));
    feed(&mut model, [Msg::NextFinding]);
    assert_eq!(model.notice.as_deref(), Some("no further finding"));
    feed(&mut model, [Msg::PreviousFinding, Msg::Escape]);
    assert_eq!(under_cursor(&model), "10.0.1.42");
}

#[test]
fn a_page_is_what_is_in_sight_less_a_row() {
    let mut model = open_model();
    feed(&mut model, [Msg::RowsInSight(4), Msg::Pages(1)]);
    assert_eq!(model.channels.cursor(), 3);
    feed(&mut model, [Msg::RowsInSight(0), Msg::Pages(-1)]);
    assert_eq!(model.channels.cursor(), 2);
}

#[test]
fn orders_go_round_and_turn() {
    let mut model = open_model();
    feed(&mut model, [Msg::Sort]);
    assert_eq!(model.channels.order(), crate::order::Order::Source);
    feed(&mut model, [Msg::Top]);
    assert_eq!(under_cursor(&model), "10.0.0.4");
    feed(&mut model, [Msg::Reverse, Msg::Top]);
    assert_eq!(under_cursor(&model), "2001:db8::46");
    feed(&mut model, std::iter::repeat_n(Msg::Sort, 5));
    assert_eq!(model.channels.order(), crate::order::Order::Worst);
}

#[test]
fn addresses_sort_by_number() {
    let mut report = canned::report();
    report.hosts[0].ip = "10.0.0.10".to_owned();
    let mut model = Model::new(&Options::default());
    feed(&mut model, [Msg::Report(Arc::new(report)), Msg::Go(Screen::Hosts)]);
    let order: Vec<_> = model.hosts.rows().iter().map(|row| row.identity.as_str()).collect();
    assert_eq!(order[..4], ["10.0.0.5", "10.0.0.6", "10.0.0.9", "10.0.0.10"]);
}

#[test]
fn y_copies_the_row_and_upper_y_its_display_filter() {
    let mut model = open_model();
    let effects =
        feed(&mut model, [Msg::Copy, Msg::CopyDisplayFilter, Msg::OpenFindings, Msg::CopyDisplayFilter]);
    let copies: Vec<_> = effects.iter().filter(|effect| matches!(effect, Effect::Copy(_))).cloned().collect();
    assert_eq!(
        copies,
        [
            Effect::Copy(
                "insecure SITE01 10.0.0.4 -> PC0042 10.0.1.42:445 client push SMB 3.1.1: the push account fell back \
                 to NTLM; SMB signing is not required by the target"
                    .to_owned()
            ),
            Effect::Copy("ip.addr == 10.0.0.4 && ip.addr == 10.0.1.42 && tcp.port == 445".to_owned()),
            Effect::Copy("ntlmssp && ip.addr == 10.0.1.42".to_owned()),
        ]
    );
}

#[test]
fn what_is_copied_is_scrubbed() {
    let mut report = canned::report();
    report.findings[0].display_filter = "a\u{1b}[31m\nb".to_owned();
    let mut model = Model::new(&Options::default());
    let effects =
        feed(&mut model, [Msg::Report(Arc::new(report)), Msg::Go(Screen::Findings), Msg::CopyDisplayFilter]);
    assert_eq!(effects.last(), Some(&Effect::Copy("a\\u{1b}[31m\\u{a}b".to_owned())));
}

#[test]
fn leaving_says_how() {
    let mut model = open_model();
    assert_eq!(update(&mut model, Msg::Quit), [Effect::Exit(Exit::Quit)]);
    assert_eq!(update(&mut model, Msg::Interrupt), [Effect::Exit(Exit::Signal(2))]);
    assert_eq!(update(&mut model, Msg::Signal(15)), [Effect::Exit(Exit::Signal(15))]);
}

#[test]
fn texts_scroll_where_lists_move() {
    let mut model = open_model();
    assert!(feed(&mut model, [Msg::Pages(1)]).is_empty());
    feed(&mut model, [Msg::Go(Screen::Coverage)]);
    assert_eq!(feed(&mut model, [Msg::Pages(1)]), [Effect::Scroll(Scroll::Pages(1))]);
    assert_eq!(feed(&mut model, [Msg::Help, Msg::Bottom]).last(), Some(&Effect::Scroll(Scroll::Bottom)));
}

#[test]
fn screens_go_round() {
    let mut model = open_model();
    feed(&mut model, [Msg::PreviousScreen]);
    assert_eq!(model.screen, Screen::Coverage);
    feed(&mut model, [Msg::NextScreen, Msg::NextScreen]);
    assert_eq!(model.screen, Screen::Findings);
}

#[test]
fn filtering_from_a_detail_goes_back_to_the_rows() {
    let mut model = open_model();
    feed(&mut model, [Msg::Open, Msg::EditFilter]);
    assert!(model.details.is_empty() && model.filter.editing);
}
