"""Asks for tokens with Microsoft's own library, in each way that it has, and says what came of it."""

import json
import sys
from pathlib import Path

import msal
from cryptography import x509
from cryptography.hazmat.primitives import hashes

told = json.load(sys.stdin)


def credential(proof):
    if proof == "secret":
        return told["secret"]
    key, certificate = (Path(told[name]).read_text() for name in ("key", "certificate"))
    if proof == "certificate":
        return {"private_key": key, "public_certificate": certificate}
    print_ = x509.load_pem_x509_certificate(certificate.encode()).fingerprint(hashes.SHA1())
    return {"private_key": key, "thumbprint": print_.hex()}


results = []
for proof in told["proofs"]:
    app = msal.ConfidentialClientApplication(
        told["client"],
        client_credential=credential(proof),
        authority=told["authority"],
        instance_discovery=False,
        verify=told["ca"],
    )
    results.append(app.acquire_token_for_client(scopes=[told["scope"]]))
json.dump(results, sys.stdout)
