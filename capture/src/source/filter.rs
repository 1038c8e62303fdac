//! BPF filters on frames that were read from files, compiled and run by libpcap.
//!
//! The expression is compiled once for each link type, since the offsets it looks at depend on it.
//! Without the feature `live` there is no libpcap, and compiling is a clear error.

use super::SourceError;
use crate::frame::LinkType;

/// Snapshot length a program returns for a match; only "not zero" matters on files.
const DEFAULT_SNAPLEN: u32 = 262_144;

/// A filter expression, with its program for one link type.
#[cfg(feature = "live")]
pub struct Filter {
    program: pcap::BpfProgram,
}

#[cfg(feature = "live")]
impl Filter {
    /// Compiles an expression in the syntax of pcap-filter(7).
    ///
    /// libpcap compiles for a fixed snapshot length on a handle without an interface, and a program's answer
    /// for a frame does not depend on it; `snaplen` is checked for zero alone.
    ///
    /// # Errors
    ///
    /// [`SourceError::Filter`] with libpcap's text.
    pub fn compile(expression: &str, link: LinkType, snaplen: u32) -> Result<Self, SourceError> {
        let refuse = |reason: String| SourceError::Filter {
            expression: expression.to_owned(),
            reason: lower(&reason),
        };
        if snaplen == 0 {
            return Err(refuse("snapshot length is zero".to_owned()));
        }
        let handle =
            pcap::Capture::dead(pcap::Linktype(dlt(link))).map_err(|error| refuse(error.to_string()))?;
        let program = handle.compile(expression, true).map_err(|error| refuse(error.to_string()))?;
        Ok(Self { program })
    }

    /// Whether a frame passes.
    #[must_use]
    pub fn matches(&self, bytes: &[u8]) -> bool {
        self.program.filter(bytes)
    }
}

/// Link types are numbered in files as tcpdump.org says, and in libpcap's calls as the system says.
/// The few that differ on Linux and are read here: raw IP.
#[cfg(feature = "live")]
fn dlt(link: LinkType) -> i32 {
    match link {
        LinkType::RAW | LinkType::RAW_OPENBSD => 12,
        LinkType(other) => i32::from(other),
    }
}

/// libpcap's text without what the `pcap` crate puts before it.
#[cfg(feature = "live")]
fn lower(text: &str) -> String {
    text.strip_prefix("libpcap error: ").unwrap_or(text).trim_end_matches('.').to_owned()
}

/// A filter expression; never made in a build without libpcap.
#[cfg(not(feature = "live"))]
#[derive(Debug)]
pub struct Filter {
    never: std::convert::Infallible,
}

#[cfg(not(feature = "live"))]
impl Filter {
    /// Says that this build cannot filter.
    ///
    /// # Errors
    ///
    /// Always [`SourceError::FilterUnavailable`].
    pub fn compile(expression: &str, _link: LinkType, _snaplen: u32) -> Result<Self, SourceError> {
        Err(SourceError::FilterUnavailable { expression: expression.to_owned() })
    }

    /// Whether a frame passes.
    #[must_use]
    pub fn matches(&self, _bytes: &[u8]) -> bool {
        match self.never {}
    }
}

/// One expression for frames of any link type, compiled when a link type first comes.
pub(super) struct FilterSet {
    expression: String,
    programs: Vec<(LinkType, Option<Filter>)>,
}

impl FilterSet {
    /// Compiles for Ethernet at once, so that a syntax error shows before any file is read.
    pub(super) fn new(expression: &str) -> Result<Self, SourceError> {
        let ethernet = Filter::compile(expression, LinkType::ETHERNET, DEFAULT_SNAPLEN)?;
        Ok(Self { expression: expression.to_owned(), programs: vec![(LinkType::ETHERNET, Some(ethernet))] })
    }

    /// Whether a frame passes. Where libpcap refuses the expression for a link type (`ether host` on raw IP,
    /// a link type it does not know), no frame of it passes, and `refused` gets libpcap's text.
    pub(super) fn matches(&mut self, link: LinkType, bytes: &[u8], refused: &mut Option<String>) -> bool {
        let known = self.programs.iter().position(|(of, _)| *of == link);
        let index = known.unwrap_or_else(|| {
            let program = Filter::compile(&self.expression, link, DEFAULT_SNAPLEN);
            self.programs.push((link, program.map_err(|error| *refused = Some(error.to_string())).ok()));
            self.programs.len() - 1
        });
        self.programs.get(index).and_then(|(_, program)| program.as_ref()).is_some_and(|it| it.matches(bytes))
    }
}
