"""The embedded reader: everyday English by rules, no language model, bounded work."""

from engine.director.rules.reader import RulesReader

__all__ = ["RulesReader"]
