import time

import pytest

from messaging.correspondence.quotes import split_quoted

ON = "On Fri, 22 Aug 2025 at 08:00, SAFE-T review wrote:"


@pytest.mark.parametrize(
    ("text", "own", "quoted"),
    [
        ("Here it is.", "Here it is.", ""),
        ("", "", ""),
        (f"Here it is.\n\n{ON}\n> Send a photo.\n> Thanks.", "Here it is.", f"{ON}\n> Send a photo.\n> Thanks."),
        (f"Here it is.\n\n{ON}\n\n> Send a photo.", "Here it is.", f"{ON}\n\n> Send a photo."),
        (
            "Here it is.\n\nOn Fri, 22 Aug 2025 at 08:00, SAFE-T review\n<safe-t@desk.example> wrote:\n> Send a photo.",
            "Here it is.",
            "On Fri, 22 Aug 2025 at 08:00, SAFE-T review\n<safe-t@desk.example> wrote:\n> Send a photo.",
        ),
        ("Here it is.\n\n> Send a photo.\n>> Older.", "Here it is.", "> Send a photo.\n>> Older."),
        (f"{ON}\n> Send a photo.\n\nHere it is.", "Here it is.", f"{ON}\n> Send a photo."),
        ("> Send a photo.\n\nHere it is.", "Here it is.", "> Send a photo."),
        (f"Hello,\n{ON}\n> Send a photo.\nHere it is.", "Hello,\nHere it is.", f"{ON}\n> Send a photo."),
        (
            "Hier ist es.\n\nAm 22.08.2025 um 08:00 schrieb SAFE-T review:\n> Ein Foto bitte.",
            "Hier ist es.",
            "Am 22.08.2025 um 08:00 schrieb SAFE-T review:\n> Ein Foto bitte.",
        ),
        (f"Here it is.\n\n{ON}\nSend a photo.", "Here it is.", f"{ON}\nSend a photo."),
        (
            "Here it is.\n\nFrom: SAFE-T\nSent: Friday\nTo: Seller A\nSubject: Claim\n\nSend a photo.",
            "Here it is.",
            "From: SAFE-T\nSent: Friday\nTo: Seller A\nSubject: Claim\n\nSend a photo.",
        ),
        (
            "Hier.\n\nVon: SAFE-T\nGesendet: Freitag\nAn: Seller A\nBetreff: Claim\n\nEin Foto bitte.",
            "Hier.",
            "Von: SAFE-T\nGesendet: Freitag\nAn: Seller A\nBetreff: Claim\n\nEin Foto bitte.",
        ),
        (
            "Here.\n\n-----Original Message-----\nFrom: SAFE-T\n\nSend a photo.",
            "Here.",
            "-----Original Message-----\nFrom: SAFE-T\n\nSend a photo.",
        ),
    ],
)
def test_split_quoted(text, own, quoted):
    assert split_quoted(text) == (own, quoted)


@pytest.mark.parametrize(
    "text",
    [
        "> Which colour?\nRed.\n> Which size?\nLarge.",
        "Hello,\n> Which colour?\nRed.",
        f"{ON}\n> Send a photo.",
        "> Send a photo.",
        "It went\nFrom: Berlin\nTo: Rome\nand was lost.",
        "Yesterday the buyer wrote:\nI never got it.",
        "Data:\n111-2223334-5556667",
        "--\nSeller A, Support",
    ],
)
def test_split_quoted_leaves_together_what_belongs_together(text):
    assert split_quoted(text) == (text, "")


@pytest.mark.parametrize(
    "text",
    [
        "On " * 60_000 + "wrote:",
        "On a\n" * 40_000,
        "From: " + " " * 200_000,
        "From:  x\n" * 20_000,
        ">" * 200_000,
        "wrote:\n" * 20_000,
        "On 1 wrote:\n\n" * 10_000,
        "On 1 wrote:\n>\nx\n" * 10_000,
    ],
)
def test_split_quoted_takes_no_longer_for_hostile_text(text):
    start = time.process_time()

    split_quoted(text)

    assert time.process_time() - start < 2
