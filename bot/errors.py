"""The errors of the process that faces people, beside the engine's tree.

AtelierError (engine.errors)
`-- PersonError                   the person can fix it: says how
    |-- BadSettings               a setting has no such name or value
    |-- PortTaken                 another program listens there
    |-- SignInFirst               the page does not know this browser
    |-- LinkUsed                  a one-time link was used or is too old
    |-- NotFromThePage            the request did not come from the page itself
    |-- NotHere                   a rule of this place stands against it
    `-- TooOften                  more requests than one browser needs: says when to come back
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


class SignInFirst(PersonError):
    """The page does not know this browser. Facts: `how` (open, link)."""

    code = "sign_in_first"


class LinkUsed(PersonError):
    """A one-time link was used already, or is too old."""

    code = "link_used"


class NotFromThePage(PersonError):
    """The request did not come from the page itself. Facts: `why`."""

    code = "not_from_the_page"


class NotHere(PersonError):
    """A rule of this place stands against it. Facts: `rule` (of `bot.policy`), `what`."""

    code = "not_here"


class TooOften(PersonError):
    """More requests than one browser needs. Facts: `retry_in_s`."""

    code = "too_often"
