"""Short questions to the engine itself, over the address it listens on; blocks the thread that asks."""

from __future__ import annotations

import json
import logging
from typing import Any
from urllib.parse import urlsplit

from app.model.providers import Endpoint

log = logging.getLogger(__name__)

QUESTION_S = 5.0


def question(endpoint: Endpoint, method: str, path: str, within_s: float = QUESTION_S) -> dict[str, Any]:
    """The answer; empty from an engine that dies meanwhile, or that says nothing for so long."""
    import http.client

    address = urlsplit(endpoint.base_url)
    connection = http.client.HTTPConnection(address.hostname or "", address.port, timeout=within_s)
    try:
        connection.request(method, address.path + path, headers={"Authorization": f"Bearer {endpoint.key}"})
        answer = json.loads(connection.getresponse().read())
    except (OSError, http.client.HTTPException, ValueError) as error:
        log.info("the engine did not answer %s: %s", path, error)
        return {}
    finally:
        connection.close()
    return answer if isinstance(answer, dict) else {}
