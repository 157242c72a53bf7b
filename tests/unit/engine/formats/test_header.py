"""The header reader against hostile and broken files."""

import io
import json
import struct
import time
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.errors import BadLoraFile
from engine.formats.header import MOST_HEADER_BYTES, Header, read_header_from

ENTRY = {"dtype": "F16", "shape": [2, 3], "data_offsets": [0, 12]}
GOOD = {"__metadata__": {"format": "pt"}, "a.lora_A.weight": ENTRY}


def read(data: bytes) -> Header:
    return read_header_from(io.BytesIO(data), len(data), "file.safetensors")


def packed(header: object, body: bytes = bytes(12)) -> bytes:
    text = header if isinstance(header, bytes) else json.dumps(header).encode()
    return struct.pack("<Q", len(text)) + text + body


def with_entry(**changes: object) -> bytes:
    return packed({"a": ENTRY | changes})


def problem_of(data: bytes) -> str:
    with pytest.raises(BadLoraFile) as refusal:
        read(data)
    problems = refusal.value.facts["problems"]
    assert refusal.value.facts["file"] == "file.safetensors"
    assert isinstance(problems, tuple)
    assert len(problems) == 1
    return problems[0]


def test_a_good_header_is_read() -> None:
    header = read(packed(GOOD))
    info = header.tensors["a.lora_A.weight"]
    assert (info.dtype, info.shape, info.size_bytes) == ("F16", (2, 3), 12)
    assert header.metadata == {"format": "pt"}
    assert header.data_start + 12 == header.file_bytes


def test_tensors_are_given_in_the_order_of_their_bytes() -> None:
    second = {"dtype": "F16", "shape": [2], "data_offsets": [12, 16]}
    assert list(read(packed({"b": second, "a": ENTRY}, bytes(16))).tensors) == ["a", "b"]


def test_a_file_without_tensors_is_whole() -> None:
    assert not read(packed({}, b"")).tensors


def test_spaces_behind_the_header_are_allowed() -> None:
    assert read(packed(json.dumps(GOOD).encode() + b"   ")).tensors


def test_a_header_whose_length_looks_like_a_program_is_read() -> None:
    text = json.dumps(GOOD).encode()
    length = int.from_bytes(b"MZ", "little")
    assert read(packed(text + b" " * (length - len(text)))).tensors


@pytest.mark.parametrize(
    ("data", "told"),
    [
        (b"", "an empty file"),
        (b"\x80\x04\x95\x10\0\0\0\0\0\0\0}\x94.", "a pickle file"),
        (b"PK\x03\x04" + bytes(60), "a zip archive"),
        (b"\n<!DOCTYPE html><html><body>403</body></html>", "a web page"),
        (b"version https://git-lfs.github.com/spec/v1\noid sha256:00", "a Git LFS pointer"),
        (b'{"a": 1, "b": 2}', "a JSON text"),
        (b"GGUF" + bytes(30), "a GGUF file"),
        (b"\x89PNG\r\n\x1a\n" + bytes(30), "a PNG picture"),
        (b"\x1f\x8b\x08" + bytes(30), "a gzip archive"),
        (b"Access denied. Log in first, please.", "a plain text"),
        (b"\1\2\3", "too short"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_is_not_safetensors_is_named(data: bytes, told: str) -> None:
    assert told in problem_of(data)


@pytest.mark.parametrize(
    ("data", "told"),
    [
        (struct.pack("<Q", 2**63) + b"{}", "at most"),
        (struct.pack("<Q", MOST_HEADER_BYTES + 1) + b"{}", "at most"),
        (struct.pack("<Q", 5000) + b"{}", "more than the whole file"),
        (packed(b"{nonsense"), "not text"),
        (packed(b'{"a" 1}'), "not valid JSON"),
        (packed(b'{"a": '), "not a short JSON object"),
        (packed(b'{"\xff\xfe": 1}'), "not UTF-8"),
        (packed(b"[]" + b" " * 9, b""), "not a JSON object"),
        (packed(b'{"a":' + b"[" * 100_000), "not a short JSON object"),
        (packed(b'{"a":{"dtype":' + b"[" * 400 + b"]" * 400 + b"}}"), "short JSON object"),
        (packed(b'{"a":{"dtype":' + b"[" * 200 + b"]" * 200 + b"}}"), "does not have dtype"),
        (packed(json.dumps(GOOD).encode() + b"PK"), "follows"),
        (packed(GOOD, bytes(13)), "cover 12 bytes, but 13"),
        (packed(GOOD, bytes(11)), "cover 12 bytes, but 11"),
        (with_entry(data_offsets=[1, 13]), "gap or an overlap"),
        (packed({"a": ENTRY, "b": ENTRY}), "gap or an overlap"),
        (packed({"a": ENTRY, "b": ENTRY | {"data_offsets": [6, 18]}}), "gap or an overlap"),
        (packed({"a": ENTRY, "b": ENTRY | {"data_offsets": [20, 32]}}), "gap or an overlap"),
        (with_entry(data_offsets=[12, 0]), "makes no sense"),
        (with_entry(data_offsets=[-12, 0]), "makes no sense"),
        (with_entry(data_offsets=[0]), "makes no sense"),
        (with_entry(data_offsets=[False, 12]), "makes no sense"),
        (with_entry(shape=[2, 4]), "another number of bytes"),
        (with_entry(shape=[-2, -3]), "positive whole numbers"),
        (with_entry(shape=[0, 3], data_offsets=[0, 0]), "positive whole numbers"),
        (with_entry(shape=[2.0, 3]), "positive whole numbers"),
        (with_entry(shape="2,3"), "positive whole numbers"),
        (with_entry(shape=[1] * 9), "positive whole numbers"),
        (with_entry(shape=[2**62, 2**62]), "larger than any file"),
        (with_entry(dtype="F4"), "element type"),
        (with_entry(dtype=16), "element type"),
        (with_entry(extra=1), "alone"),
        (packed({"a": 7}), "short JSON object"),
        (packed({"a": {}}), "alone"),
        (packed(b'{"a":{"dtype":"F16","shape":[NaN,3],"data_offsets":[0,12]}}'), "not valid JSON"),
        (packed(b'{"a":{"dtype":"F16","dtype":"F16","shape":[2,3],"data_offsets":[0,12]}}'),
         "not valid JSON"),
        (packed(b'{"a":{"dtype":"F16","shape":[' + b"9" * 400 + b'],"data_offsets":[0,12]}}'),
         "positive whole numbers"),
        (packed(b'{"a":' + json.dumps(ENTRY).encode() + b',"a":' + json.dumps(ENTRY).encode()
                + b"}"), "twice"),
        (packed({"../../../../etc/passwd": ENTRY}), "odd name"),
        (packed({"a b": ENTRY}), "odd name"),
        (packed({"": ENTRY}), "odd name"),
        (packed({"a" * 257: ENTRY}), "odd name"),
        (packed({"__metadata__": {"a": 1}, "a": ENTRY}), "not text"),
        (packed({"__metadata__": {"a": {"b": "c"}}, "a": ENTRY}), "not text"),
        (packed({"__metadata__": [], "a": ENTRY}), "not valid JSON"),
        (packed({"__metadata__": {"a": "\ud800"}, "a": ENTRY}), "not Unicode"),
        (packed({"__metadata__": {"a": "x" * 2_000_001}, "a": ENTRY}), "longer than"),
        (packed(b'{"__metadata__":{"a":"1","a":"2"}}', b""), "twice"),
        (packed(b'{"__metadata__":{},"__metadata__":{}}', b""), "two metadata"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)  # fmt: skip
def test_a_dishonest_header_is_refused(data: bytes, told: str) -> None:
    problem = problem_of(data)
    assert told in problem


def test_two_hundred_thousand_empty_tensors_are_refused_quickly() -> None:
    entry = '{"dtype":"F16","shape":[1],"data_offsets":[%d,%d]}'
    pairs = (f'"t{n}":{entry % (2 * n, 2 * n + 2)}' for n in range(150_000))
    data = packed(("{" + ",".join(pairs) + "}").encode(), bytes(300_000))
    before = time.process_time()
    assert "more than 20000 tensors" in problem_of(data)
    assert time.process_time() - before < 2


@pytest.mark.parametrize(
    "piece", [b'"":0,', b'"a":[],', b"[[],", b'{"a":', b'"a":{},', b'"' + b"\\u0000" * 9]
)
def test_sixteen_megabytes_of_nonsense_are_refused_quickly(piece: bytes) -> None:
    data = packed(b"{" + piece * ((MOST_HEADER_BYTES - 100) // len(piece)))
    before = time.process_time()
    assert problem_of(data)
    assert time.process_time() - before < 2


def mutations() -> st.SearchStrategy[Callable[[bytes], bytes]]:
    """Ways to spoil a file: flip, insert, remove and repeat bytes anywhere."""
    place = st.integers(0, 10_000)
    pieces = [b"{", b"}", b'"', b"[", b"]", b",", b":", b"-", b"1e9", b"NaN", b"\\", b"\0", b"\xff"]
    piece = st.sampled_from(pieces) | st.binary(max_size=6)

    def replaced(at: int, size: int, new: bytes) -> Callable[[bytes], bytes]:
        def mutate(data: bytes) -> bytes:
            start = at % (len(data) + 1)
            return data[:start] + new + data[start + size :]

        return mutate

    return st.builds(replaced, place, st.integers(0, 8), piece)


@given(st.lists(mutations(), min_size=1, max_size=4))
@settings(max_examples=400, deadline=500)
def test_a_mutated_file_is_read_or_refused_but_never_breaks_the_reader(
    changes: list[Callable[[bytes], bytes]],
) -> None:
    data = packed(GOOD | {"b": ENTRY | {"data_offsets": [12, 24]}}, bytes(24))
    for change in changes:
        data = change(data)
    try:
        header = read(data)
    except BadLoraFile:
        return
    assert sum(info.size_bytes for info in header.tensors.values()) + header.data_start == len(data)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner),
    max_leaves=8,
)


@given(st.dictionaries(st.text(max_size=12) | st.sampled_from(["__metadata__", "a"]), JSON))
@settings(max_examples=60, deadline=500)
def test_any_json_object_is_read_or_refused(header: dict[str, object]) -> None:
    try:
        found = read(packed(header, b""))
    except BadLoraFile:
        return
    assert not found.tensors


@given(st.binary(max_size=600))
@settings(max_examples=300, deadline=500)
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    try:
        header = read(data)
    except BadLoraFile:
        return
    assert header.file_bytes == len(data)
