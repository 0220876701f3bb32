"""What a machine has too little of is told as that: no picture is damaged, and it passes."""

from __future__ import annotations

import errno
import os
import subprocess
import sys
import textwrap
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from built_site import TinySite, picture

from bench import hostile_files as hostile
from mkdocs_alttext.captioning.request import failure_of
from mkdocs_alttext.exceptions import ImageError, ServiceUnavailableError
from mkdocs_alttext.images import prepare as preparation
from mkdocs_alttext.images import subprocess as isolation
from mkdocs_alttext.images.collection import ImageCollection
from mkdocs_alttext.images.prepare import prepare
from mkdocs_alttext.images.subprocess import Limits, prepared_apart
from mkdocs_alttext.models import PICTURE_FAULTS, Failure, Reason
from mkdocs_alttext.ocr.reader import RapidReader
from mkdocs_alttext.services.errors import failure_from
from mkdocs_alttext.site.files import SiteFiles

if TYPE_CHECKING:
    from collections.abc import Callable

    from api_server import ApiServer

    from mkdocs_alttext.models import Picture

linux = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="limits as Linux has them")
ROOT = Path(__file__).parent.parent
BMP = hostile.sound("BMP")
SHORT: list[Exception] = [
    OSError(errno.EMFILE, "Too many open files"),
    OSError(errno.ENFILE, "Too many open files in system"),
    OSError(errno.ENOMEM, "Cannot allocate memory"),
    BlockingIOError(errno.EAGAIN, "Resource temporarily unavailable"),
    MemoryError(),
    RuntimeError("can't start new thread"),
]


def refused(call: Callable[[], object]) -> ImageError:
    """Return why a picture is not used."""
    with pytest.raises(ImageError) as raised:
        call()
    return raised.value


class Failing:
    """Files of which the first that are read cannot be."""

    def __init__(self, errors: list[Exception]) -> None:
        """Take what reading raises, from the last on."""
        self._errors = errors

    def read(self, _: str) -> bytes:
        """Raise an error, or return a picture where none is left."""
        if self._errors:
            raise self._errors.pop()
        return picture()


def raising(error: Exception) -> Callable[..., bytes]:
    """Return what raises an error, however it is called."""

    def call(*_: object, **__: object) -> bytes:
        raise error

    return call


@pytest.mark.parametrize("error", SHORT[:5], ids=repr)
def test_a_file_that_cannot_be_opened_for_now_is_not_unreadable(error: Exception) -> None:
    """And is read at the next place that shows it, in the same build."""
    images = ImageCollection(Failing([error]))
    assert refused(lambda: images.facts("a.png")).reason is Reason.OUT_OF_RESOURCES
    assert images.facts("a.png").sha256


def test_a_file_that_may_not_be_read_is_unreadable() -> None:
    """That does not pass, and it is not looked at again in this build."""
    images = ImageCollection(Failing([PermissionError(errno.EACCES, "Permission denied")]))
    for _ in range(2):
        error = refused(lambda: images.facts("a.png"))
        assert (error.reason, error.detail) == (Reason.UNREADABLE, "Permission denied")


@pytest.mark.parametrize("error", [*SHORT, FileNotFoundError(errno.ENOENT, "None")], ids=repr)
def test_a_decoder_s_process_that_cannot_start_is_the_machine_s_fault(
    monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    """For whatever reason it cannot."""
    monkeypatch.setattr(subprocess, "run", raising(error))
    refusal = refused(lambda: prepare(BMP))
    assert refusal.reason is Reason.OUT_OF_RESOURCES
    assert "no process could be started" in refusal.detail
    assert not refusal.is_final


def test_a_process_that_has_no_interpreter_is_the_machine_s_fault(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """As where it was removed meanwhile."""
    monkeypatch.setattr(sys, "executable", "/nowhere/python")
    assert refused(lambda: prepare(BMP)).reason is Reason.OUT_OF_RESOURCES


@pytest.mark.parametrize(
    ("status", "output", "reason", "is_final"),
    [
        (1, b"", Reason.OUT_OF_RESOURCES, False),  # it could not import what decodes
        (-6, b"", Reason.OUT_OF_RESOURCES, False),  # it had no memory to start with
        (0, b"", Reason.OUT_OF_RESOURCES, False),
        (-9, b"\n", Reason.OUT_OF_RESOURCES, False),  # what a system does that has no memory
        (-2, b"\n", Reason.OUT_OF_RESOURCES, False),  # Ctrl-C reaches all processes
        (-15, b"\n", Reason.OUT_OF_RESOURCES, False),
        (-24, b"\n", Reason.UNDECODABLE, True),  # its time is over
        (-11, b"\n", Reason.UNDECODABLE, True),  # a crash
        (-6, b"\n", Reason.UNDECODABLE, True),
        (1, b"\n", Reason.UNDECODABLE, False),
        (0, b"\n", Reason.UNDECODABLE, False),
        (0, b"\n{}", Reason.UNDECODABLE, False),
        (0, b'\n{"reason": "odd", "detail": "", "is_final": true}', Reason.UNDECODABLE, False),
    ],
)
@linux
def test_how_a_process_ends_says_whose_fault_it_was(
    monkeypatch: pytest.MonkeyPatch, status: int, output: bytes, reason: Reason, *, is_final: bool
) -> None:
    """The picture's, once it is being decoded; and whether trying again could help."""
    ended = subprocess.CompletedProcess([], status, output)
    monkeypatch.setattr(subprocess, "run", lambda *_, **__: ended)
    error = refused(lambda: prepare(BMP))
    assert (error.reason, error.is_final) == (reason, is_final)


@linux
def test_a_machine_that_is_too_busy_does_not_make_a_picture_complex(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The clock's time is over, and the processor's is not."""
    monkeypatch.setattr(subprocess, "run", raising(subprocess.TimeoutExpired("python", 30)))
    error = refused(lambda: prepare(BMP))
    assert (error.reason, error.is_final) == (Reason.OUT_OF_RESOURCES, False)
    assert "within 30 s" in error.detail


@pytest.mark.parametrize("said", ["out of memory error", "broken data stream"])
def test_only_damage_is_final(monkeypatch: pytest.MonkeyPatch, said: str) -> None:
    """Decoders say with the same class of error that they lack memory."""
    error = OSError(f"{said} when reading image file")
    monkeypatch.setattr(preparation, "decoded", raising(error))
    refusal = refused(lambda: preparation.prepare_here(BMP))
    assert refusal.reason is Reason.UNDECODABLE
    assert refusal.is_final is (said == "broken data stream")


@linux
def test_a_process_with_less_memory_than_it_should_have_says_nothing_final() -> None:
    """Whoever started the build allows no more; another machine may."""
    code = f"""
        import resource
        from bench import hostile_files
        from mkdocs_alttext.exceptions import ImageError
        from mkdocs_alttext.images.subprocess import Limits, prepared_apart
        data = hostile_files.sound("TIFF", (6000, 6000), compression="tiff_adobe_deflate")
        most = {160 * 1024 * 1024}
        resource.setrlimit(resource.RLIMIT_AS, (most, most))
        try:
            prepared_apart(data, Limits(memory=2 * most))
        except ImageError as error:
            print(error.reason.value, error.is_final)
    """
    run = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(code)], capture_output=True, text=True, check=False
    )
    assert run.stdout.split() == ["out-of-resources", "False"], run.stderr


@pytest.mark.parametrize(
    "error",
    [
        *(OSError(number, os.strerror(number)) for number in (errno.EMFILE, errno.ENOSPC)),
        ImportError("no file is left to read it from"),
        MemoryError(),
    ],
    ids=repr,
)
def test_what_a_decoder_lacks_is_not_the_picture_s_fault(
    monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    """When it is decoded beside the build."""
    monkeypatch.setattr(preparation, "decoded", raising(error))
    assert refused(lambda: prepare(hostile.sound("JPEG"))).reason is Reason.OUT_OF_RESOURCES


def test_what_a_decoder_says_of_a_file_is() -> None:
    """Decoders raise the same errors, but without a number of the system's."""
    assert refused(lambda: prepare(hostile.cut_off("JPEG"))).reason is Reason.UNDECODABLE


@linux
@pytest.mark.parametrize("form", ["PNG", "BMP"])
def test_a_process_without_file_descriptors_calls_no_picture_damaged(
    tmp_path: Path, form: str
) -> None:
    """Neither where it is read, nor where it is decoded."""
    code = f"""
        import os, resource, sys
        from bench import hostile_files
        from mkdocs_alttext.exceptions import ImageError
        from mkdocs_alttext.images.collection import ImageCollection
        from mkdocs_alttext.images import subprocess as apart
        def told(call):
            try:
                return call()
            except ImageError as error:
                print(error.reason.value)
        data = hostile_files.sound({form!r}, (3000, 2000))
        open("picture", "wb").write(data)
        class Source:
            def read(self, path):
                return open(path, "rb").read()
        images = ImageCollection(Source())
        resource.setrlimit(resource.RLIMIT_NOFILE, (len(os.listdir("/proc/self/fd")) - 1,) * 2)
        told(lambda: images.facts("picture"))
        told(lambda: apart.prepared_apart(data))
    """
    run = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(code)],
        capture_output=True,
        text=True,
        check=False,
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, [str(ROOT), *sys.path]))},
    )
    assert run.stdout.split() == ["out-of-resources"] * 2, run.stderr


def test_a_connection_that_no_file_is_left_for_says_so() -> None:
    """Nothing was sent, and the service is not to blame."""
    error = ValueError("a library's own")
    error.__cause__ = SHORT[0]
    failure = failure_from(error, host="ex.org", sent=False)
    assert isinstance(failure, ServiceUnavailableError)
    assert (failure.reason, failure.detail) == (Reason.OUT_OF_RESOURCES, "Too many open files")


@pytest.mark.parametrize("error", SHORT, ids=repr)
def test_what_is_called_for_a_picture_ends_with_the_machine_s_fault(error: Exception) -> None:
    """It is not ours."""
    assert failure_of(error) == Failure(
        Reason.OUT_OF_RESOURCES, getattr(error, "strerror", None) or outcome_detail(error)
    )


def outcome_detail(error: Exception) -> str:
    """Return the words for what has no number of the system's."""
    return {
        MemoryError: "not enough memory",
        RuntimeError: "this machine cannot start another thread",
    }[type(error)]


def test_text_recognition_that_cannot_start_for_now_can_later(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """In the same build: it is not taken for missing."""
    from mkdocs_alttext.models import Picture  # noqa: PLC0415
    from mkdocs_alttext.ocr import reader as rapid_reader  # noqa: PLC0415

    class Nothing:
        boxes = txts = scores = None

    read, image = RapidReader(), Picture(picture(), "image/png", 24, 18)
    monkeypatch.setattr(rapid_reader, "_start", raising(SHORT[0]))
    with pytest.raises(ServiceUnavailableError) as raised:
        read(image)
    monkeypatch.setattr(rapid_reader, "_start", lambda: lambda _, **_options: Nothing())
    assert raised.value.reason is Reason.OUT_OF_RESOURCES
    assert read(image).regions == ()


def test_a_build_says_what_it_had_too_little_of_and_the_next_one_fills(
    tmp_path: Path, server: ApiServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One line names the limit; nothing is remembered."""
    site = TinySite(
        tmp_path,
        {"index.md": "![](a.png)\n", "a.png": picture(1)},
        {"base_url": server.base_url},
        config={"theme": {"name": None, "custom_dir": "theme"}},
    )
    with monkeypatch.context() as patch:
        patch.setattr(SiteFiles, "read", raising(SHORT[0]))
        built = site.build()
    assert built.outcomes == ["a.png unavailable missing None out-of-resources"]
    (said,) = [text for text in built.messages() if "file descriptors" in text]
    assert "The next build tries again" in said
    assert site.build().outcomes == ["a.png ask-service filled service None"]


def test_what_passes_is_no_fault_of_a_picture_s() -> None:
    """Nothing that is remembered of pictures may hold it."""
    assert Reason.OUT_OF_RESOURCES not in PICTURE_FAULTS


def test_what_is_final_holds_for_one_software_and_its_limits() -> None:
    """Another decoder may have learnt to do it."""
    named = isolation.software()
    assert "Pillow/" in named
    assert f" {Limits().seconds}s " in named
    assert "\n" not in named


def test_a_sound_picture_is_decoded_apart() -> None:
    """As before."""
    prepared: Picture = prepared_apart(BMP)
    assert (prepared.width, prepared.height) == (64, 48)
