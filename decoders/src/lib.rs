//! Byte streams and datagrams in, protocol events out.
//!
//! `decoders` reads what `capture` has put in order: it finds the protocol of each flow, follows it, and says what it
//! saw as [`Event`]s stamped with frame and flow ([`Record`]). It opens no file or socket, reads no clock, starts no
//! thread, prints nothing, and judges nothing.
//!
//! ```text
//! Consumer (Dispatch) -> Session per flow: probe, buffer, resynchronise, hand over -> Decoder -> Events -> Record
//! ```
//!
//! To add a protocol, write its directory and add its line to the list below; nothing else changes.

mod decoder;
mod dispatch;
mod error;
mod events;
#[cfg(test)]
mod harness;
mod limits;
mod reader;
mod session;
mod text;

pub use decoder::{Decoder, Input, Outcome, Probe, Spec};
pub use dispatch::{Dispatch, FlowState};
pub use error::{DecodeError, ErrorKind};
pub use events::{Anomaly, Events, FlowEnd, Record};
pub use limits::Limits;
pub use reader::{Reader, utf16_le};
pub use session::Session;

/// Declares the modules, [`Protocol`], [`Event`] and [`DECODERS`] from one list. A decoder without an event of its own
/// says those of another.
macro_rules! protocols {
    (
        decoders { $($module:ident => $variant:ident $(($event:ty))? $doc:literal,)* }
        formats { $($format:ident => $format_variant:ident($format_event:ty) $format_doc:literal,)* }
    ) => {
        $(#[doc = $doc] pub mod $module;)*
        $(#[doc = $format_doc] pub mod $format;)*

        /// A protocol that has a decoder of its own.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Protocol { $(#[doc = $doc] $variant,)* }

        impl Protocol {
            /// Its name in lower case.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => stringify!($module),)* }
            }
        }

        /// What was seen in a flow.
        #[derive(Clone, Debug, PartialEq)]
        pub enum Event {
            $($(#[doc = $doc] $variant($event),)?)*
            $(#[doc = $format_doc] $format_variant($format_event),)*
            /// Something that is not as it should be.
            Anomaly(Anomaly),
            /// The flow has ended.
            Flow(FlowEnd),
        }

        $($(impl From<$event> for Event {
            fn from(event: $event) -> Self { Self::$variant(event) }
        })?)*
        $(impl From<$format_event> for Event {
            fn from(event: $format_event) -> Self { Self::$format_variant(event) }
        })*

        /// Every decoder, in the order in which flows are probed.
        pub static DECODERS: &[&Spec] = &[$(&$module::SPEC,)*];
    };
}

protocols! {
    decoders {
        tls => Tls(tls::TlsEvent) "TLS 1.0 to 1.3, as far as it is in the clear (RFC 5246, RFC 8446).",
        http => Http(http::HttpEvent) "HTTP/1.x (RFC 9112).",
        http2 => Http2 "HTTP/2, with the events of `http` (RFC 9113, RFC 7541).",
        smb => Smb(smb::SmbEvent) "SMB1, SMB2 and SMB3 with their NetBIOS session framing ([MS-CIFS], [MS-SMB2], RFC 1002).",
        dcerpc => Dcerpc(dcerpc::DcerpcEvent) "DCE/RPC over TCP and UDP; over SMB pipes the same reader is fed by `smb` ([MS-RPCE]).",
        kerberos => Kerberos(Box<kerberos::KerberosEvent>) "Kerberos version 5 on port 88, and inside tokens (RFC 4120).",
        nbns => Nbns(nbns::NbnsMessage) "NetBIOS name service, WINS included (RFC 1002).",
        nbdgm => Nbdgm(nbdgm::NbdgmMessage) "NetBIOS datagram service (RFC 1002).",
        dns => Dns(dns::DnsMessage) "DNS (RFC 1035).",
        llmnr => Llmnr(llmnr::LlmnrMessage) "Link-local multicast name resolution (RFC 4795).",
        ldap => Ldap(ldap::LdapEvent) "LDAP and CLDAP (RFC 4511).",
        dhcp => Dhcp(dhcp::DhcpEvent) "DHCP, recognised (RFC 2131).",
        tftp => Tftp(tftp::TftpEvent) "TFTP, recognised (RFC 1350).",
        quic => Quic(quic::QuicEvent) "QUIC, recognised: the client's first packets (RFC 9000, RFC 9369).",
        openvpn => Openvpn "OpenVPN's control channel, with the events of `tls` for the handshakes in it.",
        tds => Tds "SQL Server's tabular data stream, with the events of `tls` for the handshakes in it ([MS-TDS]).",
    }
    formats {
        ccm => Ccm(ccm::CcmEvent) "ConfigMgr client messaging, as HTTP carries it.",
        crl => Crl(Box<crl::CrlEvent>) "Certificate revocation lists, as HTTP carries them (RFC 5280).",
        spnego => Spnego(spnego::SpnegoToken) "SPNEGO tokens (RFC 4178, [MS-SPNG]).",
        ntlmssp => Ntlmssp(ntlmssp::NtlmMessage) "NTLMSSP messages ([MS-NLMP]).",
    }
}
