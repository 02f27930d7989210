"""What software centres show of Triptych: pictures that the project has, with a caption in each language."""

from __future__ import annotations

from pathlib import PurePosixPath
from urllib.parse import urlsplit
from xml.etree import ElementTree

from app import identity
from tests.conftest import ROOT

LANGUAGE = "{http://www.w3.org/XML/1998/namespace}lang"
METAINFO = ROOT / "packaging" / "linux" / f"{identity.APPLICATION_ID}.metainfo.xml"


def test_every_picture_is_one_of_the_screenshots_and_is_explained_in_its_language() -> None:
    screenshots = ElementTree.parse(METAINFO).findall("screenshots/screenshot")
    assert len(screenshots) == 3
    for screenshot in screenshots:
        pictures = {image.get(LANGUAGE, ""): urlsplit(image.text or "") for image in screenshot.findall("image")}
        captions = {caption.get(LANGUAGE, "") for caption in screenshot.findall("caption")}
        assert captions == set(pictures) == {"", "zh-CN"}
        for address in pictures.values():
            assert (ROOT / "docs" / "screenshots" / PurePosixPath(address.path).name).is_file()
            assert f"{address.scheme}://{address.netloc}" == identity.HOMEPAGE
