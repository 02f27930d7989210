"""A chat model in memory: reads prompts, reusing what it has read before, and writes answers token by token.

Everything here runs on the model's thread; the event loop sees the items that `Work` carries.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence

from app.engine.chat.items import Finished, Item, Piece, PromptTaken, TokenProbability
from app.engine.chat.prompt import ChatTemplate
from app.engine.chat.request import ChatRequest, CompletionRequest, GenerationOptions
from app.engine.chat.sampling import make_sampler, probability_of
from app.engine.chat.stop_strings import StopStrings
from app.engine.configuration import ModelEntry
from app.engine.model_files import refused_file
from app.engine.native import Native, llama
from app.engine.openai_errors import invalid
from app.engine.work import Work

DEFAULT_CONTEXT_TOKENS = 4096
READ_TOKENS = 128
"""The prompt is read in such portions, so that giving up is noticed between them."""
BATCH_TOKENS = 512
COMPUTE_TOKENS = 256
"""llama.cpp's own defaults cost 300 MB of buffers with a vocabulary of 150,000 tokens."""


class ChatModel:
    """One GGUF file with one context.

    Raises:
        ApiError: the file cannot be loaded.
    """

    def __init__(self, entry: ModelEntry, threads: int) -> None:
        native = llama()
        try:
            parameters = native.LlamaModelParams()
            parameters.n_gpu_layers = 0
            self._model = native.LlamaModel(str(entry.path), parameters)
            self._vocabulary = self._model.get_vocab()
            wanted = entry.context or DEFAULT_CONTEXT_TOKENS
            size = min(wanted, self._model.n_ctx_train)
            self._context = _Context(native, self._model, size, threads)
        except (OSError, ValueError, RuntimeError) as error:
            raise refused_file(entry, error) from error
        self._template = self._read_template()

    def answer(self, request: ChatRequest, work: Work[Item]) -> None:
        """Write the next message of a conversation."""
        if self._template is None:
            message = "This model is not made for chat (its file has no chat template). Use /v1/completions."
            raise invalid(message, "model", "no_chat_template")
        prompt = self._template.render(request.messages)
        tokens = self._vocabulary.tokenize(prompt, add_special=False, parse_special=True)
        self._generate(tokens, request.options, work, "messages")

    def complete(self, request: CompletionRequest, work: Work[Item]) -> None:
        """Continue a text."""
        tokens = self._vocabulary.tokenize(request.prompt, add_special=True, parse_special=False)
        self._generate(tokens, request.options, work, "prompt")

    def close(self) -> None:
        self._context.close()
        self._model.close()

    def _read_template(self) -> ChatTemplate | None:
        source = self._model.get_default_chat_template()
        if not source:
            return None
        begin, end = self._vocabulary.token_bos(), self._vocabulary.token_eos()
        return ChatTemplate(source, self._special(begin), self._special(end))

    def _special(self, token: int) -> str:
        return str(self._vocabulary.token_to_piece(token, special=True)) if token >= 0 else ""

    def _generate(self, tokens: list[int], options: GenerationOptions, work: Work[Item], source: str) -> None:
        room = self._context.size - len(tokens)
        if room < 1:
            message = (
                f"This model's maximum context length is {self._context.size} tokens, and this text has {len(tokens)}. "
                "Shorten it or begin a new conversation."
            )
            raise invalid(message, source, "context_length_exceeded")
        sampler = make_sampler(self._vocabulary, options)
        with self._context.interrupted_by(work), contextlib.suppress(InterruptedError):
            if options.seed is not None:
                self._context.clear()  # a prompt that is read in other portions gives other last bits
            cached = self._context.keep_prefix(tokens)
            work.emit(PromptTaken(len(tokens), cached))
            self._context.read(tokens[cached:])
            self._write(sampler, options, min(options.max_tokens or room, room), work)

    def _write(self, sampler: Native, options: GenerationOptions, limit: int, work: Work[Item]) -> None:
        writer = _Writer(self._vocabulary, options, work)
        reason = "length"
        while writer.tokens < limit and not work.stopped:
            token = self._context.choose(sampler)
            if self._vocabulary.is_eog(token):
                reason = "stop"
                break
            writer.write(token, self._context)
            if writer.stopped:
                reason = "stop"
                break
            if writer.tokens < limit:
                self._context.read([token])
        writer.finish(reason)


class _Writer:
    """Turns tokens into certain text, counts them and passes them on."""

    def __init__(self, vocabulary: Native, options: GenerationOptions, work: Work[Item]) -> None:
        from cyllama.llama.token_decoder import TokenDecoder

        self._vocabulary = vocabulary
        self._top = options.top_logprobs
        self._decoder = TokenDecoder(vocabulary)
        self._stops = StopStrings(options.stop)
        self._probabilities: list[TokenProbability] = []
        self._work = work
        self.tokens = 0

    @property
    def stopped(self) -> bool:
        """Whether a stop string came."""
        return self._stops.found

    def write(self, token: int, context: _Context) -> None:
        self.tokens += 1
        if self._top is not None:
            self._probabilities.append(probability_of(token, context.logits(), self._top, self._vocabulary))
        self._emit(self._stops.add(self._decoder.decode(token)))

    def finish(self, reason: str) -> None:
        self._emit(self._stops.add(self._decoder.flush()) + self._stops.flush())
        self._work.emit(Finished(reason, self.tokens))

    def _emit(self, text: str) -> None:
        if text:
            self._work.emit(Piece(text, tuple(self._probabilities)))
            self._probabilities.clear()


class _Context:
    """llama.cpp's memory of one conversation: which tokens it has read, and the prediction after the last of them."""

    def __init__(self, native: Native, model: Native, size: int, threads: int) -> None:
        parameters = native.LlamaContextParams()
        parameters.n_ctx = self.size = size
        parameters.n_batch, parameters.n_ubatch = BATCH_TOKENS, COMPUTE_TOKENS
        parameters.n_threads = parameters.n_threads_batch = threads
        parameters.no_perf = True
        self._native = native
        self._context = native.LlamaContext(model, parameters)
        self._context.install_cancel_callback()
        self._tokens: list[int] = []

    @contextlib.contextmanager
    def interrupted_by(self, work: Work[Item]) -> Iterator[None]:
        """Let `work.stop` end a computation in the middle; half a portion must not be trusted, so all is forgotten."""
        self._context.cancel = False
        work.interrupt_with(self._interrupt)
        try:
            yield
        except InterruptedError:
            self.clear()
            raise
        finally:
            work.interrupt_with(None)

    def keep_prefix(self, tokens: Sequence[int]) -> int:
        """Forget what does not begin like `tokens`; returns how many of them need not be read again.

        The last token is always read again: the prediction after it is needed.
        """
        kept = 0
        for known, wanted in zip(self._tokens, tokens[:-1], strict=False):
            if known != wanted:
                break
            kept += 1
        if kept < len(self._tokens) and not self._context.memory_seq_rm(0, kept, -1):
            self.clear()
            return 0
        self._tokens = self._tokens[:kept]
        return kept

    def read(self, tokens: Sequence[int]) -> None:
        """Read more tokens.

        Raises:
            InterruptedError: the work was stopped.
        """
        for start in range(0, len(tokens), READ_TOKENS):
            portion = list(tokens[start : start + READ_TOKENS])
            self._context.decode(self._native.llama_batch_get_one(portion, len(self._tokens)))
            self._tokens += portion

    def choose(self, sampler: Native) -> int:
        return int(sampler.sample(self._context, -1))

    def logits(self) -> list[float]:
        values: list[float] = self._context.get_logits_ith(-1)
        return values

    def clear(self) -> None:
        self._context.kv_cache_clear()
        self._tokens = []

    def close(self) -> None:
        self._context.close()

    def _interrupt(self) -> None:
        self._context.cancel = True
