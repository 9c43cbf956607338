#!/usr/bin/env python3
"""A user's judge as the reward of TRL's trainers, and as a pairwise judge.

    from reward import UserReward, UserJudge
    from trl import GRPOConfig, GRPOTrainer

    dataset = ...   # columns prompt, user_id (whose judge), reference (a reply to be better than)
    with UserReward("users.jsonl", by="likelihood") as reward:
        GRPOTrainer(model="Qwen/Qwen2.5-0.5B-Instruct", reward_funcs=reward, args=GRPOConfig(...),
                    train_dataset=dataset).train()

A trainer calls a reward function with the keywords `prompts`, `completions` and one for each other column of the data
set, all of them lists of the same length (texts, or lists of messages where the data set is conversational), and takes
a list of floats, with None where there is no reward; so do GRPOTrainer, RLOOTrainer and trl.experimental's
OnlineDPOTrainer (as of TRL 1.16). Versions of TRL that have pairwise judges, which 1.16 has not, ask judge(prompts,
completions) for each pair of completions: 0 or 1, which is the better one, or -1 where that could not be told.

The reward of a completion is what the judge says of it beside the reference: by verdict the chance that the user prefers
it, 0 to 1; by likelihood how much greater its reward is (see "Judging by likelihood" in sm-judge(1); it is the cheaper
way, without a word written, and tells more than a verdict where the completions of a group are alike; an empty
completion has no likelihood, and its reward is None). Each process of a distributed run has a co-process of its own;
they share the store, and the limits of a run by SM_RUN.

Without a trainer: python3 reward.py USERS.jsonl [--by likelihood] <rows.jsonl gives the rewards of rows with prompt,
completion, reference and user_id. It needs no TRL."""
from __future__ import annotations

import importlib
import json
import pathlib
import sys
from collections.abc import Sequence
from typing import Any

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "python"))
from synthesizeme import Judge, Pair, score  # noqa: E402

BasePairwiseJudge: type = object
for module in ("trl.experimental.judges", "trl"):
    try:
        BasePairwiseJudge = getattr(importlib.import_module(module), "BasePairwiseJudge", object)
    except ImportError:
        continue
    if BasePairwiseJudge is not object:
        break

Text = str | list[dict[str, Any]]  # or a list of messages


def margin(record: dict[str, Any]) -> float | None:
    if record["type"] == "error":  # told on standard error; the trainer leaves the completion out
        return None
    if "rewards" in record:
        return float(record["rewards"]["first"] - record["rewards"]["second"])
    return score(record)


class UserReward:
    """Takes the arguments of Judge. `user` is whose judge it is where the data set has no column user_id."""

    def __init__(self, users: str, *options: str, user: str = "user", **settings: Any) -> None:
        self.__name__ = "user_reward"  # under which the trainer logs it
        self.user = user
        self.judge = Judge(users, *options, **settings)

    def __enter__(self) -> UserReward:
        return self

    def __exit__(self, *_: object) -> None:
        self.judge.close()

    def __call__(self, prompts: Sequence[Text], completions: Sequence[Text], reference: Sequence[Text],
                 user_id: Sequence[str] | None = None, **_: Any) -> list[float | None]:
        whose = user_id or [self.user] * len(prompts)
        pairs = map(Pair, whose, prompts, completions, reference)
        return [margin(record) for record in self.judge.verdicts(pairs)]


class UserJudge(BasePairwiseJudge):
    """Both orders are asked, so there is nothing to shuffle. A tie is -1, as a failure is: neither is the better one."""

    def __init__(self, users: str, *options: str, user: str = "user", **settings: Any) -> None:
        self.user = user
        self.judge_of_user = Judge(users, *options, **settings)

    def judge(self, prompts: Sequence[Text], completions: Sequence[Sequence[Text]],
              shuffle_order: bool = True) -> list[int]:
        pairs = (Pair(self.user, prompt, *two) for prompt, two in zip(prompts, completions, strict=True))
        margins = [margin(record) for record in self.judge_of_user.verdicts(pairs)]
        middle = 0.0 if self.judge_of_user.by == "likelihood" else 0.5
        return [-1 if m is None or m == middle else int(m < middle) for m in margins]


def main(users: str, *options: str) -> None:
    rows = [json.loads(line) for line in sys.stdin]
    columns = {name: [row[name] for row in rows] for name in ("reference", "user_id")}
    by = "likelihood" if "likelihood" in options else "verdict"
    with UserReward(users, by=by) as reward:
        for value in reward(prompts=[row["prompt"] for row in rows],
                            completions=[row["completion"] for row in rows], **columns):
            print("none" if value is None else f"{value:.4g}")


if __name__ == "__main__":
    if len(sys.argv) not in (2, 4):
        sys.exit(f"usage: {sys.argv[0]} USERS.jsonl [--by verdict|likelihood] <rows.jsonl")
    main(*sys.argv[1:])
