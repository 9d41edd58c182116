"""Family C: phrases and secrets, written by somebody who had not seen the rules, their tests, or the families before.

What it is for. The rules were made with other samples at hand, so a figure over those says little about a writing that
nobody thought of. Whoever wrote this family read only how a phrase is drawn (`phrases.py`), what a sample is
(`sample.py`) and what is promised (`promise.py`), and never ran the rules on it.

How a phrase is drawn (`draw.py`). Six draws by weight: the list, who writes (22 languages, `voices/`), what happened to
the words (`slips.py`), how they stand in the text (`standing.py`), how they are sent (`sending.py`), and what is told
around them (`speech.py`). The weights stand in those files as plain tables. They were chosen in one sitting, before
any result, from these guesses about frightened and hurried people:

- Two ways lead. Who has the words in a file or a password manager pastes them: a line with spaces, lines, numbered
  lines as wallets show them. Who has paper types them on a telephone: a line, commas, numbers of many kinds, a large
  letter where the keyboard put one. Together they are some six in ten; the rest are tables, code, mail quotes,
  signs between words, and words without gaps, each a few in a hundred or less.
- Six in ten write every word rightly. Of the others most have one wrong letter in one or two words. Old hands of a
  steel plate give four letters. Whole words go wrong rarely: by the keyboard's correction, by ear, by eye.
- Four in five send one message. Those who send several are seldom so tidy as to send equal parts, and somebody who is
  asked a question in the middle answers it.
- Half of the phrases have no more around them than a label. Of the others most tell their trouble before the words.
- English leads with three in ten, other lists follow by how many use them; none is below 3 %, so that each has a
  figure of its own.
- Few phrases are written with much talk between the words, in part only, or half wrongly. `promise.scope` says which of
  these are beyond the promise. That share was the one figure looked at: the rare classes were thinned to a few percent.

Pieces. Sentences and asides are STRAY wherever they stand, also around the phrase, where they do not count. Separators,
numbers, labels ("word 5 is", "the fifth one:") and markup are None. A word of the phrase that is named again in a
sentence has its index. A word that was replaced by another one keeps the index of its place: the promise counts it as a
stray word. A word in two parts, with a hyphen at the line's end, is one piece, and counts as wrongly written.

Secrets (`secrets.py`, `encodings.py`, `sayings/`): keys with their real check values, cards with their check digit,
codes, passwords, in sentences of 22 languages. Where a name or an address stands beside them it is no part of the
secret. 64 hex digits with no word at all (layout "alone", form "evm_hex_bare") cannot be told from a hash.
"""
