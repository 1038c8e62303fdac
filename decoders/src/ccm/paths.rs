//! What a request target says about its server: which site system role, which application of it, and what it
//! demands of the client. By the path alone; a guess only where a path is not ConfigMgr's own.
//!
//! Paths compare without regard to case, as the server does. The prefix that a cloud management gateway puts in front
//! is looked through.

use std::borrow::Cow;

use crate::text::lossy;

/// A site system role.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Role {
    /// Management point.
    ManagementPoint,
    /// Distribution point, or a peer that serves content in its stead.
    DistributionPoint,
    /// Software update point (WSUS).
    SoftwareUpdatePoint,
    /// Fallback status point.
    FallbackStatusPoint,
    /// State migration point.
    StateMigrationPoint,
    /// Client notification on a management point.
    Notification,
    /// Enrolment point or its proxy.
    Enrolment,
    /// Cloud management gateway, itself.
    CloudManagementGateway,
    /// Administration service of a provider.
    AdminService,
    /// Publishes certificate revocation lists; not ConfigMgr's, but its clients ask it.
    RevocationLists,
}

/// An application of a role.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Application {
    /// `CCM_System` and its variants: messages.
    Messaging,
    /// `.sms_aut`: lists of management points, keys, certificates.
    SiteData,
    /// `.sms_pol`: policy bodies.
    PolicyBody,
    /// `.sms_dcm`: configuration items and scripts.
    ConfigurationItem,
    /// Something else under `SMS_MP`.
    ManagementPointOther,
    /// `CCM_Incoming`: uploads by BITS.
    Upload,
    /// `CCM_Client`: the client's own installation files.
    ClientFiles,
    /// `CCM_STS`: the token service.
    TokenService,
    /// `CMUserService`, and the application catalogue before it.
    UserService,
    /// `BGB`: client notification over HTTP.
    Notification,
    /// `SMS_FSP`.
    FallbackStatus,
    /// `SMS_DP_SMSPKG$`: content.
    Content,
    /// `SMS_DP_SMSSIG$`: signatures of content.
    ContentSignature,
    /// `SCCM_BranchCache$`: content of a peer.
    PeerContent,
    /// `downloadrestservice.svc`: content by a signed URL.
    CloudContent,
    /// `SMS_SMP`: state migration.
    StateMigration,
    /// Enrolment of devices.
    Enrolment,
    /// `AdminService`.
    AdminService,
    /// WSUS: the services that update agents speak to.
    UpdateService,
    /// WSUS: the agent's own update, and update files.
    UpdateFiles,
    /// WSUS: between servers, and for consoles.
    UpdateAdministration,
    /// The gateway itself.
    Gateway,
    /// A certificate revocation list.
    RevocationList,
}

/// What the path itself demands of the client.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Demand {
    /// Nothing that the path would show.
    None,
    /// Windows authentication (`_WindowsAuth`).
    Windows,
    /// A token (`_TokenAuth`, `CCMTOKENAUTH_`).
    Token,
    /// That no client certificate is needed, even over TLS (`_AltAuth`, `NOCERT_`).
    NoCertificate,
    /// A client certificate (`CCM_Proxy_MutualAuth`).
    Certificate,
}

/// What a request target says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Place {
    /// The role that answers.
    pub role: Role,
    /// The application of it.
    pub application: Application,
    /// What the path demands.
    pub demand: Demand,
    /// Whether a cloud management gateway stands in between.
    pub through_gateway: bool,
}

/// What a request target says, where its path is one of ConfigMgr's, of WSUS's, or of a revocation list. Absolute
/// URIs are read by their path.
#[must_use]
pub fn place(uri: &str) -> Option<Place> {
    let path = super::path_of(uri);
    if !may_be_known(path) {
        return None;
    }
    let path = normal(path);
    let mut segments = path.split('/').filter(|segment| !segment.is_empty());
    let first = segments.next()?;
    let proxy = match first {
        "ccm_proxy_mutualauth" => Some(Demand::Certificate),
        "ccm_proxy_serverauth" => Some(Demand::None),
        _ => None,
    };
    let Some(proxy) = proxy else { return named(first, &path) };
    let inner = segments.find(|segment| !segment.bytes().all(|byte| byte.is_ascii_digit()));
    let inner = inner.and_then(|inner| named(inner, &path));
    let gateway = Place {
        role: Role::CloudManagementGateway,
        application: Application::Gateway,
        demand: proxy,
        through_gateway: true,
    };
    let place = inner.unwrap_or(gateway);
    let demand = if place.demand == Demand::None { proxy } else { place.demand };
    Some(Place { demand, through_gateway: true, ..place })
}

/// A `.sms_aut` query: the command in upper case, and its argument.
#[must_use]
pub fn site_query(uri: &str) -> Option<(String, Option<String>)> {
    if place(uri)?.application != Application::SiteData {
        return None;
    }
    let (_, query) = uri.split_once('?')?;
    let mut pieces = query.split(['&', '#']);
    let command = pieces.next()?.to_ascii_uppercase();
    Some((command, pieces.next().map(str::to_owned)))
}

/// How the names of all applications begin, in lower case.
const BEGINNINGS: [&[u8; 3]; 18] = [
    b"adm", b"api", b"bgb", b"ccm", b"cli", b"cma", b"cmu", b"con", b"dow", b"dss", b"enr", b"noc", b"rep",
    b"scc", b"sel", b"ser", b"sim", b"sms",
];

/// Whether a path may be one that is known, by its ends alone: most requests of a network are for no such one.
fn may_be_known(path: &str) -> bool {
    let bytes = path.trim_start_matches('/').as_bytes();
    let begins = bytes
        .first_chunk()
        .is_some_and(|begin: &[u8; 3]| BEGINNINGS.contains(&&begin.map(|byte| byte.to_ascii_lowercase())));
    begins
        || bytes.last_chunk().is_some_and(|end: &[u8; 4]| end.eq_ignore_ascii_case(b".crl"))
        || bytes.contains(&b'%')
}

/// In lower case, without percent signs. Most paths are so already.
fn normal(path: &str) -> Cow<'_, str> {
    if !path.bytes().any(|byte| byte == b'%' || byte.is_ascii_uppercase()) {
        return Cow::Borrowed(path);
    }
    let mut plain = Vec::with_capacity(path.len());
    let mut bytes = path.bytes();
    while let Some(byte) = bytes.next() {
        let mut ahead = bytes.clone();
        let digit = |byte: Option<u8>| byte.and_then(|byte| char::from(byte).to_digit(16));
        let code = (byte == b'%').then(|| Some(digit(ahead.next())? * 16 + digit(ahead.next())?)).flatten();
        match code.and_then(|code| u8::try_from(code).ok()) {
            Some(code) => {
                plain.push(code);
                bytes = ahead;
            }
            None => plain.push(byte),
        }
    }
    Cow::Owned(lossy(&plain).to_ascii_lowercase())
}

/// Variants of an application's name, and what they demand.
const VARIANTS: [(&str, Demand); 3] =
    [("_windowsauth", Demand::Windows), ("_altauth", Demand::NoCertificate), ("_tokenauth", Demand::Token)];
/// Prefixes of a content share's name, and what they demand.
const PREFIXES: [(&str, Demand); 2] = [("nocert_", Demand::NoCertificate), ("ccmtokenauth_", Demand::Token)];

/// What an application's name says, variants and prefixes taken off.
fn named(name: &str, path: &str) -> Option<Place> {
    let prefix = PREFIXES.iter().find_map(|(prefix, demand)| Some((name.strip_prefix(prefix)?, *demand)));
    let variant = VARIANTS.iter().find_map(|(suffix, demand)| Some((name.strip_suffix(suffix)?, *demand)));
    let (bare, demand) = prefix.or(variant).unwrap_or((name, Demand::None));
    let (role, application) = application(bare, path).or_else(|| by_file(path))?;
    Some(Place { role, application, demand, through_gateway: false })
}

fn application(name: &str, path: &str) -> Option<(Role, Application)> {
    use Role::{ManagementPoint, SoftwareUpdatePoint};
    Some(match name {
        "ccm_system" => (ManagementPoint, Application::Messaging),
        "sms_mp" => (ManagementPoint, handler(path)),
        "ccm_incoming" => (ManagementPoint, Application::Upload),
        "ccm_client" => (ManagementPoint, Application::ClientFiles),
        "ccm_sts" => (ManagementPoint, Application::TokenService),
        "cmuserservice" | "cmapplicationcatalog" | "cmapplicationcatalogsvc" => {
            (ManagementPoint, Application::UserService)
        }
        "bgb" => (Role::Notification, Application::Notification),
        "sms_fsp" => (Role::FallbackStatusPoint, Application::FallbackStatus),
        "sms_smp" => (Role::StateMigrationPoint, Application::StateMigration),
        "adminservice" => (Role::AdminService, Application::AdminService),
        "enrollmentserver" | "enrollmentservice" => (Role::Enrolment, Application::Enrolment),
        "downloadrestservice.svc" => (Role::CloudManagementGateway, Application::CloudContent),
        "simpleauthwebservice" | "clientwebservice" | "reportingwebservice" if is_update_service(path) => {
            (SoftwareUpdatePoint, Application::UpdateService)
        }
        "selfupdate" if is_agent_file(path) => (SoftwareUpdatePoint, Application::UpdateFiles),
        "content" if is_update_file(path) => (SoftwareUpdatePoint, Application::UpdateFiles),
        "apiremoting30" | "serversyncwebservice" | "dssauthwebservice" => {
            (SoftwareUpdatePoint, Application::UpdateAdministration)
        }
        _ => return share(name),
    })
}

/// Content shares. The drive letter of `SMSPKGC$` may stand in the name.
fn share(name: &str) -> Option<(Role, Application)> {
    let application = if name.starts_with("sms_dp_smspkg") && name.ends_with('$') {
        Application::Content
    } else if name.starts_with("sms_dp_smssig") && name.ends_with('$') {
        Application::ContentSignature
    } else if name == "sccm_branchcache$" {
        Application::PeerContent
    } else {
        return None;
    };
    Some((Role::DistributionPoint, application))
}

/// Which handler of a management point's ISAPI application serves the path.
fn handler(path: &str) -> Application {
    let file = path.rsplit('/').next().unwrap_or_default();
    match file.rsplit('.').next().unwrap_or_default() {
        "sms_aut" => Application::SiteData,
        "sms_pol" => Application::PolicyBody,
        "sms_dcm" => Application::ConfigurationItem,
        _ => Application::ManagementPointOther,
    }
}

/// Paths that any server may have, known by their file.
fn by_file(path: &str) -> Option<(Role, Application)> {
    let name = path.strip_suffix(".crl")?;
    (!name.is_empty() && !name.ends_with('/')).then_some((Role::RevocationLists, Application::RevocationList))
}

/// The services that update agents ask ([MS-WUSP] 2.1). Their folders alone could be any application's.
fn is_update_service(path: &str) -> bool {
    let file = path.trim_end_matches('/').rsplit('/').next().unwrap_or_default();
    matches!(file, "client.asmx" | "simpleauth.asmx" | "reportingwebservice.asmx" | "wusserverversion.xml")
}

/// The agent's own update is looked for in cabinets, and in a list that stands beside them. Other programs keep their
/// updates in folders of that name as well.
fn is_agent_file(path: &str) -> bool {
    path.strip_suffix(".cab").is_some() || path.ends_with("/iuident.txt")
}

/// `/content/<two hex digits>/<SHA-1 in hex>.<extension>`: WSUS names update files by their hash, and folders by its end.
/// Stores that name folders by its beginning are others'.
fn is_update_file(path: &str) -> bool {
    let mut segments = path.split('/').filter(|segment| !segment.is_empty()).skip(1);
    let is_hex = |text: &str| text.bytes().all(|byte| byte.is_ascii_hexdigit());
    let (Some(folder), Some(file)) = (segments.next(), segments.next()) else { return false };
    let name = file.split('.').next().unwrap_or_default();
    let hashed = folder.len() == 2 && is_hex(folder) && name.len() == 40 && is_hex(name);
    hashed && (name.ends_with(folder) || !name.starts_with(folder))
}
