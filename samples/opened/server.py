"""The management point of `lib/mp.py` behind TLS by Python's ssl module, for captures only.

    server.py PORT --cert FILE --key FILE [--version 1.2] [--ciphers LIST] [--ca FILE [--later]]

--ca: ask for a client certificate of that authority; --later: not in the handshake but when a message is posted (TLS 1.3).
"""

import argparse
import http.server
import socket
import ssl

import mp

VERSIONS = {
    "1.0": ssl.TLSVersion.TLSv1,
    "1.1": ssl.TLSVersion.TLSv1_1,
    "1.2": ssl.TLSVersion.TLSv1_2,
    "1.3": ssl.TLSVersion.TLSv1_3,
}


class Handler(mp.Handler):
    def any(self):
        """Asks who it is before it takes a message. What is asked for goes out with the answer."""
        if self.server.options.later and self.command == "CCM_POST":
            self.connection.verify_client_post_handshake()
        super().any()

    do_GET = do_CCM_POST = any


def main():
    p = argparse.ArgumentParser()
    p.add_argument("port", type=int)
    p.add_argument("--cert", required=True)
    p.add_argument("--key", required=True)
    p.add_argument("--version", choices=VERSIONS)
    p.add_argument("--ciphers")
    p.add_argument("--ca")
    p.add_argument("--later", action="store_true")
    options = p.parse_args()
    options.site, options.web = "EX1", False
    server = http.server.ThreadingHTTPServer(("", options.port), Handler)
    server.options = options
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(options.cert, options.key)
    if options.version:
        context.minimum_version = context.maximum_version = VERSIONS[options.version]
    if options.ciphers:
        context.set_ciphers(options.ciphers)
    if options.ca:
        context.load_verify_locations(options.ca)
        context.verify_mode = ssl.CERT_OPTIONAL if options.later else ssl.CERT_REQUIRED
        context.post_handshake_auth = options.later
    server.socket = context.wrap_socket(server.socket, server_side=True)
    server.serve_forever()


main()
