"""Makes docs/credential-vectors.json: `python -m tests.factories.vectors`.

The keys are made from the names of what they are for and sign nothing else.
"""

import hashlib
import json
import zlib
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import base45
import cbor2
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from tracker.accreditation.models import Function
from tracker.credentials import cose
from tracker.credentials.credential import FUNCTION_CODES, Credential, fitted, payload_of
from tracker.credentials.models import KeyPurpose
from tracker.credentials.rules import Ended
from tracker.credentials.signed_lists import (
    KeyList,
    PublicKey,
    RevocationList,
    open_keys,
    open_revocations,
    seal_keys,
    seal_revocations,
)
from tracker.credentials.verification import verify

PATH = Path(__file__).parents[2] / "docs" / "credential-vectors.json"
NOW = datetime(2022, 11, 18, 6, tzinfo=UTC)
DAY = timedelta(days=1)
ELECTION = "kz-2022"


class Signer:
    """A pair of keys made from a name."""

    def __init__(self, name: str, purpose: KeyPurpose) -> None:
        self.key = Ed25519PrivateKey.from_private_bytes(hashlib.sha256(name.encode()).digest())
        self.raw = self.key.public_key().public_bytes_raw()
        self.key_id = cose.key_id_of(self.raw)
        self.purpose = purpose

    def public(self, **values: Any) -> PublicKey:
        return PublicKey(self.raw, self.purpose, NOW - 30 * DAY, **values)

    def text(self, credential: Credential) -> str:
        payload = payload_of(fitted(credential))
        return cose.as_text(cose.sign(payload, key=self.key, key_id=self.key_id))


FIRST = Signer("vectors: certificates", KeyPurpose.CERTIFICATES)
NEXT = Signer("vectors: next certificates", KeyPurpose.CERTIFICATES)
STOLEN = Signer("vectors: stolen certificates", KeyPurpose.CERTIFICATES)
STRANGER = Signer("vectors: a stranger", KeyPurpose.CERTIFICATES)
LISTS = Signer("vectors: lists", KeyPurpose.LISTS)
OTHER_LISTS = Signer("vectors: a stranger's lists", KeyPurpose.LISTS)

HOLDER = Credential(
    issuer="KZ",
    serial=641,
    election=ELECTION,
    function=Function.LONG_TERM_OBSERVER,
    surname="OEZDEMIR",
    given_names="AYSE NUR",
    native_name="Ayşe Nur Özdemir",
    citizenship="TR",
    organization="TURKPA",
    regions=("KZ-75",),
    portrait=hashlib.sha256(b"a portrait").digest()[:16],
    valid_from=NOW - 2 * DAY,
    valid_until=NOW + 4 * DAY,
    issued_at=NOW - 2 * DAY,
)


def keys_of(*signers: Signer, at: datetime = NOW) -> KeyList:
    found = [each.public() for each in signers]
    found.append(STOLEN.public(lost_at=NOW - DAY))
    return KeyList("KZ", at, {each.key_id: each for each in found})


def revocations(at: datetime = NOW, **values: Any) -> RevocationList:
    ends = {10 + number: reason for number, reason in enumerate(Ended)} | {300_000: Ended.VOID}
    return RevocationList("KZ", at, ELECTION, ends, len(ends), **values)


def _sealed_list(found: RevocationList, signer: Signer = LISTS) -> bytes:
    return seal_revocations(found, key=signer.key, key_id=signer.key_id)


def _sealed_keys(found: KeyList, signer: Signer = LISTS) -> bytes:
    return seal_keys(found, key=signer.key, key_id=signer.key_id)


def key_lists() -> dict[str, bytes]:
    return {
        "current": _sealed_keys(keys_of(FIRST, NEXT, LISTS)),
        "old": _sealed_keys(keys_of(FIRST, LISTS, at=NOW - 2 * DAY)),
        "of_today_without_next": _sealed_keys(keys_of(FIRST, LISTS)),
    }


def revocation_lists() -> dict[str, bytes]:
    whole = revocations()
    since = NOW - DAY
    few = {13: whole.serials[13], 300_000: Ended.VOID}
    return {
        "fresh": _sealed_list(whole),
        "old": _sealed_list(revocations(NOW - 3 * DAY)),
        "of_tomorrow": _sealed_list(revocations(NOW + DAY)),
        "empty": _sealed_list(RevocationList("KZ", NOW, ELECTION, {}, 0)),
        "before": _sealed_list(
            RevocationList(
                "KZ", since, ELECTION, {s: r for s, r in whole.serials.items() if s < 13}, 3
            )
        ),
        "delta": _sealed_list(
            replace(whole, serials={s: r for s, r in whole.serials.items() if s >= 12}, since=since)
        ),
        "delta_with_a_gap": _sealed_list(replace(whole, serials=few, since=since)),
    }


def _altered(text: str) -> str:
    """The same with one bit of one byte of the name changed."""
    message = bytearray(cose.from_text(text))
    place = bytes(message).index(b"OEZDEMIR")
    message[place] ^= 1
    return cose.as_text(bytes(message))


def _deflated(text: str) -> str:
    data = zlib.compress(cose.from_text(text), 9)
    return cose.CREDENTIAL_PREFIX + base45.b45encode(data).decode()


def _resigned(signer: Signer, payload: bytes) -> str:
    return cose.as_text(cose.sign(payload, key=signer.key, key_id=signer.key_id))


def _claims_without(key: int) -> bytes:
    claims = cbor2.loads(payload_of(HOLDER))
    del claims[key]
    return cbor2.dumps(claims)


def _with(**changes: Any) -> bytes:
    """The claims with entries of the certificate's own map changed (`_8=[]`; None: left out)."""
    claims = cbor2.loads(payload_of(HOLDER))
    own = claims[-65537] | {int(name[1:]): value for name, value in changes.items()}
    claims[-65537] = {key: value for key, value in own.items() if value is not None}
    return cbor2.dumps(claims)


def odd_payloads() -> dict[str, bytes]:
    """Claims that are nearly right, signed as if they were."""
    nested: Any = 0
    for _ in range(17):
        nested = [nested]
    twice = payload_of(HOLDER)
    claims = cbor2.loads(twice)
    return {
        "an entry that is not known": _with(_99="later"),
        "without its election": _with(_1=None),
        "an empty list of regions": _with(_8=[]),
        "a portrait of fifteen bytes": _with(_9=HOLDER.portrait[:15]),
        "a number in place of a name": _with(_3=5),
        "a tag that is not used": _with(_99=cbor2.CBORTag(0, "2022-11-18T06:00:00Z")),
        "arrays within arrays": _with(_99=nested),
        "a claim that stands twice": b"\xa6" + twice[1:] + b"\x06\x00",
        "an end that is a float": cbor2.dumps(claims | {4: float(claims[4])}),
        "an end before 1970": cbor2.dumps(claims | {4: -1}),
        "a serial of nought": _with(_0=0),
    }


def texts() -> dict[str, tuple[str, dict[str, Any]]]:
    """Texts by what they are, with what differs from the usual case."""
    good = FIRST.text(HOLDER)
    found: dict[str, tuple[str, dict[str, Any]]] = {
        "a valid certificate": (good, {}),
        "the same, read with a line end": (good + "\r\n", {}),
        "the same, deflated although that is longer": (_deflated(good), {}),
        "a support certificate": (
            FIRST.text(replace(HOLDER, function=Function.DRIVER, serial=642)),
            {},
        ),
        "the whole country, one name, a special holder": (
            FIRST.text(
                replace(
                    HOLDER,
                    given_names="",
                    native_name="",
                    citizenship="XXA",
                    regions=(),
                    serial=4_294_967_295,
                )
            ),
            {},
        ),
        "names too long to fit": (
            FIRST.text(replace(HOLDER, surname="ABDRAKHMANOV " * 8, given_names="ÄÖÜ " * 25)),
            {},
        ),
        "deflated because that is shorter": (
            FIRST.text(replace(HOLDER, surname="LA" * 30, given_names="LA" * 30)),
            {},
        ),
        "signed with the next key": (NEXT.text(HOLDER), {}),
        "signed with the next key, unknown to a list of today": (
            NEXT.text(HOLDER),
            {"keys": "of_today_without_next"},
        ),
        "signed with the next key, unknown to an old list": (NEXT.text(HOLDER), {"keys": "old"}),
        "signed by a stranger": (STRANGER.text(HOLDER), {}),
        "signed with a key for lists": (LISTS.text(HOLDER), {}),
        "signed with a lost key": (STOLEN.text(HOLDER), {}),
        "one byte altered": (_altered(good), {}),
        "of another election": (FIRST.text(replace(HOLDER, election="kz-2019")), {}),
        "of another election, which the verifier does not know": (
            FIRST.text(replace(HOLDER, election="kz-2019")),
            {"election": None},
        ),
        "at its first moment": (good, {"now": HOLDER.valid_from, "list": "old"}),
        "a second before its first moment": (
            good,
            {"now": HOLDER.valid_from - timedelta(seconds=1)},
        ),
        "a second before its end": (
            FIRST.text(replace(HOLDER, valid_until=NOW + timedelta(seconds=1))),
            {},
        ),
        "at its end": (FIRST.text(replace(HOLDER, valid_until=NOW)), {}),
        "valid, no key list": (good, {"keys": None}),
        "valid, no revocation list": (good, {"list": None}),
        "valid, old revocation list": (good, {"list": "old"}),
        "valid, a revocation list of tomorrow": (good, {"list": "of_tomorrow"}),
        "valid, an empty revocation list": (good, {"list": "empty"}),
        "a random text": ("https://www.example.org/", {}),
        "no text": ("", {}),
        "the prefix alone": ("EOC1:", {}),
        "small letters": (good.lower(), {}),
        "a letter that base45 does not have": (good[:-1] + "!", {}),
        "cut off": (good[:-20], {}),
        "base45 of nothing of ours": ("EOC1:" + base45.b45encode(b"hello, world").decode(), {}),
        "a certificate of the EU's kind": ("HC1:" + good.removeprefix("EOC1:"), {}),
        "without an end": (_resigned(FIRST, _claims_without(4)), {}),
        "without the certificate's own claims": (_resigned(FIRST, _claims_without(-65537)), {}),
        "an unknown function": (
            _resigned(FIRST, payload_of(HOLDER).replace(b"\x02\x04\x03", b"\x02\x0a\x03")),
            {},
        ),
        "bytes after the message": (
            cose.CREDENTIAL_PREFIX + base45.b45encode(cose.from_text(good) + b"\x00").decode(),
            {},
        ),
        "a list in place of a certificate": (
            cose.CREDENTIAL_PREFIX + base45.b45encode(revocation_lists()["fresh"]).decode(),
            {},
        ),
    }
    found |= {name: (_resigned(FIRST, payload), {}) for name, payload in odd_payloads().items()}
    for number, reason in enumerate(Ended):
        holder = replace(HOLDER, serial=10 + number)
        found[f"on the list: {reason}"] = (FIRST.text(holder), {})
    listed = FIRST.text(replace(HOLDER, serial=10))
    found["on an old list"] = (listed, {"list": "old"})
    return found


def shown(credential: Credential | None) -> dict[str, Any] | None:
    """The claims as the vectors write them."""
    if credential is None:
        return None
    return {
        "issuer": credential.issuer,
        "serial": credential.serial,
        "election": credential.election,
        "function": FUNCTION_CODES[credential.function],
        "surname": credential.surname,
        "given_names": credential.given_names,
        "native_name": credential.native_name,
        "citizenship": credential.citizenship,
        "organization": credential.organization,
        "regions": list(credential.regions),
        "portrait": credential.portrait.hex(),
        "valid_from": int(credential.valid_from.timestamp()),
        "valid_until": int(credential.valid_until.timestamp()),
        "issued_at": int(credential.issued_at.timestamp()),
    }


def case(name: str, text: str, differs: dict[str, Any]) -> dict[str, Any]:
    """One case with the answer that this project's own verifier gives."""
    around = {"keys": "current", "list": "fresh", "now": NOW, "election": ELECTION} | differs
    keys = open_keys(key_lists()[around["keys"]]) if around["keys"] else None
    trusted = open_keys(key_lists()["current"])
    lists = {}
    if around["list"]:
        lists[ELECTION] = open_revocations(revocation_lists()[around["list"]], trusted)
    answer = verify(text, keys=keys, lists=lists, now=around["now"], election=around["election"])
    return {
        "name": name,
        "text": text,
        "keys": around["keys"],
        "list": around["list"],
        "now": around["now"].strftime("%Y-%m-%dT%H:%M:%SZ"),
        "election": around["election"],
        "verdict": answer.verdict.value,
        "reason": answer.reason.value if answer.reason else None,
        "claims": shown(answer.credential),
    }


def rejected() -> list[dict[str, Any]]:
    current = keys_of(FIRST, NEXT, LISTS)
    listed = _sealed_list(revocations())
    flipped = bytearray(cose.unpack(listed, cose.LONGEST_LIST))
    flipped[-70] ^= 1
    documents: list[tuple[str, str, bytes]] = [
        ("keys", "signed by a stranger", _sealed_keys(current, OTHER_LISTS)),
        ("keys", "signed with a key for certificates", _sealed_keys(current, FIRST)),
        ("keys", "a revocation list", listed),
        ("list", "signed by a stranger", _sealed_list(revocations(), OTHER_LISTS)),
        ("list", "signed with a key for certificates", _sealed_list(revocations(), FIRST)),
        ("list", "one byte altered", bytes(flipped)),
        ("list", "cut off", listed[:-1]),
        ("list", "a key list", key_lists()["current"]),
    ]
    found: list[dict[str, Any]] = [
        {"what": what, "name": name, "hex": data.hex(), "keys": "current", "trusted": None}
        for what, name, data in documents
    ]
    own = KeyList("KZ", NOW, {OTHER_LISTS.key_id: OTHER_LISTS.public()})
    found.append(
        {
            "what": "keys",
            "name": "vouches for itself, but is not trusted",
            "hex": _sealed_keys(own, OTHER_LISTS).hex(),
            "keys": None,
            "trusted": [LISTS.key_id.hex()],
        }
    )
    return found


def vectors() -> dict[str, Any]:
    """The whole file."""
    whole = {str(serial): reason.value for serial, reason in revocations().serials.items()}
    return {
        "about": "Test vectors of docs/credential.md; the keys sign nothing else.",
        "keys": {name: data.hex() for name, data in key_lists().items()},
        "lists": {name: data.hex() for name, data in revocation_lists().items()},
        "cases": [case(name, *rest) for name, rest in texts().items()],
        "deltas": [
            {"held": "before", "delta": "delta", "joined": whole},
            {"held": "before", "delta": "delta_with_a_gap", "joined": None},
            {"held": "empty", "delta": "delta", "joined": None},
        ],
        "rejected": rejected(),
    }


if __name__ == "__main__":
    PATH.write_text(json.dumps(vectors(), ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
