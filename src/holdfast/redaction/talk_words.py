"""Words that stand between the words of a phrase and are none of it: numbers, ordinals, what people say while they read
aloud, what a messenger writes before a line. Folded: no accents, no voicing marks."""

# Spoken and written numbers; list words among them ("two", "second") count as words unless several numbers are there.
NUMBERS = frozenset(
    (
        "one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen "
        "seventeen eighteen nineteen twenty first second third fourth fifth sixth seventh eighth ninth tenth "
        "eleventh twelfth thirteenth fourteenth fifteenth sixteenth seventeenth eighteenth nineteenth twentieth "
        "uno tres cuatro cinco seis siete ocho nueve diez once doce trece catorce quince dieciseis diecisiete "
        "dieciocho diecinueve veinte veintiuno veintidos veintitres veinticuatro primero segundo tercero cuarto "
        "quinto sexto septimo octavo noveno decimo decimoprimero decimosegundo vigesimo primera segunda tercera "
        "cuarta quinta sexta septima octava novena decima undecima duodecima vigesima tercer primer "
        "dois quatro sete oito dez doze treze catorze dezasseis dezassete dezoito dezanove vinte primeiro terceiro "
        "setimo oitavo primeira terceira setima oitava duas "
        "deux trois quatre cinq sept huit neuf dix onze douze treize quatorze quinze seize vingt premier deuxieme "
        "troisieme quatrieme cinquieme sixieme septieme huitieme neuvieme dixieme onzieme douzieme treizieme "
        "quatorzieme quinzieme seizieme vingtieme unieme premiere seconde "
        "eins zwei drei vier funf sechs sieben acht neun zehn elf zwolf dreizehn vierzehn funfzehn sechzehn "
        "siebzehn achtzehn neunzehn zwanzig einundzwanzig zweiundzwanzig dreiundzwanzig vierundzwanzig erste "
        "zweite dritte vierte funfte sechste siebte achte neunte zehnte elfte zwolfte dreizehnte vierzehnte "
        "funfzehnte sechzehnte siebzehnte achtzehnte neunzehnte zwanzigste einundzwanzigste zweiundzwanzigste "
        "dreiundzwanzigste vierundzwanzigste erstes zweites drittes viertes funftes sechstes siebtes achtes "
        "neuntes zehntes elftes zwolftes erster zweiter dritter vierter ein "
        "due tre quattro cinque sei sette otto nove dieci undici dodici tredici quattordici quindici sedici "
        "diciassette diciotto diciannove venti ventuno ventidue ventitre ventiquattro primo secondo terzo quarto "
        "sesto settimo ottavo nono undicesimo dodicesimo tredicesimo quattordicesimo quindicesimo sedicesimo "
        "diciassettesimo diciottesimo diciannovesimo ventesimo ventunesimo ventiduesimo ventitreesimo "
        "ventiquattresimo prima seconda terza quarta sesta settima ottava nona undicesima dodicesima "
        "een twee drie vijf zes zeven negen tien twaalf dertien veertien vijftien zestien zeventien achttien "
        "negentien twintig eenentwintig tweeentwintig drieentwintig vierentwintig eerste tweede derde vierde "
        "vijfde zesde zevende achtste negende tiende elfde twaalfde dertiende veertiende vijftiende zestiende "
        "zeventiende achttiende negentiende twintigste eenentwintigste tweeentwintigste drieentwintigste "
        "vierentwintigste eerst "
        "dwa trzy cztery piec szesc siedem osiem dziewiec dziesiec jedenascie dwanascie trzynascie czternascie "
        "pietnascie szesnascie siedemnascie osiemnascie dziewietnascie dwadziescia pierwszy drugi trzeci czwarty "
        "piaty szosty siodmy dziewiaty dziesiaty jedenasty dwunasty trzynasty czternasty pietnasty szesnasty "
        "siedemnasty osiemnasty dziewietnasty dwudziesty pierwsze drugie trzecie czwarte piate szoste siodme "
        "dziewiate dziesiate jedenaste dwunaste pierwsza druga jedno "
        "jedna dva tri ctyri pet sest sedm osm devet deset jedenact dvanact trinact ctrnact patnact sestnact "
        "sedmnact osmnact devatenact dvacet prvni druhe treti ctvrte pate seste sedme osme devate desate jedenacte "
        "dvanacte trinacte ctrnacte patnacte sestnacte sedmnacte osmnacte devatenacte dvacate druhy ctvrty paty "
        "sesty sedmy osmy devaty desaty jeden "
        "один два три четыре пять шесть семь восемь девять десять одиннадцать двенадцать тринадцать четырнадцать "
        "пятнадцать шестнадцать семнадцать восемнадцать девятнадцать двадцать первый второй третий четвёртый пятый "
        "шестой седьмой восьмой девятый десятый одиннадцатый двенадцатый тринадцатый четырнадцатый пятнадцатый "
        "шестнадцатый семнадцатый восемнадцатый девятнадцатый двадцатый первое второе третье четвертое пятое "
        "шестое седьмое восьмое девятое десятое одиннадцатое двенадцатое тринадцатое четырнадцатое пятнадцатое "
        "шестнадцатое семнадцатое восемнадцатое девятнадцатое двадцатое первая вторая третья четвертая пятая раз "
        "чотири ять шість сім вісім дев одинадцять дванадцять тринадцять чотирнадцять ятнадцять шістнадцять "
        "сімнадцять вісімнадцять двадцять перший другий третій четвертий ятий шостий сьомий восьмий десятий "
        "одинадцятий дванадцятий тринадцятий чотирнадцятий ятнадцятий шістнадцятий сімнадцятий вісімнадцятий "
        "двадцятий перше друге третє четверте яте шосте сьоме восьме десяте одинадцяте дванадцяте перша друга "
        "третя "
        "iki uc dort bes alti yedi sekiz dokuz onbir oniki onuc ondort onbes onalti onyedi onsekiz ondokuz yirmi "
        "yirmibir yirmiiki yirmiuc yirmidort birinci ikinci ucuncu dorduncu besinci altinci yedinci sekizinci "
        "dokuzuncu onuncu onbirinci onikinci onucuncu ondorduncu onbesinci onaltinci onyedinci onsekizinci "
        "ondokuzuncu yirminci yirmibirinci yirmiikinci yirmiucuncu yirmidorduncu ilk "
        "واحد اثنان ثلاثة أربعة خمسة ستة سبعة ثمانية تسعة عشرة أحد عشر اثنا عشرون الأولى الثانية الثالثة الرابعة "
        "الخامسة السادسة السابعة الثامنة التاسعة العاشرة الحادية العشرون والعشرون "
        "یک دو سه چهار پنج شش هفت هشت نه ده یازده دوازده سیزده چهارده پانزده شانزده هفده هجده نوزده بیست یکم دوم "
        "سوم چهارم پنجم ششم هفتم هشتم نهم دهم یازدهم دوازدهم سیزدهم چهاردهم پانزدهم شانزدهم هفدهم هجدهم نوزدهم "
        "بیستم "
        "एक दो तीन चार पाँच छह सात आठ नौ दस ग्यारह बारह तेरह चौदह पंद्रह सोलह सत्रह अठारह उन्नीस बीस इक्कीस बाईस "
        "तेईस चौबीस पहला दूसरा तीसरा चौथा पाँचवाँ छठा सातवाँ आठवाँ नौवाँ दसवाँ ग्यारहवाँ बारहवाँ तेरहवाँ चौदहवाँ "
        "पंद्रहवाँ सोलहवाँ सत्रहवाँ अठारहवाँ उन्नीसवाँ बीसवाँ इक्कीसवाँ बाईसवाँ तेईसवाँ चौबीसवाँ "
        "satu dua tiga empat lima enam tujuh delapan sembilan sepuluh sebelas belas puluh pertama kedua ketiga "
        "keempat kelima keenam ketujuh kedelapan kesembilan kesepuluh kesebelas "
        "mot hai ba bon nam sau bay tam chin muoi lam thu nhat tu "
        "หนึ่ง สอง สาม สี่ ห้า หก เจ็ด แปด เก้า สิบ สิบเอ็ด สิบสอง สิบสาม สิบสี่ สิบห้า สิบหก สิบเจ็ด สิบแปด "
        "สิบเก้า ยี่สิบ ยี่สิบเอ็ด ยี่สิบสอง ยี่สิบสาม ยี่สิบสี่ ที่หนึ่ง ที่สอง ที่สาม ที่สี่ ที่ห้า ที่หก "
        "ที่เจ็ด ที่แปด ที่เก้า ที่สิบ ที่สิบเอ็ด ที่สิบสอง ที่สิบสาม ที่สิบสี่ ที่สิบห้า ที่สิบหก ที่สิบเจ็ด "
        "ที่สิบแปด ที่สิบเก้า ที่ยี่สิบ ที่ยี่สิบเอ็ด ที่ยี่สิบสอง ที่ยี่สิบสาม ที่ยี่สิบสี่ "
        "일 이 삼 사 오 육 칠 팔 구 십 첫 두 세 네 한 열 십일 십이 십삼 십사 십오 십육 십칠 십팔 십구 이십 "
        "이십일 이십이 이십삼 이십사 번째 다섯 여섯 일곱 여덟 아홉 열한 열두 열세 열네 열다섯 열여섯 열일곱 "
        "열여덟 열아홉 스물 스물한 "
        "스물두 스물세 스물네 "
        "bir dos thirty um un いつつ ここのつ とお ななつ ひとつ ふたつ みっつ むっつ やっつ よっつ 넷 두번째 둘 "
        "세번째 셋 열 첫번째 하나"
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
# Everyday words that look like misspelt ones of the list of their language, and are none.
NO_TYPO_ELSEWHERE = frozenset(
    (
        # Spanish
        "mas como esta hay sin mal han cada hace todos donde dios sus debe nunca nada asi vez hasta algo porque "
        "nos otra otros tan estas estan muchos cosa sera cuanto nuevo toda ella haya hacen tus pueda cual aun ese "
        "tal sido nueva misma alla alguna mis hoy fuera amo esa eso ello ama rara quiero soy tengo mayo muy pocos "
        "poca mucha mucho para este poco otro todo era fue ser son sea tener tiene puede pero "
        # Portuguese
        "pode isto fazer deve modo isso onde tem seja entre pela pelo serao muitos devera ainda neste ele possa "
        "ate nova tais nesta devem mesma feita outro outra pouco novos contra "
        # French
        "votre comme notre autre doit elle avoir passe avant leur demande nombre mettre savoir celle enfin donne "
        "reste bonne quelle petite faite cette tous toute sont etre fait "
        # Italian
        "della essere puo nella dopo hanno uomo molto ogni senza sia fatto tutto mia volta sulla degli loro suo "
        "sta ora donna tra anni uso sara altre alle bene oppure tua dio volte quanto cio fanno detto aver sotto "
        "dato fino quali faccia bella vede fosse ero casi miei posso fatta buona vanno voglio devono avete agli "
        "buon molte sola negli dare allo erano tutta nello basta sanno eta solo questo questa sono piu "
        # Czech
        "pro nebo pokud jako ale pouze vice bud cas mel jiny volne zcela plne cele jina prave role dobre "
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
