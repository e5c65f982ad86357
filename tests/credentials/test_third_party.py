"""The verifier of a third party, written from docs/credential.md, agrees with the vectors."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from tests.credentials import third_party

VECTORS = json.loads(
    (Path(__file__).parents[2] / "docs" / "credential-vectors.json").read_text("utf-8")
)
KEYS = {name: bytes.fromhex(document) for name, document in VECTORS["keys"].items()}
LISTS = {name: bytes.fromhex(document) for name, document in VECTORS["lists"].items()}


def by_name(cases: list[dict[str, Any]]) -> Any:
    return pytest.mark.parametrize("case", cases, ids=[case["name"] for case in cases])


@by_name(VECTORS["cases"])
def test_case(case: dict[str, Any]) -> None:
    keys = KEYS.get(case["keys"])
    lists = {"kz-2022": LISTS[case["list"]]} if case["list"] else {}
    now = datetime.fromisoformat(case["now"]).timestamp()

    verdict, reason, claims = third_party.verify(case["text"], keys, lists, now, case["election"])

    assert (verdict, reason, claims) == (case["verdict"], case["reason"], case["claims"])


@pytest.mark.parametrize("case", VECTORS["deltas"])
def test_delta(case: dict[str, Any]) -> None:
    keys = third_party.open_keys(KEYS["current"])
    held = third_party.open_revocations(LISTS[case["held"]], keys)
    delta = third_party.open_revocations(LISTS[case["delta"]], keys)

    joined = third_party.join(held, delta)

    if case["joined"] is None:
        assert joined is None
    else:
        assert joined is not None
        assert joined.at == delta.at
        assert {str(serial): reason for serial, reason in joined.reasons.items()} == case["joined"]


@by_name(VECTORS["rejected"])
def test_rejected(case: dict[str, Any]) -> None:
    document = bytes.fromhex(case["hex"])
    trusted = case["trusted"] and {bytes.fromhex(key_id) for key_id in case["trusted"]}
    keys = third_party.open_keys(KEYS["current"])

    def opened() -> object:
        if case["what"] == "keys":
            return third_party.open_keys(document, trusted)
        return third_party.open_revocations(document, keys)

    with pytest.raises(third_party.Unreadable):
        opened()
