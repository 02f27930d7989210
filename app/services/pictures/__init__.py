"""Reads, prepares, marks and saves pictures with Pillow; knows neither the network nor the database.

Everything here blocks: callers on the event loop wrap it in `asyncio.to_thread`.
"""

from app.services.pictures.files import (
    media_type_of,
    picture_file_name,
    picture_files,
    remove_unfinished,
    save_picture,
    suffix_for,
    write_copy,
)
from app.services.pictures.notes import embed, read_embedded
from app.services.pictures.reading import PreparedPicture, picture_size, prepare_for_sending, require_whole
from app.services.pictures.thumbnails import prune_thumbnails, thumbnail
from app.services.pictures.unfinished import UnfinishedPictures

__all__ = [
    "PreparedPicture",
    "UnfinishedPictures",
    "embed",
    "media_type_of",
    "picture_file_name",
    "picture_files",
    "picture_size",
    "prepare_for_sending",
    "prune_thumbnails",
    "read_embedded",
    "remove_unfinished",
    "require_whole",
    "save_picture",
    "suffix_for",
    "thumbnail",
    "write_copy",
]
