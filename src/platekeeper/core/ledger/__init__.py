"""The ledger's tree, its checkpoints and proofs. What checks stands alone in `platekeeper.verify`; what makes is here."""

from platekeeper.verify import Frontier, canonical, commitment, entry_hash, leaf_hash, node_hash, tree_root

__all__ = ["Frontier", "canonical", "commitment", "entry_hash", "leaf_hash", "node_hash", "tree_root"]
