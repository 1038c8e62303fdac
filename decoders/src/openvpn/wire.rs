//! OpenVPN's packets: opcodes, and what stands before the payload of the control channel's. It keeps nothing.

use capture::Direction;

use crate::error::{DecodeError, ErrorKind};
use crate::reader::Reader;

/// What a packet is: the upper five bits of its first byte. Those of `--tls-crypt-v2` (10 and 11) are sealed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Opcode(pub(super) u8);

impl Opcode {
    pub(super) const HARD_RESET_CLIENT_V1: Self = Self(1);
    pub(super) const HARD_RESET_SERVER_V1: Self = Self(2);
    pub(super) const SOFT_RESET_V1: Self = Self(3);
    pub(super) const CONTROL_V1: Self = Self(4);
    pub(super) const ACK_V1: Self = Self(5);
    pub(super) const HARD_RESET_CLIENT_V2: Self = Self(7);
    pub(super) const HARD_RESET_SERVER_V2: Self = Self(8);

    /// That of the packet that begins with this byte.
    pub(super) const fn of(first: u8) -> Self {
        Self(first >> 3)
    }

    /// Whether the packet begins an exchange, and then who sends it.
    pub(super) const fn hard_reset(self) -> Option<Direction> {
        match self {
            Self::HARD_RESET_CLIENT_V1 | Self::HARD_RESET_CLIENT_V2 => Some(Direction::ToServer),
            Self::HARD_RESET_SERVER_V1 | Self::HARD_RESET_SERVER_V2 => Some(Direction::ToClient),
            _ => None,
        }
    }

    /// Whether the packet is one of the control channel that can be read.
    pub(super) const fn is_control(self) -> bool {
        matches!(self, Self::SOFT_RESET_V1 | Self::CONTROL_V1 | Self::ACK_V1) || self.hard_reset().is_some()
    }
}

/// By what the sender tells an exchange from its earlier ones.
pub(super) type SessionId = [u8; 8];

/// What `--tls-auth` puts behind the session ID: an HMAC, a packet ID against replay, and the time. How long the HMAC is
/// depends on the hash that both sides are configured with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Auth {
    /// Octets of the HMAC; 0 where there is no `--tls-auth`.
    hmac: usize,
}

impl Auth {
    /// None, then MD5, SHA-1, SHA-224, SHA-256, SHA-384 and SHA-512.
    const KNOWN: [Self; 7] = [
        Self { hmac: 0 },
        Self { hmac: 16 },
        Self { hmac: 20 },
        Self { hmac: 28 },
        Self { hmac: 32 },
        Self { hmac: 48 },
        Self { hmac: 64 },
    ];

    /// Octets of all of it.
    const fn len(self) -> usize {
        match self.hmac {
            0 => 0,
            hmac => hmac + REPLAY_ID + TIME,
        }
    }
}

/// Octets of an opcode with its key ID, of the packet ID against replay, of the time, and of a message's packet ID.
const OPCODE: usize = 1;
const REPLAY_ID: usize = 4;
const TIME: usize = 4;
const PACKET_ID: usize = 4;
/// The most packets that one acknowledges (OpenVPN: `RELIABLE_ACK_SIZE`).
const MAX_ACKS: u8 = 8;

/// A packet of the control channel.
#[derive(Clone, Debug)]
pub(super) struct Control<'a> {
    /// What it is.
    pub(super) opcode: Opcode,
    /// Which of the keys that follow one another it is about: 3 bits.
    pub(super) key_id: u8,
    /// The sender's.
    pub(super) session: SessionId,
    /// The packets of the other side that have come, big-endian.
    acks: &'a [u8],
    /// Its place among the sender's packets for this key; none where it only acknowledges.
    pub(super) packet_id: Option<u32>,
    /// What it carries: a piece of the TLS stream.
    pub(super) payload: &'a [u8],
}

impl<'a> Control<'a> {
    /// Reads a packet.
    pub(super) fn read(bytes: &'a [u8], auth: Auth) -> Result<Self, DecodeError> {
        let mut reader = Reader::new("openvpn", bytes);
        let first = reader.u8("opcode")?;
        let opcode = Opcode::of(first);
        let session = reader.array("session id")?;
        reader.skip("hmac", auth.len())?;
        let count = reader.u8("packet-id array length")?;
        if count > MAX_ACKS {
            return Err(reader.error("packet-id array length", ErrorKind::Value(count.into())));
        }
        let acks = reader.take("packet-id array", usize::from(count) * PACKET_ID)?;
        if count > 0 {
            reader.skip("remote session id", size_of::<SessionId>())?;
        }
        let packet_id = match opcode {
            Opcode::ACK_V1 => None,
            _ => Some(reader.u32_be("packet id")?),
        };
        Ok(Self { opcode, key_id: first & 7, session, acks, packet_id, payload: reader.rest() })
    }

    /// The packets of the other side that have come.
    pub(super) fn acks(&self) -> impl Iterator<Item = u32> {
        let ids = self.acks.chunks_exact(PACKET_ID).filter_map(|id| id.first_chunk());
        ids.map(|id| u32::from_be_bytes(*id))
    }
}

/// Reads the packet that begins an exchange in a direction, and how the control channel is authenticated from here on.
///
/// It is told by its length alone: it carries nothing, its key ID and its packet ID are 0, and the packet ID against
/// replay has just begun to count. With `--tls-crypt` what stands there is sealed, and it is not taken for one.
pub(super) fn hard_reset(bytes: &[u8], direction: Direction) -> Option<(Control<'_>, Auth)> {
    let first = *bytes.first()?;
    if Opcode::of(first).hard_reset() != Some(direction) || first & 7 != 0 {
        return None;
    }
    Auth::KNOWN.into_iter().find_map(|auth| {
        let control = Control::read(bytes, auth).ok()?;
        let replay = OPCODE + size_of::<SessionId>() + auth.hmac;
        let fresh =
            auth.hmac == 0 || matches!(bytes.get(replay..)?, [0, 0, high, low, ..] if high | low != 0);
        let begins = control.packet_id == Some(0) && control.payload.is_empty() && fresh;
        (begins && control.session != SessionId::default() && control.acks().all(|id| id == 0))
            .then_some((control, auth))
    })
}

/// Whether a packet of this length may be one that begins an exchange, as far as that can be told.
pub(super) fn may_be_hard_reset(length: usize) -> bool {
    let acks = (1..=usize::from(MAX_ACKS)).map(|count| count * PACKET_ID + size_of::<SessionId>());
    let bare = OPCODE + size_of::<SessionId>() + 1 + PACKET_ID;
    std::iter::once(0)
        .chain(acks)
        .any(|acks| Auth::KNOWN.iter().any(|auth| length == bare + auth.len() + acks))
}
