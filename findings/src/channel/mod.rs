//! The channel: what the user sees. A client, a site system, a purpose, and how safe that is.
//!
//! Each family of protocols contributes its own channels from the ledger, one file each; the list is in [`collect`].

mod http;
mod names;
mod push;
mod sealed;
mod tls;
mod trust;

use std::net::IpAddr;

pub use self::sealed::{Likely, Sealed};

use capture::Transport;

use crate::coverage::Coverage;
use crate::evidence::Seen;
use crate::ledger::Ledger;

pub use trust::{ClientCertificate, Kind, Trust, Verified};

/// What a channel is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Purpose {
    /// Policy requests and policy bodies.
    Policy,
    /// Client registration.
    Registration,
    /// Looking for site systems and content, site data and certificates.
    Location,
    /// Status messages, those to a fallback status point included.
    Status,
    /// State messages.
    State,
    /// Inventory, discovery data, metering.
    Inventory,
    /// Content: packages, applications, client source.
    Content,
    /// Software update point traffic.
    SoftwareUpdate,
    /// Client notification.
    Notification,
    /// Enrolment and certificates, tokens.
    Enrolment,
    /// Client push installation.
    ClientPush,
    /// NetBIOS, WINS, LLMNR and DNS lookups of site systems.
    NameService,
    /// Directory lookups and logons.
    Directory,
    /// PXE, boot media.
    Boot,
    /// A site system's channel whose purpose does not show, as inside TLS.
    Unknown,
}

impl Purpose {
    /// In words.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Policy => "policy",
            Self::Registration => "registration",
            Self::Location => "location",
            Self::Status => "status",
            Self::State => "state",
            Self::Inventory => "inventory",
            Self::Content => "content",
            Self::SoftwareUpdate => "software update",
            Self::Notification => "notification",
            Self::Enrolment => "enrolment",
            Self::ClientPush => "client push",
            Self::NameService => "name service",
            Self::Directory => "directory",
            Self::Boot => "boot",
            Self::Unknown => "not observable",
        }
    }
}

/// How safe a channel is. The order is from safe to unsafe.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Grade {
    /// Everything that was to be seen is as it should be, and enough was to be seen.
    Secure,
    /// What decides was not to be seen. Never counted as good.
    #[default]
    NotObservable,
    /// Works, but should be better.
    Weak,
    /// Can be read, changed or used by others.
    Insecure,
}

impl Grade {
    /// In words.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Secure => "secure",
            Self::NotObservable => "not observable",
            Self::Weak => "weak",
            Self::Insecure => "insecure",
        }
    }
}

/// Why a channel has its grade.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reason {
    /// The grade that this alone would give.
    pub grade: Grade,
    /// In words. Not yet scrubbed.
    pub text: String,
}

/// A channel.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Channel {
    /// Who opens it.
    pub client: IpAddr,
    /// The site system (for a client push: the computer it is pushed to).
    pub server: IpAddr,
    /// The server's port.
    pub port: u16,
    /// TCP or UDP.
    pub transport: Transport,
    /// What carries it, as people say it: `HTTP`, `TLS 1.2`, `SMB 3.1.1`, `NBNS`.
    pub protocol: String,
    /// What it is for.
    pub purpose: Purpose,
    /// The worst grade among the reasons; not observable without one.
    pub grade: Grade,
    /// Why, worst first.
    pub reasons: Vec<Reason>,
    /// Who its two sides show to be, where it is TLS.
    pub trust: Option<Trust>,
    /// Site code, where it was seen.
    pub site_code: Option<String>,
    /// How often, when, and where.
    pub seen: Seen,
    /// What shows from outside, where connections stayed sealed.
    pub sealed: Option<Sealed>,
}

impl Reason {
    /// A reason.
    pub(crate) fn new(grade: Grade, text: impl Into<String>) -> Self {
        Self { grade, text: text.into() }
    }
}

impl Channel {
    /// Sets the grade from the reasons, and puts the worst first.
    #[must_use]
    pub(crate) fn graded(mut self) -> Self {
        self.reasons.sort_by(|a, b| b.grade.cmp(&a.grade).then_with(|| a.text.cmp(&b.text)));
        self.reasons.dedup();
        self.grade = self.reasons.first().map_or(Grade::NotObservable, |worst| worst.grade);
        self
    }
}

/// The channels of one family of protocols.
type Contributor = fn(&Ledger, &Coverage) -> Vec<Channel>;

/// Who contributes channels.
const CONTRIBUTORS: &[Contributor] = &[http::channels, tls::channels, names::channels, push::channels];

/// All channels that the ledger knows, in order of client, server, port and purpose.
pub(crate) fn collect(ledger: &Ledger, coverage: &Coverage) -> Vec<Channel> {
    let mut channels: Vec<Channel> =
        CONTRIBUTORS.iter().flat_map(|contribute| contribute(ledger, coverage)).collect();
    channels.sort_by(|a, b| {
        let key = |c: &Channel| (c.client, c.server, c.port, c.purpose);
        key(a).cmp(&key(b)).then_with(|| a.protocol.cmp(&b.protocol))
    });
    channels
}
