//! Whole sessions on a test's terminal: keys in, screens out.

use std::collections::VecDeque;
use std::sync::Arc;

use ratatui::backend::TestBackend;

use super::*;
use crate::{Status, canned};

/// A console that plays inputs, and remembers what it was asked.
#[derive(Default)]
struct Script {
    steps: VecDeque<Vec<Input>>,
    copied: Vec<String>,
    suspended: usize,
    resumed: usize,
}

impl Console for Script {
    fn wait(&mut self) -> io::Result<Vec<Input>> {
        self.steps.pop_front().ok_or_else(|| io::Error::other("the script is over"))
    }

    fn suspend(&mut self) -> io::Result<()> {
        self.suspended += 1;
        Ok(())
    }

    fn resume(&mut self) -> io::Result<()> {
        self.resumed += 1;
        Ok(())
    }

    fn copy(&mut self, text: &str) -> io::Result<()> {
        self.copied.push(text.to_owned());
        Ok(())
    }
}

/// A terminal on which a session goes on step by step: each plays its keys, and the screen is looked at after each.
struct Session {
    done: Vec<Input>,
}

impl Session {
    fn new() -> Self {
        let status = Status { done: true, ..canned::status() };
        let report = Input::Update(Update::Report(Arc::new(canned::report())));
        Self { done: vec![Input::Update(Update::Status(status)), report] }
    }

    /// Presses keys, and gives the screen after them. The loop is run from the start each time, each input alone.
    fn press(&mut self, keys: &[Key]) -> String {
        self.done.extend(keys.iter().copied().map(Input::Key));
        let (_, screen) = self.play();
        screen
    }

    fn play(&self) -> ((io::Result<Exit>, Script), String) {
        let steps = self.done.iter().cloned().map(|input| vec![input]).collect();
        let mut script = Script { steps, ..Script::default() };
        let mut terminal = Terminal::new(TestBackend::new(80, 40)).unwrap();
        let options = Options { color: true, explain: Some(canned::explain), ..Options::default() };
        let exit = run_on(&mut terminal, &mut script, &options);
        ((exit, script), terminal.backend().to_string())
    }
}

fn typed(text: &str) -> Vec<Key> {
    text.chars().map(Key::Char).collect()
}

#[test]
fn somebody_finds_the_ntlm_fallback_and_reads_why() {
    let mut session = Session::new();
    let screen = session.press(&[]);
    assert!(screen.contains("PC0046"), "{screen}");

    let screen = session.press(&typed("/grade:insecure"));
    assert!(!screen.contains("PC0046") && screen.contains("/grade:insecure"), "{screen}");

    session.press(&[Key::Enter]);
    let screen = session.press(&[Key::Char('j'), Key::Char('k'), Key::Char('o')]);
    assert!(screen.contains("push-ntlm-fallback  critical, certain"), "{screen}");
    assert!(screen.contains("Why it matters"), "{screen}");
    assert!(screen.contains("can relay it."), "{screen}");
    assert!(screen.contains("0000  4e 54 4c 4d 53 53 50 00  03 00 00 00 18 00 18 00  NTLMSSP"), "{screen}");

    let screen = session.press(&[Key::Char('Y')]);
    assert!(screen.contains("copied: ntlmssp"), "{screen}");

    session.press(&[Key::Char('q')]);
    let ((exit, script), _) = session.play();
    assert_eq!(exit.unwrap(), Exit::Quit);
    assert_eq!(script.copied, ["ntlmssp && ip.addr == 10.0.1.42"]);
}

#[test]
fn text_scrolls_to_its_end_and_back() {
    let mut session = Session::new();
    let top = session.press(&[Key::Char('?')]);
    assert!(top.contains("In a list") && !top.contains("Marks"), "{top}");
    let bottom = session.press(&[Key::End, Key::Char('j'), Key::Char('j')]);
    assert!(bottom.contains("Marks") && !bottom.contains("In a list"), "{bottom}");
    let up = session.press(&[Key::Char('k'), Key::Char('k'), Key::Char('k'), Key::Char('k')]);
    assert_ne!(up, bottom, "keys beyond the end are not kept");
    assert_eq!(session.press(&[Key::Home]), top);
}

#[test]
fn ctrl_c_and_signals_leave_with_their_number() {
    for (input, number) in [(Input::Key(Key::Ctrl('c')), 2), (Input::Signal(15), 15), (Input::Signal(1), 1)] {
        let mut session = Session::new();
        session.press(&typed("/q"));
        session.done.push(input);
        let ((exit, _), _) = session.play();
        assert_eq!(exit.unwrap(), Exit::Signal(number));
    }
}

#[test]
fn a_keyboard_that_fails_ends_the_screen() {
    let mut session = Session::new();
    session.done.push(Input::Deaf("gone".to_owned()));
    let ((exit, _), _) = session.play();
    assert_eq!(exit.unwrap_err().to_string(), "keys cannot be read: gone");
}

#[test]
fn suspending_and_going_on_reach_the_console() {
    let mut session = Session::new();
    session.done.extend([Input::Key(Key::Ctrl('z')), Input::Suspend, Input::Continue, Input::Resize]);
    let ((_, script), _) = session.play();
    assert_eq!((script.suspended, script.resumed), (2, 1));
}

#[test]
fn only_the_last_of_many_reports_is_looked_at() {
    let report = |frames| {
        let status = Input::Update(Update::Status(Status { frames, ..Status::default() }));
        [Input::Update(Update::Report(Arc::default())), status]
    };
    let mut inputs: Vec<Input> = (0..50).flat_map(report).collect();
    inputs.insert(10, Input::Key(Key::Char('j')));
    let kept: Vec<Input> = latest(inputs).collect();
    assert_eq!(kept.len(), 3);
    assert!(matches!(&kept[2], Input::Update(Update::Status(status)) if status.frames == 49));
}
