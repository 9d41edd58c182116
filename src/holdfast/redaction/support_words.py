"""List words that a wallet's customers write every day: alone or in a row they are no part of a phrase."""

SUPPORT = frozenset(
    (
        # English, of BIP-39 and SLIP-39
        "account add address alert approve asset balance bank bonus browser burden button cancel cash check claim "
        "click coin connect confirm copy "
        "correct cost credit crypto current custom data deposit device display document dollar email error example "
        "exchange exit express fee fetch "
        "file fix force gas gift hello hold hour hurry install issue item later left link load loan lock login "
        "logic lost mail manual market "
        "message minute mobile mobile monitor month morning menu network news note notice number offer okay online "
        "option order "
        "owner page paper pay payment pending phone phrase photo plate play power present price print private "
        "problem process profit program "
        "project proof protect public purchase question quick ready real reason receive recover refund reject "
        "release remain "
        "remember remove repeat replace report require rescue result review reward safe save scan screen script "
        "search second secret security seed "
        "select sell send service session setup share sign signal similar simple smart solution start state status "
        "step stop store submit success "
        "support sure swap switch system tell test text thank ticket today token tomorrow tool total trade "
        "transfer trust type update upgrade "
        "usual valid value verify version video view visit wallet warning web week wrong hey hi sorry please yes "
        "really nothing everything bye good nice "
        "love friend guy guys sir morning evening afternoon night again welcome luck perfect cool crazy stupid "
        "fast slow big small long short today done"
    ).split()
) | frozenset(
    (
        # the other lists
        "cuenta dinero saldo envio recibir clave codigo correo ayuda gracias banco pago error semana tarde noche "
        "hora dia mes ano favor "
        "compte argent banque adresse message erreur merci aide semaine minute jour mois probleme service client "
        "reponse attente "
        "conto denaro banca errore grazie aiuto messaggio settimana giorno mese problema servizio risposta indirizzo "
        "conta dinheiro banco erro ajuda obrigado semana mensagem problema resposta endereco valor senha "
        "ucet penize banka chyba pomoc zprava tyden mesic problem sluzba odpoved adresa "
        "계좌 지갑 주소 거래 은행 오늘 내일 어제 감사 문제 확인 시간 지금 도움 답변 메시지 전화 번호 비밀 이메일 오전 오후 "
        "ありかとう おねかい すみません もしもし"
    ).split()
)

# What people write alone, of list words: greetings, thanks, short answers.
POLITE = frozenset(
    (
        "hello hi hey thank thanks you very much please yes no okay ok sorry bye good great morning evening afternoon "
        "night day wait help sure welcome nice cool right now again also any both clear come information later next "
        "only possible problem same still today tomorrow try want well what when where why how who one more just this "
        "that all here there again second minute moment a the an "
        "amigo amiga gracias favor ayuda ciao grazie aiuto nota obrigado ajuda merci aide 감사 도움 지금 "
        "ありかとう おねかい すみません もしもし "
        "你 您 好 在 吗 嗎 请 請 谢 謝 帮 幫 忙 多 的 等 久 是 不 对 對 没 沒 有 了 啊 呢 怎 么 麼 办 辦 快 点 點"
    ).split()
)
