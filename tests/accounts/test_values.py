"""How text that somebody typed or sent becomes text that can be kept."""

from __future__ import annotations

import pytest

from accounts.values import has_nul, plain_text, single_line


@pytest.mark.parametrize(
    ("typed", "kept", "line"),
    [
        ("", "", ""),
        ("\x00", "", ""),
        ("a\x00b", "ab", "a b"),
        (" two\r\nlines \x00\t", " two\r\nlines \t", "two lines"),
        ("\ufffd é\x01", "\ufffd é\x01", "\ufffd é\x01"),
    ],
)
def test_text_is_kept_without_nul_and_as_one_line_where_a_line_is_asked_for(typed: str, kept: str, line: str) -> None:
    assert (plain_text(typed), single_line(typed)) == (kept, line)
    assert has_nul(typed) is ("\x00" in typed)
    assert not has_nul(kept + line)
