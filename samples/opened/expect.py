"""What tshark sees in a capture with its keys: written down, or compared with what is written.

    expect.py write FOLDER CLIENT SERVER WHY     makes FOLDER/expect.json
    expect.py whole FOLDER                       remembers what HTTP is in a capture that is about to be harmed
    expect.py verify [FOLDER...]                 derives the same again and says what differs

A folder holds a capture (`capture.pcap` or `.pcapng`) and keys: `keys.log`, `server.key`, both or neither.
Of every connection: version and suite that the server chose, and of each direction the length and SHA-256 of the
decrypted application bytes. Of the folder: the requests and the statuses of the responses in HTTP. Where the capture
was harmed, tshark gives up at the first record that does not open; `whole` is what it showed before.
"""

import hashlib
import json
import pathlib
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
VERSIONS = {0x0300: "SSL 3.0", 0x0301: "TLS 1.0", 0x0302: "TLS 1.1", 0x0303: "TLS 1.2", 0x0304: "TLS 1.3"}
HTTP = ("http.request.method", "http.request.uri", "http.response.code")
HTTP2 = ("http2.headers.method", "http2.headers.path", "http2.headers.status")


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


def fields(folder, shown, *names):
    wanted = [part for name in names for part in ("-e", name)]
    text = tshark(folder, "-Y", shown, "-T", "fields", "-E", "aggregator=|", "-E", "occurrence=a", *wanted)
    return [[cell.split("|") if cell else [] for cell in line.split("\t")] for line in text.splitlines()]


def plaintext(folder, stream):
    """The application bytes of both directions."""
    text = tshark(folder, "-q", "-z", f"follow,tls,raw,{stream}")
    sides = {"to_server": b"", "to_client": b""}
    nodes = False
    for line in text.splitlines():
        if line.startswith("Node 1"):
            nodes = True
        elif nodes and line.strip() and not line.startswith("="):
            side = "to_client" if line.startswith("\t") else "to_server"
            sides[side] += bytes.fromhex(line.strip())
    return {side: {"bytes": len(data), "sha256": hashlib.sha256(data).hexdigest()} for side, data in sides.items()}


def connections(folder):
    found = {}
    names = ("tcp.stream", "tls.handshake.version", "tls.handshake.extensions.supported_version", "tls.handshake.ciphersuite")
    for stream, version, supported, suite in fields(folder, "tls.handshake.type == 2", *names):
        # A later ServerHello of a connection (after HelloRetryRequest, or of a second handshake) changes nothing.
        chosen = int((supported or version)[0], 0)
        suite = int(suite[0], 0)
        found.setdefault(int(stream[0]), {"version": VERSIONS[chosen], "suite": f"0x{suite:04x}"})
    for (stream,) in fields(folder, "tls", "tcp.stream"):
        found.setdefault(int(stream[0]), {"version": None, "suite": None})
    return [{"stream": stream, **found[stream], **plaintext(folder, stream)} for stream in sorted(found)]


def http(folder):
    requests, responses = [], []
    for names in (HTTP, HTTP2):
        for methods, paths, codes in fields(folder, names[0].partition(".")[0], *names):
            requests += [f"{method} {path}" for method, path in zip(methods, paths, strict=True)]
            responses += [int(code) for code in codes]
    return {"requests": requests, "responses": responses}


def seen(folder):
    return {"capture": capture(folder).name, "connections": connections(folder), **http(folder)}


def whole(folder):
    folder = pathlib.Path(folder)
    (folder / "expect.json").write_text(json.dumps({"whole": http(folder)}))


def write(folder, client, server, why):
    path = pathlib.Path(folder) / "expect.json"
    before = json.loads(path.read_text()) if path.exists() else {}
    expected = {"why": why, "client": client, "server": server, **seen(pathlib.Path(folder)), **before}
    path.write_text(json.dumps(expected, indent=2) + "\n")
    opened = sum(connection["to_server"]["bytes"] > 0 for connection in expected["connections"])
    print(f"{pathlib.Path(folder).name}: {len(expected['connections'])} connections, {opened} opened, "
          f"{len(expected['requests'])} requests, {len(expected['responses'])} responses")


def verify(*folders):
    folders = [pathlib.Path(folder) for folder in folders] or sorted(path.parent for path in HERE.glob("*/expect.json"))
    wrong = 0
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
else:
    sys.exit(1 if verify(*rest) else 0)
