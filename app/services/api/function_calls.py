"""Function calls that arrive in pieces, merged in spite of what servers leave out; nothing is called here."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from app.model.chat import FunctionCall
from app.services.api.shapes import object_of, text_of


class FunctionCalls:
    """Collects the pieces of all calls of one answer, in the order in which the calls began."""

    def __init__(self) -> None:
        self._calls: list[_Pieces] = []
        self._by_index: dict[int, _Pieces] = {}

    def add(self, piece: Mapping[str, Any]) -> None:
        """One entry of `tool_calls`: a delta, or a whole call."""
        function = object_of(piece.get("function") or piece.get("custom"))
        name = text_of(function.get("name"))
        call = self._slot(piece.get("index"), text_of(piece.get("id")), name)
        call.name = call.name or name  # some servers repeat the name, or send it empty
        arguments = function.get("arguments", function.get("input"))
        if arguments is not None:
            call.arguments.append(arguments if isinstance(arguments, str) else json.dumps(arguments))

    def collected(self) -> tuple[FunctionCall, ...]:
        return tuple(FunctionCall(call.id, call.name, "".join(call.arguments)) for call in self._calls)

    def _slot(self, index: object, call_id: str, name: str) -> _Pieces:
        """The call a piece belongs to: by index, else by id, else the last one."""
        if isinstance(index, int):
            found = self._by_index.get(index)
        elif call_id:
            found = next((call for call in self._calls if call.id == call_id), None)
        else:
            found = self._calls[-1] if self._calls else None
        # Two calls under one index are told apart by the second one's own id and name.
        if found is None or (name and call_id and found.id and found.id != call_id):
            found = _Pieces()
            self._calls.append(found)
        if isinstance(index, int):
            self._by_index[index] = found
        found.id = found.id or call_id
        return found


class _Pieces:
    """A call that is not complete yet."""

    def __init__(self) -> None:
        self.id = ""
        self.name = ""
        self.arguments: list[str] = []
