"""Posts of the page: kept once, changed, read on from a revision, seen by whom they are for."""

from engine.messages import PersonId, SpaceId
from engine.storage.conversations import ConversationStore
from engine.storage.database import Database
from engine.storage.posts import NewPost, PostStore
from tests.fakes.jobs import NOON, later

GUILD, OTHER = SpaceId("web:guild"), SpaceId("web:other")
ANN, BOB = PersonId("web:ann"), PersonId("web:bob")


def new(name: str, space: SpaceId = GUILD, **more: object) -> NewPost:
    fields: dict[str, object] = {"id": name, "nonce": f"nonce-{name}", "body": {"text": name}}
    return NewPost(space=space, **{**fields, **more})  # type: ignore[arg-type]  # test shorthand


async def test_the_same_nonce_is_kept_once(database: Database) -> None:
    posts = PostStore(database)
    first = await posts.add(new("a"), NOON)
    again = await posts.add(new("b", nonce="nonce-a"), NOON)
    assert again == first
    assert await posts.get("b") is None
    assert await posts.by_nonce("nonce-a") == first


async def test_who_saw_up_to_a_revision_reads_on_and_misses_nothing(database: Database) -> None:
    posts = PostStore(database)
    one = await posts.add(new("one"), NOON)
    two = await posts.add(new("two"), NOON)
    await posts.add(new("elsewhere", OTHER), NOON)
    assert await posts.change("one", {"text": "changed"}, later(5))

    missed = await posts.since(two.revision, 10, [GUILD])

    assert [(post.id, post.body["text"]) for post in missed] == [("one", "changed")]
    assert missed[0].number == one.number
    assert missed[0].edited_at == later(5)
    everything = await posts.since(0, 10)
    assert [post.id for post in everything] == ["two", "elsewhere", "one"]
    assert await posts.revision() == everything[-1].revision


async def test_pages_go_back_from_the_newest(database: Database) -> None:
    posts = PostStore(database)
    for number in range(5):
        await posts.add(new(f"p{number}"), NOON)
    newest = await posts.page(GUILD, ANN, None, 2)
    assert [post.id for post in newest] == ["p3", "p4"]
    older = await posts.page(GUILD, ANN, newest[0].id, 10)
    assert [post.id for post in older] == ["p0", "p1", "p2"]


async def test_what_is_for_one_person_is_seen_by_nobody_else(database: Database) -> None:
    posts = PostStore(database)
    await posts.add(new("secret", seen_by=ANN), NOON)
    assert [post.id for post in await posts.page(GUILD, ANN, None, 9)] == ["secret"]
    assert await posts.page(GUILD, BOB, None, 9) == ()
    assert not await posts.take_down("secret", BOB)
    assert await posts.take_down("secret", ANN)
    assert not await posts.change("secret", {"text": "late"}, NOON)


async def test_an_act_waits_until_it_is_answered(database: Database) -> None:
    posts = PostStore(database)
    await posts.add(new("said", act={"kind": "words"}), NOON)
    waiting = await posts.unanswered(NOON)
    assert [post.act for post in waiting] == [{"kind": "words"}]
    assert await posts.unanswered(later(1)) == ()
    await posts.answered("said")
    assert await posts.unanswered(NOON) == ()


async def test_a_forgotten_person_leaves_empty_posts_that_others_see_go(
    database: Database,
) -> None:
    posts = PostStore(database)
    await posts.add(new("hers", author=ANN), NOON)
    await posts.add(new("answer", asked_by=ANN), NOON)
    await posts.add(new("private", seen_by=ANN), NOON)
    kept = await posts.add(new("his", author=BOB), NOON)

    await ConversationStore(database).forget(ANN)

    gone = await posts.since(kept.revision, 10)
    assert [(post.id, post.is_deleted, post.body) for post in gone] == [
        ("hers", True, {}), ("answer", True, {}),
    ]  # fmt: skip
    assert [post.id for post in await posts.page(GUILD, ANN, None, 9)] == ["his"]
