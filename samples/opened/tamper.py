"""Harms a capture of one TLS connection on port 443, as captures are harmed.

    tamper.py mangle FILE server|client NTH     flips a bit in the last byte of a segment
    tamper.py drop FILE server|client NTH       leaves it out
    tamper.py join FILE server|client NTH       leaves out everything before it

The NTH segment (from 1) is counted among those of that side that begin with a record of application data.
"""

import pathlib
import struct
import sys

ETHERNET, IPV4 = 14, 20


def frames(data):
    at = 24
    while at + 16 <= len(data):
        kept = struct.unpack_from("<I", data, at + 8)[0]
        yield data[at : at + 16], bytearray(data[at + 16 : at + 16 + kept])
        at += 16 + kept


def payload(frame):
    """Where the data of a TCP segment begins and ends."""
    begin = ETHERNET + IPV4
    total = struct.unpack_from(">H", frame, ETHERNET + 2)[0]
    return begin + (frame[begin + 12] >> 4) * 4, ETHERNET + total


def checksum(frame):
    """Writes the TCP checksum again."""
    begin, (_, end) = ETHERNET + IPV4, payload(frame)
    struct.pack_into(">H", frame, begin + 16, 0)
    pseudo = bytes(frame[ETHERNET + 12 : ETHERNET + 20]) + struct.pack(">HH", 6, end - begin)
    data = pseudo + bytes(frame[begin:end]) + b"\0" * ((end - begin) % 2)
    total = sum(struct.unpack(f">{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    struct.pack_into(">H", frame, begin + 16, ~total & 0xFFFF)


def wanted(frame, side):
    source = struct.unpack_from(">H", frame, ETHERNET + IPV4)[0]
    begin, end = payload(frame)
    return (source == 443) == (side == "server") and end > begin + 5 and frame[begin : begin + 2] == b"\x17\x03"


def main(what, path, side, nth):
    data = pathlib.Path(path).read_bytes()
    kept, seen, found = [], 0, False
    for header, frame in frames(data):
        hit = wanted(frame, side)
        seen += hit
        hit = hit and seen == int(nth)
        found = found or hit
        if hit and what == "mangle":
            frame[payload(frame)[1] - 1] ^= 1
            checksum(frame)
        if not (hit and what == "drop") and not (what == "join" and not found):
            kept.append(header + frame)
    assert found, f"{path}: no such segment"
    pathlib.Path(path).write_bytes(data[:24] + b"".join(kept))


main(*sys.argv[1:])
