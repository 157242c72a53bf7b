"""Trigger words out of metadata, with evidence."""

import json

import pytest

from engine.formats.triggers import find_triggers


def words(**metadata: object) -> list[str]:
    texts = {
        key.replace("modelspec_", "modelspec."): value
        if isinstance(value, str)
        else json.dumps(value)
        for key, value in metadata.items()
    }
    return [found.word for found in find_triggers(texts)]


def test_the_trigger_phrase_is_split_at_commas() -> None:
    assert words(modelspec_trigger_phrase="ohwx man, in Zolt style") == [
        "ohwx man",
        "in Zolt style",
    ]


def test_explicit_words_win_over_tags() -> None:
    tags = {"10_img": {"red hair": 9}}
    assert words(trained_words="zolt, zib", ss_tag_frequency=tags) == ["zolt", "zib"]


def test_class_tokens_of_the_data_set_count_as_explicit() -> None:
    datasets = [{"subsets": [{"class_tokens": "ohwx man"}, {"class_tokens": None}]}, 7]
    assert words(ss_datasets=datasets) == ["ohwx man"]


def test_a_tag_counts_when_it_is_under_nearly_every_picture() -> None:
    tags = {"10_a": {"zolt": 20, "1girl": 20, "red hair": 7, "best quality": 20}}
    assert words(ss_tag_frequency=tags) == ["zolt"]


def test_folders_are_counted_together() -> None:
    tags = {"10_a": {"zolt": 5, "cat": 5}, "5_b": {"zolt": 15, "dog": 15}}
    assert words(ss_tag_frequency=tags) == ["zolt"]


def test_pictures_without_tags_count_too() -> None:
    dirs = {"10_a": {"n_repeats": 10, "img_count": 40}}
    assert words(ss_tag_frequency={"10_a": {"zolt": 20}}, ss_dataset_dirs=dirs) == ["a"]


def test_the_trigger_of_an_ai_toolkit_file_is_found() -> None:
    assert words(ss_tag_frequency={"1_p3rs0n": {"p3rs0n": 1}}) == ["p3rs0n"]


def test_a_folder_name_loses_its_repeats() -> None:
    assert words(ss_dataset_dirs={"20_ohwx man": {"img_count": 3}, "img": {}}) == ["ohwx man"]


@pytest.mark.parametrize("folder", ["10_images", "img", "1_girl", "5_data", "3_"])
def test_a_folder_name_that_says_nothing_is_no_trigger(folder: str) -> None:
    assert words(ss_dataset_dirs={folder: {"img_count": 3}}) == []


@pytest.mark.parametrize("nothing", ["", "None", " , ;", "unknown"])
def test_empty_fields_are_no_triggers(nothing: str) -> None:
    assert words(modelspec_trigger_phrase=nothing) == []


def test_tricks_are_cleaned_away() -> None:
    phrase = "zo\u200blt\x00 \u202estyle\n" + "x" * 101
    assert words(modelspec_trigger_phrase=phrase) == ["zolt style"]


@pytest.mark.parametrize(
    "trick",
    ["@everyone", "hi @here",
     "<@&123>", "<#5>", "[free](http://x)", "https://x.y", "```py", "**a**b",
     "<script>", "x" * 4000, "1girl", "masterpiece", "score_9", "\u200b\u200b"],
)  # fmt: skip
def test_no_trick_and_nothing_generic_is_a_trigger(trick: str) -> None:
    assert words(modelspec_trigger_phrase=f"{trick}, zolt") == ["zolt"]


def test_weights_and_lora_tags_of_a_prompt_are_taken_off() -> None:
    beside = "<lora:zolt:0.8>, (zolt:1.2), trigger word: zib"
    assert words(**{"sidecar.triggers": beside}) == ["zolt", "zib"]


def test_several_entries_of_a_card_are_a_choice() -> None:
    found = find_triggers({"sidecar.triggers": "zolt red\nzolt blue"})
    assert [(each.word, each.role) for each in found] == [
        ("zolt red", "pick_one"),
        ("zolt blue", "pick_one"),
    ]


def test_an_embedding_in_the_file_is_a_trigger() -> None:
    assert [found.word for found in find_triggers({}, ["zolt-emb"])] == ["zolt-emb"]


def test_a_word_that_no_dictionary_has_is_found_in_sentences() -> None:
    captions = {f"a photo of zxqv man in the street number {n}": 1 for n in range(20)}
    assert words(ss_tag_frequency={"10_data": captions}) == ["zxqv"]


def test_a_folder_tells_what_stands_behind_the_word() -> None:
    captions = {f"a photo of zxqv man in the street number {n}": 1 for n in range(20)}
    assert words(ss_tag_frequency={"10_zxqv man": captions}) == ["zxqv man"]


def test_a_character_with_the_usual_tags_is_found_by_name_alone() -> None:
    tags = {
        "hatsune miku": 25, "1girl": 25, "solo": 24, "twintails": 24, "long hair": 25,
        "aqua hair": 25, "very long hair": 20, "aqua eyes": 23, "detached sleeves": 22,
        "necktie": 21, "looking at viewer": 20, "headset": 12, "skirt": 25, "thighhighs": 22,
        "score_9": 25, "source_anime": 25, "simple background": 20,
    }  # fmt: skip
    assert words(ss_tag_frequency={"10_hatsunemiku girl": tags}) == ["hatsune miku"]


def test_folders_of_several_looks_are_a_choice() -> None:
    tags = {"5_a": {"zolt": 9, "1girl": 9}, "5_b": {"zib": 20, "1girl": 20}}
    found = find_triggers({"ss_tag_frequency": json.dumps(tags)})
    assert {(each.word, each.role) for each in found} >= {("zolt", "pick_one"), ("zib", "pick_one")}


def test_an_everyday_tag_in_front_of_every_caption_was_put_there() -> None:
    tags = {"watercolor painting": 20, "tree": 12, "smile": 20, "sky": 3}
    assert words(ss_tag_frequency={"5_img": tags}) == ["watercolor painting"]
    last = {"tree": 12, "watercolor painting": 20}
    assert words(ss_tag_frequency={"5_img": last}) == []


@pytest.mark.parametrize("tag", ["long hair", "looking at viewer", "blue eyes", "white background"])
def test_a_tag_of_everyday_words_is_no_trigger(tag: str) -> None:
    assert words(ss_tag_frequency={"10_images": {tag: 20, "smile": 3}}) == []


def test_at_most_ten_words_are_taken() -> None:
    assert len(words(trained_words=",".join(f"w{n}" for n in range(99)))) == 10


@pytest.mark.parametrize(
    "text",
    ["{", "[[[", "[" * 9000, '{"a": 1}', '{"a": {"b": "c"}}', '{"a": {"b": 1e999}}', "7", "null",
     '{"10_img": {"zolt": -5}}', '{"10_img": {"zolt": true}}'],
)  # fmt: skip
def test_nonsense_is_read_as_nothing(text: str) -> None:
    assert words(ss_tag_frequency=text, ss_datasets=text, ss_dataset_dirs="x") in ([], ["zolt"])


def test_evidence_is_in_plain_words() -> None:
    (found,) = find_triggers(
        {"ss_tag_frequency": json.dumps({"2_a": {"zolt": 9, "b": 8, "c": 1}})}
    )[:1]
    assert found.evidence == "A tag of 100 % of the pictures it was trained on."
