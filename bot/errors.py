"""The errors of the process that faces people, beside the engine's tree.

AtelierError (engine.errors)
`-- PersonError                   the host can fix it: says how
    |-- BadSettings               a setting has no such name or value
    `-- PortTaken                 another program listens there
"""

from engine.errors import PersonError


class BadSettings(PersonError):
    """Settings that can't be used. `problems` holds one line for each, without secrets."""

    code = "bad_settings"

    def __init__(self, *problems: str) -> None:
        self.problems = problems
        lines = "".join(f"\n  - {problem}" for problem in problems)
        super().__init__(f"These settings can't be used:{lines}", problems=problems)


class PortTaken(PersonError):
    """Another program listens there. Facts: `host`, `port`."""

    code = "port_taken"

    def __init__(self, host: str, port: int) -> None:
        super().__init__(
            f"Port {port} on {host} is already used by another program. Stop that program, "
            f"or choose another port: ATELIER_HTTP__PORT={port + 1}",
            host=host,
            port=port,
        )
