"""What one would write with pandas in sm-eval's place: accuracy by user and over all, with ties,
failures and the share of the reply shown first. No intervals.
usage: eval_pandas.py FILE [LINES_AT_A_TIME]"""
import json
import sys

import pandas as pd

SUMS = ["n", "correct", "ties", "unparsed", "truncated", "refused", "failed", "decided", "first"]


def counts(frame):
    """A line per user: what is counted of the records in `frame`."""
    error = frame["type"] == "error"
    frame = frame[error | (frame["type"] == "verdict")]
    error = frame["type"] == "error"
    marks = pd.DataFrame({
        "user_id": frame["user_id"],
        "n": frame["label"].notna() & ~error,
        "correct": frame["correct"].eq(True),
        "ties": frame["prediction"].eq(0) & frame["label"].notna() & ~error,
        "failed": error,
        "decided": ~error & frame["preference"].ne("Tie"),
        "first": frame["preference"].eq("First"),
    } | {status: frame["status"].eq(status) for status in ("unparsed", "truncated", "refused")})
    return marks.groupby("user_id", sort=False)[SUMS].sum()


def shares(sums):
    return sums.assign(accuracy=sums["correct"] / sums["n"], first_share=sums["first"] / sums["decided"])


path = sys.argv[1]
if len(sys.argv) > 2:
    with pd.read_json(path, lines=True, chunksize=int(sys.argv[2])) as chunks:
        users = pd.concat(counts(chunk) for chunk in chunks).groupby(level=0, sort=False).sum()
else:
    users = counts(pd.read_json(path, lines=True))
for user, line in shares(users).iterrows():
    print(json.dumps({"user_id": user} | line.to_dict()))
print(json.dumps({"user_id": None} | shares(users.sum().to_frame().T).iloc[0].to_dict()))
