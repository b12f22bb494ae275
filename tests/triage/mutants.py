"""Small wrongs, each of a kind somebody may make: where they can be made in a text, and a seeded choice of them.

A site is one place and what would stand there instead. The chooser takes turns between the kinds and the files, so
that every kind is among the first few whatever the seed.
"""

import io
import re
import tokenize
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import pairwise
from random import Random

# What is written wrongly, in Python, in the language of the conditions, and in JavaScript.
SWAPS = {
    "<": "<=", "<=": "<", ">": ">=", ">=": ">", "==": "!=", "!=": "==", "and": "or", "or": "and",
    "min": "max", "max": "min", "any": "all", "all": "any", "+": "-", "True": "False", "False": "True",
    "true": "false", "false": "true", "===": "!==", "!==": "===", "&&": "||", "||": "&&",
    "lt": "le", "le": "lt", "gt": "ge", "ge": "gt", "add": "sub", "sub": "add",
    "any_of": "!any_of", "not": "", "!": "", "some": "every", "every": "some",
}  # fmt: skip
_CONDITION = re.compile(r"'[^']*'|[<>=!]=|[<>+]|\b(?:and|or|not|true|false)\b|(?<![\w.])\d+(?:\.\d+)?")
_JAVASCRIPT = re.compile(
    r"""(?P<skip>"(?:[^"\\]|\\.)*"|`[^`]*`|//[^\n]*|/\*.*?\*/|/[^/\s](?:[^/\n\\]|\\.)*/[gu]*[;,)]|=>|specificity:\d+|\?\?|\?\.)"""
    r"|(?P<hit>===|!==|&&|\|\||<=|>=|[<>]|!(?=[\w(\[])|(?<![\w.])\d+(?:\.\d+)?(?![\w.])"
    r"|\b(?:lt|le|gt|ge|add|sub|min|max|some|every|true|false)\b(?=\(|\b))",
    re.DOTALL,
)


@dataclass(frozen=True)
class Site:
    """In `file`, from start to end, `new` would stand; `kind` says what sort of wrong it is."""

    file: str
    kind: str
    start: int
    end: int
    new: str

    def apply(self, text: str) -> str:
        return text[: self.start] + self.new + text[self.end :]

    def told(self, text: str) -> str:
        """The line as it would be, for whoever reads that nobody noticed."""
        begin = text.rfind("\n", 0, self.start) + 1
        changed = f"{text[begin : self.start]}[{text[self.start : self.end]} -> {self.new}]"
        return f"{self.file}:{text.count(chr(10), 0, self.start) + 1}: {self.kind}: {changed[-150:]}"


def chosen(sites: Iterable[Site], count: int, seed: int) -> list[Site]:
    """So many of them: a turn for each kind in each file, which of its places is by the seed."""
    random = Random(seed)
    turns: dict[tuple[str, str], list[Site]] = defaultdict(list)
    for site in sites:
        turns[(site.file, site.kind)].append(site)
    queues = list(turns.values())
    for queue in queues:
        random.shuffle(queue)
    random.shuffle(queues)
    taken: list[Site] = []
    while queues and len(taken) < count:
        taken += [queue.pop() for queue in queues[: count - len(taken)]]
        queues = [queue for queue in queues if queue]
    return taken


def wrong(word: str) -> tuple[str, str] | None:
    """The kind of wrong and the wrong word; None for a word that is left alone."""
    if word[:1].isdigit():
        return "off by one", str(float(word) + 1) if "." in word else str(int(word) + 1)
    return (f"{word} swapped", SWAPS[word]) if word in SWAPS else None


def in_python(file: str, source: str) -> Iterator[Site]:
    """Code only: no string, no comment, nothing of an import or an annotation."""
    starts = [0, *(match.end() for match in re.finditer("\n", source))]
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        plain = token.type in (tokenize.OP, tokenize.NAME, tokenize.NUMBER)
        if (
            plain
            and not token.line.lstrip().startswith(("from ", "import ", "@"))
            and (made := wrong(token.string))
        ):
            start = starts[token.start[0] - 1] + token.start[1]
            yield Site(file, made[0], start, start + len(token.string), made[1])


def in_condition(file: str, text: str, offset: int = 0) -> Iterator[Site]:
    """The language of the rule book; a text in quotes is left alone, `not in` becomes `in`."""
    for match in _CONDITION.finditer(text):
        if made := wrong(match[0]):
            yield Site(file, made[0], offset + match.start(), offset + match.end(), made[1])


def in_javascript(file: str, source: str) -> Iterator[Site]:
    """Code only, as far as one can tell it from texts and patterns without a parser."""
    for match in _JAVASCRIPT.finditer(source):
        if match["hit"] and (made := wrong(match["hit"])):
            yield Site(file, made[0], match.start(), match.end(), made[1])


def replaced(file: str, text: str, kind: str, pattern: str, new: str) -> Iterator[Site]:
    """Every match of a pattern, its group 1 written as `new`, which may name the groups."""
    for match in re.finditer(pattern, text, re.MULTILINE | re.DOTALL):
        yield Site(file, kind, match.start(1), match.end(1), match.expand(new))


def same_priority(one: str, two: str) -> bool:
    """Two rows that both say P1 may stand in either order."""
    first, second = (re.search(r'"(P\d)"', row) for row in (one, two))
    return bool(first and second and first[1] == second[1])


def rows_of_lines(file: str, text: str, start: str) -> Iterator[Site]:
    """Lines that each hold one row: dropped, or in the other order with the next."""
    rows = list(re.finditer(rf"^{start}.*\n", text, re.MULTILINE))
    for row in rows:
        yield Site(file, "row dropped", row.start(), row.end(), "")
    for one, two in pairwise(rows):
        if one.end() == two.start() and not same_priority(one[0], two[0]):
            yield Site(file, "rows swapped", one.start(), two.end(), two[0] + one[0])
