"""The folder of the report. Only files that an earlier report wrote are ever replaced or deleted."""

from __future__ import annotations

import fcntl
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path, PurePosixPath

from loader.errors import ReportFolderError

MARKER = ".edu2lms-report"
"""Lists the files of the report, one path a line, below a line that says so."""
_HEAD = "This folder belongs to `edu2lms report`: the files named here are replaced by the next one."


def require_usable(folder: Path) -> Path:
    """The absolute path of a folder that a report may be written into; nothing is made. Said before the work begins.

    Raises:
        ReportFolderError: it is no folder, or holds something else.
    """
    root = folder.expanduser().absolute()
    try:
        if root.exists() and not root.is_dir():
            raise ReportFolderError(
                path=root, reason="it is not a folder", fix="choose another one (`report --out`, or `--report` of run and demo)."
            )
        if root.is_dir() and any(root.iterdir()) and not (root / MARKER).is_file():
            fix = "choose an empty or new one (`report --out`, or `--report` of run and demo); nothing in this one was touched."
            raise ReportFolderError(path=root, reason="it holds something else", fix=fix)
    except OSError as error:
        raise _unwritable(root, error) from None
    return root


def _unwritable(root: Path, error: OSError) -> ReportFolderError:
    fix = "choose a folder that you may write to (`report --out`, or `--report` of run and demo)."
    return ReportFolderError(path=root, reason=error.strerror or str(error), fix=fix)


@contextmanager
def claimed(folder: Path) -> Iterator[Path]:
    """Make the folder ours before the work begins, and keep a second report out of it.

    Raises:
        ReportFolderError: it is no folder, holds something else, cannot be written, or another report is being written there.
    """
    root = require_usable(folder)
    marker = root / MARKER
    try:
        made, fresh = not root.exists(), not marker.exists()
        root.mkdir(parents=True, exist_ok=True)
        file = marker.open("a")
    except OSError as error:
        raise _unwritable(root, error) from None
    with file:
        if file.tell() == 0:
            file.write(_HEAD + "\n")
            file.flush()
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            fix = "wait for it, or choose another folder (`report --out`, or `--report` of run and demo)."
            raise ReportFolderError(path=root, reason="another report is being written there", fix=fix) from None
        try:
            yield root
        except BaseException:
            if fresh and not _listed(root):  # nothing was written: leave nothing behind
                marker.unlink()
                if made:
                    with suppress(OSError):
                        root.rmdir()
            raise


def write(root: Path, files: Mapping[str, bytes]) -> None:
    """Write the report and delete what an earlier one wrote and this one does not.

    Args:
        root: a folder from `claimed`.
        files: content by path inside the folder.

    Raises:
        ReportFolderError: a file of somebody else has a name that the report needs, or the disk refuses.
    """
    ours = _listed(root)
    foreign = sorted(name for name in files if name not in ours and (root / name).exists())
    if foreign:
        fix = "move it away, or choose another folder (`report --out`, or `--report` of run and demo); nothing was written."
        raise ReportFolderError(path=root, reason=f"{foreign[0]} is not from a report", fix=fix)
    try:
        # listed before they are written: a report that is interrupted leaves nothing that the next one would take for foreign
        (root / MARKER).write_text("\n".join([_HEAD, *sorted(ours | files.keys())]) + "\n", encoding="utf-8")
        for name, content in files.items():
            path = root / name
            path.parent.mkdir(parents=True, exist_ok=True)
            new = path.with_name(path.name + ".new")
            new.write_bytes(content)
            new.replace(path)
        for name in ours - files.keys():
            (root / name).unlink(missing_ok=True)
            _drop_empty(root, (root / name).parent)
        (root / MARKER).write_text("\n".join([_HEAD, *sorted(files)]) + "\n", encoding="utf-8")
    except OSError as error:
        fix = "make room or choose another folder (`report --out`, or `--report` of run and demo)."
        raise ReportFolderError(path=root, reason=error.strerror or str(error), fix=fix) from None


def _listed(root: Path) -> set[str]:
    """Files of an earlier report. Paths that lead out of the folder are never taken for ours."""
    lines = (root / MARKER).read_text(encoding="utf-8").splitlines()[1:]
    return {line for line in lines if line and not PurePosixPath(line).is_absolute() and ".." not in PurePosixPath(line).parts}


def _drop_empty(root: Path, folder: Path) -> None:
    while folder != root:
        with suppress(OSError):  # not empty: somebody has put a file there
            folder.rmdir()
        folder = folder.parent
