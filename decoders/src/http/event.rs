//! What HTTP says: request and status lines with the header fields that matter here.

/// A head was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum HttpEvent {
    /// A request's head.
    Request(Box<HttpRequest>),
    /// A response's head.
    Response(Box<HttpResponse>),
}

/// How a message was written on the wire.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Framing {
    /// As lines of text, whatever version they state (RFC 9112).
    #[default]
    Http1,
    /// As frames (RFC 9113).
    Http2,
}

impl Framing {
    /// Its name in lower case.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Http1 => "http",
            Self::Http2 => "http2",
        }
    }
}

impl HttpEvent {
    /// How it was written on the wire.
    #[must_use]
    pub const fn framing(&self) -> Framing {
        match self {
            Self::Request(request) => request.framing,
            Self::Response(response) => response.framing,
        }
    }
}

/// A request's head (RFC 9112 3). Header values that carry credentials are never kept.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct HttpRequest {
    /// Place among the requests of its flow, from 0; its response has the same.
    pub exchange: u64,
    /// As sent: `GET`, `CCM_POST`, `PROPFIND`.
    pub method: String,
    /// The request target as sent: path, absolute URI, `*`, or host and port of a CONNECT.
    pub uri: String,
    /// `HTTP/1.1`.
    pub version: String,
    /// How it was written on the wire.
    pub framing: Framing,
    /// Header `Host`; `:authority` in HTTP/2, where there is one.
    pub host: Option<String>,
    /// Header `User-Agent`.
    pub user_agent: Option<String>,
    /// First word of `Authorization`, in lower case (`ntlm`, `negotiate`, `basic`).
    pub auth_scheme: Option<String>,
    /// First word of `Proxy-Authorization`, in lower case.
    pub proxy_auth_scheme: Option<String>,
    /// Header `Content-Type`.
    pub content_type: Option<String>,
    /// Header `Content-Encoding`: how the body is compressed (`gzip`).
    pub content_encoding: Option<String>,
    /// Header `Content-Length`, in bytes.
    pub content_length: Option<u64>,
    /// Whether the body is sent in chunks.
    pub chunked: bool,
    /// Header `Range`.
    pub range: Option<String>,
    /// Names, in lower case, of header fields that ConfigMgr or BITS authenticate with or transfer by
    /// (`clienttoken`, `ccmclientid`, `bits-packet-type`, ...); a BITS packet type as `bits-packet-type: ping`.
    pub markers: Vec<String>,
    /// The end of the head was not captured or not read: nothing follows from a field that is absent.
    pub cut: bool,
}

/// A response's head (RFC 9112 4).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct HttpResponse {
    /// The `exchange` of its request; absent where the request was not captured.
    pub exchange: Option<u64>,
    /// Status code.
    pub status_code: u16,
    /// How it was written on the wire.
    pub framing: Framing,
    /// Header `Server`.
    pub server: Option<String>,
    /// Schemes of `WWW-Authenticate` and `Proxy-Authenticate`, in lower case, in order.
    pub auth_offered: Vec<String>,
    /// Header `Content-Type`.
    pub content_type: Option<String>,
    /// Header `Content-Encoding`: how the body is compressed (`gzip`).
    pub content_encoding: Option<String>,
    /// Header `Content-Length`, in bytes.
    pub content_length: Option<u64>,
    /// Whether the body is sent in chunks.
    pub chunked: bool,
    /// Header `Location`.
    pub location: Option<String>,
    /// The end of the head was not captured or not read: nothing follows from a field that is absent.
    pub cut: bool,
}
