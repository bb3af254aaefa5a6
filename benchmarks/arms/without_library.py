"""Two baselines: the best initial prompt, and independent proposals from the first one."""

from random import Random

from common import Order, main

_EXAMPLES = 3
_ASK = """Write a better version of this instruction:
<instruction>{prompt}</instruction>

Some inputs with their right answers:
{examples}

Write it between <instruction> and </instruction>."""


def best_initial(order: Order) -> tuple[str, float]:
    """Return the initial prompt with the highest accuracy on the development examples."""
    scored = [(order.accuracy(prompt, order.dev), prompt) for prompt in order.prompts]
    score, prompt = max(scored)
    return prompt, score


def random_search(order: Order) -> tuple[str, float]:
    """Score proposals made from the seed prompt only on all development examples, and return the best one."""
    random, seed = Random(order.seed), order.prompts[0]
    best = (order.accuracy(seed, order.dev), seed)
    tried = {seed}
    while not order.exhausted():
        shown = random.sample(order.train, _EXAMPLES)
        examples = "\n".join(f"Input: {row['question']}\nRight answer: {row['answer']}" for row in shown)
        reply = order.ask("proposer", _ASK.format(prompt=seed, examples=examples), 1.0)
        prompt = reply.replace("<instruction>", "").replace("</instruction>", "").strip()
        if prompt not in tried:
            tried.add(prompt)
            best = max(best, (order.accuracy(prompt, order.dev), prompt))
    return best[1], best[0]


if __name__ == "__main__":
    main({"best initial": best_initial, "random search": random_search})
