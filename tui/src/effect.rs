//! What [`crate::update()`] asks the loop to do: everything that is not a change of the model.

use crate::Exit;

/// A wish of the model to the world.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Effect {
    /// Leave.
    Exit(Exit),
    /// Put text on the clipboard.
    Copy(String),
    /// Give the terminal back until the shell continues the program.
    Suspend,
    /// Draw everything anew.
    Redraw,
    /// Scroll the text on the screen.
    Scroll(Scroll),
}

/// A scroll of text. What is possible, the view knows: it clamps.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scroll {
    /// Lines down, or up where negative.
    Lines(isize),
    /// Screens down, or up where negative.
    Pages(isize),
    /// To the first line.
    Top,
    /// To the last line.
    Bottom,
}
