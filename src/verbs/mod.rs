//! What each verb does, and the exit code it comes to.

mod check;
mod events;
mod exit;
mod fresh;
mod inform;
mod live;
mod look;

use anyhow::{Context, Result};

use crate::authorities;
use crate::cli::{Cli, ListFormat, Verb};
use crate::input;
use crate::messages::Level;
use crate::signals::Signals;

/// Does what the command line says. Returns the exit code.
pub(crate) fn run(cli: Cli) -> Result<u8> {
    let level = Level::from(cli.messages);
    let color = cli.messages.color;
    if let Some(mistake) = mistake(&cli) {
        return Ok(inform::usage(cli.verb.as_ref().map(Verb::name), &mistake));
    }
    match cli.verb {
        None => look::run(cli.look, color, level),
        Some(Verb::Check(check)) => check::run(&check, color, level, &listen()?),
        Some(Verb::Events(events)) => events::run(&events, level, &listen()?),
        Some(Verb::Live(live)) if live.live.list_interfaces => inform::interfaces(ListFormat::Text),
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

/// What is wrong with flags that clap looks at one by one.
fn mistake(cli: &Cli) -> Option<String> {
    const NOTHING_TO_READ: &str =
        "nothing to read: give a capture, a folder of captures, or - for standard input";
    const NO_INTERFACE: &str =
        "nothing to capture on: give an interface with -i; `ccmscope interfaces` lists them";
    let Cli { verb, look, .. } = cli;
    let (offline, live, packets, reporting) = match verb {
        None => (Some(&look.offline), Some(&look.live), &look.packets, Some(&look.reporting)),
        Some(Verb::Check(check)) => (Some(&check.offline), None, &check.packets, Some(&check.reporting)),
        Some(Verb::Events(events)) => (Some(&events.offline), None, &events.packets, None),
        Some(Verb::Live(verb)) => (None, Some(&verb.live), &verb.packets, Some(&verb.reporting)),
        Some(_) => return None,
    };
    if live.is_some_and(|live| live.list_interfaces) {
        return None;
    }
    let no_file = offline.is_none_or(|offline| offline.all().is_empty());
    let no_interface = live.is_none_or(|live| live.interfaces.is_empty());
    match (no_file, no_interface) {
        (true, true) if live.is_none() => Some(NOTHING_TO_READ.to_owned()),
        (true, true) if offline.is_none() => Some(NO_INTERFACE.to_owned()),
        (true, true) => Some(format!("{NOTHING_TO_READ}, or an interface with -i")),
        (false, false) => Some("captures and interfaces cannot be read at once".to_owned()),
        _ => {
            let trust = reporting.and_then(|reporting| authorities::mistake(&reporting.trust));
            input::mistake(packets).or(trust)
        }
    }
}
