"""Whole conversations in other languages: what a person sees, from /create to the picture."""

from collections.abc import AsyncIterator

import pytest

from bot.messages import Invoke, Outbound, Press, Words
from bot.wiring import Bot, build
from engine.api import Spoken
from engine.messages import Chat, JobId, PersonId, Reading
from tests.fakes.engine import FakeEngine
from tests.fakes.platform import FakePlatform, Pauses, inbound, quiet

ADA = PersonId("fake:ada")


class Talk:
    """Somebody whose app speaks a language."""

    def __init__(
        self, bot: Bot, platform: FakePlatform, engine: FakeEngine, pauses: Pauses
    ) -> None:
        self._bot, self._platform, self._pauses, self.engine = bot, platform, pauses, engine
        self.locale = ""
        self._acts = 0

    async def does(self, act: Words | Invoke | Press) -> Outbound:
        self._acts += 1
        await self._bot.router.receive(inbound(act, id=f"act-{self._acts}", locale=self.locale))
        await quiet()
        return self._platform.newest

    async def uses(self, name: str, /, **options: str) -> Outbound:
        return await self.does(Invoke(name=name, options=options))

    async def presses(self, label: str) -> Outbound:
        return await self.does(Press(button=self._platform.button(label).id))

    async def sees(self) -> Outbound:
        await self._pauses.release()
        await self._pauses.release()
        return self._platform.newest


@pytest.fixture
async def talk() -> AsyncIterator[Talk]:
    engine, platform, pauses = FakeEngine(), FakePlatform(), Pauses()
    bot = build(engine, {"fake": platform}, pauses)
    await engine.start()
    await bot.delivery.start()
    await quiet()
    yield Talk(bot, platform, engine, pauses)
    await bot.delivery.stop()
    await engine.stop()


async def test_a_picture_in_german(talk: Talk) -> None:
    talk.locale = "de"
    talk.engine.languages[ADA] = Spoken(app="de")
    asked = await talk.uses("create", words="Zib in neon", count="2")
    assert asked.text == "Gleich dran, etwa 1 bis 2 Sekunden."
    assert [button.label for button in asked.buttons] == ["abbrechen"]

    talk.engine.finish(JobId("job1"))
    shown = await talk.sees()
    assert shown.text == "Zib in neon\nZib 0.9 + Neon 0.7 · Seed 0 · 0,4 s · job1"
    labels = [button.label for button in shown.buttons]
    assert labels == ["nochmal", "1 variieren", "2 variieren", "warum so?", "löschen"]

    why = await talk.presses("warum so?")
    told = {line.name: line.value for line in why.lines}
    assert why.title == "Warum job1 so aussieht"
    assert told["du sagtest"] == "„Zib in neon“"
    assert told["Zib"].startswith("Figur, Gewicht 0.9, Trigger „zib creature“: ")
    assert "20 Steps" in told["Einstellungen"]

    refused = await talk.uses("create", words="a cat", size="banana")
    assert refused.text == "„banana“ geht nicht für size. Das geht: etwa 64x64 oder 64."


async def test_a_picture_in_japanese(talk: Talk) -> None:
    talk.locale = "ja"
    talk.engine.languages[ADA] = Spoken(app="ja")
    asked = await talk.uses("create", words="Zib")
    assert asked.text == "次に描きます。約1〜2秒です。"
    assert [button.label for button in asked.buttons] == ["キャンセル"]

    talk.engine.finish(JobId("job1"))
    shown = await talk.sees()
    assert shown.text == "Zib\nZib 0.9 · シード 0 · 0.4 s · job1"
    assert [button.label for button in shown.buttons][:3] == [
        "もう一度",
        "バリエーション",
        "なぜ\uff1f",
    ]

    queue = await talk.uses("queue")
    assert queue.text == "あなたの依頼は並んでいません。全体で0件が待ち、0件を描いています。"
    unknown = await talk.uses("show", id="nothing1")
    assert unknown.text.startswith("「nothing1」という画像はここにありません。")


async def test_progress_is_told_in_the_language_of_whoever_asked(talk: Talk) -> None:
    talk.locale = "fr"
    await talk.uses("create", words="Zib")
    talk.engine.step(JobId("job1"), 5)
    assert (await talk.sees()).text == "Je dessine : étape 5 sur 20."


async def test_a_persons_choice_goes_before_app_and_place(talk: Talk) -> None:
    talk.locale = "de"
    talk.engine.languages[ADA] = Spoken(chosen="es", app="de", space="ja")
    assert (await talk.uses("queue")).text.startswith("No tienes nada en la cola.")

    talk.engine.languages[ADA] = Spoken(space="ja")
    assert (await talk.uses("queue")).text.startswith("Von dir steht nichts in der Schlange.")
    talk.locale = "ko"
    assert (await talk.uses("queue")).text.startswith("あなたの依頼は並んでいません。")


async def test_words_with_braces_stay_as_they_are(talk: Talk) -> None:
    talk.locale = "pt-BR"
    shown = await talk.uses("looks", query="{words} {0.__class__}")
    assert shown.text.startswith("Nenhum look aqui combina com “{words} {0.__class__}”.")


async def test_what_the_director_says_is_translated_but_remembered_as_it_was(talk: Talk) -> None:
    """Its next reading looks for its own words."""
    talk.locale = "es"
    hello = "Hello! What would you like to see?"
    talk.engine.reading = Reading(intent=Chat(words="hi"), reply=hello)
    assert (await talk.does(Words(text="hi"))).text == "¡Hola! ¿Qué te gustaría ver?"
    ((_, turns),) = talk.engine.disk.turns.items()
    assert turns[0][1].reply == hello
