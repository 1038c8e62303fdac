"""NetBIOS name service packets (RFC 1002 4.2) that no ordinary program sends on demand: what a management point sends
to register its name, and what hosts answer to a broadcast.

    nbns.py register|refresh|release|multihomed SERVER NAME SUFFIX ADDRESS...
    nbns.py answer NODE TTL PATTERN[,PATTERN...] ADDRESS...
        answers broadcast queries for names that match, from UDP port 137, until killed. NODE is the node type in the
        answers: B, P, M, H, or `none`: the flags word is 0, as poisoning tools send it.
"""

import fnmatch
import os
import socket
import struct
import sys

OPCODES = {"register": 0x2900, "refresh": 0x4000, "release": 0x3000, "multihomed": 0x7900}
NODES = {"none": 0, "B": 0x0000, "P": 0x2000, "M": 0x4000, "H": 0x6000}
NB = struct.pack("!HH", 0x0020, 1)


def encoded(name, suffix):
    raw = name.encode().ljust(15)[:15] + bytes([suffix])
    return b"\x20" + bytes(c for byte in raw for c in (65 + (byte >> 4), 65 + (byte & 15))) + b"\x00"


def decoded(raw):
    pairs = [((a - 65) << 4) | (b - 65) for a, b in zip(raw[1:33:2], raw[2:33:2])]
    return bytes(pairs[:15]).decode("latin-1").rstrip(), pairs[15]


def record(flags, addresses):
    return b"".join(struct.pack("!H", flags) + socket.inet_aton(address) for address in addresses)


def announce(what, server, name, suffix, *addresses):
    data = record(0x2000, addresses)  # a P node
    ident = os.urandom(2)
    packet = ident + struct.pack("!HHHHH", OPCODES[what], 1, 0, 0, 1)
    packet += encoded(name, int(suffix, 16)) + NB
    packet += b"\xc0\x0c" + NB + struct.pack("!IH", 0 if what == "release" else 300, len(data)) + data
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        sock.bind(("0.0.0.0", 137))
        sock.settimeout(20)
        sock.sendto(packet, (server, 137))
        while True:
            reply = sock.recv(600)
            flags = struct.unpack_from("!H", reply, 2)[0]
            print(f"{what} {name}<{suffix}>: {flags:#06x}")
            if reply[:2] == ident and flags & 0x7800 != 0x3800:  # mine, and not a WACK
                return


def answer(node, ttl, patterns, *addresses):
    data = record(NODES[node], addresses)
    sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1)
    sock.bind(("0.0.0.0", 137))
    while True:
        query, peer = sock.recvfrom(600)
        ident, flags = struct.unpack_from("!HH", query)
        if flags != 0x0110 or query[46:48] != b"\x00\x20":
            continue
        name, _ = decoded(query[12:45])
        if any(fnmatch.fnmatchcase(name, pattern) for pattern in patterns.split(",")):
            head = struct.pack("!HHHHHH", ident, 0x8500, 0, 1, 0, 0) + query[12:46]
            sock.sendto(head + NB + struct.pack("!IH", int(ttl), len(data)) + data, peer)


if sys.argv[1] == "answer":
    answer(*sys.argv[2:])
else:
    announce(*sys.argv[1:])
