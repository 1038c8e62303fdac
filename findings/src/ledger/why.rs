//! The reasons for which NTLM was used instead of Kerberos, and their words. Which one it was is `fallback`'s to find.

use std::net::IpAddr;

use super::kerberos::{Silence, error_meaning};

/// Why NTLM was used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Why {
    /// The client called the server by its address: there is no Kerberos name for that.
    ByAddress(String),
    /// The server turned Kerberos down.
    Rejected(Option<i32>),
    /// The KDC gave no ticket.
    NoTicket {
        /// Whom the refusal was about.
        name: String,
        /// error-code.
        code: i32,
    },
    /// No KDC could be reached, or found: the KDC, or who should have known one.
    NoKdc(IpAddr, Silence),
    /// Nothing was seen of Kerberos, but the client kept the server waiting for so many seconds before it offered NTLM.
    Waited(i64),
    /// The server's offer has no Kerberos.
    ServerCannot,
    /// The client offered Kerberos too, and NTLM came of it.
    NtlmChosen,
    /// NTLM without SPNEGO: the program asked for it.
    AskedFor,
    /// The KDC gave no ticket; what for was not captured.
    NoTicketForSomething(i32),
    /// Only NTLM was offered, and nothing tells why.
    Unknown {
        /// Whether there was Kerberos traffic just before, about something else.
        kerberos: bool,
    },
}

impl Why {
    /// Whether Kerberos was tried before.
    pub(crate) const fn is_fallback(&self) -> bool {
        matches!(self, Self::Rejected(_) | Self::NoTicket { .. } | Self::NoKdc(..)) || self.is_guess()
    }

    /// Whether that Kerberos was tried before is only a guess.
    pub(crate) const fn is_guess(&self) -> bool {
        matches!(self, Self::Waited(_) | Self::NoTicketForSomething(_))
    }

    /// In words, for the user.
    pub(crate) fn words(&self) -> String {
        match self {
            Self::ByAddress(address) => {
                format!("Kerberos was not possible: the computer was addressed as {address}, not by name")
            }
            Self::Rejected(None) => "Kerberos was tried and turned down by the computer".to_owned(),
            Self::Rejected(Some(code)) => {
                format!(
                    "Kerberos was tried and turned down by the computer ({}, error {code})",
                    error_meaning(*code)
                )
            }
            Self::NoTicket { name, code: 7 } => {
                format!("Kerberos was tried; the KDC did not know {name}: the SPN is missing (error 7)")
            }
            Self::NoTicket { name, code } => format!(
                "Kerberos was tried; the KDC gave no ticket for {name}: {} (error {code})",
                error_meaning(*code)
            ),
            Self::NoKdc(who, how) => format!("Kerberos was tried; {}", how.words(*who)),
            Self::Waited(seconds) => format!(
                "Kerberos was possibly tried: it took {seconds} s to offer NTLM alone, as when no domain controller can \
                 be reached"
            ),
            Self::ServerCannot => "the computer offers no Kerberos".to_owned(),
            Self::NtlmChosen => "Kerberos was offered too, but NTLM was chosen".to_owned(),
            Self::AskedFor => "the program asked for NTLM, without negotiation".to_owned(),
            Self::NoTicketForSomething(code) => format!(
                "Kerberos was possibly tried: just before, the KDC refused a ticket, what for was not captured: {} \
                 (error {code})",
                error_meaning(*code)
            ),
            Self::Unknown { kerberos: false } => {
                "only NTLM was offered; why does not show (no Kerberos traffic was seen just before)"
                    .to_owned()
            }
            Self::Unknown { kerberos: true } => {
                "only NTLM was offered; why does not show (the Kerberos traffic just before was about another \
                 account or computer, or was not captured whole)"
                    .to_owned()
            }
        }
    }
}
