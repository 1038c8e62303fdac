//! The loop: wait, update, do what is asked, draw. The same on a real terminal and on a test's.

use std::io;

use ratatui::Terminal;
use ratatui::backend::Backend;

use crate::effect::Effect;
use crate::key::Key;
use crate::keymap;
use crate::model::{Model, Msg};
use crate::update::update;
use crate::view::{ViewState, view};
use crate::{Exit, Options, Update};

/// What comes in from outside.
#[derive(Clone, Debug)]
pub enum Input {
    /// From the engine.
    Update(Update),
    /// From the keyboard.
    Key(Key),
    /// The terminal has another size.
    Resize,
    /// A signal asks to leave.
    Signal(i32),
    /// A signal asks to suspend.
    Suspend,
    /// The program was continued after a stop.
    Continue,
    /// No key will come any more, because of this.
    Deaf(String),
}

/// Everything of a terminal but drawing.
pub trait Console {
    /// Waits for inputs, and takes all that are there: a screen is drawn once for many.
    fn wait(&mut self) -> io::Result<Vec<Input>>;

    /// Gives the terminal back, stops the program, and takes the terminal again when it is continued.
    fn suspend(&mut self) -> io::Result<()>;

    /// Sets the terminal up anew, after somebody else may have changed it.
    fn resume(&mut self) -> io::Result<()>;

    /// Puts text on the clipboard.
    fn copy(&mut self, text: &str) -> io::Result<()>;
}

/// Runs until somebody leaves.
///
/// # Errors
/// What the terminal fails with.
pub fn run_on<B, C>(terminal: &mut Terminal<B>, console: &mut C, options: &Options) -> io::Result<Exit>
where
    B: Backend,
    B::Error: Send + Sync + 'static,
    C: Console,
{
    let mut model = Model::new(options);
    let mut state = ViewState::new(options.color);
    loop {
        terminal.draw(|frame| view(&model, &mut state, frame)).map_err(io::Error::other)?;
        update(&mut model, Msg::RowsInSight(state.rows_in_sight()));
        for input in latest(console.wait()?) {
            if let Input::Deaf(why) = input {
                return Err(io::Error::other(format!("keys cannot be read: {why}")));
            }
            let Some(msg) = message(&model, input) else { continue };
            for effect in update(&mut model, msg) {
                match effect {
                    Effect::Exit(exit) => return Ok(exit),
                    Effect::Copy(text) => console.copy(&text)?,
                    Effect::Scroll(scroll) => state.scroll(scroll),
                    Effect::Suspend => {
                        console.suspend()?;
                        wipe(terminal)?;
                    }
                    Effect::Redraw => {
                        console.resume()?;
                        wipe(terminal)?;
                    }
                }
            }
        }
    }
}

/// Forgets what is on the terminal, so that the next drawing draws all of it. Not by ratatui's `clear`, which asks the
/// terminal where its cursor is: the answer would come as keys, to another thread, or never.
fn wipe<B>(terminal: &mut Terminal<B>) -> io::Result<()>
where
    B: Backend,
    B::Error: Send + Sync + 'static,
{
    let size = terminal.size().map_err(io::Error::other)?;
    terminal.resize(size.into()).map_err(io::Error::other)
}

/// What an input means.
fn message(model: &Model, input: Input) -> Option<Msg> {
    Some(match input {
        Input::Update(Update::Report(report)) => Msg::Report(report),
        Input::Update(Update::Status(status)) => Msg::Status(status),
        Input::Key(key) => return keymap::message(model, key),
        // Drawing asks for the size anyway.
        Input::Resize | Input::Deaf(_) => return None,
        Input::Signal(number) => Msg::Signal(number),
        Input::Suspend => Msg::Suspend,
        Input::Continue => Msg::Redraw,
    })
}

/// Leaves out reports and states that a later one makes old: an engine may be faster than a terminal.
fn latest(inputs: Vec<Input>) -> impl Iterator<Item = Input> {
    let last = |wanted: fn(&Input) -> bool| inputs.iter().rposition(wanted);
    let report = last(|input| matches!(input, Input::Update(Update::Report(_))));
    let status = last(|input| matches!(input, Input::Update(Update::Status(_))));
    inputs.into_iter().enumerate().filter_map(move |(at, input)| {
        let old = match input {
            Input::Update(Update::Report(_)) => report != Some(at),
            Input::Update(Update::Status(_)) => status != Some(at),
            _ => false,
        };
        (!old).then_some(input)
    })
}

#[cfg(test)]
mod tests;
