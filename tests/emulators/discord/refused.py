"""Discord's own refusals, and the rules that its published document does not hold."""

from collections.abc import Mapping
from typing import Any

from tests.emulators.discord.world import LAYOUT, Payload, parts_of

MOST_FILES, CONTENT_CHARS, CARD_CHARS, MOST_PARTS = 10, 2000, 4000, 40


class Refused(Exception):
    """An answer that is an error."""

    def __init__(self, status: int, code: int, message: str = "refused") -> None:
        super().__init__(f"{status} {code} {message}")
        self.status, self.code, self.message = status, code, message


def check_message(body: Mapping[str, Any], files: Mapping[int, Any], limit: int) -> None:
    """Raises `Refused` as Discord would for a message with this body."""
    if len(files) > MOST_FILES:
        raise Refused(400, 50035, "too many files")
    for _, data in files.values():
        if len(data) > limit:
            raise Refused(413, 40005, "Request entity too large")
    components = body.get("components") or []
    is_layout = bool((body.get("flags") or 0) & LAYOUT)
    content = body.get("content") or ""
    if len(content) > CONTENT_CHARS:
        raise Refused(400, 50035, "content is longer than 2000")
    if is_layout and (content or body.get("embeds")):
        raise Refused(400, 50035, "a layout has neither content nor embeds")
    if not is_layout and any(each["type"] != 1 for each in components):
        raise Refused(400, 50035, "components without the flag of layouts")
    if not (content.strip() or components or files or body.get("embeds")):
        raise Refused(400, 50006, "Cannot send an empty message")
    check_components(components, body, files)


def check_components(
    components: list[Payload], body: Mapping[str, Any], files: Mapping[int, Any]
) -> None:
    """Ids, counts, lengths, and files that are spoken of."""
    ids = [each["custom_id"] for each in parts_of(components, 2) if each.get("custom_id")]
    if len(ids) != len(set(ids)):
        raise Refused(400, 50035, "Component custom id cannot be duplicated")
    if count(components) > MOST_PARTS:
        raise Refused(400, 50035, "more than 40 components")
    if sum(len(each["content"]) for each in parts_of(components, 10)) > CARD_CHARS:
        raise Refused(400, 50035, "more than 4000 characters")
    for row in parts_of(components, 1):
        if not 1 <= len(row["components"]) <= 5:
            raise Refused(400, 50035, "a row holds 1 to 5 buttons")
    for each in parts_of(components, 2):
        if not each.get("label") and not each.get("emoji"):
            raise Refused(400, 50035, "a button without a label")
    named = {str(each.get("filename")) for each in body.get("attachments") or []}
    named |= {name for name, _ in files.values()}
    for url in _urls(components):
        if url.startswith("attachment://") and url.removeprefix("attachment://") not in named:
            raise Refused(400, 50035, f"{url} is not in this message")


def count(components: list[Payload]) -> int:
    """How many there are, those inside others too."""
    return sum(1 + count(each.get("components", [])) for each in components)


def _urls(components: list[Payload]) -> list[str]:
    galleries = [item for each in parts_of(components, 12) for item in each["items"]]
    if any(not 1 <= len(each["items"]) <= 10 for each in parts_of(components, 12)):
        raise Refused(400, 50035, "a gallery holds 1 to 10")
    return [item["media"]["url"] for item in galleries] + [
        each["file"]["url"] for each in parts_of(components, 13)
    ]
