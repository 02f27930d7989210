"""Where settings, data, cache and logs live: one value, moved as a whole for tests and portable use."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from app.identity import PROGRAM

DATA_DIR_VARIABLE = "TRIPTYCH_DATA_DIR"
RESOURCES = Path(__file__).resolve().parent.parent / "resources"
"""Icons, presets, catalogues, translations: beside the package, in the repository as in a frozen program."""
SHIPPED_MODELS = RESOURCES.parent / "models"
"""Where an installer "with models" puts them; in all other cases there is no such folder."""


@dataclass(frozen=True, slots=True)
class Paths:
    """Folders of one profile; `ensure` makes them."""

    config: Path
    data: Path
    cache: Path
    state: Path

    @classmethod
    def under(cls, root: Path) -> Paths:
        """Everything below one folder, as `--data-dir` asks."""
        root = root.expanduser().absolute()
        return cls(config=root / "config", data=root / "data", cache=root / "cache", state=root / "state")

    @classmethod
    def choose(cls, data_dir: str | None = None) -> Paths:
        """The command line's folder, else the environment's, else the system's usual places."""
        chosen = data_dir or os.environ.get(DATA_DIR_VARIABLE, "")
        if chosen:
            return cls.under(Path(chosen))
        import platformdirs

        folders = platformdirs.PlatformDirs(PROGRAM, appauthor=False)
        return cls(
            config=Path(folders.user_config_dir),
            data=Path(folders.user_data_dir),
            cache=Path(folders.user_cache_dir),
            state=Path(folders.user_state_dir),
        )

    @property
    def settings_file(self) -> Path:
        return self.config / "settings.json"

    @property
    def database_file(self) -> Path:
        return self.data / "history.sqlite3"

    @property
    def attachments(self) -> Path:
        return self.data / "attachments"

    @property
    def pictures(self) -> Path:
        return self.data / "pictures"

    @property
    def recordings(self) -> Path:
        return self.data / "recordings"

    @property
    def backups(self) -> Path:
        return self.data / "backups"

    @property
    def staged_restore(self) -> Path:
        """A backup that takes the place of the data at the next start; nothing is there at other times."""
        return self.backups / "restore"

    @property
    def updates(self) -> Path:
        """A downloaded version of the program, and the former one."""
        return self.data / "updates"

    @property
    def models(self) -> Path:
        return self.data / "models"

    @property
    def unfinished_pictures(self) -> Path:
        return self.state / "unfinished-pictures"

    @property
    def thumbnails(self) -> Path:
        return self.cache / "thumbnails"

    @property
    def logs(self) -> Path:
        return self.state / "logs"

    def ensure(self) -> None:
        """Make the folders, readable for the user alone.

        Raises:
            OSError: a folder cannot be made.
        """
        for folder in (
            self.config,
            self.data,
            self.cache,
            self.state,
            self.attachments,
            self.pictures,
            self.recordings,
            self.models,
            self.thumbnails,
            self.logs,
        ):
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
