//! Master secrets of earlier sessions, by identifier and by ticket: who resumes one uses the same secret (RFC 5246 7.3,
//! RFC 5077), and a key log or a server's key may open the first connection only.

use std::collections::{HashMap, VecDeque};

use sha2::{Digest, Sha256};

use super::secret::Secret;

/// What names a session: the SHA-256 of its identifier or ticket.
type Name = [u8; 32];

/// Sessions seen lately.
#[derive(Debug, Default)]
pub(crate) struct Sessions {
    masters: HashMap<Name, Secret>,
    /// In the order in which they came; the oldest is forgotten first.
    order: VecDeque<Name>,
}

impl Sessions {
    /// Remembers a session, and forgets the oldest beyond `most`.
    pub(super) fn remember(&mut self, name: &[u8], master: &Secret, most: usize) {
        if name.is_empty() {
            return;
        }
        let name: Name = Sha256::digest(name).into();
        if self.masters.insert(name, master.clone()).is_none() {
            self.order.push_back(name);
        }
        while self.order.len() > most {
            if let Some(oldest) = self.order.pop_front() {
                self.masters.remove(&oldest);
            }
        }
    }

    /// The master secret of a session.
    pub(super) fn find(&self, name: &[u8]) -> Option<Secret> {
        if name.is_empty() || self.order.is_empty() {
            return None;
        }
        self.masters.get(&Name::from(Sha256::digest(name))).cloned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn oldest_session_is_forgotten_first() {
        let mut sessions = Sessions::default();
        let master = |byte| Secret::new(vec![byte; 48]);
        for name in 1..=3 {
            sessions.remember(&[name], &master(name), 2);
        }
        sessions.remember(&[], &master(9), 2);
        assert!(sessions.find(&[1]).is_none() && sessions.find(&[]).is_none());
        assert_eq!(sessions.find(&[3]), Some(master(3)));
        sessions.remember(&[3], &master(4), 2);
        assert_eq!(sessions.find(&[3]), Some(master(4)));
        assert_eq!(sessions.order.len(), 2);
    }
}
