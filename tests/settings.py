"""The product's settings over a home that lasts as long as the tests."""

import atexit
import os
import shutil
import tempfile

_home = tempfile.mkdtemp(prefix="ibcm-tests-")
atexit.register(shutil.rmtree, _home, ignore_errors=True)
os.environ.update(IBCM_HOME=_home, IBCM_EMBEDDER=os.environ.get("IBCM_EMBEDDER", "hashing"))

from ibcm.settings import *  # noqa: E402, F403 - the home must be named before they are read

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]  # tests need no slow hashes

# A file, because threads share SQLite in memory badly: a reader there does not wait for a writer.
DATABASES["default"]["TEST"] = {"NAME": f"{_home}/test.sqlite3"}  # noqa: F405 - comes with the star
