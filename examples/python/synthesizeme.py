#!/usr/bin/env python3
"""A user's judge from Python, with the standard library alone.

    from synthesizeme import Judge, Pair

    with Judge("users.jsonl", "--model", "openai/gpt-4o-mini") as judge:
        judge.prefers("brief", "How are you?", "Fine.", "Fine, thank you; and how are you today?")   # 1, -1 or 0
        judge.scores([Pair("brief", "How are you?", "Fine.", "Well."), ...])     # the chance of the first reply, 0 to 1

It keeps one `sm-judge --line` as a co-process (see sm-judge(1)). Answers that were paid for once come from the store, in
about a millisecond; new questions of one call are asked side by side. A conversation is a text or a list of messages
{"role": ..., "content": ...}; a reply is a text or such a message. Run as a program it reads pairs as JSON lines and
prints the score of each: python3 synthesizeme.py users.jsonl <pairs.jsonl
"""
from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

Message = dict[str, Any]
BATCH = 128  # questions that are written before answers are read: the judge holds up to 32 MiB that nobody reads


class JudgeError(RuntimeError):
    """What the judge said of a question that it could not answer, or that it has ended."""


class Pair(NamedTuple):
    user: str
    context: str | list[Message]
    first: str | Message
    second: str | Message

    def line(self) -> str:
        context = [{"role": "user", "content": self.context}] if isinstance(self.context, str) else self.context
        return json.dumps({"user_id": self.user, "context": context, "first": self.first, "second": self.second}) + "\n"


class Judge:
    """`users` is what sm-fit wrote; `options` are further ones of sm-judge. For use by one thread at a time.

    With `both` each question is asked in both orders, so that a lean to one place cancels out."""

    def __init__(self, users: str, *options: str, by: str = "verdict", both: bool = True) -> None:
        self.by = by
        self.per_line = 2 if both and by == "verdict" else 1
        command = ["sm-judge", "--line", "-m", users, "--by", by, "--order", "both" if both else "forward", *options]
        self.process = subprocess.Popen(command, text=True, encoding="utf-8", stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE)

    def __enter__(self) -> Judge:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        self.process.communicate()  # ends its input, reads the `run` record, waits

    def verdicts(self, pairs: Iterable[Pair]) -> Iterator[dict[str, Any]]:
        """The last record of each pair, in their order: a `verdict`, or an `error`."""
        batch: list[Pair] = []
        for pair in pairs:
            batch.append(pair)
            if len(batch) == BATCH:
                yield from self._ask(batch)
                batch = []
        yield from self._ask(batch)

    def _ask(self, batch: list[Pair]) -> list[dict[str, Any]]:
        try:
            self.process.stdin.write("".join(pair.line() for pair in batch))
            self.process.stdin.flush()
        except BrokenPipeError:
            pass  # what it wrote before it ended is still to be read
        return [self._answer() for _ in batch]

    def _answer(self) -> dict[str, Any]:
        records = [json.loads(self.process.stdout.readline() or '{"type": "run"}') for _ in range(self.per_line)]
        for record in records:
            if record["type"] == "run":
                raise JudgeError(f"sm-judge has ended, with exit status {self.process.wait()}: its messages say why")
            if record["type"] == "error":
                return record
        return records[-1]

    def scores(self, pairs: Iterable[Pair]) -> list[float]:
        """How likely the user prefers the first reply of each pair: 0 to 1, 0.5 for a tie."""
        return [score(record) for record in self.verdicts(pairs)]

    def prefers(self, user: str, context: str | list[Message], first: str | Message, second: str | Message) -> int:
        """1: the first reply, -1: the second, 0: neither."""
        chance = self.scores([Pair(user, context, first, second)])[0]
        return (chance > 0.5) - (chance < 0.5)


def score(record: dict[str, Any]) -> float:
    """From both orders, or from a probability where there is one, else from the bare verdict."""
    if record["type"] == "error":
        raise JudgeError(record["message"])
    if "debiased" in record:
        return float(record["debiased"]["p_chosen"])
    if "p_first" in record:
        return float(record["p_first"] if record["order"] == "forward" else 1 - record["p_first"])
    return (record["prediction"] + 1) / 2


def main(users: str, *options: str) -> None:
    def read() -> Iterator[Pair]:
        for line in sys.stdin:
            pair = json.loads(line)
            yield Pair(pair["user_id"], pair["context"], pair["first"], pair["second"])
    with Judge(users, *options) as judge:
        for record in judge.verdicts(read()):
            print(f"{score(record):g}")


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit(f"usage: {sys.argv[0]} USERS.jsonl [OPTION OF sm-judge ...] <pairs.jsonl")
    try:
        main(*sys.argv[1:])
    except JudgeError as error:
        sys.exit(f"{sys.argv[0]}: {error}")
