//! Verbs that look at no packet: `rules`, `explain`, `interfaces`, `completions`, `man`.

use std::fs;
use std::io::Write;
use std::path::Path;

use anyhow::{Context, Result, anyhow};
use clap::CommandFactory;
use clap::error::ErrorKind;
use clap_complete::Shell;
use findings::Metadata;
use findings::catalogue::{self, RULES};
use findings::report;
use serde::Serialize;

use crate::cli::{Cli, EXAMPLES, EXIT_CODES, ListFormat, When};
use crate::input::{self, Listed};
use crate::output::Output;
use crate::prose;

/// A rule, as it is listed.
#[derive(Serialize)]
struct Listing<'a> {
    id: &'a str,
    severity: &'a str,
    confidence: &'a str,
    title: &'a str,
    since: &'a str,
    tags: &'a [&'a str],
}

impl From<&'static Metadata> for Listing<'static> {
    fn from(rule: &'static Metadata) -> Self {
        Self {
            id: rule.id,
            severity: rule.severity.name(),
            confidence: rule.confidence.name(),
            title: rule.title,
            since: rule.since,
            tags: rule.tags,
        }
    }
}

/// Prints to standard output.
fn print(text: &[u8]) -> Result<u8> {
    let mut out = Output::open(None)?;
    out.write_all(text)?;
    out.finish()?;
    Ok(0)
}

fn print_json(list: &impl Serialize) -> Result<u8> {
    let mut text = serde_json::to_vec_pretty(list)?;
    text.push(b'\n');
    print(&text)
}

pub(super) fn rules(format: ListFormat) -> Result<u8> {
    let rules: Vec<Listing<'_>> = RULES.iter().map(|rule| rule.metadata().into()).collect();
    if format == ListFormat::Json {
        return print_json(&rules);
    }
    let head = ["RULE", "SEVERITY", "CONFIDENCE", "WHAT IT REPORTS"].map(str::to_owned);
    let row = |rule: &Listing<'_>| [rule.id, rule.severity, rule.confidence, rule.title].map(str::to_owned);
    let mut text = prose::table(head, rules.iter().map(row));
    text.push_str(
        "\nSeverity and confidence are the highest that a rule gives. `ccmscope explain RULE` tells more.\n",
    );
    print(text.as_bytes())
}

pub(super) fn explain(id: &str, color: When) -> Result<u8> {
    let rule = catalogue::find(id).ok_or_else(|| anyhow!("no rule is called {id}"))?;
    let Metadata { title, severity, confidence, tags, .. } = rule.metadata();
    let mut out = Output::open(None)?;
    let style = out.style(color);
    let tags = if tags.is_empty() { String::new() } else { format!("; {}", tags.join(", ")) };
    let text = format!(
        "# {id}: {title}\n\nSeverity {}, confidence {} at best{tags}.\n\n{}\n",
        severity.name(),
        confidence.name(),
        report::explanation(rule.metadata())
    );
    out.write_all(prose::wrap(&text, &style).as_bytes())?;
    out.finish()?;
    Ok(0)
}

pub(super) fn interfaces(format: ListFormat) -> Result<u8> {
    let interfaces = input::interfaces()?;
    if format == ListFormat::Json {
        return print_json(&interfaces);
    }
    let head = ["NO", "INTERFACE", "STATE", "ADDRESSES", "DESCRIPTION"].map(str::to_owned);
    let row = |listed: &Listed| {
        let state = match (listed.up, listed.running) {
            (true, true) => "up",
            (true, false) => "no link",
            (false, _) => "down",
        };
        let addresses: Vec<String> = listed.addresses.iter().map(ToString::to_string).collect();
        let description = listed.description.clone().unwrap_or_default();
        [listed.number.to_string(), listed.name.clone(), state.to_owned(), addresses.join(" "), description]
    };
    print(prose::table(head, interfaces.iter().map(row)).as_bytes())
}

pub(super) fn completions(shell: Shell) -> Result<u8> {
    let mut text = Vec::new();
    clap_complete::generate(shell, &mut Cli::command(), "ccmscope", &mut text);
    print(&text)
}

pub(super) fn man(dir: Option<&Path>) -> Result<u8> {
    let Some(dir) = dir else {
        return print(&page()?);
    };
    fs::create_dir_all(dir)
        .and_then(|()| clap_mangen::generate_to(Cli::command(), dir))
        .with_context(|| format!("{}: cannot be written", dir.display()))?;
    Ok(0)
}

/// The page of the program. clap's own would fill the lines of examples and exit codes as one paragraph.
fn page() -> Result<Vec<u8>> {
    let page = clap_mangen::Man::new(Cli::command());
    let mut text = Vec::new();
    page.render_title(&mut text)?;
    page.render_name_section(&mut text)?;
    page.render_synopsis_section(&mut text)?;
    page.render_description_section(&mut text)?;
    page.render_options_section(&mut text)?;
    page.render_subcommands_section(&mut text)?;
    writeln!(text, ".SH EXAMPLES\n.nf\n{}.fi", EXAMPLES.trim_start_matches("Examples:\n"))?;
    let (codes, notes) = EXIT_CODES.split_once("\nWith").unwrap_or((EXIT_CODES, ""));
    writeln!(
        text,
        ".SH \"EXIT STATUS\"\n.nf\n{}\n.fi\n.PP\nWith{notes}",
        codes.trim_start_matches("Exit codes:\n")
    )?;
    page.render_version_section(&mut text)?;
    Ok(text)
}

/// Says what is wrong with the command line of a verb, or of none, as clap does.
pub(super) fn usage(verb: Option<&str>, problem: &str) -> u8 {
    let mut command = Cli::command();
    command.build();
    let verb = verb.and_then(|verb| command.find_subcommand(verb).cloned());
    let error = verb.unwrap_or(command).error(ErrorKind::ArgumentConflict, problem);
    // Where standard error is closed there is nobody to tell.
    let _ = error.print();
    2
}
