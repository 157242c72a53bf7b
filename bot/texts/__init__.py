"""What the bot says, in the language of whoever it speaks to: English in the code, the rest by key.

`say("drawing.place", "Number {place} in line", place=3)` gives the sentence in the language that
is set for the act at hand. Translations are in `<locale>.toml` beside this file; what they lack is
said in English, and `python -m bot.texts` lists it. Facts are filled in, never read as templates.
"""

import tomllib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from functools import cache
from importlib import resources

import structlog

log = structlog.get_logger(__name__)
ENGLISH = "en"
LOCALES: dict[str, str] = {
    "en": "English",
    "de": "Deutsch",
    "es": "Español",
    "fr": "Français",
    "ja": "日本語",
    "pt-BR": "Português (Brasil)",
}
"""Every language there is, by its own name. To add one: a row here and `<locale>.toml`."""
TRANSLATED = tuple(locale for locale in LOCALES if locale != ENGLISH)
DISCORD: dict[str, tuple[str, ...]] = {
    "de": ("de",),
    "es": ("es-ES", "es-419"),
    "fr": ("fr",),
    "ja": ("ja",),
    "pt-BR": ("pt-BR",),
}
"""What Discord calls each: the keys of its localisations."""
TELEGRAM: dict[str, str] = {"de": "de", "es": "es", "fr": "fr", "ja": "ja", "pt-BR": "pt"}
"""What Telegram calls each: the `language_code` of a command menu."""
_ONE: dict[str, frozenset[int]] = {
    "fr": frozenset({0, 1}),
    "ja": frozenset(),
    "pt-BR": frozenset({0, 1}),
}
"""The numbers that take the form `one`; elsewhere it is 1 alone."""
_ALWAYS_ONE = frozenset({1})

_speaking: ContextVar[str] = ContextVar("speaking", default=ENGLISH)

Template = str | Mapping[str, str]
"""A sentence, or its forms by plural category."""


@dataclass(frozen=True, slots=True)
class Wording:
    """A sentence that is named where it is written and said later, in the language of then."""

    key: str
    english: str

    def say(self, **facts: object) -> str:
        """The sentence in the language at hand."""
        return translated(self.key, self.english, **facts)


# --- which language ---------------------------------------------------------------------------


def current() -> str:
    """The language of the act at hand."""
    return _speaking.get()


@contextmanager
def speaking(locale: str) -> Iterator[None]:
    """Speak this language inside the block; one that is not known is English."""
    token = _speaking.set(known(locale) or ENGLISH)
    try:
        yield
    finally:
        _speaking.reset(token)


def known(code: str) -> str | None:
    """Our name for a platform's code (`es-419` is `es`, `pt` is `pt-BR`); None without one."""
    code = code.strip().replace("_", "-").casefold()
    exact = next((locale for locale in LOCALES if locale.casefold() == code), None)
    language = code.partition("-")[0]
    return exact or next(
        (locale for locale in LOCALES if locale.partition("-")[0] == language), None
    )


def chosen(*codes: str) -> str:
    """The first of these that is a language of ours: a person's choice, then the platform's, then
    the place's.
    """
    return next((locale for code in codes if code and (locale := known(code))), ENGLISH)


# --- sentences --------------------------------------------------------------------------------


def say(key: str, english: str, /, **facts: object) -> str:
    """A sentence in the language at hand. Key and English are literals: the check reads them."""
    return translated(key, english, **facts)


def say_count(key: str, count: int, /, *, one: str, other: str, **facts: object) -> str:
    """A sentence that depends on a number, which is the fact `n`."""
    facts = {**facts, "n": count}
    locale = current()
    form = "one" if count in _ONE.get(locale, _ALWAYS_ONE) else "other"
    template = _template(locale, key)
    if isinstance(template, Mapping):
        template = template.get(form, template.get("other"))
    english = one if count == 1 else other
    return _filled(locale, key, template, english, facts)


def wording(key: str, english: str) -> Wording:
    """A sentence for a table: said with `.say()`. Key and English are literals."""
    return Wording(key, english)


def translated(key: str, english: str, /, **facts: object) -> str:
    """Like `say`, for keys that are put together; their collection names them for the check."""
    locale = current()
    return _filled(locale, key, _template(locale, key), english, facts)


def localised(key: str, english: str) -> dict[str, str]:
    """A text without facts in every language that has it, by our locale; English is not in it.

    Platforms that keep their menus in all languages at once are built with this.
    """
    found = {}
    for locale in TRANSLATED:
        template = _template(locale, key)
        if isinstance(template, str) and template != english:
            found[locale] = template
    return found


def _filled(
    locale: str, key: str, template: Template | None, english: str, facts: Mapping[str, object]
) -> str:
    if isinstance(template, str):
        try:
            return template.format_map(facts)
        except (KeyError, IndexError, ValueError, AttributeError) as error:
            _complain(locale, key, str(error))
    return english.format_map(facts)


def _template(locale: str, key: str) -> Template | None:
    return None if locale == ENGLISH else translations(locale).get(key)


@cache
def _complain(locale: str, key: str, why: str) -> None:
    """Once for each: the cache remembers."""
    log.warning("text.broken", locale=locale, key=key, why=why)


# --- files ------------------------------------------------------------------------------------


@cache
def translations(locale: str) -> Mapping[str, Template]:
    """A language's sentences by key, read once."""
    file = resources.files(__name__) / f"{locale}.toml"
    if not file.is_file():
        return {}
    try:
        return flattened(tomllib.loads(file.read_text(encoding="utf-8")))
    except tomllib.TOMLDecodeError as error:  # the check names it; people are spoken to in English
        log.error("texts.not_read", locale=locale, why=str(error))
        return {}


def flattened(table: Mapping[str, object], above: str = "") -> dict[str, Template]:
    """Nested tables as dotted keys; a table with the form `other` holds plural forms."""
    found: dict[str, Template] = {}
    for name, value in table.items():
        key = f"{above}{name}"
        if isinstance(value, dict) and "other" in value:
            found[key] = {form: str(each) for form, each in value.items()}
        elif isinstance(value, dict):
            found.update(flattened(value, f"{key}."))
        else:
            found[key] = str(value)
    return found
