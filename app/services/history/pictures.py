"""Pictures as rows of the gallery; the image files are made elsewhere and removed here when a picture is purged."""

from __future__ import annotations

import sqlite3

from app.model.images import ImageSettings, Picture
from app.services.history import columns, index, rows
from app.services.history.database import Database
from app.services.history.search import in_order

_DEFAULT_SETTINGS = ImageSettings()


class Pictures:
    """Every method raises `StorageFailed` if the disk refuses; a change to a picture that is gone does nothing."""

    def __init__(self, database: Database, paths: rows.StoredPaths) -> None:
        self._database = database
        self._paths = paths

    async def add(self, picture: Picture) -> Picture:
        """Store `picture`, whose file exists; the result has its id."""

        def add(connection: sqlite3.Connection) -> Picture:
            new_id = rows.insert(connection, "pictures", self._values(picture))
            row = connection.execute("SELECT * FROM pictures WHERE id = ?", (new_id,)).fetchone()
            return self._to_picture(row)

        return await self._database.write(add)

    async def all(self, limit: int = -1, offset: int = 0) -> list[Picture]:
        """Those that are not deleted, the newest first."""

        def select(connection: sqlite3.Connection) -> list[Picture]:
            cursor = connection.execute(
                "SELECT * FROM pictures WHERE deleted_at IS NULL ORDER BY created_at DESC, id DESC LIMIT ? OFFSET ?",
                (limit, offset),
            )
            return list(map(self._to_picture, cursor))

        return await self._database.read(select)

    async def search(self, text: str, limit: int = 200) -> list[Picture]:
        """Those whose prompt holds every word of `text`, the newest first."""

        def find(connection: sqlite3.Connection) -> list[Picture]:
            ids = index.find(connection, index.PICTURES, text, limit)
            return list(map(self._to_picture, in_order(connection, "SELECT * FROM pictures WHERE id", ids)))

        return await self._database.read(find)

    async def get(self, picture_id: int) -> Picture | None:
        """None if there is no such picture or it is deleted."""

        def select(connection: sqlite3.Connection) -> Picture | None:
            query = "SELECT * FROM pictures WHERE id = ? AND deleted_at IS NULL"
            row = connection.execute(query, (picture_id,)).fetchone()
            return None if row is None else self._to_picture(row)

        return await self._database.read(select)

    async def delete(self, picture_id: int) -> None:
        """Take it out of the gallery; `restore` undoes this until `purge`."""
        await self._set_deleted(picture_id, rows.now())

    async def restore(self, picture_id: int) -> None:
        await self._set_deleted(picture_id, None)

    async def purge(self, picture_id: int | None = None) -> None:
        """Remove this deleted picture, or every deleted one, for good, with its file if that is one of ours."""

        def purge(connection: sqlite3.Connection) -> None:
            condition = "deleted_at IS NOT NULL AND (?1 IS NULL OR id = ?1)"
            for row in connection.execute(f"SELECT path FROM pictures WHERE {condition}", (picture_id,)).fetchall():
                if rows.is_ours(row["path"]):
                    self._paths.to_path(row["path"]).unlink(missing_ok=True)
            connection.execute(f"DELETE FROM pictures WHERE {condition}", (picture_id,))

        await self._database.write(purge)

    async def _set_deleted(self, picture_id: int, moment: int | None) -> None:
        await self._database.write(
            lambda connection: rows.update(connection, "pictures", picture_id, {"deleted_at": moment})
        )

    def _values(self, picture: Picture) -> dict[str, object]:
        return {
            "path": self._paths.to_text(picture.path),
            "created_at": rows.to_microseconds(picture.created_at),
            **columns.from_picture(picture),
        }

    def _to_picture(self, row: sqlite3.Row) -> Picture:
        return Picture(
            id=row["id"],
            path=self._paths.to_path(row["path"]),
            created_at=rows.to_datetime(row["created_at"]),
            **columns.to_picture(row),
        )
