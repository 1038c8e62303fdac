//! The command line: verbs and flags, with the words of tshark and tcpdump where those have one.

mod options;
mod values;

use std::path::PathBuf;

use clap::error::ErrorKind;
use clap::parser::ValueSource;
use clap::{ArgMatches, Args, Command, CommandFactory, FromArgMatches, Parser, Subcommand, ValueEnum};
use clap_complete::Shell;

pub(crate) use options::{Keys, Live, Offline, Packets, Reporting, Trust};
pub(crate) use values::ReportFormat;

/// What stands at the end of `--help`, and in the manual.
pub(crate) const EXIT_CODES: &str = "\
Exit codes:
  0            nothing wrong was found, and enough was read to say so
  1            failed: no capture could be read, or the result could not be written
  2            wrong usage
  3            nothing of Configuration Manager was recognised
  4            nothing wrong was found, but something could not be read
  11 12 13 14  highest severity found: low, medium, high, critical
  129 130 143  stopped by SIGHUP, SIGINT or SIGTERM; the report says what was read until then
With `--format sarif`, findings give 0: readers of SARIF take other codes for a failed run.
A live capture that is stopped by SIGINT (Ctrl-C) has ended as intended and gives 0 to 14.";

/// The same for `events`, which judges nothing.
const EVENTS_EXIT_CODES: &str = "\
Exit codes:
  0            all was read
  1            failed: no capture could be read, or the events could not be written
  2            wrong usage
  4            something could not be read
  129 130 143  stopped by SIGHUP, SIGINT or SIGTERM";

/// What stands before that.
pub(crate) const EXAMPLES: &str = "\
Examples:
  ccmscope trace.pcapng               look at a capture in the terminal
  ccmscope -i eth1                    watch an interface
  ccmscope check captures/            judge every capture in a folder
  ccmscope check a.pcap --format sarif -o result.sarif
  ccmscope live -i eth1 -a duration:3600 -w hour.pcapng
  ccmscope explain push-ntlm          what a finding means, what to do

";

/// Shows which channels between Configuration Manager clients and their site are insecure.
///
/// Reads packets from capture files or live interfaces, says which channels are insecure, how it knows, and what to
/// change. It only listens: it sends nothing and resolves no names.
///
/// Without a verb it opens the terminal user interface, or prints a text report where standard output is no terminal.
#[derive(Debug, Parser)]
#[command(name = "ccmscope", version, max_term_width = 100)]
#[command(subcommand_precedence_over_arg = true)]
#[command(after_help = format!("{EXAMPLES}{EXIT_CODES}"))]
pub(crate) struct Cli {
    #[command(subcommand)]
    pub(crate) verb: Option<Verb>,

    #[command(flatten)]
    pub(crate) look: Look,

    #[command(flatten)]
    pub(crate) messages: Messages,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Verb {
    /// Judge captures and report: text, JSON, SARIF, JUnit or Markdown
    #[command(after_help = EXIT_CODES)]
    Check(Check),
    /// Print everything decoded, one JSON object a line
    #[command(after_help = EVENTS_EXIT_CODES)]
    Events(Events),
    /// Capture without a terminal user interface, and report at the end
    #[command(after_help = EXIT_CODES)]
    Live(LiveVerb),
    /// List the rules
    Rules {
        /// How to print them
        #[arg(long, value_enum, default_value_t)]
        format: ListFormat,
    },
    /// Explain a rule: what it detects, why it matters, what to do
    Explain {
        /// Id of the rule, as reports and `ccmscope rules` give it
        #[arg(value_name = "RULE", value_parser = values::Rule, hide_possible_values = true)]
        rule: String,
    },
    /// List the interfaces to capture on (-D)
    Interfaces {
        /// How to print them
        #[arg(long, value_enum, default_value_t)]
        format: ListFormat,
    },
    /// Print a completion script for a shell
    Completions {
        /// Which shell
        shell: Shell,
    },
    /// Print the manual page, in roff
    Man {
        /// Write a page for the program and one for each verb into this folder instead
        #[arg(long, value_name = "DIR")]
        dir: Option<PathBuf>,
    },
}

impl Verb {
    /// As it is typed.
    pub(crate) const fn name(&self) -> &'static str {
        match self {
            Self::Check(_) => "check",
            Self::Events(_) => "events",
            Self::Live(_) => "live",
            Self::Rules { .. } => "rules",
            Self::Explain { .. } => "explain",
            Self::Interfaces { .. } => "interfaces",
            Self::Completions { .. } => "completions",
            Self::Man { .. } => "man",
        }
    }
}

/// Without a verb.
#[derive(Args, Debug)]
pub(crate) struct Look {
    #[command(flatten)]
    pub(crate) offline: Offline,
    #[command(flatten)]
    pub(crate) live: Live,
    #[command(flatten)]
    pub(crate) packets: Packets,
    #[command(flatten)]
    pub(crate) keys: Keys,
    #[command(flatten)]
    pub(crate) reporting: Reporting,
    /// Begin with this filter in the terminal user interface, as typed there after `/`
    #[arg(short = 'Y', long, value_name = "FILTER", help_heading = "Terminal user interface")]
    pub(crate) display_filter: Option<String>,
}

/// `check`.
#[derive(Args, Debug)]
pub(crate) struct Check {
    #[command(flatten)]
    pub(crate) offline: Offline,
    #[command(flatten)]
    pub(crate) packets: Packets,
    #[command(flatten)]
    pub(crate) keys: Keys,
    #[command(flatten)]
    pub(crate) reporting: Reporting,
}

/// `events`.
#[derive(Args, Debug)]
pub(crate) struct Events {
    #[command(flatten)]
    pub(crate) offline: Offline,
    #[command(flatten)]
    pub(crate) packets: Packets,
    #[command(flatten)]
    pub(crate) keys: Keys,
    /// Write to a file, in place only when complete
    #[arg(short, long, value_name = "FILE", help_heading = "Report")]
    pub(crate) output: Option<PathBuf>,
}

/// `live`.
#[derive(Args, Debug)]
pub(crate) struct LiveVerb {
    #[command(flatten)]
    pub(crate) live: Live,
    #[command(flatten)]
    pub(crate) packets: Packets,
    #[command(flatten)]
    pub(crate) keys: Keys,
    #[command(flatten)]
    pub(crate) reporting: Reporting,
    /// Print everything decoded as it comes, one JSON object a line, and judge nothing
    #[arg(long, help_heading = "Report", conflicts_with_all = ["format", "fail_on", "min_severity", "min_confidence", "ignore", "ca", "system_ca", "crl"])]
    pub(crate) events: bool,
}

/// What goes to standard error, and how text looks.
#[derive(Args, Clone, Copy, Debug)]
#[command(next_help_heading = "Messages and colour")]
pub(crate) struct Messages {
    /// When to colour text
    #[arg(long, value_enum, value_name = "WHEN", default_value_t, global = true)]
    pub(crate) color: When,
    /// No warnings and no progress; errors only
    #[arg(short, long, global = true, conflicts_with = "verbose")]
    pub(crate) quiet: bool,
    /// Say more about what is done
    #[arg(short, long, global = true)]
    pub(crate) verbose: bool,
}

/// When to colour.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum When {
    /// On a terminal, unless the environment has NO_COLOR
    #[default]
    Auto,
    /// Always
    Always,
    /// Never
    Never,
}

/// How lists are printed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum ListFormat {
    /// A table
    #[default]
    Text,
    /// JSON
    Json,
}

/// Reads the command line; where it is wrong, says so and leaves with 2.
pub(crate) fn parse() -> Cli {
    let mut command = Cli::command();
    let matches = command.get_matches_mut();
    if let Some(flag) = misplaced(&command, &matches) {
        let verb = matches.subcommand_name().unwrap_or_default();
        let text = format!("{flag} stands before `{verb}`, where it means nothing; put it behind");
        command.error(ErrorKind::ArgumentConflict, text).exit();
    }
    Cli::from_arg_matches(&matches).unwrap_or_else(|error| error.exit())
}

/// A flag for use without a verb that is given with one. clap would pass over it in silence.
fn misplaced(command: &Command, matches: &ArgMatches) -> Option<String> {
    matches.subcommand()?;
    let own = command.get_arguments().filter(|argument| !argument.is_global_set());
    let mut given = own.filter(|argument| {
        matches.try_get_raw(argument.get_id().as_str()).is_ok()
            && matches.value_source(argument.get_id().as_str()) == Some(ValueSource::CommandLine)
    });
    given.next().map(|argument| {
        let name = argument.get_long().map(|long| format!("--{long}"));
        name.or(argument.get_short().map(|short| format!("-{short}"))).unwrap_or("a path".to_owned())
    })
}
