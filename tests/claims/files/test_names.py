import pytest

from claims.files.names import clean_name, with_extension

KNOWN = frozenset({"png", "jpg", "jpeg", "pdf", "txt"})


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("label.png", "label.png"),
        ("../../etc/passwd", "passwd"),
        ("..\\..\\boot.ini", "boot.ini"),
        ("C:\\photos\\box.jpg", "box.jpg"),
        ("/", "file"),
        ("..", "file"),
        ("", "file"),
        (None, "file"),
        (".htaccess", "htaccess"),
        ("photo.png\x00.exe", "photo.png.exe"),
        ("invoice\u202egnp.exe", "invoicegnp.exe"),
        ("zero\u200bwidth.txt", "zerowidth.txt"),
        ("two\r\nlines.txt", "two lines.txt"),
        ("  many \t  spaces .txt  ", "many spaces .txt"),
        ("Etikett größer.png", "Etikett größer.png"),
        ("gro\u0308\u00dfer.png", "größer.png"),
        ('a<b>"c"|d?.pdf', "a_b__c__d_.pdf"),
        ("\ud800lone.txt", "lone.txt"),
        ("写真.jpg", "写真.jpg"),
        ("x" * 300 + ".jpeg", "x" * 115 + ".jpeg"),
        ("x" * 300, "x" * 120),
        ("x." + "y" * 300, "x." + "y" * 118),
    ],
)
def test_clean_name(given, kept):
    assert clean_name(given) == kept


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("label.png", "label.png"),
        ("label.PNG", "label.PNG"),
        ("label.jpg", "label.png"),
        ("label", "label.png"),
        ("setup.exe", "setup.exe.png"),
        ("invoice.pdf.exe", "invoice.pdf.exe.png"),
        ("x" * 116 + ".pdf", "x" * 116 + ".png"),
        ("x" * 116 + ".exe", "x" * 116 + ".png"),
    ],
)
def test_with_extension_ends_as_the_content_says(given, kept):
    assert with_extension(given, ("png",), KNOWN) == kept
