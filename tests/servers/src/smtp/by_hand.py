"""by_hand.py PORT AUTHORITY USER PASSWORD TO TEXT: sends a mail and says what the server said to it."""

import smtplib
import ssl
import sys
from email.message import EmailMessage

port, authority, user, password, to, text = sys.argv[1:]
mail = EmailMessage()
mail["From"], mail["To"], mail["Subject"] = "hand@x.test", to, "Från handen"
mail.set_content(text)
try:
    with smtplib.SMTP("localhost", int(port), timeout=10) as server:
        server.starttls(context=ssl.create_default_context(cafile=authority))
        if user:
            server.login(user, password)
        server.send_message(mail)
    print("taken")
except smtplib.SMTPRecipientsRefused as refused:
    code, said = refused.recipients[to]
    print(code, said.decode())
except smtplib.SMTPSenderRefused as refused:
    print(refused.smtp_code, refused.smtp_error.decode())
except smtplib.SMTPResponseException as refused:
    print(refused.smtp_code, refused.smtp_error.decode())
except smtplib.SMTPServerDisconnected:
    print("gone")
except ConnectionRefusedError:
    print("not there")
