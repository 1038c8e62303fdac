//! Names asked of WINS, whatever the order of the frames.

use decoders::nbns::NbnsMessage;

use crate::testing::Scene;

/// A packet about `MP_PS1<1a>` with this flags word (RFC 1002 4.2.1.1): R, OPCODE, NM_FLAGS, RCODE.
fn about_ps1(flags: u16) -> NbnsMessage {
    NbnsMessage {
        response: flags & 0x8000 != 0,
        flags,
        rcode: (flags & 0x000F) as u8,
        name: "MP_PS1".to_owned(),
        suffix: 0x1A,
        qtype: 0x0020,
        ..NbnsMessage::default()
    }
}

/// A query that desires recursion, and the answer that there is no such name.
const QUERY: u16 = 0x0100;
const NAME_ERROR: u16 = 0x8583;

#[test]
fn denial_counts_whether_it_comes_behind_its_query_or_before() {
    let said = |scene: &Scene| scene.one("loc-wins-query").message;
    let mut in_order = Scene::new();
    in_order.flow("192.0.2.101", "192.0.2.5", 137).up(about_ps1(QUERY)).down(about_ps1(NAME_ERROR));
    assert!(said(&in_order).contains("was told that there is none"), "{}", said(&in_order));
    let mut swapped = Scene::new();
    swapped.flow("192.0.2.101", "192.0.2.5", 137).down(about_ps1(NAME_ERROR)).up(about_ps1(QUERY));
    assert_eq!(said(&swapped), said(&in_order));
}

#[test]
fn denial_alone_is_no_query() {
    let mut scene = Scene::new();
    scene.flow("192.0.2.101", "192.0.2.5", 137).down(about_ps1(NAME_ERROR));
    assert!(scene.findings().is_empty() && scene.channels().is_empty());
}
