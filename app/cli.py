"""The command line: the same workers without a window; answers go to stdout, everything else to stderr."""

from __future__ import annotations

import argparse
import asyncio
import os
import shutil
import signal
import sys
import tempfile
from collections.abc import Sequence
from contextlib import aclosing, suppress
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from app import log
from app.assembly import Assembly, make_model_store
from app.cli_transcripts import Output, Wanted, transcribe_files
from app.cli_words import WrongArgument, explain, tell, tell_waiting
from app.files import PUBLIC, write_whole
from app.identity import VERSION
from app.model.audio import ExportFormat, TranscriptionOptions
from app.model.chat import Draft, TextDelta
from app.model.errors import AppError, NoModelChosen, StorageFailed, storage_failure
from app.model.images import ImageJob, ImageProgress, ImageSettings, Picture
from app.model.lessons import lesson_words
from app.model.providers import BUILT_IN_ID, Capability, ModelReference
from app.model.settings import built_in_provider
from app.model.visible import one_line
from app.paths import DATA_DIR_VARIABLE, Paths
from app.services.history.store import History
from app.services.settings import SettingsStore
from app.terminal import Printer, ProgressLine

if TYPE_CHECKING:
    from app.workers.providers import ProviderModels

FAILED = 1
WRONG_ARGUMENTS = 2
INTERRUPTED = 130
"""What shells expect after Ctrl-C."""


def main(arguments: Sequence[str]) -> int:
    """Run one command; 0 worked, 1 failed (the reason is on stderr), 2 wrong arguments, 130 Ctrl-C."""
    options = _parser().parse_args(list(arguments))
    paths = Paths.choose(options.data_dir)
    try:
        paths.ensure()
        log.start(paths.logs)
        return asyncio.run(_run(paths, options))
    except (KeyboardInterrupt, asyncio.CancelledError):
        return INTERRUPTED
    except BrokenPipeError:
        return FAILED
    except WrongArgument as error:
        tell(str(error))
        return WRONG_ARGUMENTS
    except AppError as error:
        tell(explain(error))
        return FAILED
    except OSError as error:
        tell(explain(StorageFailed(str(error), path=str(error.filename or paths.data))))
        return FAILED


def _end_at_interrupt() -> None:
    """Have Ctrl-C cancel this task, once; the next one ends the program at once.

    asyncio.run does it too, but does not wake a loop that goes to sleep at that very moment. Windows has nothing else.
    """
    loop, task = asyncio.get_running_loop(), asyncio.current_task()
    assert task is not None

    def end() -> None:
        loop.remove_signal_handler(signal.SIGINT)
        task.cancel()

    with suppress(NotImplementedError):
        loop.add_signal_handler(signal.SIGINT, end)


async def _run(paths: Paths, options: argparse.Namespace) -> int:
    _end_at_interrupt()
    settings = SettingsStore(paths.settings_file)
    settings.read()
    keep = getattr(options, "save", False)
    history = await (History.open(paths, is_only_process=False) if keep else History.open_temporary(paths))
    for problem in (*settings.problems, *(history.problems if keep else ())):  # else nothing is meant to be kept
        tell(explain(problem))
    assembly = Assembly(paths, settings, history)
    try:
        with suppress(AppError):  # secrets of older settings stay where they are; the next start tries again
            await assembly.providers.profiles.hide_secrets()
        return int(await options.command(assembly, options))
    finally:
        await assembly.aclose()


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="triptych", description="Chat, images and audio from the command line.")
    parser.add_argument("--version", action="version", version=f"Triptych {VERSION}")
    parser.add_argument("--data-dir", metavar="FOLDER", help=f"profile to use (also {DATA_DIR_VARIABLE})")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    _add_ask(commands.add_parser("ask", help="ask a question; the answer streams to stdout"))
    _add_transcribe(commands.add_parser("transcribe", help="turn speech into text"))
    _add_draw(commands.add_parser("draw", help="make a picture from words"))
    _add_models(commands.add_parser("models", help="list models, or fetch those of the built-in engine"))
    return parser


def _add_model(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--model", metavar="M", help="model id; without it, the one chosen in the window")
    parser.add_argument("--provider", metavar="P", help="name or id of the provider the model belongs to")
    parser.add_argument("--save", action="store_true", help="keep the result in the history")


def _add_ask(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("question", type=_said, help="the question; - reads it from stdin")
    parser.add_argument("--image", metavar="F", action="append", type=Path, default=[], help="a picture or text file")
    parser.add_argument("--system", metavar="TEXT", default="", help="system prompt")
    _add_model(parser)
    parser.set_defaults(command=ask)


def _add_transcribe(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("files", metavar="FILE", nargs="+", type=Path, help="a sound or video file of nearly any kind")
    formats = [kind.value for kind in ExportFormat]
    parser.add_argument("--format", choices=formats, default="txt", help="text, subtitles, or JSON with all times")
    parser.add_argument("--into", metavar="FOLDER", type=Path, help="write a file for each instead of printing them")
    parser.add_argument("--language", metavar="L", default="", help="such as en or zh; without it, it is detected")
    parser.add_argument("--translate", action="store_true", help="translate into English")
    _add_model(parser)
    parser.set_defaults(command=transcribe)


def _add_draw(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("prompt", type=_said, help="what the picture shows")
    parser.add_argument("-o", "--output", metavar="F", type=Path, required=True, help="the file to write")
    parser.add_argument("--size", metavar="WxH", default="", help="such as 1024x1024; without it, the model decides")
    _add_model(parser)
    parser.set_defaults(command=draw)


def _add_models(parser: argparse.ArgumentParser) -> None:
    actions = parser.add_subparsers(title="instead of listing them")
    parser.set_defaults(command=list_models)
    fetch = actions.add_parser("fetch", help="download models for the built-in engine")
    fetch.add_argument("ids", metavar="ID", nargs="*", help="without any, the default set")
    fetch.add_argument("--default", action="store_true", help="the default set")
    fetch.add_argument("--test", action="store_true", help="the small set that the tests use")
    fetch.add_argument("--into", metavar="FOLDER", type=Path, help="another folder than the profile's")
    fetch.set_defaults(command=fetch_models)


def _said(text: str) -> str:
    """An argument that has to have words in it."""
    if not text.strip():
        raise argparse.ArgumentTypeError("there is nothing in it")
    return text


async def _chosen_model(assembly: Assembly, options: argparse.Namespace, capability: Capability) -> ModelReference:
    """The model that the arguments, else the window's last choice, else the built-in engine name.

    Raises:
        NoModelChosen: nothing here can do this.
        WrongArgument: there is no such provider.
    """
    chosen = assembly.settings.value.chosen
    last = {Capability.IMAGE: chosen.image, Capability.TRANSCRIPTION: chosen.audio}.get(capability, chosen.chat)
    provider_id = _provider_id(assembly, options.provider) if options.provider else ""
    if options.model:
        return ModelReference(provider_id or await _provider_with(assembly, options.model, last), options.model)
    if last is not None and provider_id in ("", last.provider_id):
        return last
    local = [model for model in await assembly.models.installed() if capability in model.capabilities]
    if not local or provider_id not in ("", BUILT_IN_ID):
        raise NoModelChosen(f"nothing here can do this ({capability.value}); name a model with --model and --provider")
    return local[0].reference


def _provider_id(assembly: Assembly, name: str) -> str:
    """The provider of this name or id.

    Raises:
        WrongArgument: there is none.
    """
    providers = (built_in_provider(), *assembly.settings.value.providers)
    for provider in providers:
        if name.lower() in (provider.id.lower(), provider.name.lower()):
            return provider.id
    names = ", ".join(f"“{one_line(provider.name)}”" for provider in providers)
    raise WrongArgument(f"There is no provider “{one_line(name)}”. There are: {names}")


async def _provider_with(assembly: Assembly, model_id: str, last: ModelReference | None) -> str:
    """Who has a model that was named alone: the provider used last, the engine, any other; else the one used last.

    What is meant for the engine is found here, so that it does not go to a server by mistake.
    """
    lists = {known.provider_id: {model.id for model in known.models} for known in assembly.providers.models.known()}
    lists[BUILT_IN_ID] = {model.id for model in await assembly.models.list()}
    first = last.provider_id if last is not None else BUILT_IN_ID
    having = (provider_id for provider_id in (first, *lists) if model_id in lists.get(provider_id, ()))
    return next(having, first)


async def ask(assembly: Assembly, options: argparse.Namespace) -> int:
    """Stream an answer to stdout; what came before Ctrl-C stays there and, with --save, in the history."""
    question = sys.stdin.read() if options.question == "-" else options.question
    model = await _chosen_model(assembly, options, Capability.CHAT)
    conversation = await assembly.library.create(model)
    await assembly.library.configure(replace(conversation, system_prompt=options.system, model=model))
    attachments = [await assembly.attachments().attach_file(conversation.id, path) for path in options.image]
    worker = assembly.chat()
    answer = Printer()
    has_begun = False
    try:
        async with aclosing(worker.send(conversation.id, Draft(question, tuple(attachments)), model)) as events:
            async for event in events:
                if isinstance(event, TextDelta):
                    answer.write(event.text + event.refusal)
                    has_begun = has_begun or bool(event.text + event.refusal)
                else:
                    tell_waiting(event)
    finally:
        if has_begun:
            answer.finish()
    return 0


async def transcribe(assembly: Assembly, options: argparse.Namespace) -> int:
    """Print each file's transcript, or write it into a folder; one that fails is told and the others go on."""
    output = Output(ExportFormat(options.format), options.into)
    output.prepare(len(options.files))
    if not any(path.exists() for path in options.files):
        raise WrongArgument(f"There is no file “{one_line(str(options.files[0]))}”.")
    model = await _chosen_model(assembly, options, Capability.TRANSCRIPTION)
    wanted = TranscriptionOptions(language=options.language, translate=options.translate)
    all_done = await transcribe_files(assembly.audio(), options.files, Wanted(model, wanted, options.save), output)
    return 0 if all_done else FAILED


async def draw(assembly: Assembly, options: argparse.Namespace) -> int:
    """Make a picture and write it to the file that was named, in the format the model made it."""
    model = await _chosen_model(assembly, options, Capability.IMAGE)
    if not os.access(options.output.absolute().parent, os.W_OK):  # before anything is paid for
        raise StorageFailed(path=str(options.output))
    job = ImageJob(model, options.prompt, settings=ImageSettings(size=options.size, partial_images=0))
    with tempfile.TemporaryDirectory(prefix="triptych-") as folder:
        worker = assembly.images(None if options.save else Path(folder), notes=False)
        with ProgressLine() as progress:
            progress.show(f"{options.output}: waiting for {model.model_id}")
            async with aclosing(worker.generate(job)) as events:
                async for event in events:
                    if isinstance(event, ImageProgress):
                        progress.show(f"{options.output}: {event.fraction:.0%}")
                        continue
                    progress.clear()
                    if isinstance(event, Picture):
                        await asyncio.to_thread(_keep_picture, event.path, options.output)
                        facts = [f"{event.width_px} × {event.height_px}", *lesson_words(event.adjustments)]
                        tell(f"{options.output}: {', '.join(facts)}")
                    else:
                        tell_waiting(event)
    return 0


def _keep_picture(made: Path, wanted: Path) -> None:
    """Write the picture where it was asked for; where that fails it goes to the system's folder for such things.

    Raises:
        StorageFailed: with the place where the picture is instead.
    """
    try:
        write_whole(wanted.absolute(), made.read_bytes(), PUBLIC)
    except OSError as error:
        kept = Path(tempfile.mkdtemp(prefix="triptych-picture-")) / made.name
        shutil.copyfile(made, kept)
        failure = storage_failure(error, wanted)
        failure.server_words = f"the picture is in {kept}"
        raise failure from error


async def list_models(assembly: Assembly, options: argparse.Namespace) -> int:
    """Print provider and model, a line each; providers that do not answer are told on stderr."""
    failures: list[AppError] = []
    found = False
    names = {provider.id: provider.name for provider in assembly.providers.profiles.all()}

    def show(result: ProviderModels) -> None:
        nonlocal found
        for model in result.models:
            found = True
            Printer().print(f"{names[result.provider_id]}\t{one_line(model.id)}")
        if result.error is not None:
            tell(f"{names[result.provider_id]}: {explain(result.error)}")
            failures.append(result.error)

    await assembly.providers.models.refresh(show)
    if not found and not failures:
        tell("There are no models yet: “triptych models fetch” downloads some; the window connects a provider.")
    return FAILED if failures else 0


async def fetch_models(assembly: Assembly, options: argparse.Namespace) -> int:
    """Download the models that are missing, with progress; what is there already is left alone."""
    if options.into is not None:
        options.into.mkdir(parents=True, exist_ok=True)
    store = await (assembly.model_store() if options.into is None else make_model_store(options.into.absolute()))
    wanted = list(options.ids)
    for name in ("default", "test"):
        if getattr(options, name):
            wanted += store.ids_in_set(name)
    known = [model.id for model in store.models()]
    for unknown in (model_id for model_id in wanted if model_id not in known):
        tell(f"There is no model “{unknown}” to fetch. There are: {', '.join(known)}")
        return WRONG_ARGUMENTS
    for model_id in dict.fromkeys(wanted or store.ids_in_set("default")):
        with ProgressLine() as progress:
            async with aclosing(store.download(model_id)) as steps:
                async for step in steps:
                    done, total = step.done_bytes / 1e6, step.total_bytes / 1e6
                    progress.show(f"{model_id}: {step.step} {done:.0f} of {total:.0f} MB")
        tell(f"{model_id}: ready")
    return 0
