"""A Configuration Manager client over TLS by Python's ssl module, for captures only. What it says is `lib/ccm.py`'s.

    client.py [options] STEP... [/ STEP...]

All steps before a `/` go over one connection. Keys go to the file that SSLKEYLOGFILE names. `--dump DIRECTORY` writes
every request to a file there (DIRECTORY/STEP.http, its body DIRECTORY/STEP.body) and connects to nobody.
"""

import pathlib
import socket
import ssl
import time

import ccm

VERSIONS = {
    "1.0": ssl.TLSVersion.TLSv1,
    "1.1": ssl.TLSVersion.TLSv1_1,
    "1.2": ssl.TLSVersion.TLSv1_2,
    "1.3": ssl.TLSVersion.TLSv1_3,
}


class Client(ccm.Client):
    """Keeps one connection until it is told to hang up, and with --resume its session for the next one."""

    def __init__(self, options):
        super().__init__(options)
        self.session = None
        self.step = ""
        self.context = ssl._create_unverified_context()
        if options.version:
            self.context.minimum_version = self.context.maximum_version = VERSIONS[options.version]
        if options.ciphers:
            self.context.set_ciphers(options.ciphers)
        if options.no_ticket:
            self.context.options |= ssl.OP_NO_TICKET
        if options.cert:
            self.context.load_cert_chain(options.cert, options.cert_key)
        self.context.post_handshake_auth = options.post_handshake

    def connect(self):
        sock = socket.create_connection((self.o.mp, self.o.port), 10)
        if not self.o.tls:
            return sock
        return self.context.wrap_socket(sock, server_hostname=self.o.mp, session=self.session)

    def exchange(self, method, path, headers=(), body=b"", host=None, port=None, keep=None):
        if self.o.dump:
            self.dump(method, path, headers, body)
            return b"", b"", None
        self.kept = self.kept or self.connect()
        return super().exchange(method, path, headers, body, host, port, keep=self.kept)

    def dump(self, method, path, headers, body):
        lines = [f"{method} {path} HTTP/1.1", f"Host: {self.o.mp}", *(f"{key}: {value}" for key, value in headers)]
        if body:
            lines.append(f"Content-Length: {len(body)}")
        head = ("\r\n".join(lines) + "\r\n\r\n").encode()
        folder = pathlib.Path(self.o.dump)
        (folder / f"{self.step}.http").write_bytes(head + body)
        (folder / f"{self.step}.body").write_bytes(body)

    def hang_up(self):
        if not self.kept:
            return
        if self.o.tls:
            self.session = self.kept.session if self.o.resume else None
            try:
                self.kept.unwrap()
            except OSError:
                pass
        self.kept.close()
        self.kept = None


def main():
    p = ccm.parser()
    p.add_argument("--version", choices=VERSIONS)
    p.add_argument("--ciphers")
    p.add_argument("--no-ticket", action="store_true")
    p.add_argument("--resume", action="store_true", help="offer the session of one connection to the next")
    p.add_argument("--cert")
    p.add_argument("--cert-key")
    p.add_argument("--post-handshake", action="store_true", help="offer to prove a certificate later")
    p.add_argument("--dump")
    options = p.parse_args()
    client = Client(options)
    for step in options.steps:
        if step == "/":
            client.hang_up()
        else:
            client.step = step
            getattr(client, step.replace("-", "_"))()
            time.sleep(options.pause)
    client.hang_up()


main()
