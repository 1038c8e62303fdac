//! No verb: the terminal user interface, or a text report where there is no terminal.

use std::path::Path;

use anyhow::{Result, bail};

use super::{check, inform, live};
use crate::cli::{Check, ListFormat, LiveVerb, Look, ReportFormat, When};
use crate::judge::Standard;
use crate::messages::Level;
use crate::signals::Signals;
use crate::{input, output, screen};

pub(super) fn run(look: Look, color: When, level: Level) -> Result<u8> {
    let Look { offline, live, packets, keys, reporting, .. } = &look;
    if live.list_interfaces {
        return inform::interfaces(ListFormat::Text);
    }
    if let Some(word) = offline.all().first().filter(|path| is_word(path) && !path.exists()) {
        bail!("{}: no such file or folder, and no verb; `ccmscope --help` lists the verbs", word.display());
    }
    if reporting.format == ReportFormat::Text && reporting.output.is_none() && output::has_screen() {
        // The screen listens to signals itself.
        let signals = Signals::default();
        let standard = Standard::read(reporting, level)?;
        let intake = if live.interfaces.is_empty() {
            input::files(&offline.all(), packets, keys, &signals)?
        } else {
            input::live(live, packets, keys, &signals)?
        };
        let options = tui::Options {
            color: output::wants_color(color),
            initial_filter: look.display_filter.clone(),
            explain: Some(screen::explain),
        };
        let workers = packets.workers;
        return screen::show(intake, workers, standard, &options, &signals);
    }
    if look.display_filter.is_some() {
        level.warn(&"-Y filters the terminal user interface only; this report holds everything");
    }
    let signals = super::listen()?;
    let Look { offline, live, packets, keys, reporting, .. } = look;
    if live.interfaces.is_empty() {
        check::run(&Check { offline, packets, keys, reporting }, color, level, &signals)
    } else {
        live::run(&LiveVerb { live, packets, keys, reporting, events: false }, color, level, &signals)
    }
}

/// Whether a path may be a verb that was mistyped. `-` is standard input.
fn is_word(path: &Path) -> bool {
    path.to_str().is_some_and(|path| path.chars().all(|letter| letter.is_ascii_alphabetic()))
}
