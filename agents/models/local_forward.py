"""The model's pass over new nodes of a token tree, each seeing only the nodes on its own path."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from transformers.cache_utils import Cache, CacheLayerMixin

from .local_tree import ROOT, TokenTree

# More nodes per pass waste attention on each other's branches; fewer leave the matrix units idle.
NODES_PER_PASS = 512


class TreeLayer(CacheLayerMixin):  # type: ignore[misc]
    """Keys and values of one layer for all computed nodes, [1, heads, nodes, size], in node order.

    New ones are written in place behind the old; a pass sees the old ones in `seen` (all if None).
    """

    def __init__(self) -> None:
        super().__init__()
        self.count = 0
        self.seen: Any = None

    def lazy_initialization(self, key_states: Any, value_states: Any) -> None:
        self.keys, self.values = key_states[:, :, :0], value_states[:, :, :0]
        self.is_initialized = True

    def update(self, key_states: Any, value_states: Any, *_args: Any, **_kwargs: Any) -> tuple[Any, Any]:
        """Store the new keys and values and return those the pass attends to."""
        if not self.is_initialized:
            self.lazy_initialization(key_states, value_states)
        start, self.count = self.count, self.count + key_states.shape[2]
        self.keys = _written(self.keys, key_states, start)
        self.values = _written(self.values, value_states, start)
        return self._visible(self.keys, key_states, start), self._visible(self.values, value_states, start)

    def _visible(self, stored: Any, new: Any, start: int) -> Any:
        if self.seen is None:
            return stored[:, :, : self.count]
        return torch.cat([stored[:, :, :start].index_select(2, self.seen), new], dim=2)

    def keep(self, nodes: Any) -> None:
        """Keep only the given nodes."""
        self.keys, self.values = self.keys.index_select(2, nodes), self.values.index_select(2, nodes)
        self.count = len(nodes)

    def get_mask_sizes(self, query_length: int) -> tuple[int, int]:
        return self.count + query_length, 0

    def get_seq_length(self) -> int:
        return self.count

    def get_max_length(self) -> int:
        return -1


def _written(stored: Any, new: Any, start: int) -> Any:
    """Write `new` at `start`, doubling the room where it is too small."""
    end = start + new.shape[2]
    if end > stored.shape[2]:
        room = max(end, 2 * stored.shape[2])
        larger = stored.new_empty(*stored.shape[:2], room, stored.shape[3])
        larger[:, :, :start] = stored[:, :, :start]
        stored = larger
    stored[:, :, start:end] = new
    return stored


class TreeForward:
    """Computes logits at nodes of its tree; what the prompts of a batch share is computed once.

    A context, here, is the number of a node: it stands for the tokens on the path to it.
    """

    def __init__(self, model: Any) -> None:
        self._model = model
        self.begin()

    def begin(self) -> None:
        """Start a batch, with an empty tree.

        Nothing is kept from batch to batch: the last bits of a matrix product depend on its shape, and
        so would a reply on what happened to be there. As it is, it depends on its batch alone, and a
        run that was killed and resumed gets the same replies to the bit.
        """
        self._tree = TokenTree()
        self._layers = [TreeLayer() for _ in range(self._model.config.num_hidden_layers)]
        self._computed = 0

    def insert(self, tokens: Sequence[int], after: int = ROOT) -> int:
        """Return the context of `tokens` read on from context `after`."""
        return self._tree.insert(tokens, after)

    def logits(self, contexts: Sequence[int]) -> Any:
        """Return logits [contexts, vocabulary], float32, for the token after each context.

        Computes all nodes inserted so far. A context whose node an earlier call computed passes
        through the model once more, without being stored twice.
        """
        known = sorted({context for context in contexts if context < self._computed})
        rows: dict[int, Any] = {}
        while self._computed < len(self._tree):
            end = min(self._computed + NODES_PER_PASS, len(self._tree))
            rows |= self._pass(list(range(self._computed, end)), set(contexts))
            self._computed = end
        if known:
            rows |= self._pass(known, set(known))
            for layer in self._layers:
                layer.count = self._computed
        return torch.stack([rows[context] for context in contexts])

    def narrow(self, contexts: Sequence[int]) -> list[int]:
        """Forget all nodes that none of `contexts` needs, if they are many; return the new contexts."""
        needed = self._tree.ancestors(contexts)
        if 2 * len(needed) > len(self._tree):
            return list(contexts)
        self._keep(needed)
        number = {old: new for new, old in enumerate(needed)}
        return [number[context] for context in contexts]

    def _keep(self, nodes: list[int]) -> None:
        if len(nodes) == len(self._tree):
            return
        self._tree.keep(nodes)
        self._computed = len(nodes)
        index = torch.tensor(nodes, dtype=torch.long, device=self._model.device)
        for layer in self._layers:
            layer.keep(index)

    def _pass(self, nodes: list[int], wanted: set[int]) -> dict[int, Any]:
        """Run the model over `nodes`; return the logits of those that are wanted."""
        asked = [place for place, node in enumerate(nodes) if node in wanted]
        device = self._model.device
        output = self._model(
            input_ids=torch.tensor([[self._tree.tokens[node] for node in nodes]], device=device),
            position_ids=torch.tensor([[self._tree.depths[node] for node in nodes]], device=device),
            attention_mask=self._mask(nodes),
            past_key_values=Cache(layers=self._layers),
            use_cache=True,
            logits_to_keep=torch.tensor(asked or [0], device=device),
        )
        return dict(zip([nodes[place] for place in asked], output.logits[0].float(), strict=False))

    def _mask(self, nodes: list[int]) -> Any:
        """Choose the stored nodes the pass attends to; return the additive mask [1, 1, nodes, seen]."""
        past = [node for node in self._tree.ancestors(nodes) if node < self._computed]
        # Picking nodes out costs a copy: it pays only where it leaves out much.
        seen = None
        if 2 * len(past) < self._computed:
            seen = torch.tensor(past, dtype=torch.long, device=self._model.device)
        else:
            past = list(range(self._computed))
        for layer in self._layers:
            layer.seen = seen
        visible = self._tree.visibility(nodes, past + [node for node in nodes if node >= self._computed])
        # The keys of nodes computed once more stand at the end as well, where none is to see them.
        visible = np.pad(visible, ((0, 0), (0, len(past) + len(nodes) - visible.shape[1])))
        mask = torch.zeros(visible.shape, dtype=self._model.dtype)
        mask.masked_fill_(torch.from_numpy(~visible), torch.finfo(mask.dtype).min)
        return mask[None, None].to(self._model.device)
