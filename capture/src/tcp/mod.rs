//! TCP as a passive reader sees it (RFC 9293): sequence arithmetic, and putting the segments of each direction
//! in order.
//!
//! Who opened the connection, when it ends and when its ports are used again is decided by the tracker;
//! nothing here knows addresses or time of day.

pub(crate) mod account;
pub(crate) mod assembler;
pub(crate) mod early;
pub(crate) mod hole;
pub(crate) mod pending;
pub(crate) mod sequence;
pub(crate) mod stream;
