//! SMB and DCE/RPC connections: who logged on to whom, how, and what protected it.
//!
//! File names are not kept: what they mean for client push is noted in [`super::push`], everything else is forgotten.

mod connection;
mod logon;

use std::collections::BTreeSet;
use std::net::IpAddr;
use std::ops::Bound;

use capture::FlowId;
use decoders::Record;

use super::{Hashed, Table};
use crate::limits::Limits;

pub(crate) use connection::{Connection, is_address};
pub(crate) use logon::{
    KerberosLogon, Logon, NtlmLogon, OID_KERBEROS, OID_NEGOEX, OID_NTLMSSP, Outcome, STATUS_MORE_PROCESSING,
    When,
};

/// What is remembered of SMB.
#[derive(Debug)]
pub(crate) struct SmbLedger {
    /// Connections under way, by flow and client: who that is may show late.
    open: Hashed<(FlowId, IpAddr), Connection>,
    /// The same in order: by client, server and flow.
    order: BTreeSet<(IpAddr, IpAddr, FlowId)>,
    /// Connections that ended, by client and server; alike ones are joined.
    ended: Table<(IpAddr, IpAddr), Vec<Connection>>,
    /// Ended connections kept for one client and server.
    bound: usize,
    /// Ended connections that found no room.
    crowded: u64,
    /// How many connections are under way, by client and server.
    counts: Table<(IpAddr, IpAddr), usize>,
    /// Connections under way that are looked at before and behind one of them.
    beside: usize,
    /// Connections that began when so many were under way that not all are looked at.
    overlooked: u64,
}

impl SmbLedger {
    pub(crate) fn new(limits: &Limits) -> Self {
        Self {
            open: Hashed::new(limits.table),
            order: BTreeSet::new(),
            ended: Table::new(limits.peers),
            bound: limits.list,
            crowded: 0,
            counts: Table::new(limits.table),
            beside: limits.beside,
            overlooked: 0,
        }
    }

    pub(crate) const fn full(&self) -> u64 {
        self.open.refused() + self.ended.refused() + self.crowded + self.overlooked
    }

    /// The connection of a record, made if there is room.
    pub(crate) fn connection(&mut self, record: &Record) -> Option<&mut Connection> {
        let pair = (record.key.client.addr, record.key.server.addr);
        let mut begins = false;
        let make = || {
            begins = true;
            Connection::new(record)
        };
        let connection = self.open.entry((record.flow, pair.0), make)?;
        if begins {
            self.order.insert((pair.0, pair.1, record.flow));
            if let Some(count) = self.counts.entry(pair, || 0) {
                *count += 1;
                self.overlooked += u64::from(*count > self.beside);
            }
        }
        connection.last = connection.last.max(record.at);
        connection.server_spoke |= record.direction == capture::Direction::ToClient;
        Some(connection)
    }

    /// Puts a connection away that has ended. Where there is no room, of bystanders those without a sign of a push
    /// are forgotten.
    pub(crate) fn end(&mut self, record: &Record, is_bystander: impl Fn(IpAddr, IpAddr) -> bool) {
        let (client, server) = (record.key.client.addr, record.key.server.addr);
        for pair in [(client, server), (server, client)] {
            if let Some(connection) = self.open.remove(&(record.flow, pair.0)) {
                self.order.remove(&(pair.0, pair.1, record.flow));
                self.one_less(&pair);
                self.keep(connection, &is_bystander);
            }
        }
    }

    fn one_less(&mut self, pair: &(IpAddr, IpAddr)) {
        let Some(count) = self.counts.get_mut(pair) else { return };
        *count = count.saturating_sub(1);
        if *count == 0 {
            self.counts.remove(pair);
        }
    }

    fn keep(&mut self, connection: Connection, is_bystander: &impl Fn(IpAddr, IpAddr) -> bool) {
        let pair = (connection.client, connection.server);
        let worth_keeping = |(client, server): &(IpAddr, IpAddr), kept: &Vec<Connection>| {
            kept.iter().any(|connection| connection.push_signs) || !is_bystander(*client, *server)
        };
        let Some(kept) = self.ended.entry_before(pair, Vec::new, worth_keeping) else { return };
        if let Some(alike) = kept.iter_mut().find(|kept| kept.is_alike(&connection)) {
            alike.merge(&connection, self.bound);
        } else if kept.len() < self.bound {
            kept.reserve_exact(1);
            kept.push(connection);
        } else {
            self.crowded += 1;
        }
    }

    /// All connections: those that ended by client and server, then those under way by flow.
    pub(crate) fn connections(&self) -> impl Iterator<Item = &Connection> {
        self.ended.iter().flat_map(|(_, kept)| kept).chain(self.under_way(self.order.iter()))
    }

    /// Connections between two hosts.
    pub(crate) fn between(&self, client: IpAddr, server: IpAddr) -> impl Iterator<Item = &Connection> {
        let flows = (client, server, FlowId(0))..=(client, server, FlowId(u64::MAX));
        self.ended.get(&(client, server)).into_iter().flatten().chain(self.under_way(self.order.range(flows)))
    }

    /// Connections between the two hosts of a connection: those that ended, and of those under way the nearest in the
    /// order in which they began, backwards from itself and then on from there. Whoever opens tens of thousands would
    /// make all of them be looked at for each.
    pub(crate) fn around(&self, connection: &Connection) -> impl Iterator<Item = &Connection> {
        let (client, server) = (connection.client, connection.server);
        let at = |flow| (client, server, flow);
        let here = at(connection.flow);
        let before = self.order.range(at(FlowId(0))..=here).rev().take(self.beside);
        let behind = (Bound::Excluded(here), Bound::Included(at(FlowId(u64::MAX))));
        let behind = self.order.range(behind).take(self.beside);
        let open = self.under_way(before.chain(behind));
        self.ended.get(&(client, server)).into_iter().flatten().chain(open)
    }

    fn under_way<'a>(
        &self,
        keys: impl Iterator<Item = &'a (IpAddr, IpAddr, FlowId)>,
    ) -> impl Iterator<Item = &Connection> {
        keys.filter_map(|(client, _, flow)| self.open.get(&(*flow, *client)))
    }
}

#[cfg(test)]
mod tests {
    use decoders::ntlmssp::Response;

    use super::*;
    use crate::testing_smb::{CLIENT, SITE, Scene};

    fn connections(scene: &Scene, limits: Limits) -> (usize, u64) {
        let engine = scene.engine_within(limits);
        (engine.ledger().smb.connections().count(), engine.ledger().smb.full())
    }

    #[test]
    fn connections_alike_are_joined_when_they_end_and_their_evidence_with_them() {
        let mut scene = Scene::new();
        for _ in 0..10 {
            let talk = scene.open(SITE, CLIENT, 445);
            scene.ntlm_logon(talk, "svc-push").push_files(talk).end(talk, |_| ()).wait(60);
        }
        let engine = scene.engine();
        let all: Vec<_> = engine.ledger().smb.connections().collect();
        assert_eq!(all.len(), 1);
        assert_eq!(all[0].logons[0].ntlm.as_ref().map(|ntlm| ntlm.seen.count), Some(10));
    }

    #[test]
    fn connections_that_differ_are_kept_up_to_the_bound_and_counted_beyond() {
        let mut scene = Scene::new();
        for number in 0..10 {
            let talk = scene.open(SITE, CLIENT, 445);
            scene.ntlm_logon(talk, &format!("user{number}")).end(talk, |_| ());
        }
        assert_eq!(connections(&scene, Limits { list: 4, ..Limits::default() }), (4, 6));
    }

    #[test]
    fn logons_without_end_on_one_connection_stay_within_the_bound() {
        let mut scene = Scene::new();
        let talk = scene.open(SITE, CLIENT, 445);
        for number in 0..100 {
            scene.ntlm_logon_with(talk, &format!("user{number}"), Response::NtlmV2, 0xC000_006D);
            scene.share(talk, "pc1", &format!("share{number}"));
        }
        let engine = scene.engine_within(Limits { list: 8, ..Limits::default() });
        for connection in engine.ledger().smb.connections() {
            assert!(connection.logons.len() <= 8);
            assert!(connection.logons.iter().all(|logon| logon.shares.len() <= 8));
        }
    }

    #[test]
    fn of_very_many_connections_between_two_hosts_the_nearest_are_looked_at_and_the_rest_counted() {
        let mut scene = Scene::new();
        for _ in 0..100 {
            let talk = scene.open(SITE, CLIENT, 445);
            scene.ntlm_logon(talk, "svc-push");
        }
        let limits = Limits { beside: 10, ..Limits::default() };
        let engine = scene.engine_within(limits);
        let ledger = &engine.ledger().smb;
        let flows = |at: usize| {
            let connection = ledger.connections().nth(at).expect("a connection");
            ledger.around(connection).map(|other| other.flow.0).collect::<Vec<_>>()
        };
        assert_eq!(flows(0), (1..=11).collect::<Vec<_>>());
        assert_eq!(flows(50), (42..=51).rev().chain(52..=61).collect::<Vec<_>>());
        assert_eq!(ledger.full(), 90);
    }

    #[test]
    fn connections_that_end_make_room_for_others_to_be_looked_at() {
        let mut scene = Scene::new();
        for _ in 0..100 {
            let talk = scene.open(SITE, CLIENT, 445);
            scene.ntlm_logon(talk, "svc-push").end(talk, |_| ());
        }
        assert_eq!(connections(&scene, Limits { beside: 1, ..Limits::default() }), (1, 0));
    }
}
