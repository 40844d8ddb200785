"""Text that says `format=flowed` (RFC 3676): a line that ends in a blank goes on in the next."""

from __future__ import annotations


def unfold(text: str, *, delete_blank: bool = False) -> str:
    """Return the text with its paragraphs on one line each, quotes and signature kept. LF line ends."""
    paragraphs: list[list[str]] = []
    goes_on, depth_before = False, 0
    for line in text.split("\n"):
        depth = len(line) - len(line.lstrip(">"))
        said = line[depth:]
        said = said.removeprefix(" ")
        mark = ">" * depth + (" " if depth else "")
        soft = said.endswith(" ") and said != "-- "
        if goes_on and depth == depth_before and said != "-- ":
            pieces = paragraphs[-1]
            if delete_blank and not _between_words(pieces[-1], said):
                pieces[-1] = pieces[-1][:-1]
            pieces.append(said)
        else:
            paragraphs.append([mark + said])
        goes_on, depth_before = soft, depth
    return "\n".join("".join(pieces) for pieces in paragraphs)


def _between_words(before: str, after: str) -> bool:
    """Whether the blank that `delsp` adds is the only one between two words: some programs say it and add none."""
    return len(before) > 1 and before[-2].isalnum() and after[:1].isalnum() and (before[-2] + after[0]).isascii()
