//! The keys, as a table: mode, keys, message, and the help text in the same row. Help and footer are made from it.

use crate::key::Key;
use crate::model::{Mode, Model, Msg, Screen};

/// A row of the table.
#[derive(Debug)]
pub(crate) struct Binding {
    /// Where it holds.
    pub(crate) mode: Mode,
    /// Any of these keys.
    pub(crate) keys: &'static [Key],
    /// Does this.
    pub(crate) msg: Msg,
    /// For the footer, in a word or two; none keeps it out.
    pub(crate) hint: Option<&'static str>,
    /// For the help.
    pub(crate) help: &'static str,
}

const fn bind(
    mode: Mode,
    keys: &'static [Key],
    msg: Msg,
    hint: Option<&'static str>,
    help: &'static str,
) -> Binding {
    Binding { mode, keys, msg, hint, help }
}

use Key::{
    BackTab, Backspace, Char, Ctrl, Down, End, Enter, Esc, F, Home, Left, PageDown, PageUp, Right, Tab, Up,
};
use Mode::{Any, Filter, Help, List, Text};

/// The table. The first row that fits wins; [`Mode::Any`] comes after the mode's own rows, and not in the filter line.
#[rustfmt::skip]
pub(crate) static KEYMAP: &[Binding] = &[
    bind(List, &[Enter, Right, Char('l')], Msg::Open, Some("open"), "open the row under the cursor"),
    bind(List, &[Char('o')], Msg::OpenFindings, Some("its findings"), "open the finding(s) of the channel or host"),
    bind(List, &[Char('i')], Msg::InsecureOnly, Some("insecure only"), "only insecure channels and what belongs to them"),
    bind(List, &[Char('s')], Msg::Sort, Some("sort"), "sort by the next column"),
    bind(List, &[Char('S')], Msg::Reverse, None, "reverse the order"),
    bind(List, &[Char('j'), Down], Msg::Lines(1), None, "next row"),
    bind(List, &[Char('k'), Up], Msg::Lines(-1), None, "previous row"),

    bind(Text, &[Esc], Msg::Escape, Some("back"), "back up"),
    bind(Text, &[Left, Char('h')], Msg::Back, None, "back up"),
    bind(Text, &[Char('o'), Enter], Msg::Open, Some("its findings"), "in a channel or host: open its finding(s)"),
    bind(Text, &[Char('j'), Down], Msg::Lines(1), None, "scroll down"),
    bind(Text, &[Char('k'), Up], Msg::Lines(-1), None, "scroll up"),

    bind(Help, &[Esc, Left, Enter, Char('h'), Char('q'), Char('?'), F(1)], Msg::Help, Some("close"), "close the help"),
    bind(Help, &[Char('j'), Down], Msg::Lines(1), None, "scroll down"),
    bind(Help, &[Char('k'), Up], Msg::Lines(-1), None, "scroll up"),

    bind(Filter, &[Enter, Tab, Down], Msg::AcceptFilter, Some("keep"), "keep the filter and go to the rows"),
    bind(Filter, &[Esc], Msg::Escape, Some("clear"), "clear the filter"),
    bind(Filter, &[Backspace, Ctrl('h')], Msg::Erase, None, "erase a character"),
    bind(Filter, &[Ctrl('w')], Msg::EraseWord, None, "erase a word"),
    bind(Filter, &[Ctrl('u')], Msg::EraseAll, None, "erase everything"),
    bind(Filter, &[Ctrl('c')], Msg::Interrupt, None, "leave at once"),
    bind(Filter, &[Ctrl('z')], Msg::Suspend, None, "suspend; fg comes back"),

    bind(Any, &[Char('n')], Msg::NextFinding, Some("next finding"), "next finding, or next row that has one"),
    bind(Any, &[Char('N')], Msg::PreviousFinding, None, "previous finding, or previous row that has one"),
    bind(Any, &[Char('y')], Msg::Copy, Some("copy"), "copy the row to the clipboard (OSC 52)"),
    bind(Any, &[Char('Y')], Msg::CopyDisplayFilter, None, "copy the display filter for Wireshark"),
    bind(Any, &[Char(' ')], Msg::Pause, Some("pause"), "pause the view; reading goes on"),
    bind(Any, &[Char('1')], Msg::Go(Screen::Channels), None, "channels"),
    bind(Any, &[Char('2')], Msg::Go(Screen::Findings), None, "findings"),
    bind(Any, &[Char('3')], Msg::Go(Screen::Hosts), None, "hosts"),
    bind(Any, &[Char('4')], Msg::Go(Screen::Coverage), None, "coverage: what was read and what was not"),
    bind(Any, &[Tab], Msg::NextScreen, None, "next screen"),
    bind(Any, &[BackTab], Msg::PreviousScreen, None, "previous screen"),
    bind(Any, &[Char('g'), Home], Msg::Top, None, "to the top"),
    bind(Any, &[Char('G'), End], Msg::Bottom, None, "to the bottom"),
    bind(Any, &[PageDown, Ctrl('f')], Msg::Pages(1), None, "a page down"),
    bind(Any, &[PageUp, Ctrl('b')], Msg::Pages(-1), None, "a page up"),
    bind(Any, &[Char('/')], Msg::EditFilter, Some("filter"), "filter; rows follow while you type"),
    bind(Any, &[Char('?'), F(1)], Msg::Help, Some("help"), "help"),
    bind(Any, &[Esc], Msg::Escape, None, "back up; at the top, clear what narrows the list"),
    bind(Any, &[Char('q')], Msg::Quit, Some("quit"), "leave"),
    bind(Any, &[Ctrl('c')], Msg::Interrupt, None, "leave at once"),
    bind(Any, &[Ctrl('z')], Msg::Suspend, None, "suspend; fg comes back"),
    bind(Any, &[Ctrl('l')], Msg::Redraw, None, "draw the screen anew"),
];

/// What a key means now.
pub(crate) fn message(model: &Model, key: Key) -> Option<Msg> {
    let mode = model.mode();
    let of = |wanted: Mode| {
        KEYMAP
            .iter()
            .find(|binding| binding.mode == wanted && binding.keys.contains(&key))
            .map(|it| it.msg.clone())
    };
    match (of(mode), mode, key) {
        (Some(msg), ..) => Some(msg),
        (None, Mode::Filter, Key::Char(character)) => Some(Msg::Type(character)),
        (None, Mode::Filter, _) => None,
        (None, ..) => of(Mode::Any),
    }
}

/// The footer's hints: key and word, in order, for the mode.
pub(crate) fn hints(mode: Mode) -> impl Iterator<Item = (String, &'static str)> {
    KEYMAP
        .iter()
        .filter(move |binding| binding.mode == mode || (binding.mode == Mode::Any && mode != Mode::Filter))
        .filter(move |binding| mode != Mode::Help || binding.mode == Mode::Help)
        .filter_map(|binding| Some((binding.keys.first()?.to_string(), binding.hint?)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_key_is_bound_twice_in_a_mode() {
        for (at, binding) in KEYMAP.iter().enumerate() {
            for key in binding.keys {
                let again =
                    KEYMAP.iter().skip(at + 1).find(|it| it.mode == binding.mode && it.keys.contains(key));
                assert!(again.is_none(), "{key} is bound twice in {:?}", binding.mode);
            }
        }
    }

    #[test]
    fn ctrl_c_leaves_in_every_mode() {
        for mode in [Mode::List, Mode::Text, Mode::Help, Mode::Filter] {
            let mut model = Model::new(&crate::Options::default());
            model.help = mode == Mode::Help;
            model.filter.editing = mode == Mode::Filter;
            model.screen = if mode == Mode::Text { Screen::Coverage } else { Screen::Channels };
            assert_eq!(model.mode(), mode);
            assert!(matches!(message(&model, Key::Ctrl('c')), Some(Msg::Interrupt)), "{mode:?}");
        }
    }

    #[test]
    fn letters_go_into_the_filter_line_and_nowhere_else() {
        let mut model = Model::new(&crate::Options::default());
        model.filter.editing = true;
        assert!(matches!(message(&model, Key::Char('q')), Some(Msg::Type('q'))));
        assert!(message(&model, Key::F(1)).is_none());
    }
}
