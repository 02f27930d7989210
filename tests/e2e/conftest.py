"""What stories start from: a profile, the fake server as its provider, a key store in a private file, the models."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import keyring
import pytest
from keyring.backend import KeyringBackend

from app.paths import Paths
from app.services.secrets import SERVICE
from tests.e2e.small_disk import permitted
from tests.fakes.keyring import in_file
from tests.fakes.microphone import VirtualMicrophone, virtual_microphone
from tests.fakes.openai_server import FakeOpenAI
from tests.profiles import PROVIDER, SMALL_MODELS, add_models, connect, models_folder

KEY = "sk-loopback-0123456789"


@pytest.fixture
def profile(tmp_path: Path) -> Path:
    """The folder of a fresh profile, made by nobody yet; with a space, Chinese and a picture, as folders may have."""
    return tmp_path / "my profile 档案 🌊"


@pytest.fixture
def paths(profile: Path) -> Paths:
    """The profile's places, made already."""
    made = Paths.under(profile)
    made.ensure()
    return made


@pytest.fixture
def server() -> Iterator[FakeOpenAI]:
    """A server that wants `KEY`."""
    with FakeOpenAI(key=KEY) as running:
        yield running


@pytest.fixture
def key_store(monkeypatch: pytest.MonkeyPatch) -> Iterator[KeyringBackend]:
    """A real key store in the test's home folder, the same for this process and its children."""
    file = Path.home() / ".local" / "share" / "python_keyring" / "keyring_pass.cfg"
    before = keyring.get_keyring()  # with the environment of all tests: keyring chooses once and remembers it
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", "keyrings.alt.file.PlaintextKeyring")
    keyring.set_keyring(in_file(file))
    yield keyring.get_keyring()
    keyring.set_keyring(before)


@pytest.fixture
def connected(profile: Path, paths: Paths, server: FakeOpenAI, key_store: KeyringBackend) -> Path:
    """A profile whose provider is the fake server, with the right key."""
    connect(paths, server.base_url)
    key_store.set_password(SERVICE, PROVIDER, KEY)
    return profile


@pytest.fixture
def equipped(profile: Path, paths: Paths) -> Path:
    """A profile with the small models of the built-in engine and no provider."""
    if not all((models_folder() / name).exists() for name in SMALL_MODELS):
        pytest.skip(f"no models in {models_folder()}: run `make test` once, which fetches them")
    add_models(paths)
    return profile


@pytest.fixture
def small_disk(tmp_path: Path) -> Path:
    """A folder in which `with_disk` may have a disk."""
    folder = tmp_path / "disk"
    folder.mkdir()
    if not permitted(folder):
        pytest.skip("needs a small disk of its own: allow `unshare --map-root-user --mount` (Linux user namespaces)")
    return folder


@pytest.fixture
def microphone() -> Iterator[VirtualMicrophone]:
    """The only microphone of this machine for the time of the test."""
    with virtual_microphone() as running:
        yield running
