"""Captions: what is said in a call, written down while it is said, if an operator has named a speech endpoint.

Sound leaves the engine by AudioSocket, one stream for each side (``audiosocket.py``), is cut into utterances
(``utterances.py``), goes to the endpoint (``transcription.py``), and what comes back is redacted and kept as an entry
of the conversation's timeline that the customer does not see (``captioning.py``).
"""
