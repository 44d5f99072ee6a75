"""What may be wrong with a question, each error carrying what its catcher needs."""

from collections.abc import Mapping
from typing import Any

from ibcm.domain.errors import IbcmError


class QuestionError(IbcmError):
    """The request cannot be taken. `field` names its part; `known` lists what would be taken, where that is a list."""

    def __init__(self, message: str, *, field: str, code: str = "invalid", known: tuple[str, ...] = ()) -> None:
        self.field, self.code, self.known = field, code, known
        super().__init__(message)


class NotReady(IbcmError):  # noqa: N818 - like ModelMissing, named by what it tells
    """The stores are still being opened or filled. `report` is what /readyz shows."""

    def __init__(self, report: Mapping[str, Any]) -> None:
        self.report = report
        super().__init__("IBCM is still getting ready; /readyz shows how far it is. Ask again in a moment.")


class Busy(IbcmError):  # noqa: N818 - like ModelMissing, named by what it tells
    """Too many questions at once. `retry_after` is in seconds."""

    def __init__(self, *, retry_after: int) -> None:
        self.retry_after = retry_after
        super().__init__(f"Too many questions are being answered right now. Try again in {retry_after} seconds.")
