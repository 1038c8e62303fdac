//! What each side may do to a connection, and what a reader then sees.

mod closing;
mod early;
mod expiry;
mod frames;
mod limits;
mod opening;
mod property;
mod scene;
mod streams;
mod udp;
