//! What the screen knows. No terminal type, no clock: [`crate::update()`] changes it, [`crate::view()`] reads it.

use std::sync::Arc;

use findings::report::{ChannelEntry, FindingEntry, HostEntry, Report};

use crate::filter::Filter;
use crate::index::{Identity, Index};
use crate::list::List;
use crate::order::Order;
use crate::{Options, Status};

/// What happened.
#[derive(Clone, Debug)]
#[expect(missing_docs, reason = "each key's line in the keymap table says what it does")]
pub enum Msg {
    /// A result has come.
    Report(Arc<Report>),
    /// Reading went on.
    Status(Status),
    /// So many rows of a list fit on the screen.
    RowsInSight(usize),
    /// A signal asks to leave.
    Signal(i32),
    Quit,
    Interrupt,
    Suspend,
    Redraw,
    Help,
    Go(Screen),
    NextScreen,
    PreviousScreen,
    Lines(isize),
    Pages(isize),
    Top,
    Bottom,
    Open,
    Back,
    Escape,
    OpenFindings,
    NextFinding,
    PreviousFinding,
    Sort,
    Reverse,
    Pause,
    InsecureOnly,
    Copy,
    CopyDisplayFilter,
    EditFilter,
    Type(char),
    Erase,
    EraseWord,
    EraseAll,
    AcceptFilter,
}

/// The screens, in the order of their numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Screen {
    /// Channels with their grades.
    Channels,
    /// Findings.
    Findings,
    /// Hosts with their roles.
    Hosts,
    /// What was read and what was not.
    Coverage,
}

impl Screen {
    /// All, in order.
    pub const ALL: [Self; 4] = [Self::Channels, Self::Findings, Self::Hosts, Self::Coverage];

    /// Its title.
    #[must_use]
    pub const fn title(self) -> &'static str {
        match self {
            Self::Channels => "Channels",
            Self::Findings => "Findings",
            Self::Hosts => "Hosts",
            Self::Coverage => "Coverage",
        }
    }
}

/// Something opened on top of a screen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Detail {
    /// A channel.
    Channel(Identity),
    /// A finding.
    Finding(Identity),
    /// A host, by address.
    Host(String),
}

impl Detail {
    /// Who it is; of a host, its address.
    pub(crate) fn identity(&self) -> &str {
        match self {
            Self::Channel(identity) | Self::Finding(identity) | Self::Host(identity) => identity,
        }
    }
}

/// What the keys mean now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mode {
    /// On every screen, where no other line claims the key.
    Any,
    /// A list of rows.
    List,
    /// Text that scrolls: coverage, details.
    Text,
    /// The help.
    Help,
    /// The filter line.
    Filter,
}

/// The filter line.
#[derive(Clone, Debug, Default)]
pub(crate) struct FilterLine {
    /// As typed.
    pub(crate) text: String,
    /// Whether keys go into it.
    pub(crate) editing: bool,
    /// As understood.
    pub(crate) filter: Filter,
}

/// What the screen knows.
#[derive(Clone, Debug)]
pub struct Model {
    pub(crate) report: Arc<Report>,
    pub(crate) index: Index,
    /// The newest report while the view is paused.
    pub(crate) waiting: Option<Arc<Report>>,
    pub(crate) status: Status,
    pub(crate) paused: bool,
    pub(crate) screen: Screen,
    pub(crate) details: Vec<Detail>,
    pub(crate) help: bool,
    pub(crate) filter: FilterLine,
    pub(crate) insecure_only: bool,
    /// The channel or host whose findings alone the list of findings shows.
    pub(crate) scope: Option<Detail>,
    pub(crate) channels: List,
    pub(crate) findings: List,
    pub(crate) hosts: List,
    /// Rows of a list that fit on the screen.
    pub(crate) rows_in_sight: usize,
    /// One line for the footer, until the next key.
    pub(crate) notice: Option<String>,
    pub(crate) explain: Option<fn(&str) -> Option<&'static str>>,
}

impl Model {
    /// An empty screen.
    #[must_use]
    pub fn new(options: &Options) -> Self {
        let text = options.initial_filter.clone().unwrap_or_default();
        let filter = FilterLine { filter: Filter::parse(&text), text, editing: false };
        Self {
            report: Arc::default(),
            index: Index::default(),
            waiting: None,
            status: Status::default(),
            paused: false,
            screen: Screen::Channels,
            details: Vec::new(),
            help: false,
            filter,
            insecure_only: false,
            scope: None,
            channels: List::new(Order::CHANNELS),
            findings: List::new(Order::FINDINGS),
            hosts: List::new(Order::HOSTS),
            rows_in_sight: 16,
            notice: None,
            explain: options.explain,
        }
    }

    /// What the keys mean now.
    pub(crate) fn mode(&self) -> Mode {
        if self.filter.editing {
            Mode::Filter
        } else if self.help {
            Mode::Help
        } else if self.details.is_empty() && self.screen != Screen::Coverage {
            Mode::List
        } else {
            Mode::Text
        }
    }

    /// The list of a screen.
    pub(crate) const fn list(&self, screen: Screen) -> Option<&List> {
        match screen {
            Screen::Channels => Some(&self.channels),
            Screen::Findings => Some(&self.findings),
            Screen::Hosts => Some(&self.hosts),
            Screen::Coverage => None,
        }
    }

    /// The list of a screen, to change it.
    pub(crate) const fn list_mut(&mut self, screen: Screen) -> Option<&mut List> {
        match screen {
            Screen::Channels => Some(&mut self.channels),
            Screen::Findings => Some(&mut self.findings),
            Screen::Hosts => Some(&mut self.hosts),
            Screen::Coverage => None,
        }
    }

    /// What lies open, or the row under the cursor as if it were.
    pub(crate) fn subject(&self) -> Option<Detail> {
        self.details.last().cloned().or_else(|| self.under_cursor(self.screen))
    }

    /// The row under the cursor of a screen, as if it were open.
    pub(crate) fn under_cursor(&self, screen: Screen) -> Option<Detail> {
        let identity = self.list(screen)?.selected()?.identity.clone();
        match screen {
            Screen::Channels => Some(Detail::Channel(identity)),
            Screen::Findings => Some(Detail::Finding(identity)),
            Screen::Hosts => Some(Detail::Host(identity)),
            Screen::Coverage => None,
        }
    }

    /// A channel by identity, while the report has it.
    pub(crate) fn channel(&self, identity: &str) -> Option<&ChannelEntry> {
        self.report.channels.get(self.index.channel(identity)?)
    }

    /// A finding by identity.
    pub(crate) fn finding(&self, identity: &str) -> Option<&FindingEntry> {
        self.report.findings.get(self.index.finding(identity)?)
    }

    /// A host by address.
    pub(crate) fn host(&self, ip: &str) -> Option<&HostEntry> {
        self.report.hosts.get(self.index.host(ip)?)
    }
}
