//! The three messages as they lie on the wire, little-endian, offsets from their signature.
//!
//! All variable parts stand behind offset tables in any order, and the fixed part grew over the years: what lies
//! behind the flags (Version, MIC) is there only if no payload begins before it.

use crate::error::{DecodeError, ErrorKind};
use crate::ntlmssp::SIGNATURE;
use crate::reader::Reader;

const PROTOCOL: &str = "ntlmssp";

/// A message that borrows from its bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Message<'a> {
    /// NEGOTIATE_MESSAGE ([MS-NLMP] 2.2.1.1).
    Negotiate(NegotiateMessage<'a>),
    /// CHALLENGE_MESSAGE ([MS-NLMP] 2.2.1.2).
    Challenge(ChallengeMessage<'a>),
    /// AUTHENTICATE_MESSAGE ([MS-NLMP] 2.2.1.3).
    Authenticate(AuthenticateMessage<'a>),
}

/// NEGOTIATE_MESSAGE.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NegotiateMessage<'a> {
    /// NegotiateFlags.
    pub flags: u32,
    /// DomainName, OEM charset.
    pub domain: &'a [u8],
    /// Workstation, OEM charset.
    pub workstation: &'a [u8],
    header: &'a [u8],
    trouble: Option<DecodeError>,
}

/// CHALLENGE_MESSAGE.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChallengeMessage<'a> {
    /// NegotiateFlags.
    pub flags: u32,
    /// TargetName, charset by the flags.
    pub target: &'a [u8],
    /// ServerChallenge.
    pub server_challenge: [u8; 8],
    /// TargetInfo.
    pub target_info: AvPairs<'a>,
    header: &'a [u8],
    trouble: Option<DecodeError>,
}

/// AUTHENTICATE_MESSAGE. Its responses are secret: they go into a hash or a comparison, nowhere else.
#[derive(Clone, PartialEq, Eq)]
pub struct AuthenticateMessage<'a> {
    /// NegotiateFlags; 0 in the old form that has none.
    pub flags: u32,
    /// DomainName, charset by the flags.
    pub domain: &'a [u8],
    /// UserName, charset by the flags.
    pub user: &'a [u8],
    /// Workstation, charset by the flags.
    pub workstation: &'a [u8],
    /// Stated length of the LmChallengeResponse in bytes.
    pub lm_response_len: u16,
    /// Stated length of the NtChallengeResponse in bytes.
    pub nt_response_len: u16,
    /// Whether the fixed part is long enough to hold a MIC.
    pub mic_fits: bool,
    pub(super) lm_response: &'a [u8],
    pub(super) nt_response: &'a [u8],
    header: &'a [u8],
    trouble: Option<DecodeError>,
}

impl std::fmt::Debug for AuthenticateMessage<'_> {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_struct("AuthenticateMessage")
            .field("flags", &self.flags)
            .field("lm_response_len", &self.lm_response_len)
            .field("nt_response_len", &self.nt_response_len)
            .finish_non_exhaustive()
    }
}

impl<'a> AuthenticateMessage<'a> {
    /// AV pairs in the NTLMv2 blob: behind 16 bytes of proof and 28 of fixed fields ([MS-NLMP] 2.2.2.7).
    #[must_use]
    pub fn client_info(&self) -> AvPairs<'a> {
        AvPairs(self.nt_response.get(44..).unwrap_or_default())
    }
}

impl<'a> Message<'a> {
    /// MessageType.
    #[must_use]
    pub const fn kind(&self) -> u32 {
        match self {
            Self::Negotiate(_) => 1,
            Self::Challenge(_) => 2,
            Self::Authenticate(_) => 3,
        }
    }

    /// The fixed part, which holds no secret: it ends where the first payload begins.
    #[must_use]
    pub const fn header(&self) -> &'a [u8] {
        match self {
            Self::Negotiate(message) => message.header,
            Self::Challenge(message) => message.header,
            Self::Authenticate(message) => message.header,
        }
    }

    /// The first field that could not be read; what could be is there all the same.
    #[must_use]
    pub const fn trouble(&self) -> Option<DecodeError> {
        match self {
            Self::Negotiate(message) => message.trouble,
            Self::Challenge(message) => message.trouble,
            Self::Authenticate(message) => message.trouble,
        }
    }
}

/// A list of attribute-value pairs ([MS-NLMP] 2.2.2.1).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct AvPairs<'a>(pub &'a [u8]);

impl<'a> AvPairs<'a> {
    /// The pairs up to MsvAvEOL, the first that does not fit, or `most` of them.
    pub fn pairs(self, most: usize) -> impl Iterator<Item = (u16, &'a [u8])> {
        let mut reader = Reader::new(PROTOCOL, self.0);
        std::iter::from_fn(move || {
            let id = reader.u16_le("av id").ok()?;
            let len = reader.u16_le("av length").ok()?;
            let value = reader.take("av value", usize::from(len)).ok()?;
            (id != 0).then_some((id, value))
        })
        .take(most)
    }
}

/// Length and offset of one variable part.
#[derive(Clone, Copy, Default)]
struct Part {
    len: u16,
    offset: u32,
}

impl Part {
    /// Reads the descriptor at the cursor: length, allocated length, offset.
    fn read(reader: &mut Reader<'_>, field: &'static str) -> Result<Self, DecodeError> {
        let len = reader.u16_le(field)?;
        reader.skip(field, 2)?;
        Ok(Self { len, offset: reader.u32_le(field)? })
    }

    fn start(self) -> Option<usize> {
        if self.len == 0 { None } else { usize::try_from(self.offset).ok() }
    }
}

/// The variable parts of a message, and what went wrong with them.
struct Payload<'a> {
    reader: Reader<'a>,
    trouble: Option<DecodeError>,
}

impl<'a> Payload<'a> {
    /// The bytes of a part, as many of them as are there.
    fn part(&mut self, field: &'static str, part: Part) -> &'a [u8] {
        let offset = usize::try_from(part.offset).unwrap_or(usize::MAX);
        match self.reader.at(field, offset, usize::from(part.len)) {
            Ok(bytes) => bytes,
            Err(error) => {
                self.trouble = self.trouble.or(Some(error));
                self.reader.whole().get(offset..).unwrap_or_default()
            }
        }
    }
}

/// Where the first payload begins; the end of the message where there is none.
fn first_payload(message: &[u8], parts: &[Part]) -> usize {
    parts.iter().filter_map(|part| part.start()).min().unwrap_or(message.len()).min(message.len())
}

/// Reads one message from its signature on ([MS-NLMP] 2.2.1). Bytes behind it are not looked at.
///
/// # Errors
/// A wrong signature, a message type other than 1 to 3, or less than the oldest fixed part of that type. Variable
/// parts that lie outside the message are no error here: see [`Message::trouble`].
pub fn parse(bytes: &[u8]) -> Result<Message<'_>, DecodeError> {
    let mut reader = Reader::new(PROTOCOL, bytes);
    if reader.array::<8>("signature")? != *SIGNATURE {
        return Err(DecodeError::new(
            PROTOCOL,
            "signature",
            0,
            ErrorKind::Unexpected("NTLMSSP and a zero byte"),
        ));
    }
    match reader.u32_le("message type")? {
        1 => negotiate(reader).map(Message::Negotiate),
        2 => challenge(reader).map(Message::Challenge),
        3 => authenticate(reader).map(Message::Authenticate),
        other => Err(DecodeError::new(PROTOCOL, "message type", 8, ErrorKind::Value(other.into()))),
    }
}

fn negotiate(mut reader: Reader<'_>) -> Result<NegotiateMessage<'_>, DecodeError> {
    let flags = reader.u32_le("negotiate flags")?;
    // The oldest form ends here.
    let domain = Part::read(&mut reader, "domain name").unwrap_or_default();
    let workstation = Part::read(&mut reader, "workstation").unwrap_or_default();
    let bytes = reader.whole();
    let header = bytes.get(..first_payload(bytes, &[domain, workstation]).min(40)).unwrap_or_default();
    let mut payload = Payload { reader, trouble: None };
    let (domain, workstation) =
        (payload.part("domain name", domain), payload.part("workstation", workstation));
    Ok(NegotiateMessage { flags, domain, workstation, header, trouble: payload.trouble })
}

fn challenge(mut reader: Reader<'_>) -> Result<ChallengeMessage<'_>, DecodeError> {
    let target = Part::read(&mut reader, "target name")?;
    let flags = reader.u32_le("negotiate flags")?;
    let server_challenge = reader.array("server challenge")?;
    let bytes = reader.whole();
    let mut target_info = Part::default();
    if first_payload(bytes, &[target]) >= 48 {
        reader.skip("reserved", 8)?;
        target_info = Part::read(&mut reader, "target info")?;
    }
    let header = bytes.get(..first_payload(bytes, &[target, target_info]).min(56)).unwrap_or_default();
    let mut payload = Payload { reader, trouble: None };
    let target = payload.part("target name", target);
    let target_info = AvPairs(payload.part("target info", target_info));
    Ok(ChallengeMessage { flags, target, server_challenge, target_info, header, trouble: payload.trouble })
}

fn authenticate(mut reader: Reader<'_>) -> Result<AuthenticateMessage<'_>, DecodeError> {
    let lm = Part::read(&mut reader, "lm challenge response")?;
    let nt = Part::read(&mut reader, "nt challenge response")?;
    let domain = Part::read(&mut reader, "domain name")?;
    let user = Part::read(&mut reader, "user name")?;
    let workstation = Part::read(&mut reader, "workstation")?;
    let bytes = reader.whole();
    let mut first = first_payload(bytes, &[lm, nt, domain, user, workstation]);
    let mut flags = 0;
    if first >= 64 {
        let key = Part::read(&mut reader, "encrypted random session key")?;
        flags = reader.u32_le("negotiate flags")?;
        first = first.min(first_payload(bytes, &[key]));
    }
    let header = bytes.get(..first.min(64)).unwrap_or_default();
    let mut payload = Payload { reader, trouble: None };
    Ok(AuthenticateMessage {
        flags,
        domain: payload.part("domain name", domain),
        user: payload.part("user name", user),
        workstation: payload.part("workstation", workstation),
        lm_response_len: lm.len,
        nt_response_len: nt.len,
        mic_fits: first >= 88,
        lm_response: payload.part("lm challenge response", lm),
        nt_response: payload.part("nt challenge response", nt),
        header,
        trouble: payload.trouble,
    })
}
