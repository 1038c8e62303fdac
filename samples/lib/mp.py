"""A small HTTP server that answers as a management point, a distribution point, a software update point and a fallback
status point do, for captures only. Nothing behind it is real: keys are made on the spot, identifiers are echoed.

    mp.py PORT [--site EX1] [--cert FILE --key FILE] [--web]

--web: an ordinary web server instead, whose paths only look like those of ConfigMgr.
"""

import argparse
import base64
import http.server
import os
import re
import socket
import ssl
import struct
import zlib

from cryptography.hazmat.primitives.asymmetric import rsa

BOUNDARY = "aAbBcCdDv1234567890VxXyYzZ"
ROOT = rsa.generate_private_key(65537, 2048).public_key().public_numbers().n.to_bytes(256, "little")
ROOT_KEY = (bytes.fromhex("0602000000A400005253413100080000") + b"\1\0\1\0" + ROOT).hex().upper()
SIGNED = os.urandom(256).hex().upper()


def utf16(text):
    return text.encode("utf-16-le")


def challenge():
    """An NTLM CHALLENGE_MESSAGE of a domain member ([MS-NLMP] 2.2.1.2)."""
    names = [(2, "EXAMPLE"), (1, "MP01"), (4, "example.test"), (3, "mp01.example.test")]
    info = b"".join(struct.pack("<HH", kind, len(text) * 2) + utf16(text) for kind, text in names)
    info += struct.pack("<HHQ", 7, 8, 134_120_772_000_000_000) + bytes(4)
    target = utf16("EXAMPLE")
    at = 56
    head = b"NTLMSSP\0" + struct.pack("<IHHI", 2, len(target), len(target), at)
    head += struct.pack("<I", 0xA2898205 & ~0x20 | 0x00010000) + os.urandom(8) + bytes(8)
    head += struct.pack("<HHI", len(info), len(info), at + len(target)) + b"\x0a\0\x63\x45\0\0\0\x0f"
    return head + target + info


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    wbufsize = -1  # head and body of an answer in one segment
    server_version, sys_version = "Microsoft-IIS/10.0", ""

    def version_string(self):
        return self.server_version

    def log_message(self, *_):
        pass

    def answer(self, status, kind="text/html", body=b"", headers=()):
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        for key, value in headers:
            self.send_header(key, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def any(self):
        length = int(self.headers.get("Content-Length", 0))
        body = self.rfile.read(length)
        path = self.path.lower()
        options = self.server.options
        if "_windowsauth/" in path and not self.logged_on():
            return
        if options.web:
            self.answer(200, "text/html", b"<html><body>Customer communication manager</body></html>")
        elif path.startswith("/ccm_system"):
            self.ccm(body)
        elif path.startswith("/sms_mp") and ".sms_aut" in path:
            self.answer(200, "text/xml", self.site_data(path).encode())
        elif path.startswith("/sms_mp") and ".sms_pol" in path:
            text = '<Policy PolicyID="{0b1f3d5e-0000-4000-8000-000000000002}" PolicyVersion="2.00" />'
            self.answer(200, "application/octet-stream", b"\xff\xfe" + utf16(text))
        elif path.startswith("/sms_fsp"):
            self.answer(200)
        elif path.startswith("/ccm_sts"):
            self.answer(200, "application/json", b'{"token_type":"ccm"}')
        elif path.startswith("/bgb/handler.ashx"):
            session = b"3f1a7c5e-0000-4000-8000-000000000003"
            login = "login" in path
            self.answer(200, "application/octet-stream", struct.pack("<I", len(session)) + session if login else b"")
        elif path.startswith("/sms_dp_smspkg$"):
            self.content(path)
        elif path.endswith(".crl"):
            self.answer(200, "application/pkix-crl", bytes.fromhex("3006300030000300"))
        elif path.endswith(".asmx"):
            soap = b'<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body/></s:Envelope>'
            self.answer(200, "text/xml; charset=utf-8", soap)
        else:
            self.answer(404)

    do_GET = do_HEAD = do_POST = do_PROPFIND = do_CCM_POST = do_OPTIONS = any

    def logged_on(self):
        token = self.headers.get("Authorization", "").removeprefix("NTLM ").encode()
        kind = base64.b64decode(token)[8:9] if token else b""
        if kind == b"\x03":
            return True
        offer = "NTLM " + base64.b64encode(challenge()).decode() if kind == b"\x01" else "NTLM"
        self.answer(401, headers=[("WWW-Authenticate", offer)])
        return False

    def ccm(self, body):
        text = body[body.find(b"\xff\xfe") + 2 :].decode("utf-16-le", "ignore")
        endpoint = (re.search(r"<TargetEndpoint>(\w+)<", text) or [0, ""])[1]
        payload = ""
        if endpoint == "MP_ClientRegistration":
            payload = (
                '<ClientRegistrationResponse ResponseType="Registration" TimeStamp="2026-01-05T09:00:00Z" Status="0" '
                f'SMSID="{self.identity(body)}" ApprovalStatus="1"/>'
            )
        elif endpoint == "MP_PolicyManager":
            payload = '<ReplyAssignments SchemaVersion="1.00" ReplyType="Full"><PolicySource>SMS:EX1</PolicySource></ReplyAssignments>'
        elif endpoint == "MP_LocationManager":
            payload = (
                '<ContentLocationReply SchemaVersion="1.00"><Sites><Site><MPSite SiteCode="EX1" MasterSiteCode="EX1" />'
                "<LocationRecords><LocationRecord><URL Name=\"http://dp01.example.test/SMS_DP_SMSPKG$/EX100012\" />"
                "</LocationRecord></LocationRecords></Site></Sites></ContentLocationReply>"
            )
        header = "<Msg><ReplyMode>NoReply</ReplyMode></Msg>" if not payload else (
            f'<Msg ReplyCompression="zlib" SchemaVersion="1.1"><Body Type="ByteRange" Length="{len(payload) * 2 + 2}" '
            f'Offset="0" /><Hooks><Hook3 Name="zlib-compress" /></Hooks><ReplyMode>Sync</ReplyMode></Msg>'
        )
        cut = f"--{BOUNDARY}".encode()
        out = cut + b"\r\ncontent-type: text/plain; charset=UTF-16\r\n\r\n\xff\xfe" + utf16(header) + b"\r\n" + cut
        if payload:
            packed = zlib.compress(b"\xff\xfe" + utf16(payload) + b"\0\0")
            out += b"\r\ncontent-type: application/octet-stream\r\n\r\n" + packed + b"\r\n" + cut
        self.answer(200, f'multipart/mixed; boundary="{BOUNDARY}"', out + b"--")

    @staticmethod
    def identity(body):
        """One identifier for each name that registers."""
        at = body.find(b"application/octet-stream\r\n\r\n") + 28
        text = zlib.decompress(body[at : body.rfind(b"\r\n--")]).decode("utf-16-le", "ignore")
        name = (re.search(r'Netbios Name" Value="WS(\d+)"', text) or [0, "999"])[1]
        return f"GUID:0A1B2C3D-0{name}-4000-8000-00000000BEEF"

    def site_data(self, path):
        site = self.server.options.site
        if "mplist" in path:
            return (
                f'<MPList><MP Name="MP01.EXAMPLE.TEST" FQDN="mp01.example.test" SiteCode="{site}"><Version>9128</Version>'
                '<Capabilities SchemaVersion="1.0"><Property Name="SSLState" Value="0"/></Capabilities></MP></MPList>'
            )
        if "mpkeyinformation" in path:
            return (
                f"<MPKEYINFORMATION><MACHINENAME>MP01</MACHINENAME><FQDN>mp01.example.test</FQDN><SITECODE>{site}</SITECODE>"
                f'<TRUSTEDROOTKEY Signature="{SIGNED}">{ROOT_KEY}</TRUSTEDROOTKEY></MPKEYINFORMATION>'
            )
        if "mpcert" in path:
            return f"<MPCertificate><Certificate>{SIGNED}</Certificate></MPCertificate>"
        return f"<X509Certificate>{SIGNED}</X509Certificate>"

    def content(self, path):
        if self.command == "PROPFIND":
            entry = (
                "<D:response><D:href>http://dp01.example.test/SMS_DP_SMSPKG$/EX100012/sccm?/setup.exe</D:href><D:propstat>"
                "<D:status>HTTP/1.1 200 OK</D:status><D:prop><D:getcontentlength>4096</D:getcontentlength></D:prop>"
                "</D:propstat></D:response>"
            )
            text = f'<?xml version="1.0"?><D:multistatus xmlns:D="DAV:">{entry}</D:multistatus>'
            self.answer(207, "text/xml", text.encode())
        elif "range" in self.headers:
            self.answer(206, "application/octet-stream", b"MZ" + bytes(1022), [("Content-Range", "bytes 0-1023/4096")])
        else:
            self.answer(200, "application/octet-stream", b"MZ" + bytes(1022))


def main():
    p = argparse.ArgumentParser()
    p.add_argument("port", type=int)
    p.add_argument("--site", default="EX1")
    p.add_argument("--cert")
    p.add_argument("--key")
    p.add_argument("--web", action="store_true")
    options = p.parse_args()
    http.server.ThreadingHTTPServer.address_family = socket.AF_INET6 if os.environ.get("V6") else socket.AF_INET
    server = http.server.ThreadingHTTPServer(("", options.port), Handler)
    server.options = options
    if options.web:
        Handler.server_version = "nginx"
    if options.cert:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(options.cert, options.key)
        server.socket = context.wrap_socket(server.socket, server_side=True)
    server.serve_forever()


if __name__ == "__main__":
    main()
