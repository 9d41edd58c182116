"""Why there is no phone engine; for operators, hence not in the catalogues."""


class EngineError(RuntimeError):
    """The message says what is wrong and what to do."""


class NoLongerThere(EngineError):
    """The mirror has not what was asked for (any more)."""
