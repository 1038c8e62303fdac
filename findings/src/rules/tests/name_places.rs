//! What is a conflict about a name, and what is none.

use decoders::nbns::NbnsMessage;

use super::names::{packet, says};
use crate::finding::{Confidence, Severity};
use crate::testing::{CLIENT, OTHER, SERVER, Scene, addr};

/// Two name servers, and somebody else.
const ONE: &str = "192.0.2.5";
const TWO: &str = "198.51.100.5";
const STRANGER: &str = "198.51.100.66";

fn registers(scene: &mut Scene, who: &str, place: &str) {
    says(scene, who, place, packet(5, 0x2900, "MP_PS1", 0x1A, &[who]));
}

/// A scene in which each of two hosts has registered the name at a place of its own, after something else.
fn apart(before: impl FnOnce(&mut Scene)) -> Scene {
    let mut scene = Scene::new();
    before(&mut scene);
    registers(&mut scene, SERVER, ONE);
    registers(&mut scene, STRANGER, TWO);
    scene
}

#[test]
fn name_servers_of_which_nothing_shows_that_they_exchange_names_make_a_conflict_only_possible() {
    let finding = apart(|_| ()).one("loc-wins-conflict");
    assert_eq!((finding.severity, finding.confidence), (Severity::Medium, Confidence::Possible));
    assert!(
        finding.message.contains("that was at 192.0.2.5, and this at 198.51.100.5"),
        "{}",
        finding.message
    );
}

#[test]
fn name_servers_that_belong_together_make_it_a_conflict() {
    let asks = |scene: &mut Scene, place: &str| {
        says(scene, CLIENT, place, packet(0, 0x0100, "MP_PS1", 0x1A, &[]));
    };
    let together: [&dyn Fn(&mut Scene); 3] = [
        // A client asks both.
        &|scene| {
            asks(scene, ONE);
            asks(scene, TWO);
        },
        // A host registers with both, whatever.
        &|scene| {
            for place in [ONE, TWO] {
                says(scene, OTHER, place, packet(5, 0x2900, "MP_XYZ", 0x1A, &[OTHER]));
            }
        },
        // One gives what is registered with the other.
        &|scene| says(scene, TWO, CLIENT, packet(0, 0x8580, "MP_PS1", 0x1A, &[SERVER])),
    ];
    for (number, before) in together.iter().enumerate() {
        let finding = apart(before).one("loc-wins-conflict");
        let graded = (finding.severity, finding.confidence);
        assert_eq!(graded, (Severity::High, Confidence::Likely), "case {number}");
    }
}

#[test]
fn of_several_owners_the_one_at_the_same_place_counts() {
    let mut scene = apart(|_| ());
    registers(&mut scene, OTHER, TWO);
    let found = scene.found("loc-wins-conflict");
    let of = |who: &str| found.iter().find(|finding| finding.source == addr(who)).unwrap();
    assert_eq!(
        (found.len(), of(STRANGER).severity, of(OTHER).severity),
        (2, Severity::Medium, Severity::High)
    );
    assert!(of(OTHER).message.contains("which 198.51.100.66 had registered"), "{}", of(OTHER).message);
}

#[test]
fn a_demand_to_give_a_name_up_is_no_refusal_of_its_registration() {
    let told = |trn_id| {
        let mut scene = Scene::new();
        registers(&mut scene, SERVER, ONE);
        let demand = NbnsMessage { trn_id, ..packet(5, 0xAD87, "MP_PS1", 0x1A, &[SERVER]) };
        says(&mut scene, STRANGER, SERVER, demand);
        scene.one("loc-wins-reg").message.contains("was refused")
    };
    assert_eq!([told(0), told(9)], [true, false]);
}
