"""Family D: held-out samples by an author who has not seen the rules.

It was written in one sitting, before any result was known, by somebody who had read of this repository only `sample.py`,
`promise.py`, `phrases.py`, `keys.py`, `README.md` and the word lists of `bench/held_out`: no rule, no test, no other
family, no figure. Who has read these files, or a miss of their samples, must not repair a rule because of it.

`draw.phrases` draws a list, a person who writes in one of 30 languages, a layout, what happened to the words, and how
they are sent; `secrets.secrets` draws keys, cards, codes and passwords in 22 languages. Nothing is evasion.

The weights are guesses about real people; nobody has a log to measure them with:

- Lists: English three in ten, as in life it would be more; no other below 3 %, so that each has a figure. Of those who
  hold an English phrase four in ten write in English; of the others nearly nine in ten write in their list's language.
- Sizes: 12 words six in ten (phone wallets), 24 one in four (hardware wallets). Nine in ten are valid.
- Layouts: most people type from paper or paste from a note, so about seven in ten write a line, one a line, numbers or
  commas. The rest is what programs and papers make of them: rows and columns of cards, wallet screens, password managers,
  quoted mail, code, tables, dictation. Chinese is often written without gaps, Japanese with wide spaces.
- Errors: about three in four make none. Keyboards give capitals, mostly at the beginning of a line. A letter is wrong in
  one of fifteen; accents are left out in one of eight Spanish and French phrases; kana, Hangul and Han have the slips
  of their keyboards.
- Sending: more than eight in ten in one message, most of them with a sentence, a label or an ending. One in ten talks
  first; about one in twelve sends the words in parts, corrects one, or talks between them.
- Beyond the promise is what such people do too: long talk between the words, a forgotten word of twelve, half of the words
  misspelt, a picture of columns read across. It is computed, not chosen.

`people.json` holds weights, keyboards, confusions and markup; `voices.json` and `secrets.json` the sentences.
"""
