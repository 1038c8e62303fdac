//! Flags that several verbs share.

use std::path::PathBuf;

use capture::source::StopCondition;
use clap::Args;

use super::values::{self, ReportFormat};

/// Captures to read.
#[derive(Args, Debug)]
#[command(next_help_heading = "Captures")]
pub(crate) struct Offline {
    /// Captures, and folders of captures; `-` is standard input
    #[arg(value_name = "PATH")]
    paths: Vec<PathBuf>,
    /// Read a capture or a folder: PATH in the words of tshark
    #[arg(short = 'r', long = "read", value_name = "PATH")]
    read: Vec<PathBuf>,
}

impl Offline {
    /// All captures given.
    pub(crate) fn all(&self) -> Vec<PathBuf> {
        self.read.iter().chain(&self.paths).cloned().collect()
    }
}

/// Interfaces to capture on.
#[derive(Args, Debug)]
#[command(next_help_heading = "Live capture")]
pub(crate) struct Live {
    /// Capture on an interface, by name or by number; may be repeated
    #[arg(short = 'i', long = "interface", value_name = "IF")]
    pub(crate) interfaces: Vec<String>,
    /// Bytes captured of each frame; 0 is the greatest
    #[arg(short, long, value_name = "BYTES", default_value_t = 262_144)]
    pub(crate) snaplen: u32,
    /// Kernel buffer of each interface in MiB
    #[arg(short = 'B', long = "buffer-size", value_name = "MIB", default_value_t = 64)]
    #[arg(value_parser = clap::value_parser!(u32).range(1..=2047))]
    pub(crate) buffer: u32,
    /// Do not put interfaces into promiscuous mode
    #[arg(short = 'p', long)]
    pub(crate) no_promiscuous: bool,
    /// List the interfaces and leave
    #[arg(short = 'D', long)]
    pub(crate) list_interfaces: bool,
}

/// Keys that open TLS.
#[derive(Args, Debug)]
#[command(next_help_heading = "Opening TLS")]
pub(crate) struct Keys {
    /// Open TLS with the secrets of a key log; may be repeated
    ///
    /// The log is one that TLS programs write where SSLKEYLOGFILE is set in their environment. Where it is set in that of
    /// ccmscope and names a file, that file is used too; so are the secrets that a pcapng capture brings along. During
    /// a live capture the log may grow.
    #[arg(long = "keylog", value_name = "FILE")]
    pub(crate) logs: Vec<PathBuf>,
    /// Open TLS with a server's RSA private key, where the key exchange is RSA; may be repeated
    ///
    /// PEM, as PKCS #8 or PKCS #1, not encrypted. Connections with another key exchange, which TLS 1.3 has always, need a
    /// key log.
    #[arg(long = "server-key", value_name = "FILE")]
    pub(crate) servers: Vec<PathBuf>,
}

/// Which packets to take, and where to keep them.
#[derive(Args, Debug)]
#[command(next_help_heading = "Packets")]
pub(crate) struct Packets {
    /// Take only packets that match a capture filter, see pcap-filter(7); for files too
    #[arg(short, long, value_name = "BPF")]
    pub(crate) filter: Option<String>,
    /// Stop after so many packets
    #[arg(short = 'c', long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    pub(crate) count: Option<u64>,
    /// Stop after duration:S, packets:N, filesize:KB or files:N; may be repeated
    #[arg(short, long, value_name = "CONDITION", value_parser = values::stop)]
    pub(crate) autostop: Vec<StopCondition>,
    /// Write the packets taken to a file: pcapng by that ending, else pcap
    #[arg(short, long, value_name = "FILE")]
    pub(crate) write: Option<PathBuf>,
    /// Write a ring of files: filesize:KB, duration:S, files:N; may be repeated
    #[arg(short = 'b', long, value_name = "RING", requires = "write")]
    pub(crate) ring_buffer: Vec<String>,
    /// Threads that decode; the result is the same with any number, and one does the least work
    #[arg(long, value_name = "N", value_parser = values::workers, default_value = "1")]
    pub(crate) workers: usize,
    /// Accepted as tcpdump and tshark have it: no names are ever resolved
    #[arg(short = 'n')]
    pub(crate) no_names: bool,
}

/// Whom to trust.
#[derive(Args, Debug)]
#[command(next_help_heading = "Trust")]
pub(crate) struct Trust {
    /// Verify certificates against the authorities in a file, PEM or DER; may be repeated
    #[arg(long, value_name = "FILE")]
    pub(crate) ca: Vec<PathBuf>,
    /// Verify certificates against the platform's store too
    #[arg(long)]
    pub(crate) system_ca: bool,
    /// Hold certificates against the revocation lists in a file, PEM or DER; may be repeated
    #[arg(long, value_name = "FILE")]
    pub(crate) crl: Vec<PathBuf>,
}

/// What to report, and how.
#[derive(Args, Debug)]
#[command(next_help_heading = "Report")]
pub(crate) struct Reporting {
    /// How to write the report
    #[arg(long, value_enum, value_name = "FORMAT", default_value_t)]
    pub(crate) format: ReportFormat,
    /// Write to a file, in place only when complete
    #[arg(short, long, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,
    /// Findings less severe do not change the exit code
    #[arg(long, value_enum, value_name = "SEVERITY", default_value_t = values::Severity::Low)]
    pub(crate) fail_on: values::Severity,
    /// Leave out findings less severe
    #[arg(long, value_enum, value_name = "SEVERITY", default_value_t = values::Severity::Info)]
    pub(crate) min_severity: values::Severity,
    /// Leave out findings less sure
    #[arg(long, value_enum, value_name = "CONFIDENCE", default_value_t = values::Confidence::Possible)]
    pub(crate) min_confidence: values::Confidence,
    /// Leave out findings of a rule; may be repeated
    #[arg(long, value_name = "RULE", value_parser = values::Rule, hide_possible_values = true)]
    pub(crate) ignore: Vec<String>,
    /// Exit with 0 whatever was found; failures still give 1 and 2
    #[arg(long)]
    pub(crate) no_exit_codes: bool,
    #[command(flatten)]
    pub(crate) trust: Trust,
}

impl Reporting {
    /// Which findings to let through.
    pub(crate) fn policy(&self) -> findings::Policy {
        findings::Policy {
            min_severity: self.min_severity.into(),
            min_confidence: self.min_confidence.into(),
            ignored_rules: self.ignore.clone(),
        }
    }
}
