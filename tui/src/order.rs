//! Orders of the lists: what `s` walks through, and how two rows compare.

use std::cmp::Ordering;
use std::net::IpAddr;

use findings::report::{ChannelEntry, End, FindingEntry, HostEntry};

use crate::mark::{Grade, Severity};

/// What a list is sorted by. The first that a list offers is its own order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Order {
    /// Worst first.
    Worst,
    /// Client, source or address of the host.
    Source,
    /// Server or destination.
    Destination,
    /// Purpose of a channel.
    Purpose,
    /// Protocol of a channel.
    Protocol,
    /// Rule of a finding.
    Rule,
    /// Name of a host.
    Name,
    /// Roles of a host.
    Role,
    /// Last seen first.
    Last,
}

impl Order {
    /// Orders of channels.
    pub(crate) const CHANNELS: &[Self] =
        &[Self::Worst, Self::Source, Self::Destination, Self::Purpose, Self::Protocol, Self::Last];
    /// Orders of findings.
    pub(crate) const FINDINGS: &[Self] =
        &[Self::Worst, Self::Rule, Self::Source, Self::Destination, Self::Last];
    /// Orders of hosts.
    pub(crate) const HOSTS: &[Self] = &[Self::Source, Self::Name, Self::Role];

    /// In words, for the screen.
    pub(crate) const fn word(self) -> &'static str {
        match self {
            Self::Worst => "worst first",
            Self::Source => "source",
            Self::Destination => "destination",
            Self::Purpose => "purpose",
            Self::Protocol => "protocol",
            Self::Rule => "rule",
            Self::Name => "name",
            Self::Role => "role",
            Self::Last => "last seen",
        }
    }

    /// Compares channels.
    pub(crate) fn of_channels(self, a: &ChannelEntry, b: &ChannelEntry) -> Ordering {
        match self {
            Self::Source => address(&a.client).cmp(&address(&b.client)),
            Self::Destination => address(&a.server).cmp(&address(&b.server)),
            Self::Purpose => a.purpose.cmp(&b.purpose),
            Self::Protocol => a.protocol.cmp(&b.protocol),
            Self::Last => b.last_seen.cmp(&a.last_seen),
            _ => Grade::of(&b.grade).cmp(&Grade::of(&a.grade)),
        }
    }

    /// Compares findings.
    pub(crate) fn of_findings(self, a: &FindingEntry, b: &FindingEntry) -> Ordering {
        match self {
            Self::Rule => a.rule.cmp(&b.rule),
            Self::Source => address(&a.source).cmp(&address(&b.source)),
            Self::Destination => address(&a.destination).cmp(&address(&b.destination)),
            Self::Last => b.last_seen.cmp(&a.last_seen),
            _ => Severity::of(&b.severity).cmp(&Severity::of(&a.severity)),
        }
    }

    /// Compares hosts.
    pub(crate) fn of_hosts(self, a: &HostEntry, b: &HostEntry) -> Ordering {
        let name =
            |host: &HostEntry| (host.name.is_none(), host.name.as_ref().map(|name| name.to_lowercase()));
        let role =
            |host: &HostEntry| (host.roles.is_empty(), host.roles.first().map(|role| role.role.clone()));
        match self {
            Self::Name => name(a).cmp(&name(b)),
            Self::Role => role(a).cmp(&role(b)),
            _ => number(&a.ip).cmp(&number(&b.ip)),
        }
    }
}

fn address(end: &End) -> (Result<IpAddr, &str>, Option<u16>) {
    (number(&end.ip), end.port)
}

/// Addresses in the order of their numbers; what is no address after them, by its text.
fn number(ip: &str) -> Result<IpAddr, &str> {
    ip.parse().map_err(|_| ip)
}
