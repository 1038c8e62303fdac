//! What is told of DHCP: who asks, what it calls itself, and where it is sent to boot.

use std::net::Ipv4Addr;

/// A DHCP or BOOTP message.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DhcpEvent {
    /// Option 53; BOOTP has none.
    pub message_type: Option<u8>,
    /// chaddr, where it is a MAC address.
    pub client_mac: Option<[u8; 6]>,
    /// Option 12.
    pub host_name: Option<String>,
    /// Option 60: `MSFT 5.0`, `PXEClient:Arch:00007:UNDI:003016`.
    pub vendor_class: Option<String>,
    /// siaddr: whom to boot from next; all zero where nobody is named.
    pub next_server: Option<Ipv4Addr>,
    /// file: what to boot, unless the field holds options.
    pub boot_file: Option<String>,
    /// Option 66: a TFTP server by name or address.
    pub tftp_server: Option<String>,
    /// Option 67: what to boot.
    pub bootfile_name: Option<String>,
}
