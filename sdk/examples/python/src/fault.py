"""What goes wrong, in the words of the contract."""

import functools

from componentize_py_types import Err
from wit_world.imports.types import Error, ErrorKind


def refusal(kind, message, object=None, attribute=None):
    """A fault to raise.

    The message is for the operator and quotes nothing from the file: a field in the wrong place may hold an identity
    number.
    """
    return Err(
        Error(
            kind=kind,
            message=message,
            code=None,
            retry_after_ms=None,
            object=object,
            attribute=attribute,
            place=None,
            sent=False,
        )
    )


def guarded(work):
    """A function whose mistakes become faults.

    An exception of the language itself would end the instance and tell nobody why: a component has no console. What the
    host's capabilities raise is an `Err` already, and is passed on.
    """

    @functools.wraps(work)
    def call(*given):
        try:
            return work(*given)
        except Err:
            raise
        except Exception as error:
            # The module `traceback` would look for the source on a disk that is not there; and the text of such an
            # error may quote the file, which its name and place do not.
            innermost = error.__traceback__
            while innermost.tb_next:
                innermost = innermost.tb_next
            place = f"{innermost.tb_frame.f_code.co_qualname}, line {innermost.tb_lineno}"
            message = f"A mistake in the connector: {type(error).__name__} in {place}"
            raise refusal(ErrorKind.INTERNAL, message) from None

    return call
