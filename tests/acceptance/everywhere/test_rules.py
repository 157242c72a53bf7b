"""Who may what, what is refused and what would work instead, the same on every platform."""

import pytest

from bot.messages import Level
from tests.acceptance.everywhere.conftest import Scene
from tests.acceptance.everywhere.person import Person, Seen

pytestmark = pytest.mark.asyncio(loop_scope="module")
HOSTILE = (
    "a red circle **bold** __line__ `code` ||hidden|| <b>tag</b> [link](https://evil.example) "
    "@everyone @here @ada <@123> <#456> </create:1> # heading > quote \\*"
)


async def test_a_look_that_is_not_here_is_answered_with_what_is(scene: Scene) -> None:
    ada = await scene.person()
    await ada.uses("looks", query="Mosiac")
    await ada.sees("Mosaic")
    await ada.uses("looks", query="qqqq xxxx")
    await ada.sees("qqqq xxxx", "/looks shows all of them")
    await ada.uses("lora", action="info", name="Zzib")
    await ada.sees("Zib")


async def test_what_would_never_work_says_what_does(scene: Scene) -> None:
    ada = await scene.person()
    await ada.says("/create steps=9999 a star")
    await ada.sees("9999", "1 to 150")
    await ada.says("/help nonsense")
    await ada.sees("nonsense", "/help")
    await ada.uses("show", id="nothing1")
    await ada.sees("nothing1")


async def test_looks_are_listed_a_page_at_a_time(scene: Scene) -> None:
    ada = await scene.person()
    await ada.uses("looks")
    first = await ada.sees("looks, page 1 of", "describe what you want", buttons=("next",))
    await ada.presses("next")
    second = await ada.sees("page 2 of", buttons=("previous",))
    assert first.text != second.text
    await ada.uses("looks", query="Neon")
    await ada.sees("look", "Neon", buttons=("Neon",))
    await ada.presses("Neon")
    await ada.sees("Neon", "works on", "trigger")


async def test_help_says_what_there_is(scene: Scene) -> None:
    ada = await scene.person()
    await ada.uses("help")
    told = await ada.sees("/create", "/show", "/looks", "/queue", "/me")
    assert "your own words" in told.text
    await ada.uses("help", topic="create")
    await ada.sees("Make a picture from a description", "seed")


async def test_what_is_kept_of_a_person_is_told_to_that_person(scene: Scene) -> None:
    ada = await scene.person()
    await ada.says("a red circle")
    await ada.sees(pictures=1)
    await ada.uses("me")
    await ada.sees("What I keep about you", "requests", "/me export")
    await ada.uses("me", what="history")
    await ada.sees("a red circle")
    await ada.uses("me", what="export")
    assert len((await ada.sees("Everything I keep about you")).files) == 1
    if scene.can.is_shared:
        ben = await scene.person("Ben")
        assert not [each for each in ben.now() if "What I keep" in each.text]


async def test_the_settings_of_a_place_are_its_admins(scene: Scene) -> None:
    boss = await scene.person("Grace", Level.ADMIN)
    await boss.uses("settings", rating="suggestive")
    await boss.sees("Changed", "suggestive")
    await boss.uses("settings", action="undo")
    await boss.sees("undone")
    if not scene.can.is_shared:
        return
    for name, level in (("Ada", Level.MEMBER), ("Mo", Level.MODERATOR)):
        somebody = await scene.person(name, level)
        await somebody.uses("settings", rating="mature")
        await somebody.sees("to be an admin")
        assert not [each for each in somebody.news if "Changed" in each.text]


async def test_only_who_asked_for_a_picture_or_a_moderator_deletes_it(scene: Scene) -> None:
    ada = await scene.person()
    await ada.says("a red circle")
    shown = await ada.sees(pictures=1)
    if scene.can.is_shared:
        ben = await scene.person("Ben")
        await ben.presses("delete", shown)
        await ben.sees(f"You can't delete {shown.job}", "to be the one who asked for it")
    await ada.presses("delete", shown)
    await ada.sees("for good", buttons=("yes, delete",))
    await ada.presses("yes, delete")
    await ada.sees(f"The pictures of {shown.job} are deleted")
    if scene.can.is_shared:
        await ada.until(lambda: not _still_there(ada, shown))
    await ada.uses("show", id=shown.job)
    await ada.sees(f"The pictures of {shown.job} were deleted")


def _still_there(person: Person, picture: Seen) -> bool:
    """What has scrolled by in a terminal can't be taken back; elsewhere it can."""
    return any(set(each.pictures) & set(picture.pictures) for each in person.now())


async def test_a_moderator_deletes_what_others_made(scene: Scene) -> None:
    if not scene.can.is_shared:
        pytest.skip("one person alone")
    ada, mo = await scene.person(), await scene.person("Mo", Level.MODERATOR)
    await ada.says("a red circle")
    shown = await ada.sees(pictures=1)
    await mo.presses("delete", shown)
    await mo.sees("for good")
    await mo.presses("yes, delete")
    await mo.sees("are deleted")
    await ada.until(lambda: not _still_there(ada, shown))


async def test_an_id_shows_nothing_to_people_of_other_places(scene: Scene) -> None:
    if not scene.can.is_shared:
        pytest.skip("one place alone")
    ada, ben = await scene.person(), await scene.person("Ben")
    await ada.says("a red circle")
    shown = await ada.sees(pictures=1)
    await ben.uses("show", id=shown.job)
    assert (await ben.sees("a red circle", pictures=1)).job == shown.job
    other = scene.stage.place()
    stranger = await scene.stage.person("Eve", other)
    await stranger.uses("show", id=shown.job)
    refused = await stranger.sees(shown.job)
    assert not refused.pictures
    assert "a red circle" not in refused.text
    away = await scene.stage.elsewhere(ada, other)
    await away.uses("show", id=shown.job)
    assert (await away.sees("a red circle", pictures=1)).job == shown.job


async def test_two_people_who_press_the_same_button_get_a_picture_each(scene: Scene) -> None:
    if not scene.can.is_shared:
        pytest.skip("one person alone")
    ada, ben = await scene.person(), await scene.person("Ben")
    await ada.says("a red circle")
    shown = await ada.sees(pictures=1)
    await ada.presses("again", shown)
    await ben.presses("again", shown)

    def three() -> set[str]:
        jobs = {each.job for each in ben.now() if each.pictures}
        return jobs if len(jobs) == 3 else set()

    jobs = [await scene.town.job(each) for each in await ben.until(three)]
    owners = [job.owner.person for job in jobs]
    assert sorted(owners.count(each) for each in set(owners)) == [1, 2]


async def test_a_prompt_of_4000_hostile_characters_stays_words(scene: Scene) -> None:
    ada = await scene.person()
    hostile = (HOSTILE + " ") * 40
    room = min(4000, scene.can.text_chars) - 100
    await ada.says(hostile[:room].strip())
    shown = await ada.sees("a red circle **bold** __line__ `code`", pictures=1)
    assert "<b>tag</b>" in shown.text
    assert "[link](https://evil.example)" in shown.text
    await ada.presses("why this?")
    assert "**bold**" in (await ada.sees(f"Why {shown.job}")).text
    await ada.uses("create", words=hostile[:room].strip())
    await ada.sees("2000")
    assert ada.called() == []


async def test_who_wants_to_be_alone_is_answered_in_private_and_goes_on_there(
    scene: Scene,
) -> None:
    """Buttons of what came in private belong to the place that it was asked for in."""
    ada = await scene.person()
    await ada.uses("me", private="yes")
    await ada.sees("Kept, wherever you meet me")
    await ada.says("Zib in neon")
    shown = await ada.sees("Zib", "Neon", pictures=1)
    if scene.can.is_shared:
        ben = await scene.person("Ben")
        assert not [each for each in ben.now() if each.pictures]
    await ada.presses("again", shown)
    more = await ada.sees("Zib", "Neon", pictures=1)
    first, second = [await scene.town.job(each.job) for each in (shown, more)]
    assert first.owner == second.owner
    assert [each.entry for each in first.plan.loras] == [each.entry for each in second.plan.loras]
    await ada.uses("me", private="no")
    await ada.sees("Kept, wherever you meet me")
