"""The steps of a client push as ccm.log tells them, with impacket: what smbclient cannot send: a SPNEGO offer
as Windows makes it.

    push.py [options] TARGET      TARGET is what the computer is called: name or address
"""

import argparse
import io

from impacket import smb3, smb3structs, spnego
from impacket.smbconnection import SMBConnection

DIALECTS = {"2.0.2": smb3structs.SMB2_DIALECT_002, "2.1": smb3structs.SMB2_DIALECT_21, "3.0": smb3structs.SMB2_DIALECT_30}


def tried(what, *args, **more):
    try:
        return what(*args, **more)
    except Exception as error:  # a failing step is part of a push
        print(f"{getattr(what, '__name__', what)}: {error}")


def files(connection, site, settings):
    share = "ADMIN$"
    tried(connection.listPath, share, "SMSClientInstall.*")
    tried(connection.putFile, share, f"SMSClientInstall.{site}", io.BytesIO(b"").read)
    tried(connection.createDirectory, share, "ccmsetup")
    tried(connection.putFile, share, "ccmsetup\\MobileClient.tcf", io.BytesIO(settings).read)
    tried(connection.putFile, share, "ccmsetup\\ccmsetup.exe", io.BytesIO(b"MZ" + bytes(1022)).read)
    tried(connection.deleteFile, share, f"SMSClientInstall.{site}")


def call_by_name(connection, target):
    """impacket looks the name up and puts the address into share paths; a site server puts what it was told."""

    def no_lookup(*_):
        raise OSError

    connection.getSMBServer()._Connection["ServerIP"] = target
    smb3.socket.getaddrinfo = no_lookup


def offer_like_windows(with_ntlm):
    """Makes the SPNEGO offer that of a Windows host: Kerberos twice, NEGOEX, and NTLM unless fallback is off."""
    names = ["MS KRB5 - Microsoft Kerberos 5", "KRB5 - Kerberos 5", "NEGOEX - SPNEGO Extended Negotiation Security Mechanism"]
    names += ["NTLMSSP - Microsoft NTLM Security Support Provider"] if with_ntlm else []
    mechanisms = [spnego.TypesMech[name] for name in names]
    plain = spnego.SPNEGO_NegTokenInit.getData

    def data(token):
        token["MechTypes"] = mechanisms
        return plain(token)

    spnego.SPNEGO_NegTokenInit.getData = data


def main():
    p = argparse.ArgumentParser()
    p.add_argument("target")
    p.add_argument("--account", default="EXAMPLE/svc-push:an-Invented-Secret-3")
    p.add_argument("--site", default="EX1")
    p.add_argument("--settings", help="file with the contents of MobileClient.tcf")
    p.add_argument("--kerberos", metavar="KDC", help="Kerberos by this KDC and KRB5CCNAME, with a Windows host's SPNEGO offer")
    p.add_argument("--no-fallback", action="store_true", help="leave NTLM out of that offer")
    p.add_argument("--dialect", choices=DIALECTS, default="2.1")
    o = p.parse_args()
    user, _, password = o.account.partition(":")
    domain, _, user = user.rpartition("/")
    connection = SMBConnection(o.target, o.target, preferredDialect=DIALECTS[o.dialect], timeout=10)
    call_by_name(connection, o.target)
    if o.kerberos:
        offer_like_windows(not o.no_fallback)
        connection.kerberosLogin(user, password, "EXAMPLE.TEST", kdcHost=o.kerberos, useCache=True)
    else:
        connection.login(user, password, domain)
    files(connection, o.site, open(o.settings, "rb").read() if o.settings else b"[Client Install]\r\n")
    tried(connection.logoff)


main()
