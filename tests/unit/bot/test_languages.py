"""Which language somebody is spoken to in."""

import pytest

from bot.languages import language
from engine.api import Spoken
from engine.errors import StoreBusy
from engine.messages import PersonId, SpaceId
from tests.fakes.engine import FakeEngine

ADA, GARDEN = PersonId("fake:ada"), SpaceId("fake:garden")


@pytest.mark.parametrize(
    ("spoken", "app", "place", "said"),
    [
        (Spoken(chosen="es", app="de", space="ja"), "fr", "pt-BR", "es"),
        (Spoken(app="de", space="ja"), "fr", "pt-BR", "fr"),
        (Spoken(app="de", space="ja"), "", "pt-BR", "de"),
        (Spoken(space="ja"), "ko", "pt-BR", "ja"),
        (Spoken(), "ko", "pt-BR", "pt-BR"),
        (Spoken(chosen="tlh"), "", "", "en"),
    ],
)
async def test_person_goes_before_app_before_place(
    spoken: Spoken, app: str, place: str, said: str
) -> None:
    engine = FakeEngine()
    engine.languages[ADA] = spoken
    assert await language(engine, ADA, GARDEN, app, place) == said


async def test_a_busy_database_keeps_nobody_from_an_answer(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    engine = FakeEngine()

    async def spoken(person: PersonId, space: SpaceId | None = None) -> Spoken:
        raise StoreBusy(waited_s=1)

    monkeypatch.setattr(engine, "spoken", spoken)
    assert await language(engine, ADA, GARDEN, "ja") == "ja"
