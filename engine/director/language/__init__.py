"""A language model as a reader: it understands words, the same checks decide after it."""

from engine.director.language.reader import LanguageReader

__all__ = ["LanguageReader"]
