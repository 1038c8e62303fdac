//! Channels by which clients look for site systems: NetBIOS names, DNS, the directory.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::net::IpAddr;

use capture::Transport;

use super::{Channel, Grade, Purpose, Reason};
use crate::coverage::Coverage;
use crate::ledger::Ledger;
use crate::ledger::located::{Located, Protection};
use crate::ledger::name::NameService;

/// Ports of the name services.
const NETBIOS: u16 = 137;
const LLMNR: u16 = 5355;
const DNS: u16 = 53;

/// Channels of name services.
pub(super) fn channels(ledger: &Ledger, _: &Coverage) -> Vec<Channel> {
    let mut found: Vec<Channel> = Vec::new();
    for ((client, server, service, name), lookup) in ledger.names.lookups.iter() {
        let shown = ledger.lookup_shown((*client, *server, name), lookup);
        let Some((seen, _)) = shown.filter(|_| ledger.names.meanings.contains_key(name)) else { continue };
        let (protocol, port, why) = match service {
            NameService::Wins => {
                ("WINS", NETBIOS, "WINS authenticates neither who registers nor who answers")
            }
            NameService::NetbiosBroadcast => {
                ("NBNS", NETBIOS, "anybody on the subnet can answer a broadcast query")
            }
            NameService::Llmnr => ("LLMNR", LLMNR, "anybody on the subnet can answer a multicast query"),
        };
        let site_code = ledger.names.meanings.get(name).and_then(|meaning| meaning.site_code());
        found.push(Channel {
            sealed: None,
            client: *client,
            server: *server,
            port,
            transport: seen.transport().unwrap_or(Transport::Udp),
            protocol: protocol.to_owned(),
            purpose: Purpose::NameService,
            grade: Grade::NotObservable,
            trust: None,
            reasons: vec![Reason::new(Grade::Insecure, why)],
            site_code: site_code.map(str::to_owned),
            seen: seen.clone(),
        });
    }
    for (client, located) in ledger.names.located.iter() {
        found.extend(located.iter().filter_map(|place| by_answer(ledger, *client, place)));
    }
    joined(found).collect()
}

/// The channel over which DNS or the directory told a client where its site is. What TLS protects is TLS's channel.
fn by_answer(ledger: &Ledger, client: IpAddr, place: &Located) -> Option<Channel> {
    let server = place.seen.evidence.first()?.key.server;
    let changeable = |what| format!("{what} answers are not signed: who is on the path can change them");
    let (protocol, port, purpose, transport) = match place.by {
        "DNS" => ("DNS", DNS, Purpose::NameService, Transport::Udp),
        _ => ("LDAP", server.port, Purpose::Directory, Transport::Tcp),
    };
    let reasons = match place.protection {
        Protection::None => vec![Reason::new(Grade::Weak, changeable(protocol))],
        Protection::NoneForPassword => vec![
            Reason::new(Grade::Insecure, "the password of a simple bind can be read by who is on the path"),
            Reason::new(Grade::Weak, changeable(protocol)),
        ],
        Protection::Signed => vec![Reason::new(Grade::Secure, "answers signed")],
        Protection::Tls => return None,
    };
    Some(Channel {
        sealed: None,
        client,
        server: server.addr,
        port,
        transport: place.seen.transport().unwrap_or(transport),
        protocol: protocol.to_owned(),
        purpose,
        grade: Grade::NotObservable,
        trust: None,
        reasons,
        site_code: ledger.site_code_of(&[client]).map(str::to_owned),
        seen: place.seen.clone(),
    })
}

/// Channels of one client to one server and protocol, put together.
fn joined(found: Vec<Channel>) -> impl Iterator<Item = Channel> {
    let mut joined: BTreeMap<_, Channel> = BTreeMap::new();
    for channel in found {
        let key = (channel.client, channel.server, channel.port, channel.protocol.clone());
        match joined.entry(key) {
            Entry::Vacant(entry) => {
                entry.insert(channel);
            }
            Entry::Occupied(mut entry) => {
                entry.get_mut().seen.merge(&channel.seen);
                entry.get_mut().reasons.extend(channel.reasons);
            }
        }
    }
    joined.into_values().map(Channel::graded)
}

#[cfg(test)]
mod tests {
    use decoders::ldap::{Auth, LdapEvent};

    use super::{Grade, Purpose};
    use crate::testing::{CLIENT, SERVER, Scene};

    /// The channels of a client that says something first and then finds its management point in the directory.
    fn found(port: u16, first: Option<LdapEvent>) -> Vec<(u16, Purpose, Grade)> {
        let mut scene = Scene::new();
        scene.flow(CLIENT, SERVER, port);
        if let Some(event) = first {
            scene.up(event);
        }
        scene.up(LdapEvent::Search {
            base: "CN=System Management,CN=System,DC=example,DC=test".to_owned(),
            scope: 2,
            filter: String::new(),
            filter_attributes: Vec::new(),
            classes: vec!["mSSMSManagementPoint".to_owned()],
            attributes: Vec::new(),
        });
        scene.down(LdapEvent::SearchDone { code: 0, entries: 1 }).end(false);
        scene.channels().iter().map(|channel| (channel.port, channel.purpose, channel.grade)).collect()
    }

    #[test]
    fn a_readable_search_of_the_directory_is_a_channel_graded_by_what_protects_it() {
        let bind = |auth| LdapEvent::Bind { auth, name: "CN=svc".to_owned(), mechanism: String::new() };
        let of = |port, grade| vec![(port, Purpose::Directory, grade)];
        assert_eq!(found(389, None), of(389, Grade::Weak));
        assert_eq!(found(3268, Some(bind(Auth::Anonymous))), of(3268, Grade::Weak));
        assert_eq!(found(389, Some(bind(Auth::Simple))), of(389, Grade::Insecure));
        assert_eq!(found(389, Some(LdapEvent::Protected { sealed: false })), of(389, Grade::Secure));
    }
}
