//! A client talks to a management point or a distribution point over plain HTTP.

use std::collections::BTreeSet;
use std::net::IpAddr;

use decoders::ccm::Application;

use crate::coverage::Coverage;
use crate::evidence::Seen;
use crate::finding::{Confidence, Finding, Severity};
use crate::ledger::Ledger;
use crate::ledger::http::{Exchanges, enhanced};
use crate::ledger::message::{Kind, Signing};
use crate::rule::{Metadata, Rule, Verdicts, rule};
use crate::words::listed;

rule! {
    /// ## What it detects
    /// HTTP without TLS, on any port, for a path that only a management point, a distribution point or one of their
    /// companions serves. It is graded by what is sent, not by the port: policy and inventory are high (medium where
    /// they are encrypted and signed; policy requests also where they are signed and enhanced HTTP is in use); registration,
    /// status, state, location and client installation files are medium; site data (`.sms_aut`) and content are low.
    /// A password that goes with any of it and is only encoded (HTTP Basic) makes it high.
    ///
    /// ## Why it matters
    /// Whoever is on the path reads what the client reports and what it is told to do, and can answer in the site
    /// system's place. Message signatures protect messages of the client; they do not protect what it downloads before
    /// it knows the site, nor keep anything secret.
    ///
    /// ## Evidence
    /// The request lines. The path alone decides, and only with a server that was not seen to know nothing of it.
    ///
    /// ## False positives
    /// Enhanced HTTP sites go on using plain HTTP for bootstrap queries and for content that is checked by hash: that
    /// is by design, and low. Fallback status points, software update points, client notification and revocation lists
    /// have rules of their own or none. A scan of a real site system looks like a client.
    ///
    /// ## Remedy
    /// Let the site systems take HTTPS only; enhanced HTTP is the least. Sites that allow plain HTTP are deprecated
    /// since version 2103.
    ///
    /// ## References
    /// - Configuration Manager, "Enhanced HTTP"; "Plan for security": signing and encryption
    HttpClient {
        id: "http-client",
        title: "client talks to a site system over plain HTTP",
        severity: High,
        confidence: Certain,
        tags: ["CWE-319"],
    }
}

impl Rule for HttpClient {
    fn metadata(&self) -> &'static Metadata {
        Self::META
    }

    fn judge(&self, ledger: &Ledger, _: &Coverage, verdicts: &mut Verdicts) {
        for ((client, server, port), uses) in ledger.readable_by_channel() {
            let telling = |uses: &&(Application, &Exchanges)| uses.1.telling >= Confidence::Likely;
            let mut sent = Sent::default();
            for (application, exchanges) in uses.iter().filter(telling) {
                sent.weigh(ledger, (client, server, port), *application, exchanges);
            }
            if sent.what.is_empty() {
                continue;
            }
            let by_design = match enhanced(ledger, server) {
                Some((why, _)) if sent.severity <= Severity::Medium => {
                    format!(" The site uses enhanced HTTP ({why}), which leaves some requests on plain HTTP.")
                }
                _ => String::new(),
            };
            let through = if sent.proxied { "the proxy " } else { "" };
            let what = listed(sent.what.iter().copied());
            let password =
                if sent.password { " It sent a password that can be read (HTTP Basic)." } else { "" };
            verdicts.report(
                Finding::new(Self::META, client, server, &sent.seen)
                    .tcp_port(port)
                    .filter("http")
                    .site(ledger.site_code_of(&[server, client]))
                    .severity(sent.severity)
                    .confidence(sent.confidence)
                    .message(format!(
                        "{client} used plain HTTP to {through}{server} for {what}. Who is on the path can read it, and \
                         can answer in the site system's place.{password}{by_design}"
                    )),
            );
        }
    }
}

/// What a client sent over one channel, and how bad that is.
#[derive(Default)]
struct Sent {
    seen: Seen,
    severity: Severity,
    confidence: Confidence,
    what: BTreeSet<&'static str>,
    proxied: bool,
    password: bool,
}

impl Sent {
    fn weigh(
        &mut self,
        ledger: &Ledger,
        channel: (IpAddr, IpAddr, u16),
        application: Application,
        exchanges: &Exchanges,
    ) {
        let weighed = match application {
            Application::Messaging => messages(ledger, channel, exchanges),
            other => weight(other).into_iter().collect(),
        };
        for (severity, what) in &weighed {
            self.severity = self.severity.max(*severity);
            self.what.insert(what);
        }
        if !weighed.is_empty() {
            self.seen.merge(&exchanges.seen);
            self.confidence = self.confidence.max(exchanges.telling);
            self.proxied |= exchanges.proxied;
            if exchanges.shows_password() {
                self.password = true;
                self.severity = Severity::High;
            }
        }
    }
}

/// How bad it is to use an application over plain HTTP; nothing where another rule says it, or where it is right.
const fn weight(application: Application) -> Option<(Severity, &'static str)> {
    Some(match application {
        Application::PolicyBody | Application::ConfigurationItem => (Severity::High, "policy bodies"),
        Application::Upload => (Severity::High, "uploads of inventory and other reports"),
        Application::ClientFiles => (Severity::Medium, "client installation files"),
        Application::UserService => (Severity::Medium, "the user's application requests"),
        Application::TokenService => (Severity::Medium, "tokens"),
        Application::StateMigration => (Severity::Medium, "state migration"),
        Application::Gateway | Application::CloudContent => {
            (Severity::Medium, "the cloud management gateway")
        }
        Application::SiteData => (Severity::Low, "site data and certificates"),
        Application::ManagementPointOther => (Severity::Low, "other management point requests"),
        Application::Content | Application::ContentSignature | Application::PeerContent => {
            (Severity::Low, "content")
        }
        Application::Messaging
        | Application::Notification
        | Application::FallbackStatus
        | Application::Enrolment
        | Application::AdminService
        | Application::UpdateService
        | Application::UpdateFiles
        | Application::UpdateAdministration
        | Application::RevocationList => return None,
    })
}

/// How bad the messages of a channel are, by kind.
fn messages(
    ledger: &Ledger,
    channel: (IpAddr, IpAddr, u16),
    exchanges: &Exchanges,
) -> Vec<(Severity, &'static str)> {
    let modern = enhanced(ledger, channel.1).is_some();
    let mut weighed = Vec::new();
    for key in ledger.messages.on_channel(channel) {
        let encrypted = key.encrypted && matches!(key.signing, Signing::Valid | Signing::NotVerifiable);
        let severity = match key.kind {
            // What a signature proves is as readable as without it.
            Kind::Inventory if !encrypted => Severity::High,
            Kind::Policy if !(encrypted || modern && key.signing == Signing::Valid) => Severity::High,
            _ => Severity::Medium,
        };
        weighed.push((severity, key.kind.name()));
    }
    if weighed.is_empty() || exchanges.unread.is_some() {
        weighed.push((Severity::Medium, Kind::Other.name()));
    }
    weighed
}
