"""The words that say what stands beside them, in the fifteen languages of the widget and some of their neighbours. For
folded text of lower case: Latin without accents, kana without voicing marks, katakana as hiragana (プライベート is
ふらいへーと). Only what Python's ``re`` and JavaScript's ``u`` flag read alike."""

KEY = (
    r"private[\s_-]*key|priv[\s_.-]*key|secret[\s_-]*(?:(?:spend|view|exponent)[\s_-]*)?key|sign(?:ing"
    r"|er)[\s_-]*key|\bprivkey|\bpkey\b|\bpk\b"
    r"|\bwif\b|raw[\s_-]*key|spend[\s_-]*key|\bview[\s_-]*key|\bsecret\b|\bseed\b|\bkeys?\b|export(?:ed)?[\s_-]key"
    r"|clave[\s_-]privada"
    r"|llave[\s_-]privada|chave[\s_-](?:privada|secreta)|cle[\s_-](?:privee|secrete)|privat(?:er|en"
    r"|em)?[\s_-]*schlussel"
    r"|geheim(?:er|en|em)?[\s_-]schlussel|(?:ozel|gizli)[\s_-]anahtar|kunci[\s_-](?:privat|pribadi|rahasia)"
    r"|khoa[\s_-](?:rieng|bi[\s_-]mat|ca[\s_-]nhan)|chiave[\s_-](?:privata|segreta)|(?:soukromy|privatni)[\s_-]klic"
    r"|私[钥鑰]|[密秘][钥鑰]|密匙|私匙|秘密鍵|ふらいへーと・?きー|しーくれっと・?きー|개인\s?키|비밀\s?키|프라이빗\s?키|시크릿\s?키"
    r"|(?:приватн|закрыт|секретн)[а-я]*\s+ключ|คีย์ส่วนตัว|กุญแจส่วนตัว|ไพรเวท\s?คีย์|المفتاح\s+(?:الخاص|السري)"
    r"|مفتاح(?:ي|ك)?\s+(?:ال)?خاص"
)
HASH = (
    r"\btxn?s?\b|\btx[\s_-]?(?:id|hash|n)\b|/tx/|hash(?:es)?\b|transac|transfer|transak|transaz|\btransaktion"
    r"|\bblock|\btrx\b|\bdigest\b"
    r"|checksum|sha-?256|\btopics?\b|\bevents?\b|public(?:[\s_-]*key)?|(?:api|access|symbol|index"
    r"|storage)[\s_-]*key|address|contract|\bcheck\b|explorer|\bscan\b|\bstatus\b|\bpending\b"
    r"|\bconfirm|\border\b|\bdeposit|\bwithdraw|signature\b|\bsig\b|merkle|root\b|\bnonce\b|\bcommit\b|\bsalt\b"
    r"|\binput\b|\bdata\b|\bbytes32\b"
    r"|userop|\bproof\b|giao dich|\bma bam\b|\bislem|https?://\S*$"
    r"|交易|哈希|雜湊|杂凑|区块|區塊|转账|轉帳|转帐|轉賬|公[钥鑰]|地址|合约|合約|取引|とらんさくしょん|はっしゅ|ふろっく|公開鍵|あとれす"
    r"|트랜잭션|거래|해시|블록|공개\s?키|주소|транзакц|х[еэ]ш|блок|ธุรกรรม|แฮช|บล็อก|معاملة|هاش|تجزئة|كتلة"
)
# Sure enough for four to eight digits beside them.
ONE_TIME = (
    r"(?:\b(?:sms|push|chip|foto|photo)-?)?\btans?(?=\s*[:=])|code de (?:connexion|connection)|ma (?:dang nhap|xac nhan)|kode (?:masuk|login)"
    r"|giris kod|로그인\s?(?:코드|번호)|код[а-я]*\s+(?:для\s+)?(?:входа|вход)|โค้ด|codigo (?:de )?(?:login|entrada|inicio)|codice di (?:accesso|verifica|sicurezza|conferma)"
    r"|\botps?\b|\b2fa\b|\bmfa\b|\btotp\b|one[\s-]?time\s?(?:pass)?(?:code|word|pin)|(?:verification|verify"
    r"|authenticat\w{2,4}|auth|security|login|log-?in|sign-?in|access"
    r"|confirmation|sms|text|e-?mail|backup|activation|2-?step|two-?factor)[\s_-]*(?:code|pin|number)|passcode"
    r"|google auth"
    r"|验证[码碼]|驗證[码碼]|校[验驗][码碼]|[动動][态態](?:密|口)?[码碼令]|认证码|認證碼|短信码|確認こーと|認証(?:番号|こーと)|確認番号|わんたいむ"
    r"|인증\s?(?:번호|코드)|보안\s?코드|확인\s?코드|일회용|ma (?:xac (?:minh|nhan|thuc)|otp|bao mat)|kode (?:verifikasi|otp"
    r"|keamanan|konfirmasi)"
    r"|รหัส\s?(?:ยืนยัน|otp|ความปลอดภัย)|код\s+(?:подтверждения|из\s+смс|безопасности|верификации|доступа"
    r"|авторизации)|(?:смс|sms)[\s-]?код"
    r"|codigo (?:de )?(?:verificacion|verificacao|seguridad|seguranca|confirmacion|confirmacao|acceso|acesso"
    r"|autenticacion|autenticacao|sms)"
    r"|dogrulama kodu|onay kodu|guvenlik kodu|sms kodu|tek kullanimlik|code (?:de )?(?:verification|securite"
    r"|confirmation|sms|d.acces|d.authentification)"
    r"|(?:bestatigungs|sicherheits|verifizierungs|sms-?|einmal|anmelde)-?(?:code|passwort|kennwort)"
    r"|(?:codice|codigo|kod[eiu]?|code|こーと|코드) (?:de |del |por |via |ze? |dari |par |da )?sms|\bsms\b|смс|短信|しょーとめ"
    r"|문자로|authenticat|аутентификатор|\b(?:die|der|meine) tan\b|\btan (?:lautet|ist|war|nummer)|验证器|驗證器|google code|verificatie-?code|bevestigings-?code"
    r"|kod weryfikacyjn|kod potwierdz|overovaci kod|potvrzovaci kod|код[а-яі]*\s+(?:підтвердження|з|із|зі|из|с)\s"
    r"|ओटीपी|सत्यापन कोड|کد\s+(?:تایید|تأیید|پیامک|ورود)|كود\s+(?:الرسالة|الدخول)|رمز\s+الرسالة"
    r"|رمز\s+(?:التحقق|التاكيد|التأكيد|الامان|الأمان|الدخول)|كود\s+(?:التحقق|التأكيد|التاكيد)"
)
# Says it of a code only when the digits follow at once ("code: 123456").
CODE = r"(?:\bcode|\bkode|\bkodu?m?|\bcodigo|\bcodice|\bcod|こーと|코드|код[а-я]*|कोड|รหัส|كود|رمز|کد|\bma(?= \d)|[验驗]?[证證]?[码碼])"
# What is called a code and is none; it stands right before.
OTHER_CODES = (
    r"(?<!zip )(?<!error )(?<!post )(?<!postal )(?<!area )(?<!country )(?<!promo )(?<!swift )(?<!status )(?<!qr )(?<!bar )"
    r"(?<!response )(?<!referral )(?<!invite )(?<!source )(?<!sort )(?<!branch )(?<!bank )(?<!exit )(?<!hs )"
)
# Words between it and the digits: "the code that your colleague wanted was 123456".
LOOSELY = r"[^\s\d:：=]{0,6}(?:\s[^\s\d:：=]{1,16}){0,7}\s[^\s\d:：=]{0,2}$"

NOT_A_CODE = (
    r"号码|號碼|error|status|http|zip|post(?:al|al)?|country|area|referr|promo|invite|invitation|coupon|discount|ticket"
    r"|order|product|bar|swift|sort|branch|bank|exit|response"
    r"|fehler|postleit|erreur|codigo postal|postal|邮政|郵政|邮编|错误|錯誤|订单|推荐|邀请|区号|えらー|郵便|오류|에러|우편|추천|ошибк|почтов"
    r"|kode pos|kode error|hata|posta|loi|buu"
)
PASSWORD = (
    r"\bheslo|\bhaslo|wachtwoord|पासवर्ड|رمز\s?عبور|پسورد|\bpw(?= )|\bmk(?=\s*[:=])|\bclave(?=\s*[:=])|암호|พาสเวิ?ร์?ด|(?:ال)?باسورد|"
    r"pass\s?word|\bpass\s?wd\b|\bpwd\b|\bpsw\b|pass\s?phrase|\bpass(?=\s*[:=])|\bpw(?=\s*[:=])|\bpin(?:\s?code"
    r"|[-\s]?number)?\b|password"
    r"|密[码碼]|口令|ぱすわーと|はすわーと|暗証番号|비밀\s?번호|비번|패스워드|mat khau|kata sandi|\bsandi\b|รหัสผ่าน|парол[а-я]*|contrasena"
    r"|\bsenha|\bsifrem?\b|parola(?:m|n|si|miz|niz)?"
    r"|mot de passe|\bmdp\b|passwort|kennwort|كلمة\s+(?:المرور|السر)|كلمه\s+(?:المرور|السر)"
)
# What joins a label and its value.
SAYS = (
    r"(?:\s?(?:saya|aku|anda|cua (?:toi|em|minh|anh|chi)|toi|da conta|de la cuenta|del conto|akun|такой|ของ(?:ฉัน|ผม|หนู|เรา)))?"
    r"(?:\s+(?:(?:is|was|are|ist|lautet|es|est|e|la|adalah|هي|هو|это)(?=[\s:=：])|:|=)\s*[:：=]?\s*|คือ\s*"
    r"|\s*[:：=＝]\s*|\s*(?:是|为|為|は|은|는|이|가|—|–|->)\s*[:：]?\s*|\s+(?=[\"'`«“]))"
)
# Before what looks like a password nothing else has to join them ("I log in with the password hunter2! but"); a few words
# may ("I changed the password yesterday to hunter2!").
OWN = r"(?:[^\s\d:：=]{0,4}\s?(?:saya|aku|anda|cua (?:toi|em|minh|anh|chi)|toi|da conta|ของ(?:ฉัน|ผม|หนู|เรา))?\s{1,2})"
FARTHER = r"(?:[^\s\d:：=]{0,4}(?:\s[^\s\d:：=]{1,14}){1,4}?\s{1,2}|[^\x00-\x7f\d]{1,6})"
BEHIND_PASSWORD = r"\s+(?:sifresi|parolasi)"
# Said of passwords, never passwords.
NOT_A_PASSWORD = frozenset(
    (
        "wrong incorrect invalid required correct empty null none true false undefined missing expired weak strong "
        "secure safe unknown reset changed "
        "forgotten lost needed asked being protected string text hidden hashed encrypted redacted not the a an my "
        "your in on too so same different new old"
    ).split()
)
CARD = (
    r"\bcards?\b|\bvisa\b|mastercard|\bamex\b|american express|\bunionpay\b|\bdebit\b|\bkredit|\bcredit|\bcarte\b"
    r"|tarjeta|cartao|\bkarte\b|kart[iıua]?\b|\bkartu\b|卡号|卡號|银行卡|信用卡"
    r"|銀行卡|かーと|카드|карт[а-я]*|บัตร|بطاق|\bthe\s(?:tin dung|ngan hang)"
)
ORDER = (
    r"order|invoice|ticket|\bcase\b|block|nonce|\bwei\b|\bref(?:erence)?\b|tracking|\bimei\b|serial|timestamp"
    r"|\bid\b|uuid|订单|訂單|工单|单号|區塊|区块|流水|注文|주문|송장|pedido|commande|bestell|rechnung"
    r"|заказ|siparis|pesanan|don hang|คำสั่งซื้อ|طلب"
)
IDENTITY = (
    r"passport|\bssn\b|social security|national id|identity card|\bid (?:card|number|no)\b|driv\w+ licen[cs]e|护照"
    r"|護照|身份证|身分證|身份證|证件|はすほーと|まいなんはー|個人番号|여권|주민\s?등록"
    r"|паспорт|\bинн\b|снилс|pasaporte|\bdni\b|\bnie\b|passaporte|\bcpf\b|\brg\b|pasaport|kimlik|passeport"
    r"|carte d.identite|reisepass|personalausweis|ausweis|paspor|\bnik\b|\bktp\b|ho chieu"
    r"|\bcccd\b|\bcmnd\b|can cuoc|หนังสือเดินทาง|บัตรประชาชน|جواز|الهوية|codice fiscale|aadhaar|\bpan\b"
)
PHONE = (
    r"phone|\btel\b|\bmobile\b|\bcell\b|whats\s?app|\bcall me|telefon|handy|电话|電話|手机|手機|携帯|전화|휴대폰|телефон|telefono"
    r"|celular|movil|dien thoai|\bsdt\b|telepon|\bhp\b|เบอร์|โทร|هاتف|جوال|رقمي"
)
ADDRESS = (
    r"(?:home|postal|shipping|delivery|billing|street|mailing|my|residential) address|\baddress(?=\s*:)|住址|住所|家庭地址"
    r"|收货地址|邮寄地址|地址(?=[:：])|주소(?=\s*[:：는은])|anschrift|wohnadresse"
    r"|adresse (?:postale|de livraison)|direccion (?:postal|de envio)|endereco|адрес\s+(?:проживания|доставки"
    r"|регистрации)|ev adresi?|dia chi nha|alamat(?: rumah)?|ที่อยู่|عنوان(?:ي)? (?:المنزل|السكن|البريدي)"
)
