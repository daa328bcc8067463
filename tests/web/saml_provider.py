"""A small SAML provider: it signs what it says of somebody with a key of its own."""

from __future__ import annotations

import base64
import secrets
import zlib
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, urlsplit

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from defusedxml import ElementTree
from onelogin.saml2.utils import OneLogin_Saml2_Utils

_US = "http://testserver/accounts/saml/county/"


class SamlProvider:
    """`entity`: its name. `certificate`: what the department's file holds of it."""

    entity = "https://idp.example.org"

    def __init__(self) -> None:
        key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "idp.example.org")])
        now = datetime.now(UTC)
        made = (
            x509.CertificateBuilder()
            .subject_name(name).issuer_name(name).public_key(key.public_key()).serial_number(1)
            .not_valid_before(now - timedelta(days=1)).not_valid_after(now + timedelta(days=1))
            .sign(key, hashes.SHA256())
        )  # fmt: skip
        self.certificate = made.public_bytes(serialization.Encoding.PEM).decode()
        self._key = key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        ).decode()

    def response(self, *, uid: str, to: str, sign: bool = True, then: tuple[str, str] | None = None) -> str:
        """Return the answer to the request named `to`; `then`: words exchanged in it once it is signed."""
        now = datetime.now(UTC)
        at, end = f"{now:%Y-%m-%dT%H:%M:%SZ}", f"{now + timedelta(minutes=5):%Y-%m-%dT%H:%M:%SZ}"
        asked = f' InResponseTo="{to}"' if to else ""
        assertion = (
            f'<saml:Assertion xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion" ID="_{secrets.token_hex(8)}" Version="2.0"'
            f' IssueInstant="{at}"><saml:Issuer>{self.entity}</saml:Issuer><saml:Subject><saml:NameID>17</saml:NameID>'
            '<saml:SubjectConfirmation Method="urn:oasis:names:tc:SAML:2.0:cm:bearer">'
            f'<saml:SubjectConfirmationData NotOnOrAfter="{end}" Recipient="{_US}acs/"{asked}/>'
            f'</saml:SubjectConfirmation></saml:Subject><saml:Conditions NotBefore="{at}" NotOnOrAfter="{end}">'
            f"<saml:AudienceRestriction><saml:Audience>{_US}metadata/</saml:Audience></saml:AudienceRestriction>"
            f'</saml:Conditions><saml:AuthnStatement AuthnInstant="{at}"><saml:AuthnContext><saml:AuthnContextClassRef>'
            "urn:oasis:names:tc:SAML:2.0:ac:classes:Password</saml:AuthnContextClassRef></saml:AuthnContext>"
            '</saml:AuthnStatement><saml:AttributeStatement><saml:Attribute Name="uid">'
            f"<saml:AttributeValue>{uid}</saml:AttributeValue></saml:Attribute></saml:AttributeStatement></saml:Assertion>"
        )
        if sign:
            assertion = OneLogin_Saml2_Utils.add_sign(assertion, self._key, self.certificate).decode()
        whole = (
            '<samlp:Response xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol" Version="2.0"'
            f' ID="_{secrets.token_hex(8)}" IssueInstant="{at}" Destination="{_US}acs/"{asked}>'
            f'<saml:Issuer xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion">{self.entity}</saml:Issuer><samlp:Status>'
            '<samlp:StatusCode Value="urn:oasis:names:tc:SAML:2.0:status:Success"/></samlp:Status>'
            f"{assertion}</samlp:Response>"
        )
        return base64.b64encode((whole.replace(*then) if then else whole).encode()).decode()


def request_id(address: str) -> str:
    """Return the name of the request that is in an address."""
    packed = base64.b64decode(parse_qs(urlsplit(address).query)["SAMLRequest"][0])
    return str(ElementTree.fromstring(zlib.decompress(packed, -15)).get("ID"))
