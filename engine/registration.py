"""Tables of `name: "package.module:object"`: imported when used, a bad row stops the start."""

from collections.abc import Iterator, Mapping
from importlib import import_module
from types import MappingProxyType
from typing import Generic, TypeVar

from engine.errors import Misregistered

Kind = TypeVar("Kind")


class Table(Generic[Kind]):
    """Named rows of one kind; the order of rows is the order of the mapping."""

    def __init__(self, title: str, kind: type[Kind], rows: Mapping[str, str]) -> None:
        self.title = title
        self.rows = MappingProxyType(dict(rows))
        self._kind = kind
        self._resolved: dict[str, Kind] = {}

    def __iter__(self) -> Iterator[str]:
        return iter(self.rows)

    def __contains__(self, name: object) -> bool:
        return name in self.rows

    def get(self, name: str) -> Kind:
        """The object of a row.

        Raises `Misregistered` when the row is missing, names nothing, or names another kind.
        """
        if name not in self._resolved:
            self._resolved[name] = self._resolve(name)
        return self._resolved[name]

    def all(self) -> dict[str, Kind]:
        """Every row resolved: called once at start, so that a bad row stops it."""
        return {name: self.get(name) for name in self.rows}

    def _resolve(self, name: str) -> Kind:
        row = self.rows.get(name)
        if row is None:
            known = ", ".join(self.rows)
            raise Misregistered(table=self.title, row=name, problem=f"no such row; rows: {known}")
        module_name, _, attribute = row.partition(":")
        try:
            found: object = getattr(import_module(module_name), attribute)
        except (ImportError, AttributeError) as error:
            raise Misregistered(table=self.title, row=name, problem=str(error)) from error
        if not isinstance(found, self._kind):
            wanted, got = self._kind.__name__, type(found).__name__
            raise Misregistered(table=self.title, row=name, problem=f"is a {got}, not a {wanted}")
        return found
