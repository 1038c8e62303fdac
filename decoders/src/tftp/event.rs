//! What is told of TFTP: requests.

/// A read or write request.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TftpEvent {
    /// 1 read, 2 write.
    pub opcode: u16,
    /// Filename as sent.
    pub filename: String,
    /// Mode as sent.
    pub mode: String,
}
