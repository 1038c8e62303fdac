#!/usr/bin/env python3
"""Make the samples in this directory anew: keys and certificates with openssl, talks with Python's ssl over memory.

    python3 make.py

The server's key stays here, since it is what the tests open with. Every run gives other keys, randoms and secrets.
"""
import ssl
import subprocess
import tempfile
from pathlib import Path

HERE = Path(__file__).parent
V = ssl.TLSVersion
NO_ENCRYPT_THEN_MAC = 1 << 19

REQUESTS = [
    b"GET /SMS_MP/.sms_aut?MPLIST HTTP/1.1\r\nHost: mp01.example.test\r\n\r\n",
    b"GET /SMS_MP/.sms_aut?MPKEYINFORMATIONEX HTTP/1.1\r\nHost: mp01.example.test\r\n\r\n",
]
RESPONSES = [
    b"HTTP/1.1 200 OK\r\nContent-Length: 26\r\n\r\n<MPList>mp01 here</MPList>",
    b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n",
]


def openssl(*arguments):
    subprocess.run(["openssl", *arguments], check=True, capture_output=True)


def certificates():
    key = str(HERE / "server.key")
    openssl("genpkey", "-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048", "-out", key)
    openssl("rsa", "-in", key, "-traditional", "-out", str(HERE / "pkcs1.key"))
    openssl("pkcs8", "-topk8", "-in", key, "-passout", "pass:example", "-out", str(HERE / "encrypted.key"))
    openssl("genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256", "-out", str(HERE / "ec.key"))
    openssl("genpkey", "-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048", "-out", str(HERE / "other.key"))
    openssl("req", "-x509", "-new", "-key", key, "-subj", "/CN=mp01.example.test", "-days", "36500", "-out",
            str(HERE / "server.pem"))


def contexts(log, version, ciphers="ALL:@SECLEVEL=0", mutual=False, group=None, options=0):
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(HERE / "server.pem", HERE / "server.key")
    server.load_verify_locations(HERE / "server.pem")
    client = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    client.check_hostname = False
    client.verify_mode = ssl.CERT_NONE
    if mutual:
        server.verify_mode = ssl.CERT_REQUIRED
        client.load_cert_chain(HERE / "server.pem", HERE / "server.key")
    for context in (server, client):
        context.minimum_version = context.maximum_version = version
        context.set_ciphers(ciphers + ":@SECLEVEL=0")
        context.options |= options
    if group:
        server.set_ecdh_curve(group)
    client.keylog_filename = log
    return server, client


def converse(server_context, client_context, session=None):
    server_in, server_out, client_in, client_out = (ssl.MemoryBIO() for _ in range(4))
    server = server_context.wrap_bio(server_in, server_out, server_side=True)
    client = client_context.wrap_bio(client_in, client_out, server_hostname="mp01.example.test", session=session)
    sent = []

    def turn(act, direction):
        out, peer = ((client_out, server_in), (server_out, client_in))[direction]
        try:
            act()
            done = True
        except ssl.SSLWantReadError:
            done = False
        data = out.read()
        if data:
            sent.append((direction, data))
            peer.write(data)
        return done

    finished = [False, False]
    while not all(finished):
        for index, end in enumerate((client, server)):
            finished[index] = finished[index] or turn(end.do_handshake, index)
    for request, response in zip(REQUESTS, RESPONSES):
        turn(lambda: client.write(request), 0)
        server.read(1000)
        turn(lambda: server.write(response), 1)
        client.read(1000)
    session = client.session
    # A session that was not closed is not resumed.
    turn(client.unwrap, 0)
    turn(server.unwrap, 1)
    return sent, session


def save(name, sent):
    data = b"".join(bytes([direction]) + len(part).to_bytes(4, "big") + part for direction, part in sent)
    (HERE / f"{name}.talk").write_bytes(data)


def talk(name, version, *, resumed=None, **options):
    with tempfile.TemporaryDirectory() as folder:
        log = f"{folder}/keys"
        server, client = contexts(log, version, **options)
        sent, session = converse(server, client)
        save(name, sent)
        lines = [line for line in Path(log).read_text().splitlines() if not line.startswith("#")]
        (HERE / f"{name}.keys").write_text("\n".join(lines) + "\n")
        if resumed:
            save(resumed, converse(server, client, session)[0])


def main():
    certificates()
    (HERE / "plain.talk").unlink(missing_ok=True)
    save("plain", [part for pair in zip(REQUESTS, RESPONSES) for part in zip((0, 1), pair)])
    talk("tls10-cbc", V.TLSv1, ciphers="ECDHE-RSA-AES128-SHA", options=NO_ENCRYPT_THEN_MAC)
    talk("tls11-cbc", V.TLSv1_1, ciphers="ECDHE-RSA-AES256-SHA", options=NO_ENCRYPT_THEN_MAC)
    talk("tls12-cbc", V.TLSv1_2, ciphers="ECDHE-RSA-AES256-SHA384", options=NO_ENCRYPT_THEN_MAC)
    talk("tls12-cbc-etm", V.TLSv1_2, ciphers="AES128-SHA256", options=ssl.OP_NO_TICKET)
    talk("tls10-cbc-etm", V.TLSv1, ciphers="AES256-SHA")
    talk("tls12-gcm", V.TLSv1_2, ciphers="ECDHE-RSA-AES256-GCM-SHA384", mutual=True)
    talk("tls12-chacha", V.TLSv1_2, ciphers="ECDHE-RSA-CHACHA20-POLY1305")
    talk("tls12-rsa", V.TLSv1_2, ciphers="AES128-GCM-SHA256", resumed="tls12-rsa-ticket")
    talk("tls12-rsa-id", V.TLSv1_2, ciphers="AES256-GCM-SHA384", options=ssl.OP_NO_TICKET, resumed="tls12-rsa-id-again")
    talk("tls12-camellia", V.TLSv1_2, ciphers="ECDHE-RSA-CAMELLIA128-SHA256")
    talk("tls13", V.TLSv1_3)
    talk("tls13-mutual", V.TLSv1_3, mutual=True)
    talk("tls13-retry", V.TLSv1_3, group="secp384r1")


if __name__ == "__main__":
    main()
