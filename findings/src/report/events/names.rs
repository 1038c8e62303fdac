//! Name services and what else tells of names, as event lines: NetBIOS, DNS, LLMNR, LDAP, DHCP, TFTP.

use std::net::IpAddr;

use decoders::dhcp::DhcpEvent;
use decoders::dns::DnsMessage;
use decoders::ldap::{Auth, LdapEvent};
use decoders::nbdgm::NbdgmMessage;
use decoders::nbns::NbnsMessage;
use decoders::tftp::TftpEvent;

use super::Lines;
use super::line::Object;
use crate::report::build::mac;

/// QTYPE of a service (RFC 2782).
const SRV: u16 = 33;

pub(super) fn nbns(message: &NbnsMessage, lines: &mut Lines<'_>) {
    lines.line("nbns", |line| {
        line.put("trn_id", &message.trn_id);
        line.flag("response", message.response);
        line.put("opcode", &message.opcode);
        line.maybe("rcode", message.response.then_some(message.rcode));
        line.hex("flags", message.flags, 4);
        // What was no NetBIOS name has no 16th byte either.
        if !message.name.is_empty() {
            line.text("name", &message.name);
            line.put("suffix", &format!("{:02x}", message.suffix));
        }
        if !message.name.is_empty() || message.qtype != 0 {
            line.put("qtype", &message.qtype);
        }
        let addresses: Vec<_> = message.addresses.iter().map(|(_, addr)| addr).collect();
        line.list("addresses", &addresses);
        line.list("names", &message.names);
        line.maybe("unit_id", message.unit_id.map(mac));
        line.maybe("ttl", message.ttl);
    });
}

pub(super) fn nbdgm(message: &NbdgmMessage, lines: &mut Lines<'_>) {
    lines.line("nbdgm", |line| {
        line.put("kind", &message.kind);
        line.text("source", &message.source);
        line.text("destination", &message.destination);
        line.some("mailslot", &message.mailslot);
    });
}

/// Messages that ask or tell of a service are a kind of their own.
pub(super) fn dns(message: &DnsMessage, lines: &mut Lines<'_>) {
    let kind = if message.qtype == SRV || !message.services.is_empty() { "dns_srv" } else { "dns" };
    lines.line(kind, |line| {
        question(message, line);
        let targets: Vec<String> = message
            .services
            .iter()
            .map(|s| format!("{}:{}:{}:{}", s.target, s.port, s.priority, s.weight))
            .collect();
        line.list("targets", &targets);
    });
}

pub(super) fn llmnr(message: &DnsMessage, lines: &mut Lines<'_>) {
    lines.line("llmnr", |line| question(message, line));
}

fn question(message: &DnsMessage, line: &mut Object<'_>) {
    line.put("trn_id", &message.id);
    line.text("query", &message.query);
    line.put("qtype", &message.qtype);
    line.put("opcode", &message.opcode);
    line.flag("response", message.response);
    line.maybe("rcode", message.response.then_some(message.rcode));
    let addresses: Vec<IpAddr> = message.addresses.iter().map(|(_, addr)| *addr).collect();
    line.list("addresses", &addresses);
    line.maybe("ttl", message.ttl);
}

pub(super) fn ldap(event: &LdapEvent, lines: &mut Lines<'_>) {
    match event {
        LdapEvent::Bind { auth, name, mechanism } => lines.line("ldap_bind", |line| {
            let auth = match auth {
                Auth::Anonymous | Auth::Simple => "simple",
                Auth::Sasl => "sasl",
                Auth::Sicily => "sicily",
                Auth::Other(_) => "other",
            };
            line.put("auth", auth);
            line.flag("anonymous", matches!(event, LdapEvent::Bind { auth: Auth::Anonymous, .. }));
            line.text("name", name);
            line.text("mechanism", mechanism);
        }),
        LdapEvent::BindDone { code } => lines.line("ldap_result", |line| {
            line.put("op", "bind");
            line.put("code", code);
        }),
        LdapEvent::Search { base, scope, filter, filter_attributes, classes, attributes } => {
            lines.line("ldap_search", |line| {
                line.text("base", base);
                line.put("scope", scope);
                line.text("filter", filter);
                line.list("filter_attributes", filter_attributes);
                line.list("classes", classes);
                line.list("attributes", attributes);
            });
        }
        LdapEvent::SearchDone { code, entries } => lines.line("ldap_result", |line| {
            line.put("op", "search");
            line.put("code", code);
            line.put("entries", entries);
        }),
        LdapEvent::Protected { sealed } => lines.line("ldap_protected", |line| line.put("sealed", sealed)),
        LdapEvent::StartTls => lines.line("ldap_start_tls", |_| {}),
    }
}

pub(super) fn dhcp(event: &DhcpEvent, lines: &mut Lines<'_>) {
    lines.line("dhcp", |line| {
        line.maybe("message_type", event.message_type);
        line.maybe("client_mac", event.client_mac.map(mac));
        line.some("host_name", &event.host_name);
        line.some("vendor_class", &event.vendor_class);
        line.maybe("next_server", event.next_server);
        line.some("boot_file", &event.boot_file);
        line.some("option66", &event.tftp_server);
        line.some("option67", &event.bootfile_name);
    });
}

pub(super) fn tftp(event: &TftpEvent, lines: &mut Lines<'_>) {
    lines.line("tftp_request", |line| {
        line.put("opcode", &event.opcode);
        line.text("filename", &event.filename);
        line.text("mode", &event.mode);
    });
}
