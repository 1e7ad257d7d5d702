"""server.py FOLDER PORT TLS_PORT: a server that takes mail and keeps it in FOLDER.

PORT demands STARTTLS and a login before anything else, TLS_PORT is encrypted from the first byte and demands a login.
Every mail that was taken is a line of mails.jsonl, as Python's own parser reads it; what else happened is a line of
events.txt. mood.json says what goes wrong, and is read anew whenever it may matter.
"""

import asyncio
import email
import email.policy
import json
import os
import ssl
import sys

from aiosmtpd.smtp import SMTP, AuthResult, LoginPassword

FOLDER = sys.argv[1]
LOGIN = (b"sluss", b"secret")


def path(name):
    return os.path.join(FOLDER, name)


def note(name, text):
    """A line more, on the disk before anybody is answered."""
    with open(path(name), "a", encoding="utf-8") as file:
        file.write(text + "\n")
        file.flush()
        os.fsync(file.fileno())


class Mood:
    """What goes wrong, and how often it did already."""

    def __init__(self):
        self.number = None
        self.left = {}

    def at(self, stage):
        """What goes wrong at this stage, if it does."""
        try:
            with open(path("mood.json"), encoding="utf-8") as file:
                mood = json.load(file)
        except FileNotFoundError:
            return {}
        if mood["number"] != self.number:
            self.number = mood["number"]
            self.left = {name: entry.get("times") for name, entry in mood["stages"].items()}
        return mood["stages"].get(stage, {})

    def used(self, stage):
        """Whether it goes wrong once more."""
        left = self.left.get(stage)
        if left is None:
            return True
        if left == 0:
            return False
        self.left[stage] = left - 1
        return True


MOOD = Mood()


def authenticate(server, session, envelope, mechanism, data):
    good = isinstance(data, LoginPassword) and (data.login, data.password) == LOGIN
    note("events.txt", "login" if good else "refused login")
    return AuthResult(success=good, handled=good)


class Handler:
    async def handle_EHLO(self, server, session, envelope, hostname, responses):
        session.host_name = hostname
        note("events.txt", f"hello {hostname}")
        return responses

    async def handle_NOOP(self, server, session, envelope, arg):
        note("events.txt", "noop")
        return "250 OK"

    async def handle_MAIL(self, server, session, envelope, address, options):
        wrong = MOOD.at("mail")
        if wrong and MOOD.used("mail"):
            return wrong["reply"]
        envelope.mail_from = address
        return "250 OK"

    async def handle_RCPT(self, server, session, envelope, address, options):
        wrong = MOOD.at("rcpt")
        if wrong and wrong.get("to", "") in address and MOOD.used("rcpt"):
            note("events.txt", f"refused {address}")
            return wrong["reply"].replace("ADDRESS", address)
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        wrong = MOOD.at("data")
        does = wrong.get("does") if wrong and MOOD.used("data") else None
        if wrong.get("delay"):
            await asyncio.sleep(wrong["delay"])
        if does == "drop-before":
            server.transport.abort()
            return "421 gone"
        if does == "refuse":
            return wrong["reply"]
        keep(session, envelope)
        if wrong.get("after"):
            await asyncio.sleep(wrong["after"])
        if does == "drop-after":
            server.transport.abort()
            return "421 gone"
        return "250 2.0.0 taken"


def keep(session, envelope):
    mail = email.message_from_bytes(envelope.original_content, policy=email.policy.default)
    part = mail.get_body(preferencelist=("plain",))
    note(
        "mails.jsonl",
        json.dumps(
            {
                "from": envelope.mail_from,
                "to": envelope.rcpt_tos,
                "hello": session.host_name,
                "login": session.authenticated is True,
                "tls": session.ssl is not None or getattr(session, "wrapped", False),
                "subject": mail["subject"],
                "headers": [[name, str(value)] for name, value in mail.items()],
                "defects": [str(defect) for defect in mail.defects + part.defects],
                "text": part.get_content().replace("\r\n", "\n"),
                "raw": envelope.original_content.decode("utf-8", "backslashreplace"),
            }
        ),
    )


class Wrapped(SMTP):
    """Encrypted from the first byte: the transport sees to that, and the session says so."""

    def _create_session(self):
        session = super()._create_session()
        session.wrapped = True
        return session


def server(context, wrapped):
    note("events.txt", "connection")
    kind = Wrapped if wrapped else SMTP
    return kind(
        Handler(),
        hostname="mail.test",
        tls_context=None if wrapped else context,
        require_starttls=not wrapped,
        auth_required=True,
        auth_require_tls=not wrapped,
        authenticator=authenticate,
        enable_SMTPUTF8=True,
    )


async def main():
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(path("tls/server.pem"), path("tls/server.key"))
    loop = asyncio.get_running_loop()
    await loop.create_server(lambda: server(context, False), "127.0.0.1", int(sys.argv[2]))
    await loop.create_server(lambda: server(context, True), "127.0.0.1", int(sys.argv[3]), ssl=context)
    print("ready", flush=True)
    await asyncio.Event().wait()


asyncio.run(main())
