#!/usr/bin/env python3
"""Make the samples in this directory anew: certificates with openssl, handshakes with Python's ssl over memory.

    python3 make.py

Keys live in a temporary folder and are thrown away. Every run gives other randoms, keys and serial numbers: tests
assert what is fixed here, and read fingerprints out of the bytes.
"""
import ssl
import subprocess
import tempfile
from pathlib import Path

HERE = Path(__file__).parent
DAYS = "36500"


def openssl(*arguments):
    subprocess.run(["openssl", *arguments], check=True, capture_output=True)


def key(folder, name, kind):
    path = f"{folder}/{name}.key"
    option = ["RSA", "-pkeyopt", "rsa_keygen_bits:2048"] if kind == "rsa" else [
        "EC", "-pkeyopt", "ec_paramgen_curve:P-256"]
    openssl("genpkey", "-algorithm", *option, "-out", path)
    return path


def self_signed(folder, name, kind, subject, extensions, days=DAYS, mask="utf8only"):
    config = Path(folder, name + ".cnf")
    config.write_text(f"[req]\ndistinguished_name=d\nstring_mask={mask}\nutf8=yes\nx509_extensions=e\n[d]\n[e]\n"
                      + extensions)
    openssl("req", "-x509", "-new", "-utf8", "-key", key(folder, name, kind), "-config", str(config), "-subj", subject,
            "-days", days, "-sha256", "-set_serial", "0x00c0ffee", "-out", f"{folder}/{name}.pem")


def issued(folder, name, kind, subject, issuer, extensions, serial):
    config = Path(folder, name + ".cnf")
    config.write_text(extensions)
    openssl("req", "-new", "-key", key(folder, name, kind), "-subj", subject, "-out", f"{folder}/{name}.csr")
    openssl("x509", "-req", "-in", f"{folder}/{name}.csr", "-CA", f"{folder}/{issuer}.pem",
            "-CAkey", f"{folder}/{issuer}.key", "-days", DAYS, "-sha256", "-set_serial", serial,
            "-extfile", str(config), "-out", f"{folder}/{name}.pem")


def certificates(folder):
    self_signed(folder, "issuing", "ec", "/DC=test/DC=example/CN=SMS Issuing",
                "basicConstraints=critical,CA:TRUE\n")
    issued(folder, "server", "rsa", "/C=DE/O=Example/OU=Site P01/CN=mp01.example.test", "issuing",
           "basicConstraints=CA:FALSE\nextendedKeyUsage=serverAuth,clientAuth\n"
           "subjectAltName=DNS:mp01.example.test,DNS:mp01,IP:192.0.2.10\n"
           "crlDistributionPoints=URI:http://crl.example.test/p01.crl\n"
           "authorityInfoAccess=caIssuers;URI:http://ca.example.test/p01.cer,OCSP;URI:http://ocsp.example.test\n",
           "0x01")
    issued(folder, "client", "ec", "/CN=SMS/CN=CLIENT01", "issuing",
           "extendedKeyUsage=clientAuth,1.3.6.1.4.1.311.101.2,1.3.6.1.4.1.311.101\n", "0x00")
    # What public authorities write: a policy of the CA/Browser Forum, and a log's timestamp (RFC 6962 3.2 and 3.3; of a
    # log and with a signature that are all zeros).
    stamp = bytes(1) + bytes(32) + bytes(8) + bytes(2) + b"\4\3" + b"\0\2" + bytes(2)
    stamps = len(stamp).to_bytes(2, "big") + stamp
    stamps = (len(stamps)).to_bytes(2, "big") + stamps
    issued(folder, "public", "ec", "/CN=www.example.test", "issuing",
           "keyUsage=critical,digitalSignature,keyAgreement\ncertificatePolicies=2.23.140.1.2.1,1.3.6.1.4.1.44947.1.1.1\n"
           "subjectAltName=IP:2001:db8::1\n"
           f"1.3.6.1.4.1.11129.2.4.2=DER:04{len(stamps):02x}{stamps.hex()}\n", "0x02")
    # BMPString wherever a DirectoryString may be one, every short name, an attribute without one, and an end that
    # nanoseconds since 1970 cannot say.
    self_signed(folder, "names", "ec",
                "/CN=Büro/SN=Muster/serialNumber=7/C=DE/L=Köln/ST=NRW/street=Weg 1/O=Example/OU=IT/GN=Erika"
                "/emailAddress=it@example.test/DC=test/UID=u1/title=Dr", "", days="2900000", mask="MASK:0x802")
    for name in ("issuing", "server", "client", "public", "names"):
        openssl("x509", "-in", f"{folder}/{name}.pem", "-outform", "DER", "-out", str(HERE / f"{name}.der"))
    both = Path(folder, "server.pem").read_text() + Path(folder, "issuing.pem").read_text()
    Path(folder, "chain.pem").write_text(both)


def contexts(folder, version, verify=ssl.CERT_NONE, client_certificate=False, group=None):
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(f"{folder}/chain.pem", f"{folder}/server.key")
    server.load_verify_locations(f"{folder}/issuing.pem")
    server.verify_mode = verify
    server.set_alpn_protocols(["h2", "http/1.1"])
    client = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    client.check_hostname = False
    client.verify_mode = ssl.CERT_NONE
    client.set_alpn_protocols(["http/1.1"])
    if client_certificate:
        client.load_cert_chain(f"{folder}/client.pem", f"{folder}/client.key")
    for context in (server, client):
        context.set_ciphers("ALL:@SECLEVEL=0")
        context.minimum_version = context.maximum_version = version
    if group:
        server.set_ecdh_curve(group)
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
        except ssl.SSLError:
            done = None
        data = out.read()
        if data:
            sent.append((direction, data))
            peer.write(data)
        return done

    finished = [False, False]
    for _ in range(8):
        for index, (end, direction) in enumerate(((client, 0), (server, 1))):
            if not finished[index]:
                done = turn(end.do_handshake, direction)
                if done is None:
                    return sent, None
                finished[index] = done
    turn(lambda: client.write(b"GET / HTTP/1.1\r\n\r\n"), 0)
    server.read(100)
    turn(lambda: server.write(b"HTTP/1.1 204 No Content\r\n\r\n"), 1)
    client.read(100)
    return sent, client.session


def save(name, sent):
    data = b"".join(bytes([direction]) + len(part).to_bytes(4, "big") + part for direction, part in sent)
    (HERE / f"{name}.talk").write_bytes(data)


def main():
    version = ssl.TLSVersion
    with tempfile.TemporaryDirectory() as folder:
        certificates(folder)
        for name, number in (("tls10", version.TLSv1), ("tls11", version.TLSv1_1), ("tls12", version.TLSv1_2),
                             ("tls13", version.TLSv1_3)):
            save(name, converse(*contexts(folder, number))[0])
        save("tls12-mutual", converse(*contexts(folder, version.TLSv1_2, ssl.CERT_OPTIONAL, True))[0])
        save("tls12-declined", converse(*contexts(folder, version.TLSv1_2, ssl.CERT_OPTIONAL))[0])
        save("tls12-refused", converse(*contexts(folder, version.TLSv1_2, ssl.CERT_REQUIRED))[0])
        save("tls13-retry", converse(*contexts(folder, version.TLSv1_3, group="secp384r1"))[0])
        server, client = contexts(folder, version.TLSv1_2)
        sessions(server, client, "tls12-first", "tls12-resumed")
        server, client = contexts(folder, version.TLSv1_3)
        sessions(server, client, None, "tls13-resumed")


def sessions(server, client, first, resumed):
    sent, session = converse(server, client)
    if first:
        save(first, sent)
    save(resumed, converse(server, client, session)[0])


if __name__ == "__main__":
    main()
