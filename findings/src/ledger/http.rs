//! HTTP exchanges with site systems: who asked whom for what, and how it went. Requests whose path says nothing of
//! ConfigMgr or WSUS are not remembered.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::net::{IpAddr, Ipv4Addr};

use capture::{FlowId, Moment};
use decoders::ccm::{Application, Demand};

use super::{Hashed, Ledger, Role, Table};
use crate::evidence::Seen;
use crate::finding::Confidence;
use crate::limits::Limits;

/// Times kept of one entry are at least this far apart, in nanoseconds: what follows a failed attempt is looked for
/// within minutes.
const APART: i64 = 10_000_000_000;

/// What names exchanges that are counted together.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct ExchangeKey {
    /// Who asks.
    pub(crate) client: IpAddr,
    /// Who is asked: the site system, or the proxy in front of it.
    pub(crate) server: IpAddr,
    /// The server's port.
    pub(crate) port: u16,
    /// Whether it was read inside TLS.
    pub(crate) sealed: bool,
    /// The application that the path names.
    pub(crate) application: Application,
}

/// Exchanges that are counted together.
#[derive(Clone, Debug, Default)]
pub(crate) struct Exchanges {
    /// The requests.
    pub(crate) seen: Seen,
    /// Those whose message was not read: nothing of it was captured, or only what answers it.
    pub(crate) unread: Seen,
    /// When, the first of them, some time apart.
    pub(crate) times: Vec<Moment>,
    /// How much the paths say about the server: a path that only ConfigMgr has makes it certain.
    pub(crate) telling: Confidence,
    /// Status codes of the responses, with how often each came.
    pub(crate) statuses: BTreeMap<u16, u64>,
    /// Authentication schemes that the server offered.
    pub(crate) offered: BTreeSet<String>,
    /// Authentication schemes that the client used.
    pub(crate) sent: BTreeSet<String>,
    /// `User-Agent` headers.
    pub(crate) user_agents: BTreeSet<String>,
    /// NTLM logons that name a user.
    pub(crate) ntlm: Seen,
    /// What is older than NTLMv2 among their responses, by name.
    pub(crate) old_responses: BTreeSet<&'static str>,
    /// Accounts of those logons, as `DOMAIN\user`.
    pub(crate) accounts: BTreeSet<String>,
    /// Whether the client spoke to a proxy: the request target is the absolute URI of something else, or it is inside a
    /// tunnel.
    pub(crate) proxied: bool,
    /// WSUS: whether it was the agent's own update, rather than update files that carry their hash.
    pub(crate) self_update: bool,
}

impl Exchanges {
    /// Notes when a request came, if the last one kept was long enough ago.
    pub(crate) fn came_at(&mut self, at: Moment, bound: usize) {
        let due = self.times.last().is_none_or(|last| at.time.nanos_since(last.time) >= APART);
        if due && self.times.len() < bound {
            self.times.push(at);
        }
    }

    /// Whether a request had a password in it that is only encoded (Basic, RFC 7617).
    pub(crate) fn shows_password(&self) -> bool {
        self.sent.contains("basic")
    }

    /// Whether the server never served any of it: then it is no site system, but somebody looked for one.
    pub(crate) fn never_served(&self) -> bool {
        const NOT_THERE: [u16; 9] = [301, 302, 307, 308, 400, 404, 405, 410, 501];
        let finals = || self.statuses.keys().filter(|status| **status >= 200);
        finals().next().is_some() && finals().all(|status| NOT_THERE.contains(status))
    }
}

/// What is remembered of a flow while it lasts.
#[derive(Clone, Debug, Default)]
pub(crate) struct HttpFlow {
    /// The requests that wait for their response: number, what names them, and what their path demanded.
    pub(crate) waiting: VecDeque<(u64, ExchangeKey, Demand)>,
    /// The client asked a proxy for a tunnel: what follows is not the proxy's.
    pub(crate) tunnel: bool,
    /// What the last request was about.
    pub(crate) last: Option<ExchangeKey>,
    /// The credentials of the last request are for a proxy on the way alone.
    pub(crate) for_proxy: bool,
    /// Registrations that wait for their reply: number of the request, and the key registered.
    pub(crate) registering: VecDeque<(u64, Option<String>)>,
    /// A response without a request told by its boundary that it is a reply, which comes next.
    pub(crate) unasked: bool,
}

/// Exchanges of one channel: the applications asked for, by client, server and port.
pub(crate) type ByChannel<'a> = BTreeMap<(IpAddr, IpAddr, u16), Vec<(Application, &'a Exchanges)>>;

/// What is remembered of HTTP.
#[derive(Debug)]
pub(crate) struct HttpLedger {
    /// Exchanges.
    pub(crate) exchanges: Table<ExchangeKey, Exchanges>,
    /// Flows that carry any, while they last.
    pub(crate) flows: Hashed<FlowId, HttpFlow>,
    /// Servers that were asked for tokens, or were presented some.
    pub(crate) tokens: Table<IpAddr, Seen>,
}

impl HttpLedger {
    pub(crate) fn new(limits: &Limits) -> Self {
        Self {
            exchanges: Table::new(limits.table),
            flows: Hashed::new(limits.table),
            tokens: Table::new(limits.table),
        }
    }

    pub(crate) const fn full(&self) -> u64 {
        self.exchanges.refused() + self.flows.refused() + self.tokens.refused()
    }

    /// Whether the last request of a flow went to a proxy, for a site system behind it.
    pub(crate) fn is_through_proxy(&self, flow: FlowId) -> bool {
        let last = self.flows.get(&flow).and_then(|flow| flow.last.as_ref());
        last.and_then(|key| self.exchanges.get(key)).is_some_and(|exchanges| exchanges.proxied)
    }

    /// What was read inside TLS of one channel.
    pub(crate) fn inside(&self, channel: (IpAddr, IpAddr, u16)) -> impl Iterator<Item = Application> {
        let (client, server, port) = channel;
        let first = ExchangeKey { client, server, port, sealed: true, application: Application::Messaging };
        let keys = self.exchanges.range(first..).map(|(key, _)| key);
        keys.take_while(move |key| (key.client, key.server, key.port) == channel).map(|key| key.application)
    }
}

/// What everybody on the way could read.
impl Ledger {
    /// Exchanges that everybody on the way could read, with a server that was not seen to know nothing of them.
    pub(crate) fn readable(&self) -> impl Iterator<Item = (&ExchangeKey, &Exchanges)> {
        self.http.exchanges.iter().filter(|(key, exchanges)| self.is_readable(key, exchanges))
    }

    /// Readable exchanges of one client.
    pub(crate) fn readable_of(&self, client: IpAddr) -> impl Iterator<Item = (&ExchangeKey, &Exchanges)> {
        let first = ExchangeKey {
            client,
            server: Ipv4Addr::UNSPECIFIED.into(),
            port: 0,
            sealed: false,
            application: Application::Messaging,
        };
        let own = self.http.exchanges.range(first..).take_while(move |(key, _)| key.client == client);
        own.filter(|(key, exchanges)| self.is_readable(key, exchanges))
    }

    /// Readable exchanges by client, server and port.
    pub(crate) fn readable_by_channel(&self) -> ByChannel<'_> {
        let mut channels = ByChannel::new();
        for (key, exchanges) in self.readable() {
            let channel = channels.entry((key.client, key.server, key.port)).or_default();
            channel.push((key.application, exchanges));
        }
        channels
    }

    /// Who is known to have the role may be asked for what it does not have: that is no search for a site system. Nor
    /// is it one to send a whole message, or to ask for the notification of clients: whatever the answer, it went out.
    fn is_readable(&self, key: &ExchangeKey, exchanges: &Exchanges) -> bool {
        let role = || role_of(key.application).and_then(|role| self.role(key.server, role));
        let channel = (key.client, key.server, key.port);
        let meant = || match key.application {
            Application::Messaging => {
                exchanges.unread.is_some() || self.messages.on_channel(channel).next().is_some()
            }
            Application::Notification => exchanges.telling == Confidence::Certain,
            _ => false,
        };
        !key.sealed && (!exchanges.never_served() || role() >= Some(Confidence::Likely) || meant())
    }
}

/// The role that an application belongs to, where it says one.
pub(crate) const fn role_of(application: Application) -> Option<Role> {
    Some(match application {
        Application::Messaging
        | Application::SiteData
        | Application::PolicyBody
        | Application::ConfigurationItem
        | Application::ManagementPointOther
        | Application::Upload
        | Application::ClientFiles
        | Application::TokenService
        | Application::UserService
        | Application::Notification => Role::ManagementPoint,
        Application::FallbackStatus => Role::FallbackStatusPoint,
        Application::Content | Application::ContentSignature => Role::DistributionPoint,
        Application::StateMigration => Role::StateMigrationPoint,
        Application::UpdateService | Application::UpdateFiles | Application::UpdateAdministration => {
            Role::SoftwareUpdatePoint
        }
        Application::CloudContent | Application::Gateway => Role::CloudManagementGateway,
        Application::PeerContent
        | Application::Enrolment
        | Application::AdminService
        | Application::RevocationList => return None,
    })
}

/// What shows that a server takes part in enhanced HTTP, if anything does.
pub(crate) fn enhanced(ledger: &Ledger, server: IpAddr) -> Option<(&'static str, &Seen)> {
    let issued = ledger
        .tls
        .issued
        .get(&server)
        .map(|seen| ("its certificate is one that the site issued itself", seen));
    let token =
        || ledger.http.tokens.get(&server).map(|seen| ("clients ask it for tokens, or present them", seen));
    issued.or_else(token)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_that_knows_none_of_it_has_never_served() {
        let answered = |codes: &[u16]| Exchanges {
            statuses: codes.iter().map(|code| (*code, 1)).collect(),
            ..Exchanges::default()
        };
        assert!(answered(&[404]).never_served());
        assert!(answered(&[100, 405]).never_served());
        assert!(!answered(&[]).never_served(), "an answer that was not captured says nothing");
        assert!(!answered(&[401, 404]).never_served(), "who asks for credentials has something behind them");
        assert!(!answered(&[200, 404]).never_served());
    }

    #[test]
    fn times_are_kept_some_seconds_apart_and_not_without_end() {
        let mut exchanges = Exchanges::default();
        for second in 0..100 {
            let time = capture::Timestamp::new(second, 0);
            exchanges.came_at(Moment { time, ..Moment::default() }, 3);
        }
        let seconds: Vec<i64> = exchanges.times.iter().map(|at| at.time.as_secs()).collect();
        assert_eq!(seconds, [0, 10, 20]);
    }
}
