//! HTTP, revocation lists, TLS and QUIC as event lines.

use decoders::crl::{CrlEvent, Form};
use decoders::http::{Framing, HttpEvent, HttpRequest, HttpResponse};
use decoders::quic::QuicEvent;
use decoders::tls::{ClientHello, SentCertificate, ServerHello, TlsEvent};

use super::Lines;
use crate::report::fingerprint::hex;

pub(super) fn http(event: &HttpEvent, lines: &mut Lines<'_>) {
    match event {
        HttpEvent::Request(request) => http_request(request, lines),
        HttpEvent::Response(response) => http_response(response, lines),
    }
}

fn http_request(request: &HttpRequest, lines: &mut Lines<'_>) {
    let kind = match request.framing {
        Framing::Http1 => "http_request",
        Framing::Http2 => "http2_request",
    };
    lines.line(kind, |line| {
        line.put("exchange", &request.exchange);
        line.text("method", &request.method);
        line.text("uri", &request.uri);
        line.text("version", &request.version);
        line.some("host", &request.host);
        line.some("user_agent", &request.user_agent);
        line.some("auth_scheme", &request.auth_scheme);
        line.some("proxy_auth_scheme", &request.proxy_auth_scheme);
        line.some("content_type", &request.content_type);
        line.some("content_encoding", &request.content_encoding);
        line.maybe("content_length", request.content_length);
        line.flag("chunked", request.chunked);
        line.some("range", &request.range);
        line.list("markers", &request.markers);
        line.flag("cut", request.cut);
    });
}

fn http_response(response: &HttpResponse, lines: &mut Lines<'_>) {
    let kind = match response.framing {
        Framing::Http1 => "http_response",
        Framing::Http2 => "http2_response",
    };
    lines.line(kind, |line| {
        line.maybe("exchange", response.exchange);
        line.put("status_code", &response.status_code);
        line.some("server", &response.server);
        line.list("auth_offered", &response.auth_offered);
        line.some("content_type", &response.content_type);
        line.some("content_encoding", &response.content_encoding);
        line.maybe("content_length", response.content_length);
        line.flag("chunked", response.chunked);
        line.some("location", &response.location);
        line.flag("cut", response.cut);
    });
}

pub(super) fn quic(event: &QuicEvent, lines: &mut Lines<'_>) {
    let Some(hello) = &event.hello else {
        return lines.line("quic", |line| line.hex("version", event.version, 8));
    };
    lines.line("quic_client_hello", |line| {
        line.hex("version", event.version, 8);
        line.some("server_name", &hello.server_name);
        line.list("alpn", &hello.alpn);
    });
}

/// A list's bytes are left out: its hash says which one it is.
pub(super) fn crl(event: &CrlEvent, lines: &mut Lines<'_>) {
    lines.line("crl", |line| {
        line.maybe("exchange", event.exchange);
        line.put("form", event.form.name());
        line.flag("incomplete", event.incomplete);
        line.text("sha256", &event.sha256);
        line.list("issuer", &event.issuer);
        line.some("authority_key", &event.authority_key);
        line.some("number", &event.number);
        line.flag("delta", event.delta);
        if event.form == Form::List {
            line.put("this_update", &date(event.this_update_secs));
            line.maybe("next_update", event.next_update_secs.map(date));
            line.put("revoked", &event.revoked);
        }
    });
}

pub(super) fn tls(event: &TlsEvent, lines: &mut Lines<'_>) {
    match event {
        TlsEvent::ClientHello(hello) => client_hello(hello, lines),
        TlsEvent::ServerHello(hello) => server_hello(hello, lines),
        TlsEvent::Certificate(certificate) => self::certificate(certificate, lines),
        TlsEvent::CertificateRequest => lines.line("tls_certificate_request", |_| {}),
        TlsEvent::ClientAuth { certificates } => {
            lines.line("tls_client_auth", |line| line.put("certificates", certificates));
        }
        TlsEvent::ClientVerify => lines.line("tls_client_verify", |_| {}),
        TlsEvent::KeyExchange(exchange) => lines.line("tls_key_exchange", |line| {
            line.maybe("group", exchange.group.map(code));
            line.maybe("prime_bits", exchange.prime_bits);
        }),
        TlsEvent::SessionTicket(ticket) => lines.line("tls_session_ticket", |line| {
            line.put("lifetime", &ticket.lifetime_secs);
            line.bytes("sha256", &ticket.sha256);
        }),
        TlsEvent::Abbreviated => lines.line("tls_abbreviated", |_| {}),
        TlsEvent::Alert { level, description } => lines.line("tls_alert", |line| {
            line.put("level", level);
            line.put("description", description);
        }),
        TlsEvent::Encrypted => lines.line("tls_encrypted", |_| {}),
        TlsEvent::Renegotiation => lines.line("tls_renegotiation", |_| {}),
        TlsEvent::ApplicationData => lines.line("tls_application_data", |_| {}),
    }
}

fn client_hello(hello: &ClientHello, lines: &mut Lines<'_>) {
    // In the framing of SSL 2.0 there is no TLS yet.
    let kind = if hello.ssl2 { "ssl2_client_hello" } else { "tls_client_hello" };
    lines.line(kind, |line| {
        line.hex("version", hello.version, 4);
        line.codes("supported_versions", &hello.supported_versions);
        line.some("server_name", &hello.server_name);
        line.list("alpn", &hello.alpn);
        line.codes("cipher_suites", &hello.cipher_suites);
        line.codes("extensions", &hello.extensions);
        line.codes("groups", &hello.groups);
        line.codes("signature_algorithms", &hello.signature_algorithms);
        line.list("point_formats", &hello.point_formats);
        line.bytes("random", &hello.random);
        line.bytes("session_id", &hello.session_id);
        line.codes("key_shares", &hello.key_shares);
        line.bytes("ticket_sha256", hello.ticket.as_ref().map_or(&[], |hash| &hash[..]));
        let identities: Vec<String> = hello.psk_identities.iter().map(|hash| hex(hash)).collect();
        line.list("psk_identities_sha256", &identities);
        line.put("ja3", &hello.ja3());
        line.put("ja4", &hello.ja4());
    });
}

fn server_hello(hello: &ServerHello, lines: &mut Lines<'_>) {
    lines.line("tls_server_hello", |line| {
        line.hex("version", hello.version, 4);
        line.hex("cipher", hello.cipher, 4);
        line.some("alpn", &hello.alpn);
        line.flag("hello_retry", hello.hello_retry);
        line.flag("resumed", hello.resumed);
        line.bytes("session_id", &hello.session_id);
        line.codes("extensions", &hello.extensions);
        line.maybe("group", hello.group.map(code));
        line.maybe("psk", hello.psk);
        line.put("ja4s", &hello.ja4s());
    });
}

/// A code point of 16 bits.
fn code(number: u16) -> String {
    format!("{number:#06x}")
}

fn certificate(certificate: &SentCertificate, lines: &mut Lines<'_>) {
    lines.line("tls_certificate", |line| {
        line.put("role", if certificate.client { "client" } else { "server" });
        line.put("index", &certificate.index);
        line.text("sha256", &certificate.sha256);
        if certificate.unreadable {
            line.flag("unreadable", true);
            return;
        }
        line.put("version", &certificate.version);
        line.list("subject", &certificate.subject);
        line.list("issuer", &certificate.issuer);
        line.text("serial", &certificate.serial);
        line.put("not_before", &date(certificate.not_before_secs));
        line.put("not_after", &date(certificate.not_after_secs));
        line.text("key_sha256", &certificate.key_sha256);
        line.text("key_algorithm", &certificate.key_algorithm);
        line.maybe("key_bits", certificate.key_bits);
        line.text("signature_algorithm", &certificate.signature_algorithm);
        line.list("dns_names", &certificate.dns_names);
        line.list("ip_addresses", &certificate.ip_addresses);
        line.maybe("key_usage", certificate.key_usage);
        line.list("extended_key_usage", &certificate.extended_key_usage);
        line.flag("ca", certificate.ca);
        line.list("crl_urls", &certificate.crl_urls);
        line.list("aia_urls", &certificate.aia_urls);
        line.list("policies", &certificate.policies);
        line.flag("logged", certificate.logged);
        line.flag("self_issued", certificate.self_issued);
    });
}

/// Seconds in 400 years of the Gregorian calendar, after which it repeats itself.
const CYCLE: i64 = 146_097 * 86_400;

/// A certificate's date: `2030-01-31T23:59:59Z`. Nanoseconds end in 2262 and certificates in 9999, so the date is
/// taken back by whole cycles first and the years put back on.
fn date(seconds: i64) -> String {
    let cycles = seconds.div_euclid(CYCLE).max(0);
    let mut rest = seconds - cycles * CYCLE;
    let mut years = cycles * 400;
    // The cycle counted from 1970 reaches to 2370, past the end of nanoseconds.
    if rest >= CYCLE / 2 {
        rest -= CYCLE;
        years += 400;
    }
    let text = capture::Timestamp::new(rest, 0).to_string();
    let (year, tail) = text.split_once('-').unwrap_or((&text, ""));
    let year = year.parse::<i64>().unwrap_or_default() + years;
    let tail = tail.split_once('.').map_or(tail, |(seconds, _)| seconds);
    format!("{year:04}-{tail}Z")
}

#[cfg(test)]
mod tests {
    use super::date;

    #[test]
    fn dates_reach_to_the_end_of_the_calendar() {
        for (seconds, text) in [
            (0, "1970-01-01T00:00:00Z"),
            (1_896_134_399, "2030-01-31T23:59:59Z"),
            (-631_152_000, "1950-01-01T00:00:00Z"),
            (9_223_372_037, "2262-04-11T23:47:17Z"),
            (253_402_300_799, "9999-12-31T23:59:59Z"),
        ] {
            assert_eq!(date(seconds), text);
        }
    }
}
