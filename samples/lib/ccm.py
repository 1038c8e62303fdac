"""A sender of ConfigMgr client messages, for captures only: what a client says to a management point, a distribution
point, a fallback status point and a software update point.

It has no dependency but `cryptography`. Keys are made on the spot and thrown away; names and identifiers are invented.

    ccm.py [options] STEP...        does the steps in order, one TCP connection each

Steps: mplist mpcert keyinfo signcert register policy location ddr hinv state status fsp policy-body content token
       bgb crl wsus
Options set what the following steps do: see `--help`.
"""

import argparse
import base64
import datetime
import os
import random
import re
import socket
import ssl
import struct
import time
import zlib

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.serialization import pkcs7
from cryptography.x509.oid import NameOID, ObjectIdentifier

BOUNDARY = "aAbBcCdDv1234567890VxXyYzZ"
HASHES = {"sha256": (hashes.SHA256(), "1.2.840.113549.1.1.11"), "sha1": (hashes.SHA1(), "1.2.840.113549.1.1.5")}
ZERO = "{00000000-0000-0000-0000-000000000000}"


def utf16(text):
    return text.encode("utf-16-le")


def now():
    return datetime.datetime.now(datetime.timezone.utc)


def iso():
    return now().strftime("%Y-%m-%dT%H:%M:%SZ")


def cim():
    return now().strftime("%Y%m%d%H%M%S.000000+000")


def guid(rng=random.SystemRandom()):
    raw = "%032X" % rng.getrandbits(128)
    return f"{raw[:8]}-{raw[8:12]}-4{raw[13:16]}-8{raw[17:20]}-{raw[20:]}"


class Key:
    """An RSA key with the self-signed certificate of a client, kept in a file between two calls if one is named."""

    def __init__(self, host, path=None):
        if path and os.path.exists(path):
            self.private = serialization.load_pem_private_key(open(path, "rb").read(), None)
        else:
            self.private = rsa.generate_private_key(65537, 2048)
            if path:
                form = serialization.PrivateFormat.PKCS8
                pem = self.private.private_bytes(serialization.Encoding.PEM, form, serialization.NoEncryption())
                open(path, "wb").write(pem)
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text) for text in ("SMS", host)])
        uses = [ObjectIdentifier("1.3.6.1.4.1.311.101"), ObjectIdentifier("1.3.6.1.4.1.311.101.2")]
        day = datetime.timedelta(days=1)
        builder = x509.CertificateBuilder(name, name, self.private.public_key(), x509.random_serial_number())
        builder = builder.not_valid_before(now() - day).not_valid_after(now() + 3650 * day)
        builder = builder.add_extension(x509.ExtendedKeyUsage(uses), False)
        self.certificate = builder.sign(self.private, hashes.SHA256()).public_bytes(serialization.Encoding.DER)

    def signature(self, data, algorithm):
        """PKCS #1 v1.5 in CryptoAPI's byte order, in hexadecimal."""
        return self.private.sign(data, padding.PKCS1v15(), HASHES[algorithm][0])[::-1].hex().upper()

    def blob(self):
        """A CryptoAPI PUBLICKEYBLOB in hexadecimal."""
        modulus = self.private.public_key().public_numbers().n
        head = struct.pack("<BBHI4sII", 6, 2, 0, 0xA400, b"RSA1", 2048, 65537)
        return (head + modulus.to_bytes(256, "little")).hex().upper()


class Client:
    def __init__(self, options):
        self.o = options
        self.key = Key(options.name, options.key)
        self.kept = None

    # HTTP

    def exchange(self, method, path, headers=(), body=b"", host=None, port=None, keep=None):
        """One request and its whole answer: status line, headers, body."""
        o = self.o
        host, port = host or o.mp, port or o.port
        sock = keep or socket.create_connection((host, port), 10)
        if o.tls and not keep:
            context = ssl._create_unverified_context()
            sock = context.wrap_socket(sock, server_hostname=host)
        named = host if port in (80, 443) else f"{host}:{port}"
        lines = [f"{method} {path} HTTP/1.1", *([] if o.brief else ["Connection: Keep-Alive"]), f"Host: {named}"]
        lines += [f"{key}: {value}" for key, value in headers]
        if body or method in ("POST", "CCM_POST"):
            lines.append(f"Content-Length: {len(body)}")
        sock.sendall(("\r\n".join(lines) + "\r\n\r\n").encode() + body)
        data = b""
        while b"\r\n\r\n" not in data:
            data += sock.recv(65536) or self.cut()
        head, _, rest = data.partition(b"\r\n\r\n")
        length = int((re.search(rb"(?i)content-length: *(\d+)", head) or [0, 0])[1])
        while len(rest) < length:
            rest += sock.recv(65536) or self.cut()
        print(f"{method} {path[:70]}: {head.split(b' ')[1].decode()} {len(rest)}")
        if not keep and not o.keep and b"401 " not in head[:20]:
            sock.close()
            sock = None
        return head, rest, sock

    @staticmethod
    def cut():
        raise ConnectionError("connection closed within an answer")

    def get(self, path, agent="SMS CCM 5.0", headers=(), **where):
        return self.exchange("GET", path, [("Accept", "*/*"), ("User-Agent", agent), *headers], **where)

    def ntlm(self, method, path, headers, body):
        """The same request three times, as NTLM needs it; the logon is impacket's."""
        from impacket.ntlm import getNTLMSSPType1, getNTLMSSPType3

        def header(token):
            return ("Authorization", "NTLM " + base64.b64encode(token).decode())

        user, _, password = self.o.account.partition(":")
        domain, _, user = user.rpartition("/")
        head, _, sock = self.exchange(method, path, headers)
        first = getNTLMSSPType1(self.o.name, domain)
        head, _, _ = self.exchange(method, path, [*headers, header(first.getData())], keep=sock)
        challenge = base64.b64decode(re.search(rb"(?i)www-authenticate: NTLM ([\w+/=]+)", head)[1])
        third, _ = getNTLMSSPType3(first, challenge, user, password, domain)
        result = self.exchange(method, path, [*headers, header(third.getData())], body, keep=sock)
        sock.close()
        return result

    # Messages

    def payload(self, text):
        return utf16(text) + b"\0\0\r\n"

    def message(self, endpoint, text, mode="Async", file_type=None, signed=None):
        """The body of a CCM_POST: a header part and a payload part."""
        o = self.o
        signed = o.sign if signed is None else signed
        plain = self.payload(text)
        packed = zlib.compress(plain)
        hooks = ""
        if signed:
            to_sign = packed
            if o.corrupt:  # the sender signs something else than it sends
                to_sign = packed[:-5] + bytes([packed[-5] ^ 1]) + packed[-4:]
            oid = f'<Property Name="HashAlgorithm">{HASHES[o.hash][1]}</Property>'
            hooks += (
                '<Hook2 Name="clientauth">'
                f'<Property Name="AuthSenderMachine">{o.name}</Property>'
                f'<Property Name="PublicKey">{self.key.blob()}</Property>'
                f'<Property Name="ClientIDSignature">{self.key.signature(utf16(o.id) + bytes(2), o.hash)}</Property>'
                f'<Property Name="PayloadSignature">{self.key.signature(to_sign, o.hash)}</Property>'
                f'<Property Name="ClientCapabilities">NonSSL</Property>{oid}</Hook2>'
            )
        hooks += '<Hook3 Name="zlib-compress" />'
        sent = packed
        if o.encrypt:
            hooks += '<Hook2 Name="encrypt" />'
            sent = self.encrypted(packed)
        kind = f'<Property Name="FileType" Value="{file_type}" />' if file_type else ""
        source = f"<SourceID>{o.id}</SourceID>" if endpoint != "MP_ClientRegistration" else ""
        if o.brief:
            header = (
                f'<Msg><Body Type="ByteRange" Length="{len(plain) - 2}" Offset="0" /><Hooks>{hooks}</Hooks>'
                f"{source}<TargetEndpoint>{endpoint}</TargetEndpoint></Msg>"
            )
            return self.framed(header, sent)
        header = (
            '<Msg ReplyCompression="zlib" SchemaVersion="1.1">'
            f'<Body Type="ByteRange" Length="{len(plain) - 2}" Offset="0" /><CorrelationID>{ZERO}</CorrelationID>'
            f"<Hooks>{hooks}</Hooks><ID>{{{guid()}}}</ID><Payload Type=\"inline\" /><Priority>0</Priority>{kind}"
            f"<Protocol>http</Protocol><ReplyMode>{mode}</ReplyMode><ReplyTo>direct:{o.name}:SccmMessaging</ReplyTo>"
            f"<SentTime>{iso()}</SentTime><SourceHost>{o.name}</SourceHost>{source}"
            f"<TargetAddress>mp:{endpoint}</TargetAddress><TargetEndpoint>{endpoint}</TargetEndpoint>"
            f"<TargetHost>{o.mp}</TargetHost><Timeout>60000</Timeout></Msg>"
        )
        return self.framed(header, sent)

    @staticmethod
    def framed(header, payload):
        """The two parts of a message, byte for byte as the client's library frames them."""
        cut = f"\r\n--{BOUNDARY}".encode()
        return (
            cut[2:]
            + b"\r\ncontent-type: text/plain; charset=UTF-16\r\n\r\n\xff\xfe"
            + utf16(header)
            + cut
            + b"\r\ncontent-type: application/octet-stream\r\n\r\n"
            + payload
            + cut
            + b"--"
        )

    def encrypted(self, data):
        """CMS EnvelopedData for the management point's certificate."""
        certificate = x509.load_der_x509_certificate(Key("MP").certificate)
        # PKCS #7 encryption of this library wants a certificate without the uses of a client; any will do here.
        builder = pkcs7.PKCS7EnvelopeBuilder().set_data(data).add_recipient(certificate)
        return builder.encrypt(serialization.Encoding.DER, [pkcs7.PKCS7Options.Binary])

    def post(self, body):
        path = f"/ccm_system{self.o.variant}/request"
        agent = ("User-Agent", self.o.agent)
        headers = [agent, ("Content-Type", f'multipart/mixed; boundary="{BOUNDARY}"')]
        if self.o.variant == "_windowsauth":
            return self.ntlm("CCM_POST", path, headers, body)
        result = self.exchange("CCM_POST", path, headers, body, keep=self.kept)
        if self.o.keep:
            self.kept = self.kept or result[2]
        return result

    def send(self, *args, **more):
        return self.post(self.message(*args, **more))

    # Steps

    def mplist(self):
        self.get(f"/SMS_MP/.sms_aut?MPLIST&{self.o.site}")

    def mpcert(self):
        self.get("/SMS_MP/.sms_aut?MPCERT")

    def keyinfo(self):
        self.get("/SMS_MP/.sms_aut?MPKEYINFORMATIONEX")

    def signcert(self):
        self.get("/SMS_MP/.sms_aut?SITESIGNCERT")

    def register(self):
        o = self.o
        certificate = self.key.certificate.hex().upper()
        entry = f'Encoding="HexBinary" KeyType="1">{certificate}'
        data = (
            f'<Data HashAlgorithm="{HASHES[o.hash][1]}" SMSID="" RequestType="Registration" TimeStamp="{iso()}">'
            '<AgentInformation AgentIdentity="CCMSetup.exe" AgentVersion="5.00.9128.1000" AgentType="0" />'
            f"<Certificates><Encryption {entry}</Encryption><Signing {entry}</Signing></Certificates>"
            f'<DiscoveryProperties><Property Name="Netbios Name" Value="{o.name}" />'
            f'<Property Name="FQ Name" Value="{o.name.lower()}.{o.domain}" />'
            '<Property Name="Locale ID" Value="1033" /><Property Name="InternetFlag" Value="0" />'
            "</DiscoveryProperties></Data>"
        )
        value = self.key.signature(utf16(data), o.hash)
        text = f"<ClientRegistrationRequest>{data}<Signature><SignatureValue>{value}</SignatureValue></Signature>"
        text += "</ClientRegistrationRequest>"
        encrypt, o.encrypt = o.encrypt, False
        _, body, _ = self.send("MP_ClientRegistration", text, "Sync", signed=False)
        o.encrypt = encrypt
        assert utf16("<Msg") in body, "registration was not answered"

    def identification(self):
        o = self.o
        return (
            f"<Identification><Machine><ClientID>{o.id}</ClientID><FQDN>{o.name.lower()}.{o.domain}</FQDN>"
            f"<NetBIOSName>{o.name}</NetBIOSName><SID /></Machine><User /></Identification>"
        )

    def policy(self):
        text = (
            '<RequestAssignments SchemaVersion="1.00" ACK="false" RequestType="Always">'
            f"{self.identification()}<PolicySource>SMS:{self.o.site}</PolicySource>"
            '<Resource ResourceType="Machine" /><ServerCookie /></RequestAssignments>'
        )
        self.send("MP_PolicyManager", text, "Sync")

    def location(self):
        text = (
            '<ContentLocationRequest SchemaVersion="1.00"><Package ID="EX100012" Version="3" />'
            f'<AssignedSite SiteCode="{self.o.site}" /><ClientLocationInfo LocationType="SMSPackage" '
            'AllowHTTP="1" AllowSMB="0"><ADSite Name="Default-First-Site-Name" /><IPAddresses>'
            '<IPAddress SubnetAddress="192.0.2.0" Address="192.0.2.101" /></IPAddresses></ClientLocationInfo>'
            "</ContentLocationRequest>"
        )
        self.send("MP_LocationManager", text, "Sync", signed=False)

    def report(self, action, details, body):
        o = self.o
        return (
            "<Report><ReportHeader><Identification><Machine><ClientInstalled>1</ClientInstalled><ClientType>1</ClientType>"
            f"<ClientID>{o.claim or o.id}</ClientID><ClientVersion>5.00.9128.1007</ClientVersion>"
            f"<NetBIOSName>{o.name}</NetBIOSName><CodePage>437</CodePage><SystemDefaultLCID>1033</SystemDefaultLCID>"
            f"</Machine></Identification><ReportDetails><ReportContent>{details}</ReportContent>"
            f"<ReportType>Full</ReportType><Date>{cim()}</Date><Version>1.0</Version><Format>1.1</Format>"
            f"</ReportDetails>{action}</ReportHeader><ReportBody>{body}</ReportBody></Report>"
        )

    def ddr(self):
        body = (
            '<Instance Namespace="\\\\.\\root\\cimv2" Class="Win32_ComputerSystem"><CIM>'
            f"<Name>{self.o.name}</Name><Domain>{self.o.domain}</Domain></CIM></Instance>"
        )
        action = "<InventoryAction ActionType=\"Predefined\"><Description>Discovery</Description></InventoryAction>"
        self.send("MP_DdrEndpoint", self.report(action, "Inventory Data", body))

    def hinv(self):
        body = "".join(
            f'<Instance Class="Win32_Product"><CIM><Name>Program {n}</Name><Version>1.{n}</Version></CIM></Instance>'
            for n in range(6)
        )
        action = "<InventoryAction ActionType=\"Predefined\"><Description>Hardware</Description></InventoryAction>"
        self.send("MP_HinvEndpoint", self.report(action, "Inventory Data", body))

    def state_text(self):
        topic = '<Topic ID="{2F6F1A5E-0000-4000-8000-000000000001}" Type="500" IDType="3" User="" UserSID="" />'
        body = (
            f'<StateMessage MessageTime="{cim()}" SerialNumber="7">{topic}<State ID="3" Criticality="0" />'
            '<UserParameters Flags="0" Count="1"><Param>200</Param></UserParameters></StateMessage>'
        )
        return self.report("", "State Message Data", body)

    def state(self):
        text = '<?xml version="1.0" encoding="utf-16"?>' + self.state_text()
        self.send("MP_RelayEndpoint", text, file_type="SMX")

    def status(self):
        for _ in range(self.o.count):
            more = (
                f'<Property Name="SiteCode">{self.o.site}</Property><Property Name="AdvertisementID">EX120007</Property>'
                '<Property Name="ProgramName">Install</Property>'
            )
            text = (
                '<Status SchemaVersion="1.00" CodePage="437" LocaleID="1033"><Properties>'
                f'<Property Name="Severity">0</Property><Property Name="ClientID">{self.o.claim or self.o.id}</Property>'
                f'<Property Name="DateTime">{cim()}</Property><Property Name="MachineName">{self.o.name}</Property>'
                f"{'' if self.o.brief else more}</Properties><Qualifiers /><Type>SoftDistProgramStartedEvent</Type></Status>"
            )
            self.send("StatusReceiver", text)
            time.sleep(self.o.pause if self.o.count > 1 else 0)

    def fsp(self):
        for _ in range(self.o.count):
            self.exchange("POST", "/SMS_FSP/.sms_fsp", [], self.state_text().encode())

    def policy_body(self):
        token = f"{self.o.id};{iso()};2"
        signature = self.key.signature(utf16(token) + bytes(2), self.o.hash)
        headers = [("ClientToken", token), ("ClientTokenSignature", signature)]
        self.get("/SMS_MP/.sms_pol?{0b1f3d5e-0000-4000-8000-000000000002}.2_00", "Microsoft BITS/7.8", headers)

    def content(self):
        """What BITS does: PROPFIND, HEAD, a range."""
        agent, base = "Microsoft BITS/7.8", "/SMS_DP_SMSPKG$/EX100012"
        dp = {"host": self.o.dp}
        ask = b'<?xml version="1.0"?><d:propfind xmlns:d="DAV:"><d:prop><d:iscollection/></d:prop></d:propfind>'
        headers = [("User-Agent", "SMS CCM 5.0"), ("Depth", "infinity"), ("Translate", "f"), ("Content-Type", "text/xml")]
        self.exchange("PROPFIND", base, headers, ask, **dp)
        identity = [("Accept-Encoding", "identity")]
        self.exchange("HEAD", base + "/sccm?/setup.exe", [("User-Agent", agent), *identity], **dp) if self.o.head else None
        self.get(base + "/sccm?/setup.exe", agent, [*identity, ("Range", "bytes=0-1023")], **dp)

    def token(self):
        self.exchange("POST", "/CCM_STS", [("User-Agent", "SMS CCM 5.0"), ("Content-Type", "text/xml")], b"<TokenRequest />")

    def bgb(self):
        form = [("Content-Type", "application/x-www-form-urlencoded")]
        _, answer, _ = self.exchange("CCM_POST", "/bgb/handler.ashx?RequestType=LogIn", form)
        session = answer[4:]
        inner = f"<BgbSignInMessage TimeStamp=\"{iso()}\"><ClientID>{self.o.id}</ClientID>"
        inner = (inner + "<ClientType>SCCM</ClientType></BgbSignInMessage>").encode()
        value = base64.b64encode(bytes.fromhex(self.key.signature(inner, "sha256"))).decode()
        header = (
            f"<Message><SourceType>SCCM</SourceType><SourceID>{self.o.id}</SourceID><Hooks><Hook Name=\"Authentication\">"
            f'<Property Name="PayloadSignature" Value="{value}" /></Hook></Hooks></Message>'
        ).encode()
        framed = struct.pack("<IHHIH", len(header) + len(inner), 1, 1, len(header), 0) + header + inner
        body = struct.pack("<II", 900, len(session)) + session + framed
        text = [("Content-Type", "text/plain;charset=utf-8")]
        self.exchange("CCM_POST", "/bgb/handler.ashx?RequestType=Continue", text, body)

    def crl(self):
        self.get("/CertEnroll/Example-CA.crl", "Microsoft-CryptoAPI/10.0")

    def wsus(self):
        agent = "Windows-Update-Agent/10.0.19041.1 Client-Protocol/2.50"
        base = "http://www.microsoft.com/SoftwareDistribution"
        for path, action, inner in (
            ("SimpleAuthWebService/SimpleAuth", f"{base}/Server/SimpleAuthWebService/GetAuthorizationCookie",
             f"<clientId>{guid().lower()}</clientId><dnsName>{self.o.name.lower()}.{self.o.domain}</dnsName>"),
            ("ClientWebService/client", f"{base}/Server/ClientWebService/GetConfig", "<protocolVersion>1.20</protocolVersion>"),
        ):
            name = action.rsplit("/", 1)[1]
            soap = (
                '<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body>'
                f'<{name} xmlns="{action[: -len(name) - 1]}">{inner}</{name}></s:Body></s:Envelope>'
            ).encode()
            headers = [("User-Agent", agent), ("Content-Type", "text/xml; charset=utf-8"), ("SOAPAction", f'"{action}"')]
            self.exchange("POST", f"/{path}.asmx", headers, soap)


def parser():
    p = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    p.add_argument("steps", nargs="+")
    p.add_argument("--mp", default="mp01.example.test", help="whom to ask")
    p.add_argument("--dp", default="dp01.example.test")
    p.add_argument("--port", type=int, default=80)
    p.add_argument("--site", default="EX1")
    p.add_argument("--domain", default="example.test")
    p.add_argument("--name", default="WS101", help="NetBIOS name of the client")
    p.add_argument("--id", default="GUID:0A1B2C3D-0101-4000-8000-00000000BEEF")
    p.add_argument("--claim", help="identifier in bodies, if another than in headers")
    p.add_argument("--key", help="file that keeps the private key between calls")
    p.add_argument("--agent", default="ccmhttp")
    p.add_argument("--variant", default="", help="_windowsauth, _altauth or _tokenauth")
    p.add_argument("--account", default="EXAMPLE/WS101$:an-Invented-Secret-1", help="DOMAIN/USER:PASSWORD for NTLM")
    p.add_argument("--sign", action="store_true")
    p.add_argument("--hash", choices=HASHES, default="sha256")
    p.add_argument("--corrupt", action="store_true", help="send another payload than the one signed")
    p.add_argument("--encrypt", action="store_true")
    p.add_argument("--count", type=int, default=1, help="status messages a step")
    p.add_argument("--pause", type=float, default=0.05)
    p.add_argument("--brief", action="store_true", help="headers with the least that a management point needs")
    p.add_argument("--keep", action="store_true", help="one connection for all messages")
    p.add_argument("--head", action="store_true")
    p.add_argument("--tls", action="store_true")
    return p


def main():
    options = parser().parse_args()
    client = Client(options)
    for step in options.steps:
        getattr(client, step.replace("-", "_"))()
        time.sleep(options.pause)


if __name__ == "__main__":
    main()
