//! What rules say of records made by hand.

mod addressed;
mod attempts;
mod certificates;
mod clients;
mod fallback;
mod fallback_dns;
mod fallback_lost;
mod gateways;
mod http;
mod messages;
mod name_places;
mod names;
mod revocation;
mod sessions;
mod shared_keys;
mod signatures;
mod tls;

use crate::limits::Limits;
use crate::testing::{Scene, message};
use decoders::ccm::{Content, StatusBody};
use proptest::prelude::*;

/// Something of everything.
fn busy(scene: &mut Scene, steps: &[(u8, u8)]) {
    for (what, who) in steps {
        let client = format!("192.0.2.{who}");
        let port = if what % 2 == 0 { 80 } else { 443 };
        scene.flow(&client, "192.0.2.254", port).wait(i64::from(*who));
        match what % 7 {
            0 => scene.exchange("GET", "/SMS_MP/.sms_aut?MPLIST", 200),
            1 => scene.hellos("ps1mp01.example.test", 0x0302, 0x0302, 0x0005),
            2 => scene.message(message("StatusReceiver", Content::Status(StatusBody::default()))),
            3 => scene.end(true),
            4 => scene.exchange("GET", "/SMS_DP_SMSPKG$/PS100001", 401),
            5 => scene.certificate("mp.example.test", "SMS Issuing"),
            _ => scene.exchange("POST", "/ClientWebService/client.asmx", 200),
        };
    }
}

proptest! {
    #[test]
    fn judging_twice_says_the_same_twice(steps in prop::collection::vec((0_u8..14, 1_u8..20), 0..60)) {
        let mut scene = Scene::new();
        busy(&mut scene, &steps);
        let said = |scene: &Scene| format!("{:?} {:?}", scene.findings(), scene.channels());
        prop_assert_eq!(said(&scene), said(&scene));
    }

    #[test]
    fn a_full_ledger_counts_what_it_refuses(steps in prop::collection::vec((0_u8..14, 1_u8..200), 50..200)) {
        let mut scene = Scene::bounded(Limits { hosts: 5, table: 5, failures: 5, peers: 5, beside: 1, list: 2, identities_per_host: 2, revocation_lists: 2 });
        busy(&mut scene, &steps);
        let clients: std::collections::BTreeSet<u8> = steps.iter().map(|(_, who)| *who).collect();
        prop_assert!(scene.ledger.hosts().count() <= 5);
        prop_assert!(scene.ledger.http.exchanges.len() <= 5 && scene.ledger.tls.peers.len() <= 5);
        prop_assert!(clients.len() <= 20 || scene.ledger.full() > 0);
    }
}
