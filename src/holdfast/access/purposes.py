"""The purposes that every installation begins with. An operator changes them and adds their own (REST)."""

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from holdfast.access.models import Purpose
from holdfast.access.policy import Field

_REACH = [Field.EMAIL, Field.PHONE]
_ACCOUNT = [Field.USER_ID, Field.WALLET]
_ALL = [*_REACH, *_ACCOUNT, Field.ADDRESS, Field.IDENTITY]

# key, kinds it opens, seconds, in the agent's own words, names.
FIRST: tuple[tuple[str, list[Field], int, bool, dict[str, str]], ...] = (
    (
        "transaction",
        _ACCOUNT,
        300,
        False,
        {
            "en": "Look up a transaction",
            "zh-Hans": "查询交易",
            "zh-Hant": "查詢交易",
            "ja": "取引の確認",
            "ko": "거래 조회",
            "vi": "Tra cứu giao dịch",
            "id": "Memeriksa transaksi",
            "th": "ตรวจสอบธุรกรรม",
            "ru": "Проверка транзакции",
            "es": "Consultar una transacción",
            "pt": "Consultar uma transação",
            "tr": "İşlem sorgulama",
            "fr": "Consulter une transaction",
            "de": "Transaktion nachsehen",
            "ar": "البحث عن معاملة",
        },
    ),
    (
        "refund",
        [*_REACH, *_ACCOUNT],
        300,
        False,
        {
            "en": "Check a refund",
            "zh-Hans": "退款核对",
            "zh-Hant": "退款核對",
            "ja": "返金の確認",
            "ko": "환불 확인",
            "vi": "Kiểm tra hoàn tiền",
            "id": "Memeriksa pengembalian dana",
            "th": "ตรวจสอบการคืนเงิน",
            "ru": "Проверка возврата средств",
            "es": "Comprobar un reembolso",
            "pt": "Verificar um reembolso",
            "tr": "İade kontrolü",
            "fr": "Vérifier un remboursement",
            "de": "Erstattung prüfen",
            "ar": "التحقق من استرداد المبلغ",
        },
    ),
    (
        "call_back",
        [Field.PHONE],
        120,
        False,
        {
            "en": "Call back",
            "zh-Hans": "回电",
            "zh-Hant": "回電",
            "ja": "折り返しの電話",
            "ko": "회신 전화",
            "vi": "Gọi lại",
            "id": "Menelepon kembali",
            "th": "โทรกลับ",
            "ru": "Обратный звонок",
            "es": "Devolver la llamada",
            "pt": "Retornar a ligação",
            "tr": "Geri arama",
            "fr": "Rappeler",
            "de": "Zurückrufen",
            "ar": "معاودة الاتصال",
        },
    ),
    (
        "identity",
        _ALL,
        180,
        False,
        {
            "en": "Check identity",
            "zh-Hans": "身份核对",
            "zh-Hant": "身分核對",
            "ja": "本人確認",
            "ko": "본인 확인",
            "vi": "Kiểm tra danh tính",
            "id": "Memeriksa identitas",
            "th": "ตรวจสอบตัวตน",
            "ru": "Проверка личности",
            "es": "Comprobar la identidad",
            "pt": "Verificar a identidade",
            "tr": "Kimlik kontrolü",
            "fr": "Vérifier l’identité",
            "de": "Identität prüfen",
            "ar": "التحقق من الهوية",
        },
    ),
    (
        "emergency",
        _ALL,
        900,
        False,
        {
            "en": "Emergency",
            "zh-Hans": "紧急情况",
            "zh-Hant": "緊急情況",
            "ja": "緊急対応",
            "ko": "긴급 상황",
            "vi": "Khẩn cấp",
            "id": "Keadaan darurat",
            "th": "เหตุฉุกเฉิน",
            "ru": "Экстренный случай",
            "es": "Emergencia",
            "pt": "Emergência",
            "tr": "Acil durum",
            "fr": "Urgence",
            "de": "Notfall",
            "ar": "حالة طارئة",
        },
    ),
    (
        "other",
        _ALL,
        60,
        True,
        {
            "en": "Another purpose",
            "zh-Hans": "其他用途",
            "zh-Hant": "其他用途",
            "ja": "その他の目的",
            "ko": "기타 목적",
            "vi": "Mục đích khác",
            "id": "Tujuan lain",
            "th": "วัตถุประสงค์อื่น",
            "ru": "Другая цель",
            "es": "Otro motivo",
            "pt": "Outro motivo",
            "tr": "Başka bir amaç",
            "fr": "Autre motif",
            "de": "Anderer Zweck",
            "ar": "غرض آخر",
        },
    ),
)


def name_of(names: dict[str, str], language: str) -> str:
    """In the language, else in English, else in whichever there is."""
    return names.get(language) or names.get("en") or next(iter(names.values()), "")


async def seed_purposes(session: AsyncSession) -> None:
    """Those that are missing; nothing that is there already is touched."""
    for position, (key, fields, seconds, own_words, names) in enumerate(FIRST):
        await session.execute(
            insert(Purpose)
            .values(
                key=key,
                names=names,
                fields=[field.value for field in fields],
                seconds=seconds,
                own_words=own_words,
                position=position,
                active=True,
            )
            .on_conflict_do_nothing(index_elements=["key"])
        )
