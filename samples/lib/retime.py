"""Rewrites the times of a capture (pcap, microseconds, little-endian, as tcpdump writes it).

    retime.py settle FILE                     begin at 2026-01-05 09:00:00 UTC
    retime.py gap FILE SECONDS PAUSE          every pause longer than SECONDS becomes one of PAUSE seconds
    retime.py spread FILE SECONDS             the whole capture lasts SECONDS
    retime.py append FILE OTHER SECONDS       the packets of OTHER follow SECONDS after the first one of FILE
"""

import struct
import sys

START = 1767603600_000000  # 2026-01-05 09:00:00 UTC, in microseconds


def read(path):
    data = open(path, "rb").read()
    assert data[:4] == b"\xd4\xc3\xb2\xa1", f"{path}: not a little-endian microsecond pcap"
    packets, at = [], 24
    while at + 16 <= len(data):
        sec, usec, kept, wire = struct.unpack_from("<IIII", data, at)
        packets.append((sec * 1_000_000 + usec, wire, data[at + 16 : at + 16 + kept]))
        at += 16 + kept
    return data[:24], packets


def write(path, header, packets):
    with open(path, "wb") as out:
        out.write(header)
        for time, wire, data in packets:
            out.write(struct.pack("<IIII", time // 1_000_000, time % 1_000_000, len(data), wire) + data)


def moved(packets, start):
    shift = start - packets[0][0]
    return [(time + shift, wire, data) for time, wire, data in packets]


def main(what, path, *rest):
    header, packets = read(path)
    if what == "settle":
        packets = moved(packets, START)
    elif what == "gap":
        longer, pause = (int(float(x) * 1e6) for x in rest)
        out, shift, last = [], 0, packets[0][0]
        for time, wire, data in packets:
            if time - last > longer:
                shift += pause - (time - last)
            last = time
            out.append((time + shift, wire, data))
        packets = out
    elif what == "spread":
        first, total = packets[0][0], int(float(rest[0]) * 1e6)
        span = max(packets[-1][0] - first, 1)
        packets = [(first + (time - first) * total // span, wire, data) for time, wire, data in packets]
    elif what == "append":
        _, other = read(rest[0])
        packets += moved(other, packets[0][0] + int(float(rest[1]) * 1e6))
        packets.sort(key=lambda packet: packet[0])
    else:
        sys.exit(__doc__)
    write(path, header, packets)


main(*sys.argv[1:])
