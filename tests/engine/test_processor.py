import pytest

from app.engine.processor import explanation, missing_features, parse_cpuinfo, processor_flags

CPUINFO = "processor\t: 0\nmodel name\t: Old\nflags\t\t: fpu sse sse2 avx\n\nprocessor\t: 1\nflags\t\t: none\n"


def test_a_modern_processor_lacks_nothing() -> None:
    assert missing_features(frozenset({"sse2", "avx2", "fma", "f16c", "bmi2"})) == []


def test_what_an_old_processor_lacks_is_said_in_a_sentence() -> None:
    missing = missing_features(frozenset({"sse2", "avx", "fma"}))
    assert missing == ["avx2", "bmi2", "f16c"]
    assert "its processor lacks AVX2, BMI2, F16C" in explanation(missing)


def test_a_system_that_tells_nothing_is_trusted() -> None:
    assert missing_features(None) == []


@pytest.mark.parametrize(("text", "flags"), [(CPUINFO, {"fpu", "sse", "sse2", "avx"}), ("Hardware: BCM\n", None)])
def test_flags_are_read_from_linux(text: str, flags: set[str] | None) -> None:
    assert parse_cpuinfo(text) == (None if flags is None else frozenset(flags))


def test_this_machine_can_be_asked() -> None:
    flags = processor_flags()
    assert flags is None or "sse2" in flags
