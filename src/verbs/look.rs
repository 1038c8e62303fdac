//! No verb: the terminal user interface, or a text report where there is no terminal.

use anyhow::Result;

use super::{check, inform, live};
use crate::cli::{Check, ListFormat, LiveVerb, Look, When};
use crate::messages::Level;

pub(super) fn run(look: Look, color: When, level: Level) -> Result<u8> {
    let Look { offline, live, packets, reporting } = look;
    let paths = offline.all();
    if live.list_interfaces {
        return inform::interfaces(ListFormat::Text);
    }
    let signals = super::listen()?;
    match (live.interfaces.is_empty(), paths.is_empty()) {
        (true, true) => {
            Ok(inform::usage("nothing to read: give a capture, a folder, or an interface with -i"))
        }
        (false, false) => Ok(inform::usage("either captures or interfaces can be read, not both at once")),
        (true, false) => check::run(&Check { offline, packets, reporting }, color, level, &signals),
        (false, true) => {
            live::run(&LiveVerb { live, packets, reporting, events: false }, color, level, &signals)
        }
    }
}
