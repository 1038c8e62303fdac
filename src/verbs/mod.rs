//! What each verb does, and the exit code it comes to.

mod check;
mod events;
mod exit;
mod fresh;
mod inform;
mod live;
mod look;

use anyhow::{Context, Result};

use crate::cli::{Check, Cli, Events, ListFormat, Verb};
use crate::messages::Level;
use crate::signals::Signals;

/// Does what the command line says. Returns the exit code.
pub(crate) fn run(cli: Cli) -> Result<u8> {
    let level = Level::from(cli.messages);
    let color = cli.messages.color;
    match cli.verb {
        None => look::run(cli.look, color, level),
        Some(Verb::Check(Check { offline, .. }) | Verb::Events(Events { offline, .. }))
            if offline.all().is_empty() =>
        {
            Ok(inform::usage(
                "nothing to read: give a capture, a folder of captures, or - for standard input",
            ))
        }
        Some(Verb::Check(check)) => check::run(&check, color, level, &listen()?),
        Some(Verb::Events(events)) => events::run(&events, level, &listen()?),
        Some(Verb::Live(live)) if live.live.list_interfaces => inform::interfaces(ListFormat::Text),
        Some(Verb::Live(live)) if live.live.interfaces.is_empty() => Ok(inform::usage(
            "nothing to capture on: give an interface with -i; `ccmscope interfaces` lists them",
        )),
        Some(Verb::Live(live)) => live::run(&live, color, level, &listen()?),
        Some(Verb::Rules { format }) => inform::rules(format),
        Some(Verb::Explain { rule }) => inform::explain(&rule, color),
        Some(Verb::Interfaces { format }) => inform::interfaces(format),
        Some(Verb::Completions { shell }) => inform::completions(shell),
        Some(Verb::Man { dir }) => inform::man(dir.as_deref()),
    }
}

fn listen() -> Result<Signals> {
    Signals::listen().context("signals cannot be handled")
}
