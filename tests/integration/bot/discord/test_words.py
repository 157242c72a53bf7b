"""Plain words: by mention and in private conversations, where they come from, how they look."""

from collections.abc import Iterator

import pytest

from bot.discord.hearing import Hearing
from bot.messages import Inbound, Level
from bot.port import Receive
from tests.emulators.discord.people import is_private
from tests.emulators.discord.world import APP, parts_of
from tests.fakes.engine import png
from tests.integration.bot.discord.conftest import House

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest.fixture
def acts(house: House) -> Iterator[list[Inbound]]:
    """What the router is given, which answers all the same."""
    heard: list[Inbound] = []
    hearing: Hearing = house.platform.hearing
    receive: Receive | None = hearing.receive
    assert receive is not None

    async def listen(inbound: Inbound) -> None:
        heard.append(inbound)
        house.world.changed()
        await receive(inbound)

    hearing.receive = listen
    yield heard
    hearing.receive = receive


async def test_a_mention_draws_and_the_answer_replies_to_it(house: House) -> None:
    said = house.ada.says(house.channel, "@bot a red circle")
    seen = await house.ada.sees(house.channel, "a red circle", pictures=1)
    assert seen.payload["message_reference"]["message_id"] == str(said.id)
    assert house.channel in house.world.typing


async def test_words_that_are_not_for_the_bot_are_not_heard(
    house: House, acts: list[Inbound]
) -> None:
    house.ada.says(house.channel, "a red circle for me")
    other = house.world.message(house.channel, house.world.user(77, "Other bot", is_bot=True))
    other.payload["mentions"] = [house.world.bot]
    house.ada.tell(other)
    house.ada.says(house.channel, "@bot a green star")
    await house.ada.sees(house.channel, "a green star", pictures=1)
    assert len(acts) == 1


async def test_a_private_conversation_needs_no_mention(house: House, acts: list[Inbound]) -> None:
    channel = house.world.direct_of(house.ada.id)
    house.ada.says(channel, "a red circle")
    seen = await house.ada.sees(channel, "a red circle", pictures=1)
    assert not is_private(seen)
    assert acts[0].space.kind == "dm"
    assert acts[0].place.kind == "direct"
    assert acts[0].author.level is Level.MEMBER


async def test_a_typed_command_works_in_a_private_conversation(house: House) -> None:
    channel = house.world.direct_of(house.ada.id)
    house.ada.says(channel, "/create a red circle")
    assert len((await house.ada.sees(channel, "a red circle", pictures=1)).pictures) == 1


async def test_a_message_that_is_told_twice_is_answered_once(
    house: House, acts: list[Inbound]
) -> None:
    said = house.ada.says(house.channel, "@bot a red circle")
    house.ada.tell(said)
    house.ada.says(house.channel, "@bot a green star")
    await house.ada.sees(house.channel, "a green star", pictures=1)
    assert len(acts) == 2


async def test_an_interaction_that_is_told_twice_is_answered_once(
    house: House, acts: list[Inbound]
) -> None:
    told = await house.ada.uses("create", house.channel, words="a red circle")
    house.world.dispatch("INTERACTION_CREATE", told.payload)
    await house.ada.sees(house.channel, "a red circle", pictures=1)
    callbacks = [path for _, path, _ in house.world.asked if path.endswith("/callback")]
    assert (len(acts), len(callbacks)) == (1, 1)


async def test_a_thread_counts_as_its_channel_and_has_its_own_conversation(
    house: House, acts: list[Inbound]
) -> None:
    forum = house.world.channel(house.guild, "after dark", nsfw=True, kind=15)
    post = house.world.thread(house.guild, forum, "a post")
    guild = house.discord.gateway.guild_payload(house.guild)
    house.world.dispatch("GUILD_CREATE", guild)
    await house.ada.uses("create", post, words="a red circle")
    await house.ada.sees(post, "a red circle", pictures=1)
    place = acts[0].place
    assert (place.id, place.title, place.is_age_restricted) == (str(forum), "a post", True)
    assert str(post) in acts[0].conversation


async def test_roles_language_and_name_come_along(house: House, acts: list[Inbound]) -> None:
    role = house.world.role(house.guild, "Artists")
    house.guild.roles.append(role)
    house.world.dispatch("GUILD_CREATE", house.discord.gateway.guild_payload(house.guild))
    person = house.discord.person("\u202e\u200bZo\u200de\u0301", "pt-BR", roles=[role["id"]])
    await person.uses("queue", house.channel)
    await person.sees(house.channel, "Você não tem nada na fila.")
    author = acts[0].author
    assert author.roles == (role["id"],)
    assert author.locale == "pt-BR"
    assert "\u202e" not in author.name
    assert "Zo" in author.name


async def test_a_name_of_nothing_visible_is_replaced(house: House, acts: list[Inbound]) -> None:
    person = house.discord.person("\u200b\u2060")
    person.user["username"] = "\u200b"
    await person.uses("queue", house.channel)
    await person.sees(house.channel, "nothing in the queue")
    assert acts[0].author.name == "someone"


async def test_a_server_with_500_roles(house: House, acts: list[Inbound]) -> None:
    many = [house.world.role(house.guild, f"role {number}") for number in range(500)]
    house.guild.roles += many
    house.world.dispatch("GUILD_CREATE", house.discord.gateway.guild_payload(house.guild))
    house.ada.roles = [each["id"] for each in many]
    house.ada.says(house.channel, "@bot a red circle")
    await house.ada.sees(house.channel, "a red circle", pictures=1)
    assert len(acts[0].author.roles) == 500


async def test_an_app_that_a_person_brought_along_answers_by_the_interaction_alone(
    house: House, acts: list[Inbound]
) -> None:
    elsewhere = house.world.guild("Elsewhere", joined=False)
    channel = int(elsewhere.channels[0]["id"])
    house.ada.has_installed = True
    await house.ada.uses("create", channel, words="a red circle")
    await house.ada.sees(channel, "a red circle", pictures=1)
    assert acts[0].place.kind == "visited"
    assert acts[0].space.id == f"discord:{house.ada.id}"
    assert not [p for _, p, _ in house.world.asked if p.startswith(f"/channels/{channel}")]


async def test_the_owner_of_the_application_is_the_host_in_private(
    house: House, acts: list[Inbound]
) -> None:
    owner = house.discord.person("Owner")
    house.world.people.pop(owner.id)
    owner.id = 1
    channel = house.world.direct_of(owner.id)
    owner.says(channel, "/queue")
    await owner.sees(channel, "nothing in the queue")
    await owner.uses("queue", house.channel)
    await owner.sees(house.channel, "nothing in the queue")
    assert [each.author.level for each in acts] == [Level.HOST, Level.MEMBER]


async def test_what_people_write_pings_nobody_and_formats_nothing(house: House) -> None:
    wicked = "a **red** circle @everyone <@123> [link](https://evil.example) # big"
    house.ada.says(house.channel, f"@bot {wicked}")
    await house.ada.sees(house.channel, "a **red** circle @everyone", pictures=1)
    posts = [body for method, _, body in house.world.asked if method in ("POST", "PATCH") and body]
    told = [each for each in posts if "components" in each or "content" in each]
    assert told
    assert all(each["allowed_mentions"]["parse"] == [] for each in told)
    texts = [part["content"] for each in told for part in parts_of(each.get("components", []), 10)]
    assert texts
    assert not any("**red**" in each or " [link" in each or " <@" in each for each in texts)


async def test_a_picture_without_words_is_asked_for_its_recipe(house: House) -> None:
    upload = house.world.upload(house.channel, "cat.png", png())
    house.ada.says(house.channel, "@bot", upload)
    assert "cat.png" in (await house.ada.sees(house.channel, "no recipe in")).text


async def test_the_mention_of_another_person_becomes_their_name(
    house: House, acts: list[Inbound]
) -> None:
    bob = house.discord.person("Bob")
    message = house.ada.says(house.channel, f"@bot draw <@{bob.id}> in red", is_told=False)
    message.payload["mentions"].append(bob.user)
    house.ada.tell(message)
    await house.world.until(lambda: acts)
    assert acts[0].act.kind == "words"
    assert acts[0].act.text == "draw @Bob in red"
    assert str(APP) not in acts[0].act.text


async def test_an_interaction_before_its_server_is_told(house: House) -> None:
    guild = house.world.guild("Late")
    channel = int(guild.channels[0]["id"])
    await house.ada.uses("create", channel, words="a red circle")
    await house.ada.sees(channel, "a red circle", pictures=1)


async def test_a_secret_asked_for_in_public_goes_to_the_person(house: House) -> None:
    house.ada.says(house.channel, "@bot /me data")
    seen = await house.ada.sees(house.world.direct_of(house.ada.id), "What I keep about you")
    assert seen.payload["channel_id"] == str(house.world.direct_of(house.ada.id))
    assert house.world.by_bot(house.channel) == []
