"""Verdicts as sm-judge writes them, for the benchmark of sm-eval."""
import json
import random

MODEL = "meta-llama/Llama-3.3-70B-Instruct-Turbo"
USERS = 800
SENTENCES = (
    "The user asks for practical steps, and the first reply gives them without a long introduction.",
    "The second reply is warmer, but it repeats the question and hedges where the user wants a decision.",
    "From earlier choices this user prefers short answers with a concrete example.",
    "Both replies are correct; the first one is closer to the tone this user has chosen before.",
    "It says “it depends” — which this user has turned down twice.",
    "The list in the second reply:\n- is complete\n- yet has no order",
    "Its \"quick fix\" is what the user asked for.",
    "Neither mentions the budget, so the level of detail decides.",
    "The user’s persona values honesty about limits, and the second reply names what it does not know.",
    "I find the first more helpful overall.",
)


def debiased(forward, reverse):
    """The verdict of both orders together, by their predictions."""
    prediction = (forward + reverse > 0) - (forward + reverse < 0)
    correct = "true" if prediction == 1 else "false"
    return f'"debiased":{{"p_chosen":{0.5 + (forward + reverse) / 4},"prediction":{prediction},"correct":{correct}}},'


def write_verdicts(path, count, users):
    """`count` verdicts of so many users, each pair in both orders, about 590 bytes a line."""
    draw = random.Random(6)
    texts = [json.dumps(" ".join(draw.sample(SENTENCES, draw.randint(2, 4))), ensure_ascii=False)
             for _ in range(500)]
    each, said = count // users, 0
    with open(path, "w", encoding="utf-8") as file:
        for number in range(count):
            user, index = number // each, number % each // 2
            forward = number % 2 == 0
            first = draw.random() < (0.68 if forward else 0.38)
            tie = draw.random() < 0.02
            preference = "Tie" if tie else "First" if first else "Second"
            prediction = 0 if tie else 1 if first == forward else -1
            correct = "true" if prediction == 1 else "false"
            label = "First" if forward else "Second"
            both = "" if forward else debiased(said, prediction)
            said = prediction
            file.write(
                f'{{"type":"verdict","user_id":"user{user:04}","stage":"judge","index":{index},'
                f'"order":"{"forward" if forward else "reverse"}","preference":"{preference}",'
                f'"prediction":{prediction},"label":"{label}","correct":{correct},'
                f'"status":"{"unparsed" if tie else "ok"}","reasoning":{draw.choice(texts)},{both}'
                f'"model":"{MODEL}","uses":{{"persona":true,"demos":4}},'
                f'"tokens":{{"in":{draw.randint(900, 4000)},"out":{draw.randint(40, 120)},"cached":0,"reasoning":0}},'
                f'"ms":{draw.uniform(200, 900):.1f}}}\n')
