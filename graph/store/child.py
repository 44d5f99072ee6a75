"""The engine's own process: `python -m graph.store.child FD`. Started by graph.store.embedded, never by hand.

It reads one line of JSON from standard input (see `Settings`), starts ArcadeDB as a Bolt server on a free loopback
port, and writes one line of JSON to the file descriptor FD: {"port": n}, or {"error": "..."} and ends. It ends when
standard input does, when its parent is another process than at the start, or on SIGTERM.
"""

import json
import os
import select
import signal
import sys
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

DATABASE = "ibcm"
USER = "root"
_BOLT = "com.arcadedb.bolt.BoltProtocolPlugin"
_STOP_SECONDS = 10.0


@dataclass(frozen=True, slots=True)
class Settings:
    """What the parent says on standard input."""

    folder: str
    password_file: str
    heap: str
    query_seconds: float
    logs: str
    parent: int


def main(status: int) -> None:
    """Serve until told to stop."""
    signals = {signal.SIGTERM, signal.SIGINT}
    # Blocked before any thread exists, so that only sigwait takes them: a handler of the Java bridge that ran on a
    # Java thread crashed the interpreter.
    signal.pthread_sigmask(signal.SIG_BLOCK, signals)
    settings = Settings(**json.loads(sys.stdin.buffer.readline()))
    threading.Thread(target=_watch_parent, args=(settings.parent,), daemon=True).start()
    try:
        server = _start(settings)
        _report(status, {"port": _port(server)})
    except Exception as error:  # noqa: BLE001 - whatever the Java side raises has to reach the parent as a sentence
        _report(status, {"error": _sentence(error)})
        os._exit(1)  # Java threads of a half-started server would keep the process
    signal.sigwait(signals)
    _exit_after(_STOP_SECONDS)
    server.stop()
    os._exit(0)


def _start(settings: Settings) -> Any:
    import arcadedb_embedded  # here, because it takes a while and the parent's end has to be noticed meanwhile

    server = arcadedb_embedded.ArcadeDBServer(
        root_path=settings.folder,
        root_password=None,
        config={
            "server_rootPasswordPath": settings.password_file,
            "mode": "development",  # "production" hides what is wrong with a query; its precautions are below
            "host": "127.0.0.1",
            "http_port": 0,
            "server_plugins": f"Bolt:{_BOLT}",
            "bolt_port": 0,
        },
        jvm_kwargs={"heap_size": settings.heap, "jvm_args": _java_options(settings)},
    )
    server.start()
    server._java_server.getHttpServer().stopService()  # one door is enough
    server.create_database(DATABASE)
    return server


def _java_options(settings: Settings) -> list[str]:
    return [
        "-Xrs",  # signals are ours
        # Settings of the database engine work as properties of the Java machine only, not in `config` above.
        "-Darcadedb.txWalFlush=1",  # what was acknowledged survives the process
        "-Darcadedb.opencypher.loadCsv.allowFileUrls=false",
        "-Darcadedb.opencypher.loadCsv.allowRemoteUrls=false",
        f"-Darcadedb.command.timeout={int(settings.query_seconds * 1000)}",
        # The quick compiler alone: measured over 28,000 writes it took half the processor time and a third less memory.
        "-XX:TieredStopAtLevel=1",
        "-XX:+ExitOnOutOfMemoryError",  # a process that is gone is restarted, one that limps is not
        f"-XX:ErrorFile={settings.logs}/graph-engine-crash.log",
        f"-Djava.util.logging.config.file={_logging(settings)}",
    ]


def _logging(settings: Settings) -> Path:
    """One rotating file, instead of the engine's own ten of 100 MB each in the working folder."""
    pattern = json.dumps(f"{settings.logs}/graph-engine.log".replace("%", "%%"))[1:-1]
    file = Path(settings.folder) / "logging.properties"
    handler = "java.util.logging.FileHandler"
    file.write_text(
        f"handlers = {handler}\n.level = INFO\nio.undertow.level = WARNING\norg.xnio.level = WARNING\n"
        f"org.jboss.level = WARNING\n{handler}.pattern = {pattern}\n{handler}.limit = 5000000\n{handler}.count = 2\n"
        f"{handler}.append = true\n{handler}.formatter = com.arcadedb.log.LogFormatter\n",
        encoding="ascii",
    )
    return file


def _port(server: Any) -> int:
    plugins = server._java_server.getPlugins()
    return next(int(plugin.getPort()) for plugin in plugins if str(plugin.getClass().getName()) == _BOLT)


def _watch_parent(parent: int) -> None:
    """Stop when standard input ends. Asking for the parent as well covers a copy of its end in a forked process."""
    poller = select.poll()
    poller.register(sys.stdin.fileno(), select.POLLIN | select.POLLHUP)
    while os.getppid() == parent:
        if poller.poll(1000) and not os.read(sys.stdin.fileno(), 4096):
            break
    os.kill(os.getpid(), signal.SIGTERM)
    _exit_after(_STOP_SECONDS)


def _exit_after(seconds: float) -> None:
    """End the process even if the engine does not stop by itself."""

    def end() -> None:
        time.sleep(seconds)
        os._exit(3)

    threading.Thread(target=end, daemon=True).start()


def _report(status: int, message: dict[str, object]) -> None:
    os.write(status, json.dumps(message).encode() + b"\n")


def _sentence(error: Exception) -> str:
    """What went wrong on one line of printable text; damaged files end up in messages."""
    lines = str(error).strip().splitlines() or [type(error).__name__]
    return "".join(character if character.isprintable() else "?" for character in lines[0])[:400]


if __name__ == "__main__":
    main(int(sys.argv[1]))
