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


@contextmanager
def claimed(folder: Path) -> Iterator[Path]:
    """Make the folder ours before the work begins, and keep a second report out of it.

    Raises:
        ReportFolderError: it is no folder, holds something else, cannot be written, or another report is being written there.
    """
    root = folder.expanduser().absolute()
    marker = root / MARKER
    try:
        made, fresh = not root.exists(), not marker.exists()
        if root.exists() and not root.is_dir():
            raise ReportFolderError(path=root, reason="it is not a folder", fix="choose another one with --out.")
        if root.is_dir() and any(root.iterdir()) and not marker.is_file():
            fix = "choose an empty or new folder with --out; nothing in this one was touched."
            raise ReportFolderError(path=root, reason="it holds something else", fix=fix)
        root.mkdir(parents=True, exist_ok=True)
        file = marker.open("a")
    except OSError as error:
        fix = "choose a folder with --out that you may write to."
        raise ReportFolderError(path=root, reason=error.strerror or str(error), fix=fix) from None
    with file:
        if file.tell() == 0:
            file.write(_HEAD + "\n")
            file.flush()
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            fix = "wait for it, or choose another folder with --out."
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
        fix = "move it away, or choose another folder with --out; nothing was written."
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
        fix = "make room or choose another folder with --out."
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
