"""Looks without any LoRA: words and settings that make a manner on every base."""

from engine.director.catalogue.looks import BuiltIn, Catalogue, WordLook, built_in
from engine.director.catalogue.own import OwnLooks

__all__ = ["BuiltIn", "Catalogue", "OwnLooks", "WordLook", "built_in"]
