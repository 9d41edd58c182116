"""How words sound: what a telephone hears for them, and how people write their sound beside them."""

import re

from bench.held_out.phrases import words_of

# Words that a telephone takes for others, as "word heard" pairs.
_HEARD = """sun son,sea see,air heir,flower flour,pair pear,right write,two too,son sun,hole whole,wait weight,
weather whether,board bored,steel steal,sail sale,tail tale,meat meet,piece peace,peace piece,one won,week weak,
night knight,eye i,be bee,blue blew,toe tow,rose rows,male mail,main mane,hour our,hair hare,bear bare,deer dear,
dear deer,cell sell,cent scent,coarse course,course coarse,die dye,fair fare,find fined,great grate,hear here,
hello halo,idle idol,knife life,lesson lessen,loan lone,mass mess,mix mics,morning mourning,muscle mussel,
patient patience,pole poll,pray prey,real reel,road rode,role roll,scene seen,seat sit,ship sheep,sheep ship,
side sighed,size sighs,symbol cymbal,team teem,tent tense,tide tied,time thyme,tray trade,walk work,wear where,
wine whine,wood would,world word,write right,year ear,buy by,four for,ladder latter,metal medal,medal metal,
accident accent,accept except,affect effect,advice advise,allow aloud,alter altar,aunt ant,base bass,brake break,
bread bred,cereal serial,council counsel,crew cruise,hire higher,key quay,leaf leave,pen pan,quit quiet,
rain reign,rather ladder,sauce source,sense since,sick six,sight site,soul sole,stuff staff,tank thank,
theme team,thought taught,wall war,warm worm,woman women"""
BY_EAR = dict(pair.split() for pair in _HEARD.replace("\n", "").split(","))

_KANA = re.findall(
    r"(\w)([a-z]+)",
    "あaいiうuえeおoかkaきkiくkuけkeこkoさsaしshiすsuせseそsoたtaちchiつtsuてteとtoなnaにniぬnuねneのno"
    "はhaひhiふfuへheほhoまmaみmiむmuめmeもmoやyaゆyuよyoらraりriるruれreろroわwaをoんn"
    "がgaぎgiぐguげgeごgoざzaじjiずzuぜzeぞzoだdaぢjiづzuでdeどdoばbaびbiぶbuべbeぼboぱpaぴpiぷpuぺpeぽpo",
)
_ROMAJI = dict(_KANA)

_FIRST: list[str] = re.findall(r"\S+", "g kk n d tt r m b pp s ss - j jj ch k t p h")
_VOWEL: list[str] = re.findall(r"\S+", "a ae ya yae eo e yeo ye o wa wae oe yo u wo we wi yu eu ui i")
_LAST: list[str] = re.findall(r"\S+", "- k k k n n n t l k m l l l p l m p p t t ng t t k t p t")

# The sounds of the signs that everybody writes most: the first 200 of the list.
_PINYIN: list[str] = re.findall(
    r"\S+",
    """de yi shi zai bu le you he ren zhe zhong da wei shang ge guo wo yi yao ta shi lai yong men sheng dao zuo di
yu chu jiu fen dui cheng hui ke zhu fa nian dong tong gong ye neng xia guo zi shuo chan zhong mian er fang hou duo ding
xing xue fa suo min de jing shi san zhi jin zhe deng bu du jia dian li li ru shui hua gao zi er li qi xiao wu xian shi
jia liang dou liang ti zhi ji dang shi dian cong ye ben qu ba xing hao ying kai ta he hai yin you qi xie ran qian wai
tian zheng si ri na she yi shi ping xing xiang quan biao jian yang yu guan ge chong xin xian nei shu zheng xin fan ni
ming kan yuan you me li bi huo dan zhi qi di xiang dao ming ci bian tiao zhi mei jie jie wen yi jian yue gong wu xi jun
hen qing zhe zui li dai xiang yi tong bing ti zhi ti dang cheng zhan wu guo liao xiang yuan ge wei ru chang wen
zong""",
)


def gloss(word: str) -> str:
    """The sound of a word in brackets, as somebody writes it who wants to be sure; nothing if it is not known."""
    if "가" <= word[0] <= "힣":
        sound = "".join(map(_syllable, word))
    elif "ぁ" <= word[0] <= "ゖ":
        sound = _romaji(word)
    else:
        sound = _pinyin(word)
    return f"({sound})" if sound else ""


def _syllable(sign: str) -> str:
    number = ord(sign) - 0xAC00
    return (_FIRST[number // 588] + _VOWEL[number % 588 // 28] + _LAST[number % 28]).replace("-", "")


def _romaji(word: str) -> str:
    sound, double = "", False
    for sign in word:
        if sign == "っ":
            double = True
            continue
        if sign in "ゃゅょ":
            vowel = {"ゃ": "a", "ゅ": "u", "ょ": "o"}[sign]
            sound = sound[:-1] + ("" if sound.endswith(("shi", "chi", "ji")) else "y") + vowel
            continue
        letters = _ROMAJI.get(sign, "")
        sound += letters[:1] * double + letters
        double = False
    return sound


def _pinyin(word: str) -> str:
    for name in ("chinese_simplified", "chinese_traditional"):
        first = words_of(name)[: len(_PINYIN)]
        if word in first:
            return _PINYIN[first.index(word)]
    return ""
