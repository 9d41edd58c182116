"""Words that stand between the words of a phrase and are none of it: numbers, ordinals, what people say while they read
aloud, what a messenger writes before a line. Folded: no accents, no voicing marks."""

# Spoken and written numbers; list words among them ("two", "second") count as words unless several numbers are there.
NUMBERS = frozenset(
    (
        "one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen "
        "eighteen nineteen twenty thirty "
        "first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth thirteenth fourteenth "
        "fifteenth sixteenth seventeenth eighteenth nineteenth twentieth "
        "uno dos tres cuatro cinco seis siete ocho nueve diez once doce primero primera segundo segunda tercero "
        "cuarto quinto sexto septimo octavo noveno decimo "
        "un deux trois quatre cinq sept huit neuf dix onze douze premier premiere deuxieme troisieme quatrieme "
        "cinquieme sixieme septieme huitieme neuvieme dixieme onzieme douzieme "
        "eins zwei drei vier funf sechs sieben acht neun zehn elf zwolf erste erstes zweite zweites dritte drittes "
        "vierte funfte sechste siebte achte neunte zehnte elfte zwolfte "
        "due tre quattro cinque sei sette otto nove dieci undici dodici primo terzo "
        "um dois quatro sete oito dez doze primeiro terceiro "
        "jedna dva tri ctyri pet sest sedm osm devet deset prvni druhe treti "
        "bir iki uc dort bes alti yedi sekiz dokuz birinci ikinci ucuncu "
        "satu dua tiga empat lima enam tujuh delapan sembilan sepuluh pertama kedua ketiga "
        "mot hai ba bon nam sau bay tam chin muoi "
        "один два три четыре пять шесть семь восемь девять десять первое второе третье "
        "하나 둘 셋 넷 다섯 여섯 일곱 여덟 아홉 열 첫번째 두번째 세번째 "
        "ひとつ ふたつ みっつ よっつ いつつ むっつ ななつ やっつ ここのつ とお"
    ).split()
)
TALK = frozenset(
    (
        # English
        "um uh uhm er hmm okay ok so then next comma like let me see sorry wait no word words number line part row "
        "am pm says said plus dot period dash space correction "
        # other languages
        "ahm also dann komma nachstes moment wort nein halt "
        "euh ensuite virgule alors voila attendez mot puis "
        "eh luego coma ver despues palabra perdon "
        "depois virgula ai deixa eu palavra "
        "ehm poi virgola allora aspetti parola "
        "э потом запятая так сейчас слово "
        "sey sonra virgul dakika kelime "
        "pak carka potom slovo "
        "lalu terus koma kata lanjut "
        "roi tiep theo phay "
        "えーと つき てん あの それから えっと "
        "어 다음 쉼표 그리고 잠깐 단어는 번 번째 아니 "
        "嗯 然后 逗号 接着 那个 然後 逗號 再來 那個 不是 下一个 下一個 个 個 号 號 "
        "يعني ثم فاصلة الكلمة "
        # what markup leaves
        "li ol ul br td tr th div span class strong em nbsp value input word index id data quot amp"
    ).split()
)
# What joins the words of prose: between those of a phrase only as a part of its labels ("word 1 is …, and").
JOINING = frozenset(
    (
        "the a an of and to in is it that this for on as be are was by with or not at from i you we they he she his "
        "der die das und ist in zu den von mit "
        "le la les de des et un une est en que du au "
        "el los las y es se un una por con no del al "
        "il lo gli di e che per non sono si i o da "
        "os as do da dos um uma em na para com nao "
        "и в на не что это с по как "
        "ve bir bu da de icin "
        "va la cua cho khong co "
        "dan yang di ini itu "
        "a se na v je to"
    ).split()
)
# List words of other languages that carry everyday language there, as 82 of the English list do in English.
EVERYDAY_ELSEWHERE = frozenset(
    (
        "ajeno alma amigo amor ano arte banco bien boca bueno cabeza cama camino campo casa ciego ciento cien "
        "conocer corazon corto cosa cuento cuerpo dama decir deber dinero dolor dos dulce edad entrar fin fondo "
        "fuerza gana gato gente gordo grito grupo haber hablar hacer hambre hijo hogar hombre hora hoy iglesia "
        "juego largo leche leer ley libro llegar loco luna luz malo mano mar marido mayor medio mejor menos mente "
        "mes mil mismo modo monte morir muerte mujer mundo nacer nada negro nido nino noche nombre nube nuevo "
        "obra ojo oro padre pagar pais palabra pan papel parte paso pena perro pie pobre poco poder primo punto "
        "queja raton razon regla rey riqueza ruido saber salud santo siete siglo sol sombra sordo sueno suerte "
        "tarde tela tiempo tierra todo toro tres triste uno vaca vale vejez venir ver verdad vez vida viejo vino "
        "voz abri aimer ainsi aucun aussi autre avant avec avoir beau bien bon chez chose comme corps cote dans "
        "deux dire donner encore entrer esprit faire femme grand homme jour meme mere mieux monde moment mot "
        "nombre nuit objet oser ouvrir parler pays petit peuple place plus point porte pour premier prendre "
        "preuve raison savoir sujet temps terre tout travail trouver utile vie voir vouloir"
    ).split()
)
