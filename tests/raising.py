"""`pytest.raises` with words that the message must hold, whatever stands around them."""

import re
from contextlib import AbstractContextManager

import pytest


def raises(kind: type[BaseException], words: str) -> AbstractContextManager[pytest.ExceptionInfo[BaseException]]:
    return pytest.raises(kind, match=re.escape(words))
