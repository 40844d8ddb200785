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


@pytest.mark.parametrize(
    "attribution",
    [
        "pt., 5 paź 2026 o 10:12 SAFE-T <s@d.example> napisał(a):",
        "W dniu 5.10.2026 o 10:12, SAFE-T pisze:",
        "SAFE-T <s@d.example>, 5 Eki 2026 Pzt, 10:12 tarihinde şunu yazdı:",
        "5.10.2026 10:12 tarihinde SAFE-T yazdı:",
        "SAFE-T <s@d.example> 于2026年10月5日周一 10:12写道：",
        '在 2026-10-05 10:12:00，"SAFE-T" <s@d.example> 写道：',
        "Em seg., 5 de out. de 2026 às 10:12, SAFE-T <s@d.example>\nescreveu:",
        "SAFE-T <s@d.example> escreveu no dia segunda, 5/10/2026 à(s) 10:12:",
        "Op ma 5 okt 2026 om 10:12 schreef SAFE-T <s@d.example>:",
        "2026年10月5日(月) 10:12 SAFE-T <s@d.example>:",
        "2026년 10월 5일 (월) 오전 10:12, SAFE-T <s@d.example>님이 작성:",
        "пн, 5 окт. 2026 г. в 10:12, SAFE-T <s@d.example>:",
        "05.10.2026 10:12, SAFE-T пишет:",
        "ma 5. lokak. 2026 klo 10.12 SAFE-T (s@d.example) kirjoitti:",
        "SAFE-T <s@d.example> ezt írta (időpont: 2026. okt. 5., H, 10:12):",
        "În lun., 5 oct. 2026 la 10:12, SAFE-T <s@d.example> a scris:",
        "Στις Δευ 5 Οκτ 2026 στις 10:12 π.μ., ο χρήστης SAFE-T <s@d.example> έγραψε:",
        "\u202bבתאריך יום ב׳, 5 באוק׳ 2026 ב-10:12 מאת \u202aSAFE-T\u202c <\u202as@d.example\u202c\u200f>:\u202c",
        "Le 05/10/2026 à 10:12, SAFE-T a écrit\xa0:",
        "On Mon, Oct 5, 2026 at 10:12\u202fAM SAFE-T <s@d.example> wrote:",
    ],
)
def test_quotes_of_gmail_and_others_are_folded_in_many_languages(attribution):
    assert split_quoted(f"Ok.\n\n{attribution}\n\n> Please send it.") == ("Ok.", f"{attribution}\n\n> Please send it.")


@pytest.mark.parametrize(
    "header",
    [
        "De: S <s@d>\nEnviado el: lunes, 5 de octubre de 2026\nPara: x\nAsunto: y",
        "De: S <s@d>\nEnviada em: segunda-feira, 5 de outubro de 2026\nPara: x\nAssunto: y",
        "De : S <s@d>\nEnvoyé : lundi 5 octobre 2026 10:12\nÀ : x\nObjet : y",
        "Da: S <s@d>\nInviato: lunedì 5 ottobre 2026\nA: x\nOggetto: y",
        "Van: S <s@d>\nVerzonden: maandag 5 oktober 2026\nAan: x\nOnderwerp: y",
        "Od: S <s@d>\nWysłano: poniedziałek, 5 października 2026\nDo: x\nTemat: y",
        "Gönderen: S <s@d>\nGönderildi: 5 Ekim 2026 Pazartesi\nKime: x\nKonu: y",
        "差出人: S <s@d>\n送信日時: 2026年10月5日 10:12\n宛先: x\n件名: y",
        "发件人：S <s@d>\n发送时间：2026年10月5日\n收件人：x\n主题：y",
        "寄件者: S <s@d>\n寄件日期: 2026年10月5日\n收件者: x\n主旨: y",
        "От: S <s@d>\nОтправлено: 5 октября 2026 г.\nКому: x\nТема: y",
        "Lähettäjä: S <s@d>\nLähetetty: maanantai 5. lokakuuta 2026\nVastaanottaja: x\nAihe: y",
        "*From:* S <s@d>\n*Sent:* Monday, October 5, 2026\n*To:* x\n*Subject:* y",
        "________________________________\nFrom: S <s@d>\nSent: Monday\nTo: x\nSubject: y",
        "------------------ 原始邮件 ------------------\n发件人: S",
        "-----Wiadomość oryginalna-----\nOd: S",
        "Anfang der weitergeleiteten Nachricht:\n\nVon: S",
    ],
)
def test_headers_of_outlook_and_others_are_folded_in_many_languages(header):
    assert split_quoted(f"Ok.\n\n{header}\n\nPlease send it.") == ("Ok.", f"{header}\n\nPlease send it.")


@pytest.mark.parametrize(
    "text",
    [
        "Name: Bob <bob@x.example>\nDate: 5.10.2026 10:12\nOrder: 111-2223334-5556667\n\nMine.",
        "Please see <a@b.example> of 5/10/2026 10:12:\nit was delivered.",
        "----- Invoice -----\nOne lamp",
        "件名のとおりです。\n箱は空でした。",
    ],
)
def test_own_words_that_look_a_little_like_quotes_stay(text):
    assert split_quoted(text) == (text, "")
