"""YAML files as plain data with the position of every key and value, for messages."""

from __future__ import annotations

import re
from collections import ChainMap
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, Final, TypeAlias

from ruamel.yaml import YAML
from ruamel.yaml.composer import Composer
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode

from regional_sim.errors import ABSENT, Fault, InputError, os_reason, shown, suggestion
from regional_sim.model.parameters import RETIRED
from regional_sim.scenario.values import MAX_CHARACTERS, MAX_NODES, unfit_scalar

KeyPath: TypeAlias = tuple[str | int, ...]
"""Keys and list indices from the root to a value."""

NOT_GIVEN: Final = "required, but not given"

_TAG: Final = "tag:yaml.org,2002:"
_KEY_TAGS: Final = (f"{_TAG}str", f"{_TAG}int", f"{_TAG}float")  # months are numbers
_MERGE_TAG: Final = f"{_TAG}merge"


@dataclass(frozen=True, slots=True)
class Position:
    """A place in a file, or another origin such as ``--set options.shock=logit``.

    Attributes
    ----------
    origin : str
        The file as the user named it, or the other origin.
    line, column : int or None
        Counted from 1; None where the origin has no lines.
    """

    origin: str
    line: int | None = None
    column: int | None = None

    def __str__(self) -> str:
        """Write ``file:line:column``, as editors and terminals understand it."""
        return ":".join(str(part) for part in (self.origin, self.line, self.column) if part)


NOWHERE: Final = Position("")


@dataclass(frozen=True)
class Positions:
    """The positions of all keys and values of a document, or of several laid over each other.

    Attributes
    ----------
    root : Position
        Where the document begins.
    keys, values : ChainMap
        Position of the key, and of the value, at each path; the first map is that of the document
        that wins.  Items of lists have no key.
    """

    root: Position = NOWHERE
    keys: ChainMap[KeyPath, Position] = field(default_factory=ChainMap)
    values: ChainMap[KeyPath, Position] = field(default_factory=ChainMap)

    def of_key(self, path: KeyPath) -> Position:
        """Find the key at a path (of list items the value), or its nearest ancestor's."""
        if path and isinstance(path[-1], int):
            return self.of_value(path)
        return self._nearest(self.keys, path)

    def first_of_key(self, path: KeyPath) -> Position:
        """Find the key at a path in the first of the documents that has it, else the root."""
        weakest_first = reversed(self.keys.maps)
        return next((known[path] for known in weakest_first if path in known), self.root)

    def of_value(self, path: KeyPath) -> Position:
        """Find the value at a path, or its nearest ancestor."""
        return self._nearest(self.values, path)

    def _nearest(self, known: Mapping[KeyPath, Position], path: KeyPath) -> Position:
        for length in range(len(path), 0, -1):
            if (found := known.get(path[:length])) is not None:
                return found
        return self.root

    def fault(
        self,
        what: str,
        path: KeyPath,
        value: object = ABSENT,
        *,
        at_key: bool = False,
        allowed: str | None = None,
        hint: str | None = None,
    ) -> Fault:
        """Report a mistake at the value of a path, or with `at_key` at its key."""
        place = self.of_key(path) if at_key else self.of_value(path)
        return Fault(what, str(place) or None, dotted(path) or None, value, allowed, hint)

    def unknown_key(self, noun: str, path: KeyPath, known: Iterable[str]) -> Fault:
        """Report a key that is none of those known, and suggest one."""
        hint = RETIRED.get(str(path[-1])) or suggestion(path[-1], known)
        return self.fault(f"unknown {noun}", path, at_key=True, hint=hint)

    def unknown_name(self, noun: str, path: KeyPath, name: str, known: Iterable[str]) -> Fault:
        """Report a value that names nothing known, and suggest a name."""
        return self.fault(f"unknown {noun}", path, name, hint=suggestion(name, known))

    def missing(self, parent: KeyPath, key: str, hint: str | None = None) -> Fault:
        """Report a key that should be in the mapping at `parent`."""
        where, name = str(self.of_key(parent)) or None, dotted((*parent, key))
        return Fault(NOT_GIVEN, where, name, hint=hint)

    def is_left_out(self, path: KeyPath) -> bool:
        """Tell whether a file has the key without anything behind it, as under a commented list."""
        key = self.keys.get(path)
        return key is not None and key.line is not None and key == self.values.get(path)

    def below(self, path: KeyPath) -> Positions:
        """Return the positions in the mapping at a path, as those of a document of its own."""
        keys, values = (
            ChainMap({
                inner[len(path) :]: at for inner, at in known.items() if inner[: len(path)] == path
            })
            for known in (self.keys, self.values)
        )  # fmt: skip
        return Positions(self.of_value(path), keys, values)

    def under(self, other: Positions) -> Positions:
        """Lay the positions of another document, whose values win, over these."""
        keys = ChainMap(*other.keys.maps, *self.keys.maps)
        return Positions(other.root, keys, ChainMap(*other.values.maps, *self.values.maps))

    def without(self, section: str) -> Positions:
        """Drop a top-level section."""
        keys, values = (
            ChainMap({path: at for path, at in known.items() if path[:1] != (section,)})
            for known in (self.keys, self.values)
        )
        return Positions(self.root, keys, values)


def everywhere(data: object, position: Position) -> Positions:
    """Give every key and value of plain data the same position."""
    paths = dict.fromkeys(_key_paths(data, ()), position)
    return Positions(position, ChainMap(paths), ChainMap(paths))


def _key_paths(data: object, prefix: KeyPath) -> Iterator[KeyPath]:
    """List the path of every value, parents before children."""
    yield prefix
    if isinstance(data, Mapping):
        for key, value in data.items():
            yield from _key_paths(value, (*prefix, key))
    elif isinstance(data, Sequence) and not isinstance(data, str | bytes):
        for index, value in enumerate(data):
            yield from _key_paths(value, (*prefix, index))


def dotted(path: KeyPath) -> str:
    """Write a path the way ``--set`` takes it, list items as ``[0]``.

    Examples
    --------
    >>> dotted(("dyads", "trade_usd_bn", "matrix", 0, 2))
    'dyads.trade_usd_bn.matrix[0][2]'
    """
    parts = (f"[{part}]" if isinstance(part, int) else f".{part}" for part in path)
    return "".join(parts).removeprefix(".")


@dataclass(frozen=True)
class Document:
    """A YAML document as plain data with positions.

    Attributes
    ----------
    data : dict
        Nested dicts, lists and scalars.
    positions : Positions
        Where each key and value stands.
    path : Path or None
        The file, if it came from one.
    """

    data: dict[str, Any]
    positions: Positions
    path: Path | None = None


def yaml_with_positions(path: str | Path) -> Document:
    """Read a YAML file whose top level is a mapping.

    Raises
    ------
    InputError
        When there is no such file, it cannot be read, is not UTF-8, is not YAML, gives a key
        twice, or is not a mapping.
    """
    file = Path(path)
    data, positions = _read(_text_of(file), Position(str(path), 1, 1))
    if data is None:
        raise InputError("the file is empty", where=str(path))
    if not isinstance(data, dict):
        message = "the top level must be a mapping (lines of key: value)"
        # What it holds is not quoted: it may be any file, named by a scenario of a stranger.
        raise InputError(message, where=str(positions.root))
    return Document(data, positions, file)


def yaml_value(text: str, origin: str) -> object:
    """Read a single YAML value, such as the right-hand side of ``--set key=value``."""
    return _read(text, Position(origin))[0]


def _text_of(file: Path) -> str:
    """Read a text file, or say why that cannot be done."""
    try:
        with file.open("rb") as opened:
            content = opened.read(MAX_CHARACTERS + 1)
        if len(content) > MAX_CHARACTERS:
            raise InputError(f"longer than {MAX_CHARACTERS:,} bytes", where=str(file))
        return content.decode("utf-8-sig")
    except FileNotFoundError:
        raise InputError("no such file", where=str(file), hint=_similar_file(file)) from None
    except IsADirectoryError:
        raise InputError("this is a folder, not a file", where=str(file)) from None
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        what = "not UTF-8 text; save the file with the encoding UTF-8"
        raise InputError(what, where=f"{file}:{line}") from None
    except ValueError:
        raise InputError("no file can have this name", where=str(file)) from None
    except OSError as error:
        raise InputError(f"cannot be read: {os_reason(error)}", where=str(file)) from None


def _similar_file(file: Path) -> str | None:
    """Suggest a file of the same folder."""
    if not file.parent.is_dir():
        return f"there is no folder {shown(str(file.parent))} either"
    with suppress(OSError):
        return suggestion(file.name, sorted(other.name for other in file.parent.iterdir()))
    return None


def _read(text: str, root: Position) -> tuple[Any, Positions]:
    """Parse text into plain data and positions."""
    if text.count(",") + text.count("\n") > 2 * MAX_NODES:
        raise InputError(f"more than {2 * MAX_NODES:,} lines and commas", where=str(root))
    yaml = YAML(typ="safe", pure=True)
    yaml.Composer = partial(_CountingComposer, root)  # type: ignore[assignment]
    try:
        node = yaml.compose(text)
        reader = _NodeReader(yaml, root)
        data = None if node is None else reader.value_of(node, ())
    except MarkedYAMLError as error:
        raise _syntax_error(error, root) from None
    except RecursionError:
        raise InputError("nested too deeply", where=str(root)) from None
    except YAMLError as error:
        reason = str(error).splitlines()[0]
        raise InputError(f"not valid YAML: {reason}", where=str(root)) from None
    except ValueError:
        what = "not valid YAML: an escape stands for no character"
        raise InputError(what, where=str(root)) from None
    if reader.faults:
        raise InputError.of(reader.faults)
    return data, reader.positions


def _syntax_error(error: MarkedYAMLError, root: Position) -> InputError:
    """Turn the parser's error into one line with its place."""
    mark = error.problem_mark or error.context_mark
    place = root if mark is None else _at(root, mark.line, mark.column)
    what = " ".join(str(part) for part in (error.context, error.problem) if part)
    # Single characters help; a longer piece of the file may be none of the reader's business.
    what = re.sub(r" '[^']{3,}'", "", what)
    hint = "indent with spaces, not with tabs" if "'\\t'" in what else None
    return InputError(f"not valid YAML: {what}", where=str(place), hint=hint)


def _at(root: Position, line: int, column: int) -> Position:
    """Turn the parser's mark, which counts from 0, into a position."""
    return Position(root.origin, line + 1, column + 1) if root.line else root


class _CountingComposer(Composer):
    """Stops when a document becomes too large, before all of it is read."""

    def __init__(self, root: Position, loader: Any) -> None:
        super().__init__(loader)
        self.warn_double_anchors = False
        self._root = root
        self._count = 0

    def compose_node(self, parent: Any, index: Any) -> Any:
        """Compose the next node."""
        self._count += 1
        _require_few(self._count, self._root)
        return super().compose_node(parent, index)


def _require_few(count: int, position: Position) -> None:
    if count > MAX_NODES:
        raise InputError(f"more than {MAX_NODES:,} keys and values", where=str(position))


class _NodeReader:
    """Turns the parser's tree of nodes into plain data, and notes positions and faults."""

    def __init__(self, yaml: YAML, root: Position) -> None:
        self.positions = Positions(root)
        self.faults: list[Fault] = []
        self._constructor = yaml.constructor
        self._ancestors: list[Node] = []
        self._count = self._characters = 0

    def value_of(self, node: Node, path: KeyPath) -> object:
        """Read one node and all below it."""
        position = self._position(node)
        self.positions.values[path] = position
        self._count += 1
        _require_few(self._count, position)
        if any(node is ancestor for ancestor in self._ancestors):
            raise InputError("an alias contains itself", where=str(position))
        if isinstance(node, ScalarNode):
            return self._scalar(node, path)
        is_mapping = isinstance(node, MappingNode)
        if node.tag not in (f"{_TAG}map", f"{_TAG}seq"):
            what = f"the tag {node.tag} is not known here"
            self.faults.append(Fault(what, str(position), dotted(path) or None))
        self._ancestors.append(node)
        value = self._mapping(node, path) if is_mapping else self._list(node, path)
        self._ancestors.pop()
        return value

    def _position(self, node: Node) -> Position:
        return _at(self.positions.root, node.start_mark.line, node.start_mark.column)

    def _scalar(self, node: ScalarNode, path: KeyPath) -> object:
        self._characters += len(node.value)
        if self._characters > MAX_CHARACTERS:
            what = f"more than {MAX_CHARACTERS:,} characters, with aliases written out"
            raise InputError(what, where=str(self._position(node)))
        if node.tag == f"{_TAG}timestamp":
            # Neither JSON nor any key of a file knows dates.
            return node.value
        fault: str | None = "this value cannot be read; put text in quotes"
        value: object = None
        with suppress(YAMLError, ValueError, LookupError):
            value = self._constructor.construct_object(node)
            fault = unfit_scalar(value)
        if fault is not None:
            place = str(self._position(node))
            self.faults.append(Fault(fault, place, dotted(path), node.value))
        return value

    def _list(self, node: Node, path: KeyPath) -> list[object]:
        return [self.value_of(item, (*path, index)) for index, item in enumerate(node.value)]

    def _mapping(self, node: Node, path: KeyPath) -> dict[str, object]:
        result: dict[str, object] = {}
        for key_node, value_node in node.value:
            if self._is_usable(key_node, path, result):
                here = (*path, key_node.value)
                self.positions.keys[here] = self._position(key_node)
                result[key_node.value] = self.value_of(value_node, here)
                if value_node.start_mark.index == value_node.end_mark.index:
                    # Nothing is given: the parser's place for it is that of the next key.
                    self.positions.values[here] = self.positions.keys[here]
        return result

    def _is_usable(self, node: Node, path: KeyPath, seen: Mapping[str, object]) -> bool:
        """Tell whether a key is new and text, or below the top level a number, kept as text."""
        place = str(self._position(node))
        is_top = not path and self.positions.root.line is not None
        if node.tag == _MERGE_TAG:
            what = "merge keys (<<) are not supported; use extends or overrides"
        elif not isinstance(node, ScalarNode) or node.tag not in _KEY_TAGS[: 1 if is_top else 3]:
            what = "keys must be text; put this key in quotes"
        elif unfit_scalar(node.value) is not None:
            what = f"this key {unfit_scalar(node.value)}"
        elif node.value in seen:
            first = self.positions.keys[(*path, node.value)]
            what = f"this key is given twice, first at {first}"
        else:
            return True
        label = node.value if isinstance(node, ScalarNode) else "?"
        self.faults.append(Fault(what, place, dotted((*path, label))))
        return False
