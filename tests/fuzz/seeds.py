#!/usr/bin/env python3
"""Writes seeds for the targets whose tests have no conversations to take over: seeds.py FOLDER."""

import gzip
import pathlib
import random
import struct
import sys
import zlib

FOLDER = pathlib.Path(sys.argv[1])


def write(target, name, data):
    (FOLDER / target).mkdir(parents=True, exist_ok=True)
    (FOLDER / target / name).write_bytes(data)


def message(control, data):
    return struct.pack(">BH", control, len(data)) + data


def talk(*messages, options=0):
    return bytes([options, 0x12, 0x34]) + b"".join(message(way, data) for way, data in messages)


def wide(text):
    return text.encode("utf-16le")


# --- HTTP

NTLM_TYPE1 = b"NTLMSSP\0" + struct.pack("<II", 1, 0xE2088297) + bytes(16) + bytes.fromhex("0a00614a0000000f")
GET = b"GET /SMS_DP_SMSPKG$/ABC00001/setup.exe HTTP/1.1\r\nHost: dp.example\r\nUser-Agent: ccmhttp\r\n\r\n"
OK = b"HTTP/1.1 200 OK\r\nServer: Microsoft-IIS/10.0\r\nContent-Length: 5\r\n\r\nhello"
write("http", "get", talk((0, GET), (1, OK)))
write("http", "pipelined", talk((0, GET + GET), (1, OK + OK)))
write("http", "chunked", talk((0, GET), (1, b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
      b"5;x=y\r\nhello\r\n0\r\nTrailer: 1\r\n\r\n"), (0, GET), (1, OK)))
write("http", "until-close", talk((0, GET), (1, b"HTTP/1.0 200 OK\r\n\r\nbody until the end")))
write("http", "negotiate", talk(
    (0, b"HEAD / HTTP/1.1\r\nHost: a\r\nAuthorization: NTLM TlRMTVNTUAABAAAAl4II4gAAAAAAAAAAAAAAAAAAAAAKAGFKAAAADw==\r\n\r\n"),
    (1, b"HTTP/1.1 401 Unauthorized\r\nWWW-Authenticate: Negotiate, NTLM\r\nContent-Length: 0\r\n\r\n")))
write("http", "range", talk((0, GET.replace(b"\r\n\r\n", b"\r\nRange: bytes=0-99\r\n\r\n")),
      (1, b"HTTP/1.1 206 Partial Content\r\nContent-Range: bytes 0-99/1000\r\nContent-Length: 100\r\n\r\n"), (3, bytes(100)),
      (0, GET), (1, OK)))
write("http", "connect", talk((0, b"CONNECT mp.example:443 HTTP/1.1\r\nHost: mp.example\r\n\r\n"),
      (1, b"HTTP/1.1 200 Connection established\r\n\r\n"), (0, b"\x16\x03\x01\x00\x05\x01\x00\x00\x01\x03")))
write("http", "expect", talk((0, b"POST /x HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: 4\r\n\r\n"),
      (1, b"HTTP/1.1 100 Continue\r\n\r\n"), (0, b"data"), (1, b"HTTP/1.1 204 No Content\r\n\r\n")))
POST = b"CCM_POST /ccm_system/request HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: 4\r\n\r\n"
write("http", "refused", talk((0, POST), (1, b"HTTP/1.1 401 Unauthorized\r\nContent-Length: 0\r\n\r\n"), (0, POST),
      (1, b"HTTP/1.1 100 Continue\r\n\r\n"), (0, b"data"), (1, b"HTTP/1.1 204 No Content\r\n\r\n")))
CODED = gzip.compress(b'<MPList><MP Name="MP1"/></MPList>', mtime=0)
write("http", "coded", talk((0, b"GET /SMS_MP/.sms_aut?MPLIST HTTP/1.1\r\n\r\n"), (1, b"HTTP/1.1 200 OK\r\n"
      b"Content-Encoding: gzip\r\nContent-Length: " + str(len(CODED)).encode() + b"\r\n\r\n" + CODED)))
PARTS = b"--x\r\n\r\n<Msg><ReplyMode>NoReply</ReplyMode></Msg>\r\n--x--"
write("http", "unasked", talk((1, b"HTTP/1.1 200 OK\r\nContent-Type: multipart/mixed; boundary=x\r\n"
      b"Content-Length: " + str(len(PARTS)).encode() + b"\r\n\r\n" + PARTS)))

# --- ConfigMgr messages

BOUNDARY = "aAbBcCdDv1234567890VxXyYzZ"


def ccm_body(endpoint, payload, hooks):
    header = (
        f'<Msg ReplyCompression="zlib" SchemaVersion="1.1"><Body Type="ByteRange" Length="{len(payload)}" Offset="0" />'
        f"<Hooks>{hooks}</Hooks><ID>{{3F2504E0-4F89-41D3-9A0C-0305E82C3301}}</ID><Payload Type=\"inline\" />"
        "<ReplyMode>Sync</ReplyMode><SourceHost>WKS</SourceHost><SourceID>GUID:0A1B2C3D-0000-4000-8000-00000000BEEF</SourceID>"
        f"<TargetAddress>mp:{endpoint}</TargetAddress><TargetEndpoint>{endpoint}</TargetEndpoint></Msg>")
    return (f"--{BOUNDARY}\r\ncontent-type: text/plain; charset=UTF-16\r\n\r\n".encode() + b"\xff\xfe" + wide(header)
            + f"\r\n--{BOUNDARY}\r\ncontent-type: application/octet-stream\r\n\r\n".encode() + payload
            + f"\r\n--{BOUNDARY}--".encode())


def ccm(head, asked, answered=b""):
    return bytes([head, 0x12, 0x34]) + struct.pack(">H", len(asked)) + asked + answered


ZLIB = '<Hook3 Name="zlib-compress" />'
AUTH = ('<Hook2 Name="clientauth"><Property Name="PublicKey">0602000000A40000525341310004000001000100' + "A5" * 128 +
        '</Property><Property Name="PayloadSignature">' + "5A" * 128 + '</Property><Property Name="HashAlgorithm">'
        "1.2.840.113549.1.1.11</Property></Hook2>")
STATUS = ('<Status SchemaVersion="1.00"><Properties><Property Name="Severity">1</Property></Properties>'
          "<Type>CCM_Test</Type></Status>")
REGISTRATION = ('<ClientRegistrationRequest><Data HashAlgorithm="1.2.840.113549.1.1.11" SMSID="" RequestType="Registration" '
                'TimeStamp="2025-01-02T03:04:05Z"><AgentInformation AgentIdentity="CCMSetup.exe" AgentVersion="5.00" />'
                "<Certificates><Signing Encoding=\"HexBinary\" KeyType=\"1\">30820122</Signing></Certificates></Data>"
                "</ClientRegistrationRequest>")
POLICY = ('<RequestAssignments SchemaVersion="1.00" ACK="false" RequestType="Always"><Identification><Machine><ClientID>'
          "GUID:1</ClientID><FQDN>wks.example</FQDN></Machine><User /></Identification></RequestAssignments>")
LOCATION = ('<ContentLocationRequest SchemaVersion="1.00"><Package ID="ABC00001" Version="1" />'
            '<AssignedSite SiteCode="ABC" /></ContentLocationRequest>')
REPLY = ('<ContentLocationReply SchemaVersion="1.00"><Sites><Site><MPSite SiteCode="ABC" /><LocationRecords>'
         '<LocationRecord><URL Name="http://dp.example/SMS_DP_SMSPKG$/ABC00001" /><Server>dp</Server></LocationRecord>'
         "</LocationRecords></Site></Sites></ContentLocationReply>")
for name, endpoint, text in (("status", "MP_StatusManager", STATUS), ("registration", "MP_ClientRegistration", REGISTRATION),
                             ("policy", "MP_PolicyManager", POLICY), ("location", "MP_LocationManager", LOCATION)):
    plain = wide(text) + b"\0\0\r\n"
    write("ccm", name, ccm(16, ccm_body(endpoint, zlib.compress(plain), ZLIB + AUTH),
                           ccm_body("direct:WKS", zlib.compress(wide(REPLY) + b"\0\0"), ZLIB)))
    write("ccm", name + "-clear", ccm(16, ccm_body(endpoint, plain, "")))
write("ccm", "bomb", ccm(16, ccm_body("MP_StatusManager", zlib.compress(bytes(60_000)), ZLIB)))
write("ccm", "notification", ccm(2, b'<BgbSignInMessage TimeStamp="2025-01-02T03:04:05Z"><ClientType>SCCM</ClientType>'
      b"<ClientVersion>5.00</ClientVersion><ClientID>GUID:1</ClientID></BgbSignInMessage>"))
write("ccm", "mplist", ccm(4, b"", b'<MPList><MP Name="MP" FQDN="mp.example"><Version>9106</Version><Capabilities SchemaVersion'
      b'="1.0"><Property Name="SSLState" Value="63"/></Capabilities></MP></MPList>'))
write("ccm", "keyinfo", ccm(5, b"", b"<MPKEYINFORMATION SITECODE='ABC'><SITESIGNCERT>3082</SITESIGNCERT></MPKEYINFORMATION>"))
write("ccm", "fallback", ccm(3, wide('<Report><ReportHeader><Identification><Machine><ClientID>GUID:1</ClientID></Machine>'
      "</Identification></ReportHeader><ReportBody><StateMessage /></ReportBody></Report>")))

# --- tokens


def ntlm(kind, *fields):
    fixed = 12 + sum(8 if part else len(data) for part, data in fields)
    head, payload = b"NTLMSSP\0" + struct.pack("<I", kind), b""
    for part, data in fields:
        if part:
            head += struct.pack("<HHI", len(data), len(data), fixed + len(payload))
            payload += data
        else:
            head += data
    return head + payload


def av(number, value):
    return struct.pack("<HH", number, len(value)) + value


VERSION = bytes.fromhex("0a00614a0000000f")
INFO = av(2, wide("DOMAIN")) + av(1, wide("SERVER")) + av(4, wide("example")) + av(7, bytes(8)) + av(0, b"")
CHALLENGE = ntlm(2, (1, wide("DOMAIN")), (0, struct.pack("<I", 0xE2898215)), (0, bytes(8)), (0, bytes(8)), (1, INFO),
                 (0, VERSION))
V2 = bytes(16) + bytes.fromhex("0101000000000000") + bytes(20) + av(6, b"\2\0\0\0") + INFO + bytes(4)


def authenticate(lm, nt, mic):
    fields = [(1, lm), (1, nt), (1, wide("DOMAIN")), (1, wide("user")), (1, wide("WKS")), (1, bytes(16)),
              (0, struct.pack("<I", 0xE2888215)), (0, VERSION)]
    return ntlm(3, *fields, *([(0, bytes(16))] if mic else []))


def der(tag, data):
    size = bytes([len(data)]) if len(data) < 128 else b"\x82" + struct.pack(">H", len(data))
    return bytes([tag]) + size + data


SPNEGO_OID, NTLM_OID = bytes.fromhex("06062b0601050502"), bytes.fromhex("060a2b06010401823702020a")
KRB_OID = bytes.fromhex("06092a864886f712010202")
TICKET = der(0x61, der(0x30, der(0xA0, b"\2\1\5") + der(0xA1, der(0x1B, b"EXAMPLE")) + der(0xA2, der(0x30, der(
    0xA0, b"\2\1\2") + der(0xA1, der(0x30, der(0x1B, b"cifs") + der(0x1B, b"server"))))) + der(0xA3, der(0x30, der(
        0xA0, b"\2\1\x12") + der(0xA2, der(4, bytes(32)))))))
AP_REQ = der(0x6E, der(0x30, der(0xA0, b"\2\1\5") + der(0xA1, b"\2\1\x0e") + der(0xA2, b"\3\5\0\x20\0\0\0") + der(
    0xA3, TICKET) + der(0xA4, der(0x30, der(0xA0, b"\2\1\x12") + der(0xA2, der(4, bytes(16)))))))


def init(mechanisms, token):
    return der(0x60, SPNEGO_OID + der(0xA0, der(0x30, der(0xA0, der(0x30, mechanisms)) + der(0xA2, der(4, token)))))


for name, blob in (("negotiate", NTLM_TYPE1), ("challenge", CHALLENGE), ("v2", authenticate(bytes(24), V2, True)),
                   ("v1", authenticate(b"\1" * 24, b"\2" * 24, False)), ("anonymous", authenticate(b"\0", b"", False))):
    write("ntlmssp", name, b"\0" + blob)
    write("spnego", name + "-raw", b"\0" + blob)
    write("spnego", name + "-reply", b"\1" + der(0xA1, der(0x30, der(0xA0, b"\x0a\1\1") + der(0xA1, NTLM_OID) + der(
        0xA2, der(4, blob)) + der(0xA3, der(4, bytes(16))))))
write("spnego", "init-ntlm", b"\0" + init(NTLM_OID, NTLM_TYPE1))
write("spnego", "init-kerberos", b"\4" + init(KRB_OID + NTLM_OID, der(0x60, KRB_OID + b"\1\0" + AP_REQ)))
write("spnego", "gss-kerberos", b"\0" + der(0x60, KRB_OID + b"\1\0" + AP_REQ))
write("spnego", "hint", b"\1" + der(0x60, SPNEGO_OID + der(0xA0, der(0x30, der(0xA0, der(0x30, NTLM_OID)) + der(0xA3, der(
    0x30, der(0xA0, der(0x1B, b"not_defined_in_RFC4178@please_ignore"))))))))

# --- datagrams

LABELS = b"\2mp\7example\0"
QUESTION = LABELS + struct.pack(">HH", 1, 1)
DNS = struct.pack(">HHHHHH", 7, 0x0100, 1, 0, 0, 0) + QUESTION
SRV = struct.pack(">HHHHHH", 7, 0x8180, 1, 1, 0, 0) + QUESTION + b"\xc0\x0c" + struct.pack(">HHIH", 33, 1, 60, 6 + len(
    LABELS)) + struct.pack(">HHH", 0, 0, 80) + LABELS
ANSWER = struct.pack(">HHHHHH", 7, 0x8180, 1, 2, 0, 0) + QUESTION + b"\xc0\x0c" + struct.pack(">HHIH", 5, 1, 60, 2) + (
    b"\xc0\x0f\xc0\x0c" + struct.pack(">HHIH", 1, 1, 60, 4) + bytes([192, 0, 2, 1]))
write("dns", "udp", talk((0, DNS), (1, ANSWER), (1, SRV), options=2))
write("dns", "tcp", talk(*[(way, struct.pack(">H", len(data)) + data) for way, data in ((0, DNS), (1, ANSWER))]))
write("llmnr", "query", talk((0, struct.pack(">HHHHHH", 7, 0, 1, 0, 0, 0) + QUESTION), (1, ANSWER), options=2))
NETBIOS = b"\x20" + b"".join(bytes([65 + (c >> 4), 65 + (c & 15)]) for c in b"MP_ABC".ljust(15) + b"\x1a") + b"\0"
write("nbns", "query", talk((0, struct.pack(">HHHHHH", 9, 0x0110, 1, 0, 0, 0) + NETBIOS + struct.pack(">HH", 32, 1)), (
    1, struct.pack(">HHHHHH", 9, 0x8580, 0, 1, 0, 0) + NETBIOS + struct.pack(">HHIHH", 32, 1, 60, 6, 0) + bytes(
        [192, 0, 2, 1])), options=2))
write("nbns", "register", talk((0, struct.pack(">HHHHHH", 9, 0x2900, 1, 0, 0, 1) + NETBIOS + struct.pack(
    ">HH", 32, 1) + b"\xc0\x0c" + struct.pack(">HHIHH", 32, 1, 60, 6, 0) + bytes([192, 0, 2, 1])), options=2))
DHCP = bytes([1, 1, 6, 0]) + bytes(24) + b"\2\0\0\0\0\1" + bytes(202) + b"\x63\x82\x53\x63" + b"\x35\1\1\x0c\3wks\x3c\x09PXEClient\xff"
write("dhcp", "discover", talk((0, DHCP), (1, b"\2" + DHCP[1:]), options=2))
write("tftp", "read", talk((0, b"\0\1SMSBoot\\x64\\wdsnbp.com\0octet\0tsize\x000\0"), (1, b"\0\6tsize\x00100\0"), (
    0, b"\0\4\0\0"), (1, b"\0\3\0\1data"), (1, b"\0\5\0\1File not found\0"), options=2))

# --- frames and files

MACS = bytes.fromhex("020000000002020000000001")


def ip4(protocol, payload, flags=0, ends=(1, 2)):
    return struct.pack(">BBHHHBBH4B4B", 0x45, 0, 20 + len(payload), 7, flags, 64, protocol, 0, 10, 0, 0, ends[0], 10, 0, 0,
                       ends[1]) + payload


def ip6(following, payload):
    return struct.pack(">IHBB", 6 << 28, len(payload), following, 64) + bytes(15) + b"\1" + bytes(15) + b"\2" + payload


def tcp(sequence, acknowledgement, flags, payload=b"", ports=(50_000, 80)):
    return struct.pack(">HHIIBBHHH", *ports, sequence, acknowledgement, 0x50, flags, 0xFFFF, 0, 0) + payload


def udp(payload, ports=(50_000, 53)):
    return struct.pack(">HHHH", *ports, 8 + len(payload), 0) + payload


def frames(link, *several):
    return bytes([link]) + b"".join(message(20, frame) for frame in several)


def ether(kind, payload):
    return MACS + struct.pack(">H", kind) + payload


BACK = {"ends": (2, 1)}
FLOW = [ip4(6, tcp(9, 0, 2)), ip4(6, tcp(19, 10, 18, ports=(80, 50_000)), **BACK), ip4(6, tcp(10, 20, 16)),
        ip4(6, tcp(10, 20, 24, GET)), ip4(6, tcp(20, 10 + len(GET), 24, OK, (80, 50_000)), **BACK),
        ip4(6, tcp(10 + len(GET), 20 + len(OK), 17)), ip4(6, tcp(20 + len(OK), 11 + len(GET), 17, ports=(80, 50_000)), **BACK)]
write("frames", "http", frames(0, *[ether(0x800, packet) for packet in FLOW]))
write("frames", "reordered", frames(0x80, *[ether(0x800, FLOW[at]) for at in (0, 1, 4, 3, 3, 2, 6)]))
write("frames", "vlan", frames(0, ether(0x8100, b"\0\5\x08\0" + FLOW[0]), ether(0x88A8, b"\0\5\x81\0\0\6\x08\0" + FLOW[1])))
write("frames", "mpls-pppoe", frames(0, ether(0x8847, b"\0\0\1\x40" + FLOW[0]), ether(0x8864, b"\x11\0\0\1\0\x40\0\x21" + FLOW[0])))
PIECES = udp(DNS + bytes(40))
write("frames", "fragments", frames(0, ether(0x800, ip4(17, PIECES[:40], 0x2000)), ether(0x800, ip4(17, PIECES[40:], 5))))
SIX = [ip6(44, struct.pack(">BBHI", 17, 0, 1, 7) + PIECES[:40]), ip6(44, struct.pack(">BBHI", 17, 0, 40, 7) + PIECES[40:])]
write("frames", "fragments6", frames(0, *[ether(0x86DD, packet) for packet in SIX], ether(0x86DD, ip6(0, b"\x06\0\1\4\0\0\0\0" + tcp(1, 0, 2)))))
INNER = ether(0x800, FLOW[0])
write("frames", "vxlan", frames(0, ether(0x800, ip4(17, udp(b"\x08\0\0\0\0\0\5\0" + INNER, (50_000, 4789))))))
write("frames", "gre", frames(0, ether(0x800, ip4(47, b"\0\0\x65\x58" + INNER)), ether(0x800, ip4(47, b"\x20\0\x08\0\0\0\0\1" + FLOW[0])),
      ether(0x800, ip4(4, FLOW[0])), ether(0x800, ip4(41, ip6(17, udp(DNS))))))
DEFLATE = zlib.compressobj(9, zlib.DEFLATED, -15)
DEFLATED = DEFLATE.compress(FLOW[3][20:]) + DEFLATE.flush()
write("frames", "ipcomp", frames(0, *[ether(0x800, ip4(108, b"\6\0\0\2" + DEFLATED[:len(DEFLATED) - cut])) for cut in (0, 3)]))
write("frames", "unreachable", frames(0, INNER, ether(0x800, ip4(1, b"\3\1" + bytes(6) + FLOW[0][:28], **BACK))))
for place, head in ((1, b"\2\0\0\0"), (7, b""), (11, bytes(14) + b"\x08\0"), (15, b"\x08\0" + bytes(18))):
    write("frames", f"link-{place}", frames(place, *[head + packet for packet in FLOW]))

dice = random.Random(7)
for number in range(12):
    plan = bytes([number & 3]) + struct.pack(">II", 2**32 - 1 - 1_000 * (number & 1), dice.getrandbits(32))
    at = [0, 0]
    for _ in range(40):
        way, size = dice.getrandbits(1), dice.randrange(1, 200)
        kind = way | dice.choice((0, 0, 0, 0, 2, 4)) if number > 5 else way
        plan += bytes([kind]) + struct.pack(">HBBB", at[way] % 4096, size - 1, dice.randrange(50), dice.randrange(9))
        at[way] = max(0, at[way] + size + dice.choice((0, 0, 0, -70, 90)) * (number > 2))
    write("reassembly", f"plan-{number}", plan)

PACKETS = [ether(0x800, packet) for packet in FLOW]
for name, magic, order in (("micro", 0xA1B2C3D4, "<"), ("nano", 0xA1B23C4D, "<"), ("big", 0xA1B2C3D4, ">")):
    head = struct.pack(order + "IHHiIII", magic, 2, 4, 0, 0, 65535, 1)
    records = b"".join(struct.pack(order + "IIII", 1_700_000_000 + at, at, len(packet), len(packet) + at) + packet
                       for at, packet in enumerate(PACKETS))
    write("pcap", name, head + records)
    write("pcap", name + "-cut", (head + records)[:-9])
write("pcap", "garbage", head + records + bytes(range(64)))
write("pcap", "gzip", gzip.compress(head + records, mtime=0))
write("pcap", "modified", struct.pack("<IHHiIII", 0xA1B2CD34, 2, 4, 0, 0, 65535, 1) + struct.pack(
    "<IIIIIHBB", 1, 2, len(INNER), len(INNER), 0, 0, 0, 0) + INNER)


def block(kind, data, order="<"):
    data += bytes(-len(data) % 4)
    return struct.pack(order + "II", kind, 12 + len(data)) + data + struct.pack(order + "I", 12 + len(data))


def option(number, data, order="<"):
    return struct.pack(order + "HH", number, len(data)) + data + bytes(-len(data) % 4)


for name, order in (("little", "<"), ("big", ">")):
    section = block(0x0A0D0D0A, struct.pack(order + "IHHq", 0x1A2B3C4D, 1, 0, -1), order)
    interface = block(1, struct.pack(order + "HHI", 1, 0, 0) + option(2, b"eth0", order) + option(9, b"\x09", order) + bytes(4), order)
    enhanced = b"".join(block(6, struct.pack(order + "IIIII", 0, 400_000_000, at, len(packet), len(packet)) + packet, order)
                        for at, packet in enumerate(PACKETS))
    simple = block(3, struct.pack(order + "I", len(INNER)) + INNER, order)
    names = block(4, struct.pack(order + "HH", 1, 14) + bytes([192, 0, 2, 1]) + b"mp.example" + bytes(2) + bytes(4), order)
    secrets = block(10, struct.pack(order + "II", 0x544C534B, 8) + b"CLIENT_R", order)
    statistics = block(5, struct.pack(order + "III", 0, 1, 2) + option(5, struct.pack(order + "Q", 3), order) + bytes(4), order)
    old = block(2, struct.pack(order + "HHIIII", 0, 1, 400_000_000, 9, len(INNER), len(INNER)) + INNER, order)
    whole = section + interface + enhanced
    write("pcapng", name, whole)
    write("pcapng", name + "-all", section + names + secrets + interface + simple + old + statistics + block(0xBAD, b"custom", order))
    write("pcapng", name + "-sections", whole + whole)
    write("pcapng", name + "-cut", whole[:-9])
write("pcapng", "gzip", gzip.compress(whole, mtime=0))

# --- opened: talk, options, cut of the key log, seed of the cuts, then edits

for number in range(13):
    write("opened", f"whole-{number}", bytes([number, 0, 0, 0, 0]))
    write("opened", f"grows-{number}", bytes([number, 1, 0, 0, 5]))
    write("opened", f"server-key-{number}", bytes([number, 4, 0, 0, 7]))
    for what in range(8):
        edit = bytes([what, 6, 0, 40, 2, 3])
        write("opened", f"harmed-{number}-{what}", bytes([number, what & 1, 0, 0, 9]) + edit)
