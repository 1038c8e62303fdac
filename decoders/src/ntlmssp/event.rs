//! What an NTLMSSP message says. Responses themselves are never kept, only their lengths and what they are.

/// A message ([MS-NLMP] 2.2.1).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NtlmMessage {
    /// NEGOTIATE_MESSAGE.
    Negotiate(Box<Negotiate>),
    /// CHALLENGE_MESSAGE.
    Challenge(Box<Challenge>),
    /// AUTHENTICATE_MESSAGE.
    Authenticate(Box<Authenticate>),
}

/// What carried a message.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Carrier {
    /// An SMB session setup.
    #[default]
    Smb,
    /// An HTTP header.
    Http,
    /// A DCE/RPC bind, over TCP or a pipe.
    Dcerpc,
    /// An LDAP bind.
    Ldap,
}

/// NEGOTIATE_MESSAGE ([MS-NLMP] 2.2.1.1).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Negotiate {
    /// What carried it.
    pub carrier: Carrier,
    /// NegotiateFlags.
    pub flags: u32,
    /// DomainName.
    pub domain: String,
    /// Workstation.
    pub workstation: String,
}

/// CHALLENGE_MESSAGE ([MS-NLMP] 2.2.1.2).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Challenge {
    /// What carried it.
    pub carrier: Carrier,
    /// NegotiateFlags.
    pub flags: u32,
    /// TargetName.
    pub target: String,
    /// ServerChallenge: not secret, and the mark by which a relay is known.
    pub server_challenge: [u8; 8],
    /// MsvAvNbComputerName.
    pub nb_computer: String,
    /// MsvAvNbDomainName.
    pub nb_domain: String,
    /// MsvAvDnsComputerName.
    pub dns_computer: String,
    /// MsvAvDnsDomainName.
    pub dns_domain: String,
}

/// AUTHENTICATE_MESSAGE ([MS-NLMP] 2.2.1.3).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Authenticate {
    /// What carried it.
    pub carrier: Carrier,
    /// NegotiateFlags.
    pub flags: u32,
    /// DomainName.
    pub domain: String,
    /// UserName.
    pub user: String,
    /// Workstation.
    pub workstation: String,
    /// Length of the LmChallengeResponse in bytes.
    pub lm_response_len: u64,
    /// Length of the NtChallengeResponse in bytes.
    pub nt_response_len: u64,
    /// What the responses amount to.
    pub response: Response,
    /// MsvAvTargetName: the service principal name the client believes it talks to.
    pub target_name: Option<String>,
    /// MsvAvFlags.
    pub av_flags: Option<u32>,
    /// Whether a message integrity code is present.
    pub mic: bool,
    /// Whether channel bindings are present and not all zero.
    pub channel_bindings: bool,
    /// SHA-256 of the NT response, first 8 bytes: tells a replay or relay apart without keeping the response.
    pub response_mark: Option<[u8; 8]>,
    /// MachineID of MsvAvSingleHost: the same for all flows of one boot of a client.
    pub machine_id: Option<[u8; 32]>,
}

/// What LM and NT response amount to ([MS-NLMP] 3.3).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Response {
    /// No response: anonymous, or nothing sent.
    #[default]
    None,
    /// Anonymous: no user name, no NT response.
    Anonymous,
    /// LM response alone.
    Lm,
    /// NTLMv1 with a real LM response beside it.
    LmAndNtlmV1,
    /// NTLMv1.
    NtlmV1,
    /// NTLMv1 with extended session security.
    NtlmV1Ess,
    /// NTLMv2.
    NtlmV2,
    /// Lengths that fit none of them.
    Malformed,
}

impl Response {
    /// As people write it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::None => "no response",
            Self::Anonymous => "anonymous",
            Self::Lm => "LM",
            Self::LmAndNtlmV1 => "LM and NTLMv1",
            Self::NtlmV1 => "NTLMv1",
            Self::NtlmV1Ess => "NTLMv1 with extended session security",
            Self::NtlmV2 => "NTLMv2",
            Self::Malformed => "malformed",
        }
    }

    /// Whether it is older than NTLMv2: a DES response that can be cracked.
    #[must_use]
    pub const fn is_older_than_v2(self) -> bool {
        matches!(self, Self::Lm | Self::LmAndNtlmV1 | Self::NtlmV1 | Self::NtlmV1Ess)
    }
}
