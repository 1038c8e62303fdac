//! What `y` and `Y` put on the clipboard.

use findings::report::{ChannelEntry, End, FindingEntry, HostEntry};
use findings::scrub;

use crate::effect::Effect;
use crate::model::{Detail, Model};

/// The row under the cursor, or what lies open, as one line of text.
pub(super) fn row(model: &mut Model) -> Vec<Effect> {
    let text = match model.subject() {
        Some(Detail::Channel(identity)) => model.channel(&identity).map(channel),
        Some(Detail::Finding(identity)) => model.finding(&identity).map(finding),
        Some(Detail::Host(ip)) => model.host(&ip).map(host),
        None => None,
    };
    copy(model, text, "nothing is selected")
}

/// The display filter for Wireshark of the finding that is selected or open.
pub(super) fn display_filter(model: &mut Model) -> Vec<Effect> {
    let text = match model.subject() {
        Some(Detail::Finding(identity)) => {
            model.finding(&identity).map(|finding| finding.display_filter.clone())
        }
        Some(Detail::Channel(identity)) => model.channel(&identity).map(channel_filter),
        Some(Detail::Host(ip)) => Some(address_filter(&ip)),
        None => None,
    };
    copy(model, text.filter(|text| !text.is_empty()), "nothing here has a display filter")
}

fn copy(model: &mut Model, text: Option<String>, otherwise: &str) -> Vec<Effect> {
    let Some(text) = text else {
        model.notice = Some(otherwise.to_owned());
        return Vec::new();
    };
    let text = scrub(&text).into_owned();
    model.notice = Some(format!("copied: {text}"));
    vec![Effect::Copy(text)]
}

fn channel(channel: &ChannelEntry) -> String {
    format!(
        "{} {} -> {} {} {}: {}",
        channel.grade,
        end(&channel.client),
        end(&channel.server),
        channel.purpose,
        channel.protocol,
        channel.reasons.join("; ")
    )
}

fn finding(finding: &FindingEntry) -> String {
    format!(
        "{} {} {} -> {}: {}",
        finding.severity,
        finding.rule,
        end(&finding.source),
        end(&finding.destination),
        finding.message
    )
}

fn host(host: &HostEntry) -> String {
    let roles: Vec<&str> = host.roles.iter().map(|role| role.role.as_str()).collect();
    format!("{} {} {}", host.ip, host.name.as_deref().unwrap_or("-"), roles.join(", "))
}

fn end(end: &End) -> String {
    let name = end.name.as_ref().map(|name| format!("{name} ")).unwrap_or_default();
    let port = end.port.map(|port| format!(":{port}")).unwrap_or_default();
    format!("{name}{}{port}", end.ip)
}

/// A channel has no display filter in the report: its ends make one.
fn channel_filter(channel: &ChannelEntry) -> String {
    let port = channel.server.port.map(|port| format!(" && {}.port == {port}", channel.transport));
    format!(
        "{} && {}{}",
        address_filter(&channel.client.ip),
        address_filter(&channel.server.ip),
        port.unwrap_or_default()
    )
}

fn address_filter(ip: &str) -> String {
    let field = if ip.contains(':') { "ipv6.addr" } else { "ip.addr" };
    format!("{field} == {ip}")
}
