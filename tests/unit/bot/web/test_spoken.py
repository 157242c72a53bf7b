"""What browsers say that they speak."""

import pytest

from bot.web.spoken import accepted


@pytest.mark.parametrize(
    ("header", "locale"),
    [
        ("de-DE,de;q=0.9,en;q=0.8", "de"),
        ("ko,ja;q=0.5,fr;q=0.9", "fr"),
        ("pt", "pt-BR"),
        ("es-419;q=0.4, en-US", "en"),
        ("de;q=0, ja", "ja"),
        ("de;q=x, ja", "ja"),
        ("ko", ""),
        ("*", ""),
        ("", ""),
        (",;q=,;;;", ""),
    ],
)
def test_the_best_of_ours_is_taken(header: str, locale: str) -> None:
    assert accepted(header) == locale
