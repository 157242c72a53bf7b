"""Holds every request, answer and dispatched payload to Discord's own documents."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.emulators.documents import document
from tests.emulators.schema import Rules, Schemas

HTTP, GATEWAY = "discord-openapi-*.json", "discord-gateway-payloads.schema.json"
SENT_ANYWAY = frozenset({"nsfw", "tts", "enforce_nonce"})
"""discord.py sends these although the document does not list them everywhere."""
DISPATCHED = {
    "READY": "GatewayReadyDispatchData",
    "GUILD_CREATE": "GatewayGuildCreateDispatchData",
    "MESSAGE_CREATE": "GatewayMessageCreateDispatchData",
    "INTERACTION_CREATE": "APIInteraction",
}
INTERACTIONS = {
    2: "APIApplicationCommandInteraction",
    3: "APIMessageComponentInteraction",
    4: "APIApplicationCommandAutocompleteInteraction",
    5: "APIModalSubmitInteraction",
}


def _http() -> Schemas | None:
    found = document(HTTP)
    return Schemas(found, is_exact=True, allowed=SENT_ANYWAY) if found is not None else None


def _gateway() -> Schemas | None:
    found = document(GATEWAY)
    if found is None:
        return None
    # Bit fields are enums there, and a sum of bits is none of their members.
    named = {
        name: {"type": "integer"} if name.endswith("Flags") else rules
        for name, rules in found["definitions"].items()
    }
    return Schemas({**found, "definitions": named})


@dataclass
class Checker:
    """`findings` must stay empty; without documents nothing is checked."""

    http: Schemas | None = field(default_factory=_http)
    gateway: Schemas | None = field(default_factory=_gateway)
    findings: list[str] = field(default_factory=list)
    checked: int = 0

    @property
    def is_checking(self) -> bool:
        """Whether there are documents to hold anything to."""
        return self.http is not None and self.gateway is not None

    def operation(self, method: str, path: str) -> Mapping[str, Any] | None:
        """What the document says of a request."""
        if self.http is None:
            return None
        for template, operations in self.http.document["paths"].items():
            pattern = re.sub(r"\{[^}]+\}", "[^/]+", template)
            if re.fullmatch(pattern, path) and method.lower() in operations:
                found: Mapping[str, Any] = operations[method.lower()]
                if "@original" not in path or "@original" in template:
                    return found
        self.findings.append(f"{method} {path}: no such operation")
        return None

    def request(self, method: str, path: str, body: object) -> list[str]:
        """What is wrong with a request's body."""
        operation = self.operation(method, path)
        content = ((operation or {}).get("requestBody") or {}).get("content") or {}
        rules = (content.get("application/json") or {}).get("schema")
        if self.http is None or rules is None or body is None:
            return []
        self.checked += 1
        wrong = self.http.wrong(_loosened(body), rules)
        self.findings += [f"{method} {path}: {each}" for each in wrong]
        return wrong

    def answer(self, method: str, path: str, status: int, body: object) -> None:
        """An answer of the emulator itself: it has to be as real as the requests."""
        operation = self.operation(method, path)
        if self.http is None or operation is None:
            return
        told = operation["responses"].get(str(status))
        rules = ((told or {}).get("content") or {}).get("application/json", {}).get("schema")
        if rules is not None:
            self.checked += 1
            answers = Schemas(self.http.document)
            wrong = answers.wrong(body, rules)
            self.findings += [f"answer to {method} {path}: {each}" for each in wrong]

    def dispatched(self, name: str, body: Mapping[str, Any]) -> None:
        """An event of the gateway."""
        if self.gateway is None or name not in DISPATCHED:
            return
        kind = INTERACTIONS.get(body.get("type", 0)) if name == "INTERACTION_CREATE" else None
        rules: Rules = {"$ref": f"#/definitions/{kind or DISPATCHED[name]}"}
        self.checked += 1
        wrong = self.gateway.wrong(dict(body), rules)
        self.findings += [f"{name}: {each}" for each in wrong]


def _loosened(body: object) -> object:
    """Numbers for ids, as the library sends them and Discord takes them."""
    if isinstance(body, dict):
        return {name: _id(name, _loosened(value)) for name, value in body.items()}
    return [_loosened(each) for each in body] if isinstance(body, list) else body


def _id(name: str, value: object) -> object:
    is_number = isinstance(value, int) and not isinstance(value, bool)
    if name == "attachments" and isinstance(value, list):
        return [{**each, "id": str(each["id"])} for each in value]
    return str(value) if is_number and name.endswith("_id") and name != "primary_sku_id" else value
