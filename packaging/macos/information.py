"""What macOS is told of the program: the Info.plist of its bundle."""

from __future__ import annotations

from app import identity

OLDEST_MACOS = "14.0"
"""What the wheels of PySide6 6.12 and PyAV 19 ask for; a test compares it with those in the lock file."""
MICROPHONE = "Triptych records your microphone when you press Record, to transcribe what is said."


def information() -> dict[str, object]:
    """Keys as in Apple's Information Property List; PyInstaller adds those that name the executable and the icon."""
    return {
        "CFBundleDisplayName": identity.NAME,
        "CFBundleShortVersionString": identity.VERSION,
        "CFBundleVersion": identity.VERSION,
        "CFBundleDevelopmentRegion": "en",
        "CFBundleLocalizations": ["en", "zh-Hans"],
        "CFBundleDocumentTypes": [
            _documents("Picture", ["public.image"]),
            _documents("Sound or video", ["public.audio", "public.movie"]),
            _documents("Text", ["public.text"]),
        ],
        "LSApplicationCategoryType": "public.app-category.productivity",
        "LSMinimumSystemVersion": OLDEST_MACOS,
        "NSHighResolutionCapable": True,
        "NSHumanReadableCopyright": f"{identity.MAINTAINER.partition(' <')[0]}, MIT licence",
        "NSMicrophoneUsageDescription": MICROPHONE,
        "NSRequiresAquaSystemAppearance": False,
    }


def _documents(name: str, types: list[str]) -> dict[str, object]:
    """Files that may be dropped on the icon; none is taken over from the program that opens it now."""
    return {
        "CFBundleTypeName": name,
        "CFBundleTypeRole": "Viewer",
        "LSHandlerRank": "Alternate",
        "LSItemContentTypes": types,
    }
