//! Rules about name services.

use std::net::Ipv4Addr;

use capture::Transport;
use decoders::dns::DnsMessage;
use decoders::ldap::LdapEvent;
use decoders::llmnr::LlmnrMessage;
use decoders::nbns::NbnsMessage;

use crate::Role;
use crate::finding::{Confidence, Severity};
use crate::testing::{CLIENT, OTHER, SERVER, Scene, addr};

/// A name server, and somebody else.
const WINS: &str = "192.0.2.5";
const STRANGER: &str = "192.0.2.66";
/// NM_FLAGS of a query to a name server, of the same without recursion, of one by broadcast; of answers of a name
/// server and of an end node.
const ASK: u16 = 0x0100;
const ASK_PLAINLY: u16 = 0x0000;
const ASK_ALL: u16 = 0x0110;
const BY_SERVER: u16 = 0x8580;
const BY_HOST: u16 = 0x8500;

pub(super) fn packet(opcode: u8, flags: u16, name: &str, suffix: u8, addresses: &[&str]) -> NbnsMessage {
    let address = |text: &&str| (0x6000, text.parse::<Ipv4Addr>().unwrap());
    NbnsMessage {
        response: flags & 0x8000 != 0,
        opcode,
        rcode: (flags & 0xF) as u8,
        flags,
        name: name.to_owned(),
        suffix,
        qtype: 0x20,
        addresses: addresses.iter().map(address).collect(),
        ttl: Some(3_600),
        ..NbnsMessage::default()
    }
}

pub(super) fn says(scene: &mut Scene, from: &str, to: &str, message: NbnsMessage) {
    scene.flow(from, to, 137).up(message);
}

fn asks(scene: &mut Scene, from: &str, to: &str, flags: u16) {
    says(scene, from, to, packet(0, flags, "MP_PS1", 0x1A, &[]));
}

fn answers(scene: &mut Scene, from: &str, to: &str, flags: u16, addresses: &[&str]) {
    says(scene, from, to, packet(0, flags, "MP_PS1", 0x1A, addresses));
}

fn registers(scene: &mut Scene, from: &str, opcode: u8, addresses: &[&str]) {
    says(scene, from, WINS, packet(opcode, 0x2900, "MP_PS1", 0x1A, addresses));
}

#[test]
fn a_query_without_recursion_is_a_lookup_unless_a_name_server_asks() {
    let mut scene = Scene::new();
    asks(&mut scene, CLIENT, WINS, ASK_PLAINLY);
    asks(&mut scene, OTHER, WINS, ASK);
    let found = scene.found("loc-wins-query");
    let sure: Vec<_> = found.iter().map(|finding| (finding.source, finding.confidence)).collect();
    assert_eq!(sure, [(addr(CLIENT), Confidence::Possible), (addr(OTHER), Confidence::Certain)]);
    answers(&mut scene, WINS, CLIENT, BY_SERVER, &[SERVER]);
    assert!(scene.found("loc-wins-query").iter().all(|finding| finding.confidence == Confidence::Certain));
    // A name server's challenge, of a registration before the capture began.
    let mut scene = Scene::new();
    asks(&mut scene, WINS, SERVER, ASK_PLAINLY);
    assert_eq!(scene.one("loc-wins-query").confidence, Confidence::Possible);
    says(&mut scene, WINS, STRANGER, packet(5, 0xAD80, "MP_PS1", 0x1A, &[STRANGER]));
    assert!(scene.found("loc-wins-query").is_empty());
    let mut scene = Scene::new();
    registers(&mut scene, STRANGER, 5, &[STRANGER]);
    asks(&mut scene, WINS, SERVER, ASK_PLAINLY);
    assert!(scene.found("loc-wins-query").is_empty());
}

#[test]
fn a_registration_whose_address_was_cut_off_says_so() {
    let mut scene = Scene::new();
    registers(&mut scene, SERVER, 5, &[]);
    let message = scene.one("loc-wins-reg").message;
    assert!(message.contains("registered MP_PS1<1A> for addresses that were not captured with"), "{message}");
}

#[test]
fn a_lookup_over_tcp_is_said_to_be_one() {
    let mut scene = Scene::new();
    asks(&mut scene, CLIENT, WINS, ASK);
    assert_eq!(scene.one("loc-wins-query").transport, Transport::Tcp);
    assert_eq!(scene.channels()[0].transport, Transport::Tcp);
}

#[test]
fn a_directory_search_of_another_client_in_between_hides_no_answer() {
    let search = |base: &str| LdapEvent::Search {
        base: base.to_owned(),
        scope: 2,
        filter: String::new(),
        filter_attributes: Vec::new(),
        classes: Vec::new(),
        attributes: Vec::new(),
    };
    let mut scene = Scene::new();
    scene.flow(CLIENT, SERVER, 3268).up(search("CN=System Management,CN=System,DC=example,DC=test"));
    let own = scene.here();
    scene.flow(OTHER, SERVER, 3268).up(search("OU=People,DC=example,DC=test"));
    scene.back(own).down(LdapEvent::SearchDone { code: 0, entries: 1 });
    asks(&mut scene, CLIENT, WINS, ASK);
    assert!(scene.one("loc-wins-fallback").message.contains("Active Directory"));
}

#[test]
fn who_takes_registrations_is_a_name_server_and_who_defends_a_name_is_none() {
    let mut scene = Scene::new();
    says(&mut scene, WINS, SERVER, packet(5, 0xAD80, "FILES", 0x20, &[SERVER]));
    let refusal = NbnsMessage { rcode: 6, ..packet(5, 0xAD86, "FILES", 0x20, &[SERVER]) };
    says(&mut scene, OTHER, STRANGER, refusal);
    assert_eq!(scene.ledger.role(addr(WINS), Role::WinsServer), Some(Confidence::Likely));
    assert_eq!(scene.ledger.role(addr(OTHER), Role::WinsServer), None);
}

#[test]
fn who_answers_for_itself_as_samba_does_is_no_name_server() {
    let role_of = |message: NbnsMessage| {
        let mut scene = Scene::new();
        says(&mut scene, OTHER, CLIENT, message);
        scene.ledger.role(addr(OTHER), Role::WinsServer)
    };
    let answer = |flags, address: &[&str]| packet(0, flags, "FILES", 0x20, address);
    assert_eq!(role_of(answer(BY_SERVER, &[OTHER])), None);
    assert_eq!(role_of(answer(BY_SERVER, &[SERVER])), Some(Confidence::Likely));
    assert_eq!(role_of(answer(BY_SERVER | 3, &[])), Some(Confidence::Likely), "only a name server denies");
}

#[test]
fn a_name_server_that_gives_another_address_than_before_is_told() {
    let mut scene = Scene::new();
    answers(&mut scene, WINS, CLIENT, BY_SERVER, &[SERVER, "192.0.2.81"]);
    answers(&mut scene, WINS, CLIENT, BY_SERVER, &["192.0.2.81"]);
    assert!(scene.found("loc-wins-conflict").is_empty());
    answers(&mut scene, WINS, OTHER, BY_SERVER, &[STRANGER]);
    let finding = scene.one("loc-wins-conflict");
    assert_eq!((finding.source, finding.destination), (addr(OTHER), addr(WINS)));
    assert!(finding.message.contains("is at 192.0.2.66, and before that it was at 192.0.2.80"));
}

#[test]
fn addresses_of_a_server_with_several_are_hardly_a_conflict_and_hosts_called_alike_are_a_fact() {
    let mut scene = Scene::new();
    registers(&mut scene, SERVER, 15, &[SERVER]);
    registers(&mut scene, "192.0.2.81", 15, &["192.0.2.81"]);
    assert_eq!(scene.one("loc-wins-conflict").severity, Severity::Low);
    registers(&mut scene, STRANGER, 5, &[STRANGER]);
    let found = scene.found("loc-wins-conflict");
    assert_eq!(found.iter().map(|finding| finding.severity).max(), Some(Severity::High));
    let mut scene = Scene::new();
    for host in [SERVER, STRANGER] {
        says(&mut scene, host, WINS, packet(5, 0x2900, "MP_PS1", 0x20, &[host]));
    }
    assert_eq!(scene.one("loc-wins-conflict").severity, Severity::Info);
}

#[test]
fn who_registers_a_name_that_has_an_owner_is_told_and_not_the_owner_who_defends_it() {
    let mut scene = Scene::new();
    registers(&mut scene, STRANGER, 5, &[STRANGER]);
    asks(&mut scene, WINS, SERVER, ASK);
    answers(&mut scene, SERVER, WINS, BY_HOST, &[SERVER]);
    says(&mut scene, WINS, STRANGER, packet(5, 0xAD86, "MP_PS1", 0x1A, &[]));
    assert!(scene.found("loc-wins-query").is_empty());
    assert!(scene.found("loc-poison").is_empty());
    let finding = scene.one("loc-wins-conflict");
    assert_eq!((finding.source, finding.severity), (addr(STRANGER), Severity::High));
    assert!(finding.message.contains("which 192.0.2.80 has; its registration was refused"));
    registers(&mut scene, SERVER, 8, &[SERVER]);
    let finding = scene.one("loc-wins-conflict");
    assert_eq!(finding.source, addr(STRANGER));
    assert!(finding.message.contains("which 192.0.2.80 registered too for 192.0.2.80"));
}

#[test]
fn a_registration_refused_because_the_name_is_taken_is_possibly_a_conflict() {
    let mut scene = Scene::new();
    registers(&mut scene, SERVER, 5, &[SERVER]);
    says(&mut scene, WINS, SERVER, packet(5, 0xAD85, "MP_PS1", 0x1A, &[]));
    assert!(scene.found("loc-wins-conflict").is_empty());
    says(&mut scene, WINS, SERVER, packet(5, 0xAD86, "MP_PS1", 0x1A, &[]));
    let finding = scene.one("loc-wins-conflict");
    assert_eq!((finding.severity, finding.confidence), (Severity::Medium, Confidence::Possible));
    let mut scene = Scene::new();
    says(&mut scene, SERVER, "192.0.2.255", packet(5, 0x2910, "MP_PS1", 0x1A, &[SERVER]));
    says(&mut scene, STRANGER, SERVER, packet(5, 0xAD86, "MP_PS1", 0x1A, &[STRANGER]));
    let finding = scene.one("loc-wins-conflict");
    assert_eq!(finding.severity, Severity::High);
    assert!(finding.message.contains("which 192.0.2.66 has"));
}

#[test]
fn a_host_that_gives_one_of_the_addresses_that_the_name_server_has_agrees_with_it() {
    let mut scene = Scene::new();
    answers(&mut scene, WINS, CLIENT, BY_SERVER, &[SERVER, "198.51.100.80"]);
    answers(&mut scene, SERVER, CLIENT, BY_HOST, &[SERVER]);
    assert!(scene.found("loc-multianswer").is_empty());
    answers(&mut scene, STRANGER, CLIENT, BY_HOST, &[STRANGER]);
    assert_eq!(scene.one("loc-multianswer").destination, addr(STRANGER));
}

#[test]
fn a_management_point_that_answers_for_its_own_names_and_its_workgroup_poisons_nobody() {
    let mut scene = Scene::new();
    asks(&mut scene, CLIENT, "192.0.2.255", ASK_ALL);
    answers(&mut scene, SERVER, CLIENT, BY_HOST, &[SERVER]);
    for (name, suffix, group) in [("PS1MP01", 0x20, 0), ("PS1MP01", 0x00, 0), ("LAB", 0x00, 0x8000)] {
        let mut message = packet(0, BY_HOST, name, suffix, &[SERVER]);
        message.addresses[0].0 |= group;
        says(&mut scene, SERVER, CLIENT, message);
    }
    for (name, suffix) in [("LAB", 0x1D), ("__MSBROWSE__", 0x01), ("SMS_SLP", 0x1A), ("NLB_PS1", 0x1A)] {
        says(&mut scene, SERVER, CLIENT, packet(0, BY_HOST, name, suffix, &[SERVER]));
    }
    assert!(scene.found("loc-poison").is_empty());
    for name in ["FILES", "PRINTER", "WPAD"] {
        says(&mut scene, SERVER, CLIENT, packet(0, BY_HOST, name, 0x20, &[SERVER]));
    }
    assert!(!scene.found("loc-poison").is_empty(), "names of four hosts are too many");
}

#[test]
fn who_answers_for_the_name_that_another_registered_poisons() {
    let mut scene = Scene::new();
    registers(&mut scene, SERVER, 5, &[SERVER]);
    answers(&mut scene, STRANGER, CLIENT, BY_HOST, &[STRANGER]);
    answers(&mut scene, SERVER, CLIENT, BY_HOST, &[SERVER]);
    let finding = scene.one("loc-poison");
    assert_eq!((finding.destination, finding.confidence), (addr(STRANGER), Confidence::Likely));
}

#[test]
fn a_poisoning_tools_answer_for_the_host_name_of_a_management_point_is_told() {
    let mut scene = Scene::new();
    scene.exchange("GET", "/SMS_MP/.sms_aut?MPLIST", 200);
    let mut message = packet(0, BY_HOST, "SERVER", 0x20, &[STRANGER]);
    (message.ttl, message.addresses[0].0) = (Some(300_000), 0);
    says(&mut scene, STRANGER, CLIENT, message.clone());
    let finding = scene.one("loc-poison");
    assert_eq!((finding.destination, finding.port), (addr(STRANGER), Some(137)));
    message.name = "FILES".to_owned();
    says(&mut scene, STRANGER, OTHER, message);
    scene.one("loc-poison");
}

#[test]
fn a_management_point_that_answers_over_ipv6_too_poisons_nobody() {
    const LINK: &str = "fe80::80";
    let scene = |macs: Option<(u8, u8)>| {
        let mut scene = Scene::new();
        scene.exchange("GET", "/SMS_MP/.sms_aut?MPLIST", 200);
        scene.ends(|end| end.server_mac = macs.map(|(first, _)| [first; 6]));
        let addresses = vec![("SERVER".to_owned(), addr(LINK))];
        let query = "SERVER".to_owned();
        let message = DnsMessage { response: true, query, addresses, ..DnsMessage::default() };
        scene.flow("fe80::10", LINK, 5355).down(LlmnrMessage(message));
        scene.ends(|end| end.server_mac = macs.map(|(_, second)| [second; 6]));
        scene.found("loc-poison").len()
    };
    assert_eq!(scene(Some((1, 1))), 0, "one host");
    assert_eq!(scene(None), 0, "nothing tells");
    assert_eq!(scene(Some((1, 2))), 1, "another host");
}

#[test]
fn denial_counts_whether_it_comes_behind_its_query_or_before() {
    let denial = || NbnsMessage { rcode: 3, ..packet(0, 0x8583, "MP_PS1", 0x1A, &[]) };
    let said = |scene: &Scene| scene.one("loc-wins-query").message;
    let mut in_order = Scene::new();
    let query = || packet(0, ASK, "MP_PS1", 0x1A, &[]);
    in_order.flow(CLIENT, WINS, 137).up(query()).down(denial());
    assert!(said(&in_order).contains("was told that there is none"), "{}", said(&in_order));
    let mut swapped = Scene::new();
    swapped.flow(CLIENT, WINS, 137).down(denial()).up(query());
    assert_eq!(said(&swapped), said(&in_order));
}

#[test]
fn a_name_servers_answer_tells_of_a_query_that_was_not_captured() {
    let denial = |flags| NbnsMessage { rcode: 3, ..packet(0, flags, "MP_PS1", 0x1A, &[]) };
    for answer in [denial(BY_SERVER | 3), packet(0, BY_SERVER, "MP_PS1", 0x1A, &[SERVER])] {
        let mut scene = Scene::new();
        says(&mut scene, WINS, CLIENT, answer.clone());
        let found = scene.one("loc-wins-query");
        assert_eq!((found.confidence, scene.channels().len()), (Confidence::Likely, 1));
        assert_eq!((found.source, found.destination), (addr(CLIENT), addr(WINS)));
        asks(&mut scene, CLIENT, "192.0.2.255", ASK_ALL);
        assert!(scene.found("loc-wins-query").is_empty(), "the answer is one to the broadcast");
    }
    for answer in [denial(BY_HOST | 3), packet(0, BY_HOST, "MP_PS1", 0x1A, &[SERVER])] {
        let mut scene = Scene::new();
        says(&mut scene, SERVER, CLIENT, answer);
        assert!(scene.found("loc-wins-query").is_empty(), "no name server");
    }
}

#[test]
fn hosts_that_answer_for_names_beyond_the_bound_are_counted() {
    let mut scene = Scene::bounded(crate::Limits { table: 2, ..crate::Limits::default() });
    for last in 1..=5 {
        let host = format!("192.0.2.{last}");
        says(&mut scene, &host, CLIENT, packet(0, BY_HOST, "FILES", 0x20, &[&host]));
    }
    assert_eq!(scene.ledger.full(), 3);
}
