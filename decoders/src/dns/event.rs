//! What a DNS message says; LLMNR has the same.

use std::net::IpAddr;

/// A message, as far as it concerns addresses and services.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DnsMessage {
    /// ID.
    pub id: u16,
    /// Whether it is a response.
    pub response: bool,
    /// OPCODE: 0 query, 5 update.
    pub opcode: u8,
    /// RCODE.
    pub rcode: u8,
    /// QNAME of the first question, without the final dot.
    pub query: String,
    /// QTYPE of the first question: 1 A, 28 AAAA, 33 SRV.
    pub qtype: u16,
    /// Addresses in A and AAAA records, each with the name of its record.
    pub addresses: Vec<(String, IpAddr)>,
    /// SRV answers (RFC 2782).
    pub services: Vec<SrvRecord>,
    /// TTL of the first answer, in seconds.
    pub ttl: Option<u32>,
}

/// A SRV record.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SrvRecord {
    /// Target, without the final dot.
    pub target: String,
    /// Port.
    pub port: u16,
    /// Priority.
    pub priority: u16,
    /// Weight.
    pub weight: u16,
}
