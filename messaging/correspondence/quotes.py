"""What the writer of an e-mail wrote, apart from what the mail program quoted below or above it.

Quoted text is never thrown away: it is returned beside the own words, and the thread folds it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass


@dataclass(frozen=True)
class _Wrote:
    """How mail programs of a language begin a quote: "On 1 May, Ann wrote:".

    `named_after`: the name is between the verb and the colon, as in "Am 1. Mai schrieb Ann:".
    """

    begins: tuple[str, ...]
    verb: str
    named_after: bool = False


# In lower case, with single spaces. Weekdays are how Danish and Swedish programs begin too.
_DAYS = ("den ", "man", "mån", "tir", "tis", "ons", "tor", "fre", "lør", "lör", "søn", "sön", *"0123456789")
_DIGITS = tuple("0123456789")
_ANY = ("",)  # the name comes first, so that anything may
_WROTE = (
    _Wrote(("on ", "at "), " wrote:"),
    _Wrote(("am ",), " schrieb ", named_after=True),
    _Wrote(("dne ", "po ", "út ", "st ", "čt ", "pá ", "so ", "ne "), " napsal(a):"),
    _Wrote(("dne ", "po ", "út ", "st ", "čt ", "pá ", "so ", "ne "), " napsal:"),
    _Wrote(_DAYS, " skrev ", named_after=True),
    _Wrote(_DAYS, " skrev:"),
    _Wrote(("el ",), " escribió:"),
    _Wrote(("em ", "a ", "às ", "no dia "), " escreveu:"),
    _Wrote(("le ",), " a écrit", named_after=True),
    _Wrote(("il ",), " ha scritto:"),
    _Wrote(("op ",), " schreef:"),
    _Wrote(("op ",), " schreef ", named_after=True),
    _Wrote(("dnia ", "w dniu ", "pon., ", "wt., ", "śr., ", "czw., ", "pt., ", "sob., ", "niedz., "), " napisał(a):"),
    _Wrote(("dnia ", "w dniu "), " pisze:"),
    _Wrote(("dnia ",), " nadesłał:"),
    _Wrote(("în ",), " a scris:"),
    _Wrote(("στις ",), " έγραψε:"),
    _Wrote(("vào ",), " đã viết:"),
    _Wrote(("pada ",), " menulis:"),
    _Wrote(("ma ", "ti ", "ke ", "to ", "pe ", "la ", "su "), " kirjoitti:"),
    _Wrote(_DIGITS, " пишет:"),
    _Wrote(_DIGITS, " yazdı:"),
    # "Name <address> escreveu no dia …:" and the like: an address and a moment are asked for besides.
    _Wrote(_ANY, " escreveu no dia ", named_after=True),
    _Wrote(_ANY, " tarihinde şunu yazdı:"),
    _Wrote(_ANY, " tarihinde şunları yazdı:"),
    _Wrote(_ANY, " yazdı:"),
    _Wrote(_ANY, " kirjoitti ", named_after=True),
    _Wrote(_ANY, " ezt írta ", named_after=True),
    _Wrote(_ANY, " пишет:"),
    _Wrote(_ANY, " написал(а):"),
    _Wrote(_ANY, " написав:"),
)
# Where the moment is written first and the sender last, in scripts that put no blanks between words.
_EASTERN_DAY = re.compile(r"(?:[在于於] ?)?\d{4} ?[年년./-] ?\d{1,2} ?[月월./-] ?\d{1,2}")
_EASTERN_ENDS = (
    ">:",
    ">\uff1a",
    "님이 작성하였습니다:",
    "님이 작성:",
    "写道\uff1a",
    "写道:",
    "寫道\uff1a",
    "寫道:",
    "のメッセージ:",
)
# In any language: an address in angle brackets, a day with its year, a time of day.
_SENDER = re.compile(r"<(?:mailto:)?[^<>@\s]{1,80}@[^<>@\s]{1,200}>")
_DAY = re.compile(r"(?<!\d)(?:19|20)\d\d(?!\d)|(?<!\d)\d{1,2}[./-]\d{1,2}[./-]\d{2}(?!\d)")
_TIME = re.compile(r"(?<!\d)\d{1,2}[:.h時点시]\d{2}(?!\d)")
_INVISIBLE = re.compile("[\u200b-\u200f\u202a-\u202e\u2066-\u2069\ufeff\u00ad]")
# The fields of a header that a mail program copied above what it quotes, by language.
_FIELDS = tuple(
    frozenset(names.split(","))
    for names in (
        "from,sent,to,subject,date,cc,organization,reply-to",
        "von,gesendet,an,betreff,datum,cc,organisation,antwort an",
        "od,odesláno,komu,předmět,datum,kopie",
        "od,odoslané,komu,predmet,dátum,kópia",
        "fra,sendt,til,emne,dato,cc,kopi,vedhæftet",
        "de,enviado,enviado el,enviado a,para,asunto,fecha,cc,organización",
        "de,enviado,enviada,enviada em,enviado em,para,assunto,data,cc",
        "de,envoyé,à,objet,cc,date",
        "da,inviato,a,oggetto,data,cc",
        "보낸 사람,보낸 날짜,받는 사람,제목,참조,보낸사람,보낸날짜,받는사람,날짜",
        "van,verzonden,aan,onderwerp,datum,cc",
        "från,skickat,till,ämne,datum,kopia",
        "lähettäjä,lähetetty,vastaanottaja,aihe,päivämäärä,kopio,päiväys",
        "发件人,发送时间,发件时间,收件人,主题,抄送,组织,日期",
        "寄件者,寄件人,傳送時間,寄件日期,收件者,收件人,主旨,副本,日期",
        "差出人,送信者,送信元,送信日時,日時,日付,宛先,件名",
        "od,wysłano,wysłane,data,do,temat,dw",
        "gönderen,kimden,gönderildi,gönderme tarihi,tarih,kime,alıcı,konu,bilgi",
        "от,отправлено,дата,кому,тема,копия",
        "від,надіслано,дата,кому,тема,копія",
        "feladó,elküldve,küldve,dátum,címzett,tárgy,másolat",
        "de la,trimis,expediat,data,către,subiect,cc",
        "από,στάλθηκε,ημερομηνία,προς,θέμα,κοιν",
        "מאת,נשלח,תאריך,אל,נושא",
        "من,تم الإرسال,تاريخ الإرسال,التاريخ,إلى,الموضوع",
        "từ,đã gửi,ngày,đến,tới,chủ đề",
        "dari,dikirim,tanggal,kepada,ke,subjek,perihal",
        "จาก,ส่ง,วันที่,ถึง,เรื่อง",
    )
)
_LONGEST_LINE = 300
_ORIGINALS = (
    "original message|original mail|forwarded message|forwarded by .{1,60}|reply message|"
    "ursprüngliche nachricht|original-nachricht|originalnachricht|weitergeleitete nachricht|"
    "message d'origine|message original|message transféré|message initial|"
    "mensaje original|mensaje reenviado|mensagem original|mensagem encaminhada|mensagem reencaminhada|"
    "messaggio originale|messaggio inoltrato|oorspronkelijk bericht|doorgestuurd bericht|"
    "wiadomość oryginalna|oryginalna wiadomość|przekazana wiadomość|treść oryginalnej wiadomości|"
    "orijinal mesaj|özgün ileti|iletilen mesaj|yönlendirilen ileti|"
    "ursprungligt meddelande|originalmeddelande|vidarebefordrat meddelande|"
    "oprindelig meddelelse|videresendt meddelelse|original melding|opprinnelig melding|videresendt melding|"
    "alkuperäinen viesti|původní zpráva|přeposlaná zpráva|pôvodná správa|eredeti üzenet|továbbított üzenet|"
    "mesaj original|mesaj redirecționat|исходное сообщение|пересылаемое сообщение|оригінальне повідомлення|"
    "αρχικό μήνυμα|προωθημένο μήνυμα|הודעה מקורית|الرسالة الأصلية|tin nhắn gốc|thư gốc|pesan asli|"
    "元のメッセージ|転送メッセージ|原始邮件|原邮件|原始郵件|转发的邮件|转发邮件|"
    "轉寄的郵件|원본 메시지|전달된 메시지"
)
_ORIGINAL = re.compile(rf"(?<!-)-{{3,}}+[ \xa0]?(?:{_ORIGINALS})[ \xa0]?---", re.I)
_RULE = re.compile(r"\s*(?:_{5,}|-{5,}|\*{5,}|={5,})\s*")
_BEGINS_FORWARD = re.compile(
    r"\s*(?:begin forwarded message|anfang der weitergeleiteten nachricht|début du message réexpédié|"
    r"début du message transféré|inicio del mensaje reenviado|início da mensagem reencaminhada|"
    r"inizio messaggio inoltrato|begin doorgestuurd bericht|転送されたメッセージ|下面是被转发的邮件)\s*[:\uff1a]\s*",
    re.I,
)
_FIELD = re.compile(r"[*\s]*+[^\s:\uff1a<>@/*][^:\uff1a<>@/]{0,24}[:\uff1a]")
_LABEL_END = re.compile("[:\uff1a]")
_DIGIT = re.compile(r"\d")
_CLOCK = re.compile(r"\d[:.h]\d{2}|@")
_FIELDS_OF_A_HEADER = 3


def split_quoted(text: str) -> tuple[str, str]:
    """Return (own words, quoted text). Answers written in between quoted lines stay together with them."""
    lines = text.split("\n")
    seen = lines if text.isascii() else _INVISIBLE.sub("", text).split("\n")
    end = _tail_start(seen)
    marks = [line.lstrip().startswith((">", "\uff1e")) for line in seen[:end]]
    attributed = _mark_attributions(seen, marks)
    blocks = _blocks(seen, marks)
    own_after = bool(blocks) and any(line.strip() for line in seen[blocks[-1][1] : end])
    if len(blocks) > 1 or (own_after and blocks[0][0] not in attributed and _own_before(seen, blocks[0][0])):
        own, quoted = lines[:end], lines[end:]
    else:
        inside = set(range(*blocks[0])) if blocks else set()
        own = [line for number, line in enumerate(lines[:end]) if number not in inside]
        quoted = [lines[number] for number in sorted(inside)] + lines[end:]
    words = _tidy(own)
    return (words, _tidy(quoted)) if words else (_tidy(lines), "")


def _own_before(lines: list[str], number: int) -> bool:
    return any(line.strip() for line in lines[:number])


def _tidy(lines: list[str]) -> str:
    return re.sub(r"\n{3,}", "\n\n", "\n".join(line.rstrip() for line in lines)).strip("\n")


def _short(lines: list[str]) -> bool:
    return all(len(line) <= _LONGEST_LINE for line in lines)


def _tail_start(lines: list[str]) -> int:
    """Return the line from which all is quoted without marks: a copied header, or "… wrote:" before unmarked lines."""
    for number, line in enumerate(lines):
        if len(line) > _LONGEST_LINE or line.lstrip().startswith(">"):
            continue
        if _ORIGINAL.search(line) or _BEGINS_FORWARD.fullmatch(line):
            return number
        if _is_copied_header(lines, number):
            return _with_rule(lines, number)
        if start := _attribution(lines, number):
            following = next((lines[n] for n in range(number + 1, len(lines)) if lines[n].strip()), "")
            words = "\n".join(lines[number + 1 - start : number + 1])
            if following and not following.lstrip().startswith(">") and _names_a_moment(words):
                return number + 1 - start
    return len(lines)


def _with_rule(lines: list[str], number: int) -> int:
    """Return where a copied header begins with the line of dashes that programs draw above it."""
    above = number - 1
    while above >= 0 and not lines[above].strip() and number - above < 3:
        above -= 1
    return above if above >= 0 and _RULE.fullmatch(lines[above]) else number


def _is_copied_header(lines: list[str], number: int) -> bool:
    block = [line.strip() for line in lines[number : number + 4]]
    if sum(bool(_FIELD.match(line)) for line in block) < _FIELDS_OF_A_HEADER or not _FIELD.match(block[0]):
        return False
    named = [_LABEL_END.split(line, maxsplit=1)[0].strip("* \t\xa0\u202f").lower() for line in block]
    return _short(block) and any(named[0] in known and known & set(named[1:3]) for known in _FIELDS)


def _names_a_moment(words: str) -> bool:
    """Whether a time of day or an address follows a digit."""
    digit = _DIGIT.search(words)
    return digit is not None and _CLOCK.search(words, digit.end()) is not None


def _says_wrote(words: str) -> bool:
    """Whether words are all of a "… wrote:"."""
    text = " ".join(words.lower().lstrip("> ").split())
    if _EASTERN_DAY.match(text):
        return text.endswith(_EASTERN_ENDS)
    for known in _WROTE:
        if known.begins == _ANY and not (_SENDER.search(text) and _DAY.search(text)):
            continue
        if text.startswith(known.begins) and (
            text.endswith(":") and known.verb in text if known.named_after else text.endswith(known.verb)
        ):
            return True
    return False


def _names_who_and_when(words: str) -> bool:
    """Whether words name a sender by address, a day and a time of day, in whatever language."""
    return all(pattern.search(words) for pattern in (_SENDER, _DAY, _TIME))


def _attribution(lines: list[str], number: int, *, before_marks: bool = False) -> int:
    """Return over how many lines a "… wrote:" that ends on this line runs; 0 when none ends here.

    Before marked lines it may be of any language; before others, which might be the writer's own, of a known one.
    """
    if not lines[number].rstrip().endswith((":", "\uff1a")):
        return 0
    for count in (1, 2, 3):
        window = [line.strip() for line in lines[max(0, number + 1 - count) : number + 1]]
        if len(window) != count or not _short(window) or not all(window):
            continue
        words = "\n".join(window)
        if _says_wrote(words) or (before_marks and _names_who_and_when(words)):
            return count
    return 0


def _mark_attributions(lines: list[str], marks: list[bool]) -> set[int]:
    """Mark "… wrote:" lines before a quote as part of it; return the numbers of their first lines."""
    starts = set()
    for number in range(1, len(marks)):
        if not marks[number] or marks[number - 1]:
            continue
        last = number - 1
        while last > 0 and not lines[last].strip():
            last -= 1
        if count := _attribution(lines, last, before_marks=True):
            first = last + 1 - count
            marks[first:number] = [True] * (number - first)
            starts.add(first)
    return starts


def _blocks(lines: list[str], marks: list[bool]) -> list[tuple[int, int]]:
    """Return the runs of quoted lines as (first, after the last); empty lines inside a run belong to it."""
    blocks: list[tuple[int, int]] = []
    for number, marked in enumerate(marks):
        if not marked:
            continue
        if blocks and not any(line.strip() for line in lines[blocks[-1][1] : number]):
            blocks[-1] = (blocks[-1][0], number + 1)
        else:
            blocks.append((number, number + 1))
    return blocks
