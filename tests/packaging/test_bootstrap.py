"""packaging/bootstrap.sh on machines in temporary folders: the real script, with a PATH that holds only fakes."""

from __future__ import annotations

import os
import subprocess

import pytest

from tests.packaging.machine import Machine

PYENV = "home/.pyenv/versions"


# Finding a Python


def test_shims_that_fail_are_passed_over_for_the_python_behind_them(machine: Machine) -> None:
    machine.uv()
    for shim in ("python3", "python3.12", "python3.13"):
        machine.command(shim, "echo 'pyenv: version not switched on' >&2; exit 127")
    behind = machine.python("3.12.1", f"{PYENV}/3.12.1/bin/python3")

    outcome = machine.set_up("check")

    assert outcome.code == 0, outcome.said
    assert f"making .venv with {behind}" in outcome.said


def test_newer_of_two_tried_versions_is_taken(machine: Machine) -> None:
    machine.uv()
    machine.python("3.12.1", "bin/python3.12")
    newer = machine.python("3.13.0", f"{PYENV}/3.13.0/bin/python3")

    assert f"making .venv with {newer}" in machine.set_up("check").said


@pytest.mark.parametrize("module", ["ctypes", "sqlite3", "ssl"])
def test_python_built_without_a_needed_module_is_passed_over(machine: Machine, module: str) -> None:
    machine.uv()
    machine.python("3.13.0", "bin/python3.13", lacks=module)
    whole = machine.python("3.12.1", f"{PYENV}/3.12.1/bin/python3")

    assert f"making .venv with {whole}" in machine.set_up("check").said


@pytest.mark.parametrize("version", ["3.11.7", "3.10.13", "3.16.0"])
def test_python_out_of_range_is_refused_with_what_to_do(machine: Machine, version: str) -> None:
    machine.uv()
    machine.python(version)

    outcome = machine.set_up("check")

    assert outcome.code == 1
    assert "Triptych needs Python 3.12 to 3.15" in outcome.said
    assert "pyenv install" in outcome.said or "sudo " in outcome.said or "brew install" in outcome.said
    assert "TRIPTYCH_PYTHON=" in outcome.said
    assert not outcome.called("uv pip")
    assert not (machine.checkout / ".venv").exists()


def test_where_no_python_fits_the_one_that_uv_downloads_is_used(machine: Machine) -> None:
    machine.uv()
    machine.python("3.11.7")
    downloaded = machine.python("3.12.9", "downloads/python3")

    outcome = machine.set_up("check")

    assert outcome.code == 0, outcome.said
    assert outcome.called("uv python install 3.12")
    assert f"making .venv with {downloaded}" in outcome.said


def test_chosen_python_comes_first(ready: Machine) -> None:
    chosen = ready.python("3.12.1", "a place/python")
    ready.environment["TRIPTYCH_PYTHON"] = str(chosen)

    assert f"making .venv with {chosen}" in ready.set_up("check").said


def test_chosen_python_that_does_not_fit_is_said(ready: Machine) -> None:
    ready.environment["TRIPTYCH_PYTHON"] = str(ready.python("3.11.7", "old/python"))

    outcome = ready.set_up("check")

    assert outcome.code == 1
    assert "old/python does not work or is not a Python 3.12 to 3.15" in outcome.said


# Finding uv


@pytest.mark.parametrize("on_the_path", ["nothing", "too old", "a shim that fails"])
def test_uv_comes_from_its_own_environment_where_the_path_has_none_that_works(
    machine: Machine, on_the_path: str
) -> None:
    machine.python("3.13.0")
    machine.uv(place="uv")
    if on_the_path == "too old":
        machine.uv("0.4.30")
    elif on_the_path == "a shim that fails":
        machine.command("uv", "exit 127")

    outcome = machine.set_up("check")

    assert outcome.code == 0, outcome.said
    assert outcome.called("python -m venv") == ["python -m venv .boot"]
    (call,) = outcome.called("pip")
    assert "--require-hashes" in call
    assert "packaging/requirements-boot.txt" in call


def test_an_older_python_is_enough_to_get_uv(machine: Machine) -> None:
    machine.python("3.11.7")
    machine.uv(place="uv")
    machine.python("3.12.9", "downloads/python3")

    assert machine.set_up("check").code == 0


def test_python_is_a_system_package_where_there_is_none_to_get_uv_with(machine: Machine) -> None:
    machine.uv(place="uv")
    arriving = machine.python("3.13.5", "arriving/python3")
    machine.noting_command("apt-get", f'case "$*" in *python3-venv*) cp "{arriving}" "{machine.bin}/python3" ;; esac')

    outcome = machine.set_up("check")

    assert outcome.code == 0, outcome.said
    assert "missing to run Python: python3 python3-venv" in outcome.said


def test_debian_python_without_venv_gets_its_missing_part(machine: Machine) -> None:
    machine.python("3.13.5", lacks="ensurepip")
    machine.uv(place="uv")
    whole = machine.python("3.13.5", "arriving/python3")
    machine.noting_command("apt-get", f'case "$*" in *python3-venv*) cp "{whole}" "{machine.bin}/python3" ;; esac')

    outcome = machine.set_up("check")

    assert outcome.code == 0, outcome.said
    assert outcome.called("python -m venv") == ["python -m venv .boot"]


# System packages


def test_missing_libraries_are_installed_in_one_call(ready: Machine) -> None:
    ready.libraries("libc.so.6")
    ready.noting_command("apt-get")
    ready.noting_command("sudo")

    outcome = ready.set_up("run")

    assert outcome.code == 0, outcome.said
    assert "missing to show a window: libegl1 libgl1" in outcome.said
    (install,) = [call for call in outcome.called("apt-get") if " libgl1" in call]
    assert install.startswith("apt-get install -y --no-install-recommends")
    assert "DPkg::Lock::Timeout=600" in install
    assert install.endswith("libegl1 libgl1")
    assert not outcome.called("sudo")


def test_nothing_is_asked_of_the_system_when_nothing_is_missing(ready: Machine) -> None:
    ready.command("id", "echo 1000")
    ready.noting_command("apt-get")
    ready.noting_command("sudo")

    outcome = ready.set_up("test")

    assert outcome.code == 0, outcome.said
    assert not outcome.called("apt-get")
    assert not outcome.called("sudo")


def test_only_the_groups_of_the_profile_count(ready: Machine) -> None:
    (ready.bin / "Xvfb").unlink()
    ready.noting_command("apt-get")

    assert not ready.set_up("run").called("apt-get")
    assert ready.set_up("test").called("apt-get install")


def test_sound_servers_need_their_plugin_and_nobody_else_does(ready: Machine) -> None:
    ready.noting_command("apt-get")
    assert not ready.set_up("run").called("apt-get")

    ready.command("pipewire", "true")
    assert ready.set_up("run").called("apt-get install")[0].endswith(" libasound2-plugins")

    ready.plugins.mkdir()
    (ready.plugins / "libasound_module_pcm_pulse.so").touch()
    assert not ready.set_up("run").called("apt-get")


def test_sudo_is_announced_before_it_is_used(ready: Machine) -> None:
    ready.libraries("libEGL.so.1")
    ready.command("id", "echo 1000")
    ready.command("sudo", 'if [ "$1" != -n ]; then echo "sudo runs" >&2; "$@"; fi')
    ready.noting_command("apt-get")

    outcome = ready.set_up("run")

    assert outcome.code == 0, outcome.said
    why, how, use = (outcome.said.index(part) for part in ("missing to show a window: libgl1", "and sudo", "sudo runs"))
    assert why < how < use
    assert outcome.called("apt-get install")


def test_without_rights_the_command_to_run_is_said(ready: Machine) -> None:
    ready.libraries("libEGL.so.1")
    ready.command("id", "echo 1000")
    ready.noting_command("apt-get")

    outcome = ready.set_up("run")

    assert outcome.code == 1
    assert "please run: sudo apt-get install -y --no-install-recommends libgl1" in outcome.said
    assert not outcome.called("apt-get")


@pytest.mark.parametrize(
    ("manager", "call"),
    [
        ("dnf", "dnf install -y libglvnd-egl libglvnd-glx"),
        ("pacman", "pacman -S --needed --noconfirm libglvnd"),
        ("brew", "brew install glvnd"),
    ],
)
def test_other_package_managers_have_their_own_names(ready: Machine, manager: str, call: str) -> None:
    ready.libraries()
    ready.noting_command(manager)

    assert ready.set_up("run").called(manager) == [call]


def test_failing_package_manager_ends_the_set_up(ready: Machine) -> None:
    ready.libraries()
    ready.noting_command("apt-get", "exit 100")

    outcome = ready.set_up("run")

    assert outcome.code == 1
    assert "apt-get failed; when it works again, run:" in outcome.said
    assert not outcome.called("uv pip")


def test_without_a_package_manager_the_missing_is_named_and_the_set_up_goes_on(ready: Machine) -> None:
    ready.libraries("libEGL.so.1")

    outcome = ready.set_up("run")

    assert outcome.code == 0
    assert "missing to show a window: libgl1" in outcome.said
    assert "going on without them" in outcome.said


def test_system_packages_can_be_switched_off(ready: Machine) -> None:
    ready.libraries()
    ready.noting_command("apt-get")
    ready.environment["TRIPTYCH_NO_SYSTEM_PACKAGES"] = "1"

    assert not ready.set_up("run").called("apt-get")


# Python packages


def test_packages_come_locked_hashed_and_compiled(ready: Machine) -> None:
    (call,) = ready.set_up("run").called("uv pip")

    assert call.startswith("uv pip sync ")
    assert "--require-hashes" in call
    assert "--compile-bytecode" in call
    assert call.endswith("packaging/requirements.txt")


@pytest.mark.parametrize("profile", ["check", "run", "demo", "test"])
def test_second_run_installs_nothing(ready: Machine, profile: str) -> None:
    assert ready.set_up(profile).calls
    again = ready.set_up(profile)

    assert again.code == 0
    assert again.calls == []
    assert again.said == ""


def test_environment_for_tests_serves_the_program_too(ready: Machine) -> None:
    ready.set_up("test")

    assert not ready.set_up("run").called("uv")


def test_changed_lock_is_installed(ready: Machine) -> None:
    ready.set_up("run")
    (ready.checkout / "packaging/requirements.txt").write_text("requirements.txt 2\n")

    assert ready.set_up("run").called("uv pip sync")


def test_environment_for_tests_is_restored_after_another_version_of_the_program_ran(ready: Machine) -> None:
    lock = ready.checkout / "packaging/requirements.txt"
    ready.set_up("test")
    lock.write_text("requirements.txt 2\n")
    ready.set_up("run")
    lock.write_text("requirements.txt 1\n")

    assert ready.set_up("test").called("uv pip sync")


def test_bytecode_is_compiled_when_a_module_is_new(ready: Machine) -> None:
    compiled = ["python -m compileall -q app"]
    assert ready.set_up("run").called("python") == compiled
    assert ready.set_up("run").called("python") == []

    stamp = ready.checkout / ".venv/bytecode.stamp"
    os.utime(stamp, (0, 0))
    (ready.checkout / "app/new.py").touch()
    assert ready.set_up("run").called("python") == compiled


def test_broken_environment_is_made_anew(ready: Machine) -> None:
    ready.set_up("run")
    (ready.checkout / ".venv/bin/python").write_text("#!/bin/sh\nexit 127\n")

    assert ready.set_up("run").called("uv venv")


def test_mirror_that_pip_knows_is_used_by_uv(ready: Machine) -> None:
    ready.environment["PIP_INDEX_URL"] = "file:///mirror"

    assert ready.set_up("check").called("index file:///mirror,")


def test_certificates_of_the_system_are_used_by_uv(ready: Machine) -> None:
    ready.command("uname", "echo Darwin")

    assert ready.set_up("check").called("index of uv, certificates 1")


def test_checkout_gets_the_command_and_is_importable(ready: Machine) -> None:
    ready.set_up("run")
    program = ready.checkout / ".venv/bin/triptych"

    subprocess.run([program, "models", "list"], cwd=ready.home, env={"PATH": os.defpath}, check=True)

    assert (ready.folder / "site-packages/triptych.pth").read_text() == f"{ready.checkout}\n"
    assert (ready.folder / "log").read_text().splitlines()[-1] == "python -P -m app models list"


# Translations


def test_translations_are_compiled_when_they_are_new_or_newer(ready: Machine) -> None:
    catalogue = ready.checkout / "resources/translations/triptych_zh_CN.ts"
    assert not ready.set_up("run").called("lrelease")

    catalogue.write_text("<TS/>")
    assert ready.set_up("run").called("lrelease") == [
        "lrelease -silent resources/translations/triptych_zh_CN.ts -qm resources/translations/triptych_zh_CN.qm.new"
    ]
    assert not ready.set_up("run").called("lrelease")

    compiled = catalogue.with_suffix(".qm")
    os.utime(compiled, (compiled.stat().st_atime, catalogue.stat().st_mtime - 10))
    assert ready.set_up("run").called("lrelease")


# Models


def test_program_fetches_the_default_models_and_tests_the_small_ones(ready: Machine) -> None:
    assert ready.set_up("run").called("models") == ["models fetch --default"]
    assert ready.set_up("test").called("models") == ["models fetch --test --into build/models"]


def test_changed_catalogue_or_data_folder_is_fetched_for(ready: Machine) -> None:
    ready.set_up("run")
    (ready.checkout / "resources/models.json").write_text("{} \n")
    assert ready.set_up("run").called("models")

    ready.environment["TRIPTYCH_DATA_DIR"] = "/another"
    assert ready.set_up("run").called("models")
    assert not ready.set_up("run").called("models")


def test_program_runs_without_models_but_tests_do_not(ready: Machine) -> None:
    ready.environment["MODELS_EXIT_CODE"] = "1"

    running = ready.set_up("run")
    assert running.code == 0
    assert "offers them again on its Models page" in running.said
    testing = ready.set_up("test")
    assert testing.code == 1
    assert "the tests need these models" in testing.said


def test_no_models_where_the_engine_does_not_exist(ready: Machine) -> None:
    (ready.folder / "site-packages/cyllama.py").unlink()

    outcome = ready.set_up("test")

    assert outcome.code == 0
    assert "the built-in engine does not exist for this system" in outcome.said
    assert not outcome.called("models")


def test_check_fetches_no_models_and_needs_no_libraries(ready: Machine) -> None:
    ready.libraries()
    ready.noting_command("apt-get")

    outcome = ready.set_up("check")

    assert not outcome.called("models")
    assert not outcome.called("apt-get")


def test_unknown_profile_is_an_error(ready: Machine) -> None:
    outcome = ready.set_up("everything")

    assert outcome.code == 1
    assert "usage:" in outcome.said
