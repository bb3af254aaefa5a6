"""A baseline: the texts that every search starts from."""

from common import main
from program_common import ProgramOrder, Runner


def initial(order: ProgramOrder) -> tuple[dict[str, str], float]:
    """Return the initial texts with their accuracy on the development examples."""
    return order.texts, Runner(order).accuracy(order.texts, order.dev)


if __name__ == "__main__":
    main({"initial texts": initial}, (), ProgramOrder)
