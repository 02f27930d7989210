"""The built-in engine as a child process: started, watched, asked and ended; models are not its business."""

from app.services.engine.process import EngineProcess, serve_command
from app.services.engine.watch import EngineTiming

__all__ = ["EngineProcess", "EngineTiming", "serve_command"]
