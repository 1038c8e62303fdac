#!/usr/bin/env python3
"""What tshark sees in a capture with its keys: written down, or compared with what is written.

    expect.py write FOLDER CLIENT SERVER WHY     makes FOLDER/expect.json
    expect.py whole FOLDER                       remembers what HTTP is in what is about to be harmed
    expect.py again [FOLDER...]                  makes expect.json anew, for the same reason
    expect.py verify [FOLDER...]                 derives the same and says what differs

A folder holds a capture (`capture.pcap` or `.pcapng`) and keys: `keys.log`, `server.key`, both or neither.
Of every connection: the client's port, version and suite that the server chose, whether it resumed a session, and of
each direction the length and SHA-256 of the decrypted application bytes. Of the folder: the requests and the statuses of the responses in HTTP. Where the capture
or the keys were harmed, tshark gives up at the first record that does not open; `whole` is what it showed before.
"""

import hashlib
import json
import pathlib
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
VERSIONS = {0x0300: "SSL 3.0", 0x0301: "TLS 1.0", 0x0302: "TLS 1.1", 0x0303: "TLS 1.2", 0x0304: "TLS 1.3"}
# The random by which a HelloRetryRequest is known (RFC 8446 4.1.3).
RETRY = "cf:21:ad:74:e5:9a:61:11:be:1d:8c:02:1e:65:b8:91:c2:a2:11:16:7a:bb:8c:5e:07:9e:09:e2:c8:a8:33:9c"
HTTP = ("http.request.method", "http.request.uri", "http.response.code")
HTTP2 = ("http2.headers.method", "http2.headers.path", "http2.headers.status")
FIELDS = (
    "frame.protocols", "tcp.stream", "tcp.port", "tls.handshake.type", "tls.handshake.random", "tls.handshake.version",
    "tls.handshake.extensions.supported_version", "tls.handshake.ciphersuite", "tls.resumed",
    "tls.handshake.extensions.psk.identity.selected", *HTTP, *HTTP2,
)


def keys(folder):
    """Ways to give tshark the keys of a folder: each file alone."""
    ways = []
    if (folder / "keys.log").exists():
        ways.append(["-o", f"tls.keylog_file:{folder / 'keys.log'}"])
    if (folder / "server.key").exists():
        ways.append(["-o", f'uat:rsa_keys:"{folder / "server.key"}",""'])
    return ways or [[]]


def capture(folder):
    return next(path for path in sorted(folder.iterdir()) if path.stem == "capture")


def tshark(folder, *options):
    """What tshark prints, which must not depend on the way."""
    said = set()
    for way in keys(folder):
        command = ["tshark", "-n", "-r", str(capture(folder)), *way, *options]
        run = subprocess.run(command, capture_output=True, text=True, check=True)
        said.add(run.stdout)
    if len(said) > 1:
        sys.exit(f"{folder.name}: key log and server key open different things")
    return said.pop()


def frames(folder):
    """The fields of interest of each frame: lists of what stands in it, by name."""
    wanted = [part for name in FIELDS for part in ("-e", name)]
    text = tshark(folder, "-T", "fields", "-E", "aggregator=|", "-E", "occurrence=a", *wanted)
    for line in text.splitlines():
        yield {name: cell.split("|") if cell else [] for name, cell in zip(FIELDS, line.split("\t"), strict=True)}


def plaintext(folder, stream):
    """The application bytes of both directions. Who speaks first in it is node 0, who answers is indented."""
    text = tshark(folder, "-q", "-z", f"follow,tls,raw,{stream}")
    sides = {"to_server": b"", "to_client": b""}
    first, second = "to_server", "to_client"
    nodes = False
    for line in text.splitlines():
        if line.startswith("Node 0"):
            if line.endswith((":443", ":636")):
                first, second = second, first
        elif line.startswith("Node 1"):
            nodes = True
        elif nodes and line.strip() and not line.startswith("="):
            sides[second if line.startswith("\t") else first] += bytes.fromhex(line.strip())
    return {side: {"bytes": len(data), "sha256": hashlib.sha256(data).hexdigest()} for side, data in sides.items()}


def seen(folder):
    """All of it, in the order of `expect.json`."""
    found, tls, requests, responses = {}, set(), [], []
    for frame in frames(folder):
        if not frame["tcp.stream"]:
            continue
        stream = int(frame["tcp.stream"][0])
        client = next(int(port) for port in frame["tcp.port"] if int(port) > 1023)
        unknown = {"client_port": client, "version": None, "suite": None, "resumed": False}
        connection = found.setdefault(stream, unknown)
        if "tls" in frame["frame.protocols"][0].split(":"):
            tls.add(stream)
        # Of a second handshake nothing is written.
        if "2" in frame["tls.handshake.type"] and RETRY not in frame["tls.handshake.random"] and not connection["version"]:
            version = (frame["tls.handshake.extensions.supported_version"] or frame["tls.handshake.version"])[0]
            connection["version"] = VERSIONS[int(version, 0)]
            connection["suite"] = f"0x{int(frame['tls.handshake.ciphersuite'][0], 0):04x}"
            connection["resumed"] = bool(frame["tls.resumed"] or frame["tls.handshake.extensions.psk.identity.selected"])
        for method, path, code in (HTTP, HTTP2):
            requests += [" ".join(both) for both in zip(frame[method], frame[path], strict=True)]
            responses += [int(status) for status in frame[code]]
    connections = [{**found[stream], **plaintext(folder, stream)} for stream in sorted(tls)]
    return {"capture": capture(folder).name, "connections": connections, "requests": requests, "responses": responses}


def whole(folder):
    folder = pathlib.Path(folder)
    (folder / "expect.json").write_text(json.dumps({"whole": {key: seen(folder)[key] for key in ("requests", "responses")}}))


def write(folder, client, server, why):
    path = pathlib.Path(folder) / "expect.json"
    before = json.loads(path.read_text()) if path.exists() else {}
    expected = {"why": why, "client": client, "server": server, **seen(pathlib.Path(folder))}
    if "whole" in before:
        expected["whole"] = before["whole"]
    path.write_text(json.dumps(expected, indent=2) + "\n")
    opened = sum(connection["to_server"]["bytes"] > 0 for connection in expected["connections"])
    print(f"{pathlib.Path(folder).name}: {len(expected['connections'])} connections, {opened} opened, "
          f"{len(expected['requests'])} requests, {len(expected['responses'])} responses")


def chosen(folders):
    return [pathlib.Path(folder) for folder in folders] or sorted(path.parent for path in HERE.glob("*/expect.json"))


def again(*folders):
    for folder in chosen(folders):
        expected = json.loads((folder / "expect.json").read_text())
        write(folder, expected["client"], expected["server"], expected["why"])


def verify(*folders):
    wrong = 0
    folders = chosen(folders)
    for folder in folders:
        expected = json.loads((folder / "expect.json").read_text())
        for key, value in seen(folder).items():
            if expected[key] != value:
                print(f"{folder.name}: {key}: {value}, not {expected[key]}")
                wrong += 1
    print(f"{len(folders)} captures opened, {wrong} differences")
    return wrong


what, *rest = sys.argv[1:]
if what == "write":
    write(*rest)
elif what == "whole":
    whole(*rest)
elif what == "again":
    again(*rest)
else:
    sys.exit(1 if verify(*rest) else 0)
