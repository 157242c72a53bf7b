"""`python -m bot.texts [LOCALE]`: what the translations lack, and what is wrong in them.

Ends with 1 when something is wrong or stale; what is missing is said in English and only listed.
With a locale, what is missing there is printed as lines for its file.
"""

import json
import sys
from pathlib import Path

import bot
from bot.commands import COMMANDS
from bot.texts import TRANSLATED, translations
from bot.texts.checking import check
from bot.texts.collected import collect


def main(arguments: list[str]) -> int:
    """Print what was found; the exit status."""
    out = sys.stdout
    collected = collect(Path(bot.__file__).parent, COMMANDS.all())
    for problem in collected.problems:
        out.write(f"{problem}\n")
    is_bad = bool(collected.problems)
    for locale in TRANSLATED:
        found = check(collected.sources, translations(locale))
        is_bad |= found.are_bad or not translations(locale)
        out.write(f"{locale}: {len(collected.sources)} sentences, {len(found.missing)} missing\n")
        for kind, keys in (("stale", found.stale), ("wrong", found.wrong)):
            out.writelines(f"  {kind}: {key}\n" for key in keys)
        if locale in arguments:
            for key in found.missing:
                source = collected.sources[key]
                english = dict(source.forms) if source.is_counted else source.forms["other"]
                out.write(f"  {key} = {json.dumps(english, ensure_ascii=False)}\n")
        elif found.missing:
            out.write(
                f"  missing: {', '.join(found.missing[:5])}{' ...' * (len(found.missing) > 5)}\n"
            )
    return int(is_bad)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
