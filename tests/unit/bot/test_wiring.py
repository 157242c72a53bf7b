"""Which platforms a bot serves."""

from pydantic import SecretStr

from bot.settings import HttpSettings, Settings
from bot.wiring import platforms_of

TOKEN = SecretStr("a.token")


def test_without_anything_the_page_is_served() -> None:
    assert platforms_of(Settings()) == ("web",)


def test_a_token_brings_its_platform_beside_the_page() -> None:
    assert platforms_of(Settings(discord_token=TOKEN)) == ("discord", "web")


def test_without_the_web_server_a_token_is_enough() -> None:
    settings = Settings(discord_token=TOKEN, http=HttpSettings(enabled=False))
    assert platforms_of(settings) == ("discord",)


def test_what_is_configured_is_served_alone() -> None:
    assert platforms_of(Settings(discord_token=TOKEN, platforms=("web",))) == ("web",)
