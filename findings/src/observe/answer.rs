//! What management points answer: replies to messages, and site data. Who is a site system, and of which site.

use decoders::Record;
use decoders::ccm::{Application, CcmReply, SiteData, place};

use super::authority::host_of;
use super::ccm::bind;
use super::http::{key as exchange_key, unasked};
use crate::finding::Confidence;
use crate::ledger::gateway;
use crate::ledger::http::role_of;
use crate::ledger::smsid::smsid;
use crate::ledger::{Ledger, Role};

/// Enters a reply to a message.
pub(super) fn reply(ledger: &mut Ledger, record: &Record, answer: &CcmReply) {
    let (client, server) = (record.key.client.addr, record.key.server.addr);
    let proxied = is_proxied(ledger, record);
    let key = exchange_key(ledger, record, Application::Messaging);
    let flow = ledger.http.flows.get_mut(&record.flow);
    let told = flow.is_some_and(|flow| std::mem::take(&mut flow.unasked));
    if answer.exchange.is_none() && !told {
        unasked(ledger, record, &key, "reply to a message");
    }
    let read = answer.root.is_some() || answer.reply_mode.is_some() || answer.signed;
    if read && !proxied {
        ledger.claim(
            server,
            Role::ManagementPoint,
            Confidence::Certain,
            record,
            "answers messages of clients",
        );
    }
    if let Some(code) = &answer.site_code {
        ledger.site_code(client, code);
        if !proxied {
            ledger.site_code(server, code);
        }
    }
    // 0 registered, 1 pending; whoever is to begin anew (2, 4) or was turned away (3) has no identity by that.
    let given = answer.registration_status.as_deref().is_none_or(|status| matches!(status.trim(), "0" | "1"));
    if let Some(id) = answer.smsid.as_ref().filter(|id| given && !id.is_empty()) {
        let registered = ledger.http.flows.get(&record.flow).and_then(|flow| {
            let mut waiting = flow.registering.iter().rev();
            waiting.find(|(number, _)| answer.exchange.is_none_or(|answers| answers == *number))
        });
        let key = registered.and_then(|(_, key)| key.clone());
        bind(ledger, record, &smsid(id), client, key.as_ref());
        ledger.claim(client, Role::Client, Confidence::Certain, record, "was registered");
    }
    for url in &answer.urls {
        named_in_reply(ledger, record, url);
    }
}

/// Believes a management point that a host is a site system.
fn named_in_reply(ledger: &mut Ledger, record: &Record, url: &str) {
    let Some((_, rest)) = url.split_once("://") else { return };
    let host = host_of(rest.split(['/', '?', '#']).next().unwrap_or_default());
    let place = place(url);
    let in_cloud = place.as_ref().is_some_and(|place| place.through_gateway);
    if in_cloud || gateway::is_azure_name(host) {
        ledger.tls.gateways.entry(gateway::name_key(host), || ());
    }
    let Some(role) = place.and_then(|place| role_of(place.application)) else { return };
    let role = if in_cloud { Role::CloudManagementGateway } else { role };
    let addr = host.parse().ok().or_else(|| ledger.addr_of(host));
    if let Some(addr) = addr {
        ledger.claim(addr, role, Confidence::Likely, record, "was named by a management point");
    }
}

fn is_proxied(ledger: &Ledger, record: &Record) -> bool {
    let flow = ledger.http.flows.get(&record.flow);
    let last = flow.and_then(|flow| flow.last.as_ref());
    last.and_then(|key| ledger.http.exchanges.get(key)).is_some_and(|exchanges| exchanges.proxied)
}

/// Enters an answer to a `.sms_aut` query.
pub(super) fn site_data(ledger: &mut Ledger, record: &Record, data: &SiteData) {
    let server = record.key.server.addr;
    let useful = !data.management_points.is_empty()
        || data.root_key_sha256.is_some()
        || data.signing_certificate_sha256.is_some();
    if useful && !is_proxied(ledger, record) {
        let what = format!("answers {}", data.query);
        ledger.claim(server, Role::ManagementPoint, Confidence::Certain, record, &what);
        if let Some(code) = &data.site_code {
            ledger.site_code(server, code);
        }
    }
    for (name, _) in &data.management_points {
        // A gateway is listed with the path on it that leads to the management point behind.
        if let Some((host, _)) = name.split_once('/') {
            named_in_reply(ledger, record, &format!("https://{name}"));
            if gateway::is_azure_name(host) {
                continue;
            }
        }
        if let Some(addr) = ledger.addr_of(name) {
            let what = "is in a management point's list of management points";
            ledger.claim(addr, Role::ManagementPoint, Confidence::Likely, record, what);
        }
    }
}
