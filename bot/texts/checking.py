"""Are the translations whole: what each lacks, what nobody says any more, what is wrong."""

from collections.abc import Mapping
from dataclasses import dataclass

from bot.texts import Template
from bot.texts.collected import Source, placeholders

MOST_CHARS = {"command.": 100, "button.": 40, "form.label.": 45}
"""Longest texts by the beginning of their key: menus, buttons (facts apart), fields of a form."""
APART = (".about", ".valid.")
"""Parts of a command's help, which have room."""


@dataclass(frozen=True, slots=True)
class Findings:
    """What is to be done about one language."""

    missing: tuple[str, ...]
    stale: tuple[str, ...]
    wrong: tuple[str, ...]

    @property
    def are_bad(self) -> bool:
        """A missing sentence is said in English; the others would mislead."""
        return bool(self.stale or self.wrong)


def check(sources: Mapping[str, Source], translated: Mapping[str, Template]) -> Findings:
    """Compare a language with the English of the code."""
    return Findings(
        missing=tuple(key for key in sources if key not in translated),
        stale=tuple(key for key in translated if key not in sources),
        wrong=tuple(
            f"{key}: {problem}"
            for key, template in translated.items()
            if key in sources and (problem := _problem(sources[key], template))
        ),
    )


def _problem(source: Source, template: Template) -> str:
    forms = {"other": template} if isinstance(template, str) else template
    if not isinstance(template, str) and not source.is_counted:
        return "has plural forms, but counts nothing"
    if unknown := set(forms) - {"one", "other"}:
        return f"has a form {', '.join(sorted(unknown))}"
    for form, text in forms.items():
        try:
            named = placeholders(text)
        except ValueError as error:
            return f"{form} is no template: {error}"
        # The form for one thing may leave the number out.
        if named != source.facts and not (form == "one" and named | {"n"} == source.facts):
            return f"names {_told(named)}, the English {_told(source.facts)}"
    return _length_problem(source.key, forms)


def _length_problem(key: str, forms: Mapping[str, str]) -> str:
    if any(part in key for part in APART):
        return ""
    most = next((most for begin, most in MOST_CHARS.items() if key.startswith(begin)), None)
    longest = max(len(text) for text in forms.values())
    return f"{longest} characters, at most {most}" if most and longest > most else ""


def _told(names: frozenset[str]) -> str:
    return ", ".join(f"{{{name}}}" for name in sorted(names)) or "no facts"
