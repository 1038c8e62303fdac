//! What is told of DHCP: names of hosts.

/// A DHCP message.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DhcpEvent {
    /// Option 53.
    pub message_type: u8,
    /// chaddr, where it is a MAC address.
    pub client_mac: Option<[u8; 6]>,
    /// Option 12.
    pub host_name: Option<String>,
}
