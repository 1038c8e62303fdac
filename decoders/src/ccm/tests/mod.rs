//! Messages are built here byte by byte, as clients send them; what must be read of them is said test by test.

mod bodies;
mod hostile;
mod key;
mod paths;
mod sample;
mod signatures;
mod variations;
