use capture::Traffic;
use decoders::ldap::{Auth, LdapEvent};
use decoders::tls::Reading;

use super::*;
use crate::testing::{CLIENT, SERVER, Scene};

const DC: &str = "192.0.2.53";
const AES: u16 = 0xC02F;

/// A connection with so many bytes to the client, that carries what `services` say.
fn connection(scene: &mut Scene, port: u16, bytes: u64, services: &[&'static str]) {
    scene.flow(CLIENT, SERVER, port).hellos("mp.example.test", TLS12, TLS12, AES);
    scene.certificate("mp.example.test", "SMS Issuing");
    scene.ends(|end| {
        end.to_server = Traffic { packets: 4, bytes: 500 };
        end.to_client = Traffic { packets: 5, bytes };
        end.services = services.to_vec();
    });
}

#[test]
fn sealed_connections_are_counted_and_change_no_grade() {
    let mut scene = Scene::new();
    connection(&mut scene, 443, 1_000, &["tls"]);
    let before = scene.channels();
    connection(&mut scene, 443, 20 << 20, &["tls"]);
    let [channel] = &scene.channels()[..] else { panic!() };
    let sealed = channel.sealed.as_ref().unwrap();
    assert_eq!((sealed.connections, sealed.to_client.bytes), (2, 1_000 + (20 << 20)));
    assert_eq!(sealed.to_server, Traffic { packets: 8, bytes: 1_000 });
    assert_eq!(sealed.likely.as_ref().unwrap().purpose, Purpose::Content);
    assert_eq!(channel.purpose, Purpose::Unknown, "a guess is no purpose");
    assert_eq!((channel.grade, &channel.reasons), (before[0].grade, &before[0].reasons));
}

#[test]
fn what_was_opened_is_not_called_sealed() {
    let mut scene = Scene::new();
    connection(&mut scene, 443, 1_000, &["tls", "http"]);
    assert_eq!(scene.channels()[0].sealed, None);
}

#[test]
fn connection_that_goes_on_is_not_counted_yet() {
    let mut scene = Scene::new();
    scene.flow(CLIENT, SERVER, 443).hellos("mp.example.test", TLS12, TLS12, AES);
    scene.certificate("mp.example.test", "SMS Issuing");
    assert_eq!(scene.channels()[0].sealed, None);
}

/// Channels of a client that asks a directory over TLS.
fn directory(port: u16, client: Option<Confidence>, controller: Option<Confidence>) -> Vec<Channel> {
    let mut scene = Scene::new();
    scene.flow(CLIENT, DC, port).hellos("dc.example.test", TLS12, TLS12, AES);
    for (addr, role, sure) in [(CLIENT, Role::Client, client), (DC, Role::DomainController, controller)] {
        if let Some(sure) = sure {
            scene.claim(addr, role, sure);
        }
    }
    scene.channels()
}

#[test]
fn directory_of_a_client_of_the_site_is_a_channel() {
    for port in DIRECTORY_PORTS {
        let channels = directory(port, Some(Confidence::Likely), Some(Confidence::Likely));
        let [channel] = &channels[..] else { panic!("{channels:?}") };
        assert_eq!((channel.purpose, channel.grade), (Purpose::Directory, Grade::NotObservable));
    }
}

#[test]
fn directories_and_management_of_strangers_stay_silent() {
    assert_eq!(directory(636, None, Some(Confidence::Certain)), []);
    assert_eq!(directory(636, Some(Confidence::Possible), Some(Confidence::Certain)), []);
    assert_eq!(directory(636, Some(Confidence::Certain), None), []);
    assert_eq!(directory(5986, Some(Confidence::Certain), Some(Confidence::Certain)), []);
    assert_eq!(directory(443, Some(Confidence::Certain), Some(Confidence::Certain)), []);
}

#[test]
fn connector_port_of_a_site_system_is_a_channel_to_a_gateway() {
    let mut scene = Scene::new();
    scene.flow(CLIENT, "203.0.113.9", 10_140).hellos("", TLS12, TLS12, AES);
    assert_eq!(scene.channels(), [], "anybody may use the port");
    scene.claim(CLIENT, Role::ManagementPoint, Confidence::Likely);
    let [channel] = &scene.channels()[..] else { panic!() };
    assert_eq!((channel.port, channel.purpose), (10_140, Purpose::Unknown));
}

#[test]
fn messages_are_not_called_signed_where_not_all_that_the_client_sent_was_read() {
    let second = |client: bool, server: bool, gaps: u64| {
        let mut scene = Scene::new();
        scene.claim(SERVER, Role::ManagementPoint, Confidence::Certain);
        for (client, server) in [(true, true), (client, server)] {
            scene.flow(CLIENT, SERVER, 443).hellos("mp.example.test", 0x0303, 0x0303, 0xC030);
            scene.certificate("mp.example.test", "Example CA");
            if client {
                scene.up(LdapEvent::Bind {
                    auth: Auth::Simple,
                    name: String::new(),
                    mechanism: String::new(),
                });
            }
            if server {
                scene.down(LdapEvent::SearchDone { code: 0, entries: 0 });
            }
            scene.ends(|end| end.reading = Some(Reading::Opened));
        }
        let mut coverage = Coverage::default();
        coverage.capture.gaps = gaps;
        channels(&scene.ledger, &coverage)[0].grade
    };
    assert_eq!(second(true, true, 0), Grade::Secure);
    assert_eq!(second(false, false, 0), Grade::Secure, "nothing was said");
    assert_eq!(second(false, true, 0), Grade::Weak, "only the server's side was read");
    assert_eq!(second(true, true, 1), Grade::NotObservable, "bytes are missing");
}
