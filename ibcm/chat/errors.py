"""What may be wrong with a question, each error carrying what its catcher needs."""

from ibcm.domain.errors import IbcmError


class QuestionError(IbcmError):
    """The request cannot be taken. `field` names its part; `known` lists what would be taken, where that is a list."""

    def __init__(self, message: str, *, field: str, code: str = "invalid", known: tuple[str, ...] = ()) -> None:
        self.field, self.code, self.known = field, code, known
        super().__init__(message)


class Busy(IbcmError):  # noqa: N818 - beside ModelMissing and HomeBusy: our errors are named by what they tell
    """Too many questions at once. `retry_after` is in seconds."""

    def __init__(self, *, retry_after: int) -> None:
        self.retry_after = retry_after
        super().__init__(f"Too many questions are being answered right now. Try again in {retry_after} seconds.")
