"""Master keys in a security module, by PKCS#11: it wraps and unwraps, and they never leave it.

Tested against SoftHSM 2; what a module must offer is CKM_AES_KEY_GEN and CKM_AES_GCM. Master keys are AES-256 objects
whose label begins with ``holdfast-``; their label is their id.
"""

import secrets
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any, TypeVar

import pkcs11
from pkcs11 import Attribute, GCMParams, KeyType, Mechanism, MechanismFlag, ObjectClass
from pkcs11.exceptions import PKCS11Error
from pkcs11.types import SecretKey, Session

from holdfast.access.ports import KeySourceError

_LABEL = "holdfast-"
_NONCE = 12
T = TypeVar("T")


# A login counts for the whole process, so the process has one session for each token. Not for use by two at once.
_sessions: dict[tuple[str, str], Session] = {}
_lock = threading.Lock()


class Pkcs11Source:
    """A session is opened when it is first needed and again after a failure. Safe to use from several threads."""

    name = "pkcs11"

    def __init__(self, module: str, token: str, pin_file: Path | None) -> None:
        self._module, self._token, self._pin_file = module, token, pin_file

    def masters(self) -> list[str]:
        return self._do(lambda session: sorted(str(key.label) for key in _keys(session)))

    def make(self) -> str:
        # The time first: labels in order are keys in order of their age.
        label = f"{_LABEL}{time.strftime('%Y%m%dT%H%M%S', time.gmtime())}-{secrets.token_hex(4)}"

        def make(session: Session) -> str:
            session.generate_key(
                KeyType.AES,
                256,
                label=label,
                id=label.encode(),
                store=True,
                capabilities=MechanismFlag.ENCRYPT | MechanismFlag.DECRYPT,
                template={Attribute.PRIVATE: True, Attribute.SENSITIVE: True, Attribute.EXTRACTABLE: False},
            )
            return label

        return self._do(make)

    def wrap(self, master: str, plain: bytes, context: str) -> bytes:
        nonce = secrets.token_bytes(_NONCE)
        params = GCMParams(nonce, context.encode())
        return nonce + self._do(
            lambda session: bytes(
                self._key(session, master).encrypt(plain, mechanism=Mechanism.AES_GCM, mechanism_param=params)
            )
        )

    def unwrap(self, master: str, wrapped: bytes, context: str) -> bytes:
        params = GCMParams(wrapped[:_NONCE], context.encode())
        return self._do(
            lambda session: bytes(
                self._key(session, master).decrypt(
                    wrapped[_NONCE:], mechanism=Mechanism.AES_GCM, mechanism_param=params
                )
            )
        )

    def first(self, master: str) -> bytes | None:  # noqa: ARG002 - it stays inside
        return None

    def repair(self, master: str) -> str:
        return f"restore the key labelled {master} into the token {self._token}"

    def _key(self, session: Session, master: str) -> Any:
        for key in _keys(session):
            if key.label == master:
                return key
        raise KeySourceError(f"master key {master} is not here: {self.repair(master)}")

    def _do(self, work: Callable[[Session], T]) -> T:
        with _lock:
            try:
                return work(self._opened())
            except KeySourceError:
                raise
            except (PKCS11Error, RuntimeError, OSError) as error:
                if failed := _sessions.pop((self._module, self._token), None):
                    with suppress(PKCS11Error):
                        failed.close()
                raise KeySourceError(
                    f"the security module ({self._module}, token {self._token}) refused: {type(error).__name__} {error}"
                ) from error

    def _opened(self) -> Session:
        session = _sessions.get((self._module, self._token))
        if session is None:
            if not self._module or self._pin_file is None:
                raise KeySourceError("set HOLDFAST_PKCS11_MODULE, HOLDFAST_PKCS11_TOKEN and HOLDFAST_PKCS11_PIN_FILE")
            token = pkcs11.lib(self._module).get_token(token_label=self._token)
            session = token.open(rw=True, user_pin=self._pin_file.read_text().strip())
            _sessions[self._module, self._token] = session
        return session


def _keys(session: Session) -> list[SecretKey]:
    found = session.get_objects({Attribute.CLASS: ObjectClass.SECRET_KEY, Attribute.KEY_TYPE: KeyType.AES})
    return [key for key in found if isinstance(key, SecretKey) and str(key.label).startswith(_LABEL)]
