//! No verb: the terminal user interface, or a text report where there is no terminal.

use anyhow::Result;

use super::{check, inform, live};
use crate::cli::{Check, ListFormat, LiveVerb, Look, When};
use crate::messages::Level;

pub(super) fn run(look: Look, color: When, level: Level) -> Result<u8> {
    let Look { offline, live, packets, reporting } = look;
    if live.list_interfaces {
        return inform::interfaces(ListFormat::Text);
    }
    let signals = super::listen()?;
    if live.interfaces.is_empty() {
        check::run(&Check { offline, packets, reporting }, color, level, &signals)
    } else {
        live::run(&LiveVerb { live, packets, reporting, events: false }, color, level, &signals)
    }
}
